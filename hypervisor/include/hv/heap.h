/* SPDX-License-Identifier: GPL-2.0-only */
/* Page heap (mm/heap.c: pure buddy core by node and address width) and the small-object pool (mm/pool.c). */
#ifndef HV_HEAP_H
#define HV_HEAP_H

#include <hv/compiler.h>
#include <hv/types.h>

struct page_info;
struct domain;

#define MEMF_NO_OWNER	(1U << 0)	/* anonymous: belongs to the hypervisor */
#define MEMF_NO_REFCOUNT (1U << 1)	/* owned but not counted in tot_pages */
#define MEMF_NO_SCRUB	(1U << 2)	/* caller overwrites all of it */
#define MEMF_EXACT_NODE	(1U << 3)
#define MEMF_POPULATE_ON_DEMAND (1U << 4)
#define MEMF_NODE(n)	((((n) + 1U) & 0xffU) << 8)
#define MEMF_GET_NODE(f) ((((f) >> 8) & 0xffU) - 1U)		/* ~0U: any */
#define MEMF_BITS(n)	((n) << 24)				/* address width limit, 0 none */
#define MEMF_GET_BITS(f) ((f) >> 24)

/* 2^order contiguous frames of hypervisor memory, not zeroed unless stated; NULL when out of memory. */
void *alloc_hv_pages(unsigned int order, unsigned int memflags);
void free_hv_pages(void *v, unsigned int order);
void *alloc_hv_page(void);	/* one zeroed page */
void free_hv_page(void *v);

/* Small objects: zeroed, 16-byte aligned (64 from 64 bytes up), at any size. NULL when out of memory. */
void *hv_zalloc(size_t size);
void hv_free(void *p);
#define hv_new(type) ((type *)hv_zalloc(sizeof(type)))
#define hv_new_array(type, n) ((type *)hv_zalloc_array(sizeof(type), n))
void *hv_zalloc_array(size_t size, size_t n);	/* checks the product */

/*
 * Pages for @d (or MEMF_NO_OWNER): accounting and claims. All of a guest's are zeros at first, which libxenguest relies on
 * when it restores.
 */
struct page_info *alloc_domheap_pages(struct domain *d, unsigned int order, unsigned int memflags);
void free_domheap_pages(struct page_info *pg, unsigned int order);
/* Give anonymous pages to a domain / checks max_pages unless MEMF_NO_REFCOUNT; 0 or -errno. */
int assign_pages(struct page_info *pg, unsigned int order, struct domain *d, unsigned int memflags);

/* Boot: hand a range of machine memory to the heap; then no more boot allocator. */
void heap_add_range(mfn_t start, u64 nr, unsigned int node);
u64 heap_free_pages(void);
u64 heap_free_pages_node(unsigned int node);	/* physinfo, numainfo */
u64 heap_scrub_pages(void);			/* free but not yet scrubbed */
u64 heap_outstanding_claims(void);
/* XENMEM_claim_pages: sets d's claim to @pages in all, 0 drops it (also when d dies). */
int heap_set_claim(struct domain *d, u64 pages);
void heap_scrub_some(void);			/* idle loop: background scrubbing, returns quickly */

/* Debug builds: true when this allocation is to fail as a test asked (mm/alloc_fail.c). */
extern u32 alloc_fail_in;
bool alloc_fail_now(void);
#define alloc_fails() (IS_ENABLED(HV_DEBUG) && unlikely(alloc_fail_now()))

/* Mappings in the vmap area. vmap maps scattered frames; ioremap maps device memory uncached. */
void *vmap(const mfn_t *frames, unsigned int nr);
void vunmap(void *v);
void *ioremap(paddr_t pa, size_t len);
void iounmap(void *v);

#endif
