/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frame types: what a frame is used as, and by how many.  All of a guest's attacks on page tables end here,
 * so the states are few:
 *
 *  count 0                      any type may come next; the stamp says when the last use ended
 *  VALIDATED, count n           n uses of this type; one compare-and-swap takes another
 *  neither flag, count 1        busy: one CPU validates or releases it; others wait, or fail if they want
 *                               another type
 *  PARTIAL, count 1             that work was preempted. The frame holds the count and one existence
 *                               reference itself, so nobody has to remember it; whoever comes next for the
 *                               same type takes it over and goes on, whoever wants another type or the rest
 *                               of the release finishes that.
 *
 * Entries of a busy or PARTIAL table below the cursor hold their references.  In a VALIDATED table of level
 * 2 to 4 the stamp's bits count linear entries (pv/pagetable.c).
 */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/page.h>
#include <pv/mm.h>
#include <x86/flushtlb.h>
#include "../pv/pagetable.h"

#define STATE_MASK	(PGT_TYPE_MASK | PGT_VALIDATED)

static u64 stamp_now(void) { return (u64)tlb_stamp() << PGT_STAMP_SHIFT; }

static void publish(struct page_info *pg, u64 state)
{
	smp_wmb();
	WRITE_ONCE(pg->type_info, state);
}

/*
 * Stale translations from the frame's last use must be gone before it is something else, and what CPUs will
 * read in it must be what we are about to check: a guest with devices may have written behind the caches.
 */
static void flush_for_retype(struct page_info *pg, u64 old)
{
	struct domain *d = page_owner(pg);
	cpumask_t mask;

	if (!d)
		return;
	mask = d->dirty_cpus;
	tlb_filter(&mask, (u16)((old & PGT_STAMP_MASK) >> PGT_STAMP_SHIFT));
	if (!cpumask_empty(&mask))
		flush_tlb_mask(&mask);
	if (unlikely(READ_ONCE(pg->count_info) & PGC_UNCACHED)) {
		atomic_fetch_and(&pg->count_info, ~PGC_UNCACHED);
		flush_cache_page(page_to_virt(pg));
	}
}

/* The frame is busy and ours. Entries below *cursor hold references before and after. */
static int do_validate(struct page_info *pg, u64 type, unsigned int *cursor, bool preemptible)
{
	if (type == PGT_SEGDESC)
		return pv_validate_segdesc(pg);
	if (type <= PGT_L4 && type != PGT_NONE)
		return pv_validate_table(pg, type, cursor, preemptible);
	return 0;
}

/* Leaves the busy frame PARTIAL; false if it cannot be (no reference to be had): go on instead. */
static bool leave_partial(struct page_info *pg, u64 type, unsigned int cursor, bool has_self_ref)
{
	if (!has_self_ref && !get_page_again(pg))
		return false;
	publish(pg, type | PGT_PARTIAL | (u64)cursor << PGT_CURSOR_SHIFT |
		(pg->type_info & PGT_STAMP_MASK) | 1);
	return true;
}

/* The frame is busy and ours: gives up entries below @cursor, then the type. */
static int release_busy(struct page_info *pg, u64 type, unsigned int cursor, bool preemptible, bool has_self_ref)
{
	if (type <= PGT_L4) {
		int rc;

		do {
			rc = pv_release_table(pg, type, &cursor, preemptible);
		} while (rc == -ERESTART && !leave_partial(pg, type, cursor, has_self_ref));
		if (rc == -ERESTART)
			return rc;
	}
	publish(pg, type | stamp_now());
	if (has_self_ref)
		put_page(pg);
	return 0;
}

static int validate_busy(struct page_info *pg, u64 type, unsigned int cursor, bool preemptible, bool has_self_ref)
{
	int rc = do_validate(pg, type, &cursor, preemptible);

	if (rc == -ERESTART && leave_partial(pg, type, cursor, has_self_ref))
		return rc;
	if (rc) {
		/* What was taken is given back, if need be later; a failure to stay PARTIAL is a failure. */
		(void)release_busy(pg, type, cursor, preemptible, has_self_ref);
		return rc == -ERESTART ? -EBUSY : rc;
	}
	publish(pg, type | PGT_VALIDATED | (pg->type_info & PGT_STAMP_MASK) | 1);
	if (has_self_ref)
		put_page(pg);		/* not the last: the caller has one */
	return 0;
}

/* A frame of count 0 or PARTIAL is claimed; @x as seen.  1: look again. */
static int claim(struct page_info *pg, u64 x, u64 type, bool preemptible)
{
	unsigned int cursor = (unsigned int)((x & PGT_CURSOR_MASK) >> PGT_CURSOR_SHIFT);
	u64 had = x & PGT_TYPE_MASK, busy;

	if (x & PGT_PARTIAL) {
		if (had != type && !preemptible)
			return -EINVAL;
		busy = had | (x & PGT_STAMP_MASK) | 1;
		if (!try_cmpxchg(&pg->type_info, &x, busy))
			return 1;
		if (had == type)
			return validate_busy(pg, type, cursor, preemptible, true);
		return release_busy(pg, had, cursor, true, true) ? -ERESTART : 1;
	}
	busy = type | 1;
	if (type == PGT_WRITABLE && (had == type || had == PGT_NONE))
		return try_cmpxchg(&pg->type_info, &x, busy | PGT_VALIDATED) ? 0 : 1;
	if (!try_cmpxchg(&pg->type_info, &x, busy))
		return 1;
	if (had != type)
		flush_for_retype(pg, x);
	return validate_busy(pg, type, 0, preemptible, false);
}

static noinline_fn int get_type_slow(struct page_info *pg, u64 type, bool preemptible)
{
	for (;;) {
		u64 x = READ_ONCE(pg->type_info);
		int rc;

		if (x & PGT_VALIDATED) {
			if ((x & PGT_TYPE_MASK) != type || !((x + 1) & PGT_COUNT_MASK))
				return -EINVAL;
			if (try_cmpxchg(&pg->type_info, &x, x + 1))
				return 0;
			continue;
		}
		if (!(x & PGT_COUNT_MASK) || (x & PGT_PARTIAL)) {
			rc = claim(pg, x, type, preemptible);
			if (rc <= 0)
				return rc;
			continue;
		}
		if ((x & PGT_TYPE_MASK) != type)
			return -EINVAL;
		if (preemptible && hypercall_preempt_check())
			return -ERESTART;
		__builtin_ia32_pause();
	}
}

static always_inline int get_type(struct page_info *pg, u64 type, bool preemptible)
{
	u64 x = READ_ONCE(pg->type_info);

	if (likely((x & STATE_MASK) == (type | PGT_VALIDATED) && ((x + 1) & PGT_COUNT_MASK)) &&
	    likely(try_cmpxchg(&pg->type_info, &x, x + 1)))
		return 0;
	/* A data frame gets its first writable mapping. */
	if (type == PGT_WRITABLE && !(x & (PGT_COUNT_MASK | PGT_PARTIAL)) &&
	    ((x & PGT_TYPE_MASK) == PGT_WRITABLE || (x & PGT_TYPE_MASK) == PGT_NONE) &&
	    likely(try_cmpxchg(&pg->type_info, &x, PGT_WRITABLE | PGT_VALIDATED | 1)))
		return 0;
	return get_type_slow(pg, type, preemptible);
}

int get_page_type(struct page_info *pg, u64 type)
{
	return get_type(pg, type, false);
}

int get_page_type_preemptible(struct page_info *pg, u64 type) { return get_type(pg, type, true); }

int get_page_and_type_preemptible(struct page_info *pg, struct domain *d, u64 type)
{
	int rc;

	if (!get_page(pg, d))
		return -EINVAL;
	rc = get_page_type_preemptible(pg, type);
	if (rc)
		put_page(pg);
	return rc;
}

static noinline_fn int put_type_slow(struct page_info *pg, bool preemptible)
{
	u64 x = READ_ONCE(pg->type_info);

	for (;;) {
		u64 type = x & PGT_TYPE_MASK;

		ASSERT_CHEAP((x & PGT_VALIDATED) && (x & PGT_COUNT_MASK));
		if ((x & PGT_COUNT_MASK) > 1) {
			if (try_cmpxchg(&pg->type_info, &x, x - 1))
				return 0;
			continue;
		}
		ASSERT_CHEAP(!(x & PGT_PINNED));
		if (type > PGT_L4) {
			if (try_cmpxchg(&pg->type_info, &x, type | stamp_now()))
				return 0;
			continue;
		}
		if (try_cmpxchg(&pg->type_info, &x, type | (x & PGT_STAMP_MASK) | 1))
			return release_busy(pg, type, 512, preemptible, false);
	}
}

static always_inline int put_type(struct page_info *pg, bool preemptible)
{
	u64 x = READ_ONCE(pg->type_info);

	if (likely((x & PGT_COUNT_MASK) > 1) && likely(try_cmpxchg(&pg->type_info, &x, x - 1)))
		return 0;
	if ((x & ~PGT_STAMP_MASK) == (PGT_WRITABLE | PGT_VALIDATED | 1) &&
	    likely(try_cmpxchg(&pg->type_info, &x, PGT_WRITABLE | stamp_now())))
		return 0;
	return put_type_slow(pg, preemptible);
}

void put_page_type(struct page_info *pg) { (void)put_type(pg, false); }
int put_page_type_preemptible(struct page_info *pg) { return put_type(pg, true); }

void put_page_and_type(struct page_info *pg)
{
	(void)put_type(pg, false);
	put_page(pg);
}

int put_page_and_type_preemptible(struct page_info *pg)
{
	int rc = put_type(pg, true);

	put_page(pg);
	return rc;
}

int page_finish_partial(struct page_info *pg)
{
	u64 x = READ_ONCE(pg->type_info), type = x & PGT_TYPE_MASK;

	if (!(x & PGT_PARTIAL) ||
	    !try_cmpxchg(&pg->type_info, &x, type | (x & PGT_STAMP_MASK) | 1))
		return 0;
	return release_busy(pg, type, (unsigned int)((x & PGT_CURSOR_MASK) >> PGT_CURSOR_SHIFT), true, true);
}
