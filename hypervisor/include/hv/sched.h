/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling: the core (sched/core.c) owns vCPU run states, blocking, affinity and runstate accounting; a
 * scheduler is one file behind struct scheduler_ops.  The core calls ops with the CPU's run-queue lock held.
 */
#ifndef HV_SCHED_H
#define HV_SCHED_H

#include <hv/cpumask.h>
#include <hv/domain.h>
#include <hv/timer.h>

struct xen_domctl_scheduler_op;
struct xen_sysctl_scheduler_op;

struct sched_decision { struct vcpu *next; s_time_t slice; };	/* slice TIME_NEVER: no timer */

struct scheduler_ops {
	const char *name, *opt_name;	/* "SMP Credit Scheduler rev2", "credit2" */
	u32 id;				/* XEN_SCHEDULER_* */
	int (*global_init)(void);
	int (*cpu_add)(unsigned int cpu);
	void (*cpu_remove)(unsigned int cpu);
	int (*domain_init)(struct domain *d);
	void (*domain_free)(struct domain *d);
	int (*vcpu_init)(struct vcpu *v);
	void (*vcpu_free)(struct vcpu *v);
	void (*vcpu_insert)(struct vcpu *v);
	void (*vcpu_remove)(struct vcpu *v);
	void (*sleep)(struct vcpu *v);
	void (*wake)(struct vcpu *v);
	void (*yield)(struct vcpu *v);
	void (*affinity_changed)(struct vcpu *v);
	void (*descheduled)(struct vcpu *v);		/* its state is saved; it may run elsewhere now */
	struct sched_decision (*pick)(s_time_t t, unsigned int cpu, bool tasklet_work);
	int (*adjust)(struct domain *d, struct xen_domctl_scheduler_op *op);
	int (*adjust_global)(struct xen_sysctl_scheduler_op *op);
	void (*dump)(unsigned int cpu);
};

void sched_init(void);				/* boot CPU, before domains; picks by sched= */
int sched_cpu_up(unsigned int cpu);
void sched_cpu_down(unsigned int cpu);
int sched_domain_init(struct domain *d);
void sched_domain_free(struct domain *d);
int sched_vcpu_init(struct vcpu *v);
void sched_vcpu_free(struct vcpu *v);

void vcpu_wake(struct vcpu *v);			/* if nothing holds it back any more, becomes runnable */
void vcpu_sleep_nosync(struct vcpu *v);
void vcpu_sleep_sync(struct vcpu *v);		/* ... and waits until its state is saved */
void vcpu_pause(struct vcpu *v);		/* counted; sync: on return the vCPU does not run */
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
void domain_pause(struct domain *d);
void domain_pause_nosync(struct domain *d);
void domain_unpause(struct domain *d);
int domain_pause_by_controller(struct domain *d);	/* domctl: counted on its own; 0 or -EINVAL */
int domain_unpause_by_controller(struct domain *d);
/* Make a vCPU notice an event: wakes it if blocked, IPIs its CPU if it runs elsewhere. */
void vcpu_kick(struct vcpu *v);
void vcpu_unblock(struct vcpu *v);
void vcpu_block_enable_events(void);		/* SCHEDOP_block on current */
void vcpu_yield(void);

long do_sched_op(int cmd, unsigned long arg);
long do_set_timer_op(s_time_t timeout);
/* vcpu_op's share: up, down, is_up, runstate, periodic and singleshot timers, register areas */
long do_vcpu_op(int cmd, unsigned int vcpuid, unsigned long arg);

int vcpu_set_hard_affinity(struct vcpu *v, const cpumask_t *m);
int vcpu_set_soft_affinity(struct vcpu *v, const cpumask_t *m);
long sched_adjust(struct domain *d, struct xen_domctl_scheduler_op *op);
long sched_adjust_global(struct xen_sysctl_scheduler_op *op);
u32 sched_id(void);
const char *sched_name(void);
void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *out);
u64 vcpu_cpu_time(const struct vcpu *v);	/* ns running */
s_time_t cpu_idle_time(unsigned int cpu);

/* Called by the idle loop and by exits to guests when SOFTIRQ_SCHEDULE is raised. It ends in
 * context_switch(), which does not return to its caller when vCPUs change (x86/switch.c). */
void context_switch(struct vcpu *prev, struct vcpu *next);
/* Called on the CPU's fresh stack after a switch: the previous vCPU's state is saved, others may run it. */
void context_saved(struct vcpu *prev);

#endif
