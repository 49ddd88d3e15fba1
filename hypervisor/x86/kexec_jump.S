/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the hypervisor to another kernel.  All but kexec_enter is copied to a page of its own, where it runs at its
 * machine address, and knows no other address than by distance.
 */
#include <x86/kexec_jump.h>

#define CR0_PE		0x00000001
#define CR0_ET		0x00000010
#define CR0_NE		0x00000020
#define CR0_PG		0x80000000
#define MSR_EFER	0xc0000080
#define EFER_LME	0x00000100
#define SEL_CODE32	0x08
#define SEL_CODE64	0x10
#define SEL_DATA	0x18

	/* Never across the end of a page: the next may not be mapped. */
	.section .text.kexec, "ax", @progbits
	.balign 16
	.globl kexec_enter
	.type kexec_enter, @function
kexec_enter:
	movq %rdi, %cr3
	jmpq *%rsi
	.size kexec_enter, . - kexec_enter

	.section .rodata
	.balign 16
	.globl kexec_code_start, kexec_code_end, kexec_code_data
kexec_code_start:
	leaq kexec_code_start(%rip), %rbx
	/* The page's end, of which this code takes a tenth; kexec-tools' purgatory looks for a return address: 0, none. */
	leaq 4096 - 16(%rbx), %rsp
	cld

	movq kexec_code_data + KC_COPIES(%rip), %r8
1:	testq %r8, %r8
	jz 5f
	movq KCOPIES_NR(%r8), %r9
	leaq KCOPIES_FIRST(%r8), %r10
2:	testq %r9, %r9
	jz 4f
	movq (%r10), %rdi
	movq 8(%r10), %rsi
	movl $512, %ecx
	testq %rsi, %rsi
	jz 3f
	rep movsq
	jmp 6f
3:	xorl %eax, %eax
	rep stosq
6:	addq $16, %r10
	decq %r9
	jmp 2b
4:	movq KCOPIES_NEXT(%r8), %r8
	jmp 1b

	/* Tables that stay where they are, and caches without the code that was there before. */
5:	wbinvd
	leaq gdt(%rip), %rax
	movq %rax, gdt_ptr + 2(%rip)
	lgdt gdt_ptr(%rip)
	lidt no_idt(%rip)
	xorl %eax, %eax
	lldt %ax
	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl %eax, %fs
	movl %eax, %gs
	pushq $0
	popfq
	movl $(CR0_PG | CR0_NE | CR0_ET | CR0_PE), %eax
	movq %rax, %cr0
	movq kexec_code_data + KC_ENTRY(%rip), %rsi
	testl $1, kexec_code_data + KC_MODE32(%rip)
	jnz 7f
	pushq $SEL_CODE64
	pushq %rsi
	lretq
7:	leaq to_32bit(%rip), %rax
	pushq $SEL_CODE32
	pushq %rax
	lretq

	/* SDM 3A 10.8.5.4: out of IA-32e mode by a code segment of 32 bits, then paging, then LME. */
	.code32
to_32bit:
	movl $(CR0_NE | CR0_ET | CR0_PE), %eax
	movl %eax, %cr0
	movl $MSR_EFER, %ecx
	xorl %eax, %eax
	xorl %edx, %edx
	wrmsr
	movl %eax, %cr4
	movl %eax, %cr3
	jmpl *%esi
	.code64

	.balign 8
gdt:	.quad 0
	.quad 0x00cf9b000000ffff		/* 32-bit code */
	.quad 0x00af9b000000ffff		/* 64-bit code */
	.quad 0x00cf93000000ffff		/* data */
gdt_ptr:
	.word 4 * 8 - 1
	.quad 0
no_idt:	.word 0
	.quad 0
	.balign 8
kexec_code_data:
	.fill 3, 8, 0
kexec_code_end:
