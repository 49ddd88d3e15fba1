/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What hypervisor files need from their surroundings when they run inside a host test: a settable clock and
 * CPU, locks that abort on misuse, a heap that can be made to fail, a log that can be read.
 */
#ifndef FAKE_H
#define FAKE_H

#include <hv/types.h>
#include <hv/cpumask.h>

extern s_time_t fake_now;
extern s_time_t fake_programmed[8];	/* date last given to each CPU's event source */
extern unsigned int fake_kicks[8];	/* IPIs sent to each CPU */
extern char fake_log[4096];		/* text of printk since fake_reset() */
extern long fake_alloc_fail_after;	/* that many allocations succeed; <0: all do */
extern long fake_allocs;		/* blocks that are out */
extern long fake_locks;			/* spin locks that are held */

void fake_reset(unsigned int cpus);

#endif
