/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdlib.h>
#include "fake.h"
#include "domain_ids.h"
#include "guest.h"
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/keyhandler.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <x86/current.h>

struct domain *fake_domains[FAKE_DOMAINS];
struct domain *hardware_domain;
bool fake_preempt;
unsigned long fake_continue[6];
unsigned int fake_kicked;
u32 fake_for_pollers;
char *host_directmap;
struct page_info *host_frame_table;
u64 *host_m2p;
u64 max_page = FAKE_FRAMES;

struct page_info *__attribute__((weak)) pv_gfn_to_page(struct domain *d, u64 g, bool write)
{
	struct page_info *pg = g < FAKE_FRAMES ? &host_frame_table[g] : NULL;

	return pg && get_page(pg, d) ? pg : NULL;
}
static struct page_info *hold_page(struct domain *d, u64 g)
{
	struct page_info *pg = pv_gfn_to_page(d, g, true);

	if (pg && get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return NULL;
	}
	return pg;
}
static void release_page(struct domain *d, struct page_info *pg)
{
	put_page_type(pg);
	put_page(pg);
}
void __attribute__((weak)) pv_mark_dirty(struct domain *d, mfn_t m) { }
bool __attribute__((weak)) pv_event_deliverable(const struct vcpu *v)
{
	return v->vcpu_info->evtchn_upcall_pending && !v->vcpu_info->evtchn_upcall_mask;
}
static const struct guest_kind fake_kind = {
	.name = "fake", .gfn_to_page = pv_gfn_to_page, .hold_page = hold_page, .release_page = release_page,
	.mark_dirty = pv_mark_dirty, .event_deliverable = pv_event_deliverable,
};

bool __attribute__((weak)) get_page(struct page_info *pg, const struct domain *d)
{
	if (pg->count_info >> PGC_OWNER_SHIFT != d->id || !(pg->count_info & PGC_COUNT_MASK))
		return false;
	pg->count_info++;
	return true;
}
void __attribute__((weak)) put_page(struct page_info *pg)
{
	ASSERT_CHEAP((pg->count_info & PGC_COUNT_MASK) > 1);
	pg->count_info--;
}
/* What the in-line forms of these (hv/page_ref.h) need. */
u64 __attribute__((weak)) tlb_clock = 1;
void __attribute__((weak)) page_last_put(struct page_info *pg)
{
	(void)pg;
	BUG();		/* its owner's reference stays */
}
void __attribute__((weak)) copy_page(void *dst, const void *src) { memcpy(dst, src, PAGE_SIZE); }
int __attribute__((weak)) get_page_type(struct page_info *pg, u64 type)
{
	if ((pg->type_info & PGT_COUNT_MASK) && (pg->type_info & PGT_TYPE_MASK) != type)
		return -EINVAL;
	pg->type_info = ((pg->type_info & PGT_COUNT_MASK) + 1) | type;
	return 0;
}
void __attribute__((weak)) put_page_type(struct page_info *pg)
{
	ASSERT_CHEAP(pg->type_info & PGT_COUNT_MASK);
	pg->type_info--;
}
struct domain *page_owner(const struct page_info *pg) { return fake_domains[pg->count_info >> PGC_OWNER_SHIFT]; }

u64 fake_page_refs(void)
{
	u64 n = 0;

	for (u64 i = 0; i < FAKE_FRAMES; i++)
		n += (host_frame_table[i].count_info & PGC_COUNT_MASK) - 1 + (host_frame_table[i].type_info & PGT_COUNT_MASK);
	return n;
}

bool copy_from_guest_raw(void *dst, unsigned long src, size_t len)
{
	if (src < 4096)
		return false;
	memcpy(dst, (void *)src, len);
	return true;
}
bool copy_to_guest_raw(unsigned long dst, const void *src, size_t len)
{
	if (dst < 4096)
		return false;
	memcpy((void *)dst, src, len);
	return true;
}

long hypercall_continue(unsigned int nr_args, ...)
{
	va_list ap;

	va_start(ap, nr_args);
	for (unsigned int i = 0; i < nr_args; i++)
		fake_continue[i] = va_arg(ap, unsigned long);
	va_end(ap);
	return HYPERCALL_AGAIN;
}
bool hypercall_preempt_check(void) { return fake_preempt; }

struct domain *domain_get(domid_t id)
{
	struct domain *d = id < FAKE_DOMAINS ? fake_domains[id] : NULL;

	if (d)
		d->refcnt++;
	return d;
}
struct domain *domain_get_any(domid_t id) { return domain_get(id == DOMID_SELF ? current->domain->id : id); }
bool domain_try_get(struct domain *d) { d->refcnt++; return true; }
void domain_put(struct domain *d)
{
	ASSERT_CHEAP(d->refcnt > 1);
	d->refcnt--;
}
struct domain *domain_get_from(domid_t id)
{
	while (id < FAKE_DOMAINS && !fake_domains[id])
		id++;
	return domain_get(id);
}

void __attribute__((weak)) vcpu_kick(struct vcpu *v) { fake_kicked++; vcpu_unblock(v); }
void __attribute__((weak)) vcpu_unblock(struct vcpu *v)
{
	clear_bit(VPF_BLOCKED, &v->pause_flags);
}
void __attribute__((weak)) sched_wake_pollers(struct domain *d, evtchn_port_t port) { fake_for_pollers = port; }

static void *page_alloc(void)
{
	void *p = aligned_alloc(PAGE_SIZE, PAGE_SIZE);

	memset(p, 0, PAGE_SIZE);
	return p;
}
void __attribute__((weak)) *alloc_hv_page(void)
{
	if (fake_alloc_fail_after == 0)
		return NULL;
	if (fake_alloc_fail_after > 0)
		fake_alloc_fail_after--;
	fake_allocs++;
	return page_alloc();
}
void __attribute__((weak)) free_hv_page(void *p) { fake_allocs--; free(p); }

static void start_domain(unsigned int id, unsigned int vcpus)
{
	struct domain *d = calloc(1, sizeof(*d));

	d->id = (domid_t)id;
	d->is_privileged = d->is_hardware = id == 0;
	d->is_pv = true;
	d->kind = &fake_kind;
	d->refcnt = 1;
	d->max_vcpus = vcpus;
	d->vcpu = calloc(vcpus, sizeof(*d->vcpu));
	d->shared_info = page_alloc();
	for (unsigned int i = 0; i < vcpus; i++) {
		struct vcpu *v = calloc(1, sizeof(*v));

		v->id = i;
		v->domain = d;
		v->vcpu_info = &d->shared_info->vcpu_info[i];
		v->vcpu_info_mfn = INVALID_MFN;
		d->vcpu[i] = v;
	}
	by_id[id] = fake_domains[id] = d;
	for (unsigned int i = 0; i < 64; i++)
		host_frame_table[fake_frame(id, i)].count_info = (u64)id << PGC_OWNER_SHIFT | PGC_ALLOCATED | 1;
}

void fake_guests_start(unsigned int n, unsigned int vcpus)
{
	fake_reset(2);
	fake_preempt = false;
	fake_kicked = 0;
	fake_for_pollers = 0;
	fake_allocs = 0;
	host_frame_table = calloc(FAKE_FRAMES, sizeof(*host_frame_table));
	host_directmap = aligned_alloc(PAGE_SIZE, FAKE_FRAMES * PAGE_SIZE);
	memset(host_directmap, 0, FAKE_FRAMES * PAGE_SIZE);
	for (u64 i = 0; i < FAKE_FRAMES; i++)
		host_frame_table[i].count_info = 1;
	for (unsigned int i = 0; i < n; i++)
		start_domain(i, vcpus);
	hardware_domain = fake_domains[0];
	fake_run_as(0, 0);
}

void fake_guests_stop(void)
{
	for (unsigned int i = 0; i < FAKE_DOMAINS; i++) {
		struct domain *d = fake_domains[i];

		if (!d)
			continue;
		ASSERT_CHEAP(d->refcnt == 1);
		for (unsigned int j = 0; j < d->max_vcpus; j++)
			free(d->vcpu[j]);
		free(d->vcpu);
		free(d->shared_info);
		free(d);
		fake_domains[i] = NULL;
	}
	free(host_directmap);
	free(host_frame_table);
}

void fake_run_as(unsigned int dom, unsigned int vcpu)
{
	get_cpu_info()->curr = fake_domains[dom]->vcpu[vcpu];
}
