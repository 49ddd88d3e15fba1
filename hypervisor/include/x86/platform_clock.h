/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_PLATFORM_CLOCK_H
#define X86_PLATFORM_CLOCK_H

#include <hv/types.h>

struct platform_clock {
	const char *name;
	u64 (*read)(void);
	u64 hz;
	u64 mask;	/* it wraps here */
};
extern struct platform_clock platform_clock;

/* A counter and the TSC, read as one. */
struct clock_sample { u64 count, tsc; };
struct clock_sample clock_sample(u64 (*read)(void));

void platform_clock_init(void);
/* clocksource=tsc, and a TSC of now known rate that is fit for it: it takes the place of the clock that measured it. */
bool platform_clock_is_tsc(u32 tsc_khz);
u64 platform_clock_measure_tsc(unsigned int ms);

#endif
