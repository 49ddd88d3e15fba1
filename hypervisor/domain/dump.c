/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug key q: what each domain is and what keeps it, dead ones included. */
#include <hv/domain.h>
#include <hv/keyhandler.h>
#include <hv/lib.h>
#include <x86/current.h>
#include <x86/traps.h>

/* Of more pages than this only the number says something. */
#define SHOW_PAGES 16

static void dump_pages(struct domain *d, const struct page_list *l, const char *what)
{
	const struct page_info *pg;
	unsigned int n = 0;

	printk("  %lu %s pages\n", (unsigned long)l->count, what);
	if (l->count > SHOW_PAGES)
		return;
	spin_lock(&d->page_alloc_lock);
	for (pg = page_list_first(l); pg && n < SHOW_PAGES; pg = page_list_next(pg), n++)
		printk("    frame %lx count %lx type %lx\n", (unsigned long)page_to_mfn(pg).m,
		       (unsigned long)pg->count_info, (unsigned long)pg->type_info);
	spin_unlock(&d->page_alloc_lock);
}

static void dump_domain(struct domain *d)
{
	static const char *const dying[] = { "", ", dying", ", dead" };
	const struct vcpu *v;

	/* Less the reference that this walk holds. */
	printk("d%u%s%s%s: %u references, %lu of %lu pages, pauses %d, shutdown code %d\n", d->id,
	       d->is_privileged ? ", control" : "", d->is_shut_down ? ", shut down" : "", dying[d->dying % 3],
	       d->refcnt - 1, (unsigned long)d->tot_pages, (unsigned long)d->max_pages, d->pause_count,
	       (int)d->shutdown_code);
	dump_pages(d, &d->pages, "own");
	dump_pages(d, &d->hv_pages, "shared hypervisor");
	for_each_vcpu(d, v)
		printk("  v%u: %s, flags %lx, pauses %d, events %s%s\n", v->id, v->is_running ? "running" : "not running",
		       v->pause_flags, v->pause_count, v->vcpu_info->evtchn_upcall_pending ? "pending" : "none",
		       v->vcpu_info->evtchn_upcall_mask ? " (masked)" : "");
}

static void dump_domains(unsigned char key, struct cpu_user_regs *regs)
{
	struct domain *d;

	for (domid_t id = 0; (d = domain_get_from(id)) != NULL;) {
		dump_domain(d);
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
}

static void show_running(void)
{
	const struct vcpu *v = current;

	if (!v)
		return;
	printk("Running: d%uv%u%s\n", v->domain->id, v->id, is_idle_vcpu(v) ? " (idle)" : "");
	if (!is_idle_vcpu(v))
		show_registers(&v->arch.regs);
}

void domain_keys_init(void)
{
	panic_show_vcpu = show_running;
	register_keyhandler('q', dump_domains, "domains, their vCPUs and pages", false);
}
