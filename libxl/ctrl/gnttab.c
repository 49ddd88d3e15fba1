// SPDX-License-Identifier: LGPL-2.1-only
/* Grant tables of other domains, and old names of libxengnttab. */
#define XC_WANT_COMPAT_GNTTAB_API
#include <sys/mman.h>

#include "ctrl_internal.h"

#include "xengnttab.h"

int xc_gnttab_query_size(xc_interface *xch, struct gnttab_query_size *query)
{
	int rc = xc_gnttab_op(xch, GNTTABOP_query_size, query, sizeof(*query), 1);

	if (rc || query->status == GNTST_okay)
		return rc;
	errno = EINVAL;
	return -1;
}

int xc_gnttab_get_version(xc_interface *xch, uint32_t domid)
{
	struct gnttab_get_version q = { .dom = (domid_t)domid };
	int rc = xc_gnttab_op(xch, GNTTABOP_get_version, &q, sizeof(q), 1);

	return rc < 0 ? rc : (int)q.version;
}

/* The frames of a table, mapped; *gnt_num gets the number of entries. */
static void *map_table(xc_interface *xch, uint32_t domid, size_t entry_size, int *gnt_num)
{
	struct gnttab_query_size q = { .dom = (domid_t)domid };
	struct gnttab_setup_table setup = { .dom = (domid_t)domid };
	xc_hypercall_buffer_t b = { 0 };
	void *table = NULL;

	if (xc_gnttab_query_size(xch, &q))
		return NULL;
	*gnt_num = (int)(q.nr_frames * (XC_PAGE_SIZE / entry_size));
	b.hbuf = xencall_alloc_buffer(xch->xcall, q.nr_frames * sizeof(xen_pfn_t));
	if (!b.hbuf)
		return NULL;
	setup.nr_frames = q.nr_frames;
	set_handle(setup.frame_list, b);
	if (xc_gnttab_op(xch, GNTTABOP_setup_table, &setup, sizeof(setup), 1) || setup.status != GNTST_okay)
		xc_fail(xch, XC_INTERNAL_ERROR, "domain %u: no grant table frames (status %d)", domid,
			setup.status);
	else
		table = xc_map_foreign_pages(xch, domid, PROT_READ | PROT_WRITE, b.hbuf, (int)q.nr_frames);
	xencall_free_buffer(xch->xcall, b.hbuf);
	return table;
}

grant_entry_v1_t *xc_gnttab_map_table_v1(xc_interface *xch, uint32_t domid, int *gnt_num)
{
	if (xc_gnttab_get_version(xch, domid) == 2)
		return NULL;
	return map_table(xch, domid, sizeof(grant_entry_v1_t), gnt_num);
}

grant_entry_v2_t *xc_gnttab_map_table_v2(xc_interface *xch, uint32_t domid, int *gnt_num)
{
	if (xc_gnttab_get_version(xch, domid) != 2)
		return NULL;
	return map_table(xch, domid, sizeof(grant_entry_v2_t), gnt_num);
}

xc_gnttab *xc_gnttab_open(xentoollog_logger *logger, unsigned open_flags)
{
	return xengnttab_open(logger, open_flags);
}

int xc_gnttab_close(xc_gnttab *xcg)
{
	return xengnttab_close(xcg);
}

void *xc_gnttab_map_grant_ref(xc_gnttab *xcg, uint32_t domid, uint32_t ref, int prot)
{
	return xengnttab_map_grant_ref(xcg, domid, ref, prot);
}

void *xc_gnttab_map_grant_refs(xc_gnttab *xcg, uint32_t count, uint32_t *domids, uint32_t *refs, int prot)
{
	return xengnttab_map_grant_refs(xcg, count, domids, refs, prot);
}

void *xc_gnttab_map_domain_grant_refs(xc_gnttab *xcg, uint32_t count, uint32_t domid, uint32_t *refs,
				      int prot)
{
	return xengnttab_map_domain_grant_refs(xcg, count, domid, refs, prot);
}

void *xc_gnttab_map_grant_ref_notify(xc_gnttab *xcg, uint32_t domid, uint32_t ref, int prot,
				     uint32_t notify_offset, evtchn_port_t notify_port)
{
	return xengnttab_map_grant_ref_notify(xcg, domid, ref, prot, notify_offset, notify_port);
}

int xc_gnttab_munmap(xc_gnttab *xcg, void *start_address, uint32_t count)
{
	return xengnttab_unmap(xcg, start_address, count);
}

int xc_gnttab_set_max_grants(xc_gnttab *xcg, uint32_t count)
{
	return xengnttab_set_max_grants(xcg, count);
}

xc_gntshr *xc_gntshr_open(xentoollog_logger *logger, unsigned open_flags)
{
	return xengntshr_open(logger, open_flags);
}

int xc_gntshr_close(xc_gntshr *xcg)
{
	return xengntshr_close(xcg);
}

void *xc_gntshr_share_pages(xc_gntshr *xcg, uint32_t domid, int count, uint32_t *refs, int writable)
{
	return xengntshr_share_pages(xcg, domid, count, refs, writable);
}

void *xc_gntshr_share_page_notify(xc_gntshr *xcg, uint32_t domid, uint32_t *ref, int writable,
				  uint32_t notify_offset, evtchn_port_t notify_port)
{
	return xengntshr_share_page_notify(xcg, domid, ref, writable, notify_offset, notify_port);
}

int xc_gntshr_munmap(xc_gntshr *xcg, void *start_address, uint32_t count)
{
	return xengntshr_unshare(xcg, start_address, count);
}
