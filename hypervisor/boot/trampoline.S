/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * First instructions of the other CPUs: real mode at a page below 1 MiB (the STARTUP IPI's vector), copied
 * there by smp_start_cpus. %cs is that page's segment; everything is addressed from its start.
 */
#include <x86/current.h>
#include <x86/layout.h>

#define MSR_EFER	0xc0000080
#define EFER_BITS	0x901
#define CR4_BITS	0xa0
#define CR0_BITS	0x80010033
#define T(sym)		((sym) - trampoline_start)

	.section .rodata.trampoline, "a", @progbits
	.balign 16
	.globl trampoline_start, trampoline_end, trampoline_cr3, trampoline_base
	.hidden trampoline_start, trampoline_end, trampoline_cr3, trampoline_base
	.code16
trampoline_start:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	xor	%ebx, %ebx
	mov	%ax, %bx
	shl	$4, %ebx		/* linear address of this page */
	lea	T(t_gdt)(%ebx), %eax
	mov	%eax, T(t_gdtr) + 2
	lea	T(t_long)(%ebx), %eax
	mov	%eax, T(t_jump)
	lgdtl	T(t_gdtr)
	mov	$CR4_BITS, %eax
	mov	%eax, %cr4
	mov	T(trampoline_cr3), %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_BITS, %eax
	wrmsr
	mov	$CR0_BITS, %eax
	mov	%eax, %cr0
	ljmpl	*T(t_jump)

	.code64
t_long:
	mov	$0x10, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	mov	T(t_entry)(%rbx), %rax
	jmp	*%rax

	.balign 8
t_entry:	.quad ap_entry
trampoline_cr3:	.long 0
trampoline_base: .long 0
t_jump:		.long 0
		.short 0x08
	.balign 8
t_gdt:
	.quad	0
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
t_gdt_end:
t_gdtr:
	.short	t_gdt_end - t_gdt - 1
	.long	0
trampoline_end:

	.text
	.code64
ap_entry:
	mov	ap_boot_cr3(%rip), %rax
	mov	%rax, %cr3
	mov	ap_boot_stack(%rip), %rsp
	xor	%ebp, %ebp
	push	%rbp
	call	start_secondary
	ud2

	.section .note.GNU-stack, "", @progbits
