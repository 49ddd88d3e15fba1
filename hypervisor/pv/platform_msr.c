/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs of the machine that a PV guest's kernel reads or writes at boot.  Unprivileged guests see only what
 * their policy holds; Domain 0 may read the rest as far as the machine has it.  Writes change nothing unless listed.
 */
#include <hv/domain.h>
#include <hv/lib.h>
#include <x86/platform.h>
#include <x86/processor.h>

#define MSR_MTRRCAP 0xfe
#define MSR_MCG_CTL 0x17b
#define MSR_MC0_CTL 0x400
#define MSR_MC_END 0x480
#define MSR_X2APIC_FIRST 0x800
#define MSR_X2APIC_LAST 0xbff
#define HWCR_TSC_FREQ_SEL BIT64(24)
#define MISC_FEATURES_CPUID_FAULT BIT64(0)

bool pv_read_platform_msr(struct vcpu *v, u32 msr, u64 *val)
{
	switch (msr) {
	case MSR_MCG_CAP:
	case MSR_MCG_STATUS:
	case MSR_MISC_FEATURES_ENABLES:
		*val = msr == MSR_MISC_FEATURES_ENABLES ? v->arch.msr_misc_features : 0;
		return true;
	case MSR_K8_HWCR:
		*val = HWCR_TSC_FREQ_SEL;
		return true;
	case MSR_K8_SYSCFG:
	case MSR_UCODE_REV:
	case MSR_MISC_ENABLE:
	case MSR_PLATFORM_INFO:
		return rdmsr_safe(msr, val) || (*val = 0, true);
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
		if (val & ~MISC_FEATURES_CPUID_FAULT)
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
