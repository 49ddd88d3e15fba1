/* SPDX-License-Identifier: GPL-2.0-only */
/* The cpupool ABI over sched/pool.c. */
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <public/sysctl.h>
#include <x86/current.h>
#include "sched.h"

static bool write_map(const struct xenctl_bitmap *map, const cpumask_t *m)
{
	size_t want = (map->nr_bits + 7UL) / 8, have = min(want, (nr_cpus + 7UL) / 8);

	/* nr_cpus bounds what is set, so whole bytes carry no stray bits. */
	return copy_to_guest_raw((unsigned long)map->bitmap.p, m->bits, have) &&
	       (want == have || clear_guest_raw((unsigned long)map->bitmap.p + have, want - have));
}

static int create(struct xen_sysctl_cpupool_op *op)
{
	struct cpupool p;

	if (!cpupool_info(op->cpupool_id, &p) && p.id == op->cpupool_id)
		return -EEXIST;
	return op->sched_id == sched_id() ? cpupool_create(op->cpupool_id, &op->cpupool_id) : -ENOENT;
}

static int info(struct xen_sysctl_cpupool_op *op)
{
	struct cpupool p;
	int rc = cpupool_info(op->cpupool_id, &p);

	if (rc)
		return rc;
	op->cpupool_id = p.id;
	op->sched_id = sched_id();
	op->n_dom = p.nr_domains;
	return write_map(&op->cpumap, &p.cpus) ? 0 : -EFAULT;
}

static int free_info(const struct xen_sysctl_cpupool_op *op)
{
	cpumask_t cpus;

	cpupool_free_cpus(&cpus);
	return write_map(&op->cpumap, &cpus) ? 0 : -EFAULT;
}

/* PAR_ANY: the first free one. */
static int add_cpu(const struct xen_sysctl_cpupool_op *op)
{
	cpumask_t cpus;

	if (op->cpu != XEN_SYSCTL_CPUPOOL_PAR_ANY)
		return cpupool_add_cpu(op->cpupool_id, op->cpu);
	cpupool_free_cpus(&cpus);
	return cpumask_empty(&cpus) ? -EINVAL : cpupool_add_cpu(op->cpupool_id, cpumask_first(&cpus));
}

/* PAR_ANY: the pool's last one. */
static int remove_cpu(const struct xen_sysctl_cpupool_op *op)
{
	unsigned int cpu, last = NR_CPUS;
	struct cpupool p;

	if (op->cpu != XEN_SYSCTL_CPUPOOL_PAR_ANY)
		return cpupool_remove_cpu(op->cpupool_id, op->cpu);
	if (cpupool_info(op->cpupool_id, &p) || p.id != op->cpupool_id)
		return -ENOENT;
	for_each_cpu(cpu, &p.cpus)
		last = cpu;
	return cpupool_remove_cpu(op->cpupool_id, last);
}

static int move_domain(const struct xen_sysctl_cpupool_op *op)
{
	struct domain *d = op->domid < DOMID_FIRST_RESERVED ? domain_get((domid_t)op->domid) : NULL;
	int rc;

	if (!d)
		return -ESRCH;
	rc = d == current->domain ? -EPERM : cpupool_move_domain(op->cpupool_id, d);
	domain_put(d);
	return rc;
}

int do_cpupool_op(struct xen_sysctl_cpupool_op *op)
{
	switch (op->op) {
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
		return create(op);
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
		return cpupool_destroy(op->cpupool_id);
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return info(op);
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
		return add_cpu(op);
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return remove_cpu(op);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return move_domain(op);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return free_info(op);
	default:
		return -ENOSYS;
	}
}
