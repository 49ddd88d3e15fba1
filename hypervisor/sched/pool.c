/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU pools: a domain runs on its pool's CPUs alone.  All pools have the one scheduler, which keeps queues of
 * different pools apart.
 *
 * Nothing stops while a CPU or a domain changes its pool: the pool's mask or the domain's pool is written first, and
 * then each vCPU concerned is placed anew.  One that runs leaves its CPU when that decides next; one that sleeps finds
 * out when it is woken.
 */
#include <hv/heap.h>
#include <hv/lib.h>
#include <public/sysctl.h>
#include "sched.h"

#define RATELIMIT_DEFAULT 1000

struct cpupool cpupool0 = { .ratelimit_us = RATELIMIT_DEFAULT };
static struct list pools;	/* by number; the first one is cpupool0 */
static cpumask_t free_cpus;
static spinlock_t pools_lock = SPINLOCK_INIT(LOCK_CPUPOOL);

void init_fn cpupools_init(void)
{
	list_init(&pools);
	list_add_tail(&pools, &cpupool0.in_list);
}

/* ---- lock held ---- */

static struct cpupool *find_from(u32 id)
{
	struct cpupool *p;

	list_for_each(p, &pools, in_list)
		if (p->id >= id)
			return p;
	return NULL;
}

static struct cpupool *find(u32 id)
{
	struct cpupool *p = find_from(id);

	return p && p->id == id ? p : NULL;
}

static void change_pool(struct domain *d, struct cpupool *p)
{
	d->pool->nr_domains--;
	p->nr_domains++;
	WRITE_ONCE(d->pool, p);
}

static void place_domain(struct domain *d, void (*place)(struct vcpu *v))
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		place(v);
}

static void for_each_domain_in(const struct cpupool *p, void (*what)(struct domain *d))
{
	struct domain *d;

	for (domid_t id = 0; (d = domain_get_from(id)) != NULL; domain_put(d)) {
		id = (domid_t)(d->id + 1);
		if (d->pool == p)
			what(d);
	}
}

static void pool_changed(struct domain *d)
{
	place_domain(d, vcpu_pool_changed);
}

static void leave_if_dying(struct domain *d)
{
	if (!d->dying)
		return;
	change_pool(d, &cpupool0);
	place_domain(d, vcpu_affinity_forget);
}

static int create(u32 id, u32 *created)
{
	struct cpupool *p, *new;

	if (id == CPUPOOL_ANY)
		for (id = 0; find(id);)
			id++;
	else if (find(id))
		return -EEXIST;
	new = hv_new(struct cpupool);
	if (!new)
		return -ENOMEM;
	new->id = *created = id;
	new->ratelimit_us = RATELIMIT_DEFAULT;
	p = find_from(id);
	list_add_tail(p ? &p->in_list : &pools, &new->in_list);
	return 0;
}

static int destroy(struct cpupool *p)
{
	if (!p)
		return -ENOENT;
	if (p == &cpupool0 || p->nr_domains || !cpumask_empty(&p->cpus))
		return -EBUSY;
	list_del(&p->in_list);
	hv_free(p);
	return 0;
}

static int add_cpu(struct cpupool *p, unsigned int cpu)
{
	int rc;

	if (!p)
		return -ENOENT;
	if (cpu >= NR_CPUS)
		return -EINVAL;
	if (!cpumask_test_cpu(cpu, &free_cpus))
		return -ENODEV;
	/* Whoever ran there when it left its pool is on the way out. */
	if (!sched_cpu_idles(cpu))
		return -ERESTART;
	rc = sched_ops->cpu_add(cpu, p);
	if (rc)
		return rc;
	cpumask_clear_cpu(cpu, &free_cpus);
	cpumask_set_cpu(cpu, &p->cpus);
	for_each_domain_in(p, pool_changed);
	sched_tickle(cpu);
	return 0;
}

static int remove_cpu(struct cpupool *p, unsigned int cpu)
{
	if (!p)
		return -ENOENT;
	if (cpu >= NR_CPUS || !cpumask_test_cpu(cpu, &p->cpus))
		return -EINVAL;
	if (cpumask_weight(&p->cpus) == 1) {
		if (p == &cpupool0)
			return -EBUSY;
		for_each_domain_in(p, leave_if_dying);
		if (p->nr_domains)
			return -EBUSY;
	}
	cpumask_clear_cpu(cpu, &p->cpus);
	cpumask_set_cpu(cpu, &free_cpus);
	sched_ops->cpu_remove(cpu);
	sched_tickle(cpu);
	for_each_domain_in(p, pool_changed);
	return 0;
}

static int move_domain(struct cpupool *p, struct domain *d)
{
	if (!p || cpumask_empty(&p->cpus))
		return -ENOENT;
	if (d->pool == p)
		return 0;
	change_pool(d, p);
	place_domain(d, vcpu_affinity_forget);
	return 0;
}

/* ---- */

#define LOCKED(call) ({ \
	__typeof__(call) locked_rc_; \
	spin_lock(&pools_lock); \
	locked_rc_ = (call); \
	spin_unlock(&pools_lock); \
	locked_rc_; \
})

int cpupool_create(u32 id, u32 *created) { return LOCKED(create(id, created)); }
int cpupool_destroy(u32 id) { return LOCKED(destroy(find(id))); }
int cpupool_add_cpu(u32 id, unsigned int cpu) { return LOCKED(add_cpu(find(id), cpu)); }
int cpupool_remove_cpu(u32 id, unsigned int cpu) { return LOCKED(remove_cpu(find(id), cpu)); }
int cpupool_move_domain(u32 id, struct domain *d) { return LOCKED(move_domain(find(id), d)); }

int cpupool_info(u32 from, struct cpupool *out)
{
	const struct cpupool *p;

	spin_lock(&pools_lock);
	p = find_from(from);
	if (p)
		*out = *p;
	spin_unlock(&pools_lock);
	return p ? 0 : -ENOENT;
}

void cpupool_free_cpus(cpumask_t *out)
{
	spin_lock(&pools_lock);
	*out = free_cpus;
	spin_unlock(&pools_lock);
}

int cpupool_enter(struct domain *d, u32 id)
{
	struct cpupool *p;

	spin_lock(&pools_lock);
	p = find(id);
	if (p && !cpumask_empty(&p->cpus)) {
		d->pool = p;
		p->nr_domains++;
	}
	spin_unlock(&pools_lock);
	return d->pool ? 0 : -EINVAL;
}

void cpupool_leave(struct domain *d)
{
	spin_lock(&pools_lock);
	d->pool->nr_domains--;
	d->pool = NULL;
	spin_unlock(&pools_lock);
}

long sched_adjust_pool(struct xen_sysctl_scheduler_op *op)
{
	struct cpupool *p;
	long rc = -ESRCH;

	spin_lock(&pools_lock);
	p = find(op->cpupool_id);
	if (p)
		rc = op->sched_id == sched_id() ? sched_ops->adjust_pool(p, op) : -EINVAL;
	spin_unlock(&pools_lock);
	return rc;
}
