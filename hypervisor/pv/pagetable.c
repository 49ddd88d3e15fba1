/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Validation and release of page tables.
 *
 * A table is valid when each present entry is: leaf entries name frames that the guest may map, and hold a
 * WRITABLE reference if they are writable, which no table can have at the same time; the others name valid
 * tables one level below, of the same domain.  So recursion ends after four levels whatever the guest does.
 *
 * Linear entries are the exception: an entry of level 2 to 4 may name a table of its own level, read-only,
 * so that a guest sees its tables as memory.  To itself it needs no reference.  To another one it holds an
 * ordinary one, and chains are cut: a table with linear entries is not the target of any.  The stamp's bits
 * of type_info count them while the table is in use: below zero entries that this table has, above zero
 * entries that name it.
 */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include "pagetable.h"

#define NR_ENTRIES 512U

/* No large pages, no cache attributes, no global bit, no physical address that the CPU lacks. */
#define TABLE_REFUSE (PTE_PWT | PTE_PCD | PTE_PS | PTE_G)

static s16 linear_count(u64 x) { return (s16)((x & PGT_STAMP_MASK) >> PGT_STAMP_SHIFT); }

/* Adds @n to the count if it then lies on the same side of zero as @n, or is going back to zero. */
static bool linear_add(struct page_info *pg, int n, bool back)
{
	u64 x = READ_ONCE(pg->type_info);
	int c;

	do {
		c = linear_count(x);
		if (!back && (n < 0 ? c > 0 || c == -0x7fff : c < 0 || c == 0x7fff))
			return false;
	} while (!try_cmpxchg(&pg->type_info, &x, (x & ~PGT_STAMP_MASK) |
			      (u64)(u16)(s16)(c + n) << PGT_STAMP_SHIFT));
	return true;
}

static int get_linear(u64 e, struct page_info *table, struct page_info *pg, unsigned int level)
{
	u64 x = READ_ONCE(pg->type_info);

	if (level < 2 || (e & PTE_W))
		return -EINVAL;
	if (pg == table) {
		put_page(pg);		/* goes when the table goes */
		return 0;
	}
	/* Only a table that is in use already: nothing is validated, nobody is waited for. */
	do {
		if ((x & (PGT_TYPE_MASK | PGT_VALIDATED)) != (table_type(level) | PGT_VALIDATED) ||
		    !((x + 1) & PGT_COUNT_MASK) || linear_count(x) < 0)
			return -EINVAL;
	} while (!try_cmpxchg(&pg->type_info, &x, x + 1));
	if (!linear_add(pg, 1, false))
		goto fail;
	if (!linear_add(table, -1, false)) {
		linear_add(pg, -1, true);
		goto fail;
	}
	return 0;
fail:
	/* Others may have let go of it meanwhile; then what is left to release is found by its next user. */
	(void)!put_page_type_preemptible(pg);
	return -EINVAL;
}

int pv_get_table_entry(u64 e, struct page_info *table, unsigned int level, struct domain *d, bool preemptible)
{
	struct page_info *pg;
	int rc;

	if (!(e & PTE_P))
		return 0;
	if (unlikely(e & (TABLE_REFUSE | pte_reserved)))
		return -EINVAL;
	pg = get_page_from_frame(pte_mfn(e).m, d);
	if (unlikely(!pg))
		return -EINVAL;
	if (pg == table || (READ_ONCE(pg->type_info) & (PGT_TYPE_MASK | PGT_VALIDATED)) ==
			   (table_type(level) | PGT_VALIDATED))
		rc = get_linear(e, table, pg, level);
	else
		rc = preemptible ? get_page_type_preemptible(pg, table_type(level - 1)) :
				   get_page_type(pg, table_type(level - 1));
	if (unlikely(rc))
		put_page(pg);
	return rc;
}

int pv_put_table_entry(u64 e, struct page_info *table, unsigned int level, bool preemptible)
{
	struct page_info *pg = mfn_to_page(pte_mfn(e));

	if (!(e & PTE_P) || pg == table)
		return 0;
	if ((READ_ONCE(pg->type_info) & PGT_TYPE_MASK) == table_type(level)) {
		linear_add(table, 1, true);
		linear_add(pg, -1, true);
	}
	if (preemptible)
		return put_page_and_type_preemptible(pg);
	put_page_and_type(pg);
	return 0;
}

/* Most tables are mostly empty or mostly full: eight entries are looked at together. */
static always_inline u64 any_of(const u64 *p)
{
	return p[0] | p[1] | p[2] | p[3] | p[4] | p[5] | p[6] | p[7];
}

static int validate_l1(u64 *p, struct domain *d, unsigned int *cursor)
{
	const u64 *const last = p + NR_ENTRIES;
	int rc;

	for (u64 *q = p; q != last;) {
		const u64 *const end = q + 8;

		if (!(any_of(q) & PTE_P)) {
			q += 8;
			continue;
		}
		do {
			u64 e = *q;

			if (!(e & PTE_P))
				continue;
			rc = pv_get_l1e(&e, d, d);
			if (unlikely(rc)) {
				*cursor = (unsigned int)(q - p);
				return rc;
			}
			*q = e;
		} while (++q != end);
	}
	*cursor = NR_ENTRIES;
	return 0;
}

static void release_l1(const u64 *p, struct domain *d, unsigned int cursor)
{
	const u64 *const last = p + cursor;

	while (p < last) {
		const u64 *const end = min(p + 8, last);

		if (!(any_of(p) & PTE_P)) {
			p += 8;
			continue;
		}
		do {
			if (*p & PTE_P)
				pv_put_l1e(*p, d);
		} while (++p != end);
	}
}

/* The hypervisor's own slots: the guest's contents do not matter, ours go in. */
static bool is_hv_slot(unsigned int level, unsigned int slot)
{
	return level == 4 && slot >= HV_FIRST_SLOT && slot <= HV_LAST_SLOT;
}

int pv_validate_table(struct page_info *pg, u64 type, unsigned int *cursor, bool preemptible)
{
	unsigned int level = table_level(type);
	struct domain *d = page_owner(pg);
	u64 *p = page_to_virt(pg);

	if (!d || !d->is_pv)
		return -EINVAL;
	if (level == 1)
		return validate_l1(p, d, cursor);
	for (; *cursor < NR_ENTRIES; ++*cursor) {
		unsigned int i = *cursor;
		int rc;

		if (!(p[i] & PTE_P) || is_hv_slot(level, i))
			continue;
		rc = pv_get_table_entry(p[i], pg, level, d, preemptible);
		if (rc)
			return rc;
		p[i] |= PTE_U;
		if (preemptible && i + 1 < NR_ENTRIES && hypercall_preempt_check()) {
			++*cursor;
			return -ERESTART;
		}
	}
	if (level == 4)
		for (unsigned int i = HV_FIRST_SLOT; i <= HV_LAST_SLOT; i++)
			p[i] = hv_l4[i];
	return 0;
}

int pv_release_table(struct page_info *pg, u64 type, unsigned int *cursor, bool preemptible)
{
	unsigned int level = table_level(type);
	struct domain *d = page_owner(pg);
	u64 *p = page_to_virt(pg);

	if (level == 1) {
		release_l1(p, d, *cursor);
		*cursor = 0;
		return 0;
	}
	/* A lower table whose own release was preempted: first finish that. */
	if (*cursor < NR_ENTRIES && (p[*cursor] & PTE_P) && !is_hv_slot(level, *cursor) &&
	    pte_mfn(p[*cursor]).m < max_page && preemptible) {
		struct page_info *low = mfn_to_page(pte_mfn(p[*cursor]));

		if (get_page(low, d)) {
			int rc = (READ_ONCE(low->type_info) & PGT_TYPE_MASK) == table_type(level - 1) ?
				 page_finish_partial(low) : 0;

			put_page(low);
			if (rc)
				return rc;
		}
	}
	while (*cursor) {
		unsigned int i = --*cursor;

		if (!(p[i] & PTE_P) || is_hv_slot(level, i))
			continue;
		if (pv_put_table_entry(p[i], pg, level, preemptible) == -ERESTART)
			return -ERESTART;
		if (preemptible && i && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}
