/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/lib.h>
#include "heap_core.h"

#define NONE PAGE_LIST_NONE

static struct page_info *chunk(u64 frame) { return &frame_table[frame]; }
static unsigned int chunk_order(const struct page_info *pg) { return pg->type_info & CHUNK_ORDER_MASK; }
static bool chunk_dirty(const struct page_info *pg) { return pg->type_info & CHUNK_DIRTY; }

static void chunk_set(struct page_info *pg, u64 state)
{
	pg->type_info = (pg->type_info & PGT_STAMP_MASK) | state;
}

void heap_node_init(struct heap *h, unsigned int node, struct heap_node *n)
{
	memset(n, 0, sizeof(*n));
	for (unsigned int z = 0; z < HEAP_ZONES; z++)
		for (unsigned int o = 0; o < HEAP_ORDERS; o++)
			n->list[z][o] = (struct heap_list){ NONE, NONE };
	h->node[node] = n;
}

/* Clean chunks go to the head, dirty ones to the tail: allocation prefers the former. */
static void list_insert(struct heap_list *l, u32 frame)
{
	struct page_info *pg = chunk(frame);

	if (chunk_dirty(pg)) {
		pg->prev = l->tail;
		pg->next = NONE;
		*(l->tail == NONE ? &l->head : &chunk(l->tail)->next) = frame;
		l->tail = frame;
	} else {
		pg->next = l->head;
		pg->prev = NONE;
		*(l->head == NONE ? &l->tail : &chunk(l->head)->prev) = frame;
		l->head = frame;
	}
}

static void list_remove(struct heap_list *l, u32 frame)
{
	struct page_info *pg = chunk(frame);

	*(pg->prev == NONE ? &l->head : &chunk(pg->prev)->next) = pg->next;
	*(pg->next == NONE ? &l->tail : &chunk(pg->next)->prev) = pg->prev;
	pg->next = pg->prev = NONE;
}

static void count(struct heap *h, struct heap_node *n, unsigned int zone, unsigned int order, bool dirty, int sign)
{
	u64 nr = (u64)(sign * (1LL << order));

	n->zone_pages[zone] += nr;
	n->pages += nr;
	h->pages += nr;
	if (dirty) {
		n->dirty += nr;
		h->dirty += nr;
	}
}

/*
 * A free chunk of exactly this state, order and node at @frame?  Clean and dirty ones stay apart until the
 * latter are scrubbed, so the frames of a chunk are all of one sort.
 */
static bool is_buddy(u64 frame, unsigned int zone, u64 state)
{
	return heap_zone(frame) == zone && frame < max_page && frame_chunk_valid(mfn(frame)) &&
	       (chunk(frame)->count_info & PGC_FREE) && (chunk(frame)->type_info & PGT_COUNT_MASK) == state;
}

/* A chunk whose frames say that they are free: into the lists, as one with its buddies. */
static void put(struct heap *h, u64 frame, unsigned int order, unsigned int node)
{
	struct heap_node *n = h->node[node];
	unsigned int zone = heap_zone(frame);
	bool dirty = chunk(frame)->count_info & PGC_SCRUB;
	u64 state = CHUNK_HEAD | (dirty ? CHUNK_DIRTY : 0) | (u64)node << CHUNK_NODE_SHIFT;

	count(h, n, zone, order, dirty, 1);
	while (order < HEAP_MAX_ORDER && is_buddy(frame ^ 1ULL << order, zone, state | order)) {
		u64 buddy = frame ^ 1ULL << order;

		list_remove(&n->list[zone][order], (u32)buddy);
		chunk_set(chunk(buddy), 0);
		frame &= ~(1ULL << order);
		order++;
	}
	chunk_set(chunk(frame), state | order);
	list_insert(&n->list[zone][order], (u32)frame);
}

void heap_core_free(struct heap *h, u64 frame, unsigned int order, unsigned int node)
{
	ASSERT_CHEAP(frame && IS_ALIGNED(frame, 1ULL << order) && order <= HEAP_MAX_ORDER);
	for (u64 i = 0; i < 1ULL << order; i++) {
		struct page_info *pg = chunk(frame + i);

		ASSERT_CHEAP(!(pg->count_info & PGC_FREE));
		ASSERT(!(pg->count_info & PGC_SCRUB) == !(chunk(frame)->count_info & PGC_SCRUB));
		pg->count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT | PGC_FREE |
				 (pg->count_info & (PGC_SCRUB | PGC_NEED_FLUSH));
		chunk_set(pg, 0);
		pg->next = pg->prev = NONE;
	}
	put(h, frame, order, node);
}

void heap_core_add_range(struct heap *h, u64 frame, u64 nr, unsigned int node)
{
	/* Whoever ran before us may have left secrets in it. */
	for (u64 i = 0; i < nr; i++)
		*chunk(frame + i) = (struct page_info){
			.count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT | PGC_FREE | PGC_SCRUB,
			.next = NONE, .prev = NONE };
	while (nr) {
		unsigned int order = (unsigned int)__builtin_ctzll(frame);

		if (order > HEAP_MAX_ORDER)
			order = HEAP_MAX_ORDER;
		while (1ULL << order > nr)
			order--;
		put(h, frame, order, node);
		frame += 1ULL << order;
		nr -= 1ULL << order;
	}
}

/* Takes the chunk at @frame off its list and gives back what is above @order. */
static void split_to(struct heap *h, struct heap_node *n, u64 frame, unsigned int order)
{
	struct page_info *pg = chunk(frame);
	unsigned int zone = heap_zone(frame), from = chunk_order(pg);
	u64 state = pg->type_info & (CHUNK_HEAD | CHUNK_DIRTY | CHUNK_NODE_MASK);

	list_remove(&n->list[zone][from], (u32)frame);
	while (from > order) {
		u64 half = frame + (1ULL << --from);

		chunk_set(chunk(half), state | from);
		list_insert(&n->list[zone][from], (u32)half);
	}
	count(h, n, zone, order, state & CHUNK_DIRTY, -1);
	chunk_set(pg, 0);
}

bool heap_core_alloc(struct heap *h, unsigned int order, unsigned int zone, unsigned int node, u64 *frame)
{
	struct heap_node *n = h->node[node];

	if (!n || order > HEAP_MAX_ORDER || n->pages < 1ULL << order)
		return false;
	for (unsigned int z = zone; z > order; z--) {	/* zone z holds frames of z bits: chunks below order z */
		if (n->zone_pages[z] < 1ULL << order)
			continue;
		for (unsigned int o = order; o < HEAP_ORDERS; o++) {
			u32 head = n->list[z][o].head;

			if (head == NONE)
				continue;
			split_to(h, n, head, order);
			for (u64 i = 0; i < 1ULL << order; i++)
				chunk((u64)head + i)->count_info &= ~PGC_FREE;
			*frame = head;
			return true;
		}
	}
	return false;
}

bool heap_core_take_dirty(struct heap *h, unsigned int node, unsigned int max_order, u64 *frame,
			  unsigned int *order)
{
	struct heap_node *n = h->node[node];

	if (!n || !n->dirty)
		return false;
	for (unsigned int z = HEAP_ZONES; z-- > 0;)
		for (unsigned int o = HEAP_ORDERS; n->zone_pages[z] && o-- > 0;) {
			u32 tail = n->list[z][o].tail;

			if (tail == NONE || !chunk_dirty(chunk(tail)))
				continue;
			*order = min(o, max_order);
			*frame = tail;
			split_to(h, n, tail, *order);
			for (u64 i = 0; i < 1ULL << *order; i++)
				chunk((u64)tail + i)->count_info &= ~PGC_FREE;
			return true;
		}
	return false;
}
