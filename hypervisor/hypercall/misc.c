// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls of which stock parts use little: machine check, performance counters, hvm_op from a PV guest. */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/timer.h>
#include <public/arch-x86/xen-mca.h>
#include <public/hvm/hvm_op.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/current.h>
#include <x86/smp.h>

/* Telemetry of machine checks: none is collected, so a fetch always finds nothing. */
static long mca_fetch(struct xen_mc *mc, unsigned long arg)
{
	mc->u.mc_fetch.flags = XEN_MC_OK | XEN_MC_NODATA;
	mc->u.mc_fetch.fetch_id = 0;
	return arg_write(arg, mc) ? 0 : -EFAULT;
}

static void physcpu(unsigned int cpu, xen_mc_logical_cpu_t *out)
{
	u32 fs[POLICY_NR_WORDS], threads, cores;

	policy_features(&host_policy, fs);
	cpu_siblings(cpu, &threads, &cores);
	*out = (xen_mc_logical_cpu_t){
		.mc_cpunr = cpu, .mc_chipid = cpu_to_socket(cpu), .mc_coreid = (u16)cpu_to_core(cpu),
		.mc_apicid = cpu_apicid[cpu], .mc_ncores = cores, .mc_ncores_active = cores, .mc_nthreads = threads,
		.mc_threadid = (u16)(cpu_apicid[cpu] % threads),
		.mc_cpuid_level = (s32)boot_cpu.max_leaf, .mc_family = boot_cpu.family, .mc_model = boot_cpu.model,
		.mc_step = boot_cpu.stepping,
	};
	memcpy(out->mc_cpu_caps, fs, min(sizeof(out->mc_cpu_caps), sizeof(fs)));
	memcpy(out->mc_vendorid, &host_policy.basic[0].b, 4);
	memcpy(out->mc_vendorid + 4, &host_policy.basic[0].d, 4);
	memcpy(out->mc_vendorid + 8, &host_policy.basic[0].c, 4);
}

/* Without a buffer only how many CPUs there are. */
static long mca_physcpuinfo(struct xen_mc *mc, unsigned long arg)
{
	struct xen_mc_physcpuinfo *p = &mc->u.mc_physcpuinfo;
	u32 room = p->ncpus, n = 0, cpu;

	if (!guest_handle_null(p->info)) {
		for_each_online_cpu(cpu) {
			xen_mc_logical_cpu_t one;

			if (n == room)
				break;
			physcpu(cpu, &one);
			if (!guest_write_n(p->info, n, &one, 1))
				return -EFAULT;
			n++;
		}
		p->ncpus = n;
	} else {
		p->ncpus = cpumask_weight(&cpu_online_map);
	}
	return arg_write(arg, mc) ? 0 : -EFAULT;
}

long do_mca(unsigned long arg)
{
	struct xen_mc mc;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (!arg_read(&mc, arg))
		return -EFAULT;
	if (mc.interface_version != XEN_MCA_INTERFACE_VERSION)
		return -EACCES;
	switch (mc.cmd) {
	case XEN_MC_fetch:
		return mca_fetch(&mc, arg);
	case XEN_MC_physcpuinfo:
		return mca_physcpuinfo(&mc, arg);
	case XEN_MC_notifydomain:
	case XEN_MC_msrinject:
	case XEN_MC_mceinject:
	case XEN_MC_inject_v2:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

/* No virtual PMU, as the original has it off by default. */
long do_xenpmu_op(unsigned int cmd, unsigned long arg)
{
	return -EOPNOTSUPP;
}

/* What is left of hvm_op for a caller that is PV and has no HVM domain to name. */
long do_hvm_op(unsigned int cmd, unsigned long arg)
{
	struct xen_hvm_get_time t;

	switch (cmd) {
	case HVMOP_get_time:
		t.now = (u64)now();
		return arg_write(arg, &t) ? 0 : -EFAULT;
	case HVMOP_set_param:
	case HVMOP_get_param:
	case HVMOP_flush_tlbs:
	case HVMOP_pagetable_dying:
	case HVMOP_get_mem_type:
	case HVMOP_set_evtchn_upcall_vector:
	case HVMOP_guest_request_vm_event:
		return -EINVAL;
	default:
		return -ENOSYS;
	}
}
