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
	/* Domain 0's save and dump map the M2P by frame numbers, read-only and as DOMID_XEN's. */
	for (u64 c = 0; c << FRAME_CHUNK_SHIFT < m2p_frames; c++) {
		mfn_t m = m2p_chunk_mfn(c);

		for (u64 i = 0; !mfn_eq(m, INVALID_MFN) && i < 512; i++)
			if (mfn_add(m, i).m < max_page && frame_chunk_valid(mfn_add(m, i)))
				share_hv_page_with_privileged(mfn_to_virt(mfn_add(m, i)), SHARE_RO);
	}
}
