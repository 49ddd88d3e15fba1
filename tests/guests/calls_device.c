/* SPDX-License-Identifier: GPL-2.0-only */
/* physdev_op: interrupts, ports and PCI devices, on the machine that tests/system/hypercall_calls.sh makes. */
#include "calls.h"

#define MSIX_DEVFN (0x10 << 3)	/* a virtio device: MSI-X with its table in BAR 1 */
#define MMCONFIG 0xb0000000UL	/* QEMU's q35 */
#define IOAPIC 0xfec00000UL
#define GSI 10

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));

/* ---- ports: by privilege or by bitmap ---- */

static void port_80(void *arg) { (void)arg; __asm__ volatile("inb $0x80, %%al" ::: "rax"); }

static long set_iopl(u32 level)
{
	struct physdev_set_iopl s = { level };

	return H2(physdev_op, PHYSDEVOP_set_iopl, &s);
}

static bool iopl(void)
{
	WANT(set_iopl(0), 0);
	WANT(try_run(port_80, NULL), 13);
	WANT(set_iopl(1), 0);
	WANT(try_run(port_80, NULL), -1);
	return true;
}

static bool iobitmap(void)
{
	struct physdev_set_iobitmap s = { .nr_ports = 1024 };

	memset(page, 0xff, PAGE_SIZE);
	page[0x80 / 8] = 0xfe;
	s.bitmap.p = page;
	WANT(set_iopl(0), 0);
	WANT(H2(physdev_op, PHYSDEVOP_set_iobitmap, &s), 0);
	WANT(try_run(port_80, NULL), -1);
	page[0x80 / 8] = 0xff;
	WANT(try_run(port_80, NULL), 13);
	s.bitmap.p = NULL;
	s.nr_ports = 0;
	WANT(H2(physdev_op, PHYSDEVOP_set_iobitmap, &s), 0);
	return !set_iopl(1);
}

static u32 config(u32 devfn, u32 reg)
{
	u32 v;

	__asm__ volatile("outl %0, %w1" :: "a"(0x80000000U | devfn << 8 | reg), "d"(0xcf8));
	__asm__ volatile("inl %w1, %0" : "=a"(v) : "d"(0xcfc));
	return v;
}

/* ---- interrupts ---- */

static bool apic_read(void)
{
	struct physdev_apic a = { .apic_physbase = IOAPIC, .reg = 1 };

	WANT(H2(physdev_op, PHYSDEVOP_apic_read, &a), 0);
	WANT(a.value >> 16 & 0xff, 23);		/* the last pin */
	return true;
}

/* A pin's entry as it is: accepted, and not what decides. */
static bool apic_write(void)
{
	struct physdev_apic a = { .apic_physbase = IOAPIC, .reg = 0x10 + 2 * GSI };
	u32 was;

	WANT(H2(physdev_op, PHYSDEVOP_apic_read, &a), 0);
	was = a.value;
	a.value |= 0x10000 | 0xff;
	WANT(H2(physdev_op, PHYSDEVOP_apic_write, &a), 0);
	WANT(H2(physdev_op, PHYSDEVOP_apic_read, &a), 0);
	WANT(a.value & 0xff, was & 0xff);
	return true;
}

static bool setup_gsi(void)
{
	struct physdev_setup_gsi s = { .gsi = GSI, .triggering = 1, .polarity = 1 };

	return !H2(physdev_op, PHYSDEVOP_setup_gsi, &s);
}

static bool alloc_vector(void)
{
	struct physdev_irq i = { .irq = GSI };

	return !H2(physdev_op, PHYSDEVOP_alloc_irq_vector, &i);
}

static bool irq_status(void)
{
	struct physdev_irq_status_query q = { .irq = GSI };

	WANT(H2(physdev_op, PHYSDEVOP_irq_status_query, &q), 0);
	WANT(q.flags, XENIRQSTAT_needs_eoi);
	return true;
}

static bool eoi(void)
{
	struct physdev_eoi e = { GSI };

	WANT_TRUE(alloc_vector());
	return !H2(physdev_op, PHYSDEVOP_eoi, &e);
}

static bool unmask_notify(void) { return !H2(physdev_op, PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0); }

/* Once for a domain: we take the first form, the child the second. A level interrupt in use is marked in the page. */
static bool eoi_page_v1(void)
{
	struct physdev_pirq_eoi_gmfn g = { virt_to_mfn(page) };
	struct evtchn_bind_pirq b = { .pirq = GSI };
	struct evtchn_close c;

	memset(page, 0, PAGE_SIZE);
	WANT_TRUE(alloc_vector() && setup_gsi());
	WANT(H2(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v1, &g), 0);
	WANT(H2(event_channel_op, EVTCHNOP_bind_pirq, &b), 0);
	WANT(page[GSI / 8] >> GSI % 8 & 1, 1);
	c.port = b.port;
	WANT(H2(event_channel_op, EVTCHNOP_close, &c), 0);
	WANT(page[GSI / 8] >> GSI % 8 & 1, 0);
	return true;
}

static bool eoi_page_v2(void)
{
	struct physdev_pirq_eoi_gmfn *g = (void *)child_scratch;

	g->gmfn = child_frame(CHILD_SPARE_FRAME);
	WANT(child_call(__HYPERVISOR_physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, CHILD_SCRATCH, 0), 0);
	return true;
}

/* The second domain has it mapped no more: it may be given a number again. */
static bool map_and_unmap(void)
{
	struct physdev_map_pirq m = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 7, .pirq = 7 };
	struct physdev_unmap_pirq u = { .domid = DOMID_SELF, .pirq = 7 };

	for (u32 i = 0; i < 2; i++) {
		WANT(H2(physdev_op, PHYSDEVOP_map_pirq, &m), 0);
		WANT(H2(physdev_op, PHYSDEVOP_unmap_pirq, &u), 0);
	}
	WANT(H2(physdev_op, PHYSDEVOP_unmap_pirq, &u), eINVAL);
	return true;
}

static bool free_pirq(void)
{
	struct physdev_get_free_pirq f = { .type = MAP_PIRQ_TYPE_MSI };

	WANT(H2(physdev_op, PHYSDEVOP_get_free_pirq, &f), 0);
	WANT_TRUE(f.pirq > 23);		/* above the IO-APIC's */
	return true;
}

/* ---- PCI ---- */

static long remove_bridge(void)
{
	struct physdev_manage_pci m = { 0, 0 };

	return H2(physdev_op, PHYSDEVOP_manage_pci_remove, &m);
}

static bool manage(void)
{
	struct physdev_manage_pci m = { 0, 0 };

	WANT(H2(physdev_op, PHYSDEVOP_manage_pci_add, &m), 0);
	WANT(remove_bridge(), 0);
	WANT(remove_bridge(), eNODEV);
	return true;
}

static bool manage_ext(void)
{
	struct physdev_manage_pci_ext m = { 0 };

	WANT(H2(physdev_op, PHYSDEVOP_manage_pci_add_ext, &m), 0);
	WANT(remove_bridge(), 0);
	return true;
}

static bool device_add(void)
{
	struct physdev_pci_device_add a = { 0 };
	struct physdev_pci_device d = { 0 };

	WANT(H2(physdev_op, PHYSDEVOP_pci_device_add, &a), 0);
	WANT(H2(physdev_op, PHYSDEVOP_pci_device_remove, &d), 0);
	WANT(H2(physdev_op, PHYSDEVOP_pci_device_remove, &d), eNODEV);
	return true;
}

static bool mmcfg(void)
{
	struct physdev_pci_mmcfg_reserved m = { .address = MMCONFIG, .end_bus = 255, .flags = XEN_PCI_MMCFG_RESERVED };

	return !H2(physdev_op, PHYSDEVOP_pci_mmcfg_reserved, &m);
}

static bool msix_device(void)
{
	struct physdev_manage_pci m = { 0, MSIX_DEVFN };

	return !H2(physdev_op, PHYSDEVOP_manage_pci_add, &m);
}

static bool msix(void)
{
	struct physdev_map_pirq m = {
		.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI_SEG, .index = -1, .pirq = -1, .devfn = MSIX_DEVFN,
	};
	struct physdev_unmap_pirq u = { .domid = DOMID_SELF };
	struct physdev_pci_device d = { .devfn = MSIX_DEVFN };
	struct physdev_restore_msi r = { .devfn = MSIX_DEVFN };

	WANT_TRUE(msix_device());
	WANT(set_iopl(1), 0);
	m.table_base = config(MSIX_DEVFN, 0x14) & ~15U;
	WANT_TRUE(m.table_base);
	WANT(H2(physdev_op, PHYSDEVOP_map_pirq, &m), 0);
	WANT_TRUE(m.pirq > 23);
	WANT(H2(physdev_op, PHYSDEVOP_prepare_msix, &d), eBUSY);
	WANT(H2(physdev_op, PHYSDEVOP_restore_msi, &r), 0);
	WANT(H2(physdev_op, PHYSDEVOP_restore_msi_ext, &d), 0);
	u.pirq = m.pirq;
	WANT(H2(physdev_op, PHYSDEVOP_unmap_pirq, &u), 0);
	WANT(H2(physdev_op, PHYSDEVOP_prepare_msix, &d), 0);
	WANT(H2(physdev_op, PHYSDEVOP_release_msix, &d), 0);
	return true;
}

static bool debug_port(void)
{
	struct physdev_dbgp_op d = { .op = PHYSDEVOP_DBGP_RESET_PREPARE, .bus = PHYSDEVOP_DBGP_BUS_UNKNOWN };

	return !H2(physdev_op, PHYSDEVOP_dbgp_op, &d);
}

static const struct call calls[] = {
	{ "physdev_op", "PHYSDEVOP_set_iopl", iopl },
	{ "physdev_op", "PHYSDEVOP_set_iobitmap", iobitmap },
	{ "physdev_op", "PHYSDEVOP_apic_read", apic_read },
	{ "physdev_op", "PHYSDEVOP_apic_write", apic_write },
	{ "physdev_op", "PHYSDEVOP_setup_gsi", setup_gsi },
	{ "physdev_op", "PHYSDEVOP_alloc_irq_vector", alloc_vector },
	{ "physdev_op", "PHYSDEVOP_irq_status_query", irq_status },
	{ "physdev_op", "PHYSDEVOP_eoi", eoi },
	{ "physdev_op", "PHYSDEVOP_IRQ_UNMASK_NOTIFY", unmask_notify },
	{ "physdev_op", "PHYSDEVOP_pirq_eoi_gmfn_v1", eoi_page_v1 },
	{ "physdev_op", "PHYSDEVOP_pirq_eoi_gmfn_v2", eoi_page_v2 },
	{ "physdev_op", "PHYSDEVOP_map_pirq", map_and_unmap },
	{ "physdev_op", "PHYSDEVOP_unmap_pirq", map_and_unmap },
	{ "physdev_op", "PHYSDEVOP_get_free_pirq", free_pirq },
	{ "physdev_op", "PHYSDEVOP_manage_pci_add", manage },
	{ "physdev_op", "PHYSDEVOP_manage_pci_remove", manage },
	{ "physdev_op", "PHYSDEVOP_manage_pci_add_ext", manage_ext },
	{ "physdev_op", "PHYSDEVOP_pci_device_add", device_add },
	{ "physdev_op", "PHYSDEVOP_pci_device_remove", device_add },
	{ "physdev_op", "PHYSDEVOP_pci_mmcfg_reserved", mmcfg },
	{ "physdev_op", "PHYSDEVOP_restore_msi", msix },
	{ "physdev_op", "PHYSDEVOP_restore_msi_ext", msix },
	{ "physdev_op", "PHYSDEVOP_prepare_msix", msix },
	{ "physdev_op", "PHYSDEVOP_release_msix", msix },
	{ "physdev_op", "PHYSDEVOP_dbgp_op", debug_port },
};
CALL_LIST(device, calls);
