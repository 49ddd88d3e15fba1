/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory before there is a heap: a list of free machine ranges, never given back. */
#ifndef HV_BOOTMEM_H
#define HV_BOOTMEM_H

#include <hv/boot.h>
#include <hv/compiler.h>

/* Starts from the RAM of @map above 1 MiB. */
void bootmem_init(const struct e820_map *map);
/* Takes [start, end) out of what may be allocated; ranges outside it are no error. */
void boot_reserve(paddr_t start, paddr_t end);
/* The same, where all of it may be allocated. */
bool boot_try_reserve(paddr_t start, paddr_t end) must_check;
/* @size bytes at a multiple of @align, from the top of reachable memory; never fails (panics). */
paddr_t boot_alloc_paddr(u64 size, u64 align);
void *boot_alloc(u64 size, u64 align);		/* the same, zeroed, through the direct map */
/* Allocation below @end only, for what real-mode or 32-bit code must reach. */
paddr_t boot_alloc_below(u64 size, u64 align, paddr_t end);
paddr_t boot_try_alloc_below(u64 size, u64 align, paddr_t end) must_check;	/* 0 where that panics */
/* Memory at or above this is not in the direct map yet; boot_alloc stays below. */
void boot_set_reach(paddr_t end);
/* Gives all that is left to the heap, each piece to its NUMA node. */
void bootmem_to_heap(void);
bool bootmem_done(void);

#endif
