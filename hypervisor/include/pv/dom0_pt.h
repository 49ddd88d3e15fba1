/* SPDX-License-Identifier: GPL-2.0-only */
/* Domain 0's frames while it is built, and its first page tables. */
#ifndef PV_DOM0_PT_H
#define PV_DOM0_PT_H

#include <hv/page.h>
#include <pv/dom0.h>

/* Pseudo-physical to machine frames: runs of consecutive frames, in order of pseudo-physical numbers. */
struct frame_run { u64 pfn, nr, mfn; };
struct frame_map {
	struct frame_run *run;
	u32 nr, room;
	u64 nr_pages;
};
bool frame_map_init(struct frame_map *m, u64 nr_pages) must_check;
bool frame_map_add(struct frame_map *m, mfn_t first, u64 nr) must_check;	/* appends */
mfn_t frame_map_get(const struct frame_map *m, u64 pfn);
void frame_map_free(struct frame_map *m);

/* Takes tables from the layout's table frames, which the caller has zeroed. */
struct pt_builder {
	const struct frame_map *frames;
	const struct dom0_layout *l;
	u64 next;		/* next table's pfn */
	u64 *root;
};
void pt_builder_start(struct pt_builder *b);
/* Maps @nr pages from @pfn on at @va: user-accessible, writable unless they are the tables themselves. */
void pt_builder_map(struct pt_builder *b, u64 va, u64 pfn, u64 nr);

#endif
