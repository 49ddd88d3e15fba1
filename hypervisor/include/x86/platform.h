/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest kinds need of the machine (x86/pci.c, x86/setup.c, x86/platform_msr.c). */
#ifndef X86_PLATFORM_H
#define X86_PLATFORM_H

#include <hv/types.h>

struct domain;
struct vcpu;

/*
 * PCI configuration by mechanism 1 on behalf of @d: @cf8 is the address latch, @off the byte in the data
 * register. Reads of what @d may not see give ones; writes to registers the hypervisor owns are dropped.
 */
u32 pci_guest_config_read(struct domain *d, u32 cf8, unsigned int off, unsigned int bytes);
void pci_guest_config_write(struct domain *d, u32 cf8, unsigned int off, unsigned int bytes, u32 val);

/* The same by MMCONFIG, which domains may only read: a write of @size bytes at @pa that faulted. */
void pci_guest_mmio_write(struct domain *d, paddr_t pa, u64 val, unsigned int size);

/* MSRs that belong to the machine: those Domain 0 may read (and few it may write). False is #GP. */
bool pv_read_platform_msr(struct vcpu *v, u32 msr, u64 *val);
bool pv_write_platform_msr(struct vcpu *v, u32 msr, u64 val);

#endif
