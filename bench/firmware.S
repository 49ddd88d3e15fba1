/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine does before its hypervisor's first instruction: as a Multiboot image of our own it says on the serial
 * port how many instructions that took (the TSC under -icount) and powers off.
 */
	.set MAGIC, 0x1badb002
	.text
	.code32
	.align 4
	.long MAGIC, 0, -MAGIC

	.globl _start
_start:
	rdtsc
	movl %eax, %esi			/* low, then high */
	movl %edx, %edi
	movl $16, %ecx
1:	movl %edi, %eax
	shrl $28, %eax
	addb $'0', %al
	cmpb $'9', %al
	jbe 2f
	addb $'a' - '9' - 1, %al
2:	movw $0x3f8, %dx
	outb %al, %dx
	shldl $4, %esi, %edi
	shll $4, %esi
	loop 1b
	movb $'\n', %al
	outb %al, %dx
	movw $0x604, %dx		/* QEMU's ACPI: off */
	movw $0x2000, %ax
	outw %ax, %dx
3:	hlt
	jmp 3b

	.section .note.GNU-stack, "", @progbits
