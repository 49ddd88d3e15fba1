// SPDX-License-Identifier: GPL-2.0-only
/*
 * Restarting long hypercalls.
 *
 * A vCPU owns no stack, so a hypercall that must give way cannot sleep in the middle: its progress goes
 * back into its arguments, and the call is made again.  Called directly, the arguments are the guest's
 * registers; in a multicall they are those of the entry in the guest's list, and the multicall restarts
 * itself at that entry (pv/multicall.c).
 */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <x86/current.h>

DEFINE_PER_CPU(struct multicall_progress, multicall);

long hypercall_continue(unsigned int nr_args, ...)
{
	struct multicall_progress *mc = &this_cpu(multicall);
	struct cpu_user_regs *r = &current->arch.regs;
	u64 *const regs[HYPERCALL_MAX_ARGS] = { &r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8 };
	__builtin_va_list ap;

	ASSERT(nr_args <= HYPERCALL_MAX_ARGS);
	__builtin_va_start(ap, nr_args);
	for (unsigned int i = 0; i < nr_args; i++) {
		unsigned long v = __builtin_va_arg(ap, unsigned long);

		if (mc->active)
			mc->args[i] = v;
		else
			*regs[i] = v;
	}
	__builtin_va_end(ap);
	mc->nr_args = nr_args;
	return HYPERCALL_AGAIN;
}

bool hypercall_preempt_check(void)
{
	struct vcpu *v = current;

	return READ_ONCE(get_cpu_info()->softirq_pending) || KIND_CALL(v->domain, event_deliverable, v);
}
