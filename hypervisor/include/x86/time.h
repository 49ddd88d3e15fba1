/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks of the machine (x86/time.c, x86/platform_clock.c). */
#ifndef X86_TIME_H
#define X86_TIME_H

#include <hv/timer.h>

/* tsc to ns: ((tsc - tsc_base) << shift or >> -shift) * mul >> 32, the scale of the ABI's vcpu_time_info. */
struct time_scale { u32 mul_frac; s8 shift; };
struct cpu_time {
	u64 tsc_base;		/* TSC at ns_base */
	s_time_t ns_base;
	struct time_scale scale;
};

/* This CPU's conversion, as vcpu_time_info publishes it; changes only while recalibrating, interrupts off. */
const struct cpu_time *cpu_time_of(unsigned int cpu);

extern u32 tsc_khz;
extern bool tsc_is_invariant;
u64 scale_delta(u64 delta, const struct time_scale *s);
struct time_scale scale_from_khz(u64 khz);

void time_init_early(void);		/* platform clock found, TSC calibrated; now() runs */
void time_init_ap(void);		/* on each other CPU */
void udelay(unsigned long us);		/* from the first moment on */

struct vcpu;
/* Brings vcpu_info->time up to date, and the guest's own copy of it; the vCPU's address space is loaded. */
void vcpu_time_publish(struct vcpu *v);

/* Wall clock at system time 0, in nanoseconds since 1970 UTC. */
u64 wallclock_base(void);
void wallclock_set(u64 sec, u32 nsec, u64 at_system_time);
u64 cmos_seconds(void);

#endif
