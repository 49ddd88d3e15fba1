/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory type range registers as firmware left them (SDM 3A 11.11): Domain 0 may read them. */
#include <hv/lib.h>
#include <x86/cpu.h>
#include <x86/mtrr.h>
#include <x86/processor.h>

#define MTRR_CAP_VCNT	0xff
#define MTRR_MASK_VALID	BIT64(11)
#define MTRR_BASE_TYPE	0xff

unsigned int mtrr_count(void)
{
	return CPU_HAS(leaf1_edx, 12) ? (unsigned int)(rdmsr(MSR_MTRR_CAP) & MTRR_CAP_VCNT) : 0;
}

void mtrr_read(unsigned int reg, u64 *start_frame, u64 *nr_frames, u32 *type)
{
	u64 base = rdmsr(MSR_MTRR_PHYSBASE(reg)), mask = rdmsr(MSR_MTRR_PHYSMASK(reg));
	u64 frames = GENMASK(boot_cpu.paddr_bits - 1, 0) >> PAGE_SHIFT;

	*type = (u32)(base & MTRR_BASE_TYPE);
	*start_frame = base >> PAGE_SHIFT & frames;
	/* The mask's lowest set bit is the size; an invalid register covers nothing. */
	mask = mask & MTRR_MASK_VALID ? mask >> PAGE_SHIFT & frames : 0;
	*nr_frames = mask ? mask & -mask : 0;
	if (!*nr_frames)
		*start_frame = 0, *type = 0;
}
