/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One grant entry: checking what the granter wrote, marking it in use, and undoing that.
 * Protocol: public/grant_table.h (flags reading and writing tell the granter that the entry is in use).
 */
#include <hv/lib.h>

#include "gnttab.h"
#include "pin.h"

#define MAX_PINS 0x7fffffffU

void gnt_keeps_changing(const struct grant_table *t, u32 ref)
{
	printk(LOG_G_WARN "d%u: grant %u keeps changing\n", t->domain->id, ref);
}

/* Version 2: in-use marks lie in the status array, which only the hypervisor writes. */
static int claim_v2(struct grant_table *t, u32 ref, u16 who, bool write, bool whole_page, struct gnt_wish *w)
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
	*w = (struct gnt_wish){ .length = (u16)PAGE_SIZE, .trans_domid = DOMID_INVALID };
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

void gnt_unclaim(struct grant_table *t, u32 ref, const struct active_grant *a)
{
	u16 clear = (u16)((a->writers ? 0 : GTF_writing) | (a->readers | a->writers ? 0 : GTF_reading));

	if (!clear)
		return;
	if (t->version == 2)
		atomic_fetch_and(gnt_status(t, ref), (u16)~clear);
	else
		atomic_fetch_and(&gnt_v1(t, ref)->flags, (u16)~clear);
}

/* Pinned already, or version 2. */
int gnt_pin_any(struct grant_table *t, u32 ref, u16 who, bool write, bool whole_page, struct active_grant *a)
{
	bool first = !(a->readers | a->writers);
	struct gnt_wish w;
	int rc;

	if (!first) {
		/* Only by the same domain, and the frame stays what it was. */
		if (a->domid != who || a->readers >= MAX_PINS || a->writers >= MAX_PINS)
			return GNTST_general_error;
		if (whole_page && (a->start || a->length != PAGE_SIZE || a->trans_domid != DOMID_INVALID))
			return GNTST_general_error;
	}
	if (first || (write && !a->writers)) {
		rc = t->version == 2 ? claim_v2(t, ref, who, write, whole_page, &w) : gnt_claim_v1(t, ref, who, write, &w);
		if (rc != GNTST_okay) {
			if (t->version == 2)
				gnt_unclaim(t, ref, a);
			return rc;
		}
		if (first) {
			if (w.trans_domid == DOMID_INVALID) {
				rc = gnt_hold_frame(t, a, w.frame, write);
				if (rc != GNTST_okay) {
					gnt_unclaim(t, ref, a);
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
			gnt_unclaim(t, ref, a);
			return GNTST_bad_page;
		}
	}
	if (write)
		a->writers++;
	else
		a->readers++;
	return GNTST_okay;
}

void gnt_unpin_any(struct grant_table *t, u32 ref, struct active_grant *a, bool write)
{
	struct page_info *pg = a->trans_domid == DOMID_INVALID ? mfn_to_page(mfn(a->frame)) : NULL;

	ASSERT_CHEAP(write ? a->writers : a->readers);
	if (write) {
		if (pg)
			KIND_CALL(t->domain, mark_dirty, t->domain, mfn(a->frame));
		if (!--a->writers && pg)
			put_page_type(pg);
	} else {
		a->readers--;
	}
	if (t->nr_frames)
		gnt_unclaim(t, ref, a);
	if (!(a->readers | a->writers)) {
		a->domid = DOMID_INVALID;
		if (pg)
			put_page(pg);
	}
}
