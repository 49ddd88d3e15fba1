/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's own timers: VIRQ_TIMER once or periodically, and the end of SCHEDOP_poll. */
#include <hv/event.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <x86/current.h>
#include "sched.h"

#define MIN_PERIOD MILLISECS(1)
/* Longer than any machine runs; keeps sums of times away from the sign bit. */
#define MAX_PERIOD (s_time_t)BIT64(60)
/* set_timer_op: dates further off than this are taken for a miscalculation of the guest, see below. */
#define FAR_FUTURE (s_time_t)BIT64(50)

static void timer_virq(void *v)
{
	send_guest_vcpu_virq(v, VIRQ_TIMER);
}

static void periodic_tick(void *data)
{
	struct vcpu *v = data;
	s_time_t period = READ_ONCE(v->periodic_period), t = now();

	send_guest_vcpu_virq(v, VIRQ_TIMER);
	if (!period)
		return;
	/* Ticks that could not be given are dropped; the phase stays. */
	v->periodic_last += (t - v->periodic_last) / period * period;
	set_timer(&v->periodic_timer, v->periodic_last + period);
}

void sched_vcpu_timers_init(struct vcpu *v)
{
	init_timer(&v->periodic_timer, periodic_tick, v, v->processor);
	init_timer(&v->singleshot_timer, timer_virq, v, v->processor);
	init_timer(&v->poll_timer, sched_poll_timeout, v, v->processor);
}

void sched_vcpu_timers_kill(struct vcpu *v)
{
	kill_timer(&v->periodic_timer);
	kill_timer(&v->singleshot_timer);
	kill_timer(&v->poll_timer);
}

/* Not the timers of who runs, or of one whom other reasons than an event keep from running. */
static bool wakes_a_sleeper(const struct timer *t)
{
	const struct vcpu *v = t->data;

	return (t->fn == timer_virq || t->fn == sched_poll_timeout) && READ_ONCE(v->pause_flags) == 1UL << VPF_BLOCKED;
}

s_time_t sched_next_wake_up(unsigned int cpu)
{
	return timer_first_of(cpu, wakes_a_sleeper);
}

void sched_periodic_start(struct vcpu *v, s_time_t t)
{
	s_time_t period = READ_ONCE(v->periodic_period), missed;

	/* Another vCPU of the guest may have stopped it since the caller looked. */
	if (!period)
		return;
	missed = (t - v->periodic_last) / period;
	if (missed > 0) {
		v->periodic_last += missed * period;
		send_guest_vcpu_virq(v, VIRQ_TIMER);
	}
	migrate_timer(&v->periodic_timer, smp_processor_id());
	set_timer(&v->periodic_timer, v->periodic_last + period);
}

long sched_set_periodic(struct vcpu *v, unsigned long arg)
{
	struct vcpu_set_periodic_timer set;

	if (!arg_read(&set, arg))
		return -EFAULT;
	if (set.period_ns < (u64)MIN_PERIOD || set.period_ns > (u64)MAX_PERIOD)
		return -EINVAL;
	/*
	 * Another vCPU may be switched in or out meanwhile, and may not be waited for: two that do this to each
	 * other would wait for ever.  So its timer is armed in any case; a tick too many does no harm.
	 */
	stop_timer(&v->periodic_timer);
	WRITE_ONCE(v->periodic_last, now());
	WRITE_ONCE(v->periodic_period, (s_time_t)set.period_ns);
	if (v == current)
		migrate_timer(&v->periodic_timer, smp_processor_id());
	set_timer(&v->periodic_timer, v->periodic_last + (s_time_t)set.period_ns);
	return 0;
}

long sched_stop_periodic(struct vcpu *v)
{
	WRITE_ONCE(v->periodic_period, 0);
	stop_timer(&v->periodic_timer);
	return 0;
}

long sched_set_singleshot(struct vcpu *v, unsigned long arg)
{
	struct vcpu_set_singleshot_timer set;

	if (unlikely(v != current))
		return -EINVAL;
	if (!arg_read(&set, arg))
		return -EFAULT;
	/* VCPU_SSHOTTMR_future changes nothing (as measured on the original): a date in the past fires at once. */
	if (unlikely(set.timeout_abs_ns > (u64)TIME_NEVER))
		set.timeout_abs_ns = TIME_NEVER;
	if (unlikely(v->singleshot_timer.cpu != smp_processor_id()))
		migrate_timer(&v->singleshot_timer, smp_processor_id());
	set_timer(&v->singleshot_timer, (s_time_t)set.timeout_abs_ns);
	return 0;
}

long sched_stop_singleshot(struct vcpu *v)
{
	if (v != current)
		return -EINVAL;
	stop_timer(&v->singleshot_timer);
	return 0;
}

long do_set_timer_op(s_time_t timeout)
{
	struct vcpu *v = current;
	s_time_t t = now();

	if (timeout == 0) {
		stop_timer(&v->singleshot_timer);
		return 0;
	}
	/*
	 * Guests that compute a date from a tick count may overflow when they mean "much later" (ABI: an
	 * absurd date brings an early tick, so that the guest looks at its clock again).
	 */
	if (timeout < 0 || timeout - t > FAR_FUTURE)
		timeout = t + MILLISECS(100);
	migrate_timer(&v->singleshot_timer, smp_processor_id());
	set_timer(&v->singleshot_timer, timeout);
	return 0;
}
