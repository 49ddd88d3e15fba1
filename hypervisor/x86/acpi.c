/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding ACPI's tables and acting on the fixed hardware registers they describe. */
#include <hv/bootmem.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/acpi.h>
#include <x86/acpi_tables.h>
#include <x86/layout.h>
#include <x86/machine.h>
#include <x86/pci.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>

#define MAX_TABLES 64
#define MAX_TABLE_SIZE (16U << 20)
#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_TYP_MASK (7U << PM1_SLP_TYP_SHIFT)
#define PM1_SLP_EN (1U << 13)

struct rsdp { char sig[8]; u8 checksum; char oem[6]; u8 revision; u32 rsdt; u32 length; u64 xsdt; u8 ext_checksum, rsv[3]; } packed_struct;

struct machine_info machine;
static const struct acpi_header *table[MAX_TABLES];
static unsigned int nr_tables;
static paddr_t rsdp_at;
static u8 s5_a, s5_b;
static bool has_s5;

static init_fn const void *map_at(paddr_t pa, size_t len)
{
	/* RSDP copies from Multiboot 2 lie in our own image. */
	if (pa >= image_paddr && pa < image_paddr + (u64)(image_end - image_start))
		return image_start + (pa - image_paddr);
	return directmap_ensure(pa, len);
}

static init_fn bool rsdp_ok(const struct rsdp *r)
{
	return !memcmp(r->sig, "RSD PTR ", 8) && acpi_checksum_ok(r, 20);
}

static init_fn paddr_t scan_rsdp(paddr_t start, paddr_t end)
{
	for (; start + 20 <= end; start += 16)
		if (rsdp_ok(paddr_to_virt(start)))
			return start;
	return 0;
}

/* ACPI 6.4 5.2.5.1: first KiB of the EBDA, then the BIOS area. */
static init_fn paddr_t search_rsdp(void)
{
	paddr_t ebda = (paddr_t)*(const volatile u16 *)paddr_to_virt(0x40e) << 4;
	paddr_t at = ebda >= 0x80000 && ebda < 0xa0000 ? scan_rsdp(ebda, ebda + 1024) : 0;

	return at ? at : scan_rsdp(0xe0000, 0x100000);
}

static init_fn const struct acpi_header *map_table(paddr_t pa)
{
	const struct acpi_header *t;

	if (!pa || !(t = map_at(pa, sizeof(*t))) || t->length < sizeof(*t) || t->length > MAX_TABLE_SIZE)
		return NULL;
	t = map_at(pa, t->length);
	if (t && !acpi_checksum_ok(t, t->length)) {
		printk(LOG_WARN "ACPI table %.4s has a wrong checksum, used all the same\n", t->signature);
	}
	return t;
}

static init_fn void list_tables(const struct rsdp *r)
{
	bool wide = r->revision >= 2 && r->xsdt;
	const struct acpi_header *root = map_table(wide ? r->xsdt : r->rsdt);
	size_t step = wide ? 8 : 4;

	if (!root)
		return;
	for (size_t off = sizeof(*root); off + step <= root->length && nr_tables < MAX_TABLES; off += step) {
		u64 pa = 0;
		const struct acpi_header *t;

		memcpy(&pa, (const char *)root + off, step);
		t = map_table(pa);
		if (!t)
			continue;
		table[nr_tables++] = t;
		printk(LOG_DEBUG "ACPI: %.4s at %#lx, %u bytes, revision %u\n", t->signature, (unsigned long)pa,
		       t->length, t->revision);
	}
}

const struct acpi_header *acpi_find(const char *signature, unsigned int instance)
{
	for (unsigned int i = 0; i < nr_tables; i++)
		if (!memcmp(table[i]->signature, signature, 4) && !instance--)
			return table[i];
	return NULL;
}

paddr_t acpi_rsdp_paddr(void)
{
	return rsdp_at;
}

static init_fn void find_s5(void)
{
	const struct acpi_header *dsdt = map_table(machine.fadt.dsdt);

	if (dsdt)
		has_s5 = dsdt_find_s5((const u8 *)dsdt + sizeof(*dsdt), dsdt->length - sizeof(*dsdt), &s5_a, &s5_b);
}

init_fn bool acpi_init(void)
{
	const struct acpi_header *t;
	const struct rsdp *r;

	rsdp_at = boot_info.efi_system_table ? efi_find_rsdp(boot_info.efi_system_table) : 0;
	if (!rsdp_at)
		rsdp_at = search_rsdp();
	if (!rsdp_at)
		rsdp_at = boot_info.rsdp;
	r = rsdp_at ? map_at(rsdp_at, sizeof(*r)) : NULL;
	if (!r || !rsdp_ok(r))
		return false;
	list_tables(r);
	t = acpi_find("APIC", 0);
	if (!t)
		return false;
	if (!madt_parse(t, &machine.madt))
		printk(LOG_WARN "ACPI's MADT is damaged, used as far as it can be read\n");
	t = acpi_find("FACP", 0);
	if (t && fadt_parse(t, &machine.fadt))
		find_s5();
	t = acpi_find("HPET", 0);
	if (t)
		hpet_parse(t, &machine.hpet);
	t = acpi_find("MCFG", 0);
	if (t)
		machine.nr_mcfg = mcfg_parse(t, machine.mcfg, MAX_MCFG);
	printk("ACPI: %u CPUs (%u disabled), %u IO-APICs, local APIC at %#lx\n", machine.madt.nr_cpus,
	       machine.madt.nr_disabled, machine.madt.nr_ioapics, (unsigned long)machine.madt.lapic_addr);
	return machine.madt.nr_cpus != 0 && machine.madt.nr_ioapics != 0;
}

bool acpi_reset(void)
{
	const struct acpi_gas *g = &machine.fadt.reset;

	if (!machine.fadt.can_reset)
		return false;
	if (g->space == 1 && g->addr <= 0xffff)
		outb(machine.fadt.reset_value, (u16)g->addr);
	else if (g->space == 2)	/* configuration space of bus 0: device 47:32, function 31:16, register 15:0 */
		pci_write8(PCI_BDF(0, g->addr >> 32 & 31, g->addr >> 16 & 7), g->addr & 0xfff, machine.fadt.reset_value);
	else
		return false;
	return true;
}

static void write_pm1(u16 port, u8 typ)
{
	u16 v;

	if (!port)
		return;
	v = (u16)((inw(port) & ~(PM1_SLP_TYP_MASK | PM1_SLP_EN)) | (u32)(typ & 7) << PM1_SLP_TYP_SHIFT);
	outw(v, port);
	outw((u16)(v | PM1_SLP_EN), port);
}

void acpi_poweroff(void)
{
	if (!has_s5)
		return;
	write_pm1(machine.fadt.pm1a_cnt, s5_a);
	write_pm1(machine.fadt.pm1b_cnt, s5_b);
	for (unsigned int i = 0; i < 1000000; i++)
		cpu_relax();
}

int acpi_enter_sleep(u8 state, u16 pm1a, u16 pm1b)
{
	if (state != 5 || !machine.fadt.pm1a_cnt)
		return -EOPNOTSUPP;	/* suspend to RAM needs a wake-up path that we do not have */
	outw(pm1a, machine.fadt.pm1a_cnt);
	if (machine.fadt.pm1b_cnt)
		outw(pm1b, machine.fadt.pm1b_cnt);
	return 0;
}
