/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_NODEMASK_H
#define HV_NODEMASK_H
#include <hv/types.h>
#define MAX_NODES 64
typedef u64 nodeid_mask_t;
extern unsigned int nr_nodes;
unsigned int cpu_to_node(unsigned int cpu);
unsigned int mfn_to_node(mfn_t f);
unsigned int node_distance(unsigned int a, unsigned int b);
#endif
