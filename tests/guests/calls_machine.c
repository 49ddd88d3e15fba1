/* SPDX-License-Identifier: GPL-2.0-only */
/* sysctl, platform_op, machine checks and hypfs: what Domain 0 knows of the machine, and tells it. */
#include "calls.h"
#include <xen/arch-x86/xen-mca.h>
#include <xen/hypfs.h>

#define NR_CPUS 2U	/* of the machine that hypercall_calls.sh makes */

static u8 page[2 * PAGE_SIZE] __attribute__((aligned(4096)));

static bool contains(const char *text, size_t len, const char *what)
{
	for (size_t n = strlen(what); len >= n; text++, len--)
		if (!memcmp(text, what, n))
			return true;
	return false;
}

/* The hypervisor's messages from @*index on, which goes to behind them: a piece at most. */
static u32 messages_from(u32 *index)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_readconsole);

	op->u.readconsole.buffer.p = (char *)page;
	op->u.readconsole.count = sizeof(page);
	op->u.readconsole.incremental = 1;
	op->u.readconsole.index = *index;
	if (sysctl(op))
		return 0;
	*index = op->u.readconsole.index;
	return op->u.readconsole.count;
}

/* A text that is cut in two by the piece's end is not found: pieces are larger than what is said between two calls. */
bool log_says(const char *ours, const char *the_originals)
{
	static u32 index;
	bool said = false;

	for (u32 n; (n = messages_from(&index)); )
		said |= contains((char *)page, n, ours) || contains((char *)page, n, the_originals);
	return said;
}

static bool readconsole(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_readconsole);

	op->u.readconsole.buffer.p = (char *)page;
	op->u.readconsole.count = sizeof(page);
	WANT(sysctl(op), 0);
	WANT_TRUE(op->u.readconsole.count > 100);
	WANT_TRUE(contains((char *)page, op->u.readconsole.count, "Xenolith") ||
		  contains((char *)page, op->u.readconsole.count, "Xen version"));
	return true;
}

/* Key h lists the keys, on the console, where we can read it: a line for each. */
static bool debug_keys(void)
{
	struct xen_sysctl *op;
	u32 end = 0;

	while (messages_from(&end))
		;
	op = sysctl_op(XEN_SYSCTL_debug_keys);
	op->u.debug_keys.keys.p = "h";
	op->u.debug_keys.nr_keys = 1;
	WANT(sysctl(op), 0);
	WANT_TRUE(messages_from(&end) > 300);
	return true;
}

static bool physinfo(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_physinfo);

	WANT(sysctl(op), 0);
	WANT(op->u.physinfo.nr_cpus, NR_CPUS);
	WANT(op->u.physinfo.max_cpu_id, NR_CPUS - 1);
	WANT_TRUE(op->u.physinfo.total_pages > op->u.physinfo.free_pages && op->u.physinfo.free_pages);
	WANT_TRUE(op->u.physinfo.capabilities & XEN_SYSCTL_PHYSCAP_pv);
	return true;
}

static bool sched_id(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_sched_id);

	WANT(sysctl(op), 0);
	WANT(op->u.sched_id.sched_id, XEN_SCHEDULER_CREDIT2);
	return true;
}

static bool domain_list(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_getdomaininfolist);
	xen_domctl_getdomaininfo_t *list = (void *)page;

	op->u.getdomaininfolist.max_domains = 8;
	op->u.getdomaininfolist.buffer.p = list;
	WANT(sysctl(op), 0);
	WANT(op->u.getdomaininfolist.num_domains, 2);
	WANT(list[0].domain, 0);
	WANT(list[1].domain, child());
	return true;
}

static bool getcpuinfo(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_getcpuinfo);
	xen_sysctl_cpuinfo_t info[NR_CPUS] = { 0 };

	op->u.getcpuinfo.max_cpus = NR_CPUS;
	op->u.getcpuinfo.info.p = info;
	WANT(sysctl(op), 0);
	WANT(op->u.getcpuinfo.nr_cpus, NR_CPUS);
	WANT_TRUE(info[0].idletime && info[1].idletime);
	return true;
}

static bool availheap(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_availheap);

	op->u.availheap.node = -1;
	WANT(sysctl(op), 0);
	WANT_TRUE(op->u.availheap.avail_bytes > 1 << 20);
	return true;
}

static bool cputopoinfo(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_cputopoinfo);
	xen_sysctl_cputopo_t t[NR_CPUS] = { 0 };

	op->u.cputopoinfo.num_cpus = NR_CPUS;
	op->u.cputopoinfo.cputopo.p = t;
	WANT(sysctl(op), 0);
	WANT(op->u.cputopoinfo.num_cpus, NR_CPUS);
	WANT_TRUE(t[0].core != t[1].core || t[0].socket != t[1].socket);
	return true;
}

static bool numainfo(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_numainfo);
	xen_sysctl_meminfo_t m = { 0 };
	u32 distance = 0;

	op->u.numainfo.num_nodes = 1;
	op->u.numainfo.meminfo.p = &m;
	op->u.numainfo.distance.p = &distance;
	WANT(sysctl(op), 0);
	WANT(op->u.numainfo.num_nodes, 1);
	WANT_TRUE(m.memsize > m.memfree && m.memfree && distance == 10);
	return true;
}

static bool pcitopoinfo(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_pcitopoinfo);
	physdev_pci_device_t dev = { 0 };
	struct physdev_manage_pci m = { 0 };
	u32 node = 77;

	WANT(H2(physdev_op, PHYSDEVOP_manage_pci_add, &m), 0);
	op->u.pcitopoinfo.num_devs = 1;
	op->u.pcitopoinfo.devs.p = &dev;
	op->u.pcitopoinfo.nodes.p = &node;
	WANT(sysctl(op), 0);
	WANT(op->u.pcitopoinfo.num_devs, 1);
	WANT(node, XEN_INVALID_NODE_ID);
	return true;
}

/* ---- pools and the scheduler ---- */

static bool cpupool(u32 what, u8 cpus)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_cpupool_op);
	u8 map = 0xff;

	op->u.cpupool_op.op = what;
	op->u.cpupool_op.cpumap.bitmap.p = &map;
	op->u.cpupool_op.cpumap.nr_bits = 8;
	WANT(sysctl(op), 0);
	WANT(map, cpus);
	return true;
}
static bool cpupool_info(void) { return cpupool(XEN_SYSCTL_CPUPOOL_OP_INFO, 3); }
static bool cpupool_freeinfo(void) { return cpupool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0); }

static long pool_op(u32 what, u32 pool, u32 argument)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_cpupool_op);

	op->u.cpupool_op.op = what;
	op->u.cpupool_op.cpupool_id = pool;
	op->u.cpupool_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op->u.cpupool_op.cpu = op->u.cpupool_op.domid = argument;
	return sysctl(op);
}

/* A pool of the second CPU, the child in it, and all back again. */
static bool cpupool_life(void)
{
	u32 domid = child();

	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_CREATE, 5, 0), 0);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_CREATE, 5, 0), eEXIST);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 5, 1), eNODEV);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 5, 200), eNODEV);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 5, domid), eNOENT);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 1), 0);
	WANT_TRUE(cpupool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 2));
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 0), eBUSY);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 5, XEN_SYSCTL_CPUPOOL_PAR_ANY), 0);
	WANT_TRUE(cpupool(XEN_SYSCTL_CPUPOOL_OP_INFO, 1));
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 5, domid), 0);
	WANT_TRUE(child_runs());
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 5, 0), eBUSY);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 5, XEN_SYSCTL_CPUPOOL_PAR_ANY), eBUSY);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, domid), 0);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 5, 1), 0);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 5, 0), 0);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 5, 0), eNOENT);
	WANT(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 1), 0);
	return cpupool(XEN_SYSCTL_CPUPOOL_OP_INFO, 3) && child_runs();
}

static bool scheduler(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_scheduler_op);
	struct xen_sysctl_credit2_schedule *s = &op->u.scheduler_op.u.sched_credit2;
	u32 was;

	op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op->u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	WANT(sysctl(op), 0);
	was = s->ratelimit_us;
	s->ratelimit_us = 2000;
	op->u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	WANT(sysctl(op), 0);
	s->ratelimit_us = 0;
	op->u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	WANT(sysctl(op), 0);
	WANT(s->ratelimit_us, 2000);
	s->ratelimit_us = was;
	op->u.scheduler_op.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	return !sysctl(op);
}

/* ---- power, traces ---- */

static struct xen_sysctl *pmstat(u32 type)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_get_pmstat);

	op->u.get_pmstat.type = type;
	return op;
}
static bool max_cx(void) { return !sysctl(pmstat(PMSTAT_get_max_cx)); }
static bool cxstat(void)
{
	struct xen_sysctl *op = pmstat(PMSTAT_get_cxstat);

	WANT(sysctl(op), 0);
	WANT_TRUE(op->u.get_pmstat.u.getcx.idle_time);
	return true;
}
static bool reset_cxstat(void) { return !sysctl(pmstat(PMSTAT_reset_cxstat)); }

static bool pm_op(u32 cmd)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_pm_op);

	op->u.pm_op.cmd = cmd;
	return !sysctl(op);
}
static bool max_cstate(void) { return pm_op(XEN_SYSCTL_pm_op_get_max_cstate); }

static bool tbuf(u32 cmd)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_tbuf_op);

	op->u.tbuf_op.cmd = cmd;
	op->u.tbuf_op.size = 77;
	WANT(sysctl(op), 0);
	if (cmd == XEN_SYSCTL_TBUFOP_get_info)
		WANT(op->u.tbuf_op.size, 0);
	return true;
}
static bool tbuf_info(void) { return tbuf(XEN_SYSCTL_TBUFOP_get_info); }
static bool tbuf_cpu_mask(void) { return tbuf(XEN_SYSCTL_TBUFOP_set_cpu_mask); }
static bool tbuf_evt_mask(void) { return tbuf(XEN_SYSCTL_TBUFOP_set_evt_mask); }
static bool tbuf_disable(void) { return tbuf(XEN_SYSCTL_TBUFOP_disable); }

/* ---- what CPUs can do ---- */

static bool levelling_caps(void) { return !sysctl(sysctl_op(XEN_SYSCTL_get_cpu_levelling_caps)); }

static bool featureset(u32 index)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_get_cpu_featureset);
	u32 *words = (u32 *)page;

	op->u.cpu_featureset.index = index;
	op->u.cpu_featureset.nr_features = 64;
	op->u.cpu_featureset.features.p = words;
	WANT(sysctl(op), 0);
	WANT_TRUE(op->u.cpu_featureset.nr_features > 10);
	WANT_TRUE(words[0] & 1U << 25);		/* SSE, in leaf 1's EDX */
	return true;
}
static bool featureset_raw(void) { return featureset(XEN_SYSCTL_cpu_featureset_raw); }
static bool featureset_host(void) { return featureset(XEN_SYSCTL_cpu_featureset_host); }
static bool featureset_pv(void) { return featureset(XEN_SYSCTL_cpu_featureset_pv); }
static bool featureset_pv_max(void) { return featureset(XEN_SYSCTL_cpu_featureset_pv_max); }

static bool policy(u32 index)
{
	static xen_cpuid_leaf_t leaves[256];
	static xen_msr_entry_t msrs[8];
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_get_cpu_policy);

	op->u.cpu_policy.index = index;
	op->u.cpu_policy.nr_leaves = ARRAY_SIZE(leaves);
	op->u.cpu_policy.leaves.p = leaves;
	op->u.cpu_policy.nr_msrs = ARRAY_SIZE(msrs);
	op->u.cpu_policy.msrs.p = msrs;
	WANT(sysctl(op), 0);
	WANT_TRUE(op->u.cpu_policy.nr_leaves > 8 && leaves[0].leaf == 0 && leaves[0].a >= 7);
	return true;
}
static bool policy_raw(void) { return policy(XEN_SYSCTL_cpu_policy_raw); }
static bool policy_host(void) { return policy(XEN_SYSCTL_cpu_policy_host); }
static bool policy_pv_max(void) { return policy(XEN_SYSCTL_cpu_policy_pv_max); }
static bool policy_pv_default(void) { return policy(XEN_SYSCTL_cpu_policy_pv_default); }

/* ---- platform_op ---- */

static struct xen_platform_op *platform(u32 cmd)
{
	static struct xen_platform_op op;

	memset(&op, 0, sizeof(op));
	op.cmd = cmd;
	op.interface_version = XENPF_INTERFACE_VERSION;
	return &op;
}

/* The wall clock is told as it was at a system time; every domain reads what follows from that. */
static bool settime32(void)
{
	struct xen_platform_op *op = platform(XENPF_settime32);

	op->u.settime32.secs = 1000000;
	op->u.settime32.nsecs = 500;
	WANT(H1(platform_op, op), 0);
	WANT_TRUE(shared_info->wc_sec == 1000000 && shared_info->wc_nsec == 500);
	return true;
}

static bool settime64(void)
{
	struct xen_platform_op *op = platform(XENPF_settime64);

	op->u.settime64.secs = (1UL << 32) + 77;
	WANT(H1(platform_op, op), 0);
	WANT_TRUE(shared_info->wc_sec == 77 && shared_info->wc_sec_hi == 1);
	return true;
}

static bool read_memtype(void)
{
	struct xen_platform_op *op = platform(XENPF_read_memtype);

	return !H1(platform_op, op);
}

static bool quirk(void)
{
	struct xen_platform_op *op = platform(XENPF_platform_quirk);

	op->u.platform_quirk.quirk_id = QUIRK_NOIRQBALANCING;
	return !H1(platform_op, op);
}

static bool firmware_info(void)
{
	struct xen_platform_op *op = platform(XENPF_firmware_info);

	op->u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
	WANT(H1(platform_op, op), 0);
	WANT(op->u.firmware_info.u.kbd_shift_flags & 0x8f, 0);
	return true;
}

static bool idle_time(void)
{
	struct xen_platform_op *op = platform(XENPF_getidletime);
	u64 idle[8] = { 0 };
	u8 cpus = 0xff;

	op->u.getidletime.cpumap_bitmap.p = &cpus;
	op->u.getidletime.cpumap_nr_cpus = 8;
	op->u.getidletime.idletime.p = idle;
	WANT(H1(platform_op, op), 0);
	WANT(cpus, 3);
	WANT_TRUE(idle[0] && idle[1] && !idle[2] && op->u.getidletime.now);
	return true;
}

static bool cpuinfo(void)
{
	struct xen_platform_op *op = platform(XENPF_get_cpuinfo);

	op->u.pcpu_info.xen_cpuid = 1;
	WANT(H1(platform_op, op), 0);
	WANT(op->u.pcpu_info.max_present, NR_CPUS - 1);
	WANT(op->u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
	WANT(op->u.pcpu_info.apic_id, 1);
	return true;
}

static bool cpu_version(void)
{
	struct xen_platform_op *op = platform(XENPF_get_cpu_version);

	WANT(H1(platform_op, op), 0);
	WANT(op->u.pcpu_version.max_present, NR_CPUS - 1);
	WANT_TRUE(op->u.pcpu_version.vendor_id[0] && op->u.pcpu_version.family);
	return true;
}

static bool cpu_online(void)
{
	struct xen_platform_op *op = platform(XENPF_cpu_online);

	op->u.cpu_ol.cpuid = 1;
	return !H1(platform_op, op);
}

static bool symbol(void)
{
	struct xen_platform_op *op = platform(XENPF_get_symbol);

	op->u.symdata.name.p = (char *)page;
	op->u.symdata.namelen = 100;
	WANT(H1(platform_op, op), 0);
	WANT(op->u.symdata.symnum, 1);
	WANT_TRUE(op->u.symdata.address >> 47 && page[0] && strlen((char *)page) + 1 == op->u.symdata.namelen);
	return true;
}

/* ---- machine checks: none happened; what the CPUs are ---- */

static struct xen_mc *mc(u32 cmd)
{
	static struct xen_mc op;

	memset(&op, 0, sizeof(op));
	op.cmd = cmd;
	op.interface_version = XEN_MCA_INTERFACE_VERSION;
	return &op;
}
static long mca(struct xen_mc *op) { return hypercall(__HYPERVISOR_mca, (u64)op, 0, 0, 0, 0); }

static bool mc_fetch(void)
{
	struct xen_mc *op = mc(XEN_MC_fetch);

	op->u.mc_fetch.flags = XEN_MC_URGENT;
	WANT(mca(op), 0);
	WANT_TRUE(op->u.mc_fetch.flags & XEN_MC_NODATA);
	return true;
}

static bool mc_physcpuinfo(void)
{
	struct xen_mc *op = mc(XEN_MC_physcpuinfo);
	xen_mc_logical_cpu_t *cpu = (void *)page;

	WANT(mca(op), 0);
	WANT(op->u.mc_physcpuinfo.ncpus, NR_CPUS);
	op->u.mc_physcpuinfo.info.p = cpu;
	WANT(mca(op), 0);
	WANT(op->u.mc_physcpuinfo.ncpus, NR_CPUS);
	for (u32 i = 0; i < NR_CPUS; i++) {
		WANT(cpu[i].mc_cpunr, i);
		WANT(cpu[i].mc_apicid, i);
		WANT_TRUE(cpu[i].mc_ncores && cpu[i].mc_nthreads && cpu[i].mc_vendorid[0]);
	}
	return true;
}

/* ---- hypfs ---- */

static long hypfs(u32 cmd, const char *path)
{
	return hypercall(__HYPERVISOR_hypfs_op, cmd, (u64)path, strlen(path) + 1, (u64)page, PAGE_SIZE);
}

static bool hypfs_version(void) { return hypercall(__HYPERVISOR_hypfs_op, XEN_HYPFS_OP_get_version, 0, 0, 0, 0) == XEN_HYPFS_VERSION; }

static bool hypfs_read(void)
{
	xen_hypfs_direntry_t *e = (void *)page;

	WANT(hypfs(XEN_HYPFS_OP_read, "/buildinfo/version/major"), 0);
	WANT(e->type, XEN_HYPFS_TYPE_UINT);
	WANT(e->content_len, 4);
	WANT(*(u32 *)(e + 1), 4);
	WANT(hypfs(XEN_HYPFS_OP_read, "/"), 0);
	WANT(e->type, XEN_HYPFS_TYPE_DIR);
	WANT(strcmp(((struct xen_hypfs_dirlistentry *)(e + 1))->name, "buildinfo"), 0);
	return true;
}

static const struct call calls[] = {
	{ "sysctl", "XEN_SYSCTL_readconsole", readconsole },
	{ "sysctl", "XEN_SYSCTL_debug_keys", debug_keys },
	{ "sysctl", "XEN_SYSCTL_physinfo", physinfo },
	{ "sysctl", "XEN_SYSCTL_sched_id", sched_id },
	{ "sysctl", "XEN_SYSCTL_getdomaininfolist", domain_list },
	{ "sysctl", "XEN_SYSCTL_getcpuinfo", getcpuinfo },
	{ "sysctl", "XEN_SYSCTL_availheap", availheap },
	{ "sysctl", "XEN_SYSCTL_cputopoinfo", cputopoinfo },
	{ "sysctl", "XEN_SYSCTL_numainfo", numainfo },
	{ "sysctl", "XEN_SYSCTL_pcitopoinfo", pcitopoinfo },
	{ "sysctl", "XEN_SYSCTL_cpupool_op", cpupool_info },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_INFO", cpupool_info },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_FREEINFO", cpupool_freeinfo },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_CREATE", cpupool_life },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_DESTROY", cpupool_life },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_ADDCPU", cpupool_life },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_RMCPU", cpupool_life },
	{ "sysctl.cpupool_op", "XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN", cpupool_life },
	{ "sysctl", "XEN_SYSCTL_scheduler_op", scheduler },
	{ "sysctl.scheduler_op", "XEN_SYSCTL_SCHEDOP_putinfo", scheduler },
	{ "sysctl.scheduler_op", "XEN_SYSCTL_SCHEDOP_getinfo", scheduler },
	{ "sysctl", "XEN_SYSCTL_get_pmstat", max_cx },
	{ "sysctl.get_pmstat", "PMSTAT_get_max_cx", max_cx },
	{ "sysctl.get_pmstat", "PMSTAT_get_cxstat", cxstat },
	{ "sysctl.get_pmstat", "PMSTAT_reset_cxstat", reset_cxstat },
	{ "sysctl", "XEN_SYSCTL_pm_op", max_cstate },
	{ "sysctl.pm_op", "XEN_SYSCTL_pm_op_get_max_cstate", max_cstate },
	{ "sysctl", "XEN_SYSCTL_tbuf_op", tbuf_info },
	{ "sysctl.tbuf_op", "XEN_SYSCTL_TBUFOP_get_info", tbuf_info },
	{ "sysctl.tbuf_op", "XEN_SYSCTL_TBUFOP_set_cpu_mask", tbuf_cpu_mask },
	{ "sysctl.tbuf_op", "XEN_SYSCTL_TBUFOP_set_evt_mask", tbuf_evt_mask },
	{ "sysctl.tbuf_op", "XEN_SYSCTL_TBUFOP_disable", tbuf_disable },
	{ "sysctl", "XEN_SYSCTL_get_cpu_levelling_caps", levelling_caps },
	{ "sysctl", "XEN_SYSCTL_get_cpu_featureset", featureset_raw },
	{ "sysctl.get_cpu_featureset", "XEN_SYSCTL_cpu_featureset_raw", featureset_raw },
	{ "sysctl.get_cpu_featureset", "XEN_SYSCTL_cpu_featureset_host", featureset_host },
	{ "sysctl.get_cpu_featureset", "XEN_SYSCTL_cpu_featureset_pv", featureset_pv },
	{ "sysctl.get_cpu_featureset", "XEN_SYSCTL_cpu_featureset_pv_max", featureset_pv_max },
	{ "sysctl", "XEN_SYSCTL_get_cpu_policy", policy_raw },
	{ "sysctl.get_cpu_policy", "XEN_SYSCTL_cpu_policy_raw", policy_raw },
	{ "sysctl.get_cpu_policy", "XEN_SYSCTL_cpu_policy_host", policy_host },
	{ "sysctl.get_cpu_policy", "XEN_SYSCTL_cpu_policy_pv_max", policy_pv_max },
	{ "sysctl.get_cpu_policy", "XEN_SYSCTL_cpu_policy_pv_default", policy_pv_default },
	{ "platform_op", "XENPF_settime32", settime32 },
	{ "platform_op", "XENPF_settime64", settime64 },
	{ "platform_op", "XENPF_read_memtype", read_memtype },
	{ "platform_op", "XENPF_platform_quirk", quirk },
	{ "platform_op", "XENPF_firmware_info", firmware_info },
	{ "platform_op", "XENPF_getidletime", idle_time },
	{ "platform_op", "XENPF_get_cpuinfo", cpuinfo },
	{ "platform_op", "XENPF_get_cpu_version", cpu_version },
	{ "platform_op", "XENPF_cpu_online", cpu_online },
	{ "platform_op", "XENPF_get_symbol", symbol },
	{ "mca", "XEN_MC_fetch", mc_fetch },
	{ "mca", "XEN_MC_physcpuinfo", mc_physcpuinfo },
	{ "hypfs_op", "XEN_HYPFS_OP_get_version", hypfs_version },
	{ "hypfs_op", "XEN_HYPFS_OP_read", hypfs_read },
};
CALL_LIST(machine, calls);
