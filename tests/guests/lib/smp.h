/* SPDX-License-Identifier: GPL-2.0-only */
/* Another vCPU, for races: it runs a function in the same page tables, without traps and events of its own. */
#ifndef SMP_H
#define SMP_H

#include "guest.h"

/* Runs @fn over and over on vCPU @id (one at a time, always the same); false: it does not start. */
bool smp_start_on(u32 id, void (*fn)(void));
/* The same on vCPU 1; false: there is no second vCPU. */
bool smp_start(void (*fn)(void));
void smp_end(void);

#endif
