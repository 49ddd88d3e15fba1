/* SPDX-License-Identifier: GPL-2.0-only */
/* Message-signalled interrupts of PCI devices (PCI 3.0 6.8), which only the hypervisor programs (x86/msi.c). */
#ifndef X86_MSI_H
#define X86_MSI_H

#include <hv/compiler.h>
#include <hv/rangeset.h>
#include <x86/pci.h>

struct msi_desc;

/*
 * Frames of device memory that no domain may map writable (mmio_ro_ranges, hv/rangeset.h): MSI-X tables,
 * MMCONFIG. PV page typing asks for each L1 entry of a frame that is not RAM.
 */
void mmio_ro_add(paddr_t start, paddr_t end);	/* [start, end), whole frames */

/* Devices that Domain 0 announced, and their NUMA nodes; NUMA_NO_NODE: not told, or none that we know. */
int pci_device_add(pci_sbdf_t d, bool is_virtfn, u32 node);
int pci_device_remove(pci_sbdf_t d);
bool pci_device_node(pci_sbdf_t d, u32 *node);	/* false: no such device */

/*
 * Sets up MSI (@entry ignored, @msix false) or MSI-X entry @entry of a device, on a fresh IRQ.
 * @table_base: the BAR that holds the table, used where it cannot be read (virtual functions). IRQ number, or -ENODEV, -EBUSY (has one), -ENOSPC, -EINVAL, -ENOMEM. Masked until bound.
 */
int msi_setup(pci_sbdf_t d, bool msix, unsigned int entry, u64 table_base);
void msi_teardown(unsigned int irq);
/* PHYSDEVOP_restore_msi: writes all messages of a device again, after it was reset. */
int msi_restore(pci_sbdf_t d);
/* PHYSDEVOP_prepare_msix, release_msix: the table becomes read-only before a passed-through device's use. */
int msix_prepare(pci_sbdf_t d, bool off);
/* Domain 0 writes configuration space: false drops the write, *v may be changed. */
bool msi_allow_config_write(pci_sbdf_t d, unsigned int reg, unsigned int size, u32 *v);

#endif
