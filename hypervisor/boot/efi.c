/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is read of UEFI's tables after the loader has left boot services: where ACPI's RSDP lies. (A
 * Multiboot 2 loader hands over a copy only, but Domain 0 needs the place.)
 */
#include <hv/boot.h>
#include <hv/lib.h>
#include <x86/pgtable.h>

#define EFI_SYSTEM_TABLE_SIGNATURE 0x5453595320494249ULL	/* "IBI SYST" (UEFI 2.9 4.3) */
#define MAX_CONFIG_TABLES 256

struct efi_guid { u32 a; u16 b, c; u8 d[8]; };
struct efi_system_table {
	u64 signature;
	u32 revision, header_size, crc32, reserved;
	u64 vendor;
	u32 vendor_revision, pad;
	u64 con[6];
	u64 runtime, boot;
	u64 nr_tables, tables;
};
_Static_assert(offsetof(struct efi_system_table, nr_tables) == 104, "UEFI 2.9 4.3");
struct efi_config_table { struct efi_guid guid; u64 table; };

static const struct efi_guid acpi20 init_rodata =
	{ 0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 } };

init_fn paddr_t efi_find_rsdp(paddr_t system_table)
{
	const struct efi_system_table *st = directmap_ensure(system_table, sizeof(*st));
	const struct efi_config_table *t;

	if (!st || st->signature != EFI_SYSTEM_TABLE_SIGNATURE || !st->nr_tables || st->nr_tables > MAX_CONFIG_TABLES)
		return 0;
	t = directmap_ensure(st->tables, st->nr_tables * sizeof(*t));
	for (u64 i = 0; t && i < st->nr_tables; i++)
		if (!memcmp(&t[i].guid, &acpi20, sizeof(acpi20)))
			return t[i].table;
	return 0;
}
