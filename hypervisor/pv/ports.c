/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Port I/O of PV guests.  The PCI configuration ports (PCI Local Bus 3.0, 3.2.2.3.2) go through the PCI
 * code, which filters; other ports go to the machine if the domain owns them.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <pv/emul.h>
#include <public/physdev.h>
#include <x86/platform.h>
#include <x86/processor.h>

#define IOBITMAP_MAX_PORTS 65536U
#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA 0xcfc
#define PCI_ENABLE BIT64(31)

static bool owns_ports(const struct domain *d, unsigned int port, unsigned int bytes)
{
	return d->arch.ioport_caps && rangeset_contains_range(d->arch.ioport_caps, port, port + bytes - 1);
}

static bool is_pci_data(unsigned int port, unsigned int bytes)
{
	return port >= PCI_CONFIG_DATA && port + bytes <= PCI_CONFIG_DATA + 4;
}

u32 pv_port_read(struct domain *d, unsigned int port, unsigned int bytes)
{
	u32 ones = (u32)GENMASK(bytes * 8 - 1, 0);

	if (port == PCI_CONFIG_ADDRESS && bytes == 4)
		return d->is_hardware ? d->arch.pci_cf8 : ones;
	if (is_pci_data(port, bytes)) {
		if (!d->is_hardware || !(d->arch.pci_cf8 & PCI_ENABLE))
			return ones;
		return pci_guest_config_read(d, d->arch.pci_cf8, port & 3, bytes) & ones;
	}
	if (!owns_ports(d, port, bytes))
		return ones;
	switch (bytes) {
	case 1: return inb((u16)port);
	case 2: return inw((u16)port);
	default: return inl((u16)port);
	}
}

void pv_port_write(struct domain *d, unsigned int port, unsigned int bytes, u32 val)
{
	if (port == PCI_CONFIG_ADDRESS && bytes == 4) {
		d->arch.pci_cf8 = val;
		return;
	}
	if (is_pci_data(port, bytes)) {
		if (d->is_hardware && (d->arch.pci_cf8 & PCI_ENABLE))
			pci_guest_config_write(d, d->arch.pci_cf8, port & 3, bytes, val);
		return;
	}
	if (!owns_ports(d, port, bytes))
		return;
	switch (bytes) {
	case 1: outb((u8)val, (u16)port); break;
	case 2: outw((u16)val, (u16)port); break;
	default: outl(val, (u16)port); break;
	}
}

/* ---- who in the guest may use ports: its own kernel's business, PHYSDEVOP_set_iopl and _set_iobitmap ---- */

static long set_iopl(struct vcpu *v, unsigned long arg)
{
	struct physdev_set_iopl op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.iopl > 3)
		return -EINVAL;
	v->arch.pv.iopl = op.iopl << 12;
	return 0;
}

static long set_iobitmap(struct vcpu *v, unsigned long arg)
{
	struct physdev_set_iobitmap op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.nr_ports > IOBITMAP_MAX_PORTS)
		return -EINVAL;
	v->arch.pv.iobmp = (u8 *)op.bitmap.p;
	v->arch.pv.iobmp_limit = op.nr_ports;
	return 0;
}

long pv_physdev_op(struct vcpu *v, int cmd, unsigned long arg)
{
	return cmd == PHYSDEVOP_set_iopl ? set_iopl(v, arg) : set_iobitmap(v, arg);
}
