/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image is one loadable segment whose file layout equals its memory layout, since the address
 * fields of its Multiboot headers make a loader copy it as a flat blob from the header's page on.
 */
#include <x86/current.h>
#include <x86/layout.h>

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
/* Loaders that take an ELF file's entry for a Multiboot kernel's, as kexec-tools does, start it in 32-bit mode too. */
ENTRY(start32_phys)

PHDRS
{
	image PT_LOAD FLAGS(7);
	stack PT_GNU_STACK FLAGS(6);
}

SECTIONS
{
	. = HV_IMAGE_START;
	image_start = .;
	.text : AT(HV_IMAGE_LOAD) {
		*(.head)
		. = ALIGN(4096);
		text_start = .;
		entry_text_start = .;
		*(.text.entry)
		. = ALIGN(4096);
		entry_text_end = .;
		*(.text .text.*)
		*(.fixup)
		. = ALIGN(4096);
		text_end = .;
	} :image = 0x90909090
	.init : {
		init_start = .;
		*(.init.text)
		. = ALIGN(4096);
		init_text_end = .;
		*(.init.data .init.data.*)
		*(.init.rodata .init.rodata.*)
		. = ALIGN(8);
		cmdline_params_start = .;
		*(.init.params)
		cmdline_params_end = .;
		. = ALIGN(4);
		alternatives_start = .;
		*(.init.alternatives)
		alternatives_end = .;
		*(.init.alt_code)
		. = ALIGN(4096);
		init_end = .;
	} :image
	.rodata : {
		rodata_start = .;
		*(.rodata .rodata.*)
		. = ALIGN(4096);
		rodata_end = .;
	} :image
	.data : {
		data_start = .;
		*(.data.read_mostly)
		. = ALIGN(64);
		*(.data .data.*)
		/* Sorted in place at boot. */
		. = ALIGN(8);
		__extable_start = .;
		*(.extable)
		__extable_end = .;
		. = ALIGN(4096);
		percpu_start = .;
		*(.percpu)
		. = ALIGN(64);
		percpu_end = .;
		. = ALIGN(4096);
		data_end = .;
	} :image
	load_end = .;
	/* Aligned here rather than by an input section, which would move the segment within the file. */
	. = ALIGN(4096 << STACK_ORDER);
	.bss (NOLOAD) : {
		bss_start = .;
		cpu0_stack = .;
		. += 4096 << STACK_ORDER;
		init_bss_start = .;
		*(.bss.init)
		. = ALIGN(4096);
		init_bss_end = .;
		*(.bss.page_aligned)
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		bss_end = .;
	} :image
	image_end = .;

	/* For boot/head.S, which runs before paging. */
	start32_phys = start32 - HV_IMAGE_START + HV_IMAGE_LOAD;
	load_end_phys = load_end - HV_IMAGE_START + HV_IMAGE_LOAD;
	bss_end_phys = bss_end - HV_IMAGE_START + HV_IMAGE_LOAD;
	bss_start_rel = bss_start - HV_IMAGE_START;
	bss_words = (bss_end - bss_start) / 4;

	/DISCARD/ : { *(.note.gnu.property) *(.eh_frame) *(.eh_frame_hdr) *(.interp) *(.comment) }
	.got : { *(.got) *(.got.plt) }
	.rela.dyn : { *(.rela*) }
	/* The image is linked, not relocated: anything left for a loader to do would be a bug. */
	ASSERT(SIZEOF(.got) == 0, "image has a global offset table")
	ASSERT(SIZEOF(.rela.dyn) == 0, "image has dynamic relocations")
	ASSERT(image_end - image_start < 0x4000000, "image exceeds 64 MiB")
}
