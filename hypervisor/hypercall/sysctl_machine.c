// SPDX-License-Identifier: GPL-2.0-only
/* sysctls that describe the machine. */
#include <hv/boot.h>
#include <hv/heap.h>
#include <hv/numa.h>
#include <hv/sched.h>
#include <public/arch-x86/cpufeatureset.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/msi.h>
#include <x86/smp.h>
#include <x86/time.h>

#include "sysctl.h"

static u64 ram_pages(void)
{
	u64 n = 0;

	for (u32 i = 0; i < machine_e820.nr; i++)
		if (machine_e820.e[i].type == E820_RAM)
			n += machine_e820.e[i].size >> PAGE_SHIFT;
	return n;
}

/* Feature words in the order that "hw_caps" has always been shown in. */
static void hw_caps(u32 cap[8])
{
	u32 fs[POLICY_NR_WORDS];

	policy_features(&host_policy, fs);
	if (cpu_is_amd)
		fs[2] &= ~0x0183f3ffU;	/* repeated from word 0 */
	memcpy(cap, fs, 8 * sizeof(*cap));
}

long sysctl_physinfo(struct sysctl_call *c)
{
	struct xen_sysctl_physinfo *p = &c->op->u.physinfo;

	memset(p, 0, sizeof(*p));
	cpu_siblings(0, &p->threads_per_core, &p->cores_per_socket);
	p->nr_cpus = cpumask_weight(&cpu_online_map);
	p->max_cpu_id = nr_cpus - 1;
	p->nr_nodes = nr_nodes;
	p->max_node_id = nr_nodes - 1;
	p->cpu_khz = tsc_khz;
	p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 | XEN_SYSCTL_PHYSCAP_gnttab_v2;
	p->total_pages = ram_pages();
	p->free_pages = heap_free_pages();
	p->scrub_pages = 0;		/* free_pages counts dirty ones too: they are as good */
	p->outstanding_pages = heap_outstanding_claims();
	p->max_mfn = max_page - 1;
	hw_caps(p->hw_cap);
	c->copy_back = true;
	return 0;
}

long sysctl_getcpuinfo(struct sysctl_call *c)
{
	struct xen_sysctl_getcpuinfo *g = &c->op->u.getcpuinfo;
	u32 n = min(g->max_cpus, nr_cpus);

	for (u32 i = 0; i < n; i++) {
		xen_sysctl_cpuinfo_t info = { .idletime = (u64)cpu_idle_time(i) };

		if (!guest_write_n(g->info, i, &info, 1))
			return -EFAULT;
	}
	g->nr_cpus = n;
	c->copy_back = true;
	return 0;
}

/* By address width the heap does not count; asked for all widths or for one node it does. */
long sysctl_availheap(struct sysctl_call *c)
{
	struct xen_sysctl_availheap *a = &c->op->u.availheap;
	u64 pages = a->node < 0 ? heap_free_pages() : heap_free_pages_node((unsigned int)a->node);

	a->avail_bytes = pages << PAGE_SHIFT;
	c->copy_back = true;
	return 0;
}

/* C states are Domain 0's idle states to know of; the hypervisor halts. P states are not driven. */
long sysctl_get_pmstat(struct sysctl_call *c)
{
	struct xen_sysctl_get_pmstat *p = &c->op->u.get_pmstat;

	if (!cpu_online(p->cpuid))
		return -EINVAL;
	switch (p->type) {
	case PMSTAT_get_max_cx:
		p->u.getcx.nr = 0;
		c->copy_back = true;
		return 0;
	case PMSTAT_get_cxstat:
		p->u.getcx.nr = 0;
		p->u.getcx.last = 0;
		p->u.getcx.idle_time = (u64)cpu_idle_time(p->cpuid);
		p->u.getcx.nr_pc = p->u.getcx.nr_cc = 0;
		c->copy_back = true;
		return 0;
	case PMSTAT_reset_cxstat:
		return 0;
	default:
		return (p->type & PMSTAT_CATEGORY_MASK) == PMSTAT_CX ? -ENOSYS : -ENODEV;
	}
}

long sysctl_cpu_hotplug(struct sysctl_call *c)
{
	const struct xen_sysctl_cpu_hotplug *h = &c->op->u.cpu_hotplug;

	switch (h->op) {
	case XEN_SYSCTL_CPU_HOTPLUG_ONLINE:
		return cpu_online(h->cpu) ? -EEXIST : -EINVAL;
	case XEN_SYSCTL_CPU_HOTPLUG_OFFLINE:
		return cpu_online(h->cpu) && h->cpu ? -EOPNOTSUPP : -EINVAL;
	default:
		return -EOPNOTSUPP;
	}
}

long sysctl_pm_op(struct sysctl_call *c)
{
	struct xen_sysctl_pm_op *p = &c->op->u.pm_op;

	if (!cpu_online(p->cpuid))
		return -EINVAL;
	if ((p->cmd & PM_PARA_CATEGORY_MASK) == CPUFREQ_PARA)
		return -EINVAL;		/* no cpufreq driver */
	switch (p->cmd) {
	case XEN_SYSCTL_pm_op_get_max_cstate:
		p->u.get_max_cstate = XEN_SYSCTL_CX_UNLIMITED;
		c->copy_back = true;
		return 0;
	case XEN_SYSCTL_pm_op_set_max_cstate:
	case XEN_SYSCTL_pm_op_set_sched_opt_smt:
		return -EOPNOTSUPP;	/* only one idle state, and no wish for whole cores */
	case XEN_SYSCTL_pm_op_enable_turbo:
	case XEN_SYSCTL_pm_op_disable_turbo:
		return -EACCES;		/* as without a driver */
	default:
		return -ENOSYS;
	}
}

long sysctl_cputopoinfo(struct sysctl_call *c)
{
	struct xen_sysctl_cputopoinfo *t = &c->op->u.cputopoinfo;
	u32 n = min(t->num_cpus, nr_cpus);

	c->copy_back = true;
	if (guest_handle_null(t->cputopo)) {
		t->num_cpus = nr_cpus;
		return 0;
	}
	for (u32 i = 0; i < n; i++) {
		xen_sysctl_cputopo_t e = { XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID };

		if (cpumask_test_cpu(i, &cpu_present_map))
			e = (xen_sysctl_cputopo_t){ cpu_topology[i].core, cpu_topology[i].socket, cpu_to_node(i) };
		if (!guest_write_n(t->cputopo, i, &e, 1))
			return -EFAULT;
	}
	t->num_cpus = nr_cpus;
	return 0;
}

static bool put_distances(const struct xen_sysctl_numainfo *ni, u32 from, u32 n)
{
	for (u32 to = 0; to < n; to++) {
		u32 d = node_distance(from, to);

		if (d == NUMA_NO_DISTANCE)
			d = XEN_INVALID_NODE_DIST;
		if (!guest_write_n(ni->distance, (u64)from * n + to, &d, 1))
			return false;
	}
	return true;
}

long sysctl_numainfo(struct sysctl_call *c)
{
	struct xen_sysctl_numainfo *ni = &c->op->u.numainfo;
	bool want_mem = !guest_handle_null(ni->meminfo), want_dist = !guest_handle_null(ni->distance);
	u32 n = want_mem || want_dist ? min(ni->num_nodes, nr_nodes) : 0;

	for (u32 i = 0; i < n; i++) {
		xen_sysctl_meminfo_t m = { node_memory(i), heap_free_pages_node(i) << PAGE_SHIFT };

		if (want_mem && !guest_write_n(ni->meminfo, i, &m, 1))
			return -EFAULT;
		if (want_dist && !put_distances(ni, i, n))
			return -EFAULT;
	}
	ni->num_nodes = nr_nodes;
	c->copy_back = true;
	return 0;
}

/* Nodes of devices, as Domain 0 told them when it announced these: its ACPI namespace has them. */
long sysctl_pcitopoinfo(struct sysctl_call *c)
{
	struct xen_sysctl_pcitopoinfo *t = &c->op->u.pcitopoinfo;

	if (guest_handle_null(t->devs) || guest_handle_null(t->nodes))
		return -EINVAL;
	if (t->num_devs > 4096)
		return -E2BIG;
	for (u32 i = 0; i < t->num_devs; i++) {
		physdev_pci_device_t dev;
		u32 node;

		if (!guest_read_n(&dev, t->devs, i, 1))
			return -EFAULT;
		if (!pci_device_node(PCI_SBDF(dev.seg, dev.bus, dev.devfn), &node))
			node = XEN_INVALID_DEV;
		else if (node == NUMA_NO_NODE)
			node = XEN_INVALID_NODE_ID;
		if (!guest_write_n(t->nodes, i, &node, 1))
			return -EFAULT;
	}
	return 0;
}

/* Every CPUID of a PV guest that is emulated needs no help from masks. */
long sysctl_get_cpu_levelling_caps(struct sysctl_call *c)
{
	c->op->u.cpu_levelling_caps.caps = 0;
	c->copy_back = true;
	return 0;
}

long sysctl_get_cpu_featureset(struct sysctl_call *c)
{
	static const struct cpu_policy *const sets[] = {
		[XEN_SYSCTL_cpu_featureset_raw] = &raw_policy,
		[XEN_SYSCTL_cpu_featureset_host] = &host_policy,
		[XEN_SYSCTL_cpu_featureset_pv] = &pv_default_policy,
		[XEN_SYSCTL_cpu_featureset_pv_max] = &pv_max_policy,
	};
	struct xen_sysctl_cpu_featureset *f = &c->op->u.cpu_featureset;
	u32 fs[POLICY_NR_WORDS], room = f->nr_features;

	c->copy_back = true;
	f->nr_features = POLICY_NR_WORDS;
	if (guest_handle_null(f->features))
		return 0;
	if (f->index >= ARRAY_SIZE(sets) && f->index != XEN_SYSCTL_cpu_featureset_hvm_max)
		return -EINVAL;
	if (f->index >= ARRAY_SIZE(sets) || !sets[f->index])
		return -EOPNOTSUPP;
	policy_features(sets[f->index], fs);
	f->nr_features = min(room, (u32)POLICY_NR_WORDS);
	if (!guest_write_n(f->features, 0, fs, f->nr_features))
		return -EFAULT;
	return room < POLICY_NR_WORDS ? -ENOBUFS : 0;
}

long sysctl_get_cpu_policy(struct sysctl_call *c)
{
	static const struct cpu_policy *const policies[] = {
		[XEN_SYSCTL_cpu_policy_raw] = &raw_policy,
		[XEN_SYSCTL_cpu_policy_host] = &host_policy,
		[XEN_SYSCTL_cpu_policy_pv_max] = &pv_max_policy,
		[XEN_SYSCTL_cpu_policy_pv_default] = &pv_default_policy,
		[XEN_SYSCTL_cpu_policy_hvm_default] = NULL,
	};
	struct xen_sysctl_cpu_policy *p = &c->op->u.cpu_policy;
	const struct policy_out out = { &p->nr_leaves, &p->nr_msrs, p->leaves.p, p->msrs.p };

	if (p->_rsvd || p->index >= ARRAY_SIZE(policies))
		return -EINVAL;
	if (!policies[p->index])
		return -EOPNOTSUPP;
	c->copy_back = true;
	return policy_copy_out(policies[p->index], &out);
}
