/* SPDX-License-Identifier: GPL-2.0-only */
/* The iret hypercall: return from a handler of the guest kernel, to itself or to guest user mode. */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <pv/traps.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/uaccess.h>

/* The frame, a word at a time: what is not looked at need not be copied. */
#define FRAME_WORD(sp, field, val) \
	get_user_u64(val, (sp) + offsetof(struct iret_context, field))

static noinline_fn long bad_iret(const struct vcpu *v, const char *why)
{
	domain_crash(v->domain, "vcpu %u: iret with the frame at %#lx: %s", v->id, (unsigned long)v->arch.regs.rsp, why);
	return 0;
}

/* The long way out delivers it. */
static noinline_fn long leave_for_nmi(long rax)
{
	raise_softirq(SOFTIRQ_SCHEDULE);
	return rax;
}

long do_iret(void)
{
	struct vcpu *v = current;
	struct cpu_user_regs *regs = &v->arch.regs;
	unsigned long sp = regs->rsp;
	u64 rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;

	if (unlikely(!guest_va_ok(sp, sizeof(struct iret_context)) || !FRAME_WORD(sp, rax, &rax) ||
		     !FRAME_WORD(sp, r11, &r11) || !FRAME_WORD(sp, rcx, &rcx) || !FRAME_WORD(sp, flags, &flags) ||
		     !FRAME_WORD(sp, rip, &rip) || !FRAME_WORD(sp, cs, &cs) || !FRAME_WORD(sp, rflags, &rflags) ||
		     !FRAME_WORD(sp, rsp, &rsp) || !FRAME_WORD(sp, ss, &ss)))
		return bad_iret(v, "it is not readable");
	if ((cs & 3) == 3) {
		if (unlikely(!v->arch.pv.guest_table_user))
			return bad_iret(v, "to user mode without a user page table");
		pv_toggle_mode(v);
	}
	if (unlikely(v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl)))
		v->arch.pv.iopl = rflags & X86_RFLAGS_IOPL;
	regs->rip = rip;
	regs->cs = (u16)cs | 3;
	regs->rflags = (rflags & ~(X86_RFLAGS_IOPL | X86_RFLAGS_VM)) | X86_RFLAGS_IF;
	regs->rsp = rsp;
	regs->ss = (u16)ss | 3;
	regs->r11 = flags & VGCF_IN_SYSCALL ? rflags : r11;
	regs->rcx = flags & VGCF_IN_SYSCALL ? rip : rcx;
	v->vcpu_info->evtchn_upcall_mask = !(rflags & X86_RFLAGS_IF);
	v->arch.nmi_masked = 0;
	return unlikely(v->arch.nmi_pending) ? leave_for_nmi((long)rax) : (long)rax;
}
