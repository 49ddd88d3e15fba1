/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/boot.h>
#include <hv/domain.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/machine.h>
#include <x86/msi.h>
#include <x86/pci.h>
#include <x86/pgtable.h>
#include <x86/platform.h>
#include <x86/processor.h>

#define CF8 0xcf8
#define CFC 0xcfc
#define CF8_ENABLE 0x80000000U
#define MAX_CAPS 48

static spinlock_t cf8_lock = SPINLOCK_INIT(LOCK_LEAF);	/* address and data ports go together; irqsave */
static volatile char *mmcfg[MAX_MCFG];			/* by row of machine.mcfg; set once */

static u32 cf8_address(pci_sbdf_t d, unsigned int reg)
{
	/* Registers past 255 by bits 27:24, which chipsets with that extension decode. */
	return CF8_ENABLE | (d.sbdf & 0xffff) << 8 | (reg & 0xfc) | (reg & 0xf00) << 16;
}

static volatile char *mmcfg_at(pci_sbdf_t d, unsigned int reg)
{
	u32 seg = d.sbdf >> 16, bus = d.sbdf >> 8 & 0xff;

	for (u32 i = 0; i < machine.nr_mcfg; i++) {
		const struct mcfg_entry *m = &machine.mcfg[i];

		if (mmcfg[i] && m->segment == seg && bus >= m->start_bus && bus <= m->end_bus)
			return mmcfg[i] + ((size_t)(bus - m->start_bus) << 20 | (d.sbdf & 0xff) << 12 | reg);
	}
	return NULL;
}

static u32 read_config(pci_sbdf_t d, unsigned int reg, unsigned int size)
{
	volatile char *p = d.sbdf >> 16 || reg > 0xff ? mmcfg_at(d, reg) : NULL;
	unsigned long flags;
	u32 v;

	if (p)
		return size == 1 ? *(volatile u8 *)p : size == 2 ? *(volatile u16 *)p : *(volatile u32 *)p;
	if (d.sbdf >> 16 || reg > 0xff)
		return ~0U;
	flags = spin_lock_irqsave(&cf8_lock);
	outl(cf8_address(d, reg), CF8);
	v = size == 1 ? inb((u16)(CFC + (reg & 3))) : size == 2 ? inw((u16)(CFC + (reg & 2))) : inl(CFC);
	spin_unlock_irqrestore(&cf8_lock, flags);
	return v;
}

static void write_config(pci_sbdf_t d, unsigned int reg, unsigned int size, u32 v)
{
	volatile char *p = d.sbdf >> 16 || reg > 0xff ? mmcfg_at(d, reg) : NULL;
	unsigned long flags;

	if (p) {
		if (size == 1)
			*(volatile u8 *)p = (u8)v;
		else if (size == 2)
			*(volatile u16 *)p = (u16)v;
		else
			*(volatile u32 *)p = v;
		return;
	}
	if (d.sbdf >> 16 || reg > 0xff)
		return;
	flags = spin_lock_irqsave(&cf8_lock);
	outl(cf8_address(d, reg), CF8);
	if (size == 1)
		outb((u8)v, (u16)(CFC + (reg & 3)));
	else if (size == 2)
		outw((u16)v, (u16)(CFC + (reg & 2)));
	else
		outl(v, CFC);
	spin_unlock_irqrestore(&cf8_lock, flags);
}

u8 pci_read8(pci_sbdf_t d, unsigned int reg) { return (u8)read_config(d, reg, 1); }
u16 pci_read16(pci_sbdf_t d, unsigned int reg) { return (u16)read_config(d, reg, 2); }
u32 pci_read32(pci_sbdf_t d, unsigned int reg) { return read_config(d, reg, 4); }
void pci_write8(pci_sbdf_t d, unsigned int reg, u8 v) { write_config(d, reg, 1, v); }
void pci_write16(pci_sbdf_t d, unsigned int reg, u16 v) { write_config(d, reg, 2, v); }
void pci_write32(pci_sbdf_t d, unsigned int reg, u32 v) { write_config(d, reg, 4, v); }

unsigned int pci_find_cap(pci_sbdf_t d, u8 id)
{
	unsigned int pos;

	if (!(pci_read16(d, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	pos = pci_read8(d, PCI_CAPABILITY_LIST);
	/* Bounded: a broken device's list may be a ring. */
	for (unsigned int i = 0; i < MAX_CAPS && pos >= 0x40; i++) {
		u8 found;

		pos &= ~3U;
		found = pci_read8(d, pos);
		if (found == 0xff)
			return 0;
		if (found == id)
			return pos;
		pos = pci_read8(d, pos + 1);
	}
	return 0;
}

static void map_mmcfg(u32 i)
{
	const struct mcfg_entry *m = &machine.mcfg[i];
	u64 size = (u64)(m->end_bus - m->start_bus + 1) << 20;
	/* MCFG's base is that of bus 0, wherever the window starts. */
	paddr_t base = m->base + ((u64)m->start_bus << 20);

	mmcfg[i] = device_map(base, size);
	if (mmcfg[i])
		mmio_ro_add(base, base + size);
}

void pci_init(void)
{
	for (u32 i = 0; i < machine.nr_mcfg; i++) {
		const struct mcfg_entry *m = &machine.mcfg[i];
		paddr_t base = m->base + ((u64)m->start_bus << 20);
		u64 size = (u64)(m->end_bus - m->start_bus + 1) << 20;

		if (e820_range_is(&machine_e820, base, base + size, E820_RESERVED))
			map_mmcfg(i);
		printk("PCI: MMCONFIG for segment %u, buses %u to %u at %#lx%s\n", m->segment, m->start_bus,
		       m->end_bus, (unsigned long)base, mmcfg[i] ? "" : ", not reserved in the memory map");
	}
}

int pci_mmcfg_reserved(u64 address, u16 segment, u8 start_bus, u8 end_bus, u32 flags)
{
	for (u32 i = 0; i < machine.nr_mcfg; i++) {
		const struct mcfg_entry *m = &machine.mcfg[i];

		if (m->base != address || m->segment != segment || m->start_bus != start_bus || m->end_bus != end_bus)
			continue;
		/* bit 0: Domain 0 found it reserved in ACPI's namespace */
		if (flags & 1 && !mmcfg[i])
			map_mmcfg(i);
		return 0;
	}
	return -ENODEV;
}

u32 pci_guest_config_read(struct domain *dom, u32 cf8, unsigned int port_off, unsigned int size)
{
	pci_sbdf_t d = { cf8 >> 8 & 0xffff };

	if (!(cf8 & CF8_ENABLE))
		return size == 4 ? ~0U : (1U << 8 * size) - 1;
	return read_config(d, (cf8 & 0xfc) | (port_off & 3), size);
}

void pci_guest_config_write(struct domain *dom, u32 cf8, unsigned int port_off, unsigned int size, u32 v)
{
	pci_sbdf_t d = { cf8 >> 8 & 0xffff };
	unsigned int reg = (cf8 & 0xfc) | (port_off & 3);

	if (cf8 & CF8_ENABLE && msi_allow_config_write(d, reg, size, &v))
		write_config(d, reg, size, v);
}

/* Device and register that @pa addresses (PCIe 4.0 7.2.2); false: no window that we know. */
static bool mmcfg_decode(paddr_t pa, pci_sbdf_t *d, unsigned int *reg)
{
	for (u32 i = 0; i < machine.nr_mcfg; i++) {
		const struct mcfg_entry *m = &machine.mcfg[i];
		u64 bus = (pa - m->base) >> 20;

		if (!mmcfg[i] || pa < m->base || bus < m->start_bus || bus > m->end_bus)
			continue;
		*d = PCI_SBDF(m->segment, bus, (pa >> 12) & 0xff);
		*reg = pa & 0xfff;
		return true;
	}
	return false;
}

void pci_guest_mmio_write(struct domain *dom, paddr_t pa, u64 val, unsigned int size)
{
	unsigned int reg;
	pci_sbdf_t d;
	u32 v = (u32)val;

	if (!dom->is_hardware || size > 4 || pa & (size - 1) || !mmcfg_decode(pa, &d, &reg))
		return;
	if (msi_allow_config_write(d, reg, size, &v))
		write_config(d, reg, size, v);
}
