// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts on a machine of two IO-APICs and two PCI devices: vectors, entries, messages, who is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake/fake.h"
#include "fake/guest.h"
#include <hv/event.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/pirq.h>
#include <hv/softirq.h>
#include <x86/apic.h>
#include <x86/irq.h>
#include <x86/irq_guest.h>
#include <x86/machine.h>
#include <x86/msi.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/smp.h>

struct machine_info machine = { .madt = {
	.lapic_addr = 0xfee00000,
	.nr_ioapics = 3,
	.ioapic = { { 0, 0xfec00000, 0 }, { 1, 0xfec10000, 24 }, { 2, 0xfec20000, 32 } },
	.nr_overrides = 5,
	.override = { { 0, 2, 0 }, { 9, 9, 0xd }, { 10, 10, 0xf }, { 11, 11, 7 }, { 5, 200, 0 } },
} };
u32 cpu_apicid[NR_CPUS] = { 0x10, 0x21 };
static unsigned int eois;
static void (*softirq)(void);
static bool softirq_raised;

void apic_eoi(void) { eois++; }
void outb(u8 v, u16 port) { }
void open_softirq(enum softirq nr, void (*fn)(void)) { softirq = fn; }
void raise_softirq(enum softirq nr) { softirq_raised = true; }
unsigned int evtchn_port_cpu(const struct domain *d, u32 port) { return NR_CPUS; }
bool evtchn_port_is_pending(struct domain *d, u32 port) { return false; }
void pirq_eoi_map_release(struct domain *d) { }
static unsigned int told[8];
void send_guest_pirq(struct domain *d, struct pirq *p) { told[p->pirq % 8]++; }

/* ---- IO-APICs; the third is not there: all bits read as set ---- */

#define PINS0 24
static struct fake_ioapic { u32 select, pad[3], window; u32 reg[256]; } chips[3];
static u32 live[16];	/* vector and destination that unmasked pins have had */
static unsigned int nr_live;

volatile void *device_map(paddr_t pa, size_t len) { return &chips[(pa >> 16) & 3]; }

static u64 pin(unsigned int gsi)
{
	const struct fake_ioapic *c = &chips[gsi >= PINS0];
	unsigned int r = 0x10 + 2 * (gsi % PINS0);

	return (u64)c->reg[r + 1] << 32 | c->reg[r];
}
#define VECTOR(e) ((u8)(e))
#define DEST(e) ((e) >> 56)
#define LOW BIT64(13)
#define LEVEL BIT64(15)
#define MASKED BIT64(16)

static void note_live(const struct fake_ioapic *c, unsigned int r)
{
	u32 lo = c->reg[r & ~1U], now_is = (lo & 0xff) | c->reg[r | 1] >> 24 << 8;

	if (r < 0x10 || lo & MASKED || (nr_live && live[nr_live - 1] == now_is))
		return;
	assert_true(nr_live < ARRAY_SIZE(live));
	live[nr_live++] = now_is;
}

static struct fake_ioapic *chip_of(const volatile void *p)
{
	size_t off = (size_t)((const volatile char *)p - (const volatile char *)chips);

	return off < sizeof(chips) ? &chips[off / sizeof(chips[0])] : NULL;
}

u32 mmio_read32(const volatile void *p)
{
	struct fake_ioapic *c = chip_of(p);

	if (!c)
		return *(const volatile u32 *)p;
	assert_ptr_equal(p, &c->window);
	return c == &chips[2] ? ~0U : c->reg[c->select];
}

void mmio_write32(volatile void *p, u32 v)
{
	struct fake_ioapic *c = chip_of(p);

	if (!c) {
		*(volatile u32 *)p = v;
	} else if (p == &c->select) {
		c->select = v;
	} else {
		assert_ptr_equal(p, &c->window);
		c->reg[c->select] = v;
		note_live(c, c->select);
	}
}

/* ---- PCI: 3 has MSI (64 bits, masks) and MSI-X of 4 entries, 4 has the smallest MSI ---- */

#define DEV3 PCI_BDF(0, 3, 0)
#define DEV4 PCI_BDF(0, 4, 0)
#define MSI3 0x50U
#define MSIX3 0x70U
#define MSI4 0x60U
static u8 config[2][256];
static u32 table[4 * 4];

static u8 *cfg(pci_sbdf_t d, unsigned int reg)
{
	static u8 nothing[8];

	memset(nothing, 0xff, sizeof(nothing));
	return d.sbdf == DEV3.sbdf ? &config[0][reg] : d.sbdf == DEV4.sbdf ? &config[1][reg] : nothing;
}
u16 pci_read16(pci_sbdf_t d, unsigned int reg) { u16 v; memcpy(&v, cfg(d, reg), 2); return v; }
u32 pci_read32(pci_sbdf_t d, unsigned int reg) { u32 v; memcpy(&v, cfg(d, reg), 4); return v; }
void pci_write16(pci_sbdf_t d, unsigned int reg, u16 v) { memcpy(cfg(d, reg), &v, 2); }
void pci_write32(pci_sbdf_t d, unsigned int reg, u32 v) { memcpy(cfg(d, reg), &v, 4); }
unsigned int pci_find_cap(pci_sbdf_t d, u8 id)
{
	if (id == PCI_CAP_ID_MSIX)
		return d.sbdf == DEV3.sbdf ? MSIX3 : 0;
	return d.sbdf == DEV3.sbdf ? MSI3 : MSI4;
}
static unsigned int mapped;
void *ioremap(paddr_t pa, size_t len)
{
	assert_int_equal(pa, 0xfeb00000);
	assert_int_equal(len, sizeof(table));
	mapped++;
	return table;
}
void iounmap(void *v) { assert_ptr_equal(v, table); mapped--; }

static void reset_devices(void)
{
	memset(config, 0, sizeof(config));
	pci_write32(DEV3, PCI_BASE_ADDRESS_0, 0xfeb00000);
	pci_write16(DEV3, MSI3 + 2, 0x0180 | 0x0020);	/* wide, masks, and more messages allowed than one */
	pci_write16(DEV3, MSIX3 + 2, 0x4000 | 3);
	pci_write32(DEV3, MSIX3 + 8, 0x800);
	pci_write16(DEV4, MSI4 + 2, 0);
}

static int start(void **state)
{
	fake_guests_start(2, 1);
	chips[0].reg[1] = (PINS0 - 1) << 16 | 0x20;
	chips[1].reg[1] = 7 << 16 | 0x20;
	reset_devices();
	cpu_online_map = (cpumask_t){ { 1 } };
	irq_init();
	irq_guest_init();
	rangesets_init();
	return 0;
}

static void interrupt(unsigned int vector)
{
	struct cpu_user_regs regs = { .entry_vector = (u8)vector };

	do_irq(&regs);
	while (softirq_raised) {
		softirq_raised = false;
		softirq();
	}
}

/* ---- tests ---- */

static void pins_at_boot(void **state)
{
	assert_int_equal(nr_irqs_gsi, 32);
	for (unsigned int gsi = 0; gsi < 32; gsi++) {
		bool level = gsi >= 16 || gsi == 9 || gsi == 10, low = gsi >= 16 || gsi == 10 || gsi == 11;

		assert_true(pin(gsi) & MASKED);
		assert_int_equal(!!(pin(gsi) & LEVEL), level);
		assert_int_equal(!!(pin(gsi) & LOW), low);
		assert_string_equal(irq_to_desc(gsi)->hw->name, level ? "IO-APIC-level" : "IO-APIC-edge");
	}
	assert_int_equal(isa_irq_to_gsi(0), 2);
	assert_int_equal(isa_irq_to_gsi(5), 5);		/* its override names no pin */
	assert_int_equal(isa_irq_to_gsi(40), 40);
	assert_null(irq_to_desc(nr_irqs));
	assert_true(apic_owns_frame(mfn(0xfee00)) && apic_owns_frame(mfn(0xfec10)));
	assert_false(apic_owns_frame(mfn(0xfec20)) || apic_owns_frame(mfn(0xfec11)));
}

static unsigned int handled;
static void handler(unsigned int irq, void *data, struct cpu_user_regs *regs)
{
	assert_ptr_equal(data, &handled);
	handled++;
}

static void hypervisors_own(void **state)
{
	struct irq_desc *d = irq_to_desc(2);
	unsigned int was = eois;
	u64 e;

	assert_int_equal(request_irq(0, handler, &handled, "timer"), 0);
	e = pin(2);
	assert_false(e & MASKED);
	assert_int_equal(VECTOR(e), d->vector);
	assert_int_equal(DEST(e), 0x10);
	assert_int_equal(request_irq(0, handler, &handled, "again"), -EBUSY);
	assert_int_equal(request_irq(nr_irqs, handler, &handled, "none"), -EINVAL);
	assert_int_equal(request_irq(nr_irqs_gsi, handler, &handled, "no pin"), -EINVAL);
	assert_int_equal(ioapic_setup_gsi(2, true, true), 0);		/* in use: stays */
	assert_int_equal(pin(2), e);
	interrupt((unsigned int)d->vector);
	assert_int_equal(handled, 1);
	assert_int_equal(d->count, 1);
	assert_int_equal(eois, was + 1);
	interrupt(0x33);						/* nobody's: acknowledged and told */
	assert_int_equal(handled, 1);
	assert_int_equal(eois, was + 2);
	assert_non_null(strstr(fake_log, "vector 0x33 that no one waits for"));
}

static void triggers(void **state)
{
	u32 v;

	assert_int_equal(ioapic_setup_gsi(20, false, false), 0);
	assert_int_equal(pin(20), MASKED);
	assert_int_equal(ioapic_setup_gsi(20, false, true), 0);
	assert_int_equal(pin(20), MASKED | LOW);
	assert_int_equal(ioapic_setup_gsi(32, true, true), -EINVAL);
	/* The way of old kernels: trigger and polarity are taken, nothing else. */
	assert_int_equal(ioapic_guest_write(0xfec10000, 0x10 + 2 * 7, (u32)LEVEL | 0x55), 0);
	assert_int_equal(pin(31), MASKED | LEVEL);
	assert_int_equal(ioapic_guest_write(0xfec10000, 0x10 + 2 * 7, (u32)(LOW | MASKED)), 0);
	assert_int_equal(ioapic_guest_write(0xfec10000, 0x10 + 2 * 7 + 1, ~0U), 0);
	assert_int_equal(ioapic_guest_write(0xfec10000, 0x10 + 2 * 8, 0), 0);
	assert_int_equal(ioapic_guest_write(0xfec10000, 0, 0), 0);
	assert_int_equal(pin(31), MASKED | LEVEL);
	assert_int_equal(ioapic_guest_read(0xfec10000, 0x10 + 2 * 7, &v), 0);
	assert_int_equal(v, MASKED | LEVEL);
	assert_int_equal(ioapic_guest_read(0xfec10000, 256, &v), -EINVAL);
	assert_int_equal(ioapic_guest_write(0xfec20000, 0x10, 0), -EINVAL);
}

static void shared_by_guests(void **state)
{
	struct vcpu *v = fake_domains[1]->vcpu[0];
	struct irq_desc *d = irq_to_desc(24);
	struct pirq p[8];
	long allocs = fake_allocs;

	for (u32 i = 0; i < 8; i++)
		p[i] = (struct pirq){ .pirq = i, .irq = 24 };
	assert_int_equal(pirq_guest_bind(v, &(struct pirq){ .irq = 2 }, true), -EBUSY);	/* the hypervisor's */
	assert_int_equal(pirq_guest_bind(v, &(struct pirq){ .irq = -1 }, true), -EINVAL);
	assert_int_equal(pirq_guest_bind(v, &(struct pirq){ .irq = (s32)nr_irqs_gsi }, true), -EINVAL);
	fake_alloc_fail_after = 0;
	assert_int_equal(pirq_guest_bind(v, &p[0], true), -ENOMEM);
	fake_alloc_fail_after = -1;
	for (u32 i = 0; i < 7; i++)
		assert_int_equal(pirq_guest_bind(v, &p[i], true), 0);
	assert_int_equal(pirq_guest_bind(v, &p[7], false), -EBUSY);
	assert_int_equal(pirq_guest_bind(v, &p[7], true), -EBUSY);
	assert_int_equal(request_irq(24, handler, NULL, "too late"), -EBUSY);
	assert_false(pin(24) & MASKED);
	/* All are told, once; the pin is masked until the last one is through. */
	interrupt((unsigned int)d->vector);
	for (u32 i = 0; i < 7; i++) {
		assert_int_equal(told[i], 1);
		assert_true(pin(24) & MASKED);
		if (i == 3)
			pirq_guest_unbind(v->domain, &p[i]);	/* goes away meanwhile */
		else
			pirq_guest_eoi(v->domain, &p[i]);
		pirq_guest_eoi(v->domain, &p[i]);		/* said twice, counted once */
	}
	assert_false(pin(24) & MASKED);
	interrupt((unsigned int)d->vector);
	for (u32 i = 0; i < 7; i++) {
		assert_int_equal(told[i], i == 3 ? 1 : 2);
		pirq_guest_unbind(v->domain, &p[i]);
	}
	assert_true(pin(24) & MASKED);
	assert_null(d->guest);
	assert_int_equal(d->status & (IRQ_GUEST | IRQ_DISABLED), IRQ_DISABLED);
	assert_int_equal(fake_allocs, allocs);
	/* One that wants it alone has it alone. */
	assert_int_equal(pirq_guest_bind(v, &p[0], false), 0);
	assert_int_equal(pirq_guest_bind(v, &p[1], true), -EBUSY);
	pirq_guest_unbind(v->domain, &p[0]);
	assert_int_equal(fake_allocs, allocs);
}

static void pirq_numbers(void **state)
{
	struct domain *d = fake_domains[1];
	long allocs = fake_allocs;
	unsigned int top;

	assert_int_equal(pirq_find_free(d, false), 31);
	top = (unsigned int)pirq_find_free(d, true);
	assert_int_equal(top, nr_irqs_gsi + 255);
	assert_int_equal(pirq_map(d, 20, 20), 0);
	assert_int_equal(pirq_map(d, 20, 20), 0);
	assert_int_equal(pirq_map(d, 20, 21), -EEXIST);
	assert_int_equal(pirq_map(d, 21, 20), -EEXIST);
	assert_int_equal(pirq_map(d, top + 1, 22), -EINVAL);
	assert_int_equal(pirq_unmap(d, 22), -EINVAL);
	assert_int_equal(pirq_unmap(d, top + 1), -EINVAL);
	for (unsigned int i = 31; i > 15; i--)
		if (i != 20)
			assert_int_equal(pirq_map(d, i, i), 0);
	assert_int_equal(pirq_find_free(d, false), -ENOSPC);
	assert_int_equal(pirq_unmap(d, 20), 0);
	assert_int_equal(pirq_find_free(d, false), 20);
	pirqs_free_all(d);
	assert_int_equal(fake_allocs, allocs);
}

static void all_vectors(void **state)
{
	bool used[NR_VECTORS];
	int irq[256], n, first = 0;

	for (int round = 0; round < 2; round++) {
		memset(used, 0, sizeof(used));
		for (unsigned int i = 0; i < nr_irqs_gsi; i++)
			if (irq_to_desc(i)->vector >= 0)
				used[irq_to_desc(i)->vector] = true;
		for (n = 0; (irq[n] = create_irq()) >= 0; n++) {
			int v = irq_to_desc((unsigned int)irq[n])->vector;

			assert_in_range(v, FIRST_DYNAMIC_VECTOR, LAST_DYNAMIC_VECTOR);
			assert_true(v != LEGACY_SYSCALL_VECTOR && v != HYPERCALL_VECTOR && !used[v]);
			used[v] = true;
		}
		assert_int_equal(irq[n], -ENOSPC);
		for (unsigned int v = FIRST_DYNAMIC_VECTOR; v <= LAST_DYNAMIC_VECTOR; v++)
			assert_true(used[v] || v == LEGACY_SYSCALL_VECTOR || v == HYPERCALL_VECTOR);
		assert_int_equal(pci_device_add(DEV4, false, 0), 0);
		assert_int_equal(msi_setup(DEV4, false, 0, 0), -ENOSPC);
		assert_int_equal(pci_device_remove(DEV4), 0);
		if (!round)
			first = n;
		assert_int_equal(n, first);
		while (n--)
			destroy_irq((unsigned int)irq[n]);
	}
}

/* The IRQ goes to another CPU: no pair of old and new halves is ever live, and a late interrupt still finds it. */
static void moves(void **state)
{
	struct irq_desc *d = irq_to_desc(24);
	struct pirq p = { .pirq = 0, .irq = 24 };
	struct vcpu *v = fake_domains[1]->vcpu[0];
	cpumask_t one = { { 2 } };
	unsigned int was;
	u64 count;

	assert_int_equal(pirq_guest_bind(v, &p, true), 0);
	was = (unsigned int)d->vector;
	cpu_online_map = (cpumask_t){ { 3 } };
	nr_live = 0;
	note_live(&chips[1], 0x10);
	d->hw->set_affinity(d, &one);
	assert_int_equal(nr_live, 2);
	assert_int_equal(DEST(pin(24)), 0x21);
	assert_int_not_equal(d->vector, was);
	assert_int_equal(VECTOR(pin(24)), d->vector);
	count = d->count;
	interrupt(was);
	assert_int_equal(d->count, count + 1);
	one = (cpumask_t){ { 1ULL << 40 } };		/* a CPU that is not there: it stays */
	d->hw->set_affinity(d, &one);
	assert_int_equal(DEST(pin(24)), 0x21);
	cpu_online_map = (cpumask_t){ { 1 } };
	pirq_guest_unbind(v->domain, &p);
}

static void messages(void **state)
{
	long allocs = fake_allocs;
	struct irq_desc *d;
	int irq;

	assert_int_equal(msi_setup(DEV3, false, 0, 0), -ENODEV);
	assert_int_equal(pci_device_add(PCI_BDF(1, 0, 0), false, 0), -ENODEV);
	assert_int_equal(pci_device_add(DEV3, false, 0), 0);
	assert_int_equal(pci_device_add(DEV4, false, 1), 0);
	assert_int_equal(msi_setup(DEV4, true, 0, 0), -ENODEV);
	irq = msi_setup(DEV3, false, 7, 0);
	assert_true(irq >= (int)nr_irqs_gsi);
	d = irq_to_desc((unsigned int)irq);
	assert_int_equal(pci_read32(DEV3, MSI3 + 4), 0xfee10000);
	assert_int_equal(pci_read32(DEV3, MSI3 + 8), 0);
	assert_int_equal(pci_read16(DEV3, MSI3 + 12), d->vector);
	assert_int_equal(pci_read32(DEV3, MSI3 + 16), 1);		/* masked until bound */
	assert_int_equal(pci_read16(DEV3, MSI3 + 2), 0x0181);		/* on, one message */
	assert_int_equal(pci_read16(DEV3, PCI_COMMAND), PCI_COMMAND_INTX_DISABLE);
	d->hw->startup(d);
	assert_int_equal(pci_read32(DEV3, MSI3 + 16), 0);
	d->hw->mask(d);
	assert_int_equal(pci_read32(DEV3, MSI3 + 16), 1);
	assert_int_equal(msi_setup(DEV3, false, 0, 0), -EBUSY);
	assert_int_equal(msi_setup(DEV3, true, 0, 0), -EBUSY);
	assert_int_equal(pci_device_remove(DEV3), -EBUSY);
	reset_devices();
	assert_int_equal(msi_restore(DEV3), 0);
	assert_int_equal(pci_read16(DEV3, MSI3 + 12), d->vector);
	assert_int_equal(pci_read16(DEV3, MSI3 + 2), 0x0181);
	msi_teardown((unsigned int)irq);
	assert_int_equal(pci_read16(DEV3, MSI3 + 2) & 1, 0);
	irq = msi_setup(DEV4, false, 0, 0);
	d = irq_to_desc((unsigned int)irq);
	assert_int_equal(pci_read32(DEV4, MSI4 + 4), 0xfee10000);
	assert_int_equal(pci_read16(DEV4, MSI4 + 8), d->vector);
	assert_int_equal(pci_read32(DEV4, MSI4 + 12), 0);		/* no mask to write */
	msi_teardown((unsigned int)irq);
	assert_int_equal(pci_device_remove(DEV3), 0);
	assert_int_equal(pci_device_remove(DEV3), -ENODEV);
	assert_int_equal(pci_device_remove(DEV4), 0);
	assert_in_range(fake_allocs, allocs, allocs + 1);		/* mmio_ro_ranges has grown */
}

static void message_tables(void **state)
{
	struct irq_desc *d;
	int irq[2];

	memset(table, 0, sizeof(table));
	assert_int_equal(pci_device_add(DEV3, false, 0), 0);
	assert_true(rangeset_contains_range(mmio_ro_ranges, 0xfeb00, 0xfeb00));
	assert_int_equal(msi_setup(DEV3, true, 4, 0), -EINVAL);
	for (int i = 0; i < 2; i++) {
		irq[i] = msi_setup(DEV3, true, (unsigned int)i + 2, 0);
		d = irq_to_desc((unsigned int)irq[i]);
		assert_int_equal(table[4 * (i + 2)], 0xfee10000);
		assert_int_equal(table[4 * (i + 2) + 1], 0);
		assert_int_equal(table[4 * (i + 2) + 2], d->vector);
		assert_int_equal(table[4 * (i + 2) + 3], 1);
		d->hw->startup(d);
		assert_int_equal(table[4 * (i + 2) + 3], 0);
	}
	assert_int_equal(table[4], 0);					/* entry 1 is as it was */
	assert_int_equal(mapped, 1);
	assert_int_equal(pci_read16(DEV3, MSIX3 + 2), 0x8003);		/* on, not masked as a whole */
	assert_int_equal(pci_read16(DEV3, PCI_COMMAND), PCI_COMMAND_INTX_DISABLE | PCI_COMMAND_MEMORY);
	assert_int_equal(msi_setup(DEV3, true, 2, 0), -EBUSY);
	assert_int_equal(msi_setup(DEV3, false, 0, 0), -EBUSY);
	assert_int_equal(msix_prepare(DEV3, true), -EBUSY);
	msi_teardown((unsigned int)irq[0]);
	assert_int_equal(table[4 * 2 + 3], 1);
	assert_int_equal(pci_read16(DEV3, MSIX3 + 2) & 0x8000, 0x8000);
	msi_teardown((unsigned int)irq[1]);
	assert_int_equal(pci_read16(DEV3, MSIX3 + 2) & 0x8000, 0);
	assert_int_equal(mapped, 0);
	assert_int_equal(msix_prepare(DEV3, true), 0);
	/* A table that is nowhere: the BAR is one of I/O ports. */
	pci_write32(DEV3, PCI_BASE_ADDRESS_0, 0xc001);
	assert_int_equal(pci_device_remove(DEV3), 0);
	assert_int_equal(pci_device_add(DEV3, false, 0), 0);
	assert_int_equal(msi_setup(DEV3, true, 0, 0), -EINVAL);
	assert_int_equal(pci_device_remove(DEV3), 0);
	reset_devices();
}

/* What Domain 0 may write of the capability's bytes, with no MSI in use. */
static void config_writes(void **state)
{
	static const struct { unsigned int reg, size; u32 in; bool ok; u32 out; } writes[] = {
		{ MSI3 + 4, 4, 0xfee00000, false, 0 }, { MSI3 + 12, 2, 0x80, false, 0 }, { MSI3 + 23, 1, 0, false, 0 },
		{ MSI3 + 3, 2, 0, false, 0 }, { MSI3 + 24, 4, 7, true, 7 }, { MSI3 - 4, 4, 7, true, 7 },
		{ MSI3 + 2, 2, 0xffff, true, 0xff8e }, { MSI3 + 2, 1, 0xff, true, 0x8e },
		{ MSI3, 4, 0xffffffff, true, 0xff8effff }, { MSI3 + 1, 2, 0xffff, true, 0x8eff },
		{ MSI3 + 3, 1, 0xff, true, 0xff }, { MSIX3 + 2, 2, 0xffff, true, 0xffff },
	};
	int irq;
	u32 v;

	assert_int_equal(pci_device_add(DEV3, false, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		v = writes[i].in;
		assert_int_equal(msi_allow_config_write(DEV3, writes[i].reg, writes[i].size, &v), writes[i].ok);
		if (writes[i].ok)
			assert_int_equal(v, writes[i].out);
	}
	irq = msi_setup(DEV3, false, 0, 0);
	v = 0x0071;
	assert_true(msi_allow_config_write(DEV3, MSI3 + 2, 2, &v));
	assert_int_equal(v, 1);				/* its own it may switch */
	msi_teardown((unsigned int)irq);
	assert_int_equal(pci_device_remove(DEV3), 0);
	assert_true(msi_allow_config_write(DEV3, MSI3 + 4, 4, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pins_at_boot), cmocka_unit_test(hypervisors_own), cmocka_unit_test(triggers),
		cmocka_unit_test(shared_by_guests), cmocka_unit_test(pirq_numbers), cmocka_unit_test(all_vectors),
		cmocka_unit_test(moves), cmocka_unit_test(messages), cmocka_unit_test(message_tables),
		cmocka_unit_test(config_writes),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
