/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxengnttab: map other domains' grants, and share own pages.
 */
#ifndef XENGNTTAB_H
#define XENGNTTAB_H
#include <stdint.h>
#include <xen/grant_table.h>
#include <xen/event_channel.h>
struct xentoollog_logger;
typedef struct xengntdev_handle xengnttab_handle;
xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned open_flags);
int xengnttab_close(xengnttab_handle *xgt);
int xengnttab_fd(xengnttab_handle *xgt);

/*
 * prot as for mmap. NULL with errno on failure. Unmap by xengnttab_unmap with as many pages.
 */
void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot);
void *xengnttab_map_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t *domids,
			       uint32_t *refs, int prot);
void *xengnttab_map_domain_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t domid,
				      uint32_t *refs, int prot);

/*
 * On unmap, or when this process dies: byte notify_offset is set to 0 and an event sent on
 * notify_port; -1 leaves either out.
 */
void *xengnttab_map_grant_ref_notify(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot,
				     uint32_t notify_offset, evtchn_port_t notify_port);
int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count);

/* Limit for this handle; kernels of today have none. */
int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr_grants);

/*
 * One piece of a copy. flags: GNTCOPY_source_gref, GNTCOPY_dest_gref; the other side is
 * virt. status: GNTST_.
 */
struct xengnttab_grant_copy_segment {
	union xengnttab_copy_ptr {
		void *virt;
		struct {
			uint32_t ref;
			uint16_t offset;
			uint16_t domid;
		} foreign;
	} source, dest;
	uint16_t len;
	uint16_t flags;
	int16_t status;
};
typedef struct xengnttab_grant_copy_segment xengnttab_grant_copy_segment_t;

/* 0 if the request went through: look at each status then. */
int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count,
			 xengnttab_grant_copy_segment_t *segs);

/* dma-bufs made of grants, and grants of dma-bufs. */
#define GNTDEV_DMA_FLAG_WC       (1 << 0)
#define GNTDEV_DMA_FLAG_COHERENT (1 << 1)
int xengnttab_dmabuf_exp_from_refs(xengnttab_handle *xgt, uint32_t domid, uint32_t flags,
				   uint32_t count, const uint32_t *refs, uint32_t *fd);
int xengnttab_dmabuf_exp_wait_released(xengnttab_handle *xgt, uint32_t fd, uint32_t wait_to_ms);
int xengnttab_dmabuf_imp_to_refs(xengnttab_handle *xgt, uint32_t domid, uint32_t fd, uint32_t count,
				 uint32_t *refs);
int xengnttab_dmabuf_imp_release(xengnttab_handle *xgt, uint32_t fd);
typedef struct xengntdev_handle xengntshr_handle;
xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger, unsigned open_flags);
int xengntshr_close(xengntshr_handle *xgs);
int xengntshr_fd(xengntshr_handle *xgs);

/* refs gets a grant for each page. */
void *xengntshr_share_pages(xengntshr_handle *xgs, uint32_t domid, int count, uint32_t *refs,
			    int writable);
void *xengntshr_share_page_notify(xengntshr_handle *xgs, uint32_t domid, uint32_t *ref,
				  int writable, uint32_t notify_offset, evtchn_port_t notify_port);
int xengntshr_unshare(xengntshr_handle *xgs, void *start_address, uint32_t count);
#endif
