/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of sched/. */
#ifndef SCHED_SCHED_H
#define SCHED_SCHED_H

#include <hv/sched.h>

struct sched_cpu {
	spinlock_t *lock;		/* of the queue that feeds this CPU; NULL: not up */
	struct vcpu *curr, *idle;	/* s */
	s_time_t decided;		/* s: when it last chose */
	s_time_t slice_end;		/* s */
	s_time_t timer_date;		/* s: never after slice_end; TIME_NEVER: not set */
	struct timer timer;
} aligned_to(64);
extern struct sched_cpu sched_cpus[NR_CPUS];

static inline struct vcpu *sched_current(unsigned int cpu) { return sched_cpus[cpu].curr; }
static inline struct vcpu *sched_idle_vcpu(unsigned int cpu) { return sched_cpus[cpu].idle; }

extern const struct scheduler_ops *sched_ops;
extern const struct scheduler_ops credit2_ops;

/* sched/pool.c */
void cpupools_init(void);
int cpupool_enter(struct domain *d, u32 id);	/* -EINVAL: no such pool, or it has no CPU */
void cpupool_leave(struct domain *d);
/* sched/core.c: nobody runs there, nor is about to */
bool sched_cpu_idles(unsigned int cpu);

/* Takes the lock of the queue that the vCPU belongs to. */
spinlock_t *sched_lock_vcpu(const struct vcpu *v, unsigned long *flags);

/* sched/timers.c */
void sched_vcpu_timers_init(struct vcpu *v);
void sched_vcpu_timers_kill(struct vcpu *v);
/* When the first timer of @cpu expires, if a vCPU sleeps until then; else TIME_NEVER. */
s_time_t sched_next_wake_up(unsigned int cpu);
void sched_periodic_start(struct vcpu *v, s_time_t t);
long sched_set_periodic(struct vcpu *v, unsigned long arg);
long sched_stop_periodic(struct vcpu *v);
long sched_set_singleshot(struct vcpu *v, unsigned long arg);
long sched_stop_singleshot(struct vcpu *v);

/* sched/ops.c */
void sched_poll_end(struct vcpu *v);
void sched_poll_timeout(void *v);
void sched_watchdogs_init(struct domain *d);
void sched_watchdogs_kill(struct domain *d);

#endif
