// SPDX-License-Identifier: LGPL-2.1-only
/* The host: CPUs, nodes, memory, log, keys. */
#include <limits.h>

#include "ctrl_internal.h"

int xc_physinfo(xc_interface *xch, xc_physinfo_t *info)
{
	SYSCTL(s, physinfo);
	int rc;

	s.u.physinfo = *info;
	rc = xc_do_sysctl(xch, &s);
	if (!rc)
		*info = s.u.physinfo;
	return rc;
}

/* --- CPU and node maps */

/* Asked for with each affinity: once is enough. */
static int learn_sizes(xc_interface *xch)
{
	xc_physinfo_t info = { 0 };

	if (xch->max_cpus)
		return 0;
	if (xc_physinfo(xch, &info))
		return -1;
	xch->max_nodes = (int)info.max_node_id + 1;
	xch->max_cpus = (int)info.max_cpu_id + 1;
	return 0;
}

int xc_get_max_cpus(xc_interface *xch)
{
	return learn_sizes(xch) ? -1 : xch->max_cpus;
}

int xc_get_max_nodes(xc_interface *xch)
{
	return learn_sizes(xch) ? -1 : xch->max_nodes;
}

int xc_get_online_cpus(xc_interface *xch)
{
	xc_physinfo_t info = { 0 };

	return xc_physinfo(xch, &info) ? -1 : (int)info.nr_cpus;
}

int xc_get_cpumap_size(xc_interface *xch)
{
	int n = xc_get_max_cpus(xch);

	return n < 0 ? n : (n + 7) / 8;
}

int xc_get_nodemap_size(xc_interface *xch)
{
	int n = xc_get_max_nodes(xch);

	return n < 0 ? n : (n + 7) / 8;
}

xc_cpumap_t xc_cpumap_alloc(xc_interface *xch)
{
	int size = xc_get_cpumap_size(xch);

	return size <= 0 ? NULL : calloc(1, (size_t)size);
}

xc_nodemap_t xc_nodemap_alloc(xc_interface *xch)
{
	int size = xc_get_nodemap_size(xch);

	return size <= 0 ? NULL : calloc(1, (size_t)size);
}

void xc_cpumap_clearcpu(int cpu, xc_cpumap_t map)
{
	map[cpu / 8] &= (uint8_t)~(1U << (cpu % 8));
}

void xc_cpumap_setcpu(int cpu, xc_cpumap_t map)
{
	map[cpu / 8] |= (uint8_t)(1U << (cpu % 8));
}

int xc_cpumap_testcpu(int cpu, xc_cpumap_t map)
{
	return (map[cpu / 8] >> (cpu % 8)) & 1;
}

/* --- topology */

int xc_cputopoinfo(xc_interface *xch, unsigned *max_cpus, xc_cputopo_t *cputopo)
{
	SYSCTL(s, cputopoinfo);
	xc_hypercall_buffer_t b = XC_BOUNCE(cputopo, *max_cpus * sizeof(*cputopo), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	s.u.cputopoinfo.num_cpus = *max_cpus;
	set_handle(s.u.cputopoinfo.cputopo, b);
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, 1);
	if (!rc)
		*max_cpus = s.u.cputopoinfo.num_cpus;
	return rc;
}

int xc_numainfo(xc_interface *xch, unsigned *max_nodes, xc_meminfo_t *meminfo, uint32_t *distance)
{
	SYSCTL(s, numainfo);
	const size_t n = *max_nodes;
	xc_hypercall_buffer_t bm = XC_BOUNCE(meminfo, n * sizeof(*meminfo), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bd = XC_BOUNCE(distance, n * n * sizeof(*distance), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &bm, &bd };
	int rc;

	if (xc_bounce_all(xch, all, 2))
		return -1;
	s.u.numainfo.num_nodes = *max_nodes;
	set_handle(s.u.numainfo.meminfo, bm);
	set_handle(s.u.numainfo.distance, bd);
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, 2);
	if (!rc)
		*max_nodes = s.u.numainfo.num_nodes;
	return rc;
}

int xc_pcitopoinfo(xc_interface *xch, unsigned num_devs, physdev_pci_device_t *devs, uint32_t *nodes)
{
	xc_hypercall_buffer_t bd = XC_BOUNCE(devs, num_devs * sizeof(*devs), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bn = XC_BOUNCE(nodes, num_devs * sizeof(*nodes), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &bd, &bn };
	unsigned int done = 0;
	int rc = 0;

	if (xc_bounce_all(xch, all, 2))
		return -1;
	while (done < num_devs && !rc) {
		SYSCTL(s, pcitopoinfo);

		s.u.pcitopoinfo.num_devs = num_devs - done;
		set_xen_guest_handle_raw(s.u.pcitopoinfo.devs, (physdev_pci_device_t *)bd.hbuf + done);
		set_xen_guest_handle_raw(s.u.pcitopoinfo.nodes, (uint32_t *)bn.hbuf + done);
		rc = xc_do_sysctl(xch, &s);
		if (!rc && !s.u.pcitopoinfo.num_devs)
			break;
		done += s.u.pcitopoinfo.num_devs;
	}
	xc_unbounce_all(xch, all, 2);
	return rc;
}

int xc_getcpuinfo(xc_interface *xch, int max_cpus, xc_cpuinfo_t *info, int *nr_cpus)
{
	SYSCTL(s, getcpuinfo);
	xc_hypercall_buffer_t b = XC_BOUNCE(info, (size_t)max_cpus * sizeof(*info), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	s.u.getcpuinfo.max_cpus = (uint32_t)max_cpus;
	set_handle(s.u.getcpuinfo.info, b);
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, 1);
	if (nr_cpus)
		*nr_cpus = (int)s.u.getcpuinfo.nr_cpus;
	return rc;
}

int xc_sched_id(xc_interface *xch, int *sched_id)
{
	SYSCTL(s, sched_id);
	int rc = xc_do_sysctl(xch, &s);

	if (!rc)
		*sched_id = (int)s.u.sched_id.sched_id;
	return rc;
}

int xc_availheap(xc_interface *xch, int min_width, int max_width, int node, uint64_t *bytes)
{
	SYSCTL(s, availheap);
	int rc;

	s.u.availheap.min_bitwidth = (uint32_t)min_width;
	s.u.availheap.max_bitwidth = (uint32_t)max_width;
	s.u.availheap.node = node;
	rc = xc_do_sysctl(xch, &s);
	*bytes = s.u.availheap.avail_bytes;
	return rc;
}

/* --- log and keys */

int xc_readconsolering(xc_interface *xch, char *buffer, unsigned int *pnr_chars, int clear, int incremental,
		       uint32_t *pindex)
{
	SYSCTL(s, readconsole);
	xc_hypercall_buffer_t b = XC_BOUNCE(buffer, *pnr_chars, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(s.u.readconsole.buffer, b);
	s.u.readconsole.count = *pnr_chars;
	s.u.readconsole.clear = (uint8_t)clear;
	s.u.readconsole.incremental = (uint8_t)incremental;
	if (pindex)
		s.u.readconsole.index = *pindex;
	rc = xc_do_sysctl(xch, &s);
	if (rc) {
		b.dir = XC_BOUNCE_NONE;
	} else {
		*pnr_chars = s.u.readconsole.count;
		if (pindex)
			*pindex = s.u.readconsole.index;
	}
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_send_debug_keys(xc_interface *xch, const char *keys)
{
	SYSCTL(s, debug_keys);
	const size_t n = strlen(keys);
	xc_hypercall_buffer_t b = XC_BOUNCE(keys, n, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(s.u.debug_keys.keys, b);
	s.u.debug_keys.nr_keys = (uint32_t)n;
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

/* --- CPUs on and off, microcode, MSRs */

static int hotplug(xc_interface *xch, int cpu, uint32_t op)
{
	SYSCTL(s, cpu_hotplug);

	s.u.cpu_hotplug.cpu = (uint32_t)cpu;
	s.u.cpu_hotplug.op = op;
	return xc_do_sysctl(xch, &s);
}

int xc_cpu_online(xc_interface *xch, int cpu)
{
	return hotplug(xch, cpu, XEN_SYSCTL_CPU_HOTPLUG_ONLINE);
}

int xc_cpu_offline(xc_interface *xch, int cpu)
{
	return hotplug(xch, cpu, XEN_SYSCTL_CPU_HOTPLUG_OFFLINE);
}

int xc_smt_enable(xc_interface *xch)
{
	return hotplug(xch, 0, XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE);
}

int xc_smt_disable(xc_interface *xch)
{
	return hotplug(xch, 0, XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE);
}

int xc_microcode_update(xc_interface *xch, const void *buf, size_t len)
{
	struct xen_platform_op op = { .cmd = XENPF_microcode_update };
	xc_hypercall_buffer_t b = XC_BOUNCE(buf, len, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (len > UINT32_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(op.u.microcode.data, b);
	op.u.microcode.length = (uint32_t)len;
	rc = xc_do_platform(xch, &op);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

static int resource_one(xc_interface *xch, xc_resource_op_t *r)
{
	struct xen_platform_op op = { .cmd = XENPF_resource_op };
	xc_hypercall_buffer_t b = XC_BOUNCE(r->entries, r->nr_entries * sizeof(*r->entries), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	op.u.resource_op.nr_entries = r->nr_entries;
	op.u.resource_op.cpu = r->cpu;
	set_handle(op.u.resource_op.entries, b);
	rc = xc_do_platform(xch, &op);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

/* result: how many entries were done, or a negative errno. */
int xc_resource_op(xc_interface *xch, uint32_t nr_ops, xc_resource_op_t *ops)
{
	for (uint32_t i = 0; i < nr_ops; i++) {
		int rc = resource_one(xch, &ops[i]);

		ops[i].result = (uint64_t)(rc < 0 ? -errno : rc);
	}
	return 0;
}

int xc_mca_op_inject_v2(xc_interface *xch, unsigned int flags, xc_cpumap_t cpumap, unsigned int nr_cpus)
{
	struct xen_mc mc = { .cmd = XEN_MC_inject_v2 };
	xc_hypercall_buffer_t b = XC_BOUNCE(cpumap, cpumap ? (nr_cpus + 7) / 8 : 0, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	mc.u.mc_inject_v2.flags = flags;
	mc.u.mc_inject_v2.cpumap.nr_bits = nr_cpus;
	set_handle(mc.u.mc_inject_v2.cpumap.bitmap, b);
	rc = xc_mca_op(xch, &mc);
	xc_unbounce_all(xch, all, 1);
	return rc;
}
