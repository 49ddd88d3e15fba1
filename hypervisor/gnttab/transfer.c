/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNTTABOP_transfer: a PV domain gives one of its frames to another that has an entry waiting for it
 * (GTF_accept_transfer). The receiver sees committed, then the frame, then completed.
 */
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <x86/current.h>

#include "gnttab.h"

/* Reserves the receiver's entry: from here on the transfer cannot fail for its sake. */
static int commit_entry(struct grant_table *t, u32 ref, u16 from)
{
	volatile u32 *word;
	u32 seen;

	if (ref >= gnt_nr_entries(t))
		return GNTST_bad_gntref;
	word = t->version == 2 ? (volatile u32 *)&gnt_v2(t, ref)->hdr : (volatile u32 *)&gnt_v1(t, ref)->flags;
	seen = *word;
	if ((seen & 0xffff) != GTF_accept_transfer || seen >> 16 != from)
		return GNTST_bad_gntref;
	if (!try_cmpxchg((u32 *)word, &seen, seen | GTF_transfer_committed))
		return GNTST_bad_gntref;
	return GNTST_okay;
}

static void complete_entry(struct grant_table *t, u32 ref, u64 frame)
{
	u16 *flags;

	if (t->version == 2) {
		gnt_v2(t, ref)->full_page.frame = frame;
		flags = &gnt_v2(t, ref)->hdr.flags;
	} else {
		gnt_v1(t, ref)->frame = (u32)frame;
		flags = &gnt_v1(t, ref)->flags;
	}
	smp_wmb();
	atomic_fetch_or(flags, GTF_transfer_completed);
}

static void uncommit_entry(struct grant_table *t, u32 ref)
{
	u16 *flags = t->version == 2 ? &gnt_v2(t, ref)->hdr.flags : &gnt_v1(t, ref)->flags;

	atomic_fetch_and(flags, (u16)~GTF_transfer_committed);
}

/* Nothing holds the entry meanwhile: its table may have another version by now, or be gone. */
static void finish_entry(struct grant_table *t, u32 ref, u64 frame, bool given)
{
	spin_lock(&t->lock);
	if (ref < gnt_nr_entries(t)) {
		if (given)
			complete_entry(t, ref, frame);
		else
			uncommit_entry(t, ref);
	}
	spin_unlock(&t->lock);
}

static int transfer_one(struct domain *d, const struct gnttab_transfer *op)
{
	struct page_info *pg;
	struct domain *to;
	struct grant_table *t;
	int rc;

	if (!d->is_pv)
		return GNTST_general_error;
	if (!mfn_valid(mfn(op->mfn)))
		return GNTST_bad_page;
	to = domain_get(op->domid);
	if (!to || to == d || to->dying || !to->is_pv) {
		if (to)
			domain_put(to);
		return GNTST_bad_domain;
	}
	pg = steal_page(d, mfn(op->mfn));
	if (!pg) {
		domain_put(to);
		return GNTST_bad_page;
	}
	t = to->grant;
	spin_lock(&t->lock);
	rc = commit_entry(t, op->ref, d->id);
	spin_unlock(&t->lock);
	if (rc == GNTST_okay) {
		bool given = !assign_pages(pg, 0, to, 0);

		finish_entry(t, op->ref, op->mfn, given);
		rc = given ? GNTST_okay : GNTST_no_space;
	}
	/* The giver gets it back: there was room for it a moment ago. */
	if (rc != GNTST_okay && assign_pages(pg, 0, d, 0))
		free_domheap_pages(pg, 0);
	domain_put(to);
	return rc;
}

long gnttab_transfer_ops(unsigned long uop, unsigned int count)
{
	struct gnttab_transfer op;
	unsigned int left;

	for (left = count; left; left--, uop += sizeof(op)) {
		if (left != count && hypercall_preempt_check())
			break;
		if (!arg_read(&op, uop))
			return -EFAULT;
		op.status = (s16)transfer_one(current->domain, &op);
		if (!arg_write(uop, &op))
			return -EFAULT;
	}
	return gnt_batch_end(GNTTABOP_transfer, uop, left, 0);
}
