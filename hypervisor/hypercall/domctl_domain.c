// SPDX-License-Identifier: GPL-2.0-only
/* domctls about a domain as a whole. */
#include <hv/control.h>
#include <hv/numa.h>
#include <hv/sched.h>
#include <public/sched.h>
#include <x86/cpu.h>
#include <x86/current.h>
#include <x86/layout.h>
#include <x86/time.h>

/* Ids are not used again before all others were: tools that hold an old one find nobody. */
static domid_t next_free_id(void)
{
	static domid_t last;

	for (unsigned int i = 1; i < DOMID_FIRST_RESERVED; i++) {
		domid_t id = (domid_t)((last + i) % DOMID_FIRST_RESERVED);

		if (id && !domain_by_id(id)) {
			last = id;
			return id;
		}
	}
	return 0;
}

long domctl_createdomain(struct domctl_call *c)
{
	domid_t id = c->op->domain;
	struct domain *d;
	int err;

	if (id && id < DOMID_FIRST_RESERVED) {
		if (domain_by_id(id))
			return -EEXIST;
	} else {
		id = next_free_id();
		if (!id)
			return -ENOMEM;
	}
	d = domain_create(id, &c->op->u.createdomain, false, &err);
	if (!d)
		return err;
	domain_tsc_init(d);
	domain_wallclock_publish(d);
	c->op->domain = id;
	c->copy_back = true;
	return 0;
}

long domctl_destroydomain(struct domctl_call *c)
{
	return domain_kill(c->d);
}

long domctl_pausedomain(struct domctl_call *c)
{
	return domain_pause_by_controller(c->d);
}

long domctl_unpausedomain(struct domctl_call *c)
{
	long rc = domain_unpause_by_controller(c->d);

	if (!rc && c->d->controller_pause_count == 0)
		c->d->has_run = true;
	return rc;
}

static u32 vcpu_flags(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	u32 flags = XEN_DOMINF_blocked;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		info->cpu_time += vcpu_cpu_time(v);
		info->max_vcpu_id = v->id;
		if (test_bit(VPF_DOWN, &v->pause_flags))
			continue;
		info->nr_online_vcpus++;
		if (!test_bit(VPF_BLOCKED, &v->pause_flags))
			flags &= ~XEN_DOMINF_blocked;
		if (v->is_running)
			flags |= XEN_DOMINF_running;
	}
	return info->nr_online_vcpus ? flags : 0;
}

void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = d->id;
	info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
	info->flags = vcpu_flags(d, info);
	if (d->dying == DOMDYING_DEAD)
		info->flags |= XEN_DOMINF_dying;
	if (d->is_shut_down)
		info->flags |= XEN_DOMINF_shutdown;
	if (d->controller_pause_count > 0)
		info->flags |= XEN_DOMINF_paused;
	if (d->debugger_attached)
		info->flags |= XEN_DOMINF_debugged;
	if (d->createflags & XEN_DOMCTL_CDF_xs_domain)
		info->flags |= XEN_DOMINF_xs_domain;
	info->flags |= (d->shutdown_code & XEN_DOMINF_shutdownmask) << XEN_DOMINF_shutdownshift;
	info->tot_pages = d->tot_pages;
	info->max_pages = d->max_pages;
	info->outstanding_pages = d->outstanding_claim;
	info->shr_pages = d->shared_pages;
	info->shared_info_frame = virt_to_mfn(d->shared_info).m;
	info->ssidref = d->ssidref;
	memcpy(info->handle, d->handle, sizeof(info->handle));
	info->cpupool = d->pool->id;
	info->gpaddr_bits = boot_cpu.paddr_bits;
	info->arch_config.emulation_flags = d->arch.emul_flags;
}

/* The domain of that id, or of the next higher one that there is. */
long domctl_getdomaininfo(struct domctl_call *c)
{
	if (!c->d) {
		if (c->op->domain >= DOMID_FIRST_RESERVED)
			return -EINVAL;
		c->d = domain_get_from(c->op->domain);
		if (!c->d)
			return -ESRCH;
	}
	domain_info(c->d, &c->op->u.getdomaininfo);
	c->op->domain = c->d->id;
	c->copy_back = true;
	return 0;
}

long domctl_max_mem(struct domctl_call *c)
{
	spin_lock(&c->d->page_alloc_lock);
	c->d->max_pages = c->op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);
	spin_unlock(&c->d->page_alloc_lock);
	return 0;
}

/* The number is fixed at creation; this makes them, and may be repeated. */
long domctl_max_vcpus(struct domctl_call *c)
{
	u32 nr = c->op->u.max_vcpus.max;

	if (nr != c->d->max_vcpus)
		return -EINVAL;
	for (u32 i = 0; i < nr; i++)
		if (!c->d->vcpu[i] && !vcpu_create(c->d, i))
			return -ENOMEM;
	return 0;
}

long domctl_scheduler_op(struct domctl_call *c)
{
	long rc = -EINVAL;

	if (c->op->u.scheduler_op.sched_id == sched_id())
		rc = sched_adjust(c->d, &c->op->u.scheduler_op);

	c->copy_back = !rc;
	return rc;
}

long domctl_setdomainhandle(struct domctl_call *c)
{
	spin_lock(&c->d->lock);
	memcpy(c->d->handle, c->op->u.setdomainhandle.handle, sizeof(c->d->handle));
	spin_unlock(&c->d->lock);
	return 0;
}

long domctl_setdebugging(struct domctl_call *c)
{
	domain_pause(c->d);
	c->d->debugger_attached = c->op->u.setdebugging.enable;
	domain_unpause(c->d);
	return 0;
}

long domctl_settimeoffset(struct domctl_call *c)
{
	c->d->time_offset_seconds = c->op->u.settimeoffset.time_offset_seconds;
	c->d->time_offset_set = true;
	domain_wallclock_publish(c->d);
	return 0;
}

long domctl_resumedomain(struct domctl_call *c)
{
	domain_resume(c->d);
	return 0;
}

long domctl_subscribe(struct domctl_call *c)
{
	c->d->suspend_evtchn = c->op->u.subscribe.port;
	return 0;
}

long domctl_set_virq_handler(struct domctl_call *c)
{
	return set_global_virq_handler(c->d, c->op->u.set_virq_handler.virq);
}

/* 32-bit PV guests: not in Debian's build of the original either. */
long domctl_set_address_size(struct domctl_call *c)
{
	switch (c->op->u.address_size.size) {
	case 64: return c->d->has_run ? -EINVAL : 0;
	case 32: return -EOPNOTSUPP;
	default: return -EINVAL;
	}
}

long domctl_get_address_size(struct domctl_call *c)
{
	c->op->u.address_size.size = 64;
	c->copy_back = true;
	return 0;
}

long domctl_setnodeaffinity(struct domctl_call *c)
{
	unsigned long nodes[BITS_TO_LONGS(MAX_NODES)];
	u64 known = nr_nodes >= 64 ? ~0ULL : BIT64(nr_nodes) - 1;
	long rc = bitmap_from_control(nodes, MAX_NODES, &c->op->u.nodeaffinity.nodemap);

	if (rc)
		return rc;
	if (!(nodes[0] & known))
		return -EINVAL;
	/* All nodes means: wherever its CPUs are. */
	c->d->auto_node_affinity = (nodes[0] & known) == known;
	c->d->node_affinity = nodes[0] & known;
	return 0;
}

long domctl_getnodeaffinity(struct domctl_call *c)
{
	u64 known = nr_nodes >= 64 ? ~0ULL : BIT64(nr_nodes) - 1;
	unsigned long nodes[BITS_TO_LONGS(MAX_NODES)] = { c->d->node_affinity & known };

	return bitmap_to_control(&c->op->u.nodeaffinity.nodemap, nodes, MAX_NODES);
}
