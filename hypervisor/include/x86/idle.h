/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_IDLE_H
#define X86_IDLE_H

#include <hv/compiler.h>

/* Each CPU ends its bring-up here, on its own stack, with its idle vCPU current. */
noreturn_fn void idle_loop_start(void);

#endif
