/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs, CR4 and the TSC as PV guests see them; segment bases and debug registers by hypercall. */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/emul.h>
#include <pv/traps.h>
#include <public/arch-x86/cpufeatureset.h>
#include <x86/cpu.h>
#include <x86/current.h>
#include <x86/extable.h>
#include <x86/fpu.h>
#include <x86/platform.h>
#include <x86/processor.h>
#include <x86/time.h>

static bool canonical(u64 va) { return va == (u64)((s64)(va << 16) >> 16); }

/*
 * The running guest's bases.  In kernel mode GS is the kernel's and KERNEL_GS the user's (as for a native
 * kernel); the hypervisor itself uses neither.
 */
bool pv_read_msr(struct vcpu *v, u32 msr, u64 *val)
{
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		*val = rdmsr(msr);
		return true;
	case MSR_TSC:
		*val = pv_read_tsc(v);
		return true;
	case MSR_EFER:
		*val = rdmsr(MSR_EFER) & ~(v->domain->arch.pv_nx ? 0 : EFER_NXE);
		return true;
	case MSR_PAT:
	case MSR_APIC_BASE:
		*val = rdmsr(msr);
		if (msr == MSR_APIC_BASE)
			*val &= ~BIT64(10);		/* no x2APIC for guests */
		return true;
	case MSR_TSC_AUX:
		*val = v->arch.msr_tsc_aux;
		return true;
	case MSR_SYSENTER_CS:
	case MSR_SYSENTER_ESP:
	case MSR_SYSENTER_EIP:
		*val = 0;
		return true;
	}
	return pv_read_platform_msr(v, msr, val);
}

bool pv_write_msr(struct vcpu *v, u32 msr, u64 val)
{
	u64 now_val;

	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE:
		if (!canonical(val))
			return false;
		wrmsr(msr, val);
		return true;
	case MSR_TSC_AUX:
		if (val >> 32 || !v->domain->arch.rdtscp)
			return false;
		v->arch.msr_tsc_aux = val;
		wrmsr(MSR_TSC_AUX, val);
		return true;
	case MSR_PAT:
	case MSR_EFER:
	case MSR_APIC_BASE:
		/* What is written has to be what is there; anything else is ignored with no fault, as before. */
		return pv_read_msr(v, msr, &now_val);
	case MSR_SYSENTER_CS:
	case MSR_SYSENTER_ESP:
	case MSR_SYSENTER_EIP:
	case MSR_STAR:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_SFMASK:
		return true;
	}
	return pv_write_platform_msr(v, msr, val);
}

#define CR4_GUEST_MAY (X86_CR4_TSD | X86_CR4_DE | X86_CR4_FSGSBASE | X86_CR4_OSXSAVE)

/* The guest's CR4: what it set, and what is always on; the rest it cannot change and must not try. */
bool pv_write_cr4(struct vcpu *v, unsigned long val)
{
	unsigned long have = read_cr4(), fixed = have & ~CR4_GUEST_MAY;

	if (val & ~(have | CR4_GUEST_MAY | X86_CR4_PGE | X86_CR4_PCIDE | X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_VME | X86_CR4_UMIP))
		return false;
	if ((val & X86_CR4_OSXSAVE) && !fpu_xfeatures)
		return false;
	if ((val & X86_CR4_FSGSBASE) && !cpu_has_fsgsbase)
		return false;
	v->arch.pv.ctrlreg[4] = (val & CR4_GUEST_MAY) | (fixed & (X86_CR4_PAE | X86_CR4_PSE | X86_CR4_MCE |
				X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT));
	write_cr4(pv_real_cr4(v));
	get_cpu_info()->cr4 = pv_real_cr4(v);
	return true;
}

unsigned long pv_real_cr4(const struct vcpu *v)
{
	unsigned long cr4 = hv_cr4;

	if (v->domain->arch.vtsc || (v->arch.pv.ctrlreg[4] & X86_CR4_TSD))
		cr4 |= X86_CR4_TSD;
	if (v->arch.pv.ctrlreg[4] & X86_CR4_DE)
		cr4 |= X86_CR4_DE;
	if (v->arch.pv.ctrlreg[4] & X86_CR4_FSGSBASE && cpu_has_fsgsbase)
		cr4 |= X86_CR4_FSGSBASE;
	return cr4;
}

u64 pv_read_tsc(const struct vcpu *v)
{
	return v->domain->arch.vtsc ? domain_guest_tsc(v->domain, now()) : rdtsc();
}

long do_set_segment_base(unsigned int which, unsigned long base)
{
	switch (which) {
	case SEGBASE_FS:
		if (!canonical(base))
			return -EINVAL;
		wrmsr(MSR_FS_BASE, base);
		return 0;
	case SEGBASE_GS_USER:
		if (!canonical(base))
			return -EINVAL;
		wrmsr(MSR_KERNEL_GS_BASE, base);
		return 0;
	case SEGBASE_GS_KERNEL:
		if (!canonical(base))
			return -EINVAL;
		wrmsr(MSR_GS_BASE, base);
		return 0;
	case SEGBASE_GS_USER_SEL:
		/* Loads the selector into the user's GS: its base comes from the descriptor. A bad one becomes null. */
		__asm__ volatile("	swapgs\n"
				 "1:	movl %k0, %%gs\n"
				 "2:	mfence\n"
				 "	swapgs\n"
				 ".pushsection .fixup, \"ax\"\n"
				 "3:	xorl %k0, %k0\n"
				 "	jmp 1b\n"
				 ".popsection\n"
				 EXTABLE(1b, 3b)
				 : "+r"(base) : : "memory");
		return 0;
	}
	return -EINVAL;
}

/* Only TS of CR0 is the guest's. */
long do_fpu_taskswitch(int set)
{
	struct vcpu *v = current;

	if (set)
		v->arch.pv.ctrlreg[0] |= X86_CR0_TS;
	else
		v->arch.pv.ctrlreg[0] &= ~X86_CR0_TS;
	fpu_set_ts(v, set);
	return 0;
}

/* ---- debug registers ---- */

#define DR7_ACTIVE_MASK 0xffUL
#define DR7_RESERVED_ONE BIT64(10)

static void load_dr(unsigned int reg, unsigned long val)
{
	switch (reg) {
	case 0: __asm__ volatile("mov %0, %%dr0" : : "r"(val)); break;
	case 1: __asm__ volatile("mov %0, %%dr1" : : "r"(val)); break;
	case 2: __asm__ volatile("mov %0, %%dr2" : : "r"(val)); break;
	case 3: __asm__ volatile("mov %0, %%dr3" : : "r"(val)); break;
	case 7: __asm__ volatile("mov %0, %%dr7" : : "r"(val)); break;
	}
}

/* Breakpoints must not fire in the hypervisor: local enables only, addresses outside its range, no I/O. */
static int clean_dr7(unsigned long *val)
{
	unsigned long v = *val & ~(GENMASK(63, 32) | BIT64(15) | BIT64(14) | BIT64(12) | BIT64(11));

	if (v & BIT64(13))
		return -EPERM;				/* GD: would trap the hypervisor's own accesses */
	for (unsigned int i = 0; i < 4; i++)
		if ((v >> (16 + 4 * i) & 3) == 2)
			return -EPERM;			/* I/O breakpoints */
	*val = v | DR7_RESERVED_ONE;
	return 0;
}

int pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long val)
{
	bool live = v == current;
	int rc;

	switch (reg) {
	case 0 ... 3:
		if (val >= HV_VIRT_START && val < HV_VIRT_END)
			return -EPERM;
		/* The one address that get_debugreg cannot give back: it would be the mark of a call to be made again. */
		if (!canonical(val) || val == (unsigned long)HYPERCALL_AGAIN)
			return -EINVAL;
		v->arch.pv.dr[reg] = val;
		if (live && (v->arch.pv.dr[7] & DR7_ACTIVE_MASK))
			load_dr(reg, val);
		return 0;
	case 4:
	case 6:
		v->arch.pv.dr[6] = (val & 0xe00fUL) | 0xffff0ff0UL;
		return 0;
	case 5:
	case 7:
		rc = clean_dr7(&val);
		if (rc)
			return rc;
		if (live && (val & DR7_ACTIVE_MASK) && !(v->arch.pv.dr[7] & DR7_ACTIVE_MASK))
			for (unsigned int i = 0; i < 4; i++)
				load_dr(i, v->arch.pv.dr[i]);
		if (live && ((val | v->arch.pv.dr[7]) & DR7_ACTIVE_MASK))
			load_dr(7, val);
		v->arch.pv.dr[7] = val;
		return 0;
	}
	return -ENODEV;
}

long do_set_debugreg(int reg, unsigned long value)
{
	return reg >= 0 && reg < 8 ? pv_set_debugreg(current, (unsigned int)reg, value) : -EINVAL;
}

long do_get_debugreg(int reg)
{
	const unsigned long *dr = current->arch.pv.dr;

	switch (reg) {
	case 0 ... 3:
	case 6:
		return (long)dr[reg];
	case 4:
		return (long)dr[6];
	case 5:
	case 7:
		return (long)dr[7];
	}
	return -EINVAL;
}
