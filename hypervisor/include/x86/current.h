/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CPU is doing.  Each CPU has one stack of STACK_SIZE bytes, aligned to its size, with a struct
 * cpu_info at the top; it is found by rounding the stack pointer, so the hypervisor leaves GS to guests.
 *
 * A vCPU owns no stack: entry from a guest pushes its registers straight into vcpu->arch.regs (TSS.RSP0
 * and the syscall stubs point there) and then moves to the CPU's stack.  Switching vCPUs therefore copies
 * no registers and never returns to the C frame that asked for it (see x86/switch.c).
 */
#ifndef X86_CURRENT_H
#define X86_CURRENT_H

#define STACK_ORDER 3
#define STACK_SIZE (4096UL << STACK_ORDER)
#define CPU_INFO_SIZE 128

#ifndef __ASSEMBLY__
#include <hv/types.h>

struct cpu_user_regs;
struct vcpu;

struct cpu_info {
	struct vcpu *curr;		/* vCPU whose state is loaded; idle vCPU otherwise */
	unsigned long percpu_offset;	/* added to a per-CPU variable's link address */
	u32 cpu;			/* dense CPU id */
	u32 softirq_pending;		/* bit mask, set by others with atomics: tested on every exit to a guest */
	u64 cr4;			/* what CR4 holds */
	struct cpu_user_regs *entry_regs; /* arch.regs of a PV curr, where its page tables show them (SPEC_XPTI) */
	bool runs_pv;			/* curr is of the PV kind: its memory is reached by its own addresses */
	bool clear_history;		/* curr is not to be trusted with the branch history (SPEC_BHB) */
	u64 spare[9];
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct cpu_info) == CPU_INFO_SIZE, "entry.S depends on it");

static inline struct cpu_info *get_cpu_info(void)
{
	unsigned long sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct cpu_info *)((sp | (STACK_SIZE - 1)) + 1 - CPU_INFO_SIZE);
}
#define current (get_cpu_info()->curr)
#define smp_processor_id() (get_cpu_info()->cpu)
#endif
#endif
