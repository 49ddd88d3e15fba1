/* SPDX-License-Identifier: GPL-2.0-only */
/* Page-table entry bits, and the hypervisor's own half of every address space (x86/pgtable.c). */
#ifndef X86_PGTABLE_H
#define X86_PGTABLE_H

#include <hv/compiler.h>
#include <hv/types.h>

/* SDM 3A 4.5.5 */
#define PTE_P		BIT64(0)
#define PTE_W		BIT64(1)
#define PTE_U		BIT64(2)
#define PTE_PWT		BIT64(3)
#define PTE_PCD		BIT64(4)
#define PTE_A		BIT64(5)
#define PTE_D		BIT64(6)
#define PTE_PS		BIT64(7)	/* levels 2 and 3 */
#define PTE_PAT		BIT64(7)	/* level 1 */
#define PTE_G		BIT64(8)
#define PTE_AVAIL	GENMASK(11, 9)
#define PTE_PAT_LARGE	BIT64(12)
#define PTE_NX		BIT64(63)
#define PTE_ADDR	GENMASK(51, 12)

/* Memory types by index into PAT_VALUE, as level-1 bits. */
#define PTE_WB		0ULL
#define PTE_WT		PTE_PWT
#define PTE_UCM		PTE_PCD
#define PTE_UC		(PTE_PCD | PTE_PWT)
#define PTE_WC		PTE_PAT
#define PTE_WP		(PTE_PAT | PTE_PWT)

#define PTE_HV_RW	(PTE_P | PTE_W | PTE_A | PTE_D | PTE_G | PTE_NX)
#define PTE_HV_RO	(PTE_P | PTE_A | PTE_G | PTE_NX)
#define PTE_HV_RX	(PTE_P | PTE_A | PTE_G)
#define PTE_HV_DEVICE	(PTE_HV_RW | PTE_UC)
#define PTE_TABLE	(PTE_P | PTE_W | PTE_A | PTE_D)	/* the table below has the rights */

static inline mfn_t pte_mfn(u64 pte) { return mfn((pte & PTE_ADDR) >> PAGE_SHIFT); }
static inline u64 make_pte(mfn_t f, u64 flags) { return f.m << PAGE_SHIFT | flags; }

static inline unsigned int l1_index(unsigned long va) { return va >> 12 & 511; }
static inline unsigned int l2_index(unsigned long va) { return va >> 21 & 511; }
static inline unsigned int l3_index(unsigned long va) { return va >> 30 & 511; }
static inline unsigned int l4_index(unsigned long va) { return va >> 39 & 511; }

/*
 * The hypervisor's root.  Its slots HV_FIRST_SLOT..HV_LAST_SLOT are filled once at boot and never change
 * afterwards: every guest root copies them.
 */
extern u64 *hv_l4;

/*
 * Maps @nr frames from @f at @va in the hypervisor's area with level-1 @flags, by the largest pages that
 * fit when @large.  -ENOMEM for want of a table.  Changing a live mapping, the caller flushes TLBs.
 */
int hv_map_pages(unsigned long va, mfn_t f, u64 nr, u64 flags, bool large) must_check;
void hv_unmap_pages(unsigned long va, u64 nr);
/* The level-2 entry for @va, NULL when there is no level-2 table. */
u64 *hv_l2e(unsigned long va);
/* The level-1 entry for @va, NULL when there is no level-1 table (or a large page). */
u64 *hv_pte(unsigned long va);
/* The whole entry that maps @va at any level (0 if none): for page-fault reports. */
u64 hv_walk(unsigned long va, unsigned int *level);

/* Level-1 entries of a CPU's window (x86/layout.h), from page @page on; NULL before that CPU is set up. */
u64 *cpu_window_pte(unsigned int cpu, unsigned int page);

/* Whether the frame table and the M2P have entries for @f: decided by the 1 GiB it lies in. */
bool frame_chunk_valid(mfn_t f);
#define FRAME_CHUNK_SHIFT 18			/* frames per chunk: 1 GiB, one 2 MiB page of M2P */
extern u64 max_page;				/* one past the highest frame of RAM */
extern u64 m2p_frames;				/* frames that the M2P has entries for (to a whole chunk) */
/* First frame of the 2 MiB of M2P that describe chunk @chunk; INVALID_MFN if it has none. */
mfn_t m2p_chunk_mfn(u64 chunk);

void set_hv_root(u64 *l4);
/* Boot: the final root with image, direct map, M2P, frame table, window tables; loads it. */
void pgtable_init(void);
/* Boot: device registers, uncached; NULL for want of tables. */
volatile void *device_map(paddr_t pa, size_t len);
/* Boot: makes firmware tables outside RAM reachable through the direct map. */
void *directmap_ensure(paddr_t pa, u64 len);
/* End of boot: .init becomes heap memory. */
void free_init_memory(void);

#endif
