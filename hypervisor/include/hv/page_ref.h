/* SPDX-License-Identifier: GPL-2.0-only */
/* References on frames, inline for the paths where instructions count; the calls of hv/page.h otherwise. */
#ifndef HV_PAGE_REF_H
#define HV_PAGE_REF_H

#include <hv/atomic.h>
#include <hv/page.h>
#include <x86/flushtlb.h>

/* As get_page, by the owner's domid. */
static always_inline bool page_ref_get(struct page_info *pg, u64 owner)
{
	u64 x = READ_ONCE(pg->count_info), new;

	do {
		new = x + 1;
		/* no reference: not allocated; all ones: one more would wrap to none */
		if (unlikely(x >> PGC_OWNER_SHIFT != owner || (u32)new <= 1))
			return false;
	} while (unlikely(!try_cmpxchg(&pg->count_info, &x, new)));
	return true;
}

void page_last_put(struct page_info *pg);

static always_inline void page_ref_put(struct page_info *pg)
{
	if (unlikely(!(u32)atomic_sub_return(&pg->count_info, 1)))
		page_last_put(pg);
}

/* get_page_type(pg, PGT_WRITABLE) and its end; what is not a data page takes the long way. */
static always_inline int page_writable_get(struct page_info *pg)
{
	u64 x = READ_ONCE(pg->type_info), type = x >> 59;
	u64 new = type == (PGT_WRITABLE | PGT_VALIDATED) >> 59 ? x + 1 : PGT_WRITABLE | PGT_VALIDATED | 1;

	/* In use as data already, or never mapped writable since it was data or nothing. */
	if (likely((type == (PGT_WRITABLE | PGT_VALIDATED) >> 59 && (u32)(x + 1)) ||
		   ((type == PGT_WRITABLE >> 59 || type == PGT_NONE >> 59) && !(x & (PGT_COUNT_MASK | PGT_PARTIAL)))) &&
	    likely(try_cmpxchg(&pg->type_info, &x, new)))
		return 0;
	return get_page_type(pg, PGT_WRITABLE);
}

static always_inline void page_writable_put(struct page_info *pg)
{
	u64 x = READ_ONCE(pg->type_info);
	u64 new = (u32)x > 1 ? x - 1 : PGT_WRITABLE | (u64)tlb_stamp() << PGT_STAMP_SHIFT;

	if (unlikely(!try_cmpxchg(&pg->type_info, &x, new)))
		put_page_type(pg);
}

/* One more type reference on a table that is validated; false: it is not, or not of that type. */
static always_inline bool page_table_get(struct page_info *pg, u64 type)
{
	u64 x = READ_ONCE(pg->type_info);

	do {
		if (unlikely((x & (PGT_TYPE_MASK | PGT_VALIDATED)) != (type | PGT_VALIDATED) || !(u32)(x + 1)))
			return false;
	} while (unlikely(!try_cmpxchg(&pg->type_info, &x, x + 1)));
	return true;
}

/* False: it was the last one, nothing was done: put_page_type does it. */
static always_inline bool page_table_put(struct page_info *pg)
{
	u64 x = READ_ONCE(pg->type_info);

	return likely((u32)x > 1) && likely(try_cmpxchg(&pg->type_info, &x, x - 1));
}

/* The end of page_table_get, and of the reference beside it. */
static always_inline void page_table_release(struct page_info *pg)
{
	if (unlikely(!page_table_put(pg)))
		put_page_type(pg);
	page_ref_put(pg);
}

#endif
