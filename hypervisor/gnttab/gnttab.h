/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables.
 *
 * What the guest writes (shared entries, grant_table.h of the public headers) is only a wish; what holds is
 * the active entry beside it: who has it mapped or pinned, and how often.  An active entry with a pin keeps
 * one existence reference on its frame, and a WRITABLE type reference while a writer is among the pins.
 * The mapping domain remembers each mapping in its maptrack table, the handle being the index.
 *
 * A shared entry may change under our feet at any time: it is read once, checked, and claimed with one
 * compare-and-swap (version 1) or status store and re-check (version 2).
 *
 * Lock: one for each table (LOCK_GRANT), guarding active entries, maptrack and sizes.  Never two at once: an
 * operation works on its own domain's maptrack first, then on the granter's entries.
 */
#ifndef GNTTAB_GNTTAB_H
#define GNTTAB_GNTTAB_H

#include <hv/domain.h>
#include <hv/grant.h>
#include <hv/hypercall.h>
#include <hv/page.h>
#include <hv/spinlock.h>
#include <public/grant_table.h>

#define GNT_V1_PER_FRAME (PAGE_SIZE / sizeof(grant_entry_v1_t))
#define GNT_V2_PER_FRAME (PAGE_SIZE / sizeof(grant_entry_v2_t))
#define GNT_STATUS_PER_FRAME (PAGE_SIZE / sizeof(grant_status_t))

struct active_grant {
	u64 frame;		/* mfn while pinned */
	u32 readers, writers;	/* pins by kind */
	u16 domid;		/* who pinned it */
	u16 start, length;	/* sub-page bounds for copies; whole page: 0, PAGE_SIZE */
	u16 trans_domid;	/* transitive: DOMID_INVALID if not */
	u32 trans_ref;
	u32 spare;
};
_Static_assert(sizeof(struct active_grant) == 32, "128 to a page");
#define ACTIVE_PER_BLOCK (PAGE_SIZE / sizeof(struct active_grant))

struct maptrack {
	u32 ref;		/* free entries: index of the next free one */
	u16 domid;
	u16 flags;		/* GNTMAP_{device_map,host_map,readonly,contains_pte,application_map}; 0: free */
};
#define MAPTRACK_PER_BLOCK (PAGE_SIZE / sizeof(struct maptrack))
#define MAPTRACK_END (~0U)

struct grant_table {
	spinlock_t lock;
	struct domain *domain;
	u32 version;			/* 1 or 2 */
	u32 nr_frames, max_frames;
	u32 nr_status;
	void **shared;			/* max_frames pointers */
	void **status;			/* as many as version 2 could need */
	u32 nr_active_blocks;		/* room in active[] */
	struct active_grant **active;	/* blocks, made when first pinned */
	u32 max_maptrack_blocks, nr_maptrack_blocks;
	struct maptrack **maptrack;
	u32 maptrack_free;		/* head of the free list */
	u32 mapped;			/* maptrack entries in use */
	u32 relinquish_cursor;
};

/* table.c; all with the lock held */
static inline u32 gnt_nr_entries(const struct grant_table *t)
{
	return t->nr_frames * (u32)(t->version == 2 ? GNT_V2_PER_FRAME : GNT_V1_PER_FRAME);
}
bool gnt_grow(struct grant_table *t, u32 nr_frames);
struct active_grant *gnt_new_block(struct grant_table *t, u32 ref);
/* The same for a pin by @who, whom the entry has to name. */
struct active_grant *gnt_new_block_for(struct grant_table *t, u32 ref, u16 who);
static inline struct active_grant *gnt_active(struct grant_table *t, u32 ref)	/* NULL: out of memory */
{
	struct active_grant *block = t->active[ref / ACTIVE_PER_BLOCK];

	return likely(block) ? block + ref % ACTIVE_PER_BLOCK : gnt_new_block(t, ref);
}
int gnt_set_version(struct grant_table *t, u32 version);
static inline grant_entry_v1_t *gnt_v1(const struct grant_table *t, u32 ref)
{
	return (grant_entry_v1_t *)t->shared[ref / GNT_V1_PER_FRAME] + ref % GNT_V1_PER_FRAME;
}
static inline grant_entry_v2_t *gnt_v2(const struct grant_table *t, u32 ref)
{
	return (grant_entry_v2_t *)t->shared[ref / GNT_V2_PER_FRAME] + ref % GNT_V2_PER_FRAME;
}
static inline grant_status_t *gnt_status(const struct grant_table *t, u32 ref)
{
	return (grant_status_t *)t->status[ref / GNT_STATUS_PER_FRAME] + ref % GNT_STATUS_PER_FRAME;
}

/* map.c */
/* Operations on arrays: what the hypercall returns. */
long gnttab_map(unsigned long uop, unsigned int count);
long gnttab_unmap(unsigned long uop, unsigned int count);
long gnttab_unmap_replace(unsigned long uop, unsigned int count);
bool gnt_release_handle(struct domain *d, u32 handle);
/* copy.c, transfer.c */
long gnttab_copy_ops(unsigned long uop, unsigned int count);
long gnttab_transfer_ops(unsigned long uop, unsigned int count);
/* How a batch ends: @rc, or 0 when no request is left, or the call goes on with the @left ones at @uop. */
static always_inline long gnt_batch_end(unsigned int cmd, unsigned long uop, unsigned int left, int rc)
{
	return likely(!rc && !left) ? 0 : rc ? rc : hypercall_continue(3, (unsigned long)cmd, uop, (unsigned long)left);
}

/* The domain an operation names, DOMID_SELF included, referenced; privileged callers may name others. */
struct domain *gnt_target(domid_t id, int *status);

#endif
