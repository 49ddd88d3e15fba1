/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault injection of debug builds: one allocation that the control domain's hypercalls cause fails, as if memory
 * were short. Which one is written to params/alloc-fail of hypfs; 0 when it has happened.
 */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <x86/current.h>

u32 alloc_fail_in;		/* allocations until the one that fails, itself included; 0: none */

bool alloc_fail_now(void)
{
	u32 n = READ_ONCE(alloc_fail_in);

	if (!n || current->domain != hardware_domain)
		return false;
	while (!__atomic_compare_exchange_n(&alloc_fail_in, &n, n - 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		if (!n)
			return false;
	return n == 1;
}
