// SPDX-License-Identifier: LGPL-2.1-only
/* vCPUs: state, affinity, information. */
#include "ctrl_internal.h"

static int context_op(xc_interface *xch, uint32_t cmd, uint32_t domid, uint32_t vcpu, void *ctxt, int dir)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };
	xc_hypercall_buffer_t b = XC_BOUNCE(ctxt, sizeof(vcpu_guest_context_any_t), dir);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (xc_bounce_all(xch, all, 1))
		return -1;
	d.u.vcpucontext.vcpu = vcpu;
	set_handle(d.u.vcpucontext.ctxt, b);
	return xc_domctl_with(xch, &d, &b);
}

int xc_vcpu_setcontext(xc_interface *xch, uint32_t domid, uint32_t vcpu, vcpu_guest_context_any_t *ctxt)
{
	return context_op(xch, XEN_DOMCTL_setvcpucontext, domid, vcpu, ctxt, XC_BOUNCE_IN);
}

int xc_vcpu_getcontext(xc_interface *xch, uint32_t domid, uint32_t vcpu, vcpu_guest_context_any_t *ctxt)
{
	return context_op(xch, XEN_DOMCTL_getvcpucontext, domid, vcpu, ctxt, XC_BOUNCE_BOTH);
}

int xc_vcpu_getinfo(xc_interface *xch, uint32_t domid, uint32_t vcpu, xc_vcpuinfo_t *info)
{
	DOMCTL(d, getvcpuinfo, domid);
	int rc;

	d.u.getvcpuinfo.vcpu = vcpu;
	rc = xc_do_domctl(xch, &d);
	if (!rc)
		*info = d.u.getvcpuinfo;
	return rc;
}

long long xc_domain_get_cpu_usage(xc_interface *xch, uint32_t domid, int vcpu)
{
	xc_vcpuinfo_t info;

	if (xc_vcpu_getinfo(xch, domid, (uint32_t)vcpu, &info))
		return -1;
	return (long long)info.cpu_time;
}

int xc_vcpu_get_extstate(xc_interface *xch, uint32_t domid, uint32_t vcpu, xc_vcpu_extstate_t *extstate)
{
	DOMCTL(d, getvcpuextstate, domid);
	xc_hypercall_buffer_t b = XC_BOUNCE(extstate->buffer, extstate->size, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	d.u.vcpuextstate.vcpu = vcpu;
	d.u.vcpuextstate.xfeature_mask = extstate->xfeature_mask;
	d.u.vcpuextstate.size = extstate->size;
	set_handle(d.u.vcpuextstate.buffer, b);
	rc = xc_domctl_with(xch, &d, &b);
	if (!rc) {
		extstate->xfeature_mask = d.u.vcpuextstate.xfeature_mask;
		extstate->size = d.u.vcpuextstate.size;
	}
	return rc;
}

/* --- affinity */

static int affinity_op(xc_interface *xch, struct xen_domctl *d, uint32_t domid, int vcpu, xc_cpumap_t hard,
		       xc_cpumap_t soft, uint32_t flags)
{
	int size = xc_get_cpumap_size(xch);
	const bool want_hard = flags & XEN_VCPUAFFINITY_HARD, want_soft = flags & XEN_VCPUAFFINITY_SOFT;
	xc_hypercall_buffer_t bh = XC_BOUNCE(want_hard ? hard : NULL, (size_t)size, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t bs = XC_BOUNCE(want_soft ? soft : NULL, (size_t)size, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &bh, &bs };
	int rc;

	if (size <= 0)
		return -1;
	if ((want_hard && !hard) || (want_soft && !soft)) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 2))
		return -1;
	d->domain = (domid_t)domid;
	d->u.vcpuaffinity.vcpu = (uint32_t)vcpu;
	d->u.vcpuaffinity.flags = flags;
	set_handle(d->u.vcpuaffinity.cpumap_hard.bitmap, bh);
	d->u.vcpuaffinity.cpumap_hard.nr_bits = bh.hbuf ? (uint32_t)size * 8 : 0;
	set_handle(d->u.vcpuaffinity.cpumap_soft.bitmap, bs);
	d->u.vcpuaffinity.cpumap_soft.nr_bits = bs.hbuf ? (uint32_t)size * 8 : 0;
	rc = xc_do_domctl(xch, d);
	xc_unbounce_all(xch, all, 2);
	return rc;
}

int xc_vcpu_setaffinity(xc_interface *xch, uint32_t domid, int vcpu, xc_cpumap_t cpumap_hard_inout,
			xc_cpumap_t cpumap_soft_inout, uint32_t flags)
{
	struct xen_domctl d = { .cmd = XEN_DOMCTL_setvcpuaffinity };

	return affinity_op(xch, &d, domid, vcpu, cpumap_hard_inout, cpumap_soft_inout, flags);
}

int xc_vcpu_getaffinity(xc_interface *xch, uint32_t domid, int vcpu, xc_cpumap_t cpumap_hard,
			xc_cpumap_t cpumap_soft, uint32_t flags)
{
	struct xen_domctl d = { .cmd = XEN_DOMCTL_getvcpuaffinity };

	return affinity_op(xch, &d, domid, vcpu, cpumap_hard, cpumap_soft, flags);
}

static int node_affinity(xc_interface *xch, uint32_t cmd, uint32_t domid, xc_nodemap_t nodemap, int dir)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };
	int size = xc_get_nodemap_size(xch);
	xc_hypercall_buffer_t b = XC_BOUNCE(nodemap, (size_t)size, dir);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (size <= 0 || xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(d.u.nodeaffinity.nodemap.bitmap, b);
	d.u.nodeaffinity.nodemap.nr_bits = (uint32_t)size * 8;
	return xc_domctl_with(xch, &d, &b);
}

int xc_domain_node_setaffinity(xc_interface *xch, uint32_t domid, xc_nodemap_t nodemap)
{
	return node_affinity(xch, XEN_DOMCTL_setnodeaffinity, domid, nodemap, XC_BOUNCE_IN);
}

int xc_domain_node_getaffinity(xc_interface *xch, uint32_t domid, xc_nodemap_t nodemap)
{
	return node_affinity(xch, XEN_DOMCTL_getnodeaffinity, domid, nodemap, XC_BOUNCE_OUT);
}
