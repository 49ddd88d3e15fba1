// SPDX-License-Identifier: LGPL-2.1-only
/* Memory of domains: limits, reservations, physmap, E820, claims, NUMA. */
#include "ctrl_internal.h"

int xc_domain_setmaxmem(xc_interface *xch, uint32_t domid, uint64_t max_memkb)
{
	DOMCTL(d, max_mem, domid);

	d.u.max_mem.max_memkb = max_memkb;
	return xc_do_domctl(xch, &d);
}

/* The number of extents that were handled, -1 if none could be and there is an error. */
static long reservation(xc_interface *xch, unsigned int cmd, uint32_t domid, unsigned long nr,
			unsigned int order, unsigned int flags, xen_pfn_t *extents, int dir)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(extents, nr * sizeof(*extents), dir);
	xc_hypercall_buffer_t *const all[] = { &b };
	struct xen_memory_reservation r = {
		.nr_extents = nr, .extent_order = order, .mem_flags = flags, .domid = (domid_t)domid,
	};
	long rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(r.extent_start, b);
	rc = xc_do_memory_op(xch, cmd, &r, sizeof(r));
	xc_unbounce_all(xch, all, 1);
	return rc;
}

/* All extents or an error. */
static int exact(xc_interface *xch, long done, unsigned long nr, const char *what, uint32_t domid,
		 unsigned int order, int err)
{
	if (done == (long)nr)
		return 0;
	if (done >= 0) {
		errno = err;
		xc_report(xch, xch->error_handler, XTL_DETAIL, 0,
			  "domain %u: %s stopped after %ld of %lu extents of order %u", domid, what, done, nr, order);
		errno = err;
	}
	return -1;
}

int xc_domain_increase_reservation(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
				   unsigned int extent_order, unsigned int mem_flags,
				   xen_pfn_t *extent_start)
{
	return (int)reservation(xch, XENMEM_increase_reservation, domid, nr_extents, extent_order, mem_flags,
				extent_start, XC_BOUNCE_BOTH);
}

int xc_domain_increase_reservation_exact(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
					 unsigned int extent_order, unsigned int mem_flags,
					 xen_pfn_t *extent_start)
{
	long done = reservation(xch, XENMEM_increase_reservation, domid, nr_extents, extent_order, mem_flags,
				extent_start, XC_BOUNCE_BOTH);

	return exact(xch, done, nr_extents, "increase of memory", domid, extent_order, ENOMEM);
}

int xc_domain_decrease_reservation(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
				   unsigned int extent_order, xen_pfn_t *extent_start)
{
	if (!extent_start) {
		errno = EINVAL;
		return -1;
	}
	return (int)reservation(xch, XENMEM_decrease_reservation, domid, nr_extents, extent_order, 0,
				extent_start, XC_BOUNCE_IN);
}

int xc_domain_decrease_reservation_exact(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
					 unsigned int extent_order, xen_pfn_t *extent_start)
{
	long done;

	if (!extent_start) {
		errno = EINVAL;
		return -1;
	}
	done = reservation(xch, XENMEM_decrease_reservation, domid, nr_extents, extent_order, 0, extent_start,
			   XC_BOUNCE_IN);
	return exact(xch, done, nr_extents, "decrease of memory", domid, extent_order, EINVAL);
}

int xc_domain_populate_physmap(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
			       unsigned int extent_order, unsigned int mem_flags, xen_pfn_t *extent_start)
{
	return (int)reservation(xch, XENMEM_populate_physmap, domid, nr_extents, extent_order, mem_flags,
				extent_start, XC_BOUNCE_BOTH);
}

int xc_domain_populate_physmap_exact(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
				     unsigned int extent_order, unsigned int mem_flags,
				     xen_pfn_t *extent_start)
{
	long done = reservation(xch, XENMEM_populate_physmap, domid, nr_extents, extent_order, mem_flags,
				extent_start, XC_BOUNCE_BOTH);

	return exact(xch, done, nr_extents, "population of memory", domid, extent_order, ENOMEM);
}

int xc_domain_claim_pages(xc_interface *xch, uint32_t domid, unsigned long nr_pages)
{
	struct xen_memory_reservation r = { .nr_extents = nr_pages, .domid = (domid_t)domid };

	set_xen_guest_handle_raw(r.extent_start, NULL);
	return (int)xc_do_memory_op(xch, XENMEM_claim_pages, &r, sizeof(r));
}

int xc_domain_memory_exchange_pages(xc_interface *xch, uint32_t domid, unsigned long nr_in_extents,
				    unsigned int in_order, xen_pfn_t *in_extents,
				    unsigned long nr_out_extents, unsigned int out_order,
				    xen_pfn_t *out_extents)
{
	xc_hypercall_buffer_t in = XC_BOUNCE(in_extents, nr_in_extents * sizeof(*in_extents), XC_BOUNCE_IN);
	xc_hypercall_buffer_t out = XC_BOUNCE(out_extents, nr_out_extents * sizeof(*out_extents), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &in, &out };
	struct xen_memory_exchange x = {
		.in = { .nr_extents = nr_in_extents, .extent_order = in_order, .domid = (domid_t)domid },
		.out = { .nr_extents = nr_out_extents, .extent_order = out_order, .domid = (domid_t)domid },
	};
	long rc;

	if (xc_bounce_all(xch, all, 2))
		return -1;
	set_handle(x.in.extent_start, in);
	set_handle(x.out.extent_start, out);
	rc = xc_do_memory_op(xch, XENMEM_exchange, &x, sizeof(x));
	xc_unbounce_all(xch, all, 2);
	return (int)rc;
}

int xc_domain_add_to_physmap(xc_interface *xch, uint32_t domid, unsigned int space, unsigned long idx,
			     xen_pfn_t gpfn)
{
	struct xen_add_to_physmap arg = { .domid = (domid_t)domid, .space = space, .idx = idx, .gpfn = gpfn };

	return (int)xc_do_memory_op(xch, XENMEM_add_to_physmap, &arg, sizeof(arg));
}

int xc_domain_add_to_physmap_batch(xc_interface *xch, uint32_t domid, uint32_t foreign_domid,
				   unsigned int space, unsigned int size, xen_ulong_t *idxs,
				   xen_pfn_t *gfpns, int *errs)
{
	xc_hypercall_buffer_t bi = XC_BOUNCE(idxs, size * sizeof(*idxs), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bg = XC_BOUNCE(gfpns, size * sizeof(*gfpns), XC_BOUNCE_IN);
	xc_hypercall_buffer_t be = XC_BOUNCE(errs, size * sizeof(*errs), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &bi, &bg, &be };
	struct xen_add_to_physmap_batch arg = {
		.domid = (domid_t)domid, .space = (uint16_t)space, .size = (uint16_t)size,
		.u.foreign_domid = (domid_t)foreign_domid,
	};
	long rc;

	if (size > UINT16_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 3))
		return -1;
	set_handle(arg.idxs, bi);
	set_handle(arg.gpfns, bg);
	set_handle(arg.errs, be);
	rc = xc_do_memory_op(xch, XENMEM_add_to_physmap_batch, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 3);
	return (int)rc;
}

int xc_domain_remove_from_physmap(xc_interface *xch, uint32_t domid, xen_pfn_t gpfn)
{
	struct xen_remove_from_physmap arg;

	memset(&arg, 0, sizeof(arg));	/* its padding leaves this process too */
	arg.domid = (domid_t)domid;
	arg.gpfn = gpfn;
	return (int)xc_do_memory_op(xch, XENMEM_remove_from_physmap, &arg, sizeof(arg));
}

int xc_domain_maximum_gpfn(xc_interface *xch, uint32_t domid, xen_pfn_t *gpfns)
{
	domid_t dom = (domid_t)domid;
	long rc = xc_do_memory_op(xch, XENMEM_maximum_gpfn, &dom, sizeof(dom));

	if (rc < 0)
		return -1;
	*gpfns = (xen_pfn_t)rc;
	return 0;
}

int xc_domain_nr_gpfns(xc_interface *xch, uint32_t domid, xen_pfn_t *gpfns)
{
	int rc = xc_domain_maximum_gpfn(xch, domid, gpfns);

	if (!rc)
		*gpfns += 1;
	return rc;
}

int xc_maximum_ram_page(xc_interface *xch, unsigned long *max_mfn)
{
	long rc = xc_do_memory_op(xch, XENMEM_maximum_ram_page, NULL, 0);

	if (rc < 0)
		return -1;
	*max_mfn = (unsigned long)rc;
	return 0;
}

int xc_machphys_mfn_list(xc_interface *xch, unsigned long max_extents, xen_pfn_t *extent_start)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(extent_start, max_extents * sizeof(*extent_start), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	struct xen_machphys_mfn_list arg = { .max_extents = (unsigned int)max_extents };
	long rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(arg.extent_start, b);
	rc = xc_do_memory_op(xch, XENMEM_machphys_mfn_list, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 1);
	return (int)rc;
}

long xc_sharing_freed_pages(xc_interface *xch)
{
	return xc_do_memory_op(xch, XENMEM_get_sharing_freed_pages, NULL, 0);
}

long xc_sharing_used_frames(xc_interface *xch)
{
	return xc_do_memory_op(xch, XENMEM_get_sharing_shared_pages, NULL, 0);
}

/* --- memory maps */

int xc_domain_set_memory_map(xc_interface *xch, uint32_t domid, struct e820entry entries[],
			     uint32_t nr_entries)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(entries, nr_entries * sizeof(*entries), XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	struct xen_foreign_memory_map arg = { .domid = (domid_t)domid, .map.nr_entries = nr_entries };
	long rc;

	if (!entries || !nr_entries) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(arg.map.buffer, b);
	rc = xc_do_memory_op(xch, XENMEM_set_memory_map, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 1);
	return (int)rc;
}

/* E820 with one entry that covers what the limit allows. */
int xc_domain_set_memmap_limit(xc_interface *xch, uint32_t domid, unsigned long map_limitkb)
{
	struct e820entry e = { .addr = 0, .size = (uint64_t)map_limitkb << 10, .type = E820_RAM };

	return xc_domain_set_memory_map(xch, domid, &e, 1);
}

int xc_get_machine_memory_map(xc_interface *xch, struct e820entry entries[], uint32_t max_entries)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(entries, max_entries * sizeof(*entries), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	struct xen_memory_map arg = { .nr_entries = max_entries };
	long rc;

	if (!entries || max_entries <= 1) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(arg.buffer, b);
	rc = xc_do_memory_op(xch, XENMEM_machine_memory_map, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 1);
	return rc < 0 ? -1 : (int)arg.nr_entries;
}

int xc_reserved_device_memory_map(xc_interface *xch, uint32_t flags, uint16_t seg, uint8_t bus,
				  uint8_t devfn, struct xen_reserved_device_memory entries[],
				  uint32_t *max_entries)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(entries, *max_entries * sizeof(*entries), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	struct xen_reserved_device_memory_map arg = {
		.flags = flags, .nr_entries = *max_entries,
		.dev.pci = { .seg = seg, .bus = bus, .devfn = devfn },
	};
	long rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(arg.buffer, b);
	rc = xc_do_memory_op(xch, XENMEM_reserved_device_memory_map, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 1);
	*max_entries = arg.nr_entries;
	return rc < 0 ? -1 : (int)rc;
}

/* --- populate on demand */

static int pod_op(xc_interface *xch, unsigned int cmd, uint32_t domid, uint64_t target, uint64_t *tot,
		  uint64_t *cache, uint64_t *entries)
{
	struct xen_pod_target arg = { .target_pages = target, .domid = (domid_t)domid };
	long rc = xc_do_memory_op(xch, cmd, &arg, sizeof(arg));

	if (rc < 0)
		return -1;
	if (tot)
		*tot = arg.tot_pages;
	if (cache)
		*cache = arg.pod_cache_pages;
	if (entries)
		*entries = arg.pod_entries;
	return (int)rc;
}

int xc_domain_set_pod_target(xc_interface *xch, uint32_t domid, uint64_t target_pages, uint64_t *tot_pages,
			     uint64_t *pod_cache_pages, uint64_t *pod_entries)
{
	return pod_op(xch, XENMEM_set_pod_target, domid, target_pages, tot_pages, pod_cache_pages, pod_entries);
}

int xc_domain_get_pod_target(xc_interface *xch, uint32_t domid, uint64_t *tot_pages,
			     uint64_t *pod_cache_pages, uint64_t *pod_entries)
{
	return pod_op(xch, XENMEM_get_pod_target, domid, (uint64_t)-1, tot_pages, pod_cache_pages, pod_entries);
}

/* --- virtual NUMA */

int xc_domain_setvnuma(xc_interface *xch, uint32_t domid, uint32_t nr_vnodes, uint32_t nr_regions,
		       uint32_t nr_vcpus, xen_vmemrange_t *vmemrange, unsigned int *vdistance,
		       unsigned int *vcpu_to_vnode, unsigned int *vnode_to_pnode)
{
	DOMCTL(d, setvnumainfo, domid);
	struct xen_domctl_vnuma *v = &d.u.vnuma;
	xc_hypercall_buffer_t br = XC_BOUNCE(vmemrange, nr_regions * sizeof(*vmemrange), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bd =
		XC_BOUNCE(vdistance, (size_t)nr_vnodes * nr_vnodes * sizeof(*vdistance), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bc = XC_BOUNCE(vcpu_to_vnode, nr_vcpus * sizeof(*vcpu_to_vnode), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bp = XC_BOUNCE(vnode_to_pnode, nr_vnodes * sizeof(*vnode_to_pnode), XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &br, &bd, &bc, &bp };
	int rc;

	if (!nr_vnodes || !nr_regions || !nr_vcpus || !vmemrange || !vdistance || !vcpu_to_vnode ||
	    !vnode_to_pnode) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 4))
		return -1;
	v->nr_vnodes = nr_vnodes;
	v->nr_vmemranges = nr_regions;
	v->nr_vcpus = nr_vcpus;
	set_handle(v->vmemrange, br);
	set_handle(v->vdistance, bd);
	set_handle(v->vcpu_to_vnode, bc);
	set_handle(v->vnode_to_pnode, bp);
	rc = xc_do_domctl(xch, &d);
	xc_unbounce_all(xch, all, 4);
	return rc;
}

int xc_domain_getvnuma(xc_interface *xch, uint32_t domid, uint32_t *nr_vnodes, uint32_t *nr_vmemranges,
		       uint32_t *nr_vcpus, xen_vmemrange_t *vmemrange, unsigned int *vdistance,
		       unsigned int *vcpu_to_vnode)
{
	xc_hypercall_buffer_t br = XC_BOUNCE(vmemrange, *nr_vmemranges * sizeof(*vmemrange), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bd =
		XC_BOUNCE(vdistance, (size_t)*nr_vnodes * *nr_vnodes * sizeof(*vdistance), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bc = XC_BOUNCE(vcpu_to_vnode, *nr_vcpus * sizeof(*vcpu_to_vnode), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &br, &bd, &bc };
	struct xen_vnuma_topology_info arg = {
		.domid = (domid_t)domid, .nr_vnodes = *nr_vnodes, .nr_vcpus = *nr_vcpus,
		.nr_vmemranges = *nr_vmemranges,
	};
	long rc;

	if (xc_bounce_all(xch, all, 3))
		return -1;
	set_handle(arg.vmemrange.h, br);
	set_handle(arg.vdistance.h, bd);
	set_handle(arg.vcpu_to_vnode.h, bc);
	rc = xc_do_memory_op(xch, XENMEM_get_vnumainfo, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 3);
	*nr_vnodes = arg.nr_vnodes;
	*nr_vmemranges = arg.nr_vmemranges;
	*nr_vcpus = arg.nr_vcpus;
	return (int)rc;
}

/* --- paging pool, shadow and log-dirty */

int xc_get_paging_mempool_size(xc_interface *xch, uint32_t domid, uint64_t *size)
{
	DOMCTL(d, get_paging_mempool_size, domid);
	int rc = xc_do_domctl(xch, &d);

	if (!rc)
		*size = d.u.paging_mempool.size;
	return rc;
}

int xc_set_paging_mempool_size(xc_interface *xch, uint32_t domid, uint64_t size)
{
	DOMCTL(d, set_paging_mempool_size, domid);

	d.u.paging_mempool.size = size;
	return xc_do_domctl(xch, &d);
}

int xc_shadow_control(xc_interface *xch, uint32_t domid, unsigned int sop, unsigned int *mb,
		      unsigned int mode)
{
	DOMCTL(d, shadow_op, domid);
	int rc;

	d.u.shadow_op.op = sop;
	d.u.shadow_op.mb = mb ? *mb : 0;
	d.u.shadow_op.mode = mode;
	rc = xc_do_domctl(xch, &d);
	if (mb)
		*mb = d.u.shadow_op.mb;
	return rc;
}

long long xc_logdirty_control(xc_interface *xch, uint32_t domid, unsigned int sop,
			      xc_hypercall_buffer_t *dirty_bitmap, unsigned long pages, unsigned int mode,
			      xc_shadow_op_stats_t *stats)
{
	DOMCTL(d, shadow_op, domid);
	xc_hypercall_buffer_t *b = dirty_bitmap->param_shadow ? dirty_bitmap->param_shadow : dirty_bitmap;
	int rc;

	d.u.shadow_op.op = sop;
	d.u.shadow_op.mode = mode;
	d.u.shadow_op.pages = pages;
	set_handle(d.u.shadow_op.dirty_bitmap, *b);
	rc = xc_do_domctl(xch, &d);
	if (stats)
		*stats = d.u.shadow_op.stats;
	return rc ? rc : (long long)d.u.shadow_op.pages;
}

int xc_domain_cacheflush(xc_interface *xch, uint32_t domid, xen_pfn_t start_pfn, xen_pfn_t nr_pfns)
{
	/* x86 is coherent: nothing to do. */
	return 0;
}
