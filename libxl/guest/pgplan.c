// SPDX-License-Identifier: LGPL-2.1-only
/*
 * First page tables of a 64-bit guest. The plan is pure arithmetic: from linear ranges to the
 * tables of each level, numbered L4 first, then L3, L2, L1; writing a table needs nothing else
 * than the plan and the P2M, so each entry is written once.
 */
#include "guest_internal.h"

#define PTE_P   (1ULL << 0)
#define PTE_RW  (1ULL << 1)
#define PTE_US  (1ULL << 2) /* a 64-bit PV kernel runs in ring 3 */
#define PTE_A   (1ULL << 5)
#define PTE_D   (1ULL << 6)
#define VA_MASK ((1ULL << 48) - 1)

/* Bits of an address below one table of the level. */
static unsigned int table_shift(unsigned int level)
{
	return XC_PAGE_SHIFT + 9 * level;
}

static void add_interval(struct pg_level *l, uint64_t first, uint64_t last)
{
	if (l->nr) {
		uint64_t *f = &l->first[0], *c = &l->count[0];

		/* Overlapping or touching intervals become one; ranges are few. */
		if (first <= *f + *c && last + 1 >= *f) {
			uint64_t end = last + 1 > *f + *c ? last + 1 : *f + *c;

			*f = first < *f ? first : *f;
			*c = end - *f;
			return;
		}
	}
	l->first[l->nr] = first;
	l->count[l->nr] = last - first + 1;
	l->nr++;
}

void pg_plan_make(struct pg_plan *plan, const struct pg_range *ranges, unsigned int nr)
{
	uint64_t base = 0;

	memset(plan, 0, sizeof(*plan));
	plan->nr_ranges = nr;
	memcpy(plan->range, ranges, nr * sizeof(*ranges));
	for (unsigned int level = 4; level >= 1; level--) {
		struct pg_level *l = &plan->level[level];
		const unsigned int shift = table_shift(level);

		for (unsigned int i = 0; i < nr; i++)
			if (ranges[i].to > ranges[i].from)
				add_interval(l, (ranges[i].from & VA_MASK) >> shift,
					     ((ranges[i].to - 1) & VA_MASK) >> shift);
		l->base = base;
		for (unsigned int i = 0; i < l->nr; i++)
			base += l->count[i];
	}
	plan->tables = base;
}

/* Page of the table of a level that has this number, or -1. */
static int64_t page_of(const struct pg_level *l, uint64_t number)
{
	uint64_t page = l->base;

	for (unsigned int i = 0; i < l->nr; i++) {
		if (number >= l->first[i] && number - l->first[i] < l->count[i])
			return (int64_t)(page + number - l->first[i]);
		page += l->count[i];
	}
	return -1;
}

static uint64_t number_of(const struct pg_level *l, uint64_t page)
{
	page -= l->base;
	for (unsigned int i = 0; i < l->nr; i++) {
		if (page < l->count[i])
			return l->first[i] + page;
		page -= l->count[i];
	}
	return 0;
}

static uint64_t leaf(const struct pg_plan *plan, const struct pg_fill *fill, uint64_t va)
{
	for (unsigned int i = 0; i < plan->nr_ranges; i++) {
		const struct pg_range *r = &plan->range[i];
		const uint64_t from = r->from & VA_MASK;
		uint64_t pfn, pte;

		if (va < from || va - from >= r->to - r->from)
			continue;
		pfn = r->pfn + ((va - from) >> XC_PAGE_SHIFT);
		if (pfn >= fill->nr_pfns)
			return 0;
		pte = fill->p2m[pfn] << XC_PAGE_SHIFT | PTE_P | PTE_US | PTE_A;
		if (pfn < fill->tables_pfn || pfn - fill->tables_pfn >= plan->tables)
			pte |= PTE_RW | PTE_D;
		return pte;
	}
	return 0;
}

void pg_plan_write(const struct pg_plan *plan, const struct pg_fill *fill, uint64_t page, uint64_t *out)
{
	unsigned int level = 4;
	uint64_t number, child;
	int64_t at;

	while (level > 1 && page >= plan->level[level - 1].base)
		level--;
	number = number_of(&plan->level[level], page);
	for (unsigned int i = 0; i < 512; i++) {
		child = number << 9 | i;
		if (level == 1) {
			out[i] = leaf(plan, fill, child << XC_PAGE_SHIFT);
			continue;
		}
		at = page_of(&plan->level[level - 1], child);
		out[i] = at < 0 ? 0 :
			 fill->p2m[fill->tables_pfn + (uint64_t)at] << XC_PAGE_SHIFT | PTE_P | PTE_RW | PTE_US |
			 PTE_A | PTE_D;
	}
}
