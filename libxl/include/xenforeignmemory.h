/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenforeignmemory: other domains' memory, mapped through /dev/xen/privcmd.
 *
 * Functions return 0 or a pointer; -1 or NULL with errno when they fail. Pages are of 4096 bytes. Frames are the
 * domain's own numbers (of PV domains, machine frames). ESRCH: no such domain; EPERM: not for this one. Mappings keep
 * pages from going away, and a domain that has died stays a zombie until the last is undone.
 */
#ifndef XENFOREIGNMEMORY_H
#define XENFOREIGNMEMORY_H
#include <stdint.h>
#include <stddef.h>
#include <xen/xen.h>
struct xentoollog_logger;
typedef struct xenforeignmemory_handle xenforeignmemory_handle;

/* logger: where failures are told, NULL for stderr. open_flags must be 0. The descriptor is close-on-exec. */
xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger,
					       unsigned open_flags);

/* What is mapped stays so. NULL is allowed. */
int xenforeignmemory_close(xenforeignmemory_handle *fmem);

/*
 * Maps frames arr[] of dom side by side; prot as for mmap(). err NULL: any frame that cannot be mapped fails the
 * whole, with its errno. Else err[i] is 0 or a negative errno for each, the call succeeds, and a touch of a page that
 * failed is SIGBUS. Frames that are paged out are waited for.
 */
void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom, int prot, size_t pages,
			   const xen_pfn_t arr[], int err[]);

/* The same at or near addr (NULL: anywhere), with flags of mmap() beside MAP_SHARED. */
void *xenforeignmemory_map2(xenforeignmemory_handle *fmem, uint32_t dom, void *addr, int prot,
			    int flags, size_t pages, const xen_pfn_t arr[], int err[]);

/* Undoes a mapping, or whole pages of one. */
int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr, size_t pages);

/* Only this domain's memory from now on. There is no way back. */
int xenforeignmemory_restrict(xenforeignmemory_handle *fmem, domid_t domid);
typedef struct xenforeignmemory_resource_handle xenforeignmemory_resource_handle;

/*
 * Maps nr_frames frames of a resource (XENMEM_resource_ of public/memory.h, such as a domain's grant table) from frame
 * on. *paddr: where to (NULL: anywhere), and then where it is. flags: 0 or MAP_SHARED. EOPNOTSUPP: the kernel cannot.
 */
xenforeignmemory_resource_handle *
xenforeignmemory_map_resource(xenforeignmemory_handle *fmem, domid_t domid, unsigned int type,
			      unsigned int id, unsigned long frame, unsigned long nr_frames,
			      void **paddr, int prot, int flags);

/* Undoes it and frees the handle. NULL is allowed. */
int xenforeignmemory_unmap_resource(xenforeignmemory_handle *fmem,
				    xenforeignmemory_resource_handle *fres);

/* *size: bytes of the whole resource. */
int xenforeignmemory_resource_size(xenforeignmemory_handle *fmem, domid_t domid, unsigned int type,
				   unsigned int id, size_t *size);
#endif
