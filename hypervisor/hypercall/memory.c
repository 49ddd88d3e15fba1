// SPDX-License-Identifier: GPL-2.0-only
/* memory_op: the dispatcher and the small operations. */
#include <hv/grant.h>
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include <x86/current.h>
#include "memory.h"

struct domain *memop_domain(domid_t id, int *rc)
{
	struct domain *d = domain_get_any(id);

	*rc = -ESRCH;
	if (d && d != current->domain && !current->domain->is_privileged) {
		*rc = -EPERM;
		domain_put(d);
		d = NULL;
	}
	return d;
}

static long reservation_size(unsigned int op, unsigned long arg)
{
	struct xen_memory_domain m;
	struct domain *d;
	u64 max_pfn;
	long n;
	int rc;

	if (!arg_read(&m, arg))
		return -EFAULT;
	d = memop_domain(m.domid, &rc);
	if (!d)
		return rc;
	max_pfn = d->shared_info ? READ_ONCE(d->shared_info->arch.max_pfn) : 0;
	n = op == XENMEM_current_reservation ? (long)d->tot_pages :
	    op == XENMEM_maximum_reservation ? (long)d->max_pages :
	    max_pfn ? (long)max_pfn - 1 : 0;
	domain_put(d);
	return n;
}

/* PV guests name machine frames themselves: there is no map to place pages in. */
static long add_to_physmap(domid_t id, unsigned int space)
{
	struct domain *d;
	int rc;

	if (space == XENMAPSPACE_gmfn_foreign)
		return -ENOSYS;		/* only in a batch */
	d = memop_domain(id, &rc);
	if (!d)
		return rc;
	domain_put(d);
	return -EACCES;
}

static long add_to_physmap_batch(unsigned long arg)
{
	struct xen_add_to_physmap_batch b;
	struct domain *d;
	int rc;

	if (!arg_read(&b, arg))
		return -EFAULT;
	d = memop_domain(b.domid, &rc);
	if (!d)
		return rc;
	domain_put(d);
	return -EACCES;
}

static long remove_from_physmap(unsigned long arg)
{
	struct xen_remove_from_physmap r;
	struct page_info *pg;
	struct domain *d;
	int rc;

	if (!arg_read(&r, arg))
		return -EFAULT;
	d = memop_domain(r.domid, &rc);
	if (!d)
		return rc;
	pg = d->kind->gfn_to_page(d, r.gpfn, false);
	if (pg)
		put_page(pg);
	domain_put(d);
	return pg ? 0 : -ENOENT;
}

static long claim_pages(unsigned long arg)
{
	struct xen_memory_reservation r;
	struct domain *d;
	long rc;

	if (!arg_read(&r, arg))
		return -EFAULT;
	if (r.extent_start.p || r.extent_order || r.mem_flags)
		return -EINVAL;
	d = r.domid == DOMID_SELF ? NULL : domain_get(r.domid);
	if (!d)
		return -EINVAL;
	rc = current->domain->is_privileged ? heap_set_claim(d, r.nr_extents) : -EPERM;
	domain_put(d);
	return rc;
}

static long get_vnumainfo(unsigned long arg)
{
	struct xen_vnuma_topology_info t;
	struct domain *d;
	int rc;

	if (!arg_read(&t, arg))
		return -EFAULT;
	if (t.pad)
		return -EINVAL;
	d = memop_domain(t.domid, &rc);
	if (!d)
		return rc;
	domain_put(d);
	return -EOPNOTSUPP;		/* no domain has a virtual topology */
}

/* Without an IOMMU no device wants any range. */
static long reserved_device_memory_map(unsigned long start, unsigned long arg)
{
	struct xen_reserved_device_memory_map m;

	if (start)
		return -EINVAL;
	if (!arg_read(&m, arg))
		return -EFAULT;
	if (m.flags & ~XENMEM_RDM_ALL)
		return -EINVAL;
	m.nr_entries = 0;
	return arg_write(arg, &m) ? 0 : -EFAULT;
}

/* Populate on demand and access rights per page are for guests with a second-level table. */
static long hvm_only(unsigned int op, unsigned long arg)
{
	union { struct xen_pod_target pod; struct xen_mem_access_op access; } a = { 0 };
	struct domain *d;
	int rc;

	if (op == XENMEM_access_op ? !arg_read(&a.access, arg) : !arg_read(&a.pod, arg))
		return -EFAULT;
	d = memop_domain(op == XENMEM_access_op ? a.access.domid : a.pod.domid, &rc);
	if (!d)
		return rc;
	rc = op == XENMEM_access_op && d == current->domain ? -EPERM :
	     !current->domain->is_privileged && op != XENMEM_get_pod_target ? -EPERM : -EINVAL;
	domain_put(d);
	return rc;
}

/* ---- acquire_resource ---- */

static u64 resource_frames(struct domain *d, const struct xen_mem_acquire_resource *r, int *rc)
{
	*rc = -EINVAL;
	if (r->type != XENMEM_resource_grant_table) {
		if (r->type > XENMEM_resource_vmtrace_buf)
			*rc = -EOPNOTSUPP;
		return 0;
	}
	return gnttab_resource_frames(d, r->id);
}

static int resource_frame(struct domain *d, u32 id, u64 frame, mfn_t *m)
{
	return id == XENMEM_resource_grant_table_id_shared ? gnttab_get_shared_frame(d, frame, m) :
							     gnttab_get_status_frame(d, frame, m);
}

static long acquire_frames(struct domain *d, const struct xen_mem_acquire_resource *r, u64 max, unsigned long start,
			   unsigned long arg)
{
	u64 end;

	if (__builtin_add_overflow(r->frame, r->nr_frames, &end) || end > max || start > r->nr_frames ||
	    r->nr_frames > ~0U >> MEMOP_EXTENT_SHIFT)
		return -EINVAL;
	for (unsigned long i = start; i < r->nr_frames; i++) {
		mfn_t m;
		int rc;

		if (i != start && hypercall_preempt_check())
			return hypercall_continue(2, XENMEM_acquire_resource | i << MEMOP_EXTENT_SHIFT, arg);
		rc = resource_frame(d, r->id, r->frame + i, &m);
		if (rc)
			return rc;
		if (!copy_to_guest_raw((unsigned long)(r->frame_list.p + i), &m.m, sizeof(u64)))
			return -EFAULT;
	}
	return 0;
}

long memop_acquire_resource(unsigned long start, unsigned long arg)
{
	struct xen_mem_acquire_resource r;
	struct domain *d, *self = current->domain;
	u64 max;
	long rc;
	int why;

	if (!arg_read(&r, arg))
		return -EFAULT;
	if (r.pad)
		return -EINVAL;
	if (r.domid == DOMID_SELF || r.domid == self->id)
		return -EPERM;
	d = domain_get(r.domid);
	if (!d)
		return -ESRCH;
	if (!self->is_privileged) {
		domain_put(d);
		return -EPERM;
	}
	max = resource_frames(d, &r, &why);
	if (!max) {
		rc = why;
	} else if (!r.frame_list.p) {
		u32 n = (u32)max;

		rc = r.nr_frames ? -EINVAL :
		     copy_to_guest_raw(arg + offsetof(struct xen_mem_acquire_resource, nr_frames), &n, sizeof(n)) ? 0 :
		     -EFAULT;
	} else {
		rc = acquire_frames(d, &r, max, start, arg);
	}
	domain_put(d);
	return rc;
}

long do_memory_op(unsigned long cmd, unsigned long arg)
{
	unsigned int op = cmd & MEMOP_CMD_MASK;
	unsigned long start = (u32)cmd >> MEMOP_EXTENT_SHIFT;
	struct xen_add_to_physmap p;

	switch (op) {
	case XENMEM_increase_reservation:
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		if (pv_finish_pending(current))
			return hypercall_continue(2, cmd, arg);
		return memop_reservation(op, start, arg);
	case XENMEM_acquire_resource:
		return memop_acquire_resource(start, arg);
	case XENMEM_reserved_device_memory_map:
		return reserved_device_memory_map(start, arg);
	case XENMEM_add_to_physmap_batch:
		return add_to_physmap_batch(arg);
	}
	if (start)
		return -EINVAL;		/* nothing else restarts that way */
	switch (op) {
	case XENMEM_exchange:
		return memop_exchange(arg);
	case XENMEM_maximum_ram_page:
		return (long)max_page;
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
		return reservation_size(op, arg);
	case XENMEM_machphys_mfn_list:
		return memop_machphys_mfn_list(arg);
	case XENMEM_machphys_compat_mfn_list:
		return -EOPNOTSUPP;	/* no table for 32-bit guests */
	case XENMEM_machphys_mapping:
		return memop_machphys_mapping(arg);
	case XENMEM_add_to_physmap:
		return arg_read(&p, arg) ? add_to_physmap(p.domid, p.space) : -EFAULT;
	case XENMEM_remove_from_physmap:
		return remove_from_physmap(arg);
	case XENMEM_memory_map:
		return memop_memory_map(arg);
	case XENMEM_machine_memory_map:
		return memop_machine_memory_map(arg);
	case XENMEM_set_memory_map:
		return memop_set_memory_map(arg);
	case XENMEM_set_pod_target:
	case XENMEM_get_pod_target:
	case XENMEM_access_op:
		return hvm_only(op, arg);
	case XENMEM_get_sharing_freed_pages:
	case XENMEM_get_sharing_shared_pages:
		return 0;		/* no page is shared */
	case XENMEM_claim_pages:
		return claim_pages(arg);
	case XENMEM_get_vnumainfo:
		return get_vnumainfo(arg);
	}
	return -ENOSYS;			/* paging and sharing are not built */
}
