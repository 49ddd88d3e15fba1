// SPDX-License-Identifier: LGPL-2.1-only
/* Introspection of HVM guests: event rings, monitor events, access rights, paging. */
#include <sys/mman.h>

#include "ctrl_internal.h"

/* --- rings */

int xc_vm_event_control(xc_interface *xch, uint32_t domid, unsigned int op, unsigned int mode);
void *xc_vm_event_enable(xc_interface *xch, uint32_t domid, int param, uint32_t *port);

static int vm_event(xc_interface *xch, struct xen_domctl *d, uint32_t op, uint32_t mode)
{
	d->u.vm_event_op.op = op;
	d->u.vm_event_op.mode = mode;
	return xc_do_domctl(xch, d);
}

int xc_vm_event_control(xc_interface *xch, uint32_t domid, unsigned int op, unsigned int mode)
{
	DOMCTL(d, vm_event_op, domid);

	return vm_event(xch, &d, op, mode);
}

int xc_vm_event_get_version(xc_interface *xch)
{
	DOMCTL(d, vm_event_op, DOMID_INVALID);
	int rc = vm_event(xch, &d, XEN_VM_EVENT_GET_VERSION, XEN_DOMCTL_VM_EVENT_OP_MONITOR);

	return rc ? rc : (int)d.u.vm_event_op.u.version;
}

/*
 * The ring's page belongs to the guest until it is enabled: it is mapped, cleared, given to the
 * hypervisor, and taken out of the guest's reach, all while the guest is paused.
 */
void *xc_vm_event_enable(xc_interface *xch, uint32_t domid, int param, uint32_t *port)
{
	static const uint32_t modes[] = {
		[HVM_PARAM_PAGING_RING_PFN] = XEN_DOMCTL_VM_EVENT_OP_PAGING,
		[HVM_PARAM_MONITOR_RING_PFN] = XEN_DOMCTL_VM_EVENT_OP_MONITOR,
		[HVM_PARAM_SHARING_RING_PFN] = XEN_DOMCTL_VM_EVENT_OP_SHARING,
	};
	DOMCTL(d, vm_event_op, domid);
	uint64_t value;
	xen_pfn_t gfn;
	void *ring = NULL;
	int saved;

	if (!port || param < 0 || (size_t)param >= ARRAY_SIZE(modes) || !modes[param]) {
		errno = EINVAL;
		return NULL;
	}
	if (xc_domain_pause(xch, domid))
		return NULL;
	if (xc_hvm_param_get(xch, domid, (uint32_t)param, &value))
		goto out;
	gfn = value;
	/* Taken out by an earlier user: put it back to map it. */
	ring = xc_map_foreign_pages(xch, domid, PROT_READ | PROT_WRITE, &gfn, 1);
	if (!ring && !xc_domain_populate_physmap_exact(xch, domid, 1, 0, 0, &gfn)) {
		gfn = value;
		ring = xc_map_foreign_pages(xch, domid, PROT_READ | PROT_WRITE, &gfn, 1);
	}
	if (!ring)
		goto out;
	memset(ring, 0, XC_PAGE_SIZE);
	if (vm_event(xch, &d, XEN_VM_EVENT_ENABLE, modes[param]) ||
	    xc_domain_decrease_reservation_exact(xch, domid, 1, 0, &gfn)) {
		saved = errno;
		munmap(ring, XC_PAGE_SIZE);
		ring = NULL;
		errno = saved;
		goto out;
	}
	*port = d.u.vm_event_op.u.enable.port;
out:
	saved = errno;
	xc_domain_unpause(xch, domid);
	errno = saved;
	return ring;
}

/* --- monitor */

void *xc_monitor_enable(xc_interface *xch, uint32_t domain_id, uint32_t *port)
{
	return xc_vm_event_enable(xch, domain_id, HVM_PARAM_MONITOR_RING_PFN, port);
}

int xc_monitor_disable(xc_interface *xch, uint32_t domain_id)
{
	return xc_vm_event_control(xch, domain_id, XEN_VM_EVENT_DISABLE, XEN_DOMCTL_VM_EVENT_OP_MONITOR);
}

int xc_monitor_resume(xc_interface *xch, uint32_t domain_id)
{
	return xc_vm_event_control(xch, domain_id, XEN_VM_EVENT_RESUME, XEN_DOMCTL_VM_EVENT_OP_MONITOR);
}

int xc_monitor_get_capabilities(xc_interface *xch, uint32_t domain_id, uint32_t *capabilities)
{
	DOMCTL(d, monitor_op, domain_id);
	int rc;

	d.u.monitor_op.op = XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES;
	rc = xc_do_domctl(xch, &d);
	if (!rc)
		*capabilities = d.u.monitor_op.event;
	return rc;
}

/* Turn an event on or off; what else it needs is in d already. */
static int monitor(xc_interface *xch, struct xen_domctl *d, uint32_t event, bool enable)
{
	d->u.monitor_op.op = enable ? XEN_DOMCTL_MONITOR_OP_ENABLE : XEN_DOMCTL_MONITOR_OP_DISABLE;
	d->u.monitor_op.event = event;
	return xc_do_domctl(xch, d);
}

int xc_monitor_write_ctrlreg(xc_interface *xch, uint32_t domain_id, uint16_t index, bool enable, bool sync,
			     uint64_t bitmask, bool onchangeonly)
{
	DOMCTL(d, monitor_op, domain_id);

	d.u.monitor_op.u.mov_to_cr.index = (uint8_t)index;
	d.u.monitor_op.u.mov_to_cr.sync = sync;
	d.u.monitor_op.u.mov_to_cr.onchangeonly = onchangeonly;
	d.u.monitor_op.u.mov_to_cr.bitmask = bitmask;
	return monitor(xch, &d, XEN_DOMCTL_MONITOR_EVENT_WRITE_CTRLREG, enable);
}

int xc_monitor_mov_to_msr(xc_interface *xch, uint32_t domain_id, uint32_t msr, bool enable, bool onchangeonly)
{
	DOMCTL(d, monitor_op, domain_id);

	d.u.monitor_op.u.mov_to_msr.msr = msr;
	d.u.monitor_op.u.mov_to_msr.onchangeonly = onchangeonly;
	return monitor(xch, &d, XEN_DOMCTL_MONITOR_EVENT_MOV_TO_MSR, enable);
}

int xc_monitor_guest_request(xc_interface *xch, uint32_t domain_id, bool enable, bool sync,
			     bool allow_userspace)
{
	DOMCTL(d, monitor_op, domain_id);

	d.u.monitor_op.u.guest_request.sync = sync;
	d.u.monitor_op.u.guest_request.allow_userspace = enable ? allow_userspace : false;
	return monitor(xch, &d, XEN_DOMCTL_MONITOR_EVENT_GUEST_REQUEST, enable);
}

int xc_monitor_debug_exceptions(xc_interface *xch, uint32_t domain_id, bool enable, bool sync)
{
	DOMCTL(d, monitor_op, domain_id);

	d.u.monitor_op.u.debug_exception.sync = sync;
	return monitor(xch, &d, XEN_DOMCTL_MONITOR_EVENT_DEBUG_EXCEPTION, enable);
}

int xc_monitor_vmexit(xc_interface *xch, uint32_t domain_id, bool enable, bool sync)
{
	DOMCTL(d, monitor_op, domain_id);

	d.u.monitor_op.u.vmexit.sync = sync;
	return monitor(xch, &d, XEN_DOMCTL_MONITOR_EVENT_VMEXIT, enable);
}

#define MONITOR_PLAIN(name, event)                                                                 \
	int xc_monitor_##name(xc_interface *xch, uint32_t domain_id, bool enable)                  \
	{                                                                                          \
		DOMCTL(d, monitor_op, domain_id);                                                  \
		return monitor(xch, &d, XEN_DOMCTL_MONITOR_EVENT_##event, enable);                 \
	}

MONITOR_PLAIN(singlestep, SINGLESTEP)
MONITOR_PLAIN(software_breakpoint, SOFTWARE_BREAKPOINT)
MONITOR_PLAIN(descriptor_access, DESC_ACCESS)
MONITOR_PLAIN(cpuid, CPUID)
MONITOR_PLAIN(privileged_call, PRIVILEGED_CALL)
MONITOR_PLAIN(emul_unimplemented, EMUL_UNIMPLEMENTED)
/* The flag tells whether page faults in the guest are left out: it disables. */
MONITOR_PLAIN(inguest_pagefault, INGUEST_PAGEFAULT)

int xc_monitor_emulate_each_rep(xc_interface *xch, uint32_t domain_id, bool enable)
{
	DOMCTL(d, monitor_op, domain_id);

	d.u.monitor_op.op = XEN_DOMCTL_MONITOR_OP_EMULATE_EACH_REP;
	d.u.monitor_op.event = enable;
	return xc_do_domctl(xch, &d);
}

/* --- access rights */

int xc_set_mem_access(xc_interface *xch, uint32_t domain_id, xenmem_access_t access, uint64_t first_pfn,
		      uint32_t nr)
{
	xen_mem_access_op_t op = {
		.op = XENMEM_access_op_set_access, .domid = (domid_t)domain_id, .access = (uint8_t)access,
		.pfn = first_pfn, .nr = nr,
	};

	return (int)xc_do_memory_op(xch, XENMEM_access_op, &op, sizeof(op));
}

int xc_set_mem_access_multi(xc_interface *xch, uint32_t domain_id, uint8_t *access, uint64_t *pages,
			    uint32_t nr)
{
	xc_hypercall_buffer_t ba = XC_BOUNCE(access, nr * sizeof(*access), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bp = XC_BOUNCE(pages, nr * sizeof(*pages), XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &ba, &bp };
	xen_mem_access_op_t op = {
		.op = XENMEM_access_op_set_access_multi, .domid = (domid_t)domain_id,
		.access = XENMEM_access_default + 1, /* one that is none */
		.pfn = ~0ULL, .nr = nr,
	};
	long rc;

	if (xc_bounce_all(xch, all, 2))
		return -1;
	set_handle(op.pfn_list, bp);
	set_handle(op.access_list, ba);
	rc = xc_do_memory_op(xch, XENMEM_access_op, &op, sizeof(op));
	xc_unbounce_all(xch, all, 2);
	return (int)rc;
}

int xc_get_mem_access(xc_interface *xch, uint32_t domain_id, uint64_t pfn, xenmem_access_t *access)
{
	xen_mem_access_op_t op = {
		.op = XENMEM_access_op_get_access, .domid = (domid_t)domain_id, .pfn = pfn,
	};
	long rc = xc_do_memory_op(xch, XENMEM_access_op, &op, sizeof(op));

	if (!rc)
		*access = (xenmem_access_t)op.access;
	return (int)rc;
}

/* --- paging */

int xc_mem_paging_enable(xc_interface *xch, uint32_t domain_id, uint32_t *port)
{
	DOMCTL(d, vm_event_op, domain_id);
	int rc;

	if (!port) {
		errno = EINVAL;
		return -1;
	}
	rc = vm_event(xch, &d, XEN_VM_EVENT_ENABLE, XEN_DOMCTL_VM_EVENT_OP_PAGING);
	if (!rc)
		*port = d.u.vm_event_op.u.enable.port;
	return rc;
}

int xc_mem_paging_disable(xc_interface *xch, uint32_t domain_id)
{
	return xc_vm_event_control(xch, domain_id, XEN_VM_EVENT_DISABLE, XEN_DOMCTL_VM_EVENT_OP_PAGING);
}

int xc_mem_paging_resume(xc_interface *xch, uint32_t domain_id)
{
	return xc_vm_event_control(xch, domain_id, XEN_VM_EVENT_RESUME, XEN_DOMCTL_VM_EVENT_OP_PAGING);
}

static int paging_op(xc_interface *xch, uint32_t domain_id, uint8_t op, uint64_t gfn, void *buffer)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(buffer, buffer ? XC_PAGE_SIZE : 0, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	xen_mem_paging_op_t arg = { .op = op, .domain = (domid_t)domain_id, .gfn = gfn };
	long rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(arg.buffer, b);
	rc = xc_do_memory_op(xch, XENMEM_paging_op, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 1);
	return (int)rc;
}

int xc_mem_paging_nominate(xc_interface *xch, uint32_t domain_id, uint64_t gfn)
{
	return paging_op(xch, domain_id, XENMEM_paging_op_nominate, gfn, NULL);
}

int xc_mem_paging_evict(xc_interface *xch, uint32_t domain_id, uint64_t gfn)
{
	return paging_op(xch, domain_id, XENMEM_paging_op_evict, gfn, NULL);
}

int xc_mem_paging_prep(xc_interface *xch, uint32_t domain_id, uint64_t gfn)
{
	return paging_op(xch, domain_id, XENMEM_paging_op_prep, gfn, NULL);
}

int xc_mem_paging_load(xc_interface *xch, uint32_t domain_id, uint64_t gfn, void *buffer)
{
	if (!buffer) {
		errno = EINVAL;
		return -1;
	}
	return paging_op(xch, domain_id, XENMEM_paging_op_prep, gfn, buffer);
}
