/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run states.  A vCPU is runnable while nothing holds it back: no pause flag, no pause count of its own or of
 * its domain.  Whoever takes a reason away calls vcpu_wake(), whoever adds one calls vcpu_sleep_*(); both look
 * at the sum under the lock of the run queue, so the order of concurrent callers does not matter.
 *
 * The lock of a vCPU is the queue lock of v->processor.  That field changes only under the old queue's lock
 * and while the vCPU is in no queue; hence the loop in lock_vcpu().
 */
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/smp.h>
#include "sched.h"

struct sched_cpu sched_cpus[NR_CPUS];

const struct scheduler_ops *sched_ops;

void sched_set_lock(unsigned int cpu, spinlock_t *lock)
{
	sched_cpus[cpu].lock = lock;
}

void sched_tickle(unsigned int cpu)
{
	cpu_raise_softirq(cpu, SOFTIRQ_SCHEDULE);
}

/* s. Most slices end before their time, so the timer is only brought forward: one that fires too soon is set anew. */
static void set_slice_end(struct sched_cpu *sc, s_time_t end)
{
	sc->slice_end = end;
	if (end < sc->timer_date) {
		sc->timer_date = end;
		set_timer(&sc->timer, end);
	}
}

void sched_cut_slice(unsigned int cpu, s_time_t end)
{
	if (end < sched_cpus[cpu].slice_end)
		set_slice_end(&sched_cpus[cpu], end);
}

spinlock_t *sched_lock_vcpu(const struct vcpu *v, unsigned long *flags)
{
	for (;;) {
		spinlock_t *l = sched_cpus[READ_ONCE(v->processor)].lock;

		*flags = spin_lock_irqsave(l);
		if (likely(sched_cpus[v->processor].lock == l))
			return l;
		spin_unlock_irqrestore(l, *flags);
	}
}

/* s */
static void runstate_change(struct vcpu *v, u32 state, s_time_t t)
{
	struct runstate *r = &v->runstate;

	if (r->state == state)
		return;
	if (t > r->entered) {
		r->time[r->state] += (u64)(t - r->entered);
		r->entered = t;
	}
	r->state = state;
}

static u32 asleep_state(const struct vcpu *v)
{
	return test_bit(VPF_BLOCKED, &v->pause_flags) ? RUNSTATE_blocked : RUNSTATE_offline;
}

void vcpu_wake(struct vcpu *v)
{
	bool moved;

	do {
		unsigned long flags;
		spinlock_t *l = sched_lock_vcpu(v, &flags);
		s_time_t t = now();

		moved = false;
		if (likely(vcpu_runnable(v))) {
			if (v->runstate.state >= RUNSTATE_blocked)
				runstate_change(v, RUNSTATE_runnable, t);
			moved = sched_ops->wake(v, t);
		} else if (v->runstate.state == RUNSTATE_blocked && !test_bit(VPF_BLOCKED, &v->pause_flags)) {
			runstate_change(v, RUNSTATE_offline, t);
		}
		spin_unlock_irqrestore(l, flags);
	} while (unlikely(moved));
}

void vcpu_sleep_nosync(struct vcpu *v)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);

	if (likely(!vcpu_runnable(v))) {
		if (v->runstate.state == RUNSTATE_runnable)
			runstate_change(v, RUNSTATE_offline, now());
		sched_ops->sleep(v);
	}
	spin_unlock_irqrestore(l, flags);
}

void vcpu_sleep_sync(struct vcpu *v)
{
	vcpu_sleep_nosync(v);
	while (!vcpu_runnable(v) && __atomic_load_n(&v->is_running, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void vcpu_pause(struct vcpu *v)
{
	ASSERT(v != current);
	atomic_inc(&v->pause_count);
	vcpu_sleep_sync(v);
}

void vcpu_pause_nosync(struct vcpu *v)
{
	atomic_inc(&v->pause_count);
	vcpu_sleep_nosync(v);
}

void vcpu_unpause(struct vcpu *v)
{
	if (atomic_dec_and_test(&v->pause_count))
		vcpu_wake(v);
}

void domain_pause_nosync(struct domain *d)
{
	struct vcpu *v;

	atomic_inc(&d->pause_count);
	for_each_vcpu(d, v)
		vcpu_sleep_nosync(v);
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;

	ASSERT(d != current->domain);
	domain_pause_nosync(d);
	for_each_vcpu(d, v)
		vcpu_sleep_sync(v);
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;

	if (atomic_dec_and_test(&d->pause_count))
		for_each_vcpu(d, v)
			vcpu_wake(v);
}

/* Enough for all that pauses a domain at a time; keeps pause_count from wrapping. */
#define MAX_CONTROLLER_PAUSES 255

int domain_pause_by_controller(struct domain *d)
{
	if (d->controller_pause_count >= MAX_CONTROLLER_PAUSES)
		return -EINVAL;
	if (d->controller_pause_count++ == 0)
		d->controller_paused = true;
	domain_pause(d);
	return 0;
}

int domain_unpause_by_controller(struct domain *d)
{
	if (d->controller_pause_count <= 0)
		return -EINVAL;
	if (--d->controller_pause_count == 0)
		d->controller_paused = false;
	domain_unpause(d);
	return 0;
}

void vcpu_unblock(struct vcpu *v)
{
	/* Plain read first: whoever blocks sets the flag and then looks for events, with a barrier between. */
	if (!test_bit(VPF_BLOCKED, &v->pause_flags) || !test_and_clear_bit(VPF_BLOCKED, &v->pause_flags))
		return;
	if (v->poll_evtchn)
		sched_poll_end(v);
	vcpu_wake(v);
}

void vcpu_kick(struct vcpu *v)
{
	bool running = READ_ONCE(v->is_running);

	vcpu_unblock(v);
	/* On its way out to the guest the vCPU looks at its events anyway. */
	if (running && v->processor != smp_processor_id())
		smp_send_kick(v->processor);
}

void vcpu_block_enable_events(void)
{
	struct vcpu *v = current;

	v->vcpu_info->evtchn_upcall_mask = 0;
	set_bit(VPF_BLOCKED, &v->pause_flags);
	smp_mb();	/* the flag is seen before the pending bit is read: an event sender does it the other way */
	if (KIND_CALL(v->domain, event_deliverable, v))
		clear_bit(VPF_BLOCKED, &v->pause_flags);
	else
		raise_softirq(SOFTIRQ_SCHEDULE);
}

void vcpu_yield(void)
{
	sched_ops->yield(current);
	raise_softirq(SOFTIRQ_SCHEDULE);
}

/* Ticks stop while a vCPU does not run: a period that passed meanwhile gives one tick. */
static void periodic_switch(struct vcpu *prev, struct vcpu *next, s_time_t t)
{
	if (unlikely(prev->periodic_period))
		stop_timer(&prev->periodic_timer);
	if (unlikely(next->periodic_period))
		sched_periodic_start(next, t);
}

/* SOFTIRQ_SCHEDULE */
static void schedule(void)
{
	unsigned int cpu = smp_processor_id();
	struct sched_cpu *sc = &sched_cpus[cpu];
	struct vcpu *prev = current, *next;
	struct sched_decision dec;
	unsigned long flags;
	spinlock_t *l = sc->lock;
	s_time_t t;

	if (unlikely(!l))
		return;
	flags = spin_lock_irqsave(l);
	if (unlikely(sc->lock != l)) {
		spin_unlock_irqrestore(l, flags);	/* the CPU went to another pool meanwhile */
		raise_softirq(SOFTIRQ_SCHEDULE);
		return;
	}
	t = now();
	dec = sched_ops->pick(t, cpu);
	next = dec.next;
	sc->decided = t;
	set_slice_end(sc, dec.slice == TIME_NEVER ? TIME_NEVER : t + dec.slice);
	if (next != prev) {
		runstate_change(prev, vcpu_runnable(prev) ? RUNSTATE_runnable : asleep_state(prev), t);
		runstate_change(next, RUNSTATE_running, t);
		ASSERT_CHEAP(!next->is_running);
		/* prev stays marked as running until context_saved(): nobody else may take it before. */
		next->is_running = true;
		sc->curr = next;
	}
	spin_unlock_irqrestore(l, flags);

	if (next == prev)
		return;
	periodic_switch(prev, next, t);
	context_switch(prev, next);
}

void context_saved(struct vcpu *prev)
{
	unsigned long flags;
	spinlock_t *l;
	bool moved = false;

	if (is_idle_vcpu(prev)) {
		prev->is_running = false;
		return;
	}
	l = sched_lock_vcpu(prev, &flags);
	__atomic_store_n(&prev->is_running, false, __ATOMIC_RELEASE);
	moved = sched_ops->descheduled(prev, sched_cpus[smp_processor_id()].decided);
	spin_unlock_irqrestore(l, flags);
	if (moved)
		vcpu_wake(prev);
}

static void slice_timer(void *data)
{
	struct sched_cpu *sc = data;
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(sc->idle, &flags);

	sc->timer_date = TIME_NEVER;
	if (now() < sc->slice_end)
		set_slice_end(sc, sc->slice_end);
	else
		raise_softirq(SOFTIRQ_SCHEDULE);
	spin_unlock_irqrestore(l, flags);
}

int sched_vcpu_init(struct vcpu *v)
{
	struct sched_cpu *sc;

	v->runstate.entered = now();
	if (is_idle_vcpu(v)) {
		sc = &sched_cpus[v->id];
		v->processor = v->id;
		v->runstate.state = RUNSTATE_running;
		v->is_running = true;
		cpumask_clear(&v->hard_affinity);
		cpumask_set_cpu(v->id, &v->hard_affinity);
		v->soft_affinity = v->hard_affinity;
		sc->idle = sc->curr = v;
		return 0;
	}
	v->runstate.state = RUNSTATE_offline;
	set_bit(VPF_DOWN, &v->pause_flags);
	cpumask_setall(&v->hard_affinity);
	cpumask_setall(&v->soft_affinity);
	v->processor = cpumask_first(&v->domain->pool->cpus);
	sched_vcpu_timers_init(v);
	return sched_ops->vcpu_init(v);
}

void sched_vcpu_free(struct vcpu *v)
{
	if (is_idle_vcpu(v))
		return;
	sched_vcpu_timers_kill(v);
	if (v->sched)
		sched_ops->vcpu_free(v);
	v->sched = NULL;
}

int sched_domain_init(struct domain *d, u32 pool)
{
	int rc = cpupool_enter(d, pool);

	if (rc)
		return rc;
	sched_watchdogs_init(d);
	return sched_ops->domain_init(d);
}

void sched_domain_free(struct domain *d)
{
	if (!d->pool)
		return;		/* creation failed before */
	sched_watchdogs_kill(d);
	if (d->sched)
		sched_ops->domain_free(d);
	d->sched = NULL;
	cpupool_leave(d);
}

int sched_cpu_up(unsigned int cpu)
{
	struct sched_cpu *sc = &sched_cpus[cpu];
	int rc;

	sc->slice_end = sc->timer_date = TIME_NEVER;
	init_timer(&sc->timer, slice_timer, sc, cpu);
	rc = sched_ops->cpu_add(cpu, &cpupool0);
	if (rc)
		sc->lock = NULL;
	else
		cpumask_set_cpu(cpu, &cpupool0.cpus);
	return rc;
}

bool sched_cpu_idles(unsigned int cpu)
{
	return READ_ONCE(sched_cpus[cpu].curr) == sched_cpus[cpu].idle;
}

long sched_adjust(struct domain *d, struct xen_domctl_scheduler_op *op)
{
	return sched_ops->adjust(d, op);
}

u32 sched_id(void)
{
	return sched_ops->id;
}

static void copy_runstate(const struct vcpu *v, struct vcpu_runstate_info *out, bool until_now)
{
	unsigned long flags = 0;
	spinlock_t *l = v == current ? NULL : sched_lock_vcpu(v, &flags);
	const struct runstate *r = &v->runstate;
	s_time_t t = until_now ? now() : r->entered;

	memset(out, 0, sizeof(*out));		/* goes to guests, padding too */
	out->state = (int)r->state;
	out->state_entry_time = (u64)r->entered;
	memcpy(out->time, r->time, sizeof(out->time));
	if (t > r->entered)
		out->time[r->state] += (u64)(t - r->entered);
	if (l)
		spin_unlock_irqrestore(l, flags);
}

void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *out)
{
	copy_runstate(v, out, true);
}

void vcpu_runstate_at_entry(const struct vcpu *v, struct vcpu_runstate_info *out)
{
	copy_runstate(v, out, false);
}

u64 vcpu_cpu_time(const struct vcpu *v)
{
	struct vcpu_runstate_info info;

	vcpu_runstate_get(v, &info);
	return info.time[RUNSTATE_running];
}

s_time_t cpu_idle_time(unsigned int cpu)
{
	const struct vcpu *idle = sched_cpus[cpu].idle;

	return idle ? (s_time_t)vcpu_cpu_time(idle) : 0;
}

/* Every scheduler there is; the first one is the default. */
static const struct scheduler_ops *const schedulers[] = { &credit2_ops };
static char sched_wanted[16] init_data;

static init_fn int parse_sched(const char *val)
{
	return snprintf(sched_wanted, sizeof(sched_wanted), "%s", val) < (int)sizeof(sched_wanted) ? 0 : -EINVAL;
}
CMDLINE_PARAM("sched", parse_sched);

void init_fn sched_init(void)
{
	cpupools_init();
	sched_ops = schedulers[0];
	for (unsigned int i = 0; i < ARRAY_SIZE(schedulers); i++)
		if (!strcmp(schedulers[i]->opt_name, sched_wanted))
			sched_ops = schedulers[i];
	if (sched_wanted[0] && strcmp(sched_ops->opt_name, sched_wanted))
		printk(LOG_WARN "sched=%s: no such scheduler here, using %s\n", sched_wanted, sched_ops->opt_name);
	if (sched_ops->global_init())
		panic("scheduler %s cannot start: out of memory", sched_ops->opt_name);
	printk(LOG_INFO "Using scheduler: %s (%s)\n", sched_ops->name, sched_ops->opt_name);
	open_softirq(SOFTIRQ_SCHEDULE, schedule);
	if (sched_cpu_up(smp_processor_id()))
		panic("scheduler %s cannot add the boot CPU: out of memory", sched_ops->opt_name);
}
