/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds that the linker script sets (xenolith.lds.S). */
#ifndef X86_SECTIONS_H
#define X86_SECTIONS_H

#include <hv/types.h>

extern char image_start[], image_end[];
extern char text_start[], text_end[];
extern char entry_text_start[], entry_text_end[];
extern char entry_data_start[], entry_data_end[];	/* of entry.S */
extern char rodata_start[], rodata_end[];
extern char data_start[], data_end[];
extern char init_start[], init_text_end[], init_end[];
extern char init_bss_start[], init_bss_end[];		/* in .bss */
extern char percpu_start[], percpu_end[];
extern char bss_start[], bss_end[];

/* Where the loader put the image: machine address of image_start. */
extern paddr_t image_paddr;

static inline bool is_image_addr(unsigned long va)
{
	return va >= (unsigned long)image_start && va < (unsigned long)image_end;
}

static inline bool is_image_text(unsigned long va)
{
	return (va >= (unsigned long)text_start && va < (unsigned long)text_end) ||
	       (va >= (unsigned long)init_start && va < (unsigned long)init_text_end);
}

/* Machine address of an object of the image. */
static inline paddr_t image_to_paddr(const void *p)
{
	return (paddr_t)((const char *)p - image_start) + image_paddr;
}

#endif
