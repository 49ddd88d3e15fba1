/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a vCPU may run (hard affinity) and should (soft). */
#include <hv/lib.h>
#include "sched.h"

/* Places a vCPU anew after a change of its masks; if it runs, the scheduler's pick and descheduled() do it. */
static void place_again(struct vcpu *v, const cpumask_t *must)
{
	unsigned long flags;
	spinlock_t *l = sched_lock_vcpu(v, &flags);

	if (v->is_running) {
		sched_tickle(v->processor);
		spin_unlock_irqrestore(l, flags);
		return;
	}
	/* Out of the queue and in again: a wider mask may hold an idle CPU for it. */
	sched_ops->sleep(v);
	if (!cpumask_test_cpu(v->processor, must))
		v->processor = sched_ops->pick_cpu(v);
	spin_unlock_irqrestore(l, flags);
	vcpu_wake(v);
}

/* s. A wish excludes something that the vCPU may have, and can be fulfilled. */
static void note_wish(struct vcpu *v)
{
	cpumask_t wished, others;

	cpumask_and(&wished, &v->hard_affinity, &cpu_online_map);
	cpumask_andnot(&others, &wished, &v->soft_affinity);
	cpumask_and(&wished, &wished, &v->soft_affinity);
	v->has_wish = !cpumask_empty(&wished) && !cpumask_empty(&others);
}

static int set_affinity(struct vcpu *v, cpumask_t *field, const cpumask_t *m)
{
	unsigned long flags;
	spinlock_t *l;

	if (!cpumask_intersects(m, &cpu_online_map))
		return -EINVAL;
	l = sched_lock_vcpu(v, &flags);
	*field = *m;
	note_wish(v);
	spin_unlock_irqrestore(l, flags);
	place_again(v, m);
	return 0;
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
	if (cpu >= NR_CPUS || !cpu_online((unsigned int)cpu))
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
	if (cpumask_intersects(&both, &cpu_online_map))
		return set_affinity(v, &v->soft_affinity, m);
	l = sched_lock_vcpu(v, &flags);
	v->soft_affinity = *m;
	note_wish(v);
	spin_unlock_irqrestore(l, flags);
	return 0;
}
