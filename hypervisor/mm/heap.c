/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's page heap: locking, claims, TLB flushes and scrubbing around the buddy core. */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <hv/nodemask.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include "heap_core.h"
#include "mm.h"

#define SCRUB_ORDER 4			/* frames cleaned by one turn of the idle loop: 2^4 */

static struct heap heap;
static struct heap_node node0;
static spinlock_t heap_lock = SPINLOCK_INIT(LOCK_HEAP);
static u64 claimed;			/* sum of outstanding claims; heap_lock */
static u64 scrubbing;			/* free, but out of the lists while they are wiped; heap_lock */

void heap_add_range(mfn_t start, u64 nr, unsigned int node)
{
	if (!start.m && nr) {
		start.m++;
		nr--;
	}
	if (!nr)
		return;
	if (!heap.node[node] && node == 0)
		heap_node_init(&heap, 0, &node0);
	if (!heap.node[node]) {		/* the lists of a node live in its own memory */
		u64 pages = (sizeof(struct heap_node) + PAGE_SIZE - 1) >> PAGE_SHIFT;

		if (nr <= pages)
			return;
		for (u64 i = 0; i < pages; i++)
			frame_table[start.m + i].count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT | PGC_HV;
		heap_node_init(&heap, node, mfn_to_virt(start));
		start.m += pages;
		nr -= pages;
	}
	spin_lock(&heap_lock);
	heap_core_add_range(&heap, start.m, nr, node);
	spin_unlock(&heap_lock);
}

u64 heap_free_pages(void)
{
	u64 n;

	spin_lock(&heap_lock);
	n = heap.pages + scrubbing;
	spin_unlock(&heap_lock);
	return n;
}
u64 heap_free_pages_node(unsigned int node)
{
	return node < MAX_NODES && heap.node[node] ? READ_ONCE(heap.node[node]->pages) : 0;
}
u64 heap_scrub_pages(void) { return READ_ONCE(heap.dirty); }
u64 heap_outstanding_claims(void) { return READ_ONCE(claimed); }

/* Nodes in order of preference: the asked one, the domain's, this CPU's, then all. */
static bool take(const struct domain *d, unsigned int order, unsigned int memflags, u64 *frame)
{
	unsigned int zone = MEMF_GET_BITS(memflags) ? heap_zone_of_bits(MEMF_GET_BITS(memflags)) : HEAP_ZONES - 1;
	unsigned int node = MEMF_GET_NODE(memflags), first;
	nodeid_mask_t mask = d && d->node_affinity ? d->node_affinity : ~0ULL;

	if (node < MAX_NODES) {
		if (heap_core_alloc(&heap, order, zone, node, frame))
			return true;
		if (memflags & MEMF_EXACT_NODE)
			return false;
	}
	first = nr_nodes > 1 ? cpu_to_node(smp_processor_id()) : 0;
	if (first >= MAX_NODES || !(mask & BIT64(first)))
		first = mask ? ffs64(mask) - 1 : 0;
	if (heap_core_alloc(&heap, order, zone, first, frame))
		return true;
	for (unsigned int pass = 0; pass < 2; pass++)
		for (unsigned int n = 0; n < MAX_NODES; n++)
			if (heap.node[n] && !!(mask & BIT64(n)) == !pass && n != first &&
			    heap_core_alloc(&heap, order, zone, n, frame))
				return true;
	return false;
}

/* What TLBs may still know of the frames is flushed. */
static void forget(struct page_info *pg, u64 nr)
{
	cpumask_t mask;
	bool flush = false;
	u16 stamp = 0, clock = tlb_stamp();

	for (u64 i = 0; i < nr; i++) {
		u16 s = (u16)((pg[i].type_info & PGT_STAMP_MASK) >> PGT_STAMP_SHIFT);

		if (!(pg[i].count_info & PGC_NEED_FLUSH))
			continue;
		if (!flush || (u16)(clock - s) < (u16)(clock - stamp))
			stamp = s;
		flush = true;
		pg[i].count_info &= ~PGC_NEED_FLUSH;
	}
	if (!flush)
		return;
	mask = cpu_online_map;
	tlb_filter(&mask, stamp);
	if (!cpumask_empty(&mask))
		flush_tlb_mask(&mask);
}

/* Nobody reaches the frames any more; what they hold is wiped unless the caller overwrites it. */
static void make_safe(struct page_info *pg, u64 nr, unsigned int memflags)
{
	forget(pg, nr);
	for (u64 i = 0; i < nr; i++) {
		if ((pg[i].count_info & PGC_SCRUB) && !(memflags & MEMF_NO_SCRUB))
			clear_page(page_to_virt(&pg[i]));
		pg[i].count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT;
		pg[i].type_info &= PGT_STAMP_MASK;
		pg[i].next = pg[i].prev = PAGE_LIST_NONE;
	}
}

struct page_info *heap_alloc(struct domain *d, unsigned int order, unsigned int memflags)
{
	u64 frame, nr = 1ULL << order, mine;
	bool ok;

	if (order > HEAP_MAX_ORDER || alloc_fails())
		return NULL;
	spin_lock(&heap_lock);
	mine = d ? d->outstanding_claim : 0;
	/* Memory that others claimed is not there. */
	ok = heap.pages >= nr && heap.pages - nr >= claimed - min(mine, claimed);
	ok = ok && take(d, order, memflags, &frame);
	if (ok && d && mine && !(memflags & MEMF_NO_REFCOUNT)) {
		u64 used = min(nr, mine);

		d->outstanding_claim -= used;
		claimed -= used;
	}
	spin_unlock(&heap_lock);
	if (!ok)
		return NULL;
	make_safe(&frame_table[frame], nr, memflags);
	return &frame_table[frame];
}

void heap_free(struct page_info *pg, unsigned int order, bool was_guest)
{
	u64 frame = page_to_mfn(pg).m;
	u64 flags = PGC_SCRUB | (was_guest ? PGC_NEED_FLUSH : 0);
	u64 stamp = (u64)tlb_stamp() << PGT_STAMP_SHIFT;

	for (u64 i = 0; i < 1ULL << order; i++) {
		ASSERT_CHEAP(!(pg[i].count_info & (PGC_COUNT_MASK | PGC_FREE)));
		pg[i].count_info = (pg[i].count_info & PGC_NEED_FLUSH) | flags;
		pg[i].type_info = stamp;
	}
	spin_lock(&heap_lock);
	heap_core_free(&heap, frame, order, nr_nodes > 1 ? mfn_to_node(mfn(frame)) : 0);
	spin_unlock(&heap_lock);
}

/* XENMEM_claim_pages: @pages counts what d has already. */
int heap_set_claim(struct domain *d, u64 pages)
{
	int rc = 0;
	u64 want;

	spin_lock(&d->page_alloc_lock);
	spin_lock(&heap_lock);
	claimed -= d->outstanding_claim;
	want = pages > d->tot_pages ? pages - d->tot_pages : 0;
	if (!pages) {
		d->outstanding_claim = 0;
	} else if (d->outstanding_claim) {
		claimed += d->outstanding_claim;
		rc = -EINVAL;			/* one claim at a time: drop it first */
	} else if (d->dying || pages <= d->tot_pages || pages > d->max_pages) {
		rc = -EINVAL;
	} else if (heap.pages < claimed || want > heap.pages - claimed) {
		rc = -ENOMEM;
	} else {
		d->outstanding_claim = want;
		claimed += want;
	}
	spin_unlock(&heap_lock);
	spin_unlock(&d->page_alloc_lock);
	return rc;
}

void heap_scrub_some(void)
{
	unsigned int order, node = nr_nodes > 1 ? cpu_to_node(smp_processor_id()) : 0;
	u64 frame;
	bool found;

	if (!READ_ONCE(heap.dirty) || !spin_trylock(&heap_lock))
		return;
	found = heap_core_take_dirty(&heap, node, SCRUB_ORDER, &frame, &order);
	for (unsigned int n = 0; !found && n < MAX_NODES; n++)
		if (heap_core_take_dirty(&heap, n, SCRUB_ORDER, &frame, &order)) {
			found = true;
			node = n;
		}
	if (found)
		scrubbing += 1ULL << order;
	spin_unlock(&heap_lock);
	if (!found)
		return;
	forget(&frame_table[frame], 1ULL << order);	/* or they could be written to again */
	for (u64 i = 0; i < 1ULL << order; i++) {
		struct page_info *pg = &frame_table[frame + i];

		if (pg->count_info & PGC_SCRUB)
			clear_page(page_to_virt(pg));
		pg->count_info &= ~PGC_SCRUB;
	}
	spin_lock(&heap_lock);
	heap_core_free(&heap, frame, order, node);
	scrubbing -= 1ULL << order;
	spin_unlock(&heap_lock);
}

static void *alloc_hv(unsigned int order, unsigned int memflags)
{
	struct page_info *pg = heap_alloc(NULL, order, memflags);

	if (!pg)
		return NULL;
	for (u64 i = 0; i < 1ULL << order; i++)
		pg[i].count_info |= PGC_HV;
	return page_to_virt(pg);
}

void *alloc_hv_pages(unsigned int order, unsigned int memflags)
{
	/* Contents are the caller's business: nothing of a guest's reaches anybody through them. */
	return alloc_hv(order, memflags | MEMF_NO_SCRUB);
}

void free_hv_pages(void *v, unsigned int order)
{
	if (v)
		heap_free(virt_to_page(v), order, false);
}

void *alloc_hv_page(void)
{
	void *v = alloc_hv_pages(0, 0);

	if (v)
		clear_page(v);
	return v;
}

void free_hv_page(void *v) { free_hv_pages(v, 0); }
