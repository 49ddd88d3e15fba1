// SPDX-License-Identifier: GPL-2.0-only
#include <pv/mm.h>
#include <x86/cpu.h>
#include "pagetable.h"

/* SDM 3A 4.5: address bits beyond MAXPHYADDR are reserved, bit 63 too without execute-disable. */
void pv_mm_init(void)
{
	unsigned int bits = boot_cpu.paddr_bits;

	pte_reserved = bits < PADDR_BITS ? GENMASK(PADDR_BITS - 1, bits) : 0;
	if (!(boot_cpu.ext1_edx & 1U << 20))
		pte_reserved |= PTE_NX;
}
