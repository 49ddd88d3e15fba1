/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypervisor injects into a PV guest kernel, and how the guest kernel says where it wants it
 * (set_trap_table, set_callbacks, callback_op, nmi_op, stack_switch).
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <public/callback.h>
#include <public/nmi.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/traps.h>
#include <x86/uaccess.h>

#define BOUNCE_ERROR_CODE	(1U << 0)
#define BOUNCE_MASK_EVENTS	(1U << 1)

_Static_assert(HANDLER_CLEARS == (X86_RFLAGS_TF | X86_RFLAGS_RF | X86_RFLAGS_NT | X86_RFLAGS_VM | X86_RFLAGS_AC), "RFLAGS");

void pv_toggle_mode(struct vcpu *v)
{
	swapgs();
	pv_toggle_root(v);
	if (unlikely(v->arch.areas_old) && v->arch.kernel_mode)
		v->arch.areas_old = !pv_publish_areas(v);
}

static unsigned long frame_rflags(const struct vcpu *v, u8 mask)
{
	unsigned long f = v->arch.regs.rflags & ~X86_RFLAGS_IF;

	if (!mask)
		f |= X86_RFLAGS_IF;
	if (v->domain->vm_assist & (1UL << VMASST_TYPE_architectural_iopl))
		f = (f & ~X86_RFLAGS_IOPL) | v->arch.pv.iopl;
	return f;
}

static noinline_fn void bounce_failed(const struct vcpu *v, unsigned long handler, unsigned long sp, u32 error_code)
{
	const struct cpu_user_regs *regs = &v->arch.regs;

	if (!handler)
		domain_crash(v->domain, "vcpu %u: no handler for vector %#x (error %#x) at %#lx",
			     v->id, regs->entry_vector, error_code, (unsigned long)regs->rip);
	else
		domain_crash(v->domain, "vcpu %u: kernel stack at %#lx is not writable (vector %#x, rip %#lx)",
			     v->id, sp, regs->entry_vector, (unsigned long)regs->rip);
}

/* The frame of a bounce on the guest kernel's stack @sp, in whose mode the vCPU is by now. */
static always_inline void push_frame(struct vcpu *v, unsigned long handler, unsigned int how, u32 error_code,
				     unsigned long sp, u64 cs)
{
	struct cpu_user_regs *regs = &v->arch.regs;
	u8 mask = v->vcpu_info->evtchn_upcall_mask;

	sp &= ~15UL;
	if (unlikely(!handler) || unlikely(!guest_va_ok(sp - 64, 64)) || !put_user_u64(sp - 8, regs->ss) ||
	    !put_user_u64(sp - 16, regs->rsp) || !put_user_u64(sp - 24, frame_rflags(v, mask)) ||
	    !put_user_u64(sp - 32, cs | (u64)mask << 32) || !put_user_u64(sp - 40, regs->rip))
		goto failed;
	sp -= 40;
	if (how & BOUNCE_ERROR_CODE) {
		sp -= 8;
		if (!put_user_u64(sp, error_code))
			goto failed;
	}
	if (!put_user_u64(sp - 8, regs->r11) || !put_user_u64(sp - 16, regs->rcx))
		goto failed;
	if (how & BOUNCE_MASK_EVENTS)
		v->vcpu_info->evtchn_upcall_mask = 1;
	regs->rsp = sp - 16;
	regs->rip = handler;
	regs->cs = SEL_USER_CS64;
	regs->ss = SEL_USER_DS;
	regs->rflags &= ~(u64)HANDLER_CLEARS;
	return;
failed:
	bounce_failed(v, handler, sp, error_code);
}

static noinline_fn void bounce_from_user(struct vcpu *v, unsigned long handler, unsigned int how, u32 error_code)
{
	u64 cs = v->arch.regs.cs;

	if (likely(handler))
		pv_toggle_mode(v);
	push_frame(v, handler, how, error_code, v->arch.pv.kernel_sp, cs);
}

/* Nothing is called on the way from the guest's kernel to itself: no register has to be kept. */
static always_inline void bounce(struct vcpu *v, unsigned long handler, unsigned int how, u32 error_code)
{
	if (v->arch.kernel_mode)	/* the ABI shows guest kernel code as ring 0 */
		push_frame(v, handler, how, error_code, v->arch.regs.rsp, v->arch.regs.cs & ~3UL);
	else
		bounce_from_user(v, handler, how, error_code);
}

void pv_inject_exception(struct vcpu *v, unsigned int vector, u32 error_code)
{
	const struct trap_info *t = &v->arch.pv.traps[vector];
	unsigned int how = TI_GET_IF(t) ? BOUNCE_MASK_EVENTS : 0;

	if (vector < 32 && (TRAP_HAS_ERROR_CODE & (1U << vector)))
		how |= BOUNCE_ERROR_CODE;
	bounce(v, t->address, how, error_code);
}

void pv_inject_page_fault(struct vcpu *v, unsigned long addr, u32 error_code)
{
	v->vcpu_info->arch.cr2 = addr;
	v->arch.pv.ctrlreg[2] = addr;
	/* The guest kernel believes that it runs in ring 0. */
	if (v->arch.kernel_mode)
		error_code &= ~(u32)PFEC_U;
	else
		error_code |= PFEC_U;
	pv_inject_exception(v, TRAP_PF, error_code);
}

void pv_inject_callback(struct vcpu *v, unsigned long handler, bool mask_events)
{
	bounce(v, handler, mask_events ? BOUNCE_MASK_EVENTS : 0, 0);
}

/* The frame of a failed return carries the data selectors too: ABI order DS, ES, FS, GS below RCX, R11. */
void pv_inject_failsafe(struct vcpu *v)
{
	struct cpu_user_regs *regs = &v->arch.regs;
	u64 sel[4] = { v->arch.pv.ds, v->arch.pv.es, v->arch.pv.fs, v->arch.pv.gs };
	unsigned long rcx_r11;

	bounce(v, v->arch.pv.failsafe_callback, v->arch.pv.failsafe_cb_disables ? BOUNCE_MASK_EVENTS : 0, 0);
	if (v->domain->is_shutting_down)
		return;
	/* bounce() put RCX, R11 lowest; the selectors go between them and RIP. */
	rcx_r11 = regs->rsp;
	if (!guest_va_ok(rcx_r11 - 32, 48) ||
	    !put_user_u64(rcx_r11 - 32, regs->rcx) || !put_user_u64(rcx_r11 - 24, regs->r11) ||
	    !put_user_u64(rcx_r11 - 16, sel[0]) || !put_user_u64(rcx_r11 - 8, sel[1]) ||
	    !put_user_u64(rcx_r11, sel[2]) || !put_user_u64(rcx_r11 + 8, sel[3])) {
		domain_crash(v->domain, "vcpu %u: kernel stack at %#lx is not writable (failsafe callback)",
			     v->id, rcx_r11);
		return;
	}
	regs->rsp -= 32;
}

static bool upcall_deliverable(const struct vcpu *v)
{
	return v->vcpu_info->evtchn_upcall_pending && !v->vcpu_info->evtchn_upcall_mask &&
	       v->arch.pv.event_callback;
}

bool pv_event_deliverable(const struct vcpu *v)
{
	return upcall_deliverable(v) || unlikely(v->arch.nmi_pending && !v->arch.nmi_masked);
}

void pv_deliver_pending(struct vcpu *v)
{
	if (unlikely(v->arch.pv.failsafe_pending)) {
		v->arch.pv.failsafe_pending = false;
		if (v->arch.pv.failsafe_callback)
			pv_inject_failsafe(v);
	}
	if (unlikely(v->arch.nmi_pending && !v->arch.nmi_masked)) {
		v->arch.nmi_pending = 0;
		if (v->arch.pv.traps[TRAP_NMI].address) {
			v->arch.nmi_masked = 1;
			pv_inject_exception(v, TRAP_NMI, 0);
			return;
		}
	}
	if (upcall_deliverable(v))
		pv_inject_callback(v, v->arch.pv.event_callback, v->arch.pv.event_cb_disables);
}

/* ---- where the guest wants it ---- */

static bool code_address_ok(unsigned long va)
{
	return va == (unsigned long)((long)(va << 16) >> 16);
}

long do_set_trap_table(unsigned long traps)
{
	struct vcpu *v = current;
	struct trap_info t;

	if (!traps) {
		memset(v->arch.pv.traps, 0, 256 * sizeof(t));
		return 0;
	}
	for (;; traps += sizeof(t)) {
		if (hypercall_preempt_check())
			return hypercall_continue(1, traps);
		if (!arg_read(&t, traps))
			return -EFAULT;
		if (!t.address)
			return 0;
		if (!code_address_ok(t.address))
			return -EINVAL;
		t.cs |= 3;
		v->arch.pv.traps[t.vector] = t;
	}
}

static int register_callback(struct vcpu *v, const struct callback_register *r)
{
	struct pv_vcpu *pv = &v->arch.pv;
	bool mask = r->flags & CALLBACKF_mask_events;

	if (!code_address_ok(r->address))
		return -EINVAL;
	switch (r->type) {
	case CALLBACKTYPE_event:
		pv->event_callback = r->address;
		pv->event_cb_disables = true;
		return 0;
	case CALLBACKTYPE_failsafe:
		pv->failsafe_callback = r->address;
		pv->failsafe_cb_disables = mask;
		return 0;
	case CALLBACKTYPE_syscall:
		pv->syscall_callback = r->address;
		pv->syscall_cb_disables = mask;
		return 0;
	case CALLBACKTYPE_syscall32:
		pv->syscall32_callback = r->address;
		pv->syscall32_disables = mask;
		return 0;
	case CALLBACKTYPE_sysenter:
		pv->sysenter_callback = r->address;
		pv->sysenter_disables = mask;
		return 0;
	case CALLBACKTYPE_nmi:
		pv->traps[TRAP_NMI] = (struct trap_info){ .vector = TRAP_NMI, .cs = SEL_USER_CS64,
							  .address = r->address, .flags = 4 };
		return 0;
	}
	return -ENOSYS;
}

static int unregister_callback(struct vcpu *v, unsigned int type)
{
	switch (type) {
	case CALLBACKTYPE_event:
	case CALLBACKTYPE_failsafe:
	case CALLBACKTYPE_syscall:
	case CALLBACKTYPE_syscall32:
	case CALLBACKTYPE_sysenter:
		return -EINVAL;
	case CALLBACKTYPE_nmi:
		memset(&v->arch.pv.traps[TRAP_NMI], 0, sizeof(struct trap_info));
		return 0;
	}
	return -ENOSYS;
}

long do_callback_op(int cmd, unsigned long arg)
{
	struct callback_register reg;
	struct callback_unregister unreg;

	switch (cmd) {
	case CALLBACKOP_register:
		return arg_read(&reg, arg) ? register_callback(current, &reg) : -EFAULT;
	case CALLBACKOP_unregister:
		return arg_read(&unreg, arg) ? unregister_callback(current, unreg.type) : -EFAULT;
	}
	return -ENOSYS;
}

long do_set_callbacks(unsigned long event, unsigned long failsafe, unsigned long syscall)
{
	struct pv_vcpu *pv = &current->arch.pv;

	if (!code_address_ok(event) || !code_address_ok(failsafe) || !code_address_ok(syscall))
		return -EINVAL;
	pv->event_callback = event;
	pv->failsafe_callback = failsafe;
	pv->event_cb_disables = true;
	if (syscall)
		pv->syscall_callback = syscall;
	return 0;
}

long do_nmi_op(unsigned int cmd, unsigned long arg)
{
	struct vcpu *v = current;
	struct xennmi_callback cb;

	switch (cmd) {
	case XENNMI_register_callback:
		if (!arg_read(&cb, arg))
			return -EFAULT;
		if (v->id != 0)
			return -EINVAL;
		return register_callback(v, &(struct callback_register){ .type = CALLBACKTYPE_nmi,
									 .address = cb.handler_address });
	case XENNMI_unregister_callback:
		return unregister_callback(v, CALLBACKTYPE_nmi);
	}
	return -ENOSYS;
}

long do_stack_switch(unsigned long ss, unsigned long sp)
{
	struct pv_vcpu *pv = &current->arch.pv;

	pv->kernel_ss = ss | 3;
	pv->kernel_sp = sp;
	return 0;
}
