/* SPDX-License-Identifier: GPL-2.0-only */
/* A second vCPU for races: it runs a function in the same page tables, without traps and events of its own. */
#ifndef SMP_H
#define SMP_H

#include "guest.h"

/* Runs @fn over and over on vCPU 1; false: there is no second vCPU. */
bool smp_start(void (*fn)(void));
void smp_end(void);

#endif
