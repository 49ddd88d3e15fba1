/* SPDX-License-Identifier: GPL-2.0-only */
/* The iret hypercall: return from a handler of the guest kernel, to itself or to guest user mode. */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <pv/traps.h>
#include <x86/current.h>
#include <x86/processor.h>

long do_iret(void)
{
	struct vcpu *v = current;
	struct cpu_user_regs *regs = &v->arch.regs;
	struct iret_context c;

	if (unlikely(!arg_read(&c, regs->rsp))) {
		domain_crash(v->domain, "vcpu %u: iret frame at %#lx is not readable", v->id,
			     (unsigned long)regs->rsp);
		return 0;
	}
	if ((c.cs & 3) == 3) {
		if (unlikely(!v->arch.pv.guest_table_user)) {
			domain_crash(v->domain, "vcpu %u: iret to user mode without a user page table", v->id);
			return 0;
		}
		pv_toggle_mode(v);
	}
	if (v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl))
		v->arch.pv.iopl = c.rflags & X86_RFLAGS_IOPL;
	regs->rip = c.rip;
	regs->cs = (u16)c.cs | 3;
	regs->rflags = (c.rflags & ~(X86_RFLAGS_IOPL | X86_RFLAGS_VM)) | X86_RFLAGS_IF;
	regs->rsp = c.rsp;
	regs->ss = (u16)c.ss | 3;
	if (c.flags & VGCF_IN_SYSCALL) {
		regs->r11 = c.rflags;
		regs->rcx = c.rip;
	} else {
		regs->r11 = c.r11;
		regs->rcx = c.rcx;
	}
	v->vcpu_info->evtchn_upcall_mask = !(c.rflags & X86_RFLAGS_IF);
	v->arch.nmi_masked = 0;
	if (unlikely(v->arch.nmi_pending))
		raise_softirq(SOFTIRQ_SCHEDULE);	/* leaves the long way, which delivers it */
	return (long)c.rax;
}
