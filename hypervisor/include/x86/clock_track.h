/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keeps system time, a line over the TSC, to the platform clock.  Pure: samples in, the next line out.
 *
 * The line never jumps: a new one starts where the old one is and differs in slope.  The slope is the rate that
 * was measured, bent so that the error goes in some seconds.
 */
#ifndef X86_CLOCK_TRACK_H
#define X86_CLOCK_TRACK_H

#include <x86/platform_clock.h>
#include <x86/time.h>

struct clock_track {
	u64 hz, mask;			/* of the platform clock */
	bool steady;			/* TSC ticks at one rate for ever: its rate is measured from the start on */
	struct clock_sample last;
	u64 counts;			/* of the platform clock since the start */
	s_time_t ns_at_start;
	u64 window_tsc, window_counts;	/* where the measurement of the rate began */
	s_time_t error;			/* at the last step: platform clock less system time */
	struct cpu_time line;
	u32 resyncs;			/* times that the clocks were too far apart to be brought together */
};

void clock_track_start(struct clock_track *t, u64 hz, u64 mask, bool steady, const struct cpu_time *line,
		       struct clock_sample s);
/* False: the clocks disagree beyond repair (one stood still or wrapped unseen), so that the line stays. */
bool clock_track_step(struct clock_track *t, struct clock_sample s);
#endif
