/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_NUMA_H
#define X86_NUMA_H

/* Boot: reads SRAT and SLIT; CPU ids are known by then. */
void numa_init(void);

#endif
