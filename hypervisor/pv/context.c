/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPU state by the control ABI (struct vcpu_guest_context): building, starting, saving and restoring vCPUs. */
#include <hv/domain.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <x86/guest_context.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <public/domctl.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/fpu.h>
#include <x86/layout.h>
#include <x86/processor.h>

static bool canonical(u64 va) { return va == (u64)((s64)(va << 16) >> 16); }

/* Selectors that a guest may load: anything of ring 3, or null; the hypervisor's own have RPL 0 removed. */
static u16 guest_selector(u16 sel) { return sel | 3; }

static bool context_valid(const struct vcpu_guest_context *c)
{
	if (!canonical(c->user_regs.rip) || !canonical(c->event_callback_eip) ||
	    !canonical(c->failsafe_callback_eip) || !canonical(c->syscall_callback_eip) ||
	    !canonical(c->fs_base) || !canonical(c->gs_base_kernel) || !canonical(c->gs_base_user))
		return false;
	for (unsigned int i = 0; i < 256; i++)
		if (!canonical(c->trap_ctxt[i].address))
			return false;
	return c->gdt_ents <= 8192 - 2 * 512 && c->ldt_ents <= 8192;
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct cpu_user_regs *r = &v->arch.regs;
	struct pv_vcpu *pv = &v->arch.pv;

	*r = c->user_regs;
	r->rflags = (r->rflags & ~(X86_RFLAGS_IOPL | X86_RFLAGS_VM)) | X86_RFLAGS_IF | 2;
	r->cs = guest_selector(r->cs);
	r->ss = guest_selector(r->ss);
	v->vcpu_info->evtchn_upcall_mask = v->is_initialised ? c->user_regs.saved_upcall_mask & 1 :
					   v->vcpu_info->evtchn_upcall_mask;
	pv->iopl = c->user_regs.rflags & X86_RFLAGS_IOPL;
	pv->ds = c->user_regs.ds;
	pv->es = c->user_regs.es;
	pv->fs = c->user_regs.fs;
	pv->gs = c->user_regs.gs;
	pv->fs_base = c->fs_base;
	pv->gs_base_kernel = c->gs_base_kernel;
	pv->gs_base_user = c->gs_base_user;
	pv->kernel_ss = c->kernel_ss | 3;
	pv->kernel_sp = c->kernel_sp;
	pv->event_callback = c->event_callback_eip;
	pv->event_cb_disables = true;
	pv->failsafe_callback = c->failsafe_callback_eip;
	pv->failsafe_cb_disables = c->flags & VGCF_failsafe_disables_events;
	pv->syscall_callback = c->syscall_callback_eip;
	pv->syscall_cb_disables = c->flags & VGCF_syscall_disables_events;
	memcpy(pv->traps, c->trap_ctxt, sizeof(c->trap_ctxt));
	for (unsigned int i = 0; i < 256; i++)
		pv->traps[i].cs |= 3;
	pv->ctrlreg[0] = c->ctrlreg[0];
	pv->ctrlreg[4] = c->ctrlreg[4] ? c->ctrlreg[4] & (X86_CR4_TSD | X86_CR4_DE | X86_CR4_FSGSBASE |
			X86_CR4_OSXSAVE | X86_CR4_PAE | X86_CR4_PSE | X86_CR4_MCE | X86_CR4_OSFXSR |
			X86_CR4_OSXMMEXCPT) : pv->ctrlreg[4];
}

/*
 * May be repeated after -ERESTART: every step first undoes what an earlier one set.  On error the vCPU stays
 * uninitialised and cannot run.
 */
int pv_set_context(struct vcpu *v, const union vcpu_guest_context_any *any)
{
	const struct vcpu_guest_context *c = &any->nat;
	unsigned int nr = (unsigned int)DIV_ROUND_UP(c->gdt_ents, 512);
	u64 frames[16];
	int rc;

	if (!context_valid(c))
		return -EINVAL;
	if (c->flags & VGCF_i387_valid)
		fpu_put_legacy(v, &c->fpu_ctxt);
	v->arch.kernel_mode = KERNEL_MODE;
	set_registers(v, c);
	for (unsigned int i = 0; i < 8; i++)
		if (i != 4 && i != 5 && pv_set_debugreg(v, i, c->debugreg[i]))
			(void)pv_set_debugreg(v, i, 0);
	if (!v->is_initialised)
		v->domain->vm_assist = v->id == 0 ? c->vm_assist & VMASST_SUPPORTED : v->domain->vm_assist;

	for (unsigned int i = 0; i < nr; i++)
		frames[i] = c->gdt_frames[i];
	rc = pv_set_gdt(v, frames, (unsigned int)c->gdt_ents);
	if (rc)
		return rc;
	rc = pv_set_ldt(v, c->ldt_base, (unsigned int)c->ldt_ents);
	if (rc)
		return rc;
	rc = pv_drop_roots(v);
	if (rc)
		return rc;
	rc = pv_set_kernel_root(v, xen_cr3_to_pfn(c->ctrlreg[3]));
	if (rc)
		return rc;
	/* Bit 0 says that there is a user root: 0 would be frame 0 otherwise. */
	if (c->ctrlreg[1]) {
		rc = pv_set_user_root(v, xen_cr3_to_pfn(c->ctrlreg[1]));
		if (rc)
			return rc;
	}
	if (!(c->flags & VGCF_in_kernel)) {
		if (!v->arch.pv.guest_table_user)
			return -EINVAL;
		v->arch.kernel_mode = 0;
	}
	v->is_initialised = true;
	if (c->flags & VGCF_online)
		clear_bit(VPF_DOWN, &v->pause_flags);
	else
		set_bit(VPF_DOWN, &v->pause_flags);
	return 0;
}

void pv_get_context(struct vcpu *v, union vcpu_guest_context_any *any)
{
	struct vcpu_guest_context *c = &any->nat;
	const struct pv_vcpu *pv = &v->arch.pv;

	memset(c, 0, sizeof(*c));
	memcpy(&c->fpu_ctxt, v->arch.xsave, 512);
	c->flags = VGCF_i387_valid;
	if (v->arch.kernel_mode)
		c->flags |= VGCF_in_kernel;
	if (pv->failsafe_cb_disables)
		c->flags |= VGCF_failsafe_disables_events;
	if (pv->syscall_cb_disables)
		c->flags |= VGCF_syscall_disables_events;
	if (!test_bit(VPF_DOWN, &v->pause_flags))
		c->flags |= VGCF_online;
	c->user_regs = v->arch.regs;
	c->user_regs.ds = pv->ds;
	c->user_regs.es = pv->es;
	c->user_regs.fs = pv->fs;
	c->user_regs.gs = pv->gs;
	c->user_regs.saved_upcall_mask = v->vcpu_info->evtchn_upcall_mask;
	c->user_regs.rflags = (c->user_regs.rflags & ~X86_RFLAGS_IOPL) | pv->iopl;
	memcpy(c->trap_ctxt, pv->traps, sizeof(c->trap_ctxt));
	c->ldt_base = pv->ldt_base;
	c->ldt_ents = pv->ldt_ents;
	for (unsigned int i = 0; i < pv->nr_gdt_frames; i++)
		c->gdt_frames[i] = pv->gdt_frame[i].m;
	c->gdt_ents = 512UL * pv->nr_gdt_frames;
	c->kernel_ss = pv->kernel_ss;
	c->kernel_sp = pv->kernel_sp;
	memcpy(c->ctrlreg, pv->ctrlreg, sizeof(c->ctrlreg));
	c->ctrlreg[1] = 0;
	if (pv->guest_table)
		c->ctrlreg[3] = xen_pfn_to_cr3(page_to_mfn(pv->guest_table).m);
	if (pv->guest_table_user)
		c->ctrlreg[1] = xen_pfn_to_cr3(page_to_mfn(pv->guest_table_user).m);
	memcpy(c->debugreg, pv->dr, sizeof(c->debugreg));
	c->event_callback_eip = pv->event_callback;
	c->failsafe_callback_eip = pv->failsafe_callback;
	c->syscall_callback_eip = pv->syscall_callback;
	c->vm_assist = v->domain->vm_assist;
	c->fs_base = pv->fs_base;
	c->gs_base_kernel = pv->gs_base_kernel;
	c->gs_base_user = pv->gs_base_user;
}

/* ---- what vcpu_guest_context has no room for ---- */

void pv_get_ext_context(const struct vcpu *v, struct xen_domctl_ext_vcpucontext *e)
{
	const struct pv_vcpu *pv = &v->arch.pv;

	e->sysenter_callback_cs = pv->sysenter_cs;
	e->sysenter_callback_eip = pv->sysenter_callback;
	e->sysenter_disables_events = pv->sysenter_disables;
	e->syscall32_callback_cs = pv->syscall32_cs;
	e->syscall32_callback_eip = pv->syscall32_callback;
	e->syscall32_disables_events = pv->syscall32_disables;
}

int pv_set_ext_context(struct vcpu *v, const struct xen_domctl_ext_vcpucontext *e)
{
	struct pv_vcpu *pv = &v->arch.pv;

	if (!canonical(e->sysenter_callback_eip) || !canonical(e->syscall32_callback_eip))
		return -EINVAL;
	pv->sysenter_cs = e->sysenter_callback_cs | 3;
	pv->sysenter_callback = e->sysenter_callback_eip;
	pv->sysenter_disables = e->sysenter_disables_events;
	pv->syscall32_cs = e->syscall32_callback_cs | 3;
	pv->syscall32_callback = e->syscall32_callback_eip;
	pv->syscall32_disables = e->syscall32_disables_events;
	return 0;
}
