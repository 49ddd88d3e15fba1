/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deferred work of a CPU.  Softirqs run on the way out to a guest and in the idle loop, with interrupts
 * on and no lock held; tasklets queue a function to a CPU's tasklet softirq.
 */
#ifndef HV_SOFTIRQ_H
#define HV_SOFTIRQ_H

#include <hv/cpumask.h>
#include <hv/list.h>

enum softirq {
	SOFTIRQ_TIMER,
	SOFTIRQ_NMI,		/* what an NMI could not do itself */
	SOFTIRQ_PIRQ,		/* event channels of guests' IRQs */
	SOFTIRQ_CONSOLE,	/* VIRQs of console input and log */
	SOFTIRQ_TIME,		/* the line of system time has changed */
	SOFTIRQ_TASKLET,
	SOFTIRQ_SCHEDULE,	/* does not return when it switches vCPUs */
	SOFTIRQ_ROOT,		/* the copy of a root that the CPU's vCPU runs on is old: for whoever goes on, so last */
	NR_SOFTIRQS
};

/* Where each CPU's cpu_info lies, once softirq_cpu_init() ran there; NULL before: raises are dropped. */
extern struct cpu_info *cpu_info_of[NR_CPUS];
void softirq_cpu_init(void);

void open_softirq(enum softirq nr, void (*fn)(void));
void raise_softirq(enum softirq nr);			/* this CPU */
void cpu_raise_softirq(unsigned int cpu, enum softirq nr);	/* sends an IPI if that CPU is another one */
void cpumask_raise_softirq(const cpumask_t *mask, enum softirq nr);
/* Runs what is pending on this CPU, lowest number first, until nothing is. */
void do_softirq(void);
/* For long loops at boot and in continuations: runs all but SOFTIRQ_SCHEDULE. */
void process_pending_softirqs(void);
bool softirq_pending_here(void);

struct tasklet {
	struct list link;
	void (*fn)(void *);
	void *data;
	s16 cpu;		/* queued on, or -1 */
	bool running, again;
};
void tasklet_init(struct tasklet *t, void (*fn)(void *), void *data);
void tasklet_schedule(struct tasklet *t);			/* on this CPU */
void tasklet_schedule_on(struct tasklet *t, unsigned int cpu);

/* Runs fn(data) on every CPU of @mask (this one included if it is in it) and waits. No irqsave lock may be held. */
void smp_call_function(const cpumask_t *mask, void (*fn)(void *), void *data);

#endif
