/* SPDX-License-Identifier: GPL-2.0-only */
/* Start of a PV micro-guest: Xen ELF notes (public/elfnote.h), entry, hypercall page, trap entries. */
#include <xen/elfnote.h>

#define NOTE_STR(type, str) .align 4; .long 4, 2f - 1f, type; .asciz "Xen"; 1: .asciz str; 2: .align 4
#define NOTE_QUAD(type, val) .align 4; .long 4, 8, type; .asciz "Xen"; .quad val; .align 4

	.section .note.Xen, "a", @note
	NOTE_STR(XEN_ELFNOTE_XEN_VERSION, "xen-3.0")
	NOTE_STR(XEN_ELFNOTE_GUEST_OS, "microguest")
	NOTE_STR(XEN_ELFNOTE_GUEST_VERSION, "1")
	NOTE_STR(XEN_ELFNOTE_LOADER, "generic")
	NOTE_STR(XEN_ELFNOTE_PAE_MODE, "yes")
	NOTE_STR(XEN_ELFNOTE_FEATURES, "writable_page_tables")
	NOTE_QUAD(XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000)
	NOTE_QUAD(XEN_ELFNOTE_PADDR_OFFSET, 0)
	NOTE_QUAD(XEN_ELFNOTE_ENTRY, _start)
	NOTE_QUAD(XEN_ELFNOTE_HYPERCALL_PAGE, hypercall_page)

	.text
	.globl _start
_start:
	cld
	leaq stack_top(%rip), %rsp
	movq %rsi, %rdi
	xorl %ebp, %ebp
	call guest_start
1:	ud2
	jmp 1b

	.p2align 12
	.globl hypercall_page
hypercall_page:
	.skip 4096

/*
 * Trap entries. The hypervisor pushed RCX, R11, [error code], RIP, CS, RFLAGS, RSP, SS; C gets a pointer to
 * struct trap_frame (guest.h) and the vector.
 */
.macro TRAP name vec err selectors=0	/* a failed return has DS, ES, FS and GS below RIP */
	.globl \name
\name:
	movq 0(%rsp), %rcx
	movq 8(%rsp), %r11
	.if \err
	addq $16, %rsp
	.else
	addq $8 + 8 * \selectors, %rsp
	movq $0, (%rsp)
	.endif
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rbx
	pushq %rbp
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdi
	movl $\vec, %esi
	jmp trap_common
.endm
	TRAP trap_de 0 0
	TRAP trap_db 1 0
	TRAP trap_bp 3 0
	TRAP trap_of 4 0
	TRAP trap_ud 6 0
	TRAP trap_nm 7 0
	TRAP trap_ts 10 1
	TRAP trap_np 11 1
	TRAP trap_ss 12 1
	TRAP trap_gp 13 1
	TRAP trap_pf 14 1
	TRAP trap_mf 16 0
	TRAP trap_ac 17 1
	TRAP trap_xm 19 0
	TRAP trap_int80 0x80 0
	TRAP syscall_entry 0x1fb 0
	TRAP failsafe_entry 0x1fa 0 4

trap_common:
	call guest_trap
	jmp trap_return

	.globl event_entry
event_entry:
	movq 0(%rsp), %rcx
	movq 8(%rsp), %r11
	addq $8, %rsp
	movq $0, (%rsp)
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rbx
	pushq %rbp
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdi
	call guest_event
trap_return:
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rbp
	popq %rbx
	popq %rdx
	popq %rcx
	popq %rax
	addq $8, %rsp
	pushq $0			/* flags; the iret stub pushes RCX, R11, RAX below (struct iret_context) */
	jmp hypercall_page + 23 * 32

	.bss
	.p2align 12
stack:	.skip 32768
	.globl stack_top
stack_top:
	.section .note.GNU-stack, "", @progbits
