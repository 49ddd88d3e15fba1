/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/lib.h>
#include <x86/clock_track.h>

#define CATCH_UP_S	8		/* an error is worked off over so many seconds */
#define MAX_BEND_PPB	200000		/* of the slope at a time */
#define MAX_ERROR	NSEC_PER_SEC
#define JUMP		MILLISECS(1)	/* no steady counter goes astray by so much between two steps */

/* Time that @counts of the platform clock take; split, because the product of all may not fit. */
static s_time_t counts_to_ns(const struct clock_track *t, u64 counts)
{
	return (s_time_t)(counts / t->hz * (u64)NSEC_PER_SEC + counts % t->hz * (u64)NSEC_PER_SEC / t->hz);
}

static s_time_t line_at(const struct cpu_time *l, u64 tsc)
{
	return l->ns_base + (s_time_t)scale_delta(tsc - l->tsc_base, &l->scale);
}

/* Of @ns by @ticks, made @ppb steeper. Both are cut to 31 bits: half a part per billion. */
static struct time_scale bent_scale(u64 ns, u64 ticks, s64 ppb)
{
	while ((ns | ticks) >> 31) {
		ns >>= 1;
		ticks >>= 1;
	}
	return scale_ratio((u64)((s64)ns + (s64)ns * ppb / NSEC_PER_SEC), ticks);
}

void clock_track_start(struct clock_track *t, u64 hz, u64 mask, bool steady, const struct cpu_time *line,
		       struct clock_sample s)
{
	*t = (struct clock_track){
		.hz = hz, .mask = mask, .steady = steady, .last = s, .line = *line,
		.ns_at_start = line_at(line, s.tsc), .window_tsc = s.tsc,
	};
}

static s_time_t error_now(const struct clock_track *t)
{
	return t->ns_at_start + counts_to_ns(t, t->counts) - line_at(&t->line, t->last.tsc);
}

bool clock_track_step(struct clock_track *t, struct clock_sample s)
{
	u64 window_ns, window_ticks;
	s64 error, change, bend;
	bool jumped;

	t->counts += (s.count - t->last.count) & t->mask;
	t->last = s;
	error = error_now(t);
	change = error - t->error;
	t->error = error;
	if (error > MAX_ERROR || error < -MAX_ERROR) {
		u32 resyncs = t->resyncs + 1;

		clock_track_start(t, t->hz, t->mask, t->steady, &t->line, s);
		t->resyncs = resyncs;
		return false;
	}
	window_ns = (u64)counts_to_ns(t, t->counts - t->window_counts);
	window_ticks = s.tsc - t->window_tsc;
	if (!window_ns || !window_ticks)
		return false;
	jumped = t->steady && (change > JUMP || change < -JUMP);
	if (!t->steady || jumped) {
		t->window_tsc = s.tsc;
		t->window_counts = t->counts;
	}
	/* One of the counters was held up (a suspended emulator): that says nothing about the rate. */
	if (jumped)
		return true;
	bend = max(error / CATCH_UP_S, (s64)-MAX_BEND_PPB);
	bend = min(bend, (s64)MAX_BEND_PPB);
	t->line.ns_base = line_at(&t->line, s.tsc);
	t->line.tsc_base = s.tsc;
	t->line.scale = bent_scale(window_ns, window_ticks, bend);
	return true;
}
