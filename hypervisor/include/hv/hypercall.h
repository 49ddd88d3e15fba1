/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercall dispatch (hypercall/table.c).  A handler takes up to five arguments as the ABI passes them and
 * returns what the guest sees.
 *
 * Long work: when hypercall_preempt_check() says so, save progress in the arguments (and cursors in the
 * domain) and return hypercall_continue(nr_args, ...): the call is issued again by the guest's own
 * instruction, after events and the scheduler had their turn; it works the same inside a multicall.
 * Example: return hypercall_continue(3, cmd_with_progress, arg, count);
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/percpu.h>
#include <hv/types.h>
#include <hv/softirq.h>

#define HYPERCALL_AGAIN (-0x7fff0000L)	/* internal: never seen by a guest */

#define HYPERCALL_MAX_ARGS 5

long hypercall_continue(unsigned int nr_args, ...);
/* While a multicall is at work on this CPU: the arguments with which its entry goes on. */
struct multicall_progress {
	bool active;
	u32 nr_args;
	u64 args[HYPERCALL_MAX_ARGS];
};
DECLARE_PER_CPU(struct multicall_progress, multicall);
/* Is something waiting that must not wait longer: a softirq on this CPU, or an event for this vCPU? */
bool hypercall_preempt_check(void);

typedef long hypercall_fn(unsigned long, unsigned long, unsigned long, unsigned long, unsigned long);

/* Who may call is the handler's own check: many calls are privileged only in some sub-operations. */
struct hypercall_entry {
	hypercall_fn *fn;	/* NULL: -ENOSYS */
	u8 nr_args;
	bool full_frame;	/* handler replaces the caller's frame; ends a multicall */
};
#define NR_HYPERCALLS 64
extern const struct hypercall_entry pv_hypercalls[NR_HYPERCALLS];

/* hypercall/ */
long do_multicall(unsigned long list, unsigned int nr);
long do_xen_version(unsigned int cmd, unsigned long arg);
long do_console_io(unsigned int cmd, unsigned int count, unsigned long buf);
long do_vm_assist(unsigned int cmd, unsigned int type);
long do_domctl(unsigned long arg);
long do_sysctl(unsigned long arg);
long do_hypfs_op(unsigned int cmd, unsigned long path, unsigned long path_len, unsigned long buf, unsigned long len);
long do_mca(unsigned long arg);
long do_xenpmu_op(unsigned int cmd, unsigned long arg);
long do_hvm_op(unsigned int cmd, unsigned long arg);
long do_sched_op_compat(int cmd, unsigned long arg);
long do_event_channel_op_compat(unsigned long arg);
long do_physdev_op_compat(unsigned long arg);
/* x86/, pv/ */
long do_set_trap_table(unsigned long traps);
long do_stack_switch(unsigned long ss, unsigned long esp);
long do_set_callbacks(unsigned long event, unsigned long failsafe, unsigned long syscall);
long do_fpu_taskswitch(int set);
long do_set_debugreg(int reg, unsigned long value);
long do_get_debugreg(int reg);
long do_set_segment_base(unsigned int which, unsigned long base);
long do_callback_op(int cmd, unsigned long arg);
long do_nmi_op(unsigned int cmd, unsigned long arg);
long do_iret(void);
long do_physdev_op(int cmd, unsigned long arg);
long do_platform_op(unsigned long arg);

#endif
