/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions of PV guests.  Most go straight back to the guest kernel; page faults may be the hypervisor's
 * to fix, general protection may be a privileged instruction to emulate.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/irq.h>
#include <x86/fpu.h>
#include <x86/processor.h>
#include <x86/traps.h>
#include <x86/uaccess.h>

/* Called from entry.S */
void do_guest_exception(struct cpu_user_regs *regs);
void pv_guest_syscall(struct cpu_user_regs *regs);
void pv_bad_iret(struct cpu_user_regs *guest, const struct cpu_user_regs *fault);
void exit_work(struct vcpu *v);

static struct vcpu *regs_to_vcpu(struct cpu_user_regs *regs)
{
	return container_of(regs, struct vcpu, arch.regs);
}

#define INT_INSN_LEN 2
#define IDT_ERROR_CODE(vector) ((u32)(vector) << 3 | 2)		/* SDM vol. 3, 6.13 */

/* The gate is open to all guests; one that did not ask for it, or not for its user mode, sees it closed. */
static void guest_int80(struct vcpu *v, struct cpu_user_regs *regs)
{
	const struct trap_info *t = &v->arch.pv.traps[LEGACY_SYSCALL_VECTOR];

	local_irq_enable();
	if (t->address && TI_GET_DPL(t) >= (v->arch.kernel_mode ? 1U : 3U)) {
		pv_inject_callback(v, t->address, TI_GET_IF(t));
		return;
	}
	regs->rip -= INT_INSN_LEN;
	pv_inject_exception(v, TRAP_GP, IDT_ERROR_CODE(LEGACY_SYSCALL_VECTOR));
}

static void forward(struct vcpu *v, struct cpu_user_regs *regs)
{
	local_irq_enable();
	pv_inject_exception(v, regs->entry_vector, regs->error_code);
}

static void guest_page_fault(struct vcpu *v, struct cpu_user_regs *regs)
{
	unsigned long addr = read_cr2();

	local_irq_enable();
	/*
	 * Only some faults can be the hypervisor's to mend: those on present pages (page tables and read-only
	 * MMIO that the guest kernel writes, stale TLB entries) and in its own range (descriptor windows).
	 */
	if (unlikely((regs->error_code & PFEC_P) || addr - HV_VIRT_START < HV_VIRT_END - HV_VIRT_START)) {
		if (pv_fixup_page_fault(v, addr, regs))
			return;
		if (pv_in_descriptor_window(addr) && !(regs->error_code & PFEC_U)) {
			/* A selector whose descriptor cannot be there: what the CPU would have said of it. */
			pv_inject_exception(v, TRAP_GP, (u32)(addr & 0xffff) & ~7U);
			return;
		}
	}
	pv_inject_page_fault(v, addr, regs->error_code);
}

/* An INT n with a gate that ring 3 may not use arrives as #GP with the vector in the error code (SDM vol. 3, 6.13). */
static bool software_interrupt(struct vcpu *v, struct cpu_user_regs *regs)
{
	unsigned int vector;
	const struct trap_info *t;

	if ((regs->error_code & 3) != 2)
		return false;
	vector = (regs->error_code >> 3) & 0xff;
	t = &v->arch.pv.traps[vector];
	if (!t->address || TI_GET_DPL(t) < (v->arch.kernel_mode ? 1U : 3U))
		return false;
	regs->rip += INT_INSN_LEN;
	bool mask = TI_GET_IF(t);
	pv_inject_callback(v, t->address, mask);
	return true;
}

static void guest_general_protection(struct vcpu *v, struct cpu_user_regs *regs)
{
	local_irq_enable();
	if (regs->error_code & 1)
		;			/* external: forward */
	else if (software_interrupt(v, regs))
		return;
	else if (!regs->error_code && pv_emulate_privileged(v, regs))
		return;
	pv_inject_exception(v, TRAP_GP, regs->error_code);
}

static void guest_invalid_opcode(struct vcpu *v, struct cpu_user_regs *regs)
{
	local_irq_enable();
	if (pv_emulate_forced_cpuid(v, regs))
		return;
	pv_inject_exception(v, TRAP_UD, 0);
}

static void guest_device_not_available(struct vcpu *v, struct cpu_user_regs *regs)
{
	fpu_load_lazy(v);
	local_irq_enable();
	if (v->arch.pv.ctrlreg[0] & X86_CR0_TS) {
		pv_inject_exception(v, TRAP_NM, 0);
		v->arch.pv.ctrlreg[0] &= ~X86_CR0_TS;	/* the ABI clears it for the handler */
	}
}

static void guest_debug(struct vcpu *v, struct cpu_user_regs *regs)
{
	unsigned long dr6;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%dr6" : : "r"(0xffff0ff0UL));
	v->arch.pv.dr[6] = dr6 | 0xffff0ff0UL;
	local_irq_enable();
	pv_inject_exception(v, TRAP_DB, 0);
}

void do_guest_exception(struct cpu_user_regs *regs)
{
	struct vcpu *v = regs_to_vcpu(regs);

	switch (regs->entry_vector) {
	case TRAP_PF:
		guest_page_fault(v, regs);
		break;
	case TRAP_GP:
		guest_general_protection(v, regs);
		break;
	case TRAP_UD:
		guest_invalid_opcode(v, regs);
		break;
	case TRAP_NM:
		guest_device_not_available(v, regs);
		break;
	case TRAP_DB:
		guest_debug(v, regs);
		break;
	case LEGACY_SYSCALL_VECTOR:
		guest_int80(v, regs);
		break;
	default:
		forward(v, regs);
		break;
	}
}

/* SYSCALL or SYSENTER from guest user mode. */
void pv_guest_syscall(struct cpu_user_regs *regs)
{
	struct vcpu *v = regs_to_vcpu(regs);
	const struct pv_vcpu *pv = &v->arch.pv;

	local_irq_enable();
	switch (regs->entry_vector) {
	case ENTRY_SYSCALL:
		pv_inject_callback(v, pv->syscall_callback, pv->syscall_cb_disables);
		break;
	case ENTRY_SYSCALL32:
		if (pv->syscall32_callback)
			pv_inject_callback(v, pv->syscall32_callback, pv->syscall32_disables);
		else
			pv_inject_exception(v, TRAP_UD, 0);
		break;
	default:
		if (pv->sysenter_callback)
			pv_inject_callback(v, pv->sysenter_callback, pv->sysenter_disables);
		else
			pv_inject_exception(v, TRAP_GP, 0);
		break;
	}
}

/* IRETQ to the guest faulted; @fault holds its general registers and the fault, just below @guest's RIP. */
void pv_bad_iret(struct cpu_user_regs *guest, const struct cpu_user_regs *fault)
{
	struct vcpu *v = regs_to_vcpu(guest);
	u32 vector = fault->entry_vector;
	unsigned long cr2 = vector == TRAP_PF ? read_cr2() : 0;

	memmove(guest, fault, offsetof(struct cpu_user_regs, rip));
	local_irq_enable();
	/* A selector in an LDT page that is not mapped yet: map it and let the return run again. */
	if (vector == TRAP_PF && pv_fixup_window_fault(v, cr2))
		return;
	if (!v->arch.pv.failsafe_callback) {
		domain_crash(v->domain, "vcpu %u: return to %#x:%#lx ss %#x faulted (vector %u) and there is no failsafe callback",
			     v->id, guest->cs, (unsigned long)guest->rip, guest->ss, vector);
		return;
	}
	pv_inject_failsafe(v);
}

/* The way out to a guest: nothing may be pending when it returns, with interrupts off. */
void exit_work(struct vcpu *v)
{
	for (;;) {
		local_irq_enable();
		if (get_cpu_info()->softirq_pending)
			do_softirq();		/* may switch to another vCPU and not return */
		pv_deliver_pending(v);
		local_irq_disable();
		if (!get_cpu_info()->softirq_pending && !pv_event_deliverable(v))
			return;
	}
}
