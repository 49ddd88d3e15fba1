/* SPDX-License-Identifier: GPL-2.0-only */
/* Shutting a domain down: by itself, by the control domain, by a watchdog, or because it cannot go on. */
#include <hv/domain.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <public/sched.h>
#include <x86/current.h>
#include <x86/shutdown.h>
#include <x86/traps.h>

#include "domain_internal.h"

/* Of the one that ended on this CPU, or wherever this is. */
static void start_crash_kernel(void)
{
	kexec_crash(current->domain == hardware_domain ? &current->arch.regs : NULL);
}

/* The machine follows its hardware domain. */
static noreturn_fn void hardware_domain_shutdown(u32 reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		printk(LOG_WARN "Domain 0 powers off: the machine does too\n");
		machine_poweroff();
	case SHUTDOWN_crash:
		printk(LOG_ERR "Domain 0 crashed\n");
		if (current->domain == hardware_domain)
			show_registers(&current->arch.regs);
		start_crash_kernel();
		machine_crashed();
	case SHUTDOWN_reboot:
		printk(LOG_WARN "Domain 0 reboots: the machine does too\n");
		machine_restart(0);
	case SHUTDOWN_watchdog:
		printk(LOG_ERR "Domain 0's watchdog fired: the machine reboots\n");
		start_crash_kernel();
		machine_restart(0);
	case SHUTDOWN_soft_reset:
		printk(LOG_ERR "Domain 0 asked for a soft reset, which it cannot have: the machine reboots\n");
		machine_restart(0);
	default:
		printk(LOG_WARN "Domain 0 shut down (reason %u): the machine halts\n", reason);
		machine_halt();
	}
}

static void finish_if_all_paused(struct domain *d)
{
	struct vcpu *v;

	if (!d->is_shutting_down || d->is_shut_down)
		return;
	for_each_vcpu(d, v)
		if (!v->paused_for_shutdown)
			return;
	d->is_shut_down = true;
	/* A tool that subscribed to the suspension (XEN_DOMCTL_subscribe) hears of it on a port of its own. */
	if (d->shutdown_code == SHUTDOWN_suspend && d->suspend_evtchn)
		notify_other_end(d, d->suspend_evtchn);
	else
		send_global_virq(VIRQ_DOM_EXC);
}

int domain_shutdown(struct domain *d, u32 reason)
{
	struct vcpu *v;

	spin_lock(&d->lock);
	if (d->shutdown_code == SHUTDOWN_CODE_INVALID)
		d->shutdown_code = reason;
	reason = d->shutdown_code;
	if (d == hardware_domain) {
		spin_unlock(&d->lock);
		hardware_domain_shutdown(reason);
	}
	if (!d->is_shutting_down) {
		d->is_shutting_down = true;
		smp_mb();
		for_each_vcpu(d, v) {
			vcpu_pause_nosync(v);
			v->paused_for_shutdown = true;
		}
		finish_if_all_paused(d);
	}
	spin_unlock(&d->lock);
	return 0;
}

void domain_resume(struct domain *d)
{
	struct vcpu *v;

	/* Nobody runs meanwhile: flags and pause counts change together. */
	domain_pause(d);
	spin_lock(&d->lock);
	d->is_shutting_down = d->is_shut_down = false;
	d->shutdown_code = SHUTDOWN_CODE_INVALID;
	d->crash_told = false;
	for_each_vcpu(d, v) {
		if (v->paused_for_shutdown) {
			v->paused_for_shutdown = false;
			vcpu_unpause(v);
		}
	}
	spin_unlock(&d->lock);
	domain_unpause(d);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	char why[160];
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	__builtin_va_end(ap);
	/* Of several vCPUs that fail at once one says why; the line is never among those that are suppressed. */
	if (d->is_shutting_down || xchg(&d->crash_told, true))
		return;
	printk(LOG_ERR "d%u crashed: %s\n", d->id, why);
	domain_shutdown(d, SHUTDOWN_crash);
}
