// SPDX-License-Identifier: LGPL-2.1-only
/* Sharing of pages and forks, HVM guests. */
#include "ctrl_internal.h"

int xc_vm_event_control(xc_interface *xch, uint32_t domid, unsigned int op, unsigned int mode);

int xc_memshr_control(xc_interface *xch, uint32_t domid, int enable)
{
	DOMCTL(d, mem_sharing_op, domid);

	d.u.mem_sharing_op.op = XEN_DOMCTL_MEM_SHARING_CONTROL;
	d.u.mem_sharing_op.u.enable = (uint8_t)enable;
	return xc_do_domctl(xch, &d);
}

int xc_memshr_ring_enable(xc_interface *xch, uint32_t domid, uint32_t *port)
{
	DOMCTL(d, vm_event_op, domid);
	int rc;

	if (!port) {
		errno = EINVAL;
		return -1;
	}
	d.u.vm_event_op.op = XEN_VM_EVENT_ENABLE;
	d.u.vm_event_op.mode = XEN_DOMCTL_VM_EVENT_OP_SHARING;
	rc = xc_do_domctl(xch, &d);
	if (!rc)
		*port = d.u.vm_event_op.u.enable.port;
	return rc;
}

int xc_memshr_ring_disable(xc_interface *xch, uint32_t domid)
{
	return xc_vm_event_control(xch, domid, XEN_VM_EVENT_DISABLE, XEN_DOMCTL_VM_EVENT_OP_SHARING);
}

int xc_memshr_domain_resume(xc_interface *xch, uint32_t domid)
{
	return xc_vm_event_control(xch, domid, XEN_VM_EVENT_RESUME, XEN_DOMCTL_VM_EVENT_OP_SHARING);
}

static int sharing(xc_interface *xch, xen_mem_sharing_op_t *op, uint8_t cmd, uint32_t domid)
{
	op->op = cmd;
	op->domain = (domid_t)domid;
	return (int)xc_do_memory_op(xch, XENMEM_sharing_op, op, sizeof(*op));
}

int xc_memshr_nominate_gfn(xc_interface *xch, uint32_t domid, unsigned long gfn, uint64_t *handle)
{
	xen_mem_sharing_op_t op = { .u.nominate.u.gfn = gfn };
	int rc = sharing(xch, &op, XENMEM_sharing_op_nominate_gfn, domid);

	if (!rc)
		*handle = op.u.nominate.handle;
	return rc;
}

int xc_memshr_nominate_gref(xc_interface *xch, uint32_t domid, grant_ref_t gref, uint64_t *handle)
{
	xen_mem_sharing_op_t op = { .u.nominate.u.grant_ref = gref };
	int rc = sharing(xch, &op, XENMEM_sharing_op_nominate_gref, domid);

	if (!rc)
		*handle = op.u.nominate.handle;
	return rc;
}

int xc_memshr_share_gfns(xc_interface *xch, uint32_t source_domain, unsigned long source_gfn,
			 uint64_t source_handle, uint32_t client_domain, unsigned long client_gfn,
			 uint64_t client_handle)
{
	xen_mem_sharing_op_t op = {
		.u.share = {
			.source_gfn = source_gfn, .source_handle = source_handle,
			.client_domain = (domid_t)client_domain, .client_gfn = client_gfn,
			.client_handle = client_handle,
		},
	};

	return sharing(xch, &op, XENMEM_sharing_op_share, source_domain);
}

int xc_memshr_share_grefs(xc_interface *xch, uint32_t source_domain, grant_ref_t source_gref,
			  uint64_t source_handle, uint32_t client_domain, grant_ref_t client_gref,
			  uint64_t client_handle)
{
	xen_mem_sharing_op_t op = {
		.u.share = {
			.source_handle = source_handle, .client_domain = (domid_t)client_domain,
			.client_handle = client_handle,
		},
	};

	XENMEM_SHARING_OP_FIELD_MAKE_GREF(op.u.share.source_gfn, source_gref);
	XENMEM_SHARING_OP_FIELD_MAKE_GREF(op.u.share.client_gfn, client_gref);
	return sharing(xch, &op, XENMEM_sharing_op_share, source_domain);
}

int xc_memshr_add_to_physmap(xc_interface *xch, uint32_t source_domain, unsigned long source_gfn,
			     uint64_t source_handle, uint32_t client_domain, unsigned long client_gfn)
{
	xen_mem_sharing_op_t op = {
		.u.share = {
			.source_gfn = source_gfn, .source_handle = source_handle,
			.client_gfn = client_gfn, .client_domain = (domid_t)client_domain,
		},
	};

	return sharing(xch, &op, XENMEM_sharing_op_add_physmap, source_domain);
}

int xc_memshr_range_share(xc_interface *xch, uint32_t source_domain, uint32_t client_domain,
			  uint64_t first_gfn, uint64_t last_gfn)
{
	xen_mem_sharing_op_t op = {
		.u.range = {
			.client_domain = (domid_t)client_domain, .first_gfn = first_gfn, .last_gfn = last_gfn,
		},
	};

	return sharing(xch, &op, XENMEM_sharing_op_range_share, source_domain);
}

int xc_memshr_fork(xc_interface *xch, uint32_t source_domain, uint32_t client_domain, bool allow_with_iommu,
		   bool block_interrupts)
{
	xen_mem_sharing_op_t op = { .u.fork.parent_domain = (domid_t)source_domain };

	if (allow_with_iommu)
		op.u.fork.flags |= XENMEM_FORK_WITH_IOMMU_ALLOWED;
	if (block_interrupts)
		op.u.fork.flags |= XENMEM_FORK_BLOCK_INTERRUPTS;
	return sharing(xch, &op, XENMEM_sharing_op_fork, client_domain);
}

int xc_memshr_fork_reset(xc_interface *xch, uint32_t forked_domain, bool reset_state, bool reset_memory)
{
	xen_mem_sharing_op_t op = { .u.fork.flags = 0 };

	if (reset_state)
		op.u.fork.flags |= XENMEM_FORK_RESET_STATE;
	if (reset_memory)
		op.u.fork.flags |= XENMEM_FORK_RESET_MEMORY;
	return sharing(xch, &op, XENMEM_sharing_op_fork_reset, forked_domain);
}

int xc_memshr_debug_gfn(xc_interface *xch, uint32_t domid, unsigned long gfn)
{
	xen_mem_sharing_op_t op = { .u.debug.u.gfn = gfn };

	return sharing(xch, &op, XENMEM_sharing_op_debug_gfn, domid);
}

int xc_memshr_debug_gref(xc_interface *xch, uint32_t domid, grant_ref_t gref)
{
	xen_mem_sharing_op_t op = { .u.debug.u.gref = gref };

	return sharing(xch, &op, XENMEM_sharing_op_debug_gref, domid);
}

int xc_memshr_audit(xc_interface *xch)
{
	xen_mem_sharing_op_t op = { 0 };

	return sharing(xch, &op, XENMEM_sharing_op_audit, 0);
}
