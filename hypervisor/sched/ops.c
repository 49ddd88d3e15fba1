/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op: yield, block, poll, shutdown and watchdogs. */
#include <hv/event.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <x86/current.h>
#include "sched.h"

#define MAX_POLL_PORTS 128	/* ABI */
#define POLL_SEVERAL (~0U)

/*
 * The vCPU polls no longer, whoever found out first. Who let it go cleared its flag before: it may have gone on by now and
 * poll anew. Then it is that poll which ends here, and nothing else would wake it.
 */
void sched_poll_end(struct vcpu *v)
{
	struct domain *d = v->domain;

	v->poll_evtchn = 0;
	smp_mb();
	if (!test_and_clear_bit(v->id, d->poll_mask))
		return;
	atomic_dec(&d->poll_mask_any);
	clear_bit(VPF_BLOCKED, &v->pause_flags);
}

void sched_wake_pollers(struct domain *d, evtchn_port_t port)
{
	unsigned int id;

	if (likely(!READ_ONCE(d->poll_mask_any)))
		return;
	for (id = find_first_bit(d->poll_mask, d->max_vcpus); id < d->max_vcpus;
	     id = find_next_bit(d->poll_mask, d->max_vcpus, id + 1)) {
		u32 wants = READ_ONCE(d->vcpu[id]->poll_evtchn);

		/* 0: the end of a poll before this one was late to write it. */
		if (wants == port || wants == POLL_SEVERAL || !wants)
			vcpu_unblock(d->vcpu[id]);
	}
}

void sched_poll_timeout(void *data)
{
	vcpu_unblock(data);
}

/* 1: a port is pending, 0: none, or -errno. */
static int poll_look(struct vcpu *v, const struct sched_poll *poll)
{
	for (unsigned int i = 0; i < poll->nr_ports; i++) {
		evtchn_port_t port;

		if (!guest_read_n(&port, poll->ports, i, 1))
			return -EFAULT;
		if (!evtchn_usable_port(v->domain, port))
			return -EINVAL;
		if (evtchn_port_is_pending(v->domain, port))
			return 1;
		if (poll->nr_ports == 1)
			v->poll_evtchn = port;
	}
	return 0;
}

static long poll_ports(unsigned long arg)
{
	struct vcpu *v = current;
	struct domain *d = v->domain;
	struct sched_poll poll;
	int rc;

	if (!arg_read(&poll, arg))
		return -EFAULT;
	if (poll.nr_ports > MAX_POLL_PORTS)
		return -EINVAL;

	set_bit(VPF_BLOCKED, &v->pause_flags);
	v->poll_evtchn = POLL_SEVERAL;
	if (!test_and_set_bit(v->id, d->poll_mask))
		atomic_inc(&d->poll_mask_any);
	smp_mb();	/* senders set a port pending first and look for pollers then; we do it the other way round */

	if (KIND_CALL(d, event_deliverable, v))
		rc = 1;
	else
		rc = poll_look(v, &poll);
	if (rc) {
		sched_poll_end(v);
		clear_bit(VPF_BLOCKED, &v->pause_flags);
		return rc < 0 ? rc : 0;
	}
	if (poll.timeout) {
		migrate_timer(&v->poll_timer, smp_processor_id());
		set_timer(&v->poll_timer, (s_time_t)min(poll.timeout, (u64)TIME_NEVER));
	} else {
		stop_timer(&v->poll_timer);
	}
	raise_softirq(SOFTIRQ_SCHEDULE);
	return 0;
}

static long shut_down(unsigned long arg)
{
	struct sched_shutdown sd;

	if (!arg_read(&sd, arg))
		return -EFAULT;
	return domain_shutdown(current->domain, (u8)sd.reason);
}

static long remote_shutdown(unsigned long arg)
{
	struct sched_remote_shutdown sd;
	struct domain *d;
	long rc;

	if (!arg_read(&sd, arg))
		return -EFAULT;
	d = domain_get(sd.domain_id);
	if (!d)
		return -ESRCH;
	rc = current->domain->is_privileged ? domain_shutdown(d, (u8)sd.reason) : -EPERM;
	domain_put(d);
	return rc;
}

/* The reason that a later shutdown will give, set once: a crash kernel keeps the reason of the crash. */
static long shutdown_code(unsigned long arg)
{
	struct domain *d = current->domain;
	struct sched_shutdown sd;

	if (!arg_read(&sd, arg))
		return -EFAULT;
	spin_lock(&d->lock);
	if (d->shutdown_code == SHUTDOWN_CODE_INVALID)
		d->shutdown_code = (u8)sd.reason;
	spin_unlock(&d->lock);
	return 0;
}

static void watchdog_fired(void *data)
{
	struct domain *d = data;

	if (d->is_shutting_down || d->dying)
		return;
	printk(LOG_ERR "d%u: watchdog not kicked in time, shutting the domain down\n", d->id);
	domain_shutdown(d, SHUTDOWN_watchdog);
}

void sched_watchdogs_init(struct domain *d)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
		init_timer(&d->watchdog[i], watchdog_fired, d, smp_processor_id());
}

void sched_watchdogs_kill(struct domain *d)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
		kill_timer(&d->watchdog[i]);
}

static s_time_t watchdog_date(u32 seconds)
{
	return now() + (s_time_t)seconds * NSEC_PER_SEC;
}

/* Domain lock held. */
static long watchdog_start(struct domain *d, u32 timeout)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++) {
		if (d->watchdog_inuse & BIT64(i))
			continue;
		d->watchdog_inuse |= BIT64(i);
		set_timer(&d->watchdog[i], watchdog_date(timeout));
		return i + 1;
	}
	return -ENOSPC;
}

static long watchdog_kick(struct domain *d, u32 id, u32 timeout)
{
	if (!(d->watchdog_inuse & BIT64(id - 1)))
		return -EINVAL;
	if (timeout) {
		set_timer(&d->watchdog[id - 1], watchdog_date(timeout));
	} else {
		d->watchdog_inuse &= ~BIT64(id - 1);
		stop_timer(&d->watchdog[id - 1]);
	}
	return 0;
}

static long watchdog(unsigned long arg)
{
	struct domain *d = current->domain;
	struct sched_watchdog wd;
	long rc;

	if (!arg_read(&wd, arg))
		return -EFAULT;
	if (wd.id > ARRAY_SIZE(d->watchdog))
		return -EINVAL;
	spin_lock(&d->lock);
	rc = wd.id ? watchdog_kick(d, wd.id, wd.timeout) : watchdog_start(d, wd.timeout);
	spin_unlock(&d->lock);
	return rc;
}

static long pin_override(unsigned long arg)
{
	struct sched_pin_override pin;

	if (!current->domain->is_hardware)
		return -EPERM;
	return arg_read(&pin, arg) ? vcpu_pin(current, pin.pcpu) : -EFAULT;
}

long do_sched_op(int cmd, unsigned long arg)
{
	switch (cmd) {
	case SCHEDOP_yield:
		vcpu_yield();
		return 0;
	case SCHEDOP_block:
		vcpu_block_enable_events();
		return 0;
	case SCHEDOP_shutdown:
		return shut_down(arg);
	case SCHEDOP_poll:
		return poll_ports(arg);
	case SCHEDOP_remote_shutdown:
		return remote_shutdown(arg);
	case SCHEDOP_shutdown_code:
		return shutdown_code(arg);
	case SCHEDOP_watchdog:
		return watchdog(arg);
	case SCHEDOP_pin_override:
		return pin_override(arg);
	default:
		return -ENOSYS;
	}
}
