/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors. Each CPU's GDT lies in its window (x86/layout.h): pages 0..13 are the running guest's, page
 * 14 is ours, with the flat selectors of the ABI (public/arch-x86/xen-x86_64.h, FLAT_*).
 */
#ifndef X86_DESC_H
#define X86_DESC_H

#define GDT_RESERVED_PAGE	14
#define GDT_RESERVED_BASE	(GDT_RESERVED_PAGE << 12)	/* 0xe000 */
#define HV_CS			(GDT_RESERVED_BASE + 0x08)
#define HV_DS			(GDT_RESERVED_BASE + 0x10)	/* SYSCALL's SS: follows HV_CS */
#define USER_CS32		(GDT_RESERVED_BASE + 0x23)	/* SYSRET: then SS and 64-bit CS follow */
#define USER_DS			(GDT_RESERVED_BASE + 0x2b)
#define USER_CS64		(GDT_RESERVED_BASE + 0x33)
#define TSS_SELECTOR		(GDT_RESERVED_BASE + 0x40)
#define LDT_SELECTOR		(GDT_RESERVED_BASE + 0x50)
#define CPU_LIMIT_SELECTOR	(GDT_RESERVED_BASE + 0x60)	/* its limit is the CPU's id (LSL) */
#define GDT_RESERVED_SIZE	0x800				/* of the page; the TSS follows */

/* Interrupt stack table: slot n is page n - 1 of the CPU's stack area. */
#define IST_DF	1
#define IST_NMI	2
#define IST_MC	3
#define IST_DB	4
#define NR_IST	4

#ifndef __ASSEMBLY__
#include <hv/percpu.h>

/* SDM 3A 8.7 */
struct tss64 {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, iomap_base;
} __attribute__((packed));
_Static_assert(sizeof(struct tss64) == 104 && offsetof(struct tss64, rsp) == 4, "SDM 3A 8.7");
DECLARE_PER_CPU(struct tss64 *, cpu_tss);

/* SDM 3A 3.4.5, 3.5: system descriptors take two slots in long mode. */
#define DESC_PRESENT	BIT64(47)
#define DESC_DPL3	(3ULL << 45)
#define DESC_TYPE(t)	((u64)(t) << 40)
#define DESC_TSS	DESC_TYPE(0x9)
#define DESC_LDT	DESC_TYPE(0x2)
static inline void set_system_desc(u64 *d, unsigned long base, u32 limit, u64 type)
{
	d[1] = base >> 32;
	d[0] = (limit & 0xffff) | (u64)(limit & 0xf0000) << 32 | (u64)(base & 0xffffff) << 16 |
	       (u64)(base >> 24 & 0xff) << 56 | type | DESC_PRESENT;
}

/* This CPU's reserved GDT page, writable. */
u64 *cpu_gdt_page(unsigned int cpu);
/* Points this CPU's LDTR at its window's LDT pages with @entries, or at nothing. */
void cpu_load_ldt(unsigned int entries);
#endif
#endif
