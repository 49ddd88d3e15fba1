/* SPDX-License-Identifier: GPL-2.0-only */
/* NUMA nodes as ACPI's SRAT and SLIT give them; one node when they do not. */
#ifndef HV_NUMA_H
#define HV_NUMA_H

#include <hv/types.h>

#define MAX_NUMNODES 64
#define NUMA_NO_NODE 0xffU
#define NUMA_NO_DISTANCE 0U
#define MAX_NUMA_BLOCKS 128

struct numa_block { paddr_t start, end; u8 node; };

extern unsigned int nr_nodes;			/* ids 0..nr_nodes-1 are dense */
unsigned int paddr_to_node(paddr_t pa);
/* First address after @pa that may lie on another node. */
paddr_t numa_block_end(paddr_t pa);
unsigned int cpu_to_node(unsigned int cpu);
u32 node_distance(unsigned int a, unsigned int b);
/* Memory of a node in bytes, as SRAT gives it. */
u64 node_memory(unsigned int node);

/* Node of one of ACPI's proximity domains, NUMA_NO_NODE if SRAT has no such domain. */
u32 proximity_to_node(u32 domain);

#endif
