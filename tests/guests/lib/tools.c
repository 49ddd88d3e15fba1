/* SPDX-License-Identifier: GPL-2.0-only */
#include "tools.h"

struct xen_domctl *domctl_op(u32 cmd, domid_t dom)
{
	static struct xen_domctl op;

	memset(&op, 0, sizeof(op));
	op.cmd = cmd;
	op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op.domain = dom;
	return &op;
}

struct xen_sysctl *sysctl_op(u32 cmd)
{
	static struct xen_sysctl op;

	memset(&op, 0, sizeof(op));
	op.cmd = cmd;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return &op;
}

domid_t new_domain(u32 vcpus)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_createdomain, 0);
	domid_t dom;

	op->u.createdomain.max_vcpus = vcpus;
	op->u.createdomain.max_evtchn_port = 1023;
	op->u.createdomain.max_grant_frames = 4;
	op->u.createdomain.max_maptrack_frames = 4;
	op->u.createdomain.grant_opts = 2;
	if (domctl(op))
		return DOMID_INVALID;
	dom = op->domain;
	op = domctl_op(XEN_DOMCTL_max_vcpus, dom);
	op->u.max_vcpus.max = vcpus;
	return domctl(op) ? DOMID_INVALID : dom;
}

bool destroy_domain(domid_t dom)
{
	return !domctl(domctl_op(XEN_DOMCTL_destroydomain, dom));
}

void nap(u64 ns)
{
	u64 end = system_time() + ns;
	struct sched_poll p = { .timeout = end };

	while (system_time() < end)
		H2(sched_op, SCHEDOP_poll, &p);
}

long map_foreign(void *page, domid_t dom, u64 frame)
{
	return H4(update_va_mapping_otherdomain, page, frame << 12 | PTE_FLAGS, UVMF_INVLPG, dom);
}

bool unmap_foreign(void *page) { return !make_writable(page); }
