/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_MTRR_H
#define X86_MTRR_H

#include <hv/types.h>

/* Variable-range registers, 0 if the CPU has none. */
unsigned int mtrr_count(void);
/* Range and type of register @reg; no frames: not in use. */
void mtrr_read(unsigned int reg, u64 *start_frame, u64 *nr_frames, u32 *type);

#endif
