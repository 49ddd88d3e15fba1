/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fair shares by virtual time.
 *
 * CPUs that share a cache share a run queue.  A running vCPU's virtual time advances by real time divided by
 * its weight; the waiting vCPU with the smallest virtual time goes next, so in the long run all get CPU time
 * in proportion to their weights.  That order is the queue: a tree, with the smallest at hand.
 *
 * Each queue has a floor, the virtual time of the first that waits (or of the slowest that runs), which never
 * goes back.  A vCPU that slept comes back no lower than a small bonus below the floor, or below whoever runs most
 * ahead if all of them are behind the floor: sleep earns no claim on the past, but one who wakes goes before those
 * that just use up the CPU, and preempts one of them.  A vCPU
 * that cannot be given its share (its weight is worth more than a whole CPU, or it is pinned) drifts away from
 * the floor; drift is bounded in both directions by what it could run in a few slices, so a change of load
 * meets no old debts.
 *
 * Turns: those that share a CPU have one each within a round, or for longer if they are many; nobody is preempted
 * within the rate limit of his turn's start.  So a turn does not begin just before a sleeper's timer: who ran goes on
 * until then.
 *
 * A vCPU in a queue is in that of v->processor.  Waking looks for an idle CPU first in the soft affinity, then
 * in the hard one, then in other queues, then for the running vCPU that is most ahead.  An idle CPU takes from
 * other queues; a loaded queue pushes to less loaded ones from time to time.  Two queue locks are only ever
 * taken by trylock.
 *
 * Soft affinity is a wish: a vCPU goes where it wishes as soon as a CPU idles there, in any queue, or runs, in
 * its own queue, a vCPU that would as soon take its place.  Each such move leaves one more vCPU content and none
 * less, so that they come to an end.  Who runs elsewhere looks again every C2_BALANCE_PERIOD.
 */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/numa.h>
#include <x86/smp.h>
#include "credit2.h"

#define WAKE_BONUS MILLISECS(1)
#define MAX_CPUS_PER_RQ 16

struct c2_rq *c2_rq_of_cpu[NR_CPUS];
struct c2_rq c2_rqs[NR_CPUS];
unsigned int c2_nr_rqs;	/* grows only, under the lock of whoever brings CPUs up one by one */

/* Of CPUs in no pool: nobody waits here, and who comes is sent on. */
static const struct cpupool no_pool;
static struct c2_rq no_rq = { .lock = SPINLOCK_INIT(LOCK_SCHED), .pool = &no_pool };

/* credit2_runqueue=: which CPUs share a queue. */
enum rq_grouping { PER_CPU, PER_CORE, PER_SOCKET, PER_NODE, ALL_IN_ONE };
static enum rq_grouping grouping = PER_SOCKET;

static init_fn int parse_runqueue(const char *val)
{
	static const char *const names[] = { "cpu", "core", "socket", "node", "all" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(val, names[i])) {
			grouping = (enum rq_grouping)i;
			return 0;
		}
	return -EINVAL;
}
CMDLINE_PARAM("credit2_runqueue", parse_runqueue);

static bool ratelimit_ok(u32 us)
{
	return us == 0 || (us >= XEN_SYSCTL_SCHED_RATELIMIT_MIN && us <= XEN_SYSCTL_SCHED_RATELIMIT_MAX);
}

static init_fn int parse_ratelimit(const char *val)
{
	unsigned long long us = simple_strtoull(val, NULL, 0);

	if (us > XEN_SYSCTL_SCHED_RATELIMIT_MAX || !ratelimit_ok((u32)us))
		return -EINVAL;
	cpupool0.ratelimit_us = (u32)us;
	return 0;
}
CMDLINE_PARAM("sched_ratelimit_us", parse_ratelimit);

static bool c2_wake(struct vcpu *v, s_time_t t)
{
	struct sched_unit *u = v->sched;
	struct c2_rq *rq = c2_rq_of_cpu[v->processor];
	struct c2_front front = { NR_CPUS, 0 };
	s64 low;

	/* While its state is being saved it only has to be runnable: descheduled() queues it. */
	if (u->queued || u->parked || v->is_running)
		return false;
	if (unlikely(!c2_of_pool(rq, v))) {
		v->processor = c2_pick_cpu(v);
		return true;
	}
	if (u->rq != rq) {
		u->node.key += rq->floor - READ_ONCE(u->rq->floor);
		u->rq = rq;
	}
	if (rq->waiting.first)
		c2_floor_at_least(rq, rq->waiting.first->key);
	else
		c2_raise_floor_to_running(rq);
	low = rq->floor;
	if (cpumask_empty(&rq->idle)) {
		front = c2_front(rq, v, t);
		if (front.cpu < NR_CPUS && otree_before(front.vt, low))
			low = front.vt;
	}
	low -= c2_vt_of(u, WAKE_BONUS);
	if (otree_before(u->node.key, low))
		u->node.key = low;
	c2_enqueue(rq, u);
	if (c2_nr_rqs > 1 && c2_wake_elsewhere(rq, u, t))
		return false;
	if (front.cpu < NR_CPUS)
		c2_preempt(rq, u, front, t);
	else
		c2_tickle_for(rq, u, t);
	return false;
}

static void c2_sleep(struct vcpu *v)
{
	struct sched_unit *u = v->sched;

	if (u->queued) {
		c2_dequeue(c2_rq_of_cpu[v->processor], u);
	} else if (v->is_running) {
		u->unsettled = true;
		sched_tickle(v->processor);
	}
}

static void c2_yield(struct vcpu *v)
{
	v->sched->yields = true;
}

void c2_unpark(struct vcpu *v)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);
	bool moved;

	v->sched->parked = false;
	moved = vcpu_runnable(v) && c2_wake(v, now());
	spin_unlock_irqrestore(l, flags);
	if (moved)
		vcpu_wake(v);
}

static bool c2_descheduled(struct vcpu *v, s_time_t t)
{
	struct sched_unit *u = v->sched;
	struct c2_rq *rq = c2_rq_of_cpu[v->processor];

	if (unlikely(!c2_of_pool(rq, v))) {
		v->processor = c2_pick_cpu(v);
		return true;
	}
	if (!vcpu_runnable(v) || u->parked || u->queued)
		return false;
	/* Nobody else has a CPU for it, and its own knows of it. */
	if (u->foreseen && !u->unsettled && rq->nr_cpus == 1 && !c2_misplaced(v, v->processor)) {
		c2_enqueue(rq, u);
		return false;
	}
	if (unlikely(!c2_allowed_in(rq, v) || (c2_misplaced(v, v->processor) && c2_wished_idle_cpu(v) < NR_CPUS))) {
		v->processor = c2_pick_cpu(v);
		return true;
	}
	c2_enqueue(rq, u);
	c2_tickle_for(rq, u, t);
	return false;
}

/* Until when @u may go on before somebody else is due: @next, who waits, or else @left, who will (NULL: nobody). */
static s_time_t slice_for(const struct c2_rq *rq, const struct sched_unit *u, const struct sched_unit *next,
			  const struct sched_unit *left, unsigned int cpu)
{
	s_time_t slice = TIME_NEVER;

	if (!next && left) {
		/* Who yielded waits for a round. */
		if (unlikely(left->yields))
			return min(C2_ROUND + (u->charged & C2_SLICE_JITTER), u->budget);
		/* keeps_cpu() would say so as soon as it is queued. */
		if (rq->ratelimit)
			return min(rq->ratelimit, u->budget);
		next = left;
	}
	if (next)
		slice = c2_slice_beside(rq, u, u->node.key, next);
	else if (rq->nr_waiting)
		slice = C2_MAX_SLICE;	/* keeps balancing going for those that may not run here */
	if (c2_misplaced(u->v, cpu))
		slice = min(slice, C2_BALANCE_PERIOD + (u->charged & C2_SLICE_JITTER));
	return min(slice, u->budget);
}

/*
 * @u's turn is over, but another one would begin just before somebody wakes by a timer, who could not preempt it
 * within the rate limit: @u goes on until then, once a turn and not for longer than the shortest turn is, unless
 * somebody wants this CPU already.
 */
static bool waits_for_sleeper(const struct c2_rq *rq, struct sched_unit *u, unsigned int cpu, s_time_t t, s_time_t *slice)
{
	s_time_t left;

	if (u->claimed || !cpumask_empty(&rq->idle))
		return false;
	left = max(sched_next_wake_up(cpu) - t, (s_time_t)1);
	if (left >= rq->ratelimit || left > C2_MIN_SLICE)
		return false;
	u->claimed = true;
	*slice = min(left, u->budget);
	return true;
}

/* The current vCPU's turn is over, with @next to follow, unless it may and should go on. */
static bool keeps_cpu(const struct c2_rq *rq, struct sched_unit *u, const struct sched_unit *next, unsigned int cpu,
		      s_time_t t, s_time_t *slice)
{
	s_time_t limit = rq->ratelimit, ran = t - u->picked;

	if (!vcpu_runnable(u->v))
		return false;
	if (unlikely(u->unsettled) && (!cpumask_test_cpu(cpu, &u->v->hard_affinity) || !c2_of_pool(rq, u->v)))
		return false;
	u->unsettled = false;
	if (u->budget <= 0 || (u->budget == C2_NO_CAP) != !u->v->domain->sched->cap) {
		if (!c2_cap_take(u, t)) {
			u->parked = true;
			return false;
		}
	}
	if (c2_misplaced(u->v, cpu) && c2_better_place(rq, u->v, cpu))
		return false;
	if (!next)
		return true;
	if (unlikely(next->v->has_wish) && c2_makes_place(rq, u->v, next->v, cpu))
		return false;
	if (u->yields) {
		/* Others go first: behind the next one, but not by more than a turn. */
		if (otree_before(u->node.key, next->node.key))
			u->node.key = next->node.key;
		return false;
	}
	if (ran < limit) {
		*slice = min(limit - ran, u->budget);
		return true;
	}
	if (!otree_before(next->node.key, u->node.key))
		return true;
	return waits_for_sleeper(rq, u, cpu, t, slice);
}

/* @u, who is first in order, or who may run instead. */
static struct sched_unit *choose_next(struct c2_rq *rq, struct sched_unit *u, unsigned int cpu, s_time_t t)
{
	for (;; u = c2_candidate(rq, cpu)) {
		if (!u)
			u = c2_steal(rq, cpu, t);
		if (!u)
			return NULL;
		c2_dequeue(rq, u);
		u->v->processor = cpu;
		if (c2_cap_take(u, t))
			return u;
		u->parked = true;
	}
}

static struct sched_decision c2_pick(s_time_t t, unsigned int cpu)
{
	struct c2_rq *rq = c2_rq_of_cpu[cpu];
	struct sched_unit *u = c2_unit_on(cpu), *left = NULL, *next;
	s_time_t slice = 0;

	cpumask_clear_cpu(cpu, &rq->tickled);
	if (u) {
		bool keep;

		c2_charge(rq, u, t);
		if (c2_nr_rqs > 1)
			c2_balance(rq, u, t);
		next = c2_candidate(rq, cpu);
		keep = keeps_cpu(rq, u, next, cpu, t, &slice);
		if (keep)
			goto run;
		c2_cap_give_back(u);
		u->running = false;
		/* Known here, it needs no second look at this CPU once its state is saved. */
		if (!u->parked && vcpu_runnable(u->v) && c2_of_pool(rq, u->v) && cpumask_test_cpu(cpu, &u->v->hard_affinity))
			left = u;
		u->foreseen = false;
	} else {
		next = c2_candidate(rq, cpu);
	}
	u = choose_next(rq, next, cpu, t);
	if (!u) {
		cpumask_set_cpu(cpu, &rq->idle);
		return (struct sched_decision){ sched_idle_vcpu(cpu), TIME_NEVER };
	}
	if (left)
		left->foreseen = true;
	cpumask_clear_cpu(cpu, &rq->idle);
	u->running = true;
	u->unsettled = u->claimed = false;
	u->picked = u->charged = t;
	next = c2_candidate(rq, cpu);
run:
	u->yields = false;
	if (!slice)
		slice = slice_for(rq, u, next, left, cpu);
	u->endless = slice == TIME_NEVER;
	return (struct sched_decision){ u->v, slice };
}

static int c2_domain_init(struct domain *d)
{
	d->sched = hv_new(struct sched_dom);
	if (!d->sched)
		return -ENOMEM;
	d->sched->weight = C2_DEFAULT_WEIGHT;
	c2_cap_init(d->sched, d);
	return 0;
}

static void c2_domain_free(struct domain *d)
{
	kill_timer(&d->sched->refill);
	hv_free(d->sched);
}

static int c2_vcpu_init(struct vcpu *v)
{
	struct sched_unit *u = hv_new(struct sched_unit);

	if (!u)
		return -ENOMEM;
	u->v = v;
	u->budget = C2_NO_CAP;
	v->sched = u;
	v->processor = c2_pick_cpu(v);
	u->rq = c2_rq_of_cpu[v->processor];
	u->node.key = u->rq->floor;
	return 0;
}

static void c2_vcpu_free(struct vcpu *v)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);
	struct sched_unit *u = v->sched;

	/* The lock also waits for the rest of context_saved() on the CPU that it last ran on. */
	ASSERT_CHEAP(!v->is_running);
	if (u->queued)
		c2_dequeue(c2_rq_of_cpu[v->processor], u);
	v->sched = NULL;
	spin_unlock_irqrestore(l, flags);
	hv_free(u);
}

static int c2_global_init(void)
{
	c2_nr_rqs = 0;
	return 0;
}

static bool same_group(unsigned int a, unsigned int b)
{
	switch (grouping) {
	case PER_CPU:
		return a == b;
	case PER_CORE:
		return cpu_topology[a].socket == cpu_topology[b].socket && cpu_topology[a].core == cpu_topology[b].core;
	case PER_SOCKET:
		return cpu_topology[a].socket == cpu_topology[b].socket;
	case PER_NODE:
		return cpu_to_node(a) == cpu_to_node(b);
	default:
		return true;
	}
}

/* One that has CPUs of the same pool and group, one that lost its CPUs, or a new one. There are as many as CPUs. */
static struct c2_rq *rq_for_new_cpu(unsigned int cpu, const struct cpupool *pool)
{
	struct c2_rq *rq, *empty = NULL;

	for (unsigned int i = 0; i < c2_nr_rqs; i++) {
		rq = &c2_rqs[i];
		if (!rq->nr_cpus)
			empty = rq;
		else if (rq->pool == pool && rq->nr_cpus < MAX_CPUS_PER_RQ && same_group(cpu, cpumask_first(&rq->cpus)))
			return rq;
	}
	if (empty) {
		unsigned long flags = spin_lock_irqsave(&empty->lock);

		empty->pool = pool;
		empty->ratelimit = MICROSECS(pool->ratelimit_us);
		spin_unlock_irqrestore(&empty->lock, flags);
		return empty;
	}
	rq = &c2_rqs[c2_nr_rqs];
	*rq = (struct c2_rq){ .id = (u16)c2_nr_rqs, .pool = pool, .ratelimit = MICROSECS(pool->ratelimit_us) };
	spin_init(&rq->lock, LOCK_SCHED);
	smp_wmb();
	WRITE_ONCE(c2_nr_rqs, c2_nr_rqs + 1);
	return rq;
}

/* With the lock of the queue that it had. */
static void set_rq(unsigned int cpu, struct c2_rq *rq)
{
	c2_rq_of_cpu[cpu] = rq;
	sched_set_lock(cpu, &rq->lock);
}

static int c2_cpu_add(unsigned int cpu, const struct cpupool *pool)
{
	struct c2_rq *rq = rq_for_new_cpu(cpu, pool), *from = c2_rq_of_cpu[cpu];
	unsigned long flags;

	if (from) {
		flags = spin_lock_irqsave(&from->lock);
		set_rq(cpu, rq);
		spin_unlock_irqrestore(&from->lock, flags);
	}
	flags = spin_lock_irqsave(&rq->lock);
	cpumask_set_cpu(cpu, &rq->cpus);
	if (sched_cpu_idles(cpu))
		cpumask_set_cpu(cpu, &rq->idle);
	rq->nr_cpus++;
	if (!from)
		set_rq(cpu, rq);
	spin_unlock_irqrestore(&rq->lock, flags);
	return 0;
}

/* Whoever waits for @cpu waits for another one of @rq, or, if there is none, for the core, which wakes all anew. */
static void send_on(struct c2_rq *rq, unsigned int cpu)
{
	struct otree_node *n, *next;

	for (n = rq->waiting.first; n; n = next) {
		struct sched_unit *u = container_of(n, struct sched_unit, node);

		next = otree_next(n);
		if (u->v->processor != cpu)
			continue;
		if (rq->nr_cpus)
			u->v->processor = cpumask_first(&rq->cpus);
		else
			c2_dequeue(rq, u);
	}
}

static void c2_cpu_remove(unsigned int cpu)
{
	struct c2_rq *rq = c2_rq_of_cpu[cpu];
	unsigned long flags = spin_lock_irqsave(&rq->lock);

	cpumask_clear_cpu(cpu, &rq->cpus);
	cpumask_clear_cpu(cpu, &rq->idle);
	cpumask_clear_cpu(cpu, &rq->tickled);
	rq->nr_cpus--;
	send_on(rq, cpu);
	if (c2_unit_on(cpu))
		c2_unit_on(cpu)->unsettled = true;
	if (!rq->nr_cpus)
		rq->pool = &no_pool;
	set_rq(cpu, &no_rq);
	spin_unlock_irqrestore(&rq->lock, flags);
}

static int c2_adjust(struct domain *d, struct xen_domctl_scheduler_op *op)
{
	struct sched_dom *sd = d->sched;

	switch (op->cmd) {
	case XEN_DOMCTL_SCHEDOP_putinfo:
		/* ABI: 0 and all ones leave a value as it is. */
		if (op->u.credit2.weight)
			WRITE_ONCE(sd->weight, op->u.credit2.weight);
		if (op->u.credit2.cap != (u16)~0U)
			c2_cap_set(sd, op->u.credit2.cap);
		return 0;
	case XEN_DOMCTL_SCHEDOP_getinfo:
		op->u.credit2.weight = sd->weight;
		op->u.credit2.cap = sd->cap;
		return 0;
	default:
		return -EINVAL;	/* weights are a domain's: per-vCPU parameters belong to other schedulers */
	}
}

static int c2_adjust_pool(struct cpupool *pool, struct xen_sysctl_scheduler_op *op)
{
	struct xen_sysctl_credit2_schedule *p = &op->u.sched_credit2;

	switch (op->cmd) {
	case XEN_SYSCTL_SCHEDOP_putinfo:
		if (!ratelimit_ok(p->ratelimit_us))
			return -EINVAL;
		pool->ratelimit_us = p->ratelimit_us;
		for (unsigned int i = 0; i < c2_nr_rqs; i++)
			if (c2_rqs[i].pool == pool)
				WRITE_ONCE(c2_rqs[i].ratelimit, MICROSECS(p->ratelimit_us));
		fallthrough;
	case XEN_SYSCTL_SCHEDOP_getinfo:
		p->ratelimit_us = pool->ratelimit_us;
		return 0;
	default:
		return -EINVAL;
	}
}

static void dump_unit(const struct sched_unit *u, const struct c2_rq *rq, const char *where)
{
	const struct sched_dom *sd = u->v->domain->sched;

	printk("    d%uv%u %s cpu %u weight %u cap %u ahead %ld us\n", u->v->domain->id, u->v->id, where,
	       u->v->processor, sd->weight, sd->cap,
	       (long)((u->node.key - rq->floor) / VT_SCALE * sd->weight / 1000));
}

static void c2_dump(unsigned int cpu)
{
	struct c2_rq *rq = c2_rq_of_cpu[cpu];
	unsigned long flags;

	if (!rq)
		return;
	flags = spin_lock_irqsave(&rq->lock);
	if (rq == &no_rq)
		printk("  CPU %u: in no pool\n", cpu);
	else
		printk("  CPU %u: pool %u, queue %u, %s\n", cpu, rq->pool->id, rq->id,
		       cpumask_test_cpu(cpu, &rq->idle) ? "idle" : "busy");
	if (c2_unit_on(cpu))
		dump_unit(c2_unit_on(cpu), rq, "runs on");
	if (cpumask_first(&rq->cpus) == cpu) {
		printk("  queue %u: %u CPUs, %u waiting\n", rq->id, rq->nr_cpus, rq->nr_waiting);
		for (struct otree_node *n = rq->waiting.first; n; n = otree_next(n))
			dump_unit(container_of(n, struct sched_unit, node), rq, "waits for");
	}
	spin_unlock_irqrestore(&rq->lock, flags);
}

const struct scheduler_ops credit2_ops = {
	.name = "SMP Credit Scheduler rev2",
	.opt_name = "credit2",
	.id = XEN_SCHEDULER_CREDIT2,
	.global_init = c2_global_init,
	.cpu_add = c2_cpu_add,
	.cpu_remove = c2_cpu_remove,
	.domain_init = c2_domain_init,
	.domain_free = c2_domain_free,
	.vcpu_init = c2_vcpu_init,
	.vcpu_free = c2_vcpu_free,
	.sleep = c2_sleep,
	.wake = c2_wake,
	.yield = c2_yield,
	.descheduled = c2_descheduled,
	.pick = c2_pick,
	.pick_cpu = c2_pick_cpu,
	.adjust = c2_adjust,
	.adjust_pool = c2_adjust_pool,
	.dump = c2_dump,
};
