/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxengnttab: map other domains' grants through /dev/xen/gntdev, and share own pages through /dev/xen/gntalloc.
 *
 * Functions return 0 or a pointer; -1 or NULL with errno when they fail, which is also logged. Pages are of 4096 bytes.
 * A grant is named by the domain that gives it and its reference there (public/grant_table.h). A handle may be used by
 * one thread at a time.
 */
#ifndef XENGNTTAB_H
#define XENGNTTAB_H
#include <stdint.h>
#include <xen/grant_table.h>
#include <xen/event_channel.h>
struct xentoollog_logger;
typedef struct xengntdev_handle xengnttab_handle;

/* logger: where failures are told, NULL for stderr. open_flags must be 0. */
xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned open_flags);

/* What is mapped stays so until its pages are unmapped or the process ends. NULL is allowed. */
int xengnttab_close(xengnttab_handle *xgt);
int xengnttab_fd(xengnttab_handle *xgt);

/*
 * Maps one grant, or count side by side: of domains domids[], or all of domid. prot as for mmap(): PROT_WRITE needs
 * grants that may be written. All or none. Unmap by xengnttab_unmap() with as many pages.
 */
void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot);
void *xengnttab_map_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t *domids,
			       uint32_t *refs, int prot);
void *xengnttab_map_domain_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t domid,
				      uint32_t *refs, int prot);

/*
 * Maps one grant; on unmap, or when this process dies, byte notify_offset of the page is set to 0 and an event sent on
 * notify_port; -1 leaves either out.
 */
void *xengnttab_map_grant_ref_notify(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot,
				     uint32_t notify_offset, evtchn_port_t notify_port);

/* Undoes one whole mapping. EINVAL: count is not what was mapped at start_address. */
int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count);

/* Limit for this handle; kernels of today have none. */
int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr_grants);

/*
 * One piece of a copy, len bytes within a page on either side. flags: GNTCOPY_source_gref, GNTCOPY_dest_gref name the
 * sides that are grants (foreign); the other is this process's memory (virt). status: the result, GNTST_okay or another
 * GNTST_ number.
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

/* 0 if the request went through: look at each segment's status then. */
int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count,
			 xengnttab_grant_copy_segment_t *segs);

/* Of what memory a dma-buf is made: write-combined, coherent. One of both. */
#define GNTDEV_DMA_FLAG_WC       (1 << 0)
#define GNTDEV_DMA_FLAG_COHERENT (1 << 1)

/* A dma-buf of count pages granted by domid: *fd is its descriptor. */
int xengnttab_dmabuf_exp_from_refs(xengnttab_handle *xgt, uint32_t domid, uint32_t flags,
				   uint32_t count, const uint32_t *refs, uint32_t *fd);

/* Waits until nobody uses it any more and its grants are unmapped. ETIMEDOUT after wait_to_ms milliseconds. */
int xengnttab_dmabuf_exp_wait_released(xengnttab_handle *xgt, uint32_t fd, uint32_t wait_to_ms);

/* The other way: grants for domid, in refs[], of the first count pages of the dma-buf fd; and their end. */
int xengnttab_dmabuf_imp_to_refs(xengnttab_handle *xgt, uint32_t domid, uint32_t fd, uint32_t count,
				 uint32_t *refs);
int xengnttab_dmabuf_imp_release(xengnttab_handle *xgt, uint32_t fd);
typedef struct xengntdev_handle xengntshr_handle;

/* The giving side. logger and open_flags as for xengnttab_open(). */
xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger, unsigned open_flags);
int xengntshr_close(xengntshr_handle *xgs);
int xengntshr_fd(xengntshr_handle *xgs);

/* New pages of zeros, readable and writable here, granted to domid (writable: to write, too). refs[]: one each. */
void *xengntshr_share_pages(xengntshr_handle *xgs, uint32_t domid, int count, uint32_t *refs,
			    int writable);

/* One page; on unshare, or when this process dies, as for xengnttab_map_grant_ref_notify(). */
void *xengntshr_share_page_notify(xengntshr_handle *xgs, uint32_t domid, uint32_t *ref,
				  int writable, uint32_t notify_offset, evtchn_port_t notify_port);

/* The pages go when the other side has unmapped them, too. */
int xengntshr_unshare(xengntshr_handle *xgs, void *start_address, uint32_t count);
#endif
