// SPDX-License-Identifier: GPL-2.0-only
/* domctls about what of the machine a domain may use, and about its frames. */
#include <hv/control.h>
#include <hv/hypercall.h>
#include <hv/page.h>
#include <hv/rangeset.h>
#include <x86/current.h>
#include <x86/layout.h>

/* A range may be given only by who has it, and taken away by anybody with the privilege to ask. */
static long change_access(struct rangeset *mine, struct rangeset *theirs, u64 first, u64 last, bool allow)
{
	if (!rangeset_contains_range(mine, first, last))
		return -EPERM;
	return allow ? rangeset_add_range(theirs, first, last) : rangeset_remove_range(theirs, first, last);
}

long domctl_irq_permission(struct domctl_call *c)
{
	const struct xen_domctl_irq_permission *p = &c->op->u.irq_permission;

	return change_access(current->domain->irq_caps, c->d->irq_caps, p->pirq, p->pirq, p->allow_access);
}

long domctl_iomem_permission(struct domctl_call *c)
{
	const struct xen_domctl_iomem_permission *p = &c->op->u.iomem_permission;
	u64 last = p->first_mfn + p->nr_mfns - 1;

	if (last < p->first_mfn)
		return -EINVAL;
	return change_access(current->domain->iomem_caps, c->d->iomem_caps, p->first_mfn, last, p->allow_access);
}

#define NR_PORTS 0x10000U

long domctl_ioport_permission(struct domctl_call *c)
{
	const struct xen_domctl_ioport_permission *p = &c->op->u.ioport_permission;

	if (!p->nr_ports || p->first_port >= NR_PORTS || p->nr_ports > NR_PORTS - p->first_port)
		return -EINVAL;
	return change_access(current->domain->arch.ioport_caps, c->d->arch.ioport_caps, p->first_port,
			     p->first_port + p->nr_ports - 1, p->allow_access);
}

/* For PV there is nothing to map: a guest maps frames itself, if it has the permission. */
long domctl_memory_mapping(struct domctl_call *c)
{
	const struct xen_domctl_memory_mapping *m = &c->op->u.memory_mapping;
	u64 last = m->first_mfn + m->nr_mfns - 1;

	if (!m->nr_mfns || last < m->first_mfn || m->first_gfn + m->nr_mfns - 1 < m->first_gfn || m->add_mapping > 1)
		return -EINVAL;
	if (!rangeset_contains_range(current->domain->iomem_caps, m->first_mfn, last) ||
	    !rangeset_contains_range(c->d->iomem_caps, m->first_mfn, last))
		return -EPERM;
	return 0;
}

long domctl_hypercall_init(struct domctl_call *c)
{
	struct page_info *pg = c->d->kind->hold_page(c->d, c->op->u.hypercall_init.gmfn);

	if (!pg)
		return -EINVAL;
	c->d->kind->fill_hypercall_page(page_to_virt(pg));
	c->d->kind->release_page(c->d, pg);
	return 0;
}

static u64 frame_type(struct domain *d, u64 frame)
{
	struct page_info *pg = frame < max_page && mfn_valid(mfn(frame)) ? mfn_to_page(mfn(frame)) : NULL;
	u64 info, type = XEN_DOMCTL_PFINFO_NOTAB;

	if (!pg || !get_page(pg, d))
		return XEN_DOMCTL_PFINFO_XTAB;
	info = READ_ONCE(pg->type_info);
	if (pg->count_info & PGC_HV)
		type = XEN_DOMCTL_PFINFO_XTAB;
	else if ((info & PGT_TYPE_MASK) >= PGT_L1 && (info & PGT_TYPE_MASK) <= PGT_L4)
		type = (info >> 60) << XEN_DOMCTL_PFINFO_LTAB_SHIFT |
		       (info & PGT_PINNED ? XEN_DOMCTL_PFINFO_LPINTAB : 0);
	put_page(pg);
	return type;
}

#define PAGEFRAME_BATCH 64
#define PAGEFRAME_MAX 1024

long domctl_getpageframeinfo3(struct domctl_call *c)
{
	const struct xen_domctl_getpageframeinfo3 *g = &c->op->u.getpageframeinfo3;
	xen_pfn_t frames[PAGEFRAME_BATCH];

	if (g->num > PAGEFRAME_MAX)
		return -E2BIG;
	for (u64 i = 0; i < g->num; i += PAGEFRAME_BATCH) {
		u64 n = min(g->num - i, (u64)PAGEFRAME_BATCH);

		if (!guest_read_n(frames, g->array, i, n))
			return -EFAULT;
		for (u64 k = 0; k < n; k++)
			frames[k] = frame_type(c->d, frames[k]);
		if (!guest_write_n(g->array, i, frames, n))
			return -EFAULT;
	}
	return 0;
}

/* Without log-dirty mode there are no dirty pages to report, and no mode to leave. */
long domctl_shadow_op(struct domctl_call *c)
{
	switch (c->op->u.shadow_op.op) {
	case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
		return -EOPNOTSUPP;
	case XEN_DOMCTL_SHADOW_OP_CLEAN:
	case XEN_DOMCTL_SHADOW_OP_PEEK:
		c->op->u.shadow_op.stats = (struct xen_domctl_shadow_op_stats){ 0 };
		c->op->u.shadow_op.pages = 0;
		c->copy_back = true;
		return 0;
	default:
		return -EINVAL;
	}
}

long domctl_monitor_op(struct domctl_call *c)
{
	switch (c->op->u.monitor_op.op) {
	case XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES:
		c->op->u.monitor_op.event = 0;	/* none of the events for PV */
		c->copy_back = true;
		return 0;
	case XEN_DOMCTL_MONITOR_OP_EMULATE_EACH_REP:
		return -EINVAL;
	default:
		return -EOPNOTSUPP;
	}
}

/* A default for second-level tables: PV has none, so there is nothing to remember. */
long domctl_set_access_required(struct domctl_call *c)
{
	return c->d == current->domain ? -EPERM : 0;
}
