/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs of PV domains: creation, and what is loaded and saved when one is switched in and out. */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <pv/emul.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <pv/vcpu.h>
#include <pv/xpti.h>
#include <x86/asm_offsets.h>
#include <x86/cpu.h>
#include <x86/current.h>
#include <x86/desc.h>
#include <x86/extable.h>
#include <x86/fpu.h>
#include <x86/platform.h>
#include <x86/processor.h>
#include <x86/spec_ctrl.h>
#include <x86/time.h>
#include <x86/traps.h>

#define NR_TRAPS 256
#define DR7_ACTIVE_MASK 0xffUL

int pv_vcpu_init(struct vcpu *v)
{
	int rc;

	v->arch.pv.traps = hv_new_array(struct trap_info, NR_TRAPS);
	if (!v->arch.pv.traps)
		return -ENOMEM;
	rc = fpu_vcpu_init(v);
	if (rc) {
		hv_free(v->arch.pv.traps);
		v->arch.pv.traps = NULL;
		return rc;
	}
	spin_init(&v->arch.pv.ldt_lock, LOCK_LEAF);
	v->arch.kernel_mode = KERNEL_MODE;
	v->arch.iopl_shown = test_bit(VMASST_TYPE_architectural_iopl, &v->domain->vm_assist);
	v->arch.pv.ctrlreg[4] = hv_cr4 & (X86_CR4_PAE | X86_CR4_PSE | X86_CR4_MCE | X86_CR4_OSFXSR |
					       X86_CR4_OSXMMEXCPT);
	v->arch.pv.dr[6] = 0xffff0ff0;
	v->arch.pv.dr[7] = 0x400;
	return 0;
}

void pv_vcpu_free(struct vcpu *v)
{
	fpu_vcpu_free(v);
	hv_free(v->arch.pv.traps);
	v->arch.pv.traps = NULL;
}

/* ---- selectors and bases ---- */

#define READ_SEL(name) ({ u16 s_; __asm__ volatile("mov %%" #name ", %0" : "=r"(s_)); s_; })

/* A selector that does not load becomes null; the guest hears of it by its failsafe callback. */
#define LOAD_SEL(name, val) ({ \
	u32 bad_ = 0; \
	__asm__ volatile("1: movl %k1, %%" #name "\n" \
			 "2:\n" \
			 ".pushsection .fixup, \"ax\"\n" \
			 "3: movl $1, %0\n" \
			 "   movl %k2, %%" #name "\n" \
			 "   jmp 2b\n" \
			 ".popsection\n" \
			 EXTABLE(1b, 3b) \
			 : "+r"(bad_) : "r"((u32)(val)), "r"(0UL) : "memory"); \
	bad_; })

static void save_segments(struct vcpu *v)
{
	struct pv_vcpu *pv = &v->arch.pv;
	u64 gs = rdmsr(MSR_GS_BASE), shadow = rdmsr(MSR_KERNEL_GS_BASE);

	pv->ds = READ_SEL(ds);
	pv->es = READ_SEL(es);
	pv->fs = READ_SEL(fs);
	pv->gs = READ_SEL(gs);
	pv->fs_base = rdmsr(MSR_FS_BASE);
	pv->gs_base_kernel = v->arch.kernel_mode ? gs : shadow;
	pv->gs_base_user = v->arch.kernel_mode ? shadow : gs;
}

static void load_segments(struct vcpu *v)
{
	struct pv_vcpu *pv = &v->arch.pv;
	u32 bad = 0;

	/* The CPU's own selectors are null or the last guest's: load only what is or was not null. */
	if (unlikely(pv->ds | READ_SEL(ds)))
		bad |= LOAD_SEL(ds, pv->ds);
	if (unlikely(pv->es | READ_SEL(es)))
		bad |= LOAD_SEL(es, pv->es);
	if (unlikely(pv->fs | READ_SEL(fs)))
		bad |= LOAD_SEL(fs, pv->fs);
	if (unlikely(pv->gs | READ_SEL(gs)))
		bad |= LOAD_SEL(gs, pv->gs);
	wrmsr(MSR_FS_BASE, pv->fs_base);
	wrmsr(MSR_GS_BASE, v->arch.kernel_mode ? pv->gs_base_kernel : pv->gs_base_user);
	wrmsr(MSR_KERNEL_GS_BASE, v->arch.kernel_mode ? pv->gs_base_user : pv->gs_base_kernel);
	if (unlikely(bad))
		pv->failsafe_pending = true;
}

static void load_debug_registers(const struct vcpu *v)
{
	const unsigned long *dr = v->arch.pv.dr;

	__asm__ volatile("mov %0, %%dr0\n mov %1, %%dr1\n mov %2, %%dr2\n mov %3, %%dr3\n mov %4, %%dr7"
			 : : "r"(dr[0]), "r"(dr[1]), "r"(dr[2]), "r"(dr[3]), "r"(dr[7]));
}

/* ---- context switch: interrupts off ---- */

bool pv_publish_areas(struct vcpu *v)
{
	bool runstate = vcpu_runstate_publish(v);

	return vcpu_time_copy(v) && runstate;
}

/* The areas are the guest kernel's memory: reachable with its root only. */
void pv_refresh_areas(struct vcpu *v)
{
	v->arch.areas_old = !v->arch.kernel_mode || !pv_publish_areas(v);
}

void pv_ctxt_from(struct vcpu *v)
{
	/* As for the way in, below. */
	if (v->arch.kernel_mode)
		(void)vcpu_runstate_publish(v);
	fpu_switch_from(v);
	save_segments(v);
	if (unlikely(v->arch.pv.dr[7] & DR7_ACTIVE_MASK))
		__asm__ volatile("mov %0, %%dr7" : : "r"(0x400UL));
	cpumask_clear_cpu(smp_processor_id(), &v->domain->dirty_cpus);
}

void pv_ctxt_to(struct vcpu *v)
{
	struct cpu_info *ci = get_cpu_info();
	struct cpu_user_regs *regs = &v->arch.regs;
	unsigned long cr4 = pv_real_cr4(v);

	cpumask_set_cpu(ci->cpu, &v->domain->dirty_cpus);
	if (cr4 != ci->cr4) {
		ci->cr4 = cr4;
		write_cr4(cr4);
	}
	pv_load_descriptor_windows(v);
	if (unlikely(spec_on(SPEC_XPTI)))
		regs = xpti_show_vcpu(v);
	pv_load_root(v);
	v->arch.entry_stack = (u64)ci;
	entry_set_regs(ci->cpu, regs);
	this_cpu(cpu_tss)->rsp[0] = (u64)&regs->es;
	load_segments(v);
	fpu_switch_to(v, v->arch.pv.ctrlreg[0] & X86_CR0_TS);
	if (unlikely(v->arch.pv.dr[7] & DR7_ACTIVE_MASK))
		load_debug_registers(v);
	if (v->domain->arch.rdtscp)
		wrmsr(MSR_TSC_AUX, v->arch.msr_tsc_aux);
	vcpu_time_publish(v);
	pv_refresh_areas(v);
}

void pv_resume(struct vcpu *v)
{
	ret_to_guest();
}
