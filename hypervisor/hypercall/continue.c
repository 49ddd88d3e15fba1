// SPDX-License-Identifier: GPL-2.0-only
/*
 * Restarting long hypercalls, and multicalls.
 *
 * A vCPU owns no stack, so a hypercall that must give way cannot sleep in the middle: its progress goes
 * back into its arguments, and the call is made again.  Called directly, the arguments are the guest's
 * registers; in a multicall they are those of the entry in the guest's list, and the multicall restarts
 * itself at that entry.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <public/xen.h>
#include <x86/current.h>

#define HYPERCALL_MAX_ARGS 5

/* The entry that this CPU is at work on, NULL outside of a multicall. */
static DEFINE_PER_CPU(struct multicall_entry *, multicall);

long hypercall_continue(unsigned int nr_args, ...)
{
	struct multicall_entry *mc = this_cpu(multicall);
	struct cpu_user_regs *r = &current->arch.regs;
	u64 *const regs[HYPERCALL_MAX_ARGS] = { &r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8 };
	__builtin_va_list ap;

	ASSERT(nr_args <= HYPERCALL_MAX_ARGS);
	__builtin_va_start(ap, nr_args);
	for (unsigned int i = 0; i < nr_args; i++) {
		unsigned long v = __builtin_va_arg(ap, unsigned long);

		if (mc)
			mc->args[i] = v;
		else
			*regs[i] = v;
	}
	__builtin_va_end(ap);
	return HYPERCALL_AGAIN;
}

bool hypercall_preempt_check(void)
{
	struct vcpu *v = current;

	return READ_ONCE(get_cpu_info()->softirq_pending) || v->domain->kind->event_deliverable(v);
}

static long multicall_one(struct multicall_entry *mc)
{
	const struct hypercall_entry *h;
	long rc;

	if (mc->op >= NR_HYPERCALLS)
		return -ENOSYS;
	h = &current->domain->kind->hypercalls[mc->op];
	if (!h->fn)
		return -ENOSYS;
	rc = h->fn(mc->args[0], mc->args[1], mc->args[2], mc->args[3], mc->args[4]);
	if (unlikely(h->full_frame)) {
		current->arch.regs.rax = (u64)rc;
		current->arch.frame_replaced = 1;
	}
	return rc;
}

long do_multicall(unsigned long list, unsigned int nr)
{
	struct multicall_entry mc;
	long rc = 0;

	if (this_cpu(multicall)) {
		printk(LOG_G_INFO "d%u: multicall inside a multicall refused\n", current->domain->id);
		return -EINVAL;
	}
	if (!guest_range_ok(list, 0, nr, sizeof(mc)))
		return -EFAULT;
	for (; nr; nr--, list += sizeof(mc)) {
		if (!arg_read(&mc, list)) {
			rc = -EFAULT;
			break;
		}
		this_cpu(multicall) = &mc;
		rc = multicall_one(&mc);
		this_cpu(multicall) = NULL;
		/* iret: the guest is somewhere else now, and entries behind it are void (ABI). */
		if (unlikely(current->arch.frame_replaced))
			return HYPERCALL_AGAIN;
		if (rc == HYPERCALL_AGAIN) {
			/* Only the arguments changed; the guest must be able to take them back. */
			if (!copy_to_guest_raw(list + offsetof(struct multicall_entry, args), mc.args,
					       sizeof(mc.args))) {
				rc = -EFAULT;
				break;
			}
			return hypercall_continue(2, list, (unsigned long)nr);
		}
		if (!copy_to_guest_raw(list + offsetof(struct multicall_entry, result), &rc, sizeof(rc))) {
			rc = -EFAULT;
			break;
		}
		rc = 0;
		if (nr > 1 && hypercall_preempt_check())
			return hypercall_continue(2, list + sizeof(mc), (unsigned long)nr - 1);
	}
	return rc;
}
