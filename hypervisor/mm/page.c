/* SPDX-License-Identifier: GPL-2.0-only */
/* References on frames, and who owns which. */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/page_ref.h>
#include <x86/flushtlb.h>
#include "mm.h"

static u64 owner_bits(const struct domain *d) { return (u64)d->id << PGC_OWNER_SHIFT; }

struct domain *page_owner(const struct page_info *pg)
{
	u16 id = page_owner_id(pg);

	return id == PAGE_OWNER_NONE || id == PAGE_OWNER_HOLE ? NULL : domain_by_id(id);
}

bool get_page(struct page_info *pg, const struct domain *d) { return page_ref_get(pg, d->id); }

bool get_page_again(struct page_info *pg)
{
	u64 x = READ_ONCE(pg->count_info);

	do {
		ASSERT_CHEAP(x & PGC_COUNT_MASK);
		if (unlikely(((x + 1) & PGC_COUNT_MASK) == 0))
			return false;
	} while (unlikely(!try_cmpxchg(&pg->count_info, &x, x + 1)));
	return true;
}

/* The last reference is gone. */
noinline_fn void page_last_put(struct page_info *pg)
{
	struct domain *d = page_owner(pg);

	ASSERT_CHEAP(d && ((pg->count_info & PGC_HV) || !(pg->type_info & (PGT_COUNT_MASK | PGT_PINNED))));
	free_domheap_pages(pg, 0);
}

void put_page(struct page_info *pg) { page_ref_put(pg); }

bool page_drop_allocated(struct page_info *pg)
{
	if (!(atomic_fetch_and(&pg->count_info, ~PGC_ALLOCATED) & PGC_ALLOCATED))
		return false;
	put_page(pg);
	return true;
}

void page_list_init(struct page_list *l) { *l = (struct page_list){ PAGE_LIST_NONE, PAGE_LIST_NONE, 0 }; }

void page_list_add_tail(struct page_list *l, struct page_info *pg)
{
	u32 frame = (u32)page_to_mfn(pg).m;

	pg->prev = l->tail;
	pg->next = PAGE_LIST_NONE;
	*(l->tail == PAGE_LIST_NONE ? &l->head : &frame_table[l->tail].next) = frame;
	l->tail = frame;
	l->count++;
}

void page_list_del(struct page_list *l, struct page_info *pg)
{
	*(pg->prev == PAGE_LIST_NONE ? &l->head : &frame_table[pg->prev].next) = pg->next;
	*(pg->next == PAGE_LIST_NONE ? &l->tail : &frame_table[pg->next].prev) = pg->prev;
	pg->next = pg->prev = PAGE_LIST_NONE;
	l->count--;
}

struct page_info *page_list_first(const struct page_list *l)
{
	return l->head == PAGE_LIST_NONE ? NULL : &frame_table[l->head];
}

struct page_info *page_list_next(const struct page_info *pg)
{
	return pg->next == PAGE_LIST_NONE ? NULL : &frame_table[pg->next];
}

/* Domains that own pages are kept: one reference for as long as any of their lists has one. */
static bool owns_pages(const struct domain *d) { return d->pages.count || d->hv_pages.count; }

static void list_add_locked(struct domain *d, struct page_list *l, struct page_info *pg)
{
	if (!owns_pages(d))
		atomic_inc(&d->refcnt);		/* the caller has one: it cannot be going */
	page_list_add_tail(l, pg);
}

int assign_pages(struct page_info *pg, unsigned int order, struct domain *d, unsigned int memflags)
{
	u64 nr = 1ULL << order;
	bool counted = !(memflags & MEMF_NO_REFCOUNT);
	int rc = 0;

	spin_lock(&d->page_alloc_lock);
	if (unlikely(d->dying)) {
		printk(LOG_G_INFO "d%u: no pages for a dying domain\n", d->id);
		rc = -EINVAL;
	} else if (counted && unlikely(d->tot_pages + nr > d->max_pages)) {
		rc = -E2BIG;
	} else {
		for (u64 i = 0; i < nr; i++) {
			ASSERT_CHEAP(!(pg[i].count_info & PGC_COUNT_MASK) && page_owner_id(&pg[i]) == PAGE_OWNER_NONE);
			pg[i].type_info &= PGT_STAMP_MASK;
			list_add_locked(d, &d->pages, &pg[i]);
			smp_wmb();
			WRITE_ONCE(pg[i].count_info, owner_bits(d) | PGC_ALLOCATED |
				   (counted ? 0 : PGC_NO_REFCOUNT) | 1);
		}
		if (counted)
			d->tot_pages += nr;
	}
	spin_unlock(&d->page_alloc_lock);
	return rc;
}

struct page_info *alloc_domheap_pages(struct domain *d, unsigned int order, unsigned int memflags)
{
	struct page_info *pg = heap_alloc(d, order, memflags);

	if (!pg || !d || (memflags & MEMF_NO_OWNER))
		return pg;
	if (assign_pages(pg, order, d, memflags)) {
		heap_free(pg, order, false);
		return NULL;
	}
	return pg;
}

/* On a shared hypervisor page, where PGC_SCRUB has no other meaning: its memory goes when the last mapping goes. */
#define PGC_HV_RELEASED PGC_SCRUB

/*
 * The page leaves its domain's list and, if @uncount, its total.  *keep: a shared hypervisor page that nobody
 * maps any more keeps its memory.  True: it was the last, the caller drops the domain's reference.
 */
static bool unlink_page(struct domain *d, struct page_info *pg, bool uncount, bool *keep)
{
	bool last;

	*keep = false;
	spin_lock(&d->page_alloc_lock);
	if (pg->count_info & PGC_HV) {
		*keep = !(pg->count_info & PGC_HV_RELEASED);
		page_list_del(&d->hv_pages, pg);
		pg->count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT | PGC_HV | PGC_NEED_FLUSH;
		pg->type_info = (u64)tlb_stamp() << PGT_STAMP_SHIFT;
	} else {
		page_list_del(&d->pages, pg);
		if (uncount && !(pg->count_info & PGC_NO_REFCOUNT))
			d->tot_pages--;
	}
	last = !owns_pages(d);
	spin_unlock(&d->page_alloc_lock);
	return last;
}

void free_domheap_pages(struct page_info *pg, unsigned int order)
{
	struct domain *d = page_owner(pg);
	bool last = false, keep;

	if (!d) {
		heap_free(pg, order, false);
		return;
	}
	for (u64 i = 0; i < 1ULL << order; i++) {
		last = unlink_page(d, &pg[i], true, &keep);
		if (!keep)
			heap_free(&pg[i], 0, true);
	}
	if (last)
		domain_put(d);
}

void share_hv_page_with_guest(void *page, struct domain *d, enum share_mode mode)
{
	struct page_info *pg = virt_to_page(page);

	if (page_owner_id(pg) == d->id && (pg->count_info & PGC_COUNT_MASK))
		return;
	ASSERT_CHEAP(page_owner_id(pg) == PAGE_OWNER_NONE);
	spin_lock(&d->page_alloc_lock);
	/* One type reference that stays keeps the frame in its class: writable, or neither that nor a table. */
	pg->type_info = (mode == SHARE_RW ? PGT_WRITABLE : PGT_SHARED) | PGT_VALIDATED | 1;
	set_gpfn_from_mfn(page_to_mfn(pg), INVALID_M2P_ENTRY);
	if (d->dying) {
		pg->count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT | PGC_HV;
	} else {
		list_add_locked(d, &d->hv_pages, pg);
		smp_wmb();
		/* From now on TLBs may know it, whatever becomes of it. */
		WRITE_ONCE(pg->count_info, owner_bits(d) | PGC_ALLOCATED | PGC_HV | PGC_NEED_FLUSH | 1);
	}
	spin_unlock(&d->page_alloc_lock);
}

int unshare_hv_page_with_guest(void *page, struct domain *d)
{
	struct page_info *pg = virt_to_page(page);
	u64 only_ours = owner_bits(d) | PGC_ALLOCATED | PGC_HV | PGC_NEED_FLUSH | 1;

	if (page_owner_id(pg) == PAGE_OWNER_NONE)
		return 0;
	if (!try_cmpxchg(&pg->count_info, &only_ours, owner_bits(d) | PGC_HV | PGC_NEED_FLUSH))
		return -EBUSY;
	page_last_put(pg);
	return 0;
}

void release_hv_page(void *page, struct domain *d)
{
	struct page_info *pg = virt_to_page(page);
	bool theirs;

	spin_lock(&d->page_alloc_lock);		/* against whoever puts the last reference just now */
	theirs = page_owner_id(pg) == d->id;
	if (theirs)
		atomic_fetch_or(&pg->count_info, PGC_HV_RELEASED);
	spin_unlock(&d->page_alloc_lock);
	if (theirs)
		page_drop_allocated(pg);
	else
		free_hv_page(page);
}

/* A page that only its owner's own reference holds; NULL if there are others. */
static struct page_info *take_page(struct domain *d, mfn_t f, bool uncount)
{
	struct page_info *pg = mfn_to_page(f);
	u64 x, uncached;
	bool last, keep;

	if (!mfn_valid(f))
		return NULL;
	x = READ_ONCE(pg->count_info);
	do {
		uncached = x & PGC_UNCACHED;
		if (x != (owner_bits(d) | PGC_ALLOCATED | uncached | 1))
			return NULL;
	} while (!try_cmpxchg(&pg->count_info, &x, owner_bits(d)));
	ASSERT_CHEAP(!(pg->type_info & (PGT_COUNT_MASK | PGT_PINNED)));
	last = unlink_page(d, pg, uncount, &keep);
	pg->count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT | uncached;
	pg->type_info = (u64)tlb_stamp() << PGT_STAMP_SHIFT;
	if (last)
		domain_put(d);
	return pg;
}

struct page_info *steal_page(struct domain *d, mfn_t f)
{
	struct page_info *pg = take_page(d, f, true);

	/* Read-only mappings that went may still be in TLBs, and left no stamp. */
	if (pg && !cpumask_empty(&d->dirty_cpus))
		flush_tlb_mask(&d->dirty_cpus);
	if (pg && (pg->count_info & PGC_UNCACHED)) {
		pg->count_info &= ~PGC_UNCACHED;
		flush_cache_page(page_to_virt(pg));
	}
	return pg;
}

struct page_info *page_take_counted(struct domain *d, mfn_t f) { return take_page(d, f, false); }

void page_free_taken(struct page_info *pg) { heap_free(pg, 0, true); }

bool page_give_counted(struct domain *d, struct page_info *pg, unsigned int order)
{
	u64 nr = 1ULL << order;
	bool ok;

	spin_lock(&d->page_alloc_lock);
	ok = !d->dying;
	for (u64 i = 0; ok && i < nr; i++) {
		pg[i].type_info &= PGT_STAMP_MASK;
		list_add_locked(d, &d->pages, &pg[i]);
		smp_wmb();
		WRITE_ONCE(pg[i].count_info, owner_bits(d) | PGC_ALLOCATED | (pg[i].count_info & PGC_UNCACHED) | 1);
	}
	if (!ok)
		d->tot_pages -= nr;
	spin_unlock(&d->page_alloc_lock);
	if (!ok)
		heap_free(pg, order, true);
	return ok;
}

/* The special owner never dies and is never asked for a list of its pages. */
void share_hv_page_with_privileged(void *page, enum share_mode mode)
{
	struct page_info *pg = virt_to_page(page);

	pg->type_info = (mode == SHARE_RW ? PGT_WRITABLE : PGT_SHARED) | PGT_VALIDATED | 1;
	smp_wmb();
	WRITE_ONCE(pg->count_info, (u64)DOMID_XEN << PGC_OWNER_SHIFT | PGC_ALLOCATED | PGC_HV | 1);
}
