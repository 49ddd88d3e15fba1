/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table isolation (SPEC_XPTI).  On a CPU that is open to Meltdown a guest, all of which runs in ring 3, could
 * read whatever its page tables map for the hypervisor.  An isolated vCPU therefore runs on a root of the CPU's own:
 * a copy of the guest's, in which the hypervisor's slots hold nothing but the entry code, its data and this CPU's
 * window (x86/layout.h) with descriptor tables, interrupt stacks and the vCPU's structure.  entry.S changes roots.
 *
 * The copy is true while the CPU runs a vCPU of that root: who writes a root calls xpti_root_changed(), the CPU
 * copies again (SOFTIRQ_ROOT) on its way back to the guest.  CR4.PGE is off, so that each change of roots empties the TLB.
 */
#ifndef PV_XPTI_H
#define PV_XPTI_H

#include <hv/domain.h>

/* Once for each CPU, before it takes interrupts; panics for want of memory. @stack: its start; @idt: all CPUs share it. */
void xpti_cpu_init(unsigned int cpu, char *stack, const void *idt);
/*
 * Context switch, interrupts off, before the root is loaded: shows @v to the entry code; where it is to push
 * registers.
 */
struct cpu_user_regs *xpti_show_vcpu(struct vcpu *v);
/* @v (current) has @cr3 loaded and will return to the guest by it. */
void xpti_follow(struct vcpu *v, u64 cr3);
/* An entry of @root, one of d's, was written. Interrupts on; returns when no CPU runs on what it was. */
void xpti_root_changed(const struct domain *d, mfn_t root);

#endif
