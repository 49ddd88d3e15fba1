/* SPDX-License-Identifier: GPL-2.0-only */
/* The arithmetic of time: counts to nanoseconds and back, by the ABI's formula. Pure. */
#include <x86/time.h>

/* mul_frac and shift for the ratio @num/@den: the fraction is kept in [0.5, 1). */
struct time_scale scale_ratio(u64 num, u64 den)
{
	struct time_scale s = { 0, 0 };

	while (num >= den) {
		den <<= 1;
		s.shift++;
	}
	while (num << 1 < den) {
		num <<= 1;
		s.shift--;
	}
	s.mul_frac = (u32)((num << 32) / den);
	return s;
}

struct time_scale scale_from_khz(u64 khz) { return scale_ratio(1000000, khz); }
struct time_scale scale_to_khz(u64 khz) { return scale_ratio(khz, 1000000); }
