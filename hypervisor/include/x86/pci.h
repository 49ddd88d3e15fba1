/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI configuration space (PCI 3.0 3.2.2.3.2, PCIe 4.0 7.2.2). */
#ifndef X86_PCI_H
#define X86_PCI_H

#include <hv/types.h>

/* Segment, bus, device, function. */
typedef struct { u32 sbdf; } pci_sbdf_t;
#define PCI_SBDF(s, b, df) ((pci_sbdf_t){ (u32)(s) << 16 | (u32)(b) << 8 | (u32)(df) })
#define PCI_BDF(b, d, f) PCI_SBDF(0, b, (u32)(d) << 3 | (u32)(f))

#define PCI_VENDOR_ID		0x00
#define PCI_COMMAND		0x04
#define PCI_COMMAND_MEMORY	0x0002
#define PCI_COMMAND_INTX_DISABLE 0x0400
#define PCI_STATUS		0x06
#define PCI_STATUS_CAP_LIST	0x0010
#define PCI_HEADER_TYPE		0x0e
#define PCI_BASE_ADDRESS_0	0x10
#define PCI_CAPABILITY_LIST	0x34
#define PCI_CAP_ID_MSI		0x05
#define PCI_CAP_ID_MSIX		0x11

u8 pci_read8(pci_sbdf_t d, unsigned int reg);
u16 pci_read16(pci_sbdf_t d, unsigned int reg);
u32 pci_read32(pci_sbdf_t d, unsigned int reg);
void pci_write8(pci_sbdf_t d, unsigned int reg, u8 v);
void pci_write16(pci_sbdf_t d, unsigned int reg, u16 v);
void pci_write32(pci_sbdf_t d, unsigned int reg, u32 v);
/* Offset of a capability, 0 if there is none. */
unsigned int pci_find_cap(pci_sbdf_t d, u8 id);

/* Boot: maps MMCONFIG windows that lie in reserved memory; others wait for Domain 0's word. */
void pci_init(void);
/* PHYSDEVOP_pci_mmcfg_reserved */
int pci_mmcfg_reserved(u64 address, u16 segment, u8 start_bus, u8 end_bus, u32 flags);

#endif
