/* SPDX-License-Identifier: GPL-2.0-only */
/* Offsets that entry.S uses; x86/asm_offsets.c asserts each one. */
#ifndef X86_ASM_OFFSETS_H
#define X86_ASM_OFFSETS_H

/* struct cpu_user_regs (public/arch-x86/xen-x86_64.h) */
#define REGS_r15 0
#define REGS_r14 8
#define REGS_r13 16
#define REGS_r12 24
#define REGS_rbp 32
#define REGS_rbx 40
#define REGS_r11 48
#define REGS_r10 56
#define REGS_r9 64
#define REGS_r8 72
#define REGS_rax 80
#define REGS_rcx 88
#define REGS_rdx 96
#define REGS_rsi 104
#define REGS_rdi 112
#define REGS_error_code 120
#define REGS_entry_vector 124
#define REGS_rip 128
#define REGS_cs 136
#define REGS_rflags 144
#define REGS_rsp 152
#define REGS_ss 160
#define REGS_es 168
#define REGS_size 200

/* struct vcpu, from its start */
#define VCPU_regs 264
/* struct arch_vcpu, from regs */
#define R_entry_stack REGS_size
#define R_full_root (REGS_size + 8)
#define R_isolated_root (REGS_size + 16)
#define R_kernel_mode (REGS_size + 24)
#define R_frame_replaced (REGS_size + 25)
/* struct vcpu.vcpu_info, from the start of struct vcpu */
#define VCPU_vcpu_info 0

/* struct cpu_info, from its start */
#define CI_current 0
#define CI_softirq_pending 20
#define CI_entry_regs 32
#define CI_clear_history 41

/* entry_vector of the entries that are no vectors */
#define ENTRY_SYSCALL 0x100
#define ENTRY_SYSCALL32 0x101
#define ENTRY_SYSENTER 0x102

/* selectors (public/arch-x86/xen-x86_64.h) */
#define SEL_HV_CS 0xe008
#define SEL_HV_DS 0xe010
#define SEL_USER_CS32 0xe023
#define SEL_USER_DS 0xe02b
#define SEL_USER_CS64 0xe033

#endif
