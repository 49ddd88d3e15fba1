// SPDX-License-Identifier: GPL-2.0-only
/* The machine's CPU policies, each domain's own, and CPUID as a PV guest sees it. */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <public/arch-x86/cpufeatureset.h>
#include <public/arch-x86/cpuid.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/time.h>

struct cpu_policy raw_policy, host_policy, pv_max_policy, pv_default_policy;

static init_fn void hardware_cpuid(u32 leaf, u32 sub, u32 out[4])
{
	cpuid_count(leaf, sub, out);
}

/* LFENCE stops speculation on families 0xf and 0x11 always; elsewhere if the CPU says so (APM vol. 2, 3.2.10). */
static init_fn bool lfence_serialises(void)
{
	return cpu_is_amd && (boot_cpu.family == 0xf || boot_cpu.family == 0x11 ||
			      policy_has(&raw_policy, XEN_X86_FEATURE_LFENCE_DISPATCH));
}

/*
 * ---- CPUID that faults in guests ----
 *
 * Guests run outside ring 0, the hypervisor never does: so it is turned on once, for all.  Intel says by
 * PLATFORM_INFO[31] that it can (so do hypervisors below us), AMD by CpuidUserDis (APM vol. 3, 0x80000021 EAX[17]).
 */
#define EXT21_CPUID_USER_DIS (1U << 17)
static enum { CPUID_NEVER_FAULTS, CPUID_FAULTS_INTEL, CPUID_FAULTS_AMD } faulting read_mostly;

static init_fn void find_faulting(void)
{
	u64 info;

	if (rdmsr_safe(MSR_PLATFORM_INFO, &info) && info & PLATFORM_INFO_CPUID_FAULT)
		faulting = CPUID_FAULTS_INTEL;
	else if (raw_policy.ext[0x21].a & EXT21_CPUID_USER_DIS)
		faulting = CPUID_FAULTS_AMD;
	/* Guests are offered it for their own user mode in Intel's way, whatever the machine has. */
	if (faulting != CPUID_NEVER_FAULTS)
		raw_policy.platform_info = PLATFORM_INFO_CPUID_FAULT;
	else
		printk("CPUID does not fault here: user programs of guests see the CPU's own\n");
}

void cpuid_faulting_cpu_init(void)
{
	u32 msr = faulting == CPUID_FAULTS_INTEL ? MSR_MISC_FEATURES_ENABLES : MSR_K8_HWCR;
	u64 bit = faulting == CPUID_FAULTS_INTEL ? MISC_FEATURES_CPUID_FAULT : HWCR_CPUID_USER_DIS, val;

	if (faulting == CPUID_NEVER_FAULTS)
		return;
	if (!rdmsr_safe(msr, &val) || !wrmsr_safe(msr, val | bit))
		printk(LOG_WARN "CPU %u: CPUID cannot be made to fault: guests see this CPU's own\n", smp_processor_id());
}

init_fn void cpu_policies_init(void)
{
	policy_read(&raw_policy, hardware_cpuid);
	find_faulting();
	host_policy = raw_policy;
	policy_make_host(&host_policy, lfence_serialises());
	policy_make_pv(&pv_max_policy, &host_policy, POLICY_PV_MAX);
	policy_make_pv(&pv_default_policy, &host_policy, POLICY_PV_DEFAULT);
}

void domain_policy_changed(struct domain *d)
{
	d->arch.rdtscp = policy_has(d->arch.policy, XEN_X86_FEATURE_RDTSCP);
	d->arch.pv_nx = policy_has(d->arch.policy, XEN_X86_FEATURE_NX);
}

int arch_domain_policy_init(struct domain *d)
{
	struct cpu_policy *p = hv_new(struct cpu_policy);

	if (!p)
		return -ENOMEM;
	*p = pv_default_policy;
	/* Domain 0 does not migrate: it may rely on the TSC. */
	if (d->is_hardware && policy_has(&host_policy, XEN_X86_FEATURE_ITSC))
		p->ext[7].d |= 1U << XEN_X86_FEATURE_ITSC % 32;
	d->arch.policy = p;
	d->arch.policy_ro = p;
	domain_policy_changed(d);
	return 0;
}

void arch_domain_policy_free(struct domain *d)
{
	hv_free(d->arch.policy);
	d->arch.policy = NULL;
	d->arch.policy_ro = NULL;
}

/* ---- the hypervisor's own leaves ---- */

#define ABI_VERSION (4U << 16 | 17)
#define HYPERCALL_MSR 0x40000000

static void time_leaf(const struct domain *d, u32 sub, u32 out[4])
{
	struct time_scale s;
	u64 offset = d->arch.vtsc_offset;

	switch (sub) {
	case 0:
		out[0] = d->arch.vtsc;
		out[1] = d->arch.tsc_mode;
		out[2] = d->arch.vtsc ? d->arch.tsc_khz : 0;
		out[3] = d->arch.tsc_incarnation;
		break;
	case 1:
		if (!d->arch.vtsc)
			break;
		s = scale_from_khz(d->arch.tsc_khz);
		out[0] = (u32)offset;
		out[1] = (u32)(offset >> 32);
		out[2] = s.mul_frac;
		out[3] = (u32)s.shift;
		break;
	case 2:
		out[0] = tsc_khz;
		break;
	}
}

static void hypervisor_leaf(const struct domain *d, u32 idx, u32 sub, u32 out[4])
{
	u32 limit = d->arch.policy_ro->hv_limit & 0xff;

	if (limit < 2 || limit > XEN_CPUID_MAX_NUM_LEAVES)
		limit = XEN_CPUID_MAX_NUM_LEAVES;
	if (idx > limit)
		return;
	switch (idx) {
	case 0:
		out[0] = XEN_CPUID_LEAF(limit);
		out[1] = XEN_CPUID_SIGNATURE_EBX;
		out[2] = XEN_CPUID_SIGNATURE_ECX;
		out[3] = XEN_CPUID_SIGNATURE_EDX;
		break;
	case 1:
		out[0] = ABI_VERSION;
		break;
	case 2:
		out[0] = 1;		/* hypercall pages */
		out[1] = HYPERCALL_MSR;
		out[2] = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case 3:
		time_leaf(d, sub, out);
		break;
	case 5:
		out[1] = fls64(max_page - 1) + PAGE_SHIFT;
		break;
	}
}

/* ---- leaves that depend on the vCPU ---- */

/* Bits of leaf 1 EDX that AMD repeats in 0x80000001 EDX (APM vol. 3, E.4.2). */
#define AMD_COMMON_EDX 0x0183f3ffU

static void dynamic_leaf(const struct vcpu *v, u32 leaf, u32 sub, u32 out[4])
{
	const struct cpu_policy *p = v->domain->arch.policy_ro;

	switch (leaf) {
	case 1:
		out[1] = (out[1] & 0x00ffffff) | (v->id * 2 & 0xff) << 24;
		/*
		 * The hypervisor's CR4.OSXSAVE, not the guest's: that is what CPUID in guest user mode shows
		 * where it does not fault, and a PV Linux takes XSAVE for absent if it does not see it at once.
		 */
		out[2] &= ~(1U << XEN_X86_FEATURE_OSXSAVE % 32);
		if (hv_cr4 & X86_CR4_OSXSAVE && policy_has(p, XEN_X86_FEATURE_XSAVE))
			out[2] |= 1U << XEN_X86_FEATURE_OSXSAVE % 32;
		break;
	case 0xb:
		if (!policy_has(p, XEN_X86_FEATURE_X2APIC))
			break;
		out[2] = (out[2] & ~0xffU) | (sub & 0xff);
		out[3] = v->id * 2;
		break;
	case 0xd:
		if (!policy_xcr0(p))
			break;
		if (sub == 0)
			out[1] = policy_xstate_size(p, v->arch.xcr0);
		else if (sub == 1 && (out[0] & 0xa))	/* compacted size: no supervisor state for PV */
			out[1] = policy_xstate_size(p, v->arch.xcr0);
		break;
	case 0x80000001:
		if (cpu_is_amd)
			out[3] |= p->basic[1].d & AMD_COMMON_EDX;
		break;
	}
}

void guest_cpuid(struct vcpu *v, u32 leaf, u32 sub, u32 out[4])
{
	const struct domain *d = v->domain;
	struct cpuid_leaf l;

	memset(out, 0, 4 * sizeof(*out));
	if (leaf >> 8 == XEN_CPUID_FIRST_LEAF >> 8) {
		hypervisor_leaf(d, leaf & 0xff, sub, out);
		return;
	}
	l = policy_leaf(d->arch.policy_ro, leaf, sub);
	out[0] = l.a;
	out[1] = l.b;
	out[2] = l.c;
	out[3] = l.d;
	dynamic_leaf(v, leaf, sub, out);
}
