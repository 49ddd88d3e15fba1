/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a vCPU may run (hard affinity) and should (soft). */
#include <hv/lib.h>
#include "sched.h"

/* Places a vCPU anew after a change of its masks; if it runs, the scheduler's pick and descheduled() do it. */
static void place_again(struct vcpu *v, const cpumask_t *must)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);

	/* Out of the queue and in again: a wider mask may hold an idle CPU for it. */
	sched_ops->sleep(v);
	if (v->is_running) {
		spin_unlock_irqrestore(l, flags);
		return;
	}
	if (!cpumask_test_cpu(v->processor, must))
		v->processor = sched_ops->pick_cpu(v);
	spin_unlock_irqrestore(l, flags);
	vcpu_wake(v);
}

/* s. A wish excludes something that the vCPU may have, and can be fulfilled. */
static void note_wish(struct vcpu *v)
{
	cpumask_t wished, others;

	cpumask_and(&wished, &v->hard_affinity, &v->domain->pool->cpus);
	cpumask_andnot(&others, &wished, &v->soft_affinity);
	cpumask_and(&wished, &wished, &v->soft_affinity);
	v->has_wish = !cpumask_empty(&wished) && !cpumask_empty(&others);
}

static int set_affinity(struct vcpu *v, cpumask_t *field, const cpumask_t *m)
{
	unsigned long flags;
	/* Looked at with the lock: the pool's CPUs change first, and then each vCPU of its domains is looked at. */
	spinlock_t *l = sched_lock_vcpu(v, &flags);
	bool fits = cpumask_intersects(m, &v->domain->pool->cpus);

	if (fits) {
		*field = *m;
		note_wish(v);
	}
	spin_unlock_irqrestore(l, flags);
	if (!fits)
		return -EINVAL;
	place_again(v, m);
	return 0;
}

void vcpu_affinity_forget(struct vcpu *v)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);

	cpumask_setall(&v->hard_affinity);
	cpumask_setall(&v->soft_affinity);
	v->pinned = v->has_wish = false;
	spin_unlock_irqrestore(l, flags);
	place_again(v, &v->domain->pool->cpus);
}

void vcpu_pool_changed(struct vcpu *v)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);
	bool stuck = !cpumask_intersects(&v->hard_affinity, &v->domain->pool->cpus);

	if (stuck) {
		cpumask_setall(&v->hard_affinity);
		v->pinned = false;
	}
	note_wish(v);
	spin_unlock_irqrestore(l, flags);
	if (stuck)
		printk(LOG_WARN "d%uv%u: its CPUs left pool %u, it may run on any there\n", v->domain->id, v->id,
		       v->domain->pool->id);
	place_again(v, &v->domain->pool->cpus);
}

int vcpu_set_hard_affinity(struct vcpu *v, const cpumask_t *m)
{
	return v->pinned ? -EBUSY : set_affinity(v, &v->hard_affinity, m);
}

static int pin_end(struct vcpu *v)
{
	if (!v->pinned)
		return -EINVAL;
	v->pinned = false;
	return vcpu_set_hard_affinity(v, &v->affinity_before_pin);
}

int vcpu_pin(struct vcpu *v, s32 cpu)
{
	cpumask_t one = { { 0 } };
	int rc;

	if (cpu < 0)
		return pin_end(v);
	if (cpu >= NR_CPUS || !cpumask_test_cpu((unsigned int)cpu, &v->domain->pool->cpus))
		return -EINVAL;
	if (v->pinned)
		return cpumask_test_cpu((unsigned int)cpu, &v->hard_affinity) ? 0 : -EBUSY;
	v->affinity_before_pin = v->hard_affinity;
	cpumask_set_cpu((unsigned int)cpu, &one);
	rc = vcpu_set_hard_affinity(v, &one);
	v->pinned = !rc;
	return rc;
}

int vcpu_set_soft_affinity(struct vcpu *v, const cpumask_t *m)
{
	cpumask_t both;
	unsigned long flags;
	spinlock_t *l;

	/* A wish that no allowed CPU can fulfil is kept, and does nothing. */
	cpumask_and(&both, m, &v->hard_affinity);
	if (cpumask_intersects(&both, &v->domain->pool->cpus))
		return set_affinity(v, &v->soft_affinity, m);
	l = sched_lock_vcpu(v, &flags);
	v->soft_affinity = *m;
	note_wish(v);
	spin_unlock_irqrestore(l, flags);
	return 0;
}
