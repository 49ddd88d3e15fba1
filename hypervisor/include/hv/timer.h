/* SPDX-License-Identifier: GPL-2.0-only */
/* System time and timers (core/timer.c, x86/time.c). */
#ifndef HV_TIMER_H
#define HV_TIMER_H

#include <hv/pheap.h>
#include <hv/types.h>

#define NSEC_PER_SEC 1000000000LL
#define MILLISECS(n) ((s_time_t)(n) * 1000000LL)
#define MICROSECS(n) ((s_time_t)(n) * 1000LL)
#define TIME_NEVER ((s_time_t)0x7fffffffffffffffLL)

/* Nanoseconds since boot, monotonic on a CPU and in step between CPUs. */
s_time_t now(void);
/* TSC value to system time, and the reverse, on this CPU. */
s_time_t tsc_to_ns(u64 tsc);

/* A timer belongs to one CPU; its function runs there in SOFTIRQ_TIMER, interrupts on. Locked by that CPU's timer lock. */
struct timer {
	struct pheap_node node;	/* key: when it expires */
	void (*fn)(void *);
	void *data;
	u16 cpu;
	u8 status;		/* core/timer.c */
};

void init_timer(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu);
void set_timer(struct timer *t, s_time_t expires);	/* also moves an armed one; past times fire at once */
void stop_timer(struct timer *t);
void migrate_timer(struct timer *t, unsigned int new_cpu);
void kill_timer(struct timer *t);			/* stop, and wait until the function does not run */
/* When the first timer of @cpu expires, if it is one @of those, which is asked with the timers' lock held; else TIME_NEVER. */
s_time_t timer_first_of(unsigned int cpu, bool (*of)(const struct timer *t));
static inline s_time_t timer_expires(const struct timer *t) { return t->node.key; }

void timer_keys_init(void);				/* debug key a */
void timer_cpu_init(unsigned int cpu);			/* before the first timer of that CPU */

/* arch hook (x86/time.c): program this CPU's event source; TIME_NEVER stops it. Returns false if already past. */
bool arch_reprogram_timer(s_time_t expires);

#endif
