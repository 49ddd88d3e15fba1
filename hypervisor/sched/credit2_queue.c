/* SPDX-License-Identifier: GPL-2.0-only */
/* A run queue's virtual time and order. All with its lock held. */
#include <hv/lib.h>
#include "credit2.h"

/* Among those within this of the first, one that has its cache or its wish here is preferred. */
#define LOCALITY_MARGIN MICROSECS(300)
#define LOCALITY_LOOK 4
#define BEST_PLACED 3		/* its wish and its last CPU: nobody fits better */

void c2_raise_floor_to_running(struct c2_rq *rq)
{
	unsigned int cpu;
	s64 low = 0;
	bool any = false;

	for_each_cpu(cpu, &rq->cpus) {
		const struct sched_unit *u = c2_unit_on(cpu);

		if (u && u->running && (!any || otree_before(u->node.key, low))) {
			low = u->node.key;
			any = true;
		}
	}
	if (any)
		c2_floor_at_least(rq, low);
}

/* Accounts what a running vCPU used until @t. */
void c2_charge(struct c2_rq *rq, struct sched_unit *u, s_time_t t)
{
	s_time_t ran = t - u->charged;
	s64 bound;

	if (ran <= 0)
		return;
	/* More than a second on a CPU without a decision: nobody wanted it, and the bound would cut it anyway. */
	u->node.key += c2_vt_of(u, min(ran, NSEC_PER_SEC));
	u->charged = t;
	if (u->budget != C2_NO_CAP)
		u->budget -= ran;
	/* While nobody waits the floor may lag: whoever comes next raises it first. */
	if (rq->waiting.first)
		c2_floor_at_least(rq, rq->waiting.first->key);
	bound = c2_vt_of(u, max(2 * C2_MAX_SLICE, 2 * rq->ratelimit));
	if (otree_before(rq->floor + bound, u->node.key))
		u->node.key = rq->floor + bound;
	else if (otree_before(u->node.key, rq->floor - bound))
		u->node.key = rq->floor - bound;
}

void c2_enqueue(struct c2_rq *rq, struct sched_unit *u)
{
	if (u->rq != rq) {
		u->node.key += rq->floor - READ_ONCE(u->rq->floor);
		u->rq = rq;
	}
	otree_insert(&rq->waiting, &u->node);
	u->queued = true;
	rq->nr_waiting++;
	rq->waiting_weight += u->v->domain->sched->weight;
}

/* The weight is looked at again: a change while it waits must not leave a rest, see c2_adjust(). */
void c2_dequeue(struct c2_rq *rq, struct sched_unit *u)
{
	otree_remove(&rq->waiting, &u->node);
	u->queued = false;
	rq->nr_waiting--;
	rq->waiting_weight -= min((u32)u->v->domain->sched->weight, rq->waiting_weight);
	if (!rq->nr_waiting)
		rq->waiting_weight = 0;
}

s_time_t c2_slice_beside(const struct c2_rq *rq, const struct sched_unit *u, s64 vt, const struct sched_unit *next)
{
	s64 lead = next->node.key - vt;
	s_time_t slice = lead > 0 ? lead / VT_SCALE * u->v->domain->sched->weight : 0;
	s_time_t turn = C2_ROUND * rq->nr_cpus / (rq->nr_cpus + max(rq->nr_waiting, 1U));

	slice += max(turn, C2_MIN_SLICE) + (u->charged & C2_SLICE_JITTER);
	slice = min(slice, C2_MAX_SLICE);
	return max(slice, rq->ratelimit);
}

/* Who waits and may run on @cpu, in order; of those close to the first, the best placed one. */
struct sched_unit *c2_first_fit(const struct c2_rq *rq, unsigned int cpu)
{
	struct sched_unit *first = NULL, *best = NULL;
	int best_score = -1;
	unsigned int seen = 0;

	for (struct otree_node *n = rq->waiting.first; n && seen < LOCALITY_LOOK; n = otree_next(n)) {
		struct sched_unit *u = container_of(n, struct sched_unit, node);
		int score;

		if (!cpumask_test_cpu(cpu, &u->v->hard_affinity))
			continue;
		if (!first)
			first = u;
		else if (otree_before(first->node.key + c2_vt_of(first, LOCALITY_MARGIN), n->key))
			break;
		seen++;
		score = 2 * cpumask_test_cpu(cpu, &u->v->soft_affinity) + (u->v->processor == cpu);
		if (score > best_score) {
			best = u;
			best_score = score;
		}
		if (score == BEST_PLACED)
			break;
	}
	return best;
}

