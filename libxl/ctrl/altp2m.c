// SPDX-License-Identifier: LGPL-2.1-only
/* Alternate p2m views of HVM guests. */
#include "ctrl_internal.h"
#include <xen/hvm/hvm_op.h>

#define ALTP2M(var, name, dom)                                                                     \
	struct xen_hvm_altp2m_op var = {                                                           \
		.version = HVMOP_ALTP2M_INTERFACE_VERSION, .cmd = HVMOP_altp2m_##name,             \
		.domain = (domid_t)(dom),                                                          \
	}

static int altp2m(xc_interface *xch, struct xen_hvm_altp2m_op *op)
{
	return xc_do_two(xch, __HYPERVISOR_hvm_op, HVMOP_altp2m, op, sizeof(*op));
}

int xc_altp2m_get_domain_state(xc_interface *xch, uint32_t dom, bool *state)
{
	ALTP2M(op, get_domain_state, dom);
	int rc = altp2m(xch, &op);

	if (!rc)
		*state = op.u.domain_state.state;
	return rc;
}

int xc_altp2m_set_domain_state(xc_interface *xch, uint32_t dom, bool state)
{
	ALTP2M(op, set_domain_state, dom);

	op.u.domain_state.state = state;
	return altp2m(xch, &op);
}

int xc_altp2m_set_vcpu_enable_notify(xc_interface *xch, uint32_t domid, uint32_t vcpuid, xen_pfn_t gfn)
{
	ALTP2M(op, vcpu_enable_notify, domid);

	op.u.enable_notify.vcpu_id = vcpuid;
	op.u.enable_notify.gfn = gfn;
	return altp2m(xch, &op);
}

int xc_altp2m_set_vcpu_disable_notify(xc_interface *xch, uint32_t domid, uint32_t vcpuid)
{
	ALTP2M(op, vcpu_disable_notify, domid);

	op.u.disable_notify.vcpu_id = vcpuid;
	return altp2m(xch, &op);
}

int xc_altp2m_create_view(xc_interface *xch, uint32_t domid, xenmem_access_t default_access, uint16_t *view_id)
{
	ALTP2M(op, create_p2m, domid);
	int rc;

	op.u.view.view = (uint16_t)-1;
	op.u.view.hvmmem_default_access = (uint16_t)default_access;
	rc = altp2m(xch, &op);
	if (!rc)
		*view_id = op.u.view.view;
	return rc;
}

int xc_altp2m_destroy_view(xc_interface *xch, uint32_t domid, uint16_t view_id)
{
	ALTP2M(op, destroy_p2m, domid);

	op.u.view.view = view_id;
	return altp2m(xch, &op);
}

int xc_altp2m_switch_to_view(xc_interface *xch, uint32_t domid, uint16_t view_id)
{
	ALTP2M(op, switch_p2m, domid);

	op.u.view.view = view_id;
	return altp2m(xch, &op);
}

int xc_altp2m_set_suppress_ve(xc_interface *xch, uint32_t domid, uint16_t view_id, xen_pfn_t gfn, bool sve)
{
	ALTP2M(op, set_suppress_ve, domid);

	op.u.suppress_ve.view = view_id;
	op.u.suppress_ve.gfn = gfn;
	op.u.suppress_ve.suppress_ve = sve;
	return altp2m(xch, &op);
}

int xc_altp2m_get_suppress_ve(xc_interface *xch, uint32_t domid, uint16_t view_id, xen_pfn_t gfn, bool *sve)
{
	ALTP2M(op, get_suppress_ve, domid);
	int rc;

	op.u.suppress_ve.view = view_id;
	op.u.suppress_ve.gfn = gfn;
	rc = altp2m(xch, &op);
	if (!rc)
		*sve = op.u.suppress_ve.suppress_ve;
	return rc;
}

int xc_altp2m_set_supress_ve_multi(xc_interface *xch, uint32_t domid, uint16_t view_id, xen_pfn_t first_gfn,
				   xen_pfn_t last_gfn, bool sve, xen_pfn_t *error_gfn, int32_t *error_code)
{
	ALTP2M(op, set_suppress_ve_multi, domid);
	int rc;

	op.u.suppress_ve_multi.view = view_id;
	op.u.suppress_ve_multi.first_gfn = first_gfn;
	op.u.suppress_ve_multi.last_gfn = last_gfn;
	op.u.suppress_ve_multi.suppress_ve = sve;
	rc = altp2m(xch, &op);
	if (op.u.suppress_ve_multi.first_error) {
		*error_gfn = op.u.suppress_ve_multi.first_error_gfn;
		*error_code = op.u.suppress_ve_multi.first_error;
	}
	return rc;
}

int xc_altp2m_set_mem_access(xc_interface *xch, uint32_t domid, uint16_t view_id, xen_pfn_t gfn,
			     xenmem_access_t access)
{
	ALTP2M(op, set_mem_access, domid);

	op.u.mem_access.view = view_id;
	op.u.mem_access.access = (uint16_t)access;
	op.u.mem_access.gfn = gfn;
	return altp2m(xch, &op);
}

int xc_altp2m_get_mem_access(xc_interface *xch, uint32_t domid, uint16_t view_id, xen_pfn_t gfn,
			     xenmem_access_t *access)
{
	ALTP2M(op, get_mem_access, domid);
	int rc;

	op.u.mem_access.view = view_id;
	op.u.mem_access.gfn = gfn;
	rc = altp2m(xch, &op);
	if (!rc)
		*access = (xenmem_access_t)op.u.mem_access.access;
	return rc;
}

int xc_altp2m_set_mem_access_multi(xc_interface *xch, uint32_t domid, uint16_t view_id, uint8_t *access,
				   uint64_t *gfns, uint32_t nr)
{
	ALTP2M(op, set_mem_access_multi, domid);
	xc_hypercall_buffer_t ba = XC_BOUNCE(access, nr * sizeof(*access), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bg = XC_BOUNCE(gfns, nr * sizeof(*gfns), XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &ba, &bg };
	int rc;

	if (xc_bounce_all(xch, all, 2))
		return -1;
	op.u.set_mem_access_multi.view = view_id;
	op.u.set_mem_access_multi.nr = nr;
	set_handle(op.u.set_mem_access_multi.access_list, ba);
	set_handle(op.u.set_mem_access_multi.pfn_list, bg);
	rc = altp2m(xch, &op);
	xc_unbounce_all(xch, all, 2);
	return rc;
}

int xc_altp2m_change_gfn(xc_interface *xch, uint32_t domid, uint16_t view_id, xen_pfn_t old_gfn,
			 xen_pfn_t new_gfn)
{
	ALTP2M(op, change_gfn, domid);

	op.u.change_gfn.view = view_id;
	op.u.change_gfn.old_gfn = old_gfn;
	op.u.change_gfn.new_gfn = new_gfn;
	return altp2m(xch, &op);
}

int xc_altp2m_get_vcpu_p2m_idx(xc_interface *xch, uint32_t domid, uint32_t vcpuid, uint16_t *p2midx)
{
	ALTP2M(op, get_p2m_idx, domid);
	int rc;

	op.u.get_vcpu_p2m_idx.vcpu_id = vcpuid;
	rc = altp2m(xch, &op);
	if (!rc)
		*p2midx = op.u.get_vcpu_p2m_idx.altp2m_idx;
	return rc;
}

int xc_altp2m_set_visibility(xc_interface *xch, uint32_t domid, uint16_t view_id, bool visible)
{
	ALTP2M(op, set_visibility, domid);

	op.u.set_visibility.altp2m_idx = view_id;
	op.u.set_visibility.visible = visible;
	return altp2m(xch, &op);
}
