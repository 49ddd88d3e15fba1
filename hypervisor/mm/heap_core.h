/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The buddy allocator proper: no locks, no hardware; its state is a parameter.
 *
 * A free chunk of 2^order frames is described by its first frame's page_info: count_info has PGC_FREE,
 * next/prev link it into the list of its node, zone and order, and the type count holds CHUNK_* below.  The
 * TLB stamp of each free frame stays in its type_info, and PGC_SCRUB, PGC_NEED_FLUSH in its count_info.
 * A zone is an address width: frame numbers with the same highest bit; chunks never span two.
 */
#ifndef MM_HEAP_CORE_H
#define MM_HEAP_CORE_H

#include <hv/nodemask.h>
#include <hv/page.h>

#define HEAP_MAX_ORDER	18			/* 1 GiB */
#define HEAP_ORDERS	(HEAP_MAX_ORDER + 1)
#define HEAP_ZONES	33			/* page_info links are 32-bit frame numbers */

#define CHUNK_HEAD	BIT64(31)		/* first frame of a free chunk */
#define CHUNK_DIRTY	BIT64(30)		/* all its frames have PGC_SCRUB; else none has */
#define CHUNK_NODE_SHIFT 8
#define CHUNK_NODE_MASK	GENMASK(15, 8)
#define CHUNK_ORDER_MASK GENMASK(7, 0)

struct heap_list { u32 head, tail; };
struct heap_node {
	struct heap_list list[HEAP_ZONES][HEAP_ORDERS];
	u64 zone_pages[HEAP_ZONES];
	u64 pages, dirty;			/* free frames; those of them to scrub */
};
struct heap {
	struct heap_node *node[MAX_NODES];
	u64 pages, dirty;
};

static inline unsigned int heap_zone(u64 frame)
{
	return frame ? 64U - (unsigned int)__builtin_clzll(frame) : 0;
}
/* Zone of the highest frame below 2^bits bytes. */
static inline unsigned int heap_zone_of_bits(unsigned int bits)
{
	return bits <= PAGE_SHIFT ? 0 : bits - PAGE_SHIFT > HEAP_ZONES - 1 ? HEAP_ZONES - 1 : bits - PAGE_SHIFT;
}

void heap_node_init(struct heap *h, unsigned int node, struct heap_node *n);
/*
 * Gives 2^order frames, aligned, to the heap; frames keep their PGC_SCRUB (all or none of them) and
 * PGC_NEED_FLUSH.
 */
void heap_core_free(struct heap *h, u64 frame, unsigned int order, unsigned int node);
/* Any run of frames but frame 0 (in no zone that a chunk could share), of which nothing was known: they are to be scrubbed. */
void heap_core_add_range(struct heap *h, u64 frame, u64 nr, unsigned int node);
/* Takes 2^order frames of @node at or below @zone; false: none. Flags of the frames are left for the caller. */
bool heap_core_alloc(struct heap *h, unsigned int order, unsigned int zone, unsigned int node, u64 *frame);
/* Takes a chunk with dirty frames out for scrubbing, at most @order large; false: all is clean. */
bool heap_core_take_dirty(struct heap *h, unsigned int node, unsigned int max_order, u64 *frame,
			  unsigned int *order);

#endif
