/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenforeignmemory: map other domains' memory.
 */
#ifndef XENFOREIGNMEMORY_H
#define XENFOREIGNMEMORY_H
#include <stdint.h>
#include <stddef.h>
#include <xen/xen.h>
struct xentoollog_logger;
typedef struct xenforeignmemory_handle xenforeignmemory_handle;
xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger,
					       unsigned open_flags);
int xenforeignmemory_close(xenforeignmemory_handle *fmem);

/*
 * Map frames arr[] of dom. err may be NULL: then any frame that fails fails the whole map;
 * else each gets 0 or a negative errno, and the call succeeds. NULL with errno on failure.
 */
void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom, int prot, size_t pages,
			   const xen_pfn_t arr[], int err[]);
void *xenforeignmemory_map2(xenforeignmemory_handle *fmem, uint32_t dom, void *addr, int prot,
			    int flags, size_t pages, const xen_pfn_t arr[], int err[]);
int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr, size_t pages);

/* Only this domain from now on. */
int xenforeignmemory_restrict(xenforeignmemory_handle *fmem, domid_t domid);
typedef struct xenforeignmemory_resource_handle xenforeignmemory_resource_handle;

/*
 * Map frames of XENMEM_acquire_resource. *paddr: where to (0: anywhere), and where it is.
 * EOPNOTSUPP from kernels without it.
 */
xenforeignmemory_resource_handle *
xenforeignmemory_map_resource(xenforeignmemory_handle *fmem, domid_t domid, unsigned int type,
			      unsigned int id, unsigned long frame, unsigned long nr_frames,
			      void **paddr, int prot, int flags);
int xenforeignmemory_unmap_resource(xenforeignmemory_handle *fmem,
				    xenforeignmemory_resource_handle *fres);

/* Bytes of the whole resource. */
int xenforeignmemory_resource_size(xenforeignmemory_handle *fmem, domid_t domid, unsigned int type,
				   unsigned int id, size_t *size);
#endif
