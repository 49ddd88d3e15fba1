/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table: 24 bytes for each machine frame, and the reference counts that make page tables safe.
 *
 * count_info, one word so that owner check and reference are one compare-and-swap:
 *   63..48 owner domid   47..40 PGC flags   31..0 references (0: not allocated to anybody)
 * type_info, one word:
 *   63..60 type   59 validated   58 pinned   57 partial (validation or release was preempted)
 *   56..48 cursor: entries done when partial; for L1..L4 otherwise 0
 *   47..32 TLB stamp: low bits of the flush clock when the type count or the allocation last dropped to 0
 *   31..0  type references
 * A frame's type changes only while its type count is 0.  A partial frame keeps one type reference.
 * next/prev link frames by number in a domain's list, or in the heap's free lists.
 */
#ifndef HV_PAGE_H
#define HV_PAGE_H

#include <hv/compiler.h>
#include <hv/types.h>
#include <x86/layout.h>

struct domain;

struct page_info {
	u64 count_info;
	u64 type_info;
	u32 next, prev;		/* frame numbers; PAGE_LIST_NONE ends; d: owner's page_alloc_lock, or LOCK_HEAP */
};
_Static_assert(sizeof(struct page_info) == 24, "footprint target: at most 24 bytes a frame");
#define PAGE_LIST_NONE 0xffffffffU
#define frame_table ((struct page_info *)FRAME_TABLE_START)
extern u64 max_page;			/* one past the last frame that has a page_info */
/* RAM holes have count_info 0 and owner DOMID_INVALID. */

#define PGC_OWNER_SHIFT	48
#define PGC_ALLOCATED	BIT64(47)	/* the owner's own reference is still held */
#define PGC_HV		BIT64(46)	/* hypervisor memory; guests may only map it where it was shared */
#define PGC_UNCACHED	BIT64(45)	/* was mapped other than write-back: memory and caches may disagree */
#define PGC_NO_REFCOUNT	BIT64(44)	/* not in the owner's tot_pages */
#define PGC_FREE	BIT64(43)	/* in the heap */
#define PGC_SCRUB	BIT64(42)	/* in the heap and dirty */
#define PGC_NEED_FLUSH	BIT64(41)	/* in the heap, or will be: TLBs may still know it (see its stamp) */
#define PGC_COUNT_MASK	GENMASK(31, 0)
#define PGC_OWNER_MASK	GENMASK(63, 48)

#define PGT_NONE	(0ULL << 60)
#define PGT_L1		(1ULL << 60)
#define PGT_L2		(2ULL << 60)
#define PGT_L3		(3ULL << 60)
#define PGT_L4		(4ULL << 60)
#define PGT_SEGDESC	(5ULL << 60)	/* frame of a GDT or LDT */
#define PGT_SHARED	(6ULL << 60)	/* granted or foreign-owned special frame, never a page table */
#define PGT_WRITABLE	(7ULL << 60)
#define PGT_TYPE_MASK	GENMASK(63, 60)
#define PGT_VALIDATED	BIT64(59)
#define PGT_PINNED	BIT64(58)
#define PGT_PARTIAL	BIT64(57)
#define PGT_CURSOR_SHIFT 48
#define PGT_CURSOR_MASK	GENMASK(56, 48)
#define PGT_STAMP_SHIFT	32
#define PGT_STAMP_MASK	GENMASK(47, 32)
#define PGT_COUNT_MASK	GENMASK(31, 0)

/* Owners that are no domain. DOMID_INVALID marks holes, PAGE_OWNER_NONE free and hypervisor frames. */
#define PAGE_OWNER_HOLE	0x7ff4U
#define PAGE_OWNER_NONE	0x7ff3U

/*
 * Whether there is M2P space for the 1 GiB around @f (x86/pgtable.c).  The frame table has no gaps below
 * max_page: where there is no RAM its entries say so, and cannot be written.
 */
bool frame_chunk_valid(mfn_t f);
/* RAM that the hypervisor knows: it has a page_info and a place in the direct map. */
static inline bool mfn_valid(mfn_t f)
{
	return f.m < max_page && frame_table[f.m].count_info >> PGC_OWNER_SHIFT != PAGE_OWNER_HOLE;
}
static inline struct page_info *mfn_to_page(mfn_t f) { return &frame_table[f.m]; }
static inline mfn_t page_to_mfn(const struct page_info *pg) { return mfn((u64)(pg - frame_table)); }
static inline void *page_to_virt(const struct page_info *pg) { return mfn_to_virt(page_to_mfn(pg)); }
static inline struct page_info *virt_to_page(const void *v) { return mfn_to_page(virt_to_mfn(v)); }
static inline u16 page_owner_id(const struct page_info *pg) { return (u16)(READ_ONCE(pg->count_info) >> PGC_OWNER_SHIFT); }
struct domain *page_owner(const struct page_info *pg);	/* NULL for free, hypervisor-anonymous and holes */

/* Take a reference if @d owns the page (and it is allocated). Fails on overflow. */
bool get_page(struct page_info *pg, const struct domain *d) must_check;
void put_page(struct page_info *pg);
/* A reference more on a page that the caller already has one on; false on overflow. */
bool get_page_again(struct page_info *pg) must_check;
/*
 * Type references that need no validation: WRITABLE, SHARED, SEGDESC (checked), and L1 (bounded).  Page
 * tables above go through pv/mm.h, whose calls may be preempted.  0 or -EINVAL (in other use, overflow).
 */
int get_page_type(struct page_info *pg, u64 type) must_check;
void put_page_type(struct page_info *pg);
void put_page_and_type(struct page_info *pg);
/* For a frame the hypervisor shares with guests (shared_info, grant frames...): @d may map it, read-only or read-write. */
enum share_mode { SHARE_RW, SHARE_RO };
/* The page leaves the domain's list when the last mapping goes; the memory stays the hypervisor's. */
void share_hv_page_with_guest(void *page, struct domain *d, enum share_mode mode);
int unshare_hv_page_with_guest(void *page, struct domain *d);
/* The owner lets go of a shared page: it is freed when the last reference is put. */
void release_hv_page(void *page, struct domain *d);
/* Takes a RAM page that nobody else refers to from @d (referenced): anonymous afterwards. NULL if it is in use. */
struct page_info *steal_page(struct domain *d, mfn_t f);
/* XENMEM_exchange: as steal_page, but it still counts as the domain's until another is given in its place. */
struct page_info *page_take_counted(struct domain *d, mfn_t f);
void page_free_taken(struct page_info *pg);
/* False: @d dies; the pages went back to the heap and its count went down. */
bool page_give_counted(struct domain *d, struct page_info *pg, unsigned int order) must_check;
/* As above for anybody privileged (owner DOMID_XEN). */
void share_hv_page_with_privileged(void *page, enum share_mode mode);

/* A domain's list of frames, linked through page_info. */
struct page_list { u32 head, tail; u64 count; };
void page_list_init(struct page_list *l);
void page_list_add_tail(struct page_list *l, struct page_info *pg);
void page_list_del(struct page_list *l, struct page_info *pg);
struct page_info *page_list_first(const struct page_list *l);
struct page_info *page_list_next(const struct page_info *pg);
/* d's pages: the owner's reference dropped if it is still there, once. */
bool page_drop_allocated(struct page_info *pg);

/* Machine-to-physical table. */
#define m2p_rw ((u64 *)M2P_RW_START)
#define INVALID_M2P_ENTRY (~0ULL)
static inline void set_gpfn_from_mfn(mfn_t f, u64 pfn)
{
	if (f.m < max_page && frame_chunk_valid(f))
		m2p_rw[f.m] = pfn;
}
static inline u64 get_gpfn_from_mfn(mfn_t f)
{
	return f.m < max_page && frame_chunk_valid(f) ? m2p_rw[f.m] : INVALID_M2P_ENTRY;
}

#endif
