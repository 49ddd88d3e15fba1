/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's end: reboot, halt, power-off (x86/shutdown.c). */
#ifndef X86_SHUTDOWN_H
#define X86_SHUTDOWN_H

#include <hv/compiler.h>

noreturn_fn void machine_restart(unsigned int delay_ms);
noreturn_fn void machine_halt(void);
/* Power off by ACPI S5, halt if that does not work. */
noreturn_fn void machine_poweroff(void);
/* After panic or a crashed Domain 0: reboot, or stay with noreboot. */
noreturn_fn void machine_crashed(void);
extern bool opt_noreboot;

#endif
