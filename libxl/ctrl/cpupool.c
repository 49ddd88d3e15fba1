// SPDX-License-Identifier: LGPL-2.1-only
/* CPU pools. */
#include "ctrl_internal.h"

static int pool_op(xc_interface *xch, uint32_t op, uint32_t pool, uint32_t domid, uint32_t cpu)
{
	SYSCTL(s, cpupool_op);

	s.u.cpupool_op.op = op;
	s.u.cpupool_op.cpupool_id = pool;
	s.u.cpupool_op.domid = domid;
	s.u.cpupool_op.cpu = cpu;
	return xc_do_sysctl(xch, &s);
}

int xc_cpupool_create(xc_interface *xch, uint32_t *ppoolid, uint32_t sched_id)
{
	SYSCTL(s, cpupool_op);

	s.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	s.u.cpupool_op.cpupool_id = *ppoolid == XC_CPUPOOL_POOLID_ANY ? XEN_SYSCTL_CPUPOOL_PAR_ANY : *ppoolid;
	s.u.cpupool_op.sched_id = sched_id;
	if (xc_do_sysctl(xch, &s))
		return -1;
	*ppoolid = s.u.cpupool_op.cpupool_id;
	return 0;
}

int xc_cpupool_destroy(xc_interface *xch, uint32_t poolid)
{
	return pool_op(xch, XEN_SYSCTL_CPUPOOL_OP_DESTROY, poolid, 0, 0);
}

static int map_op(xc_interface *xch, struct xen_sysctl *s, void *map, int size)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(map, (size_t)size, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(s->u.cpupool_op.cpumap.bitmap, b);
	s->u.cpupool_op.cpumap.nr_bits = (uint32_t)size * 8;
	rc = xc_do_sysctl(xch, s);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

xc_cpupoolinfo_t *xc_cpupool_getinfo(xc_interface *xch, uint32_t poolid)
{
	SYSCTL(s, cpupool_op);
	int size = xc_get_cpumap_size(xch);
	xc_cpupoolinfo_t *info;

	if (size <= 0)
		return NULL;
	/* The map lies behind the struct, so one free() frees both. */
	info = calloc(1, sizeof(*info) + (size_t)size);
	if (!info)
		return NULL;
	info->cpumap = (xc_cpumap_t)(info + 1);
	s.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
	s.u.cpupool_op.cpupool_id = poolid;
	if (map_op(xch, &s, info->cpumap, size) < 0) {
		int saved = errno;

		free(info);
		errno = saved;
		return NULL;
	}
	info->cpupool_id = s.u.cpupool_op.cpupool_id;
	info->sched_id = s.u.cpupool_op.sched_id;
	info->n_dom = s.u.cpupool_op.n_dom;
	return info;
}

void xc_cpupool_infofree(xc_interface *xch, xc_cpupoolinfo_t *info)
{
	free(info);
}

int xc_cpupool_addcpu(xc_interface *xch, uint32_t poolid, int cpu)
{
	return pool_op(xch, XEN_SYSCTL_CPUPOOL_OP_ADDCPU, poolid, 0,
		       cpu < 0 ? XEN_SYSCTL_CPUPOOL_PAR_ANY : (uint32_t)cpu);
}

int xc_cpupool_removecpu(xc_interface *xch, uint32_t poolid, int cpu)
{
	return pool_op(xch, XEN_SYSCTL_CPUPOOL_OP_RMCPU, poolid, 0,
		       cpu < 0 ? XEN_SYSCTL_CPUPOOL_PAR_ANY : (uint32_t)cpu);
}

int xc_cpupool_movedomain(xc_interface *xch, uint32_t poolid, uint32_t domid)
{
	return pool_op(xch, XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, poolid, domid, 0);
}

xc_cpumap_t xc_cpupool_freeinfo(xc_interface *xch)
{
	SYSCTL(s, cpupool_op);
	int size = xc_get_cpumap_size(xch);
	xc_cpumap_t map = size > 0 ? xc_cpumap_alloc(xch) : NULL;

	if (!map)
		return NULL;
	s.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_FREEINFO;
	if (map_op(xch, &s, map, size) < 0) {
		free(map);
		return NULL;
	}
	return map;
}
