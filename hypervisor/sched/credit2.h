/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of the fair-share scheduler; see sched/credit2.c. Letters: s run-queue lock, b budget lock, c constant. */
#ifndef SCHED_CREDIT2_H
#define SCHED_CREDIT2_H

#include <hv/otree.h>
#include <public/domctl.h>
#include <public/sysctl.h>
#include "sched.h"

#define C2_DEFAULT_WEIGHT 256
#define C2_MAX_SLICE MILLISECS(10)
/* Well above the usual rate limit: who wakes seldom meets somebody who may not be preempted yet. */
#define C2_MIN_SLICE MILLISECS(2)
/* In which each of those that share a CPU has a turn, while none of these is shorter than that. */
#define C2_ROUND MILLISECS(8)
/* Up to about a millisecond more, by the clock: no sleeper's period stays in step with the turns or looks of others. */
#define C2_SLICE_JITTER ((s_time_t)BIT64(20) - 1)
#define C2_CAP_PERIOD MILLISECS(10)
/* So often queues are balanced, and whoever runs where it does not wish to looks for a better place. */
#define C2_BALANCE_PERIOD MILLISECS(40)
/* Virtual time units per nanosecond at weight 1. */
#define VT_SCALE 4096
#define C2_NO_CAP ((s_time_t)TIME_NEVER)

struct c2_rq {
	spinlock_t lock;	/* LOCK_SCHED */
	u16 id;			/* c */
	const struct cpupool *pool; /* s: changes while there are no CPUs */
	s_time_t ratelimit;	/* ns; the pool's */
	u16 nr_cpus;		/* s */
	struct otree waiting;	/* s: key is virtual time */
	s64 floor;		/* s: virtual time that arrivals start from */
	u32 nr_waiting;		/* s; others read it as a hint */
	u32 waiting_weight;	/* s */
	cpumask_t cpus, idle, tickled; /* s */
	s_time_t next_balance;	/* s */
};

struct sched_unit {
	struct otree_node node;	/* s */
	struct vcpu *v;		/* c */
	struct c2_rq *rq;	/* s: queue that node.key is measured against */
	s_time_t charged;	/* s: running: up to when its time is accounted */
	s_time_t picked;	/* s: running: since when */
	s_time_t moved;		/* s: last went to another queue */
	s_time_t budget;	/* s: capped domains: ns that it may still run, taken from the domain */
	bool queued, running, parked; /* s */
	bool yields;		/* its CPU's: until it runs again */
	bool endless;		/* s: running without end of slice */
	bool claimed;		/* s: running: somebody wants its CPU before its turn is over, or got a longer turn for it */
	bool unsettled;		/* s: running: it may be that it must leave its CPU */
	bool foreseen;		/* s: left its CPU to be queued again, which that CPU reckoned with */
};

struct sched_dom {
	struct domain *d;	/* c */
	u16 weight, cap;	/* D; cap in percent of a CPU, 0 none */
	spinlock_t lock;	/* LOCK_LEAF */
	s_time_t budget;	/* b: left in this period; below 0: debt */
	bool refilling;		/* b: timer is on its way */
	struct timer refill;
};

/* sched/credit2_cap.c */
void c2_cap_init(struct sched_dom *sd, struct domain *d);
void c2_cap_set(struct sched_dom *sd, u16 cap);
/* Gives @u something to run on, or says that there is nothing left. s */
bool c2_cap_take(struct sched_unit *u, s_time_t t);
/* What @u did not use, or used too much. s */
void c2_cap_give_back(struct sched_unit *u);
/* sched/credit2.c: a parked vCPU may run again */
void c2_unpark(struct vcpu *v);

/* Of running vCPUs the one that is most ahead, and its virtual time. */
struct c2_front { unsigned int cpu; s64 vt; };

extern struct c2_rq *c2_rq_of_cpu[NR_CPUS], c2_rqs[NR_CPUS];
extern unsigned int c2_nr_rqs;

static inline s64 c2_vt_of(const struct sched_unit *u, s_time_t ns)
{
	return ns * VT_SCALE / u->v->domain->sched->weight;
}

/* Of a running vCPU. */
static inline s64 c2_vt_at(const struct sched_unit *u, s_time_t t)
{
	return u->node.key + c2_vt_of(u, min(t - u->charged, NSEC_PER_SEC));
}

static inline void c2_floor_at_least(struct c2_rq *rq, s64 vt)
{
	if (otree_before(rq->floor, vt))
		rq->floor = vt;
}

static inline struct sched_unit *c2_unit_on(unsigned int cpu)
{
	return sched_current(cpu)->sched;	/* NULL: idle */
}

static inline bool c2_of_pool(const struct c2_rq *rq, const struct vcpu *v)
{
	return READ_ONCE(rq->pool) == v->domain->pool;
}

static inline bool c2_allowed_in(const struct c2_rq *rq, const struct vcpu *v)
{
	return c2_of_pool(rq, v) && cpumask_intersects(&rq->cpus, &v->hard_affinity);
}

/* Whether @v would rather be elsewhere than on @cpu. */
static inline bool c2_misplaced(const struct vcpu *v, unsigned int cpu)
{
	return unlikely(v->has_wish) && !cpumask_test_cpu(cpu, &v->soft_affinity);
}

/* sched/credit2_queue.c */
void c2_raise_floor_to_running(struct c2_rq *rq);
void c2_charge(struct c2_rq *rq, struct sched_unit *u, s_time_t t);
void c2_enqueue(struct c2_rq *rq, struct sched_unit *u);
void c2_dequeue(struct c2_rq *rq, struct sched_unit *u);
struct sched_unit *c2_first_fit(const struct c2_rq *rq, unsigned int cpu);
static inline struct sched_unit *c2_candidate(const struct c2_rq *rq, unsigned int cpu)
{
	struct sched_unit *only;

	if (rq->nr_waiting != 1)
		return rq->nr_waiting ? c2_first_fit(rq, cpu) : NULL;
	only = container_of(rq->waiting.first, struct sched_unit, node);
	return cpumask_test_cpu(cpu, &only->v->hard_affinity) ? only : NULL;
}
/* How long @u, which is at virtual time @vt, may run before @next, which waits, is due. */
s_time_t c2_slice_beside(const struct c2_rq *rq, const struct sched_unit *u, s64 vt, const struct sched_unit *next);

/* sched/credit2_place.c */
unsigned int c2_idle_cpu_for(const struct c2_rq *rq, const struct vcpu *v);
unsigned int c2_wished_idle_cpu(const struct vcpu *v);
bool c2_better_place(const struct c2_rq *rq, const struct vcpu *v, unsigned int cpu);
bool c2_makes_place(const struct c2_rq *rq, const struct vcpu *v, const struct vcpu *next, unsigned int cpu);
struct c2_front c2_front(const struct c2_rq *rq, const struct vcpu *v, s_time_t t);
void c2_preempt(struct c2_rq *rq, struct sched_unit *u, struct c2_front front, s_time_t t);
void c2_tickle_for(struct c2_rq *rq, struct sched_unit *u, s_time_t t);
bool c2_wake_elsewhere(struct c2_rq *rq, struct sched_unit *u, s_time_t t);
struct sched_unit *c2_steal(struct c2_rq *rq, unsigned int cpu, s_time_t t);
void c2_balance(struct c2_rq *rq, const struct sched_unit *current_unit, s_time_t t);
unsigned int c2_pick_cpu(struct vcpu *v);

#endif
