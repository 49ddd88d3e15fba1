/* SPDX-License-Identifier: GPL-2.0-only */
/* Proves the constants that entry.S uses. */
#include <hv/domain.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>

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
AT(VCPU_regs + R_frame_replaced, struct vcpu, arch.frame_replaced);
AT(VCPU_vcpu_info, struct vcpu, vcpu_info);
AT(CI_current, struct cpu_info, curr);
AT(CI_softirq_pending, struct cpu_info, softirq_pending);
AT(CI_entry_regs, struct cpu_info, entry_regs);
AT(CI_clear_history, struct cpu_info, clear_history);
_Static_assert((VCPU_regs + REGS_es) % 16 == 0, "TSS.RSP0 must be 16-byte aligned");
