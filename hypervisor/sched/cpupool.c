/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cpupool ABI with its one pool, number 0: all CPUs, all domains, the one scheduler.  What would make
 * another pool, or take a CPU out of this one, is refused.
 */
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <public/sysctl.h>
#include "sched.h"

static bool write_map(const struct xenctl_bitmap *map, const cpumask_t *m)
{
	size_t want = (map->nr_bits + 7UL) / 8, have = min(want, (nr_cpus + 7UL) / 8);

	/* nr_cpus bounds what is set, so whole bytes carry no stray bits. */
	return copy_to_guest_raw((unsigned long)map->bitmap.p, m->bits, have) &&
	       (want == have || clear_guest_raw((unsigned long)map->bitmap.p + have, want - have));
}

static u32 count_domains(void)
{
	struct domain *d;
	u32 n = 0;

	for (domid_t id = 0; (d = domain_get_from(id)) != NULL; n++) {
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
	return n;
}

/* ABI: the pool of that number or the next higher one. */
static int info(struct xen_sysctl_cpupool_op *op)
{
	if (op->cpupool_id != 0)
		return -ENOENT;
	op->sched_id = sched_id();
	op->n_dom = count_domains();
	return write_map(&op->cpumap, &cpu_online_map) ? 0 : -EFAULT;
}

static int free_info(const struct xen_sysctl_cpupool_op *op)
{
	cpumask_t none;

	cpumask_clear(&none);
	return write_map(&op->cpumap, &none) ? 0 : -EFAULT;
}

static int add_cpu(const struct xen_sysctl_cpupool_op *op)
{
	if (op->cpupool_id != 0)
		return -ENOENT;
	if (op->cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY)
		return -EINVAL;		/* none is free */
	return cpu_online(op->cpu) ? -EBUSY : -ENODEV;
}

static int move_domain(const struct xen_sysctl_cpupool_op *op)
{
	struct domain *d = domain_get((domid_t)op->domid);

	if (!d)
		return -ESRCH;
	domain_put(d);
	return op->cpupool_id == 0 ? 0 : -ENOENT;
}

int do_cpupool_op(struct xen_sysctl_cpupool_op *op)
{
	switch (op->op) {
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
		return -EOPNOTSUPP;
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return op->cpupool_id == 0 ? -EBUSY : -ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return info(op);
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
		return add_cpu(op);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return move_domain(op);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return free_info(op);
	default:
		return -ENOSYS;
	}
}
