/* SPDX-License-Identifier: GPL-2.0-only */
/* Proves the constants that entry.S uses. */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/traps.h>

#define AT(what, type, member) _Static_assert((what) == offsetof(type, member), #what)
#define REG(r) AT(REGS_##r, struct cpu_user_regs, r)
REG(r15); REG(r14); REG(r13); REG(r12); REG(rbp); REG(rbx); REG(r11); REG(r10); REG(r9); REG(r8);
REG(rax); REG(rcx); REG(rdx); REG(rsi); REG(rdi); REG(error_code); REG(entry_vector); REG(rip);
REG(cs); REG(rflags); REG(rsp); REG(ss); REG(es);
_Static_assert(REGS_size == sizeof(struct cpu_user_regs), "REGS_size");
AT(VCPU_regs, struct vcpu, arch.regs);
AT(VCPU_regs + R_entry_stack, struct vcpu, arch.entry_stack);
AT(VCPU_regs + R_full_root, struct vcpu, arch.full_root);
AT(VCPU_regs + R_isolated_root, struct vcpu, arch.isolated_root);
AT(VCPU_regs + R_kernel_mode, struct vcpu, arch.kernel_mode);
AT(VCPU_regs + R_detours, struct vcpu, arch.detours);
_Static_assert(offsetof(struct vcpu, arch.areas_old) < offsetof(struct vcpu, arch.detours) + 8, "all of them at once");
AT(VCPU_regs + R_traps, struct vcpu, arch.pv.traps);
AT(VCPU_regs + R_syscall_callback, struct vcpu, arch.pv.syscall_callback);
AT(VCPU_regs + R_syscall_cb_disables, struct vcpu, arch.pv.syscall_cb_disables);
AT(VCPU_regs + R_kernel_sp, struct vcpu, arch.pv.kernel_sp);
AT(VCPU_regs + R_ctrlreg2, struct vcpu, arch.pv.ctrlreg[2]);
_Static_assert(TRAP_PF_flags == 14 * sizeof(struct trap_info) + offsetof(struct trap_info, flags), "TRAP_PF_flags");
_Static_assert(TRAP_PF_address == 14 * sizeof(struct trap_info) + offsetof(struct trap_info, address), "TRAP_PF_address");
_Static_assert(TRAP_MASKS == TI_EVENTS_MASKED_ && PF_PRESENT == PFEC_P, "flags");
AT(VI_mask, struct vcpu_info, evtchn_upcall_mask);
AT(VI_cr2, struct vcpu_info, arch.cr2);
AT(VCPU_regs + R_frame_replaced, struct vcpu, arch.frame_replaced);
AT(VCPU_regs + R_cr3_kernel, struct vcpu, arch.cr3_kernel);
AT(VCPU_regs + R_cr3_user, struct vcpu, arch.cr3_user);
_Static_assert(IRET_IN_SYSCALL << 8 == VGCF_IN_SYSCALL, "IRET_IN_SYSCALL");
_Static_assert(HYPERCALL_iret == __HYPERVISOR_iret, "HYPERCALL_iret");
_Static_assert(KERNEL_MODE == NR_HYPERCALLS, "KERNEL_MODE");
#define FRAME(r) AT(IRET_##r, struct iret_context, r)
FRAME(rax); FRAME(r11); FRAME(rcx); FRAME(flags); FRAME(rip); FRAME(cs); FRAME(rflags); FRAME(rsp); FRAME(ss);
AT(VCPU_vcpu_info, struct vcpu, vcpu_info);
AT(CI_current, struct cpu_info, curr);
AT(CI_softirq_pending, struct cpu_info, softirq_pending);
AT(CI_entry_regs, struct cpu_info, entry_regs);
AT(CI_clear_history, struct cpu_info, clear_history);
_Static_assert((VCPU_regs + REGS_es) % 16 == 0, "TSS.RSP0 must be 16-byte aligned");
