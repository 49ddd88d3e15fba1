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

bool write_foreign(void *page, domid_t dom, u64 frame, const void *data, size_t len)
{
	if (map_foreign(page, dom, frame))
		return false;
	memset(page, 0, PAGE_SIZE);
	memcpy(page, data, len);
	return unmap_foreign(page);
}

void kernel_context(struct vcpu_guest_context *c, u64 rip, u64 rsp, u64 l4_frame)
{
	memset(c, 0, sizeof(*c));
	c->flags = VGCF_in_kernel | VGCF_online;
	c->user_regs.rip = rip;
	c->user_regs.rsp = rsp;
	c->user_regs.cs = KERNEL_CS;
	c->user_regs.ss = KERNEL_SS;
	c->user_regs.rflags = 0x202;
	c->kernel_ss = KERNEL_SS;
	c->kernel_sp = rsp;
	c->ctrlreg[3] = xen_pfn_to_cr3(l4_frame);
}
