/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pinning a grant entry, in line where instructions count: version 1, one pin at a time.  All else is entry.c's.
 */
#ifndef GNTTAB_PIN_H
#define GNTTAB_PIN_H

#include <hv/lib.h>
#include <hv/page_ref.h>
#include "gnttab.h"

#define CLAIM_TRIES 5

struct gnt_wish {		/* what the shared entry said when it was claimed */
	u64 frame;
	u16 start, length;
	u16 trans_domid;
	u32 trans_ref;
};

/* entry.c; lock held */
void gnt_keeps_changing(const struct grant_table *t, u32 ref);
int gnt_pin_any(struct grant_table *t, u32 ref, u16 who, bool write, bool whole_page, struct active_grant *a);
void gnt_unpin_any(struct grant_table *t, u32 ref, struct active_grant *a, bool write);
/* Marks that no pin of @a calls for any more. */
void gnt_unclaim(struct grant_table *t, u32 ref, const struct active_grant *a);

/* Version 1: flags and domid are one 32-bit word, so the claim is one compare-and-swap. */
static always_inline int gnt_claim_v1(struct grant_table *t, u32 ref, u16 who, bool write, struct gnt_wish *w)
{
	grant_entry_v1_t *e = gnt_v1(t, ref);
	volatile u32 *word = (volatile u32 *)&e->flags;
	u32 set = GTF_reading | (write ? GTF_writing : 0), seen = *word;
	u32 look = 0xffff0000U | GTF_type_mask | (write ? GTF_readonly : 0), want = (u32)who << 16 | GTF_permit_access;

	for (unsigned int i = 0; i < CLAIM_TRIES; i++) {
		/* One comparison: the type and who, and that it is not read-only if it is to be written. */
		if (unlikely((seen & look) != want))
			return GNTST_general_error;
		if (likely(try_cmpxchg((u32 *)word, &seen, seen | set))) {
			*w = (struct gnt_wish){ .frame = READ_ONCE(e->frame), .length = (u16)PAGE_SIZE,
					    .trans_domid = DOMID_INVALID };
			return GNTST_okay;
		}
	}
	gnt_keeps_changing(t, ref);
	return GNTST_general_error;
}

static always_inline int gnt_hold_frame(struct grant_table *t, struct active_grant *a, u64 frame, bool write)
{
	struct domain *d = t->domain;
	struct page_info *pg = KIND_CALL(d, gfn_to_page, d, frame, write);

	if (unlikely(!pg))
		return GNTST_bad_page;
	if (write && unlikely(page_writable_get(pg))) {
		page_ref_put(pg);
		return GNTST_bad_page;
	}
	a->frame = page_to_mfn(pg).m;
	return GNTST_okay;
}

/* The usual case: version 1, and nobody has it pinned. */
static always_inline int gnt_pin_new_v1(struct grant_table *t, u32 ref, u16 who, bool write, struct active_grant *a)
{
	struct gnt_wish w;
	int rc = gnt_claim_v1(t, ref, who, write, &w);

	if (unlikely(rc != GNTST_okay))
		return rc;
	rc = gnt_hold_frame(t, a, w.frame, write);
	if (unlikely(rc != GNTST_okay)) {
		gnt_unclaim(t, ref, a);
		return rc;
	}
	a->domid = who;
	a->start = 0;
	a->length = (u16)PAGE_SIZE;
	a->trans_domid = DOMID_INVALID;
	*(write ? &a->writers : &a->readers) = 1;
	return GNTST_okay;
}

/*
 * Pins entry @ref of @t for @who. Lock held. GNTST_*; on success *act is pinned once more.
 * @whole_page refuses sub-page and transitive entries (mappings).
 */
static always_inline int gnt_pin(struct grant_table *t, u32 ref, u16 who, bool write, bool whole_page,
				 struct active_grant **act)
{
	struct active_grant *a;

	if (unlikely(ref >= gnt_nr_entries(t)))
		return GNTST_bad_gntref;
	*act = a = likely(t->active[ref / ACTIVE_PER_BLOCK]) ? gnt_active(t, ref) : gnt_new_block_for(t, ref, who);
	if (unlikely(!a))
		return GNTST_general_error;
	if (unlikely(t->version != 1) || unlikely(a->readers | a->writers))
		return gnt_pin_any(t, ref, who, write, whole_page, a);
	return gnt_pin_new_v1(t, ref, who, write, a);
}

/* The last pin of a version 1 entry. */
static always_inline void gnt_unpin_last_v1(struct grant_table *t, u32 ref, struct active_grant *a, bool write)
{
	struct page_info *pg = mfn_to_page(mfn(a->frame));

	if (write) {
		KIND_CALL(t->domain, mark_dirty, t->domain, mfn(a->frame));
		page_writable_put(pg);
	}
	a->readers = 0;
	a->writers = 0;
	a->domid = DOMID_INVALID;
	if (likely(t->nr_frames))
		atomic_fetch_and(&gnt_v1(t, ref)->flags, (u16)~(GTF_reading | GTF_writing));
	page_ref_put(pg);
}

static always_inline void gnt_unpin(struct grant_table *t, u32 ref, struct active_grant *a, bool write)
{
	/* One pin in all, and it is of this kind. */
	if (likely(t->version == 1) && likely((write ? a->writers : a->readers) == 1) &&
	    likely(!(write ? a->readers : a->writers)))
		gnt_unpin_last_v1(t, ref, a, write);
	else
		gnt_unpin_any(t, ref, a, write);
}

#endif
