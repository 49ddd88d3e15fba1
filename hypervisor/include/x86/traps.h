/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries into the hypervisor (x86/entry.S) and what they call. */
#ifndef X86_TRAPS_H
#define X86_TRAPS_H

#include <hv/compiler.h>
#include <hv/types.h>

struct cpu_user_regs;
struct vcpu;

/* Exception vectors (SDM vol. 3, 6.3.1). */
enum trap_vector {
	TRAP_DE = 0, TRAP_DB, TRAP_NMI, TRAP_BP, TRAP_OF, TRAP_BR, TRAP_UD, TRAP_NM, TRAP_DF,
	TRAP_TS = 10, TRAP_NP, TRAP_SS, TRAP_GP, TRAP_PF, TRAP_MF = 16, TRAP_AC, TRAP_MC, TRAP_XM, TRAP_VE, TRAP_CP,
};
#define TRAP_HAS_ERROR_CODE (1U << TRAP_DF | 1U << TRAP_TS | 1U << TRAP_NP | 1U << TRAP_SS | 1U << TRAP_GP | \
			     1U << TRAP_PF | 1U << TRAP_AC | 1U << TRAP_CP)
/* Page-fault error code (SDM vol. 3, 4.7). */
#define PFEC_P BIT64(0)
#define PFEC_W BIT64(1)
#define PFEC_U BIT64(2)
#define PFEC_RSVD BIT64(3)
#define PFEC_I BIT64(4)

extern void *const idt_stub_table[256];

/* Once per CPU, when its stack, GDT and TSS are in place: SYSCALL and SYSENTER entry points. */
void traps_cpu_init(unsigned int cpu);
/* Once, when mitigations are chosen: the tables by which entry.S calls handlers. */
void hypercall_entries_init(void);

/* Leave to the guest that current is; the CPU's stack is reset. */
noreturn_fn void ret_to_guest(void);
noreturn_fn void reset_stack_and_jump(void (*fn)(void));

/* Where the entries of this CPU find the vCPU that runs. */
void entry_set_regs(unsigned int cpu, struct cpu_user_regs *regs);

/* x86/nmi.c */
void nmi_init(void);
void nmi_handle(const struct cpu_user_regs *regs);
void vcpu_send_nmi(struct vcpu *v);

void show_registers(const struct cpu_user_regs *regs);
/* The registers here and now; those that a call may change are worth what the compiler left in them. */
void capture_registers(struct cpu_user_regs *regs);
noreturn_fn void fatal_trap(const struct cpu_user_regs *regs);

#endif
