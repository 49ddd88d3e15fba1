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
#define C2_MIN_SLICE MICROSECS(500)
#define C2_CAP_PERIOD MILLISECS(10)
#define C2_NO_CAP ((s_time_t)TIME_NEVER)

struct c2_rq {
	spinlock_t lock;	/* LOCK_SCHED */
	u16 id;			/* c */
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
	s_time_t budget;	/* s: capped domains: ns that it may still run, taken from the domain */
	bool queued, running, parked, yields; /* s */
	bool endless;		/* s: running without end of slice */
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

extern u32 c2_ratelimit_us;

#endif
