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
#define R_detours (REGS_size + 32)
#define R_frame_replaced (REGS_size + 35)
#define R_cr3_kernel (REGS_size + 48)
#define R_cr3_user (REGS_size + 56)
#define R_traps (REGS_size + 64)
#define R_syscall_callback (REGS_size + 88)
#define R_syscall_cb_disables (REGS_size + 118)
#define R_kernel_sp (REGS_size + 400)
#define R_ctrlreg2 (REGS_size + 464)
/* arch_vcpu.kernel_mode */
#define KERNEL_MODE 64			/* entries of pv_hypercall_entry[] */
/* struct iret_context (public/arch-x86/xen-x86_64.h) */
#define IRET_rax 0
#define IRET_r11 8
#define IRET_rcx 16
#define IRET_flags 24
#define IRET_rip 32
#define IRET_cs 40
#define IRET_rflags 48
#define IRET_rsp 56
#define IRET_ss 64
#define IRET_IN_SYSCALL 1		/* VGCF_IN_SYSCALL, in the second byte of flags */
#define HYPERCALL_iret 23
/* struct vcpu.vcpu_info, from the start of struct vcpu */
#define VCPU_vcpu_info 0

/* struct vcpu_info (public/xen.h) */
#define VI_mask 1
#define VI_cr2 16
/* struct trap_info of a page fault (public/arch-x86/xen.h), from arch.pv.traps */
#define TRAP_PF_flags (14 * 16 + 1)
#define TRAP_PF_address (14 * 16 + 8)
#define TRAP_MASKS 4			/* TI_EVENTS_MASKED_ */
#define PF_PRESENT 1			/* PFEC_P */
/* RFLAGS that a handler does not begin with: TF, NT, RF, VM, AC (pv/callback.c) */
#define HANDLER_CLEARS 0x74100

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
