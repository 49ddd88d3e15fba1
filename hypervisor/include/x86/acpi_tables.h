/* SPDX-License-Identifier: GPL-2.0-only */
/* What ACPI's static tables say, read into plain arrays. Pure: host-tested on garbage (x86/acpi_tables.c). */
#ifndef X86_ACPI_TABLES_H
#define X86_ACPI_TABLES_H

#include <hv/cpumask.h>
#include <x86/acpi.h>

#define MAX_IOAPICS 32
#define MAX_OVERRIDES 32
#define MAX_MCFG 16
#define MAX_SRAT_MEM 64

struct madt_cpu { u32 apic_id, acpi_id; };
struct madt_ioapic { u8 id; u32 addr, gsi_base; };
struct madt_override { u8 irq; u32 gsi; u16 flags; };	/* MPS INTI flags: polarity 1:0, trigger 3:2 */
struct madt_nmi { u32 acpi_id; u16 flags; u8 lint; };	/* acpi_id ~0: all CPUs */

struct madt_info {
	paddr_t lapic_addr;
	bool has_pic;
	u32 nr_cpus, nr_disabled;
	struct madt_cpu cpu[NR_CPUS];
	u32 nr_ioapics;
	struct madt_ioapic ioapic[MAX_IOAPICS];
	u32 nr_overrides;
	struct madt_override override[MAX_OVERRIDES];
	u32 nr_nmis;
	struct madt_nmi nmi[4];
};
/* False if a record runs over the table's end; what came before it stands. */
bool madt_parse(const struct acpi_header *t, struct madt_info *out);

struct acpi_gas { u8 space, width, offset, access; u64 addr; } __attribute__((packed));
struct fadt_info {
	u16 sci, pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm_timer;
	bool pm_timer_32, can_reset;
	struct acpi_gas reset;
	u8 reset_value;
	u64 dsdt;
	u16 boot_flags;
};
bool fadt_parse(const struct acpi_header *t, struct fadt_info *out);

struct hpet_info { u64 addr; };
bool hpet_parse(const struct acpi_header *t, struct hpet_info *out);

struct mcfg_entry { u64 base; u16 segment; u8 start_bus, end_bus; };
u32 mcfg_parse(const struct acpi_header *t, struct mcfg_entry *out, u32 max);

struct srat_mem { u32 pxm; u64 start, len; };
struct srat_info {
	u32 nr_mem, nr_cpu;
	struct srat_mem mem[MAX_SRAT_MEM];
	struct { u32 pxm, apic_id; } cpu[NR_CPUS];
};
bool srat_parse(const struct acpi_header *t, struct srat_info *out);

/* SLP_TYP values of \_S5_ in a definition block, found by its bytes; false if it is not there. */
bool dsdt_find_s5(const u8 *aml, size_t len, u8 *typ_a, u8 *typ_b);

bool acpi_checksum_ok(const void *p, size_t len);

#endif
