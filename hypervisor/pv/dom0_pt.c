// SPDX-License-Identifier: GPL-2.0-only
#include <hv/heap.h>
#include <hv/lib.h>
#include <pv/dom0_pt.h>
#include <x86/pgtable.h>

/* A fresh heap gives long runs; should it be fragmented after all, one run for every 16 pages is enough. */
bool frame_map_init(struct frame_map *m, u64 nr_pages)
{
	*m = (struct frame_map){ .room = (u32)(nr_pages / 16 + 64) };
	m->run = hv_new_array(struct frame_run, m->room);
	return m->run;
}

bool frame_map_add(struct frame_map *m, mfn_t first, u64 nr)
{
	struct frame_run *last = m->nr ? &m->run[m->nr - 1] : NULL;

	if (last && last->mfn + last->nr == first.m) {
		last->nr += nr;
	} else {
		if (m->nr == m->room)
			return false;
		m->run[m->nr++] = (struct frame_run){ .pfn = m->nr_pages, .nr = nr, .mfn = first.m };
	}
	m->nr_pages += nr;
	return true;
}

mfn_t frame_map_get(const struct frame_map *m, u64 pfn)
{
	u32 low = 0, high = m->nr;

	ASSERT_CHEAP(pfn < m->nr_pages);
	while (high - low > 1) {
		u32 mid = (low + high) / 2;

		if (m->run[mid].pfn <= pfn)
			low = mid;
		else
			high = mid;
	}
	return mfn(m->run[low].mfn + (pfn - m->run[low].pfn));
}

void frame_map_free(struct frame_map *m)
{
	hv_free(m->run);
	m->run = NULL;
}

/* A 64-bit PV kernel runs in ring 3: all it uses is user-accessible. */
#define GUEST_RW (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define GUEST_RO (PTE_P | PTE_U | PTE_A | PTE_D)

static u64 *next_table(struct pt_builder *b, mfn_t *m)
{
	ASSERT_CHEAP(b->next < b->l->pt_pfn + b->l->nr_pt);
	*m = frame_map_get(b->frames, b->next++);
	return mfn_to_virt(*m);
}

void pt_builder_start(struct pt_builder *b)
{
	mfn_t m;

	b->root = next_table(b, &m);
}

static u64 *lower_table(struct pt_builder *b, u64 *entry)
{
	mfn_t m;

	if (!(*entry & PTE_P)) {
		(void)next_table(b, &m);
		*entry = make_pte(m, GUEST_RW);
	}
	return mfn_to_virt(pte_mfn(*entry));
}

void pt_builder_map(struct pt_builder *b, u64 va, u64 pfn, u64 nr)
{
	u64 pt_end = b->l->pt_pfn + b->l->nr_pt;

	while (nr) {
		u64 *l3 = lower_table(b, &b->root[l4_index(va)]);
		u64 *l2 = lower_table(b, &l3[l3_index(va)]);
		u64 *l1 = lower_table(b, &l2[l2_index(va)]);

		for (unsigned int i = l1_index(va); i < 512 && nr; i++, pfn++, nr--, va += PAGE_SIZE)
			l1[i] = make_pte(frame_map_get(b->frames, pfn),
					 pfn >= b->l->pt_pfn && pfn < pt_end ? GUEST_RO : GUEST_RW);
	}
}
