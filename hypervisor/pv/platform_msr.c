/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs of the machine that a PV guest's kernel reads or writes at boot.  Unprivileged guests see only what
 * their policy holds and constants; Domain 0 may read the rest as far as the machine has it.  Writes change
 * nothing unless listed.
 */
#include <hv/domain.h>
#include <hv/lib.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/platform.h>
#include <x86/processor.h>

#define MSR_MTRRCAP 0xfe
#define MSR_MCG_CTL 0x17b
#define MSR_MC0_CTL 0x400
#define MSR_MC_END 0x480
#define MSR_X2APIC_FIRST 0x800
#define MSR_X2APIC_LAST 0xbff
/* SDM vol. 4, MSR 0x1a0: string instructions are fast; there is no branch trace store, no precise sampling. */
#define MISC_ENABLE_FAST_STRING BIT64(0)
#define MISC_ENABLE_BTS_UNAVAILABLE BIT64(11)
#define MISC_ENABLE_PEBS_UNAVAILABLE BIT64(12)

/* What an unprivileged guest finds in MSRs that say something about this very machine. */
static u64 plain_value(u32 msr)
{
	if (msr == MSR_MISC_ENABLE && boot_cpu.vendor == CPU_VENDOR_INTEL)
		return MISC_ENABLE_FAST_STRING | MISC_ENABLE_BTS_UNAVAILABLE | MISC_ENABLE_PEBS_UNAVAILABLE;
	return 0;
}

bool pv_read_platform_msr(struct vcpu *v, u32 msr, u64 *val)
{
	switch (msr) {
	case MSR_MCG_CAP:
	case MSR_MCG_STATUS:
		*val = 0;
		return true;
	case MSR_MISC_FEATURES_ENABLES:
		*val = v->arch.msr_misc_features;
		return true;
	case MSR_K8_HWCR:
		*val = HWCR_TSC_FREQ_SEL;
		return true;
	case MSR_PLATFORM_INFO:
		*val = v->domain->arch.policy_ro->platform_info;
		return true;
	case MSR_K8_SYSCFG:
	case MSR_UCODE_REV:
	case MSR_MISC_ENABLE:
		if (!v->domain->is_hardware || !rdmsr_safe(msr, val))
			*val = plain_value(msr);
		return true;
	}
	if (msr >= MSR_MC0_CTL && msr < MSR_MC_END) {
		*val = 0;		/* no banks (MCG_CAP) */
		return true;
	}
	if (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST)
		return false;
	return v->domain->is_hardware && rdmsr_safe(msr, val);
}

bool pv_write_platform_msr(struct vcpu *v, u32 msr, u64 val)
{
	u64 cur;

	switch (msr) {
	case MSR_MISC_FEATURES_ENABLES:
		/* Faulting for the guest's own user mode is emulated, where CPUID comes to us at all. */
		if (val & ~(v->domain->arch.policy_ro->platform_info & PLATFORM_INFO_CPUID_FAULT ?
			    MISC_FEATURES_CPUID_FAULT : 0))
			return false;
		v->arch.msr_misc_features = val;
		return true;
	case MSR_MCG_STATUS:
	case MSR_MCG_CTL:
	case MSR_UCODE_REV:
		return true;
	}
	if (msr >= MSR_MC0_CTL && msr < MSR_MC_END)
		return true;
	/* A write of what is there already does no harm and is common at boot. */
	return pv_read_platform_msr(v, msr, &cur) && cur == val;
}
