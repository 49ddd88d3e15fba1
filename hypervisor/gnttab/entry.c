/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One grant entry: checking what the granter wrote, marking it in use, and undoing that.
 * Protocol: public/grant_table.h (flags reading and writing tell the granter that the entry is in use).
 */
#include <hv/lib.h>

#include "gnttab.h"

#define CLAIM_TRIES 5
#define MAX_PINS 0x7fffffffU

struct wish {		/* what the shared entry said when it was claimed */
	u64 frame;
	u16 start, length;
	u16 trans_domid;
	u32 trans_ref;
};

/* Version 1: flags and domid are one 32-bit word, so the claim is one compare-and-swap. */
static int claim_v1(struct grant_table *t, u32 ref, u16 who, bool write, struct wish *w)
{
	grant_entry_v1_t *e = gnt_v1(t, ref);
	volatile u32 *word = (volatile u32 *)&e->flags;
	u32 set = GTF_reading | (write ? GTF_writing : 0), seen = *word;

	for (unsigned int i = 0; i < CLAIM_TRIES; i++) {
		if ((seen & GTF_type_mask) != GTF_permit_access || seen >> 16 != who)
			return GNTST_general_error;
		if (write && (seen & GTF_readonly))
			return GNTST_general_error;
		if (try_cmpxchg((u32 *)word, &seen, seen | set)) {
			*w = (struct wish){ .frame = READ_ONCE(e->frame), .length = (u16)PAGE_SIZE,
					    .trans_domid = DOMID_INVALID };
			return GNTST_okay;
		}
	}
	printk(LOG_G_WARN "d%u: grant %u keeps changing\n", t->domain->id, ref);
	return GNTST_general_error;
}

/* Version 2: in-use marks lie in the status array, which only the hypervisor writes. */
static int claim_v2(struct grant_table *t, u32 ref, u16 who, bool write, bool whole_page, struct wish *w)
{
	const volatile grant_entry_v2_t *e = gnt_v2(t, ref);
	volatile u32 *word = (volatile u32 *)&e->hdr;
	u32 seen = *word, type = seen & GTF_type_mask;
	u16 set = GTF_reading | (write ? GTF_writing : 0);

	if (seen >> 16 != who || (type != GTF_permit_access && (type != GTF_transitive || whole_page)))
		return GNTST_general_error;
	if (write && (seen & GTF_readonly))
		return GNTST_general_error;
	if (whole_page && (seen & GTF_sub_page))
		return GNTST_general_error;
	*w = (struct wish){ .length = (u16)PAGE_SIZE, .trans_domid = DOMID_INVALID };
	if (type == GTF_transitive) {
		w->trans_domid = e->transitive.trans_domid;
		w->trans_ref = e->transitive.gref;
	} else if (seen & GTF_sub_page) {
		w->start = e->sub_page.page_off;
		w->length = e->sub_page.length;
		w->frame = e->sub_page.frame;
		if (w->start + w->length > PAGE_SIZE)
			return GNTST_general_error;
	} else {
		w->frame = e->full_page.frame;
	}
	atomic_fetch_or(gnt_status(t, ref), set);
	/* The granter clears the entry, then looks at the status: so look again after setting it. */
	if (*word != seen)
		return GNTST_eagain;
	return GNTST_okay;
}

static void unclaim(struct grant_table *t, u32 ref, const struct active_grant *a)
{
	u16 clear = (u16)((a->writers ? 0 : GTF_writing) | (a->readers | a->writers ? 0 : GTF_reading));

	if (!clear)
		return;
	if (t->version == 2)
		atomic_fetch_and(gnt_status(t, ref), (u16)~clear);
	else
		atomic_fetch_and(&gnt_v1(t, ref)->flags, (u16)~clear);
}

static int hold_frame(struct grant_table *t, struct active_grant *a, const struct wish *w, bool write)
{
	struct domain *d = t->domain;
	struct page_info *pg = d->kind->gfn_to_page(d, w->frame, write);

	if (!pg)
		return GNTST_bad_page;
	if (write && get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return GNTST_bad_page;
	}
	a->frame = page_to_mfn(pg).m;
	return GNTST_okay;
}

int gnt_pin(struct grant_table *t, u32 ref, u16 who, bool write, bool whole_page, struct active_grant **act)
{
	struct active_grant *a;
	struct wish w;
	int rc;
	bool first;

	if (ref >= gnt_nr_entries(t))
		return GNTST_bad_gntref;
	a = gnt_active(t, ref);
	if (!a)
		return GNTST_general_error;
	first = !(a->readers | a->writers);
	if (!first) {
		/* Pinned already: only by the same domain, and the frame stays what it was. */
		if (a->domid != who || a->readers >= MAX_PINS || a->writers >= MAX_PINS)
			return GNTST_general_error;
		if (whole_page && (a->start || a->length != PAGE_SIZE || a->trans_domid != DOMID_INVALID))
			return GNTST_general_error;
	}
	if (first || (write && !a->writers)) {
		rc = t->version == 2 ? claim_v2(t, ref, who, write, whole_page, &w) : claim_v1(t, ref, who, write, &w);
		if (rc != GNTST_okay) {
			if (t->version == 2)
				unclaim(t, ref, a);
			return rc;
		}
		if (first) {
			if (w.trans_domid == DOMID_INVALID) {
				rc = hold_frame(t, a, &w, write);
				if (rc != GNTST_okay) {
					unclaim(t, ref, a);
					return rc;
				}
			} else {
				a->frame = INVALID_MFN_RAW;
			}
			a->domid = who;
			a->start = w.start;
			a->length = w.length;
			a->trans_domid = w.trans_domid;
			a->trans_ref = w.trans_ref;
		} else if (a->trans_domid == DOMID_INVALID && get_page_type(mfn_to_page(mfn(a->frame)), PGT_WRITABLE)) {
			unclaim(t, ref, a);
			return GNTST_bad_page;
		}
	}
	if (write)
		a->writers++;
	else
		a->readers++;
	*act = a;
	return GNTST_okay;
}

void gnt_unpin(struct grant_table *t, u32 ref, struct active_grant *a, bool write)
{
	struct page_info *pg = a->trans_domid == DOMID_INVALID ? mfn_to_page(mfn(a->frame)) : NULL;

	ASSERT_CHEAP(write ? a->writers : a->readers);
	if (write) {
		if (pg)
			t->domain->kind->mark_dirty(t->domain, mfn(a->frame));
		if (!--a->writers && pg)
			put_page_type(pg);
	} else {
		a->readers--;
	}
	if (t->nr_frames)
		unclaim(t, ref, a);
	if (!(a->readers | a->writers)) {
		a->domid = DOMID_INVALID;
		if (pg)
			put_page(pg);
	}
}
