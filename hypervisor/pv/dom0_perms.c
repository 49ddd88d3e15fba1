// SPDX-License-Identifier: GPL-2.0-only
/* What of the machine Domain 0 may touch: everything but what the hypervisor itself drives. */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <pv/dom0.h>
#include <x86/apic.h>
#include <x86/irq.h>
#include <x86/machine.h>

struct port_range { u16 first, last; };

static const init_rodata struct port_range own_ports[] = {
	{ 0x20, 0x21 },		/* interrupt controllers */
	{ 0xa0, 0xa1 },
	{ 0x40, 0x43 },		/* interval timer */
	{ 0x61, 0x61 },		/* its gate */
	{ 0xcf8, 0xcfb },	/* PCI configuration: emulated, so that index and data stay together */
};

static init_fn int permit_ports(struct domain *d)
{
	int rc = rangeset_add_range(d->arch.ioport_caps, 0, 0xffff);

	for (size_t i = 0; !rc && i < ARRAY_SIZE(own_ports); i++)
		rc = rangeset_remove_range(d->arch.ioport_caps, own_ports[i].first, own_ports[i].last);
	for (u32 p = 0; !rc && p < 0x10000; p++)
		if (uart_owns_port((u16)p))
			rc = rangeset_remove_range(d->arch.ioport_caps, p, p);
	/* The clock that time is kept by: reading it is harmless, but the original denies it as well. */
	if (!rc && machine.fadt.pm_timer)
		rc = rangeset_remove_range(d->arch.ioport_caps, machine.fadt.pm_timer,
					   machine.fadt.pm_timer + 3);
	return rc;
}

static init_fn int permit_iomem(struct domain *d)
{
	u64 top = BIT64(PADDR_BITS - PAGE_SHIFT) - 1;
	int rc = rangeset_add_range(d->iomem_caps, 0, top);

	/* Interrupt messages are written by devices only: a store there would raise any vector. */
	if (!rc)
		rc = rangeset_remove_range(d->iomem_caps, 0xfee00, 0xfeeff);
	for (u64 f = 0xfec00; !rc && f < 0xfed00; f++)
		if (apic_owns_frame(mfn(f)))
			rc = rangeset_remove_range(d->iomem_caps, f, f);
	for (unsigned int i = 0; !rc && i < machine.madt.nr_ioapics; i++)
		rc = rangeset_remove_range(d->iomem_caps, (u64)machine.madt.ioapic[i].addr >> PAGE_SHIFT,
					   (u64)machine.madt.ioapic[i].addr >> PAGE_SHIFT);
	/* Time may be kept by the HPET: to be looked at (its driver probes it), not to be set. */
	if (!rc && machine.hpet.addr)
		rc = rangeset_add_range(mmio_ro_ranges, machine.hpet.addr >> PAGE_SHIFT,
					machine.hpet.addr >> PAGE_SHIFT);
	return rc;
}

init_fn int dom0_permissions(struct domain *d)
{
	int rc = permit_ports(d);

	if (!rc)
		rc = permit_iomem(d);
	/* GSI 0 is the timer that the hypervisor may use; vectors are its to give. */
	if (!rc && nr_irqs_gsi > 1)
		rc = rangeset_add_range(d->irq_caps, 1, nr_irqs_gsi - 1);
	return rc;
}
