/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fair shares by virtual time.
 *
 * CPUs that share a cache share a run queue.  A running vCPU's virtual time advances by real time divided by
 * its weight; the waiting vCPU with the smallest virtual time goes next, so in the long run all get CPU time
 * in proportion to their weights.  That order is the queue: a tree, with the smallest at hand.
 *
 * Each queue has a floor, the virtual time of the first that waits (or of the slowest that runs), which never
 * goes back.  A vCPU that slept comes back no lower than a small bonus below the floor: sleep earns no claim on
 * the past, but one who wakes goes before those that just use up the CPU, and preempts one of them.  A vCPU
 * that cannot be given its share (its weight is worth more than a whole CPU, or it is pinned) drifts away from
 * the floor; drift is bounded in both directions by what it could run in a few slices, so a change of load
 * meets no old debts.
 *
 * A vCPU in a queue is in that of v->processor.  Waking looks for an idle CPU first in the soft affinity, then
 * in the hard one, then in other queues, then for the running vCPU that is most ahead.  An idle CPU takes from
 * other queues; a loaded queue pushes to less loaded ones from time to time.  Two queue locks are only ever
 * taken by trylock.
 */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/numa.h>
#include <x86/smp.h>
#include "credit2.h"

/* Virtual time units per nanosecond at weight 1. */
#define VT_SCALE 4096
#define WAKE_BONUS MILLISECS(1)
#define PREEMPT_MARGIN MICROSECS(100)
/* Among those within this of the first, one that has its cache or its wish here is preferred. */
#define LOCALITY_MARGIN MICROSECS(300)
#define LOCALITY_LOOK 4
#define BALANCE_PERIOD MILLISECS(40)
#define MAX_CPUS_PER_RQ 16

static struct c2_rq *rq_of_cpu[NR_CPUS];
static struct c2_rq rqs[NR_CPUS];
static unsigned int nr_rqs;	/* grows only, under the lock of whoever brings CPUs up one by one */

#define RATELIMIT_DEFAULT 1000
u32 c2_ratelimit_us = RATELIMIT_DEFAULT;

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
	c2_ratelimit_us = (u32)us;
	return 0;
}
CMDLINE_PARAM("sched_ratelimit_us", parse_ratelimit);

/* ---- virtual time ---- */

static s64 vt_of(const struct sched_unit *u, s_time_t ns)
{
	return ns * VT_SCALE / u->v->domain->sched->weight;
}

static struct sched_unit *unit_on(unsigned int cpu)
{
	return sched_current(cpu)->sched;	/* NULL: idle */
}

static s64 vt_at(const struct sched_unit *u, s_time_t t)
{
	return u->node.key + vt_of(u, min(t - u->charged, NSEC_PER_SEC));
}

static void raise_floor(struct c2_rq *rq)
{
	unsigned int cpu;
	s64 low = 0;
	bool any = false;

	if (rq->waiting.first) {
		low = rq->waiting.first->key;
		any = true;
	} else {
		for_each_cpu(cpu, &rq->cpus) {
			const struct sched_unit *u = unit_on(cpu);

			if (u && u->running && (!any || otree_before(u->node.key, low))) {
				low = u->node.key;
				any = true;
			}
		}
	}
	if (any && otree_before(rq->floor, low))
		rq->floor = low;
}

/* Accounts what a running vCPU used until @t. */
static void charge(struct c2_rq *rq, struct sched_unit *u, s_time_t t)
{
	s_time_t ran = t - u->charged;
	s64 bound;

	if (ran <= 0)
		return;
	/* More than a second on a CPU without a decision: nobody wanted it, and the bound would cut it anyway. */
	u->node.key += vt_of(u, min(ran, NSEC_PER_SEC));
	u->charged = t;
	if (u->budget != C2_NO_CAP)
		u->budget -= ran;
	raise_floor(rq);
	bound = vt_of(u, max(2 * C2_MAX_SLICE, 2 * MICROSECS(c2_ratelimit_us)));
	if (otree_before(rq->floor + bound, u->node.key))
		u->node.key = rq->floor + bound;
	else if (otree_before(u->node.key, rq->floor - bound))
		u->node.key = rq->floor - bound;
}

/* ---- queue ---- */

static void enqueue(struct c2_rq *rq, struct sched_unit *u)
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
static void dequeue(struct c2_rq *rq, struct sched_unit *u)
{
	otree_remove(&rq->waiting, &u->node);
	u->queued = false;
	rq->nr_waiting--;
	rq->waiting_weight -= min((u32)u->v->domain->sched->weight, rq->waiting_weight);
	if (!rq->nr_waiting)
		rq->waiting_weight = 0;
}

static bool allowed_in(const struct c2_rq *rq, const struct vcpu *v)
{
	return cpumask_intersects(&rq->cpus, &v->hard_affinity);
}

/* Who waits and may run on @cpu, in order; of those close to the first, the best placed one. */
static struct sched_unit *candidate(struct c2_rq *rq, unsigned int cpu)
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
		else if (otree_before(first->node.key + vt_of(first, LOCALITY_MARGIN), n->key))
			break;
		seen++;
		score = 2 * cpumask_test_cpu(cpu, &u->v->soft_affinity) + (u->v->processor == cpu);
		if (score > best_score) {
			best = u;
			best_score = score;
		}
	}
	return best;
}

/* ---- placing ---- */

static unsigned int first_of_three(const cpumask_t *a, const cpumask_t *b, const cpumask_t *c)
{
	cpumask_t m;

	cpumask_and(&m, a, b);
	cpumask_and(&m, &m, c);
	return cpumask_first(&m);
}

/* An idle CPU of @rq that @v may use, best its last one and where it wishes to be; NR_CPUS: none. */
static unsigned int idle_cpu_for(const struct c2_rq *rq, const struct vcpu *v)
{
	cpumask_t idle;
	unsigned int cpu;

	cpumask_andnot(&idle, &rq->idle, &rq->tickled);
	cpumask_and(&idle, &idle, &v->hard_affinity);
	if (cpumask_test_cpu(v->processor, &idle) && cpumask_test_cpu(v->processor, &v->soft_affinity))
		return v->processor;
	cpu = first_of_three(&idle, &v->soft_affinity, &rq->cpus);
	if (cpu < NR_CPUS)
		return cpu;
	return cpumask_test_cpu(v->processor, &idle) ? v->processor : cpumask_first(&idle);
}

/* The CPU of @rq whose vCPU is most ahead of @u, if by enough to preempt it. */
static unsigned int victim_for(const struct c2_rq *rq, const struct sched_unit *u, s_time_t t)
{
	s64 limit = u->node.key + vt_of(u, PREEMPT_MARGIN);
	unsigned int cpu, best = NR_CPUS;

	for_each_cpu(cpu, &rq->cpus) {
		const struct sched_unit *r = unit_on(cpu);
		s64 vt;

		if (!r || cpumask_test_cpu(cpu, &rq->tickled) || !cpumask_test_cpu(cpu, &u->v->hard_affinity))
			continue;
		vt = vt_at(r, t);
		if (otree_before(limit, vt)) {
			limit = vt;
			best = cpu;
		}
	}
	return best;
}

static void tickle_cpu(struct c2_rq *rq, unsigned int cpu)
{
	cpumask_set_cpu(cpu, &rq->tickled);
	sched_tickle(cpu);
}

/* @u was queued: make the best CPU look. */
static void tickle_for(struct c2_rq *rq, struct sched_unit *u, s_time_t t)
{
	struct vcpu *v = u->v;
	unsigned int cpu = idle_cpu_for(rq, v);

	if (cpu >= NR_CPUS)
		cpu = victim_for(rq, u, t);
	if (cpu < NR_CPUS) {
		v->processor = cpu;
		tickle_cpu(rq, cpu);
		return;
	}
	/* It waits.  A CPU that had nobody to give way to set no timer: it must now. */
	for_each_cpu(cpu, &rq->cpus) {
		const struct sched_unit *r = unit_on(cpu);

		if (r && r->endless && cpumask_test_cpu(cpu, &v->hard_affinity) && !cpumask_test_cpu(cpu, &rq->tickled)) {
			tickle_cpu(rq, cpu);
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

static u32 running_weight(const struct c2_rq *rq)
{
	unsigned int cpu;
	u32 w = 0;

	for_each_cpu(cpu, &rq->cpus) {
		const struct sched_unit *u = unit_on(cpu);

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

static unsigned int c2_pick_cpu(struct vcpu *v)
{
	struct c2_rq *best = NULL;
	unsigned int cpu;
	u64 best_load = 0;
	cpumask_t m;

	for (unsigned int i = 0; i < nr_rqs; i++) {
		struct c2_rq *rq = &rqs[i];
		u64 load;

		if (!allowed_in(rq, v))
			continue;
		if ((cpu = idle_cpu_for(rq, v)) < NR_CPUS && cpumask_test_cpu(cpu, &v->soft_affinity))
			return cpu;
		load = rq_load(rq) + (cpumask_intersects(&rq->cpus, &v->soft_affinity) ? 0 : BIT64(40));
		if (!best || load < best_load) {
			best = rq;
			best_load = load;
		}
	}
	/* The mask may name CPUs that went away: then any will do. */
	if (!best)
		return cpumask_first(&cpu_online_map);
	if ((cpu = idle_cpu_for(best, v)) < NR_CPUS)
		return cpu;
	cpumask_and(&m, &best->cpus, &v->hard_affinity);
	cpu = first_of_three(&m, &v->soft_affinity, &best->cpus);
	return cpu < NR_CPUS ? cpu : cpumask_first(&m);
}

/* Takes the queued @u from @from, whose lock is held, to @to, whose lock is held too. */
static void move_unit(struct c2_rq *from, struct c2_rq *to, struct sched_unit *u, s_time_t t)
{
	cpumask_t m;

	dequeue(from, u);
	cpumask_and(&m, &to->cpus, &u->v->hard_affinity);
	u->v->processor = cpumask_first(&m);
	enqueue(to, u);
	tickle_for(to, u, t);
}

/* All CPUs here are busy, somewhere else one idles: go there. */
static bool wake_elsewhere(struct c2_rq *rq, struct sched_unit *u, s_time_t t)
{
	for (unsigned int i = 0; i < nr_rqs; i++) {
		struct c2_rq *to = &rqs[i];

		if (to == rq || idle_cpu_for(to, u->v) >= NR_CPUS || !spin_trylock(&to->lock))
			continue;
		move_unit(rq, to, u, t);
		spin_unlock(&to->lock);
		return true;
	}
	return false;
}

/* An idle CPU found nothing in its queue: the first that may run here from another one. */
static struct sched_unit *steal(struct c2_rq *rq, unsigned int cpu)
{
	for (unsigned int i = 0; i < nr_rqs; i++) {
		struct c2_rq *from = &rqs[i];
		struct sched_unit *u;

		if (from == rq || !READ_ONCE(from->nr_waiting) || !spin_trylock(&from->lock))
			continue;
		u = candidate(from, cpu);
		if (u) {
			dequeue(from, u);
			u->v->processor = cpu;
			enqueue(rq, u);
		}
		spin_unlock(&from->lock);
		if (u)
			return u;
	}
	return NULL;
}

/* Pushes one waiting vCPU to the least loaded queue where it is better off. */
static void balance(struct c2_rq *rq, s_time_t t)
{
	struct c2_rq *to = NULL;
	u64 mine, least = ~0ULL;

	if (nr_rqs < 2 || !rq->nr_waiting || t < rq->next_balance)
		return;
	rq->next_balance = t + BALANCE_PERIOD;
	mine = rq_load(rq);
	/* From the next one on: among equals the surplus goes round, so that all have a share of it. */
	for (unsigned int k = 1; k < nr_rqs; k++) {
		struct c2_rq *other = &rqs[(rq->id + k) % nr_rqs];
		u64 load = rq_load(other);

		if (other->nr_cpus && load < least) {
			least = load;
			to = other;
		}
	}
	if (!to || least >= mine || !spin_trylock(&to->lock))
		return;
	for (struct otree_node *n = rq->waiting.first; n; n = otree_next(n)) {
		struct sched_unit *u = container_of(n, struct sched_unit, node);
		u64 w = ((u64)u->v->domain->sched->weight << 6) / max((u16)1, to->nr_cpus);

		/* Not worse off there.  Equal counts too: whom a queue of its own fell to changes over time. */
		if (least + w <= mine && allowed_in(to, u->v)) {
			move_unit(rq, to, u, t);
			to->next_balance = t + BALANCE_PERIOD;	/* not straight on to the next one */
			break;
		}
	}
	spin_unlock(&to->lock);
}

/* ---- operations ---- */

static void c2_wake(struct vcpu *v, s_time_t t)
{
	struct sched_unit *u = v->sched;
	struct c2_rq *rq = rq_of_cpu[v->processor];
	s64 low;

	/* While its state is being saved it only has to be runnable: descheduled() queues it. */
	if (u->queued || u->parked || v->is_running)
		return;
	if (u->rq != rq) {
		u->node.key += rq->floor - READ_ONCE(u->rq->floor);
		u->rq = rq;
	}
	raise_floor(rq);
	low = rq->floor - vt_of(u, WAKE_BONUS);
	if (otree_before(u->node.key, low))
		u->node.key = low;
	enqueue(rq, u);
	if (nr_rqs > 1 && idle_cpu_for(rq, v) >= NR_CPUS && wake_elsewhere(rq, u, t))
		return;
	tickle_for(rq, u, t);
}

static void c2_sleep(struct vcpu *v)
{
	struct sched_unit *u = v->sched;

	if (u->queued)
		dequeue(rq_of_cpu[v->processor], u);
	else if (v->is_running)
		sched_tickle(v->processor);
}

static void c2_yield(struct vcpu *v, s_time_t t)
{
	v->sched->yields = true;
}

void c2_unpark(struct vcpu *v)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);

	v->sched->parked = false;
	if (vcpu_runnable(v))
		c2_wake(v, now());
	spin_unlock_irqrestore(l, flags);
}

static bool c2_descheduled(struct vcpu *v, s_time_t t)
{
	struct sched_unit *u = v->sched;
	struct c2_rq *rq = rq_of_cpu[v->processor];

	if (!vcpu_runnable(v) || u->parked || u->queued)
		return false;
	if (unlikely(!allowed_in(rq, v))) {
		v->processor = c2_pick_cpu(v);
		return true;
	}
	enqueue(rq, u);
	tickle_for(rq, u, t);
	return false;
}

/* Until when @u may go on before somebody else is due. */
static s_time_t slice_for(struct c2_rq *rq, const struct sched_unit *u, unsigned int cpu)
{
	const struct sched_unit *next = candidate(rq, cpu);
	s_time_t slice = TIME_NEVER;

	if (next) {
		s64 lead = next->node.key - u->node.key;

		slice = lead > 0 ? lead / VT_SCALE * u->v->domain->sched->weight : 0;
		slice = min(slice + C2_MIN_SLICE, C2_MAX_SLICE);
		slice = max(slice, MICROSECS(c2_ratelimit_us));
	} else if (rq->nr_waiting) {
		slice = C2_MAX_SLICE;	/* keeps balancing going for those that may not run here */
	}
	return min(slice, u->budget);
}

/* The current vCPU's turn is over unless it may and should go on. */
static bool keeps_cpu(const struct c2_rq *rq, struct sched_unit *u, unsigned int cpu, s_time_t t, s_time_t *slice)
{
	s_time_t limit = MICROSECS(c2_ratelimit_us), ran = t - u->picked;
	const struct sched_unit *next;

	if (!vcpu_runnable(u->v) || !cpumask_test_cpu(cpu, &u->v->hard_affinity))
		return false;
	if (u->budget <= 0 || (u->budget == C2_NO_CAP) != !u->v->domain->sched->cap) {
		if (!c2_cap_take(u, t)) {
			u->parked = true;
			return false;
		}
	}
	next = candidate((struct c2_rq *)rq, cpu);
	if (!next)
		return true;
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
	return !otree_before(next->node.key, u->node.key);
}

static struct sched_unit *choose_next(struct c2_rq *rq, unsigned int cpu, s_time_t t)
{
	for (;;) {
		struct sched_unit *u = candidate(rq, cpu);

		if (!u)
			u = steal(rq, cpu);
		if (!u)
			return NULL;
		dequeue(rq, u);
		u->v->processor = cpu;
		if (c2_cap_take(u, t))
			return u;
		u->parked = true;
	}
}

static struct sched_decision c2_pick(s_time_t t, unsigned int cpu)
{
	struct c2_rq *rq = rq_of_cpu[cpu];
	struct sched_unit *u = unit_on(cpu);
	s_time_t slice = 0;

	cpumask_clear_cpu(cpu, &rq->tickled);
	if (u) {
		bool keep;

		charge(rq, u, t);
		balance(rq, t);
		keep = keeps_cpu(rq, u, cpu, t, &slice);
		u->yields = false;
		if (keep)
			goto run;
		c2_cap_give_back(u);
		u->running = false;
	}
	u = choose_next(rq, cpu, t);
	if (!u) {
		cpumask_set_cpu(cpu, &rq->idle);
		return (struct sched_decision){ sched_idle_vcpu(cpu), TIME_NEVER };
	}
	cpumask_clear_cpu(cpu, &rq->idle);
	u->running = true;
	u->picked = u->charged = t;
run:
	if (!slice)
		slice = slice_for(rq, u, cpu);
	u->endless = slice == TIME_NEVER;
	return (struct sched_decision){ u->v, slice };
}

/* ---- vCPUs, domains, CPUs ---- */

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
	u->rq = rq_of_cpu[v->processor];
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
		dequeue(rq_of_cpu[v->processor], u);
	v->sched = NULL;
	spin_unlock_irqrestore(l, flags);
	hv_free(u);
}

static int c2_global_init(void)
{
	nr_rqs = 0;
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

static struct c2_rq *rq_for_new_cpu(unsigned int cpu)
{
	struct c2_rq *rq;

	for (unsigned int i = 0; i < nr_rqs; i++) {
		rq = &rqs[i];
		if (!rq->nr_cpus || (rq->nr_cpus < MAX_CPUS_PER_RQ && same_group(cpu, cpumask_first(&rq->cpus))))
			return rq;
	}
	rq = &rqs[nr_rqs];
	*rq = (struct c2_rq){ .id = (u16)nr_rqs };
	spin_init(&rq->lock, LOCK_SCHED);
	smp_wmb();
	WRITE_ONCE(nr_rqs, nr_rqs + 1);
	return rq;
}

static int c2_cpu_add(unsigned int cpu)
{
	struct c2_rq *rq = rq_for_new_cpu(cpu);
	unsigned long flags = spin_lock_irqsave(&rq->lock);

	cpumask_set_cpu(cpu, &rq->cpus);
	cpumask_set_cpu(cpu, &rq->idle);
	rq->nr_cpus++;
	rq_of_cpu[cpu] = rq;
	sched_set_lock(cpu, &rq->lock);
	spin_unlock_irqrestore(&rq->lock, flags);
	return 0;
}

/* The CPU runs its idle vCPU by now. A queue that loses its last CPU stays, empty: others may hold a pointer. */
static void c2_cpu_remove(unsigned int cpu)
{
	struct c2_rq *rq = rq_of_cpu[cpu];
	unsigned long flags = spin_lock_irqsave(&rq->lock);

	cpumask_clear_cpu(cpu, &rq->cpus);
	cpumask_clear_cpu(cpu, &rq->idle);
	cpumask_clear_cpu(cpu, &rq->tickled);
	rq->nr_cpus--;
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

static int c2_adjust_global(struct xen_sysctl_scheduler_op *op)
{
	struct xen_sysctl_credit2_schedule *p = &op->u.sched_credit2;

	switch (op->cmd) {
	case XEN_SYSCTL_SCHEDOP_putinfo:
		if (!ratelimit_ok(p->ratelimit_us))
			return -EINVAL;
		c2_ratelimit_us = p->ratelimit_us;
		fallthrough;
	case XEN_SYSCTL_SCHEDOP_getinfo:
		p->ratelimit_us = c2_ratelimit_us;
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
	struct c2_rq *rq = rq_of_cpu[cpu];
	unsigned long flags;

	if (!rq)
		return;
	flags = spin_lock_irqsave(&rq->lock);
	printk("  CPU %u: queue %u, %s\n", cpu, rq->id, cpumask_test_cpu(cpu, &rq->idle) ? "idle" : "busy");
	if (unit_on(cpu))
		dump_unit(unit_on(cpu), rq, "runs on");
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
	.adjust_global = c2_adjust_global,
	.dump = c2_dump,
};
