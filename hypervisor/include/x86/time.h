/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks of the machine (x86/time.c, x86/platform_clock.c). */
#ifndef X86_TIME_H
#define X86_TIME_H

#include <hv/compiler.h>
#include <hv/timer.h>

/* tsc to ns: ((tsc - tsc_base) << shift or >> -shift) * mul >> 32, the scale of the ABI's vcpu_time_info. */
struct time_scale { u32 mul_frac; s8 shift; };
struct cpu_time {
	u64 tsc_base;		/* TSC at ns_base */
	s_time_t ns_base;
	struct time_scale scale;
};

extern u32 tsc_khz;
extern bool tsc_is_invariant;

/* ((delta << shift) * mul_frac) >> 32, the ABI's formula (public/xen.h, struct vcpu_time_info). */
static inline u64 scale_delta(u64 delta, const struct time_scale *s)
{
	u64 lo, hi;

	if (s->shift < 0)
		delta >>= -s->shift;
	else
		delta <<= s->shift;
	__asm__("mulq %3" : "=a"(lo), "=d"(hi) : "0"(delta), "r"((u64)s->mul_frac) : "cc");
	return hi << 32 | lo >> 32;
}

struct time_scale scale_ratio(u64 num, u64 den);	/* below 2^32 each */
struct time_scale scale_from_khz(u64 khz);	/* counts to ns */
struct time_scale scale_to_khz(u64 khz);	/* ns to counts */

void time_init_early(void);		/* platform clock found, TSC calibrated; now() runs */
void time_track_init(void);		/* when all CPUs run: keeps to the platform clock from then on */
void time_sync_boot_side(void);		/* boot CPU, while another runs time_init_ap */
void time_init_ap(void);		/* on each other CPU */
void udelay(unsigned long us);		/* from the first moment on */

/* Wall clock: UTC at system time 0. */
void wallclock_init(void);			/* from the CMOS clock */
void wallclock_set(u64 sec, u32 nsec, u64 at_system_time);	/* XENPF_settime; all domains are told */

struct domain;
struct vcpu;
/* shared_info's wall clock of a domain, its own offset included. */
void domain_wallclock_publish(struct domain *d);
/* vcpu_info's time of a vCPU that runs here. */
void vcpu_time_publish(struct vcpu *v);
/* The copy that the guest registered; its kernel's address space must be loaded. false: the area is not there. */
bool vcpu_time_copy(const struct vcpu *v) must_check;
/* TSC that a domain with emulated TSC sees at system time @t. */
u64 domain_guest_tsc(const struct domain *d, s_time_t t);

#endif
