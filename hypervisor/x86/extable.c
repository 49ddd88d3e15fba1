/* SPDX-License-Identifier: GPL-2.0-only */
/* Exception table: sorted once, searched when the hypervisor itself faults. */
#include <hv/lib.h>
#include <x86/extable.h>
#include <x86/processor.h>

static unsigned long entry_from(const struct extable_entry *e) { return (unsigned long)&e->from + (long)e->from; }
static unsigned long entry_to(const struct extable_entry *e) { return (unsigned long)&e->to + (long)e->to; }

static void swap_entries(struct extable_entry *a, struct extable_entry *b)
{
	unsigned long af = entry_from(a), at = entry_to(a), bf = entry_from(b), bt = entry_to(b);

	a->from = (s32)(bf - (unsigned long)&a->from);
	a->to = (s32)(bt - (unsigned long)&a->to);
	b->from = (s32)(af - (unsigned long)&b->from);
	b->to = (s32)(at - (unsigned long)&b->to);
}

/* A few hundred entries, nearly in order: the linker keeps files together. */
init_fn void extable_sort(void)
{
	for (struct extable_entry *i = __extable_start + 1; i < __extable_end; i++)
		for (struct extable_entry *j = i; j > __extable_start && entry_from(j - 1) > entry_from(j); j--)
			swap_entries(j - 1, j);
}

unsigned long extable_search(unsigned long rip)
{
	struct extable_entry *lo = __extable_start, *hi = __extable_end;

	while (lo < hi) {
		struct extable_entry *mid = lo + (hi - lo) / 2;
		unsigned long from = entry_from(mid);

		if (from == rip)
			return entry_to(mid);
		if (from < rip)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

bool rdmsr_safe(u32 msr, u64 *v)
{
	u32 lo, hi;

	__asm__ goto("1: rdmsr\n" EXTABLE(1b, %l3)
		     : "=a"(lo), "=d"(hi) : "c"(msr) : : fault);
	*v = (u64)hi << 32 | lo;
	return true;
fault:
	return false;
}

bool wrmsr_safe(u32 msr, u64 v)
{
	__asm__ goto("1: wrmsr\n" EXTABLE(1b, %l3)
		     : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory" : fault);
	return true;
fault:
	return false;
}
