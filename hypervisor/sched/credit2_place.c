/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a vCPU runs next: idle CPUs, victims of preemption, other queues. */
#include <hv/lib.h>
#include "credit2.h"

#define PREEMPT_MARGIN MICROSECS(100)

static unsigned int first_of_three(const cpumask_t *a, const cpumask_t *b, const cpumask_t *c)
{
	cpumask_t m;

	cpumask_and(&m, a, b);
	cpumask_and(&m, &m, c);
	return cpumask_first(&m);
}

/* An idle CPU of @rq that @v may use, best its last one and where it wishes to be; NR_CPUS: none. */
unsigned int c2_idle_cpu_for(const struct c2_rq *rq, const struct vcpu *v)
{
	cpumask_t idle;
	unsigned int cpu;

	if (cpumask_empty(&rq->idle))
		return NR_CPUS;
	cpu = v->processor;
	if (cpumask_test_cpu(cpu, &rq->idle) && !cpumask_test_cpu(cpu, &rq->tickled) &&
	    cpumask_test_cpu(cpu, &v->hard_affinity) && cpumask_test_cpu(cpu, &v->soft_affinity))
		return cpu;
	cpumask_andnot(&idle, &rq->idle, &rq->tickled);
	cpumask_and(&idle, &idle, &v->hard_affinity);
	cpu = first_of_three(&idle, &v->soft_affinity, &rq->cpus);
	if (cpu < NR_CPUS)
		return cpu;
	return cpumask_test_cpu(v->processor, &idle) ? v->processor : cpumask_first(&idle);
}

/* ---- wishes (soft affinity) ---- */

/* An idle CPU of any queue that @v wishes to be on; NR_CPUS: none. Of other queues it is a hint. */
unsigned int c2_wished_idle_cpu(const struct vcpu *v)
{
	for (unsigned int i = 0; i < c2_nr_rqs; i++) {
		unsigned int cpu = c2_of_pool(&c2_rqs[i], v) ? c2_idle_cpu_for(&c2_rqs[i], v) : NR_CPUS;

		if (cpu < NR_CPUS && cpumask_test_cpu(cpu, &v->soft_affinity))
			return cpu;
	}
	return NR_CPUS;
}

static bool as_content(const struct vcpu *v, unsigned int from, unsigned int to)
{
	return cpumask_test_cpu(to, &v->hard_affinity) && (!c2_misplaced(v, to) || c2_misplaced(v, from));
}

/* A CPU of @rq that @v wishes to be on and whose vCPU would as soon be on @cpu, which @v has or could have. */
static unsigned int exchange_for(const struct c2_rq *rq, const struct vcpu *v, unsigned int cpu)
{
	unsigned int other;

	for_each_cpu(other, &rq->cpus) {
		const struct sched_unit *r = c2_unit_on(other);

		if (r && r->v != v && !cpumask_test_cpu(other, &rq->tickled) && cpumask_test_cpu(other, &v->hard_affinity) &&
		    cpumask_test_cpu(other, &v->soft_affinity) && as_content(r->v, other, cpu))
			return other;
	}
	return NR_CPUS;
}

/* @v, which runs on @cpu of @rq and is misplaced there, should leave it for one that it wishes to be on. */
bool c2_better_place(const struct c2_rq *rq, const struct vcpu *v, unsigned int cpu)
{
	return c2_wished_idle_cpu(v) < NR_CPUS || exchange_for(rq, v, cpu) < NR_CPUS;
}

/* @v, which runs on @cpu of @rq, loses nothing by leaving it to @next, which wishes to be there. */
bool c2_makes_place(const struct c2_rq *rq, const struct vcpu *v, const struct vcpu *next, unsigned int cpu)
{
	unsigned int idle = c2_idle_cpu_for(rq, v);

	return idle < NR_CPUS && cpumask_test_cpu(cpu, &next->soft_affinity) && c2_misplaced(next, idle) &&
	       as_content(v, cpu, idle);
}

/* Whom @v could preempt in @rq, on a CPU that it may use; NR_CPUS: nobody. */
struct c2_front c2_front(const struct c2_rq *rq, const struct vcpu *v, s_time_t t)
{
	struct c2_front best = { NR_CPUS, 0 };
	unsigned int cpu;

	for_each_cpu(cpu, &rq->cpus) {
		const struct sched_unit *r = c2_unit_on(cpu);
		s64 at;

		if (!r || cpumask_test_cpu(cpu, &rq->tickled) || !cpumask_test_cpu(cpu, &v->hard_affinity))
			continue;
		at = c2_vt_at(r, t);
		if (best.cpu == NR_CPUS || otree_before(best.vt, at))
			best = (struct c2_front){ cpu, at };
	}
	return best;
}

static void tickle_cpu(struct c2_rq *rq, unsigned int cpu)
{
	cpumask_set_cpu(cpu, &rq->tickled);
	sched_tickle(cpu);
}

/* Whoever runs on @cpu has until @end: without a decision now, which would come to nothing else. */
static void cut_slice(struct sched_unit *r, unsigned int cpu, s_time_t end)
{
	r->endless = false;
	sched_cut_slice(cpu, end);
}

/* @u waits.  A CPU that had nobody to give way to set no end to its slice: it has one now. */
static void wait_for_turn(struct c2_rq *rq, const struct sched_unit *u, s_time_t t)
{
	struct vcpu *v = u->v;
	unsigned int cpu;

	for_each_cpu(cpu, &rq->cpus) {
		struct sched_unit *r = c2_unit_on(cpu);

		if (r && r->endless && cpumask_test_cpu(cpu, &v->hard_affinity) && !cpumask_test_cpu(cpu, &rq->tickled)) {
			cut_slice(r, cpu, t + c2_slice_beside(rq, r, c2_vt_at(r, t), u));
			break;
		}
	}
	/* The processor it is booked on must be one that it may use. */
	if (!cpumask_test_cpu(v->processor, &v->hard_affinity)) {
		cpumask_t m;

		cpumask_and(&m, &rq->cpus, &v->hard_affinity);
		v->processor = cpumask_first(&m);
	}
}

/* @u was queued and no CPU idles: it takes the place of who is most ahead, if by enough, and not before his rate limit. */
void c2_preempt(struct c2_rq *rq, struct sched_unit *u, struct c2_front front, s_time_t t)
{
	struct sched_unit *r;

	if (front.cpu == NR_CPUS || !otree_before(u->node.key + c2_vt_of(u, PREEMPT_MARGIN), front.vt)) {
		wait_for_turn(rq, u, t);
		return;
	}
	r = c2_unit_on(front.cpu);
	r->claimed = true;
	u->v->processor = front.cpu;
	if (t - r->picked < rq->ratelimit && !u->v->has_wish)
		cut_slice(r, front.cpu, r->picked + rq->ratelimit);
	else
		tickle_cpu(rq, front.cpu);
}

/* @u was queued: make the best CPU look. */
void c2_tickle_for(struct c2_rq *rq, struct sched_unit *u, s_time_t t)
{
	struct vcpu *v = u->v;
	unsigned int cpu = c2_idle_cpu_for(rq, v);

	if (cpu >= NR_CPUS) {
		c2_preempt(rq, u, c2_front(rq, v, t), t);
		return;
	}
	if (c2_misplaced(v, cpu)) {
		unsigned int wished = exchange_for(rq, v, cpu);

		cpu = wished < NR_CPUS ? wished : cpu;
	}
	v->processor = cpu;
	tickle_cpu(rq, cpu);
}

static u32 running_weight(const struct c2_rq *rq)
{
	unsigned int cpu;
	u32 w = 0;

	for_each_cpu(cpu, &rq->cpus) {
		const struct sched_unit *u = c2_unit_on(cpu);

		if (u && READ_ONCE(u->running))
			w += u->v->domain->sched->weight;
	}
	return w;
}

/* Weight per CPU, in 1/64. */
static u64 rq_load(const struct c2_rq *rq)
{
	return (((u64)READ_ONCE(rq->waiting_weight) + running_weight(rq)) << 6) / max((u16)1, rq->nr_cpus);
}

unsigned int c2_pick_cpu(struct vcpu *v)
{
	struct c2_rq *best = NULL;
	unsigned int cpu;
	u64 best_load = 0;
	cpumask_t m;

	for (unsigned int i = 0; i < c2_nr_rqs; i++) {
		struct c2_rq *rq = &c2_rqs[i];
		u64 load;

		if (!c2_allowed_in(rq, v))
			continue;
		if ((cpu = c2_idle_cpu_for(rq, v)) < NR_CPUS && cpumask_test_cpu(cpu, &v->soft_affinity))
			return cpu;
		load = rq_load(rq) + (cpumask_intersects(&rq->cpus, &v->soft_affinity) ? 0 : BIT64(40));
		if (!best || load < best_load) {
			best = rq;
			best_load = load;
		}
	}
	/* The mask may name CPUs that went away: then any will do. */
	if (!best)
		return cpumask_first(&v->domain->pool->cpus);
	if ((cpu = c2_idle_cpu_for(best, v)) < NR_CPUS)
		return cpu;
	cpumask_and(&m, &best->cpus, &v->hard_affinity);
	cpu = first_of_three(&m, &v->soft_affinity, &best->cpus);
	if (cpu >= NR_CPUS)
		cpu = cpumask_first(&m);
	return cpu < NR_CPUS ? cpu : cpumask_first(&v->domain->pool->cpus);	/* the last one left meanwhile */
}

/* Takes the queued @u from @from, whose lock is held, to @to, whose lock is held too. */
static void move_unit(struct c2_rq *from, struct c2_rq *to, struct sched_unit *u, s_time_t t)
{
	cpumask_t m;

	c2_dequeue(from, u);
	u->moved = t;
	cpumask_and(&m, &to->cpus, &u->v->hard_affinity);
	u->v->processor = cpumask_first(&m);
	c2_enqueue(to, u);
	c2_tickle_for(to, u, t);
}

/* Somewhere else a CPU idles that is better than what there is for @u here: none, or none that it wishes. */
bool c2_wake_elsewhere(struct c2_rq *rq, struct sched_unit *u, s_time_t t)
{
	unsigned int here = c2_idle_cpu_for(rq, u->v);

	if (likely(here < NR_CPUS && !c2_misplaced(u->v, here)))
		return false;
	for (unsigned int i = 0; i < c2_nr_rqs; i++) {
		struct c2_rq *to = &c2_rqs[i];
		unsigned int cpu = to != rq && c2_of_pool(to, u->v) ? c2_idle_cpu_for(to, u->v) : NR_CPUS;
		bool moves;

		if (cpu >= NR_CPUS || (here < NR_CPUS && c2_misplaced(u->v, cpu)) || !spin_trylock(&to->lock))
			continue;
		moves = c2_allowed_in(to, u->v);	/* still, now that nothing changes */
		if (moves)
			move_unit(rq, to, u, t);
		spin_unlock(&to->lock);
		if (moves)
			return true;
	}
	return false;
}

/* An idle CPU found nothing in its queue: the first that may run here from another one. */
struct sched_unit *c2_steal(struct c2_rq *rq, unsigned int cpu, s_time_t t)
{
	for (unsigned int i = 0; i < c2_nr_rqs; i++) {
		struct c2_rq *from = &c2_rqs[i];
		struct sched_unit *u;

		if (from == rq || from->pool != rq->pool || !READ_ONCE(from->nr_waiting) || !spin_trylock(&from->lock))
			continue;
		u = c2_candidate(from, cpu);
		if (u) {
			c2_dequeue(from, u);
			u->v->processor = cpu;
			u->moved = t;
			c2_enqueue(rq, u);
		}
		spin_unlock(&from->lock);
		if (u)
			return u;
	}
	return NULL;
}

/* The queue with the least load, and it. From the next one on: among equals the surplus goes round. */
static struct c2_rq *least_loaded(const struct c2_rq *rq, u64 *least)
{
	struct c2_rq *to = NULL;

	*least = ~0ULL;
	for (unsigned int k = 1; k < c2_nr_rqs; k++) {
		struct c2_rq *other = &c2_rqs[(rq->id + k) % c2_nr_rqs];
		u64 load = rq_load(other);

		if (other->nr_cpus && other->pool == rq->pool && load < *least) {
			*least = load;
			to = other;
		}
	}
	return to;
}

/* Not worse off in @to. Equal counts too: whom a queue of its own falls to changes over time. */
static bool may_go(const struct sched_unit *u, const struct c2_rq *to, u64 mine, u64 least)
{
	return least + ((u64)u->v->domain->sched->weight << 6) / max((u16)1, to->nr_cpus) <= mine && c2_allowed_in(to, u->v);
}

/*
 * Pushes the waiting vCPU that has been here longest to the least loaded queue where it is better off.  When that
 * would be @current_unit, at the next decision: each has its turn of the surplus, whatever turns and periods are.
 */
void c2_balance(struct c2_rq *rq, const struct sched_unit *current_unit, s_time_t t)
{
	struct sched_unit *goes = NULL;
	struct c2_rq *to;
	u64 mine, least;

	if (!rq->nr_waiting || t < rq->next_balance)
		return;
	mine = rq_load(rq);
	to = least_loaded(rq, &least);
	if (!to || least >= mine || !spin_trylock(&to->lock))
		goto done;
	for (struct otree_node *n = rq->waiting.first; n; n = otree_next(n)) {
		struct sched_unit *u = container_of(n, struct sched_unit, node);

		if (may_go(u, to, mine, least) && (!goes || u->moved < goes->moved))
			goes = u;
	}
	if (goes && may_go(current_unit, to, mine, least) && current_unit->moved < goes->moved) {
		spin_unlock(&to->lock);
		return;
	}
	if (goes) {
		move_unit(rq, to, goes, t);
		to->next_balance = t + C2_BALANCE_PERIOD;	/* not straight on to the next one */
	}
	spin_unlock(&to->lock);
done:
	rq->next_balance = t + C2_BALANCE_PERIOD;
}
