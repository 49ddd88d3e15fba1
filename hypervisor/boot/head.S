/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry from Multiboot 1 and 2 loaders (32-bit protected mode, paging off), and the way to C.
 *
 * All this code and its tables lie in .head, the first pages of the image, and are addressed relative to
 * where the image was loaded (%ebp), since a Multiboot 2 loader may move it to any 2 MiB boundary.
 */
#include <x86/current.h>
#include <x86/layout.h>

#define MB1_MAGIC	0x1badb002
#define MB1_FLAGS	0x00010003	/* modules page aligned, memory map, address fields valid */
#define MB2_MAGIC	0xe85250d6
#define MB2_ARCH_I386	0
#define PHYS(sym)	((sym) - head_start + HV_IMAGE_LOAD)
#define REL(sym)	((sym) - head_start)(%ebp)
#define REL_AT(sym, off) ((sym) - head_start + (off))(%ebp)

/* x86/processor.h is for C; these are the bits of it needed here. */
#define MSR_EFER	0xc0000080
#define EFER_BITS	0x901		/* NXE, LME, SCE */
#define CR4_BITS	0xa0		/* PGE, PAE */
#define CR0_BITS	0x80010033	/* PG, WP, NE, ET, MP, PE */
#define PTE_TABLE	0x003		/* present, writable */
#define PTE_LARGE	0x083		/* and page size */

	.section .head, "awx", @progbits
	.code32
head_start:
	jmp	start32

	.balign 8
mb1_header:
	.long	MB1_MAGIC
	.long	MB1_FLAGS
	.long	-(MB1_MAGIC + MB1_FLAGS)
	.long	PHYS(mb1_header)
	.long	HV_IMAGE_LOAD
	.long	load_end_phys
	.long	bss_end_phys
	.long	PHYS(start32)

	.balign 8
mb2_header:
	.long	MB2_MAGIC
	.long	MB2_ARCH_I386
	.long	mb2_header_end - mb2_header
	.long	-(MB2_MAGIC + MB2_ARCH_I386 + (mb2_header_end - mb2_header))
	/* information request: basic memory, memory map */
	.short	1, 1
	.long	16
	.long	4, 6
	/* module alignment */
	.balign 8
	.short	6, 1
	.long	8
	/* load address, entry, and the range the image may be moved to */
	.balign 8
	.short	2, 1
	.long	24
	.long	PHYS(mb2_header)
	.long	HV_IMAGE_LOAD
	.long	load_end_phys
	.long	bss_end_phys
	.balign 8
	.short	3, 1
	.long	12
	.long	PHYS(start32)
	.balign 8
	.short	10, 1
	.long	24
	.long	HV_IMAGE_LOAD
	.long	0xffffffff
	.long	0x200000
	.long	1			/* prefer the lowest */
	/* text console wanted, but not required */
	.balign 8
	.short	4, 1
	.long	12
	.long	2
	/* end */
	.balign 8
	.short	0, 0
	.long	8
mb2_header_end:

	.balign 8
boot_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* 0x08 64-bit code */
	.quad	0x00cf93000000ffff	/* 0x10 data */
boot_gdt_end:
boot_gdtr:
	.short	boot_gdt_end - boot_gdt - 1
	.long	0			/* base, set below */

no_long_mode_msg:
	.asciz	"This processor has no 64-bit mode with NX: Xenolith cannot run on it.\r\n"

	.globl start32
start32:
	cld
	cli
	mov	%eax, %esi		/* loader's magic */
	mov	%ebx, %edi		/* its information */
	/* The only stack known to be usable is the word at the start of a structure we may ruin: none is
	 * promised, so borrow the last words of page 0's scratch area (0x0ff8, free real-mode memory). */
	mov	$0x0ff8, %esp
	call	1f
1:	pop	%ebp
	sub	$(1b - head_start), %ebp

	/* .bss: not every loader clears it. */
	mov	%edi, %edx
	mov	$bss_start_rel, %edi
	add	%ebp, %edi
	mov	$bss_words, %ecx
	xor	%eax, %eax
	rep stosl
	mov	%edx, %edi

	/* Long mode and NX, or nothing. */
	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	jb	no_long_mode
	mov	$0x80000001, %eax
	cpuid
	mov	$((1 << 29) | (1 << 20)), %eax
	and	%eax, %edx
	cmp	%eax, %edx
	jne	no_long_mode

	/* L4: identity and direct map share their L3 and L2s, the image has its own. */
	lea	REL(boot_l3_low), %eax
	or	$PTE_TABLE, %eax
	mov	%eax, REL(boot_l4)
	mov	%eax, REL_AT(boot_l4, 8 * ((DIRECTMAP_START >> 39) & 511))
	lea	REL(boot_l3_image), %eax
	or	$PTE_TABLE, %eax
	mov	%eax, REL_AT(boot_l4, 8 * ((HV_IMAGE_START >> 39) & 511))
	lea	REL(boot_l2_image), %eax
	or	$PTE_TABLE, %eax
	mov	%eax, REL(boot_l3_image)

	/* 4 GiB by 2 MiB pages. */
	lea	REL(boot_l2_low), %eax
	or	$PTE_TABLE, %eax
	xor	%ecx, %ecx
1:	mov	%eax, (boot_l3_low - head_start)(%ebp, %ecx, 8)
	add	$4096, %eax
	inc	%ecx
	cmp	$4, %ecx
	jb	1b
	mov	$PTE_LARGE, %eax
	xor	%ecx, %ecx
1:	mov	%eax, (boot_l2_low - head_start)(%ebp, %ecx, 8)
	add	$0x200000, %eax
	inc	%ecx
	cmp	$2048, %ecx
	jb	1b

	/* 64 MiB of image. */
	lea	PTE_LARGE(%ebp), %eax
	xor	%ecx, %ecx
1:	mov	%eax, (boot_l2_image - head_start)(%ebp, %ecx, 8)
	add	$0x200000, %eax
	inc	%ecx
	cmp	$32, %ecx
	jb	1b

	lea	REL(boot_gdt), %eax
	mov	%eax, REL_AT(boot_gdtr, 2)
	lgdt	REL(boot_gdtr)

	mov	$CR4_BITS, %eax
	mov	%eax, %cr4
	lea	REL(boot_l4), %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_BITS, %eax
	wrmsr
	mov	$CR0_BITS, %eax
	mov	%eax, %cr0

	/* Far jump to 64-bit code, by a far return since the address is only known now. */
	pushl	$0x08
	lea	REL(start64), %eax
	pushl	%eax
	lret

no_long_mode:
	lea	REL(no_long_mode_msg), %esi
	mov	$0x3f8, %dx
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, (%dx)
	jmp	1b
2:	hlt
	jmp	2b

	.code64
start64:
	mov	$0x10, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	lldt	%ax
	movabs	$start64_high, %rax
	jmp	*%rax

	.balign 4096
	.globl boot_l4
	.hidden boot_l4
boot_l4:	.fill 4096
boot_l3_low:	.fill 4096
boot_l3_image:	.fill 4096
boot_l2_image:	.fill 4096
boot_l2_low:	.fill 4096 * 4

	.section .init.text, "ax", @progbits
start64_high:
	mov	%ebp, %ebp
	mov	%rbp, image_paddr(%rip)
	lea	cpu0_stack + STACK_SIZE - CPU_INFO_SIZE(%rip), %rsp
	mov	%esi, %eax
	mov	%edi, %esi
	mov	%eax, %edi
	xor	%ebp, %ebp
	push	%rbp
	call	start_hypervisor
	ud2

	.section .data, "aw", @progbits
	.balign 8
	.globl image_paddr
image_paddr:	.quad 0

	.section .note.GNU-stack, "", @progbits
