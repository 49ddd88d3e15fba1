// SPDX-License-Identifier: LGPL-2.1-only
/* The first grants of a new domain: its console and xenstore rings. */
#include <sys/mman.h>

#include "guest_internal.h"

static void seed(grant_entry_v1_t *table, unsigned int ref, uint32_t domid, uint32_t backend, xen_pfn_t frame)
{
	/* A domain does not grant to itself (a xenstore domain's own ring), nor what is not there. */
	if (frame == INVALID_MFN || domid == backend)
		return;
	table[ref].domid = (domid_t)backend;
	table[ref].frame = (uint32_t)frame;
	xen_wmb();
	table[ref].flags = GTF_permit_access;
}

/* Through the resource; kernels of old only map frames by number. */
static grant_entry_v1_t *map_old(xc_interface *xch, uint32_t domid)
{
	struct gnttab_setup_table setup = { .dom = (domid_t)domid, .nr_frames = 1 };
	xen_pfn_t frame = 0;
	xc_hypercall_buffer_t b = XC_BOUNCE(&frame, sizeof(frame), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return NULL;
	set_handle(setup.frame_list, b);
	rc = xc_gnttab_op(xch, GNTTABOP_setup_table, &setup, sizeof(setup), 1);
	xc_unbounce_all(xch, all, 1);
	if (rc || setup.status != GNTST_okay) {
		errno = EINVAL;
		return NULL;
	}
	return xc_map_foreign_range(xch, domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE, frame);
}

int xc_dom_gnttab_seed(xc_interface *xch, uint32_t guest_domid, bool is_hvm, xen_pfn_t console_gfn,
		       xen_pfn_t xenstore_gfn, uint32_t console_domid, uint32_t xenstore_domid)
{
	xenforeignmemory_resource_handle *res;
	void *table = NULL;

	res = xenforeignmemory_map_resource(xch->fmem, (domid_t)guest_domid, XENMEM_resource_grant_table,
					    XENMEM_resource_grant_table_id_shared, 0, 1, &table,
					    PROT_READ | PROT_WRITE, 0);
	if (!res)
		table = errno == EOPNOTSUPP && !is_hvm ? map_old(xch, guest_domid) : NULL;
	if (!table) {
		xc_fail(xch, XC_INTERNAL_ERROR, "cannot map the grant table of domain %u: %s", guest_domid,
			strerror(errno));
		return -1;
	}
	seed(table, GNTTAB_RESERVED_CONSOLE, guest_domid, console_domid, console_gfn);
	seed(table, GNTTAB_RESERVED_XENSTORE, guest_domid, xenstore_domid, xenstore_gfn);
	if (res)
		xenforeignmemory_unmap_resource(xch->fmem, res);
	else
		munmap(table, XC_PAGE_SIZE);
	return 0;
}

int xc_dom_gnttab_init(struct xc_dom_image *dom)
{
	return xc_dom_gnttab_seed(dom->xch, dom->guest_domid, xc_dom_translated(dom),
				  xc_dom_p2m(dom, dom->console_pfn), xc_dom_p2m(dom, dom->xenstore_pfn),
				  dom->console_domid, dom->xenstore_domid);
}
