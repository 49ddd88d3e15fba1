/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entries from guests and from the hypervisor itself.
 *
 * From a guest, registers are pushed straight into the running vCPU's arch.regs: RSP0 of the TSS is its
 * end, and the SYSCALL stub of each CPU loads its start from syscall_cpu[].  Then RSP moves to the CPU's
 * own stack, which is always empty at that point.  So a vCPU that does not run owns no stack.
 *
 * Hypercalls take the short way: only the registers that a C function may change are saved, the rest stays
 * in the CPU; when a softirq or an event waits on the way out, the frame is completed and the long way taken.
 *
 * RFLAGS.IF is clear until the frame is whole.  NMI, #MC, #DF and #DB have stacks of their own (IST): they
 * may come while RSP is still the guest's (SDM vol. 3, 6.14.5).
 */
#include <x86/alternative.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/extable.h>
#include <x86/layout.h>
#include <x86/spec_ctrl.h>
#include <x86/thunk.h>

#define NR_CPUS 256
#define SYSCALL_CPU_SHIFT 6
#define MSR_SPEC_CTRL 0x48	/* x86/processor.h */

/*
 * Whole pages of nothing but this code: where page-table isolation is on (pv/xpti.c), they are what a guest's
 * page tables show of the hypervisor.  Until the root is the hypervisor's, it may touch nothing but arch.regs of
 * the running vCPU, entry_data and its own stack of an IST.
 */
.macro ENTRY_TEXT
	.section .text.entry, "ax", @progbits
.endm
	ENTRY_TEXT

.macro SAVE_ALL			/* below error_code */
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
.endm

.macro RESTORE_ALL
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
.endm

/* What a C function leaves alone, of the guest that @vcpu is: kept only when the short way is left. */
.macro SAVE_CALLEE_SAVED vcpu
	movq %rbx, VCPU_regs+REGS_rbx(\vcpu)
	movq %rbp, VCPU_regs+REGS_rbp(\vcpu)
	movq %r12, VCPU_regs+REGS_r12(\vcpu)
	movq %r13, VCPU_regs+REGS_r13(\vcpu)
	movq %r14, VCPU_regs+REGS_r14(\vcpu)
	movq %r15, VCPU_regs+REGS_r15(\vcpu)
.endm

/* A hypercall's arguments, with RSP at arch.regs. */
.macro RESTORE_ARGUMENTS
	movq REGS_rdi(%rsp), %rdi
	movq REGS_rsi(%rsp), %rsi
	movq REGS_rdx(%rsp), %rdx
	movq REGS_r10(%rsp), %r10
	movq REGS_r8(%rsp), %r8
	movq REGS_r9(%rsp), %r9
.endm

/* To the root @which of the vCPU whose arch.regs are at @regs, if it is isolated. Changes RCX. */
.macro LOAD_ROOT which, regs=%rsp
	movq \which(\regs), %rcx
	jrcxz 779f
	movq %rcx, %cr3
779:
.endm

/* The same where all PV guests are isolated, as the lean ways have it. */
.macro LEAN_LOAD_ROOT which, scratch=%rcx
	movq \which(%rsp), \scratch
	movq \scratch, %cr3
.endm

/* RSP, at cpu_info: to arch.regs of the guest that @vcpu is. */
.macro REGS_FOR_EXIT vcpu
	ALT_SITE
	ds leaq VCPU_regs(\vcpu), %rsp	/* a prefix, to be as long as the other: nothing fills it up */
	ALT_WITH SPEC_XPTI
	{disp32} movq CI_entry_regs(%rsp), %rsp
	ALT_WITH_END
.endm

/*
 * One stub per CPU: SYSCALL leaves RSP as the guest had it and gives no scratch register.
 * syscall_cpu[cpu] = { scratch for RSP, &vcpu->arch.regs, ... }, a cache line each.
 */
.macro SYSCALL_STUBS target, lean_target
	cpu_nr = 0
	.rept NR_CPUS
	.p2align 5
	movq %rsp, syscall_cpu + (cpu_nr << SYSCALL_CPU_SHIFT)(%rip)
	movq syscall_cpu + 8 + (cpu_nr << SYSCALL_CPU_SHIFT)(%rip), %rsp
	movq %rcx, REGS_rip(%rsp)
	movq syscall_cpu + (cpu_nr << SYSCALL_CPU_SHIFT)(%rip), %rcx
	ALT_SITE
	.byte 0xe9			/* jmp, with 32 bits */
	.long \target - . - 4
	.ifnb \lean_target
	ALT_JMP SPEC_LEAN, \lean_target
	.endif
	cpu_nr = cpu_nr + 1
	.endr
.endm

	.p2align 6
	.globl syscall_stubs
syscall_stubs:
	.set stub_first, .
	SYSCALL_STUBS syscall_entry, syscall_lean_guard

/*
 * A system call from its start to SYSRET. @lean: with page-table isolation and branch history in line; where other
 * mitigations are on too, or none, sites lead to what there is to do.
 */
.macro SYSCALL_PATH name=, lean=0, exit_work=hypercall_exit_work
	movq %rcx, REGS_rsp(%rsp)
	movq %r11, REGS_rflags(%rsp)
	movq %rax, REGS_rax(%rsp)
	cmpq R_kernel_mode(%rsp), %rax	/* how many there are; none in user mode */
	jae syscall_other\name
	cmpl $HYPERCALL_iret, %eax
	je iret\name
syscall_arguments\name:
	movq %rdi, REGS_rdi(%rsp)
	movq %rsi, REGS_rsi(%rsp)
	movq %rdx, REGS_rdx(%rsp)
	movq %r10, REGS_r10(%rsp)
	movq %r8, REGS_r8(%rsp)
	movq %r9, REGS_r9(%rsp)
	.if \lean
	LEAN_LOAD_ROOT R_full_root
	movq R_entry_stack(%rsp), %rsp
	cmpb $0, CI_clear_history(%rsp)
	jne syscall_clear_history
syscall_history_cleared:
	sti
	.else
	ALT_SITE
	movq R_entry_stack(%rsp), %rsp
	sti
	ALT_JMP SPEC_ENTRY, syscall_guard
syscall_guarded:
	.endif
	movq %r10, %rcx
	.if \lean
	leaq pv_hypercall_entry(%rip), %r11
	movq (%r11, %rax, 8), %r11
	call __x86_indirect_thunk_r11
	cli
	cmpl $0, CI_softirq_pending(%rsp)
	jne hypercall_exit_work
	movq CI_entry_regs(%rsp), %rsp
	movq VCPU_vcpu_info - VCPU_regs(%rsp), %rdx
	.else
	ALT_SITE
	leaq pv_hypercall_entry(%rip), %r11
	call *(%r11, %rax, 8)
	ALT_CALL SPEC_THUNK, hypercall_by_thunk
hypercall_exit:
	cli
	movq CI_current(%rsp), %rcx
	cmpl $0, CI_softirq_pending(%rsp)
	jne hypercall_exit_work
	movq VCPU_vcpu_info(%rcx), %rdx
	.endif
	cmpw $1, (%rdx)			/* evtchn_upcall_pending and not evtchn_upcall_mask */
	je \exit_work
	cmpq $-0x7fff0000, %rax		/* HYPERCALL_AGAIN */
	je \exit_work
	.ifeq \lean
	REGS_FOR_EXIT %rcx
	.endif
	movq REGS_rip(%rsp), %rcx
	cmpq first_noncanonical(%rip), %rcx	/* SYSRET faults on it, in the hypervisor (SDM vol. 2, SYSRET) */
	je sysret_unsafe
	RESTORE_ARGUMENTS
	.if \lean
	LEAN_LOAD_ROOT R_isolated_root, %r11
	movq REGS_rflags(%rsp), %r11
	movq REGS_rsp(%rsp), %rsp
	sysretq
	.else
	movq REGS_rflags(%rsp), %r11
	ALT_SITE
	movq REGS_rsp(%rsp), %rsp
	sysretq
	ALT_JMP SPEC_EXIT, sysret_guard
	.endif
.endm

/*
 * The iret hypercall as it nearly always is: a frame that can be read, nothing that waits. What a C function would change
 * is not saved, but RDX. Anything else goes the way of all hypercalls, to do_iret(), which begins anew: what was stored by then
 * it stores again, all but where the frame is. So does a fault in the frame. RSP: arch.regs; RCX: the frame.
 */
.macro FRAME instruction:vararg
778:	\instruction
	EXTABLE(778b, iret_is_more)
.endm
.macro FRAME_LEAN instruction:vararg
778:	\instruction
	EXTABLE(778b, iret_is_more_lean)
.endm

.macro IRET_PATH frame, name=, lean=0
iret\name:
	cmpq $0, R_detours(%rsp)
	jne syscall_arguments\name
	movq %rdx, REGS_rdx(%rsp)
	movq %rsp, %rax
	.if \lean
	LEAN_LOAD_ROOT R_full_root, %r11
	movq R_entry_stack(%rsp), %rsp
	cmpb $0, CI_clear_history(%rsp)
	jne iret_clear_history
iret_history_cleared:
	.else
	ALT_SITE
	movq R_entry_stack(%rsp), %rsp
	ALT_JMP SPEC_ENTRY, iret_guard
iret_guarded:
	.endif
	cmpq hv_virt_end(%rip), %rcx	/* signed: below are the hypervisor's addresses, and those that are none */
	jl iret_is_more\name
	.if \lean			/* to user mode: a switch of isolated roots is more */
	\frame testb $3, IRET_cs(%rcx)
	jne iret_is_more\name
	.endif
	\frame testb $IRET_IN_SYSCALL, IRET_flags+1(%rcx)
	jne iret_is_more\name
	\frame movq IRET_rip(%rcx), %r11
	movq %r11, REGS_rip(%rax)
	\frame movzwl IRET_ss(%rcx), %r11d
	orl $3, %r11d
	movq %r11, REGS_ss(%rax)
	\frame movq IRET_rsp(%rcx), %r11
	movq %r11, REGS_rsp(%rax)
	\frame movl IRET_rflags(%rcx), %r11d
	movq VCPU_vcpu_info - VCPU_regs(%rax), %rdx
	testl $0x200, %r11d		/* IF */
	sete 1(%rdx)			/* evtchn_upcall_mask */
	andl $~0x23000, %r11d		/* VM, IOPL */
	orl $0x200, %r11d
	movq %r11, REGS_rflags(%rax)
	cmpl $0, CI_softirq_pending(%rsp)
	jne iret_is_more\name
	cmpw $1, (%rdx)			/* evtchn_upcall_pending and not evtchn_upcall_mask */
	je iret_is_more\name
	\frame movzwl IRET_cs(%rcx), %edx
	orl $3, %edx
	movq %rdx, REGS_cs(%rax)
	.ifeq \lean
	\frame cmpw IRET_cs(%rcx), %dx
	je iret_to_user
	.endif
	\frame movq IRET_r11(%rcx), %r11
	\frame movq IRET_rax(%rcx), %rdx
	\frame movq IRET_rcx(%rcx), %rcx
	.if \lean
	leaq REGS_rip(%rax), %rsp
	movq R_isolated_root(%rax), %rax
	movq %rax, %cr3
	.else
iret_out:				/* RAX: arch.regs; RDX: the guest's RAX */
	ALT_SITE
	leaq REGS_rip(%rax), %rsp
	ALT_JMP SPEC_EXIT, iret_exit_guard
	.endif
	movq %rdx, %rax
	movq REGS_rdx - REGS_rip(%rsp), %rdx
iret_iretq\name:
	iretq

	.ifeq \lean
iret_root_guard:
	.endif
iret_is_more\name:
	movq %rcx, REGS_rsp(%rax)
	movq %rax, %rsp
	movq REGS_rdx(%rsp), %rdx
	movl $HYPERCALL_iret, %eax
	jmp syscall_arguments\name

/* In user mode SYSCALL is the guest's own; other numbers than there are do what the last one does, which is none. */
syscall_other\name:
	cmpq $0, R_kernel_mode(%rsp)
	je syscall_from_guest_user
	movl $KERNEL_MODE - 1, %eax
	jmp syscall_arguments\name
.endm

	.p2align 6
syscall_entry:
	SYSCALL_PATH
	IRET_PATH FRAME

/* Roots are equal where there is none for user mode. */
iret_to_user:
	ALT_SITE
	movq R_cr3_user(%rax), %rdx
	ALT_JMP SPEC_XPTI, iret_root_guard
	cmpq R_cr3_kernel(%rax), %rdx
	je iret_is_more
	FRAME movq IRET_r11(%rcx), %r11
	FRAME pushq IRET_rcx(%rcx)
	FRAME movq IRET_rax(%rcx), %rcx
	swapgs
	movq $0, R_kernel_mode(%rax)
	movq %rdx, %cr3
	movq %rcx, %rdx
	popq %rcx
	jmp iret_out

	.p2align 6
syscall_lean_guard:
	SYSCALL_PATH _lean, lean=1, exit_work=sysret_unsafe
	IRET_PATH FRAME_LEAN, _lean, lean=1

iret_clear_history:
	movq %rax, %r11
	call clear_branch_history
	movq %r11, %rax
	movq REGS_rsp(%rax), %rcx
	jmp iret_history_cleared

syscall_clear_history:
	movq %rax, %r11
	call clear_branch_history
	movq %r11, %rax
	jmp syscall_history_cleared

/* RSP: arch.regs, at whichever address; its stack is the entry's. */
sysret_unsafe:
	movq R_entry_stack(%rsp), %rsp
/* RAX: result; the callee-saved registers are still the guest's. */
hypercall_exit_work:
	movq CI_current(%rsp), %rcx
	SAVE_CALLEE_SAVED %rcx
	movq %rcx, %rbx
	cmpb $0, VCPU_regs+R_frame_replaced(%rbx)
	jne 2f
	call frame_is_syscall
	cmpq $-0x7fff0000, %rax
	je 1f
	movq %rax, VCPU_regs+REGS_rax(%rbx)
	jmp exit_work_again
2:	movb $0, VCPU_regs+R_frame_replaced(%rbx)
	jmp exit_work_again
1:	subq $2, VCPU_regs+REGS_rip(%rbx)	/* back to the SYSCALL instruction */
	jmp exit_work_again

/* What SYSCALL implies: flat segments, RCX and R11 as it left them. RBX: vCPU. Changes RCX, RDX. */
frame_is_syscall:
	movl $SEL_USER_CS64, VCPU_regs+REGS_cs(%rbx)
	movl $SEL_USER_DS, VCPU_regs+REGS_ss(%rbx)
	movq VCPU_regs+REGS_rip(%rbx), %rcx
	movq VCPU_regs+REGS_rflags(%rbx), %rdx
	movq %rcx, VCPU_regs+REGS_rcx(%rbx)
	movq %rdx, VCPU_regs+REGS_r11(%rbx)
	movl $ENTRY_SYSCALL, VCPU_regs+REGS_entry_vector(%rbx)
	movl $0, VCPU_regs+REGS_error_code(%rbx)
	ret

/* Target of rows that need the whole frame: completes it, calls the handler, leaves the long way. */
	.globl hypercall_full_frame
hypercall_full_frame:
	movq 8+CI_current(%rsp), %r11
	SAVE_CALLEE_SAVED %r11
	addq $8, %rsp			/* does not return to the short way */
	movq %r11, %rbx
	movq %rcx, %rbp
	movq %rdx, %r12
	call frame_is_syscall
	movq %rbp, %rcx
	movq %r12, %rdx
	ALT_SITE
	leaq pv_hypercall_full(%rip), %r11
	call *(%r11, %rax, 8)
	ALT_CALL SPEC_THUNK, hypercall_full_by_thunk
	cmpq $-0x7fff0000, %rax
	je 1f
	movq CI_current(%rsp), %rcx
	movq %rax, VCPU_regs+REGS_rax(%rcx)
	jmp ret_to_guest_here
1:	movq CI_current(%rsp), %rcx
	subq $2, VCPU_regs+REGS_rip(%rcx)
	jmp ret_to_guest_here

hypercall_by_thunk:
	leaq pv_hypercall_entry(%rip), %r11
	movq (%r11, %rax, 8), %r11
	RETPOLINE r11

hypercall_full_by_thunk:
	leaq pv_hypercall_full(%rip), %r11
	movq (%r11, %rax, 8), %r11
	RETPOLINE r11

/*
 * The iret hypercall replaces RIP, CS, RFLAGS, RSP, SS, RAX, RCX and R11, and nothing else: the callee-saved
 * registers stay in the CPU, as for any short hypercall.
 */
	.globl hypercall_iret
hypercall_iret:
	addq $8, %rsp
	call do_iret
	cli
	movq CI_current(%rsp), %rcx
	cmpl $0, CI_softirq_pending(%rsp)
	jne 1f
	movq VCPU_vcpu_info(%rcx), %rdx
	cmpw $1, (%rdx)
	je 1f
	REGS_FOR_EXIT %rcx
	RESTORE_ARGUMENTS
	movq REGS_r11(%rsp), %r11
	ALT_SITE
	movq REGS_rcx(%rsp), %rcx
	addq $REGS_rip, %rsp
	jmp guest_iretq
	ALT_JMP SPEC_EXIT, hypercall_iret_guard
1:	movq %rax, VCPU_regs+REGS_rax(%rcx)
	SAVE_CALLEE_SAVED %rcx
	movq %rcx, %rbx
	jmp exit_work_again

	.globl hypercall_iret_lean
hypercall_iret_lean:
	addq $8, %rsp
	call do_iret
	cli
	cmpl $0, CI_softirq_pending(%rsp)
	jne 2f
	movq CI_entry_regs(%rsp), %rsp
	movq VCPU_vcpu_info - VCPU_regs(%rsp), %rdx
	cmpw $1, (%rdx)
	je 1f
	RESTORE_ARGUMENTS
	LEAN_LOAD_ROOT R_isolated_root
	movq REGS_r11(%rsp), %r11
	movq REGS_rcx(%rsp), %rcx
	addq $REGS_rip, %rsp
hypercall_iretq_lean:
	iretq
1:	movq R_entry_stack(%rsp), %rsp
2:	movq CI_current(%rsp), %rcx
	movq %rax, VCPU_regs+REGS_rax(%rcx)
	SAVE_CALLEE_SAVED %rcx
	movq %rcx, %rbx
	jmp exit_work_again

/*
 * From guest user to a handler of the guest's kernel, for the two ways that are gone most: a system call, and a fault on a
 * page that is not there. What C functions would change is not saved but what is needed; RCX and R11, which SYSRET takes, are
 * in the frame, where handlers look for them. Whatever is more goes to C, which begins anew.
 *
 * RAX: arch.regs; RCX, RDX: what may change. Leaves the frame's address, for what it says has room, in RCX.
 */
.macro BOUNCE_READY size, slow
	movq VCPU_vcpu_info - VCPU_regs(%rax), %rcx
	cmpw $0, (%rcx)			/* evtchn_upcall_pending, evtchn_upcall_mask */
	jne \slow
	cmpl $0, CI_softirq_pending(%rsp)
	jne \slow
	movq R_kernel_sp(%rax), %rcx
	andq $~15, %rcx
	subq $\size, %rcx
	cmpq hv_virt_end(%rip), %rcx	/* as for iret */
	jl \slow
.endm
.macro TO_FRAME undo, instruction:vararg
778:	\instruction
	EXTABLE(778b, \undo)
.endm
.macro COPY_TO_FRAME undo, mov, what, to
	\mov \what(%rax), %edx
	TO_FRAME \undo, movq %rdx, \to(%rcx)
.endm

/* SYSCALL in guest user mode: RSP is &arch.regs; RIP, RSP, RFLAGS and RAX are in there. */
syscall_from_guest_user:
	cmpq $0, R_detours(%rsp)
	jne user_syscall_in_full
	movq %rdx, REGS_rdx(%rsp)
	movq %rsp, %rax
	ALT_SITE
	movq R_entry_stack(%rsp), %rsp
	ALT_JMP SPEC_ENTRY, user_syscall_guard
	ALT_JMP SPEC_XPTI, user_syscall_root_guard
user_syscall_guarded:
	BOUNCE_READY 7*8, user_syscall_slow
	cmpq $0, R_syscall_callback(%rax)
	je user_syscall_slow
	movq R_cr3_kernel(%rax), %rdx
	movq %rdx, %cr3
	TO_FRAME user_syscall_undo, movq $SEL_USER_DS, 6*8(%rcx)
	movq REGS_rsp(%rax), %rdx
	TO_FRAME user_syscall_undo, movq %rdx, 5*8(%rcx)
	TO_FRAME user_syscall_undo, movq %r11, 4*8(%rcx)	/* RFLAGS, with IF as ever in user mode */
	TO_FRAME user_syscall_undo, movq $SEL_USER_CS64, 3*8(%rcx)
	movq REGS_rip(%rax), %rdx
	TO_FRAME user_syscall_undo, movq %rdx, 2*8(%rcx)
	TO_FRAME user_syscall_undo, movq %r11, 8(%rcx)
	TO_FRAME user_syscall_undo, movq %rdx, (%rcx)
	movzbl R_syscall_cb_disables(%rax), %r11d
	movq VCPU_vcpu_info - VCPU_regs(%rax), %rdx
	movb %r11b, VI_mask(%rdx)
	movq R_syscall_callback(%rax), %rdx
/* RAX: arch.regs, with RAX and RDX; RCX: the frame; RDX: the handler, which is canonical, or it had been refused. */
user_bounce:
	swapgs
	movq $KERNEL_MODE, R_kernel_mode(%rax)
	movl REGS_rflags(%rax), %r11d
	andl $~HANDLER_CLEARS, %r11d
	ALT_SITE
	movq %rcx, %rsp
	movq %rdx, %rcx
	ALT_JMP SPEC_EXIT, user_bounce_guard
	movq REGS_rdx(%rax), %rdx
	movq REGS_rax(%rax), %rax
	sysretq

user_syscall_undo:
	movq R_cr3_user(%rax), %rcx
	movq %rcx, %cr3
user_syscall_slow:
	movq %rax, %rsp
	movq REGS_rdx(%rsp), %rdx
user_syscall_root_guard:
	movq REGS_rax(%rsp), %rax
user_syscall_in_full:
	movl $ENTRY_SYSCALL, REGS_entry_vector(%rsp)
	movl $SEL_USER_CS64, REGS_cs(%rsp)
syscall_user_common:
	movl $SEL_USER_DS, REGS_ss(%rsp)
	movl $0, REGS_error_code(%rsp)
	movq REGS_rip(%rsp), %rcx
	addq $REGS_error_code, %rsp
	SAVE_ALL
	movq %rsp, %rdi
	ALT_SITE
	movq R_entry_stack(%rsp), %rsp
	call pv_guest_syscall
	ALT_JMP SPEC_ENTRY, guest_syscall_guard
	jmp ret_to_guest_here

	.p2align 6
	.globl syscall32_stubs
syscall32_stubs:
	SYSCALL_STUBS syscall32_entry
syscall32_entry:
	movq %rcx, REGS_rsp(%rsp)
	movq %r11, REGS_rflags(%rsp)
	movl $ENTRY_SYSCALL32, REGS_entry_vector(%rsp)
	movl $SEL_USER_CS32, REGS_cs(%rsp)
	jmp syscall_user_common

/*
 * SYSENTER: the CPU loads RSP from the MSR: &arch.regs.es of the running vCPU is not constant, so the MSR
 * holds the same per-CPU line as the stubs use.  RIP and RSP of the guest are not known (SDM vol. 2).
 */
	.globl sysenter_entry
sysenter_entry:				/* RSP = &syscall_cpu[cpu] */
	movq 8(%rsp), %rsp
	movq $0, REGS_rip(%rsp)
	movq $0, REGS_rsp(%rsp)
	movl $ENTRY_SYSENTER, REGS_entry_vector(%rsp)
	movl $SEL_USER_CS32, REGS_cs(%rsp)
	movl $SEL_USER_DS, REGS_ss(%rsp)
	movl $0, REGS_error_code(%rsp)
	addq $REGS_rip+24, %rsp
	pushfq				/* lands in rflags; IF is off now, was on in a guest */
	orq $0x200, (%rsp)
	subq $REGS_rflags-REGS_error_code, %rsp
	SAVE_ALL
	movq %rsp, %rdi
	pushq $2			/* unlike SYSCALL it leaves DF, NT, AC and the rest as user mode had them */
	popfq
	ALT_SITE
	movq R_entry_stack(%rsp), %rsp
	call pv_guest_syscall
	ALT_JMP SPEC_ENTRY, guest_syscall_guard
	jmp ret_to_guest_here

/* ---- exceptions and interrupts ---- */

.macro STUB vec
	.p2align 4
stub_\vec:
	.if (\vec == 8) || (\vec >= 10 && \vec <= 14) || (\vec == 17) || (\vec == 21) || (\vec == 29) || (\vec == 30)
	movl $\vec, 4(%rsp)
	.else
	pushq $0
	movl $\vec, 4(%rsp)
	.endif
	.if (\vec == 1) || (\vec == 2) || (\vec == 8) || (\vec == 18)
	jmp ist_entry
	.elseif \vec == 14
	jmp page_fault_entry
	.elseif \vec < 32 || \vec == 0x80
	jmp exception_entry
	.else
	jmp interrupt_entry
	.endif
.endm

	.altmacro
	vec_nr = 0
	.rept 256
	STUB %vec_nr
	vec_nr = vec_nr + 1
	.endr

	.section .rodata
	.p2align 3
	.globl idt_stub_table
idt_stub_table:
.macro STUB_ADDR vec
	.quad stub_\vec
.endm
	vec_nr = 0
	.rept 256
	STUB_ADDR %vec_nr
	vec_nr = vec_nr + 1
	.endr
	.noaltmacro

	.globl first_noncanonical
first_noncanonical:
	.quad 0x0000800000000000
hv_virt_end:
	.quad HV_VIRT_END
	ENTRY_TEXT

	.p2align 6
exception_entry:
	SAVE_ALL
	testb $3, REGS_cs(%rsp)
	je exception_in_hypervisor
	ALT_SITE
	movq %rsp, %rdi
	movq R_entry_stack(%rsp), %rsp
	cld
	call do_guest_exception
	ALT_JMP SPEC_ENTRY, exception_guard
	ALT_JMP SPEC_LEAN, exception_lean_guard
	jmp ret_to_guest_here

/* RSP: arch.regs.error_code, or the hypervisor's stack. */
.macro OF_REGS instruction, of, with
	\instruction \with, \of - REGS_error_code(%rsp)
.endm
	.p2align 6
page_fault_entry:
	OF_REGS testb, REGS_cs, $3
	je exception_entry
	OF_REGS cmpq, R_kernel_mode, $0
	jne exception_entry
	OF_REGS cmpq, R_detours, $0
	jne exception_entry
	testb $PF_PRESENT, (%rsp)
	jne exception_entry
	OF_REGS movq, REGS_rax, %rax
	OF_REGS movq, REGS_rcx, %rcx
	OF_REGS movq, REGS_rdx, %rdx
	leaq -REGS_error_code(%rsp), %rax
	ALT_SITE
	movq R_entry_stack(%rax), %rsp
	ALT_JMP SPEC_ENTRY, user_fault_guard
	ALT_JMP SPEC_XPTI, user_fault_root_guard
user_fault_guarded:
	BOUNCE_READY 8*8, user_fault_slow
	movq R_traps(%rax), %rdx
	cmpq $0, TRAP_PF_address(%rdx)
	je user_fault_slow
	movq %cr2, %rdx
	cmpq hv_virt_end(%rip), %rdx
	jl user_fault_slow		/* the hypervisor's own range: may be its to mend */
	movq %rdx, R_ctrlreg2(%rax)
	movq R_cr3_kernel(%rax), %rdx
	movq %rdx, %cr3
	COPY_TO_FRAME user_fault_undo, movzwl, REGS_ss, 7*8
	movq REGS_rsp(%rax), %rdx
	TO_FRAME user_fault_undo, movq %rdx, 6*8(%rcx)
	COPY_TO_FRAME user_fault_undo, movl, REGS_rflags, 5*8	/* IF is set, as ever in user mode */
	COPY_TO_FRAME user_fault_undo, movzwl, REGS_cs, 4*8
	movq REGS_rip(%rax), %rdx
	TO_FRAME user_fault_undo, movq %rdx, 3*8(%rcx)
	COPY_TO_FRAME user_fault_undo, movl, REGS_error_code, 2*8
	TO_FRAME user_fault_undo, movq %r11, 8(%rcx)
	movq REGS_rcx(%rax), %rdx
	TO_FRAME user_fault_undo, movq %rdx, (%rcx)
	movq VCPU_vcpu_info - VCPU_regs(%rax), %rdx
	movq R_ctrlreg2(%rax), %r11
	movq %r11, VI_cr2(%rdx)
	movq R_traps(%rax), %r11
	testb $TRAP_MASKS, TRAP_PF_flags(%r11)
	setne VI_mask(%rdx)
	movq TRAP_PF_address(%r11), %rdx
	jmp user_bounce

user_fault_undo:
	movq R_cr3_user(%rax), %rcx
	movq %rcx, %cr3
	movq R_ctrlreg2(%rax), %rcx
	movq %rcx, %cr2
user_fault_slow:
	leaq REGS_error_code(%rax), %rsp
	movq REGS_rdx(%rax), %rdx
	movq REGS_rcx(%rax), %rcx
user_fault_root_guard:
	movq REGS_rax(%rax), %rax
	jmp exception_entry

	.p2align 6
interrupt_entry:
	SAVE_ALL
	testb $3, REGS_cs(%rsp)
	movq %rsp, %rdi
	je interrupt_in_hypervisor
	ALT_SITE
	movq R_entry_stack(%rsp), %rsp
	cld
	call do_irq
	ALT_JMP SPEC_ENTRY, interrupt_guard
	jmp ret_to_guest_here

interrupt_in_hypervisor:
	cld
	call do_irq
	jmp hv_return

exception_in_hypervisor:
	movq %rsp, %rdi
	.irp at, guest_iretq, guest_iretq_lean, hypercall_iretq_lean, iret_iretq, iret_iretq_lean
	leaq \at(%rip), %rax
	cmpq %rax, REGS_rip(%rsp)
	je bad_guest_iret
	.endr
	cld
	call do_hv_exception
hv_return:
	RESTORE_ALL
	addq $8, %rsp
	iretq

/*
 * IRETQ to a guest faulted: its frame (CS or SS not loadable, RIP not canonical) stands at arch.regs.rip, and
 * the fault's frame with the guest's other registers just below.
 */
bad_guest_iret:
	movq REGS_rsp(%rsp), %rdi
	subq $REGS_rip, %rdi		/* &arch.regs */
	movq %rsp, %rsi
	ALT_SITE
	movq R_entry_stack(%rdi), %rsp
	cld
	call pv_bad_iret
	ALT_JMP SPEC_ENTRY, bad_iret_guard
	jmp ret_to_guest_here

/*
 * On a stack of its own.  From a guest all go on as if they had come the usual way: the IRETQ that ends an NMI may
 * fault as any return to a guest may, when another vCPU has just changed the descriptor of its segment.
 */
ist_entry:
	SAVE_ALL
	ALT_SITE
	movq %rsp, %rdi
	cld
	testb $3, REGS_cs(%rsp)
	ALT_JMP SPEC_ENTRY, ist_guard
ist_guarded:
	je ist_in_hypervisor
	call ist_move_guest_frame	/* returns &arch.regs */
	movq %rax, %rdi
ist_from_guest:
	movq R_entry_stack(%rax), %rsp
	cmpl $1, REGS_entry_vector(%rdi)
	jne 1f
	call do_guest_exception
	jmp ret_to_guest_here
1:	call do_ist_exception
	jmp ret_to_guest_here
ist_in_hypervisor:
	call do_ist_exception
	jmp hv_return

/* ---- the way out ---- */

	.globl reset_stack_and_jump
reset_stack_and_jump:			/* RDI: function */
	orq $(STACK_SIZE - 1), %rsp
	subq $(CPU_INFO_SIZE - 1), %rsp
	xorl %ebp, %ebp
	call __x86_indirect_thunk_rdi
	ud2

	.globl ret_to_guest
ret_to_guest:
	orq $(STACK_SIZE - 1), %rsp
	subq $(CPU_INFO_SIZE - 1), %rsp
	movq CI_current(%rsp), %rbx
	jmp exit_work_again

/* The stack is empty but for cpu_info. */
	.p2align 6
ret_to_guest_here:
	cli
	movq CI_current(%rsp), %rbx
	cmpl $0, CI_softirq_pending(%rsp)
	jne exit_work_again
	movq VCPU_vcpu_info(%rbx), %rdx
	cmpw $1, (%rdx)
	je exit_work_again
restore_guest:
	ALT_SITE
	leaq VCPU_regs(%rbx), %rsp
	ALT_JMP SPEC_EXIT, restore_guard
	ALT_JMP SPEC_LEAN, restore_lean_guard
	RESTORE_ALL
	addq $8, %rsp
guest_iretq:
	iretq

/* RBX: vCPU, interrupts off or on; exit_work() returns with them off and nothing left to do. */
exit_work_again:
	movq %rbx, %rdi
	call exit_work
	jmp restore_guest

/* ---- speculative-execution mitigations ---- */

/*
 * The sites above lead here where any of them is on (x86/spec_ctrl.h). Each is skipped by a jump that goes away
 * at boot if it is wanted. Where page-table isolation is on for all PV guests and nothing else but the branch history's
 * clearing, which is as CPUs are that know no mitigation of Meltdown's age, the lean ones hold just these two.
 */
.macro UNLESS feature, skip
	ALT_SITE
	.byte 0xe9			/* jmp, with 32 bits: long enough for any site */
	.long \skip - . - 4
	ALT_NOP \feature
.endm

/* A return that speculates finds these addresses, and waits there. Changes nothing but memory below RSP. */
.macro FILL_RETURN_STACK
	.rept 32
	call 1f
2:	pause
	lfence
	jmp 2b
1:
	.endr
	addq $(32 * 8), %rsp
.endm

.macro WRITE_SPEC_CTRL value	/* RAX, RCX, RDX */
	movl $MSR_SPEC_CTRL, %ecx
	movl \value(%rip), %eax
	xorl %edx, %edx
	wrmsr
.endm

/* @info: cpu_info in terms of RSP or RCX. RAX, RCX, RDX change. */
.macro GUARD_ENTRY info
	UNLESS SPEC_RSB, 881f
	FILL_RETURN_STACK
881:	UNLESS SPEC_BHB, 882f
	cmpb $0, CI_clear_history + \info
	je 882f
	call clear_branch_history
882:	UNLESS SPEC_MSR, 883f
	WRITE_SPEC_CTRL spec_ctrl_hv
883:
.endm

/*
 * Five times five taken branches, two calls deep, push what the guest left out of the branch history (Intel,
 * "Branch History Injection", software sequence); each loop in a cache line of its own.
 */
clear_branch_history:
	movl $5, %ecx
	call 1f
	lfence
	ret
	.p2align 6
1:	call 2f
	ret
	.p2align 6
2:	movl $5, %eax
3:	jmp 4f
	nop
4:	subl $1, %eax
	jnz 3b
	subl $1, %ecx
	jnz 1b
	ret

/* To the hypervisor's root and stack. @regs: arch.regs of the running vCPU, as the entry found it. RCX changes. */
.macro ENTER_ROOT regs
	UNLESS SPEC_XPTI, 886f
	LOAD_ROOT R_full_root, \regs
886:	movq R_entry_stack(\regs), %rsp
.endm

/* RDI: arch.regs, by its own address from now on. */
.macro ENTER_WITH_FRAME
	ENTER_ROOT %rdi
	movq CI_current(%rsp), %rdi
	addq $VCPU_regs, %rdi
.endm

syscall_guard:			/* all but RCX and R11 are arguments */
	ENTER_ROOT %rsp
	movq %rax, %r11
	pushq %rdx
	GUARD_ENTRY 8(%rsp)
	popq %rdx
	movq %r11, %rax
	sti
	jmp syscall_guarded

iret_guard:			/* RDX is saved */
	ENTER_ROOT %rax
	movq %rax, %r11
	GUARD_ENTRY 0(%rsp)
	movq %r11, %rax
	movq REGS_rsp(%rax), %rcx
	jmp iret_guarded

/* @again: behind the site. RAX: arch.regs; R11 is the guest's. */
.macro USER_GUARD again
	movq R_entry_stack(%rax), %rsp
	movq %r11, REGS_r11(%rax)
	movq %rax, %r11
	GUARD_ENTRY 0(%rsp)
	movq %r11, %rax
	movq REGS_r11(%rax), %r11
	jmp \again
.endm
user_syscall_guard:
	USER_GUARD user_syscall_guarded
user_fault_guard:
	USER_GUARD user_fault_guarded

guest_syscall_guard:
	ENTER_WITH_FRAME
	GUARD_ENTRY 0(%rsp)
	call pv_guest_syscall
	jmp ret_to_guest_here

exception_guard:
	movq %rsp, %rdi
	ENTER_WITH_FRAME
	GUARD_ENTRY 0(%rsp)
	cld
	call do_guest_exception
	jmp ret_to_guest_here

exception_lean_guard:
	LEAN_LOAD_ROOT R_full_root
	movq R_entry_stack(%rsp), %rsp
	movq CI_current(%rsp), %rdi
	cmpb $0, CI_clear_history(%rsp)
	jne 2f
1:	addq $VCPU_regs, %rdi
	cld
	call do_guest_exception
	jmp ret_to_guest_here
2:	call clear_branch_history
	jmp 1b

interrupt_guard:
	ENTER_WITH_FRAME
	GUARD_ENTRY 0(%rsp)
	cld
	call do_irq
	jmp ret_to_guest_here

bad_iret_guard:			/* RSI: the fault's frame, in the same structure */
	subq %rdi, %rsi
	ENTER_WITH_FRAME
	addq %rdi, %rsi
	GUARD_ENTRY 0(%rsp)
	cld
	call pv_bad_iret
	jmp ret_to_guest_here

.macro GUARD_IST_ENTRY
	movq %rsp, %rcx
	orq $(STACK_SIZE - 1), %rcx
	GUARD_ENTRY (1-CPU_INFO_SIZE)(%rcx)
.endm

ist_guard:			/* from the hypervisor too: it may have been on its way out already */
	UNLESS SPEC_XPTI, 1f
	jmp ist_isolated
1:	GUARD_IST_ENTRY
	movq %rsp, %rdi
	cld
	testb $3, REGS_cs(%rsp)
	jmp ist_guarded

/*
 * On any root; RSP is the stack's address in the CPU's window, and above the frame stands how far it is from there
 * to the stack's own address, by which C code knows its CPU.
 */
ist_isolated:
	movq %cr3, %rbx
	movq entry_hv_root(%rip), %rcx
	movq %rcx, %cr3
	movq REGS_es(%rsp), %rbp
	addq %rbp, %rsp
	GUARD_IST_ENTRY
	movq %rsp, %rdi
	cld
	testb $3, REGS_cs(%rsp)
	je 1f
	call ist_move_guest_frame
	movq %rax, %rdi
	movq R_full_root(%rdi), %rcx
	testq %rcx, %rcx
	cmovzq %rbx, %rcx
	movq %rcx, %cr3
	jmp ist_from_guest
1:	call do_ist_exception
	subq %rbp, %rsp
	movq %rbx, %cr3
	jmp hv_return

/* RSP at arch.regs, the guest's registers loaded, RAX not stored; @rcx: where its RCX is. */
.macro GUARD_EXIT rcx
	UNLESS SPEC_MSR, 884f
	movq %rax, REGS_rax(%rsp)
	WRITE_SPEC_CTRL spec_ctrl_guest
	movq REGS_rax(%rsp), %rax
	movq REGS_rdx(%rsp), %rdx
	movq \rcx(%rsp), %rcx
884:	UNLESS SPEC_XPTI, 887f
	LOAD_ROOT R_isolated_root
	movq \rcx(%rsp), %rcx
887:	UNLESS SPEC_VERW, 885f
	verw verw_selector(%rip)
885:
.endm

sysret_guard:
	GUARD_EXIT REGS_rip
	movq REGS_rsp(%rsp), %rsp
	sysretq

user_bounce_guard:		/* RAX: arch.regs; RCX: RSP; RDX: RIP */
	UNLESS SPEC_MSR, 888f
	pushq %rax
	pushq %rcx
	pushq %rdx
	WRITE_SPEC_CTRL spec_ctrl_guest
	popq %rdx
	popq %rcx
	popq %rax
888:	UNLESS SPEC_VERW, 889f
	verw verw_selector(%rip)
889:	movq %rcx, %rsp
	movq %rdx, %rcx
	movq REGS_rdx(%rax), %rdx
	movq REGS_rax(%rax), %rax
	sysretq

iret_exit_guard:		/* RAX: arch.regs; RDX: the guest's RAX; its own is saved */
	movq %rax, %rsp
	movq %rcx, REGS_rcx(%rsp)
	movq %rdx, %rax
	movq REGS_rdx(%rsp), %rdx
hypercall_iret_guard:
	movq REGS_rcx(%rsp), %rcx
	GUARD_EXIT REGS_rcx
	addq $REGS_rip, %rsp
	jmp guest_iretq

restore_lean_guard:		/* RSP at cpu_info */
	movq CI_entry_regs(%rsp), %rsp
	LEAN_LOAD_ROOT R_isolated_root
	RESTORE_ALL
	addq $8, %rsp
guest_iretq_lean:
	iretq

restore_guard:			/* RSP at cpu_info, RBX: vCPU */
	UNLESS SPEC_MSR, 1f
	WRITE_SPEC_CTRL spec_ctrl_guest
1:	UNLESS SPEC_XPTI, 3f
	movq CI_entry_regs(%rsp), %rsp
	LOAD_ROOT R_isolated_root
	jmp 4f
3:	leaq VCPU_regs(%rbx), %rsp
4:	RESTORE_ALL
	addq $8, %rsp
	UNLESS SPEC_VERW, guest_iretq
	verw verw_selector(%rip)
	jmp guest_iretq

verw_selector:			/* any that can be written clears the buffers (SDM vol. 2, VERW) */
	.short SEL_HV_DS

	.section .bss.page_aligned, "aw", @nobits
	.p2align 12
	.globl entry_data_start
entry_data_start:
	.globl entry_hv_root
entry_hv_root:			/* CR3 for code that may interrupt any */
	.skip 64
	.globl syscall_cpu
syscall_cpu:
	.skip NR_CPUS << SYSCALL_CPU_SHIFT
	.p2align 12
	.globl entry_data_end
entry_data_end:

	.section .note.GNU-stack, "", @progbits
