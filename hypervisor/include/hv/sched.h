/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scheduling: the core (sched/core.c) owns vCPU run states, blocking, affinity and runstate accounting; a
 * scheduler is one file behind struct scheduler_ops.  The core calls sleep, wake, descheduled, pick and
 * pick_cpu with the run-queue lock of the vCPU's (or the given) CPU held and interrupts off; the scheduler says
 * in cpu_add which lock that is by sched_set_lock(), so that CPUs may share a queue.
 */
#ifndef HV_SCHED_H
#define HV_SCHED_H

#include <hv/cpumask.h>
#include <hv/domain.h>
#include <hv/timer.h>

struct xen_domctl_scheduler_op;
struct xen_sysctl_scheduler_op;

/* CPUs and the domains that run on these alone. Written under the lock of sched/pool.c. */
struct cpupool {
	struct list in_list;	/* by number */
	u32 id;
	u32 nr_domains;
	u32 ratelimit_us;	/* who runs is not preempted sooner */
	cpumask_t cpus;		/* empty only while there are no domains but dying ones */
};

struct sched_decision { struct vcpu *next; s_time_t slice; };	/* slice TIME_NEVER: no timer */

struct scheduler_ops {
	const char *name, *opt_name;	/* "SMP Credit Scheduler rev2", "credit2" */
	u32 id;				/* XEN_SCHEDULER_* */
	int (*global_init)(void);
	/* From no pool, or none yet, to @pool; and back: the core makes the CPU decide, which ends up idle. */
	int (*cpu_add)(unsigned int cpu, const struct cpupool *pool);
	void (*cpu_remove)(unsigned int cpu);
	int (*domain_init)(struct domain *d);
	void (*domain_free)(struct domain *d);
	int (*vcpu_init)(struct vcpu *v);
	void (*vcpu_free)(struct vcpu *v);		/* asleep by then */
	/* Off the queue; if it runs, its CPU reschedules, and looks again whether it may stay there. */
	void (*sleep)(struct vcpu *v);
	/* true: v->processor is not its pool's any more and was changed, and the core wakes it there. */
	bool (*wake)(struct vcpu *v, s_time_t t);
	void (*yield)(struct vcpu *v);			/* on its own CPU, which decides next; no lock is held */
	/* Its state is saved: queue it if it is runnable. @t: when this CPU decided. true: it belongs to another run
	 * queue now (v->processor was changed), and the core wakes it there. */
	bool (*descheduled)(struct vcpu *v, s_time_t t);
	struct sched_decision (*pick)(s_time_t t, unsigned int cpu);
	unsigned int (*pick_cpu)(struct vcpu *v);	/* best CPU for it by affinity and load */
	int (*adjust)(struct domain *d, struct xen_domctl_scheduler_op *op);
	int (*adjust_pool)(struct cpupool *pool, struct xen_sysctl_scheduler_op *op);
	void (*dump)(unsigned int cpu);
};

void sched_keys_init(void);			/* debug key r */
void sched_init(void);				/* boot CPU, before domains; picks by sched= */
int sched_cpu_up(unsigned int cpu);
int sched_domain_init(struct domain *d, u32 pool);
void sched_domain_free(struct domain *d);
int sched_vcpu_init(struct vcpu *v);
void sched_vcpu_free(struct vcpu *v);

/* For schedulers: the lock that guards a CPU's queue, and how to make it decide anew. */
void sched_set_lock(unsigned int cpu, spinlock_t *lock);
void sched_tickle(unsigned int cpu);
void sched_cut_slice(unsigned int cpu, s_time_t end);	/* not later than that; the CPU's lock held */

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
void sched_wake_pollers(struct domain *d, evtchn_port_t port);	/* that became pending */
void vcpu_block_enable_events(void);		/* SCHEDOP_block on current */
void vcpu_yield(void);

long do_sched_op(int cmd, unsigned long arg);
long do_set_timer_op(s_time_t timeout);
/* vcpu_op's share: up, down, is_up, runstate, periodic and singleshot timers, register areas */
long do_vcpu_op(int cmd, unsigned int vcpuid, unsigned long arg);

int vcpu_set_hard_affinity(struct vcpu *v, const cpumask_t *m);
int vcpu_set_soft_affinity(struct vcpu *v, const cpumask_t *m);
/* SCHEDOP_pin_override, for firmware calls that want a certain CPU: until a negative number says that it is over. */
int vcpu_pin(struct vcpu *v, s32 cpu);
long sched_adjust(struct domain *d, struct xen_domctl_scheduler_op *op);
long sched_adjust_pool(struct xen_sysctl_scheduler_op *op);
u32 sched_id(void);
/* Its hard affinity excludes all CPUs of its pool no more: it may run on any then. Placed anew. */
void vcpu_pool_changed(struct vcpu *v);
void vcpu_affinity_forget(struct vcpu *v);	/* any CPU, no wish */
void vcpu_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *out);
/* Without the time since it entered its state: in memory of the guest's, who adds that himself (ABI). */
void vcpu_runstate_at_entry(const struct vcpu *v, struct vcpu_runstate_info *out);
u64 vcpu_cpu_time(const struct vcpu *v);	/* ns running */
s_time_t cpu_idle_time(unsigned int cpu);

/*
 * Writes the copy of the run state that the guest registered.  The vCPU's address space must be loaded.
 * false: the area cannot be reached now (a guest user root is loaded); call again when it can.
 */
bool vcpu_runstate_write(struct vcpu *v, unsigned long area);
static inline bool vcpu_runstate_publish(struct vcpu *v)
{
	unsigned long area = READ_ONCE(v->runstate_guest);

	return likely(!area) || vcpu_runstate_write(v, area);
}

/* sched/pool.c: each domain is in one pool, each CPU in one or free. */
extern struct cpupool cpupool0;		/* has the boot CPU, and Domain 0 at first */
int cpupool_create(u32 id, u32 *created);	/* -EEXIST, -ENOMEM; CPUPOOL_ANY: the lowest number that is free */
int cpupool_destroy(u32 id);			/* -ENOENT; -EBUSY: has CPUs or domains, or is the first one */
int cpupool_add_cpu(u32 id, unsigned int cpu);	/* -ENOENT, -EINVAL, -ENODEV: not free; -ERESTART: still leaves a pool */
int cpupool_remove_cpu(u32 id, unsigned int cpu);	/* -ENOENT, -EINVAL: not its; -EBUSY: its domains' last */
int cpupool_move_domain(u32 id, struct domain *d);	/* -ENOENT: no such pool, or it has no CPU */
int cpupool_info(u32 from, struct cpupool *out);	/* of that number or the next higher one; -ENOENT */
void cpupool_free_cpus(cpumask_t *out);
#define CPUPOOL_ANY (~0U)

struct xen_sysctl_cpupool_op;
int do_cpupool_op(struct xen_sysctl_cpupool_op *op);	/* sched/cpupool.c; the maps are written by it */

/* Called by the idle loop and by exits to guests when SOFTIRQ_SCHEDULE is raised. It ends in
 * context_switch(), which does not return to its caller when vCPUs change (x86/switch.c). */
void context_switch(struct vcpu *prev, struct vcpu *next);
/* Called on the CPU's fresh stack after a switch, interrupts off or on: prev's state is saved, others may run it. */
void context_saved(struct vcpu *prev);

#endif
