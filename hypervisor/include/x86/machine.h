/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine as its firmware describes it: filled once by acpi_init. */
#ifndef X86_MACHINE_H
#define X86_MACHINE_H

#include <x86/acpi_tables.h>

struct machine_info {
	struct madt_info madt;
	struct fadt_info fadt;
	struct hpet_info hpet;
	u32 nr_mcfg;
	struct mcfg_entry mcfg[MAX_MCFG];
};
extern struct machine_info machine;

#endif
