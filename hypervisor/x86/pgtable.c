/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's own page tables. Writers after boot hold pgtable_lock; entries are set once, then cleared. */
#include <hv/bootmem.h>
#include <hv/cpumask.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/layout.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>

u64 *hv_l4 read_mostly;
static spinlock_t pgtable_lock = SPINLOCK_INIT(LOCK_PGTABLE);

static u64 *new_table(void)
{
	return bootmem_done() ? alloc_hv_page() : boot_alloc(PAGE_SIZE, PAGE_SIZE);
}

static u64 *table_of(u64 e)
{
	return mfn_to_virt(pte_mfn(e));
}

/* Level-1 flags to those of a large page: the PAT bit moves. */
static u64 large_flags(u64 flags)
{
	return (flags & ~PTE_PAT) | (flags & PTE_PAT ? PTE_PAT_LARGE : 0) | PTE_PS;
}

static u64 small_flags(u64 e)
{
	u64 f = e & ~PTE_ADDR & ~PTE_PS;

	return f | (e & PTE_PAT_LARGE ? PTE_PAT : 0);
}

/* Replaces a large page by a table of 512 entries of the next level that map the same. */
static u64 *shatter(u64 *e, unsigned int level)
{
	u64 *t = new_table();
	u64 old = *e, step = level == 3 ? 1ULL << 18 : 1;
	u64 base = (old & PTE_ADDR & ~PTE_PAT_LARGE) >> PAGE_SHIFT;

	if (!t)
		return NULL;
	for (u64 i = 0; i < 512; i++)
		t[i] = make_pte(mfn(base + i * (level == 3 ? 512 : step)),
				level == 3 ? old & ~PTE_ADDR : small_flags(old));
	if (level == 3 && old & PTE_PAT_LARGE)
		for (u64 i = 0; i < 512; i++)
			t[i] |= PTE_PAT_LARGE;
	WRITE_ONCE(*e, make_pte(virt_to_mfn(t), PTE_TABLE));
	return t;
}

/* The table below @e, made if absent. */
static u64 *descend(u64 *e, unsigned int level, u64 user)
{
	u64 *t;

	if (*e & PTE_P && *e & PTE_PS && level < 4)
		return shatter(e, level);
	if (*e & PTE_P)
		return table_of(*e);
	t = new_table();
	if (t)
		WRITE_ONCE(*e, make_pte(virt_to_mfn(t), PTE_TABLE | user));
	return t;
}

static u64 map_one(unsigned long va, mfn_t f, u64 nr, u64 flags, bool large)
{
	u64 user = flags & PTE_U;
	u64 *l3 = descend(&hv_l4[l4_index(va)], 4, user), *l2, *l1;

	if (!l3)
		return 0;
	if (large && nr >= 1 << 18 && IS_ALIGNED(va, 1UL << 30) && IS_ALIGNED(f.m, 1UL << 18) &&
	    cpuid(0x80000001).edx & 1U << 26 && !(l3[l3_index(va)] & PTE_P)) {
		WRITE_ONCE(l3[l3_index(va)], make_pte(f, large_flags(flags)));
		return 1 << 18;
	}
	l2 = descend(&l3[l3_index(va)], 3, user);
	if (!l2)
		return 0;
	if (large && nr >= 512 && IS_ALIGNED(va, 1UL << 21) && IS_ALIGNED(f.m, 512UL) &&
	    !(l2[l2_index(va)] & PTE_P)) {
		WRITE_ONCE(l2[l2_index(va)], make_pte(f, large_flags(flags)));
		return 512;
	}
	l1 = descend(&l2[l2_index(va)], 2, user);
	if (!l1)
		return 0;
	WRITE_ONCE(l1[l1_index(va)], make_pte(f, flags));
	return 1;
}

int hv_map_pages(unsigned long va, mfn_t f, u64 nr, u64 flags, bool large)
{
	int rc = 0;

	spin_lock(&pgtable_lock);
	while (nr) {
		u64 done = map_one(va, f, nr, flags, large);

		if (!done) {
			rc = -ENOMEM;
			break;
		}
		va += done << PAGE_SHIFT;
		f = mfn_add(f, done);
		nr -= done;
	}
	spin_unlock(&pgtable_lock);
	return rc;
}

u64 *hv_l2e(unsigned long va)
{
	u64 e = hv_l4[l4_index(va)];

	if (!(e & PTE_P))
		return NULL;
	e = table_of(e)[l3_index(va)];
	if (!(e & PTE_P) || e & PTE_PS)
		return NULL;
	return &table_of(e)[l2_index(va)];
}

u64 *hv_pte(unsigned long va)
{
	u64 *e = hv_l2e(va);

	return e && *e & PTE_P && !(*e & PTE_PS) ? &table_of(*e)[l1_index(va)] : NULL;
}

u64 hv_walk(unsigned long va, unsigned int *level)
{
	static const u8 shift[] = { 0, 12, 21, 30, 39 };
	u64 *t = hv_l4;

	for (*level = 4; ; --*level) {
		u64 e = t[va >> shift[*level] & 511];

		if (!(e & PTE_P) || *level == 1 || (e & PTE_PS && *level < 4))
			return e;
		t = table_of(e);
	}
}

void hv_unmap_pages(unsigned long va, u64 nr)
{
	for (; nr; nr--, va += PAGE_SIZE) {
		u64 *e = hv_pte(va);

		if (e)
			WRITE_ONCE(*e, 0);
	}
}

u64 *cpu_window_pte(unsigned int cpu, unsigned int page)
{
	return hv_pte(cpu_window(cpu) + page * PAGE_SIZE);
}

volatile void *device_map(paddr_t pa, size_t len)
{
	static unsigned long next = DEVICE_MAP_START;
	unsigned long va = next, off = pa & ~PAGE_MASK;

	len = ROUND_UP(len + off, PAGE_SIZE);
	if (len > DEVICE_MAP_END - next ||
	    hv_map_pages(va, paddr_to_mfn(pa), len >> PAGE_SHIFT, PTE_HV_DEVICE, false))
		return NULL;
	next += len;
	return (volatile char *)va + off;
}

void set_hv_root(u64 *l4)
{
	hv_l4 = l4;
}
