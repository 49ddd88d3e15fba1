/* SPDX-License-Identifier: GPL-2.0-only */
/* The operations that hypercalls.tsv says are refused, as well-formed as there is something to form. */
#include "calls.h"
#include <xen/arch-x86/xen-mca.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hypfs.h>
#include <xen/xsm/flask_op.h>

/* Rows of the table: group, name, number. Made by tests/system/hypercall_calls.sh. */
static const struct { const char *group, *name; u32 nr; } rows[] = {
#include "refused.h"
};

static union {
	u8 bytes[PAGE_SIZE];
	struct xen_platform_op platform;
	struct xen_mc mc;
	struct xen_flask_op flask;
	struct xen_hvm_altp2m_op altp2m;
	struct xen_mem_access_op access;
	struct xen_mem_paging_op paging;
	struct xen_mem_sharing_op sharing;
	struct xen_mem_acquire_resource acquire;
	struct xen_pod_target pod;
	struct mmuext_op mmuext;
	struct xen_add_to_physmap add;
	struct xen_add_to_physmap_batch batch;
} arg __attribute__((aligned(4096)));
static domid_t dom;

/* "hypercall" itself, with nothing. */
static long plain(u32 nr) { return hypercall(nr, 0, 0, 0, 0, 0); }

#define CMD_THEN_ARG(name) static long name(u32 nr) { return H3(name, nr, &arg, 1); }
CMD_THEN_ARG(argo_op)
CMD_THEN_ARG(grant_table_op)
CMD_THEN_ARG(hvm_op)
CMD_THEN_ARG(kexec_op)
CMD_THEN_ARG(physdev_op)
CMD_THEN_ARG(xen_version)
CMD_THEN_ARG(xenoprof_op)
CMD_THEN_ARG(xenpmu_op)

static long dm_op(u32 nr)
{
	struct { void *p; u64 size; } buf = { &arg, 64 };

	arg.bytes[0] = (u8)nr;
	return H3(dm_op, dom, 1, &buf);
}

/* A file that there is, and that nobody can write. */
static long hypfs_op(u32 nr)
{
	static const char path[] = "/buildinfo/version/major";

	return hypercall(__HYPERVISOR_hypfs_op, nr, (u64)path, sizeof(path), (u64)&arg, 4);
}

static long xsm_op(u32 nr)
{
	arg.flask.cmd = nr;
	arg.flask.interface_version = XEN_FLASK_INTERFACE_VERSION;
	return H1(xsm_op, &arg);
}

static long platform_op(u32 nr)
{
	arg.platform.cmd = nr;
	arg.platform.interface_version = XENPF_INTERFACE_VERSION;
	if (nr == XENPF_cpu_offline)
		arg.platform.u.cpu_ol.cpuid = 1;
	return H1(platform_op, &arg);
}

static long mca(u32 nr)
{
	arg.mc.cmd = nr;
	arg.mc.interface_version = XEN_MCA_INTERFACE_VERSION;
	return hypercall(__HYPERVISOR_mca, (u64)&arg, 0, 0, 0, 0);
}

static long altp2m(u32 nr)
{
	arg.altp2m.version = HVMOP_ALTP2M_INTERFACE_VERSION;
	arg.altp2m.cmd = nr;
	arg.altp2m.domain = dom;
	return H2(hvm_op, HVMOP_altp2m, &arg);
}

/* ---- memory ---- */

static long memory_op(u32 nr)
{
	switch (nr) {
	case XENMEM_add_to_physmap: arg.add.domid = dom; break;
	case XENMEM_add_to_physmap_batch: arg.batch.domid = dom; break;
	case XENMEM_set_pod_target:
	case XENMEM_get_pod_target: arg.pod.domid = dom; break;
	}
	return H2(memory_op, nr, &arg);
}

static long access_op(u32 nr) { arg.access.op = (u8)nr; return H2(memory_op, XENMEM_access_op, &arg); }
static long paging_op(u32 nr) { arg.paging.op = (u8)nr; arg.paging.domain = dom; return H2(memory_op, XENMEM_paging_op, &arg); }
static long sharing_op(u32 nr) { arg.sharing.op = (u8)nr; arg.sharing.domain = dom; return H2(memory_op, XENMEM_sharing_op, &arg); }
static long acquire_resource(u32 nr)
{
	arg.acquire.domid = dom;
	arg.acquire.type = (u16)nr;
	return H2(memory_op, XENMEM_acquire_resource, &arg);
}

static long mmuext(u32 nr)
{
	arg.mmuext.cmd = nr;
	return H4(mmuext_op, &arg, 1, 0, DOMID_SELF);
}

/* ---- control ---- */

static long plain_domctl(u32 nr) { return domctl(domctl_op(nr, dom)); }
static long plain_sysctl(u32 nr) { return sysctl(sysctl_op(nr)); }

#define SUB_DOMCTL(cmd, field) \
	static long domctl_##cmd(u32 nr) \
	{ \
		struct xen_domctl *op = domctl_op(XEN_DOMCTL_##cmd, dom); \
		op->u.field = (__typeof__(op->u.field))nr; \
		return domctl(op); \
	}
SUB_DOMCTL(debug_op, debug_op.op)
SUB_DOMCTL(mem_sharing_op, mem_sharing_op.op)
SUB_DOMCTL(monitor_op, monitor_op.op)
SUB_DOMCTL(psr_alloc, psr_alloc.cmd)
SUB_DOMCTL(psr_cmt_op, psr_cmt_op.cmd)
SUB_DOMCTL(sendtrigger, sendtrigger.trigger)
SUB_DOMCTL(shadow_op, shadow_op.op)
SUB_DOMCTL(vm_event_op, vm_event_op.mode)
SUB_DOMCTL(vmtrace_op, vmtrace_op.cmd)
SUB_DOMCTL(vuart_op, vuart_op.cmd)

static long domctl_scheduler_op(u32 nr)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_scheduler_op, dom);

	op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op->u.scheduler_op.cmd = nr;
	return domctl(op);
}

#define SUB_SYSCTL(cmd, field) \
	static long sysctl_##cmd(u32 nr) \
	{ \
		struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_##cmd); \
		op->u.field = nr; \
		return sysctl(op); \
	}
SUB_SYSCTL(coverage_op, coverage_op.cmd)
SUB_SYSCTL(cpupool_op, cpupool_op.op)
SUB_SYSCTL(get_cpu_policy, cpu_policy.index)
SUB_SYSCTL(get_pmstat, get_pmstat.type)
SUB_SYSCTL(livepatch_op, livepatch.cmd)
SUB_SYSCTL(lockprof_op, lockprof_op.cmd)
SUB_SYSCTL(perfc_op, perfc_op.cmd)
SUB_SYSCTL(pm_op, pm_op.cmd)
SUB_SYSCTL(psr_alloc, psr_alloc.cmd)
SUB_SYSCTL(psr_cmt_op, psr_cmt_op.cmd)
SUB_SYSCTL(tbuf_op, tbuf_op.cmd)

/* A CPU that there is, and is not the first. */
static long sysctl_cpu_hotplug(u32 nr)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_cpu_hotplug);

	op->u.cpu_hotplug.op = nr;
	op->u.cpu_hotplug.cpu = 1;
	return sysctl(op);
}

static long sysctl_featureset(u32 nr)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_get_cpu_featureset);

	op->u.cpu_featureset.index = nr;
	op->u.cpu_featureset.nr_features = 64;
	op->u.cpu_featureset.features.p = (u32 *)&arg;
	return sysctl(op);
}

static const struct { const char *group; long (*call)(u32 nr); } groups[] = {
	{ "argo_op", argo_op },
	{ "dm_op", dm_op },
	{ "domctl", plain_domctl },
	{ "domctl.debug_op", domctl_debug_op },
	{ "domctl.mem_sharing_op", domctl_mem_sharing_op },
	{ "domctl.monitor_op", domctl_monitor_op },
	{ "domctl.psr_alloc", domctl_psr_alloc },
	{ "domctl.psr_cmt_op", domctl_psr_cmt_op },
	{ "domctl.scheduler_op", domctl_scheduler_op },
	{ "domctl.sendtrigger", domctl_sendtrigger },
	{ "domctl.shadow_op", domctl_shadow_op },
	{ "domctl.vm_event_op", domctl_vm_event_op },
	{ "domctl.vmtrace_op", domctl_vmtrace_op },
	{ "domctl.vuart_op", domctl_vuart_op },
	{ "grant_table_op", grant_table_op },
	{ "hvm_op", hvm_op },
	{ "hvm_op.altp2m", altp2m },
	{ "hypercall", plain },
	{ "hypfs_op", hypfs_op },
	{ "kexec_op", kexec_op },
	{ "mca", mca },
	{ "memory_op", memory_op },
	{ "memory_op.access_op", access_op },
	{ "memory_op.acquire_resource", acquire_resource },
	{ "memory_op.paging_op", paging_op },
	{ "memory_op.sharing_op", sharing_op },
	{ "mmuext_op", mmuext },
	{ "physdev_op", physdev_op },
	{ "platform_op", platform_op },
	{ "sysctl", plain_sysctl },
	{ "sysctl.coverage_op", sysctl_coverage_op },
	{ "sysctl.cpu_hotplug", sysctl_cpu_hotplug },
	{ "sysctl.cpupool_op", sysctl_cpupool_op },
	{ "sysctl.get_cpu_featureset", sysctl_featureset },
	{ "sysctl.get_cpu_policy", sysctl_get_cpu_policy },
	{ "sysctl.get_pmstat", sysctl_get_pmstat },
	{ "sysctl.livepatch_op", sysctl_livepatch_op },
	{ "sysctl.lockprof_op", sysctl_lockprof_op },
	{ "sysctl.perfc_op", sysctl_perfc_op },
	{ "sysctl.pm_op", sysctl_pm_op },
	{ "sysctl.psr_alloc", sysctl_psr_alloc },
	{ "sysctl.psr_cmt_op", sysctl_psr_cmt_op },
	{ "sysctl.tbuf_op", sysctl_tbuf_op },
	{ "xen_version", xen_version },
	{ "xenoprof_op", xenoprof_op },
	{ "xenpmu_op", xenpmu_op },
	{ "xsm_op", xsm_op },
};

static void refused(const char *group, const char *name, u32 nr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++) {
		if (strcmp(groups[i].group, group))
			continue;
		memset(&arg, 0, sizeof(arg));
		printk("CALL %s %s %ld\n", group, name, groups[i].call(nr));
		return;
	}
	printk("CALL %s %s nobody-knows-how\n", group, name);
}

void refused_calls(void);
void refused_calls(void)
{
	dom = new_domain(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
		refused(rows[i].group, rows[i].name, rows[i].nr);
	destroy_domain(dom);
}
