/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual address map.  The ABI reserves L4 slots 256..271 for the hypervisor in a PV guest's address
 * space (public/arch-x86/xen-x86_64.h, HYPERVISOR_VIRT_*); everything below is the same in every root:
 * nothing in these slots depends on the guest, so a root needs its 16 entries filled once.
 *
 *  slot  start                what
 *  256   0xffff800000000000   machine-to-phys table, read-only to guests (ABI), 8 bytes a frame
 *  257   0xffff808000000000   image (1 GiB), vmap and I/O mappings, per-CPU windows
 *  258   0xffff810000000000   machine-to-phys table, writable alias
 *  259   0xffff818000000000   frame table, one struct page_info (24 bytes) a frame
 *  260   0xffff820000000000   free
 *  261.. 0xffff828000000000   direct map of all memory, 5.5 TiB
 */
#ifndef X86_LAYOUT_H
#define X86_LAYOUT_H

#define HV_FIRST_SLOT		256
#define HV_LAST_SLOT		271
#define HV_VIRT_START		0xffff800000000000
#define HV_VIRT_END		0xffff880000000000

#define M2P_RO_START		0xffff800000000000
#define HV_IMAGE_START		0xffff808000000000	/* link address; loaded at 2 MiB physical or wherever the loader put it */
#define HV_IMAGE_LOAD		0x200000		/* physical */
#define VMAP_START		0xffff808040000000	/* vmap(), ioremap(): 64 GiB */
#define VMAP_END		0xffff809040000000
#define CPU_WINDOW_START	0xffff80a000000000	/* per-CPU windows, CPU_WINDOW_SIZE each */
#define CPU_WINDOW_SHIFT	21			/* 2 MiB per CPU: a level-1 table of its own */
#define CPU_WINDOW_SIZE		(1UL << CPU_WINDOW_SHIFT)
#define DEVICE_MAP_START	0xffff80b000000000	/* device_map(): registers used by the hypervisor itself, 1 GiB */
#define DEVICE_MAP_END		0xffff80b040000000
#define M2P_RW_START		0xffff810000000000
#define FRAME_TABLE_START	0xffff818000000000
#define DIRECTMAP_START		0xffff828000000000
#define DIRECTMAP_END		0xffff880000000000

/*
 * A CPU's window: where the running vCPU's descriptor tables are mapped.  GDTR and TR of a CPU are
 * loaded once and point here; a vCPU that is switched in has its GDT frames written into the first 14
 * entries (ABI: the last two of 16 are the hypervisor's, FIRST_RESERVED_GDT_PAGE).
 */
#define CPU_WINDOW_GDT_PAGE	0	/* 16 pages; page 14 holds the hypervisor's own descriptors of that CPU */
#define CPU_WINDOW_LDT_PAGE	16	/* 16 pages, mapped on demand by page fault */
#define CPU_WINDOW_DESC_PAGES	32	/* both */
/* With page-table isolation only (pv/xpti.c): */
#define CPU_WINDOW_IST_PAGE	32	/* 4 pages: the CPU's interrupt stacks */
#define CPU_WINDOW_VCPU_PAGE	36	/* the running vCPU's structure */

#ifndef __ASSEMBLY__
#include <hv/types.h>
/* Host tests put an array behind each of the tables that pure cores look into. */
#ifdef HV_HOST_TEST
extern char *host_directmap;
extern struct page_info *host_frame_table;
extern u64 *host_m2p;
#undef DIRECTMAP_START
#undef FRAME_TABLE_START
#undef M2P_RW_START
#define DIRECTMAP_START		((unsigned long)host_directmap)
#define FRAME_TABLE_START	((unsigned long)host_frame_table)
#define M2P_RW_START		((unsigned long)host_m2p)
#endif
static inline void *paddr_to_virt(paddr_t p) { return (void *)(DIRECTMAP_START + p); }
static inline void *mfn_to_virt(mfn_t f) { return (void *)(DIRECTMAP_START + (f.m << PAGE_SHIFT)); }
/* Only for addresses in the direct map. */
static inline paddr_t virt_to_paddr(const void *v) { return (paddr_t)v - DIRECTMAP_START; }
static inline mfn_t virt_to_mfn(const void *v) { return paddr_to_mfn(virt_to_paddr(v)); }
static inline unsigned long cpu_window(unsigned int cpu) { return CPU_WINDOW_START + ((unsigned long)cpu << CPU_WINDOW_SHIFT); }
#endif
#endif
