/* SPDX-License-Identifier: GPL-2.0-only */
/* What is needed of ACPI without its interpreter: static tables, reset, power-off. */
#ifndef X86_ACPI_H
#define X86_ACPI_H

#include <hv/types.h>

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem_id[6], oem_table_id[8];
	u32 oem_revision, creator_id, creator_revision;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.4 5.2.6");

/* Finds and reads the tables; false if there are none (then: one CPU, PIC interrupts are impossible, boot fails). */
bool acpi_init(void);
/* A whole table, checksummed, mapped; NULL if absent. */
const struct acpi_header *acpi_find(const char *signature, unsigned int instance);
/* Where the RSDP is; Domain 0 finds it by itself only if that is below 1 MiB (else: acpi_rsdp=). */
paddr_t acpi_rsdp_paddr(void);

/* True if a reset was tried. */
bool acpi_reset(void);
/* S5 with the values of the DSDT's \_S5_ package; returns if it cannot. */
void acpi_poweroff(void);
/* From Domain 0 (XENPF_enter_acpi_sleep): writes its values to PM1a and PM1b control. */
int acpi_enter_sleep(u8 state, u16 pm1a, u16 pm1b);

#endif
