/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB flushes, and the clock that avoids them.
 *
 * The clock ticks with each full flush of a CPU, which remembers the tick.  A frame whose last (typed)
 * mapping goes away is stamped with the low 16 bits of the clock; before it gets a new use, only CPUs whose
 * last full flush is not newer than the stamp need one.  A stamp older than 65536 ticks reads as a newer
 * one: that costs a flush, never safety, so the clock needs no wrap protocol.
 */
#ifndef X86_FLUSHTLB_H
#define X86_FLUSHTLB_H

#include <hv/cpumask.h>
#include <hv/types.h>

extern u64 tlb_clock;
static inline u16 tlb_stamp(void) { return (u16)READ_ONCE(tlb_clock); }

void flush_tlb_local(void);			/* everything, global entries too */
static inline void flush_tlb_one_local(unsigned long va) { __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory"); }
/* Interrupts on; returns when all CPUs of @mask did it. */
void flush_tlb_mask(const cpumask_t *mask);
void flush_tlb_one_mask(const cpumask_t *mask, unsigned long va);
void flush_tlb_all(void);
void flush_cache_mask(const cpumask_t *mask);	/* WBINVD */
void flush_cache_page(const void *page);	/* of all CPUs: no line of it stays */
/* Leaves in @mask those CPUs that may hold entries older than @stamp. */
void tlb_filter(cpumask_t *mask, u16 stamp);
/* Loads a root with a full flush (global entries too); a tick of the clock. */
void load_cr3_flush(u64 cr3);
/* Loads a root, global entries (guest user pages) stay: kernel/user switch of one guest. */
static inline void load_cr3(u64 cr3) { __asm__ volatile("mov %0, %%cr3" : : "r"(cr3) : "memory"); }

#endif
