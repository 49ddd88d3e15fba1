/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * multicall: a list of hypercalls in the guest's memory, made one after the other.  Each entry is read once,
 * straight into the registers of its call; its result goes back, and only where a call must be made again
 * the arguments that say how far it came.
 */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <public/xen.h>
#include <x86/current.h>
#include <x86/uaccess.h>

#define ENTRY(list, member) ((list) + offsetof(struct multicall_entry, member))

/* Arguments are to be made of what is left, and the guest must be able to take them back. */
static noinline_fn long put_progress(unsigned long list, const struct multicall_progress *mc)
{
	for (unsigned int i = 0; i < mc->nr_args; i++)
		if (!put_user_u64(ENTRY(list, args[i]), mc->args[i]))
			return -EFAULT;
	return HYPERCALL_AGAIN;
}

struct call { u64 op, arg[HYPERCALL_MAX_ARGS]; };

static always_inline bool read_entry(struct call *c, unsigned long list)
{
	return get_user_u64(&c->op, ENTRY(list, op)) && get_user_u64(&c->arg[0], ENTRY(list, args[0])) &&
	       get_user_u64(&c->arg[1], ENTRY(list, args[1])) && get_user_u64(&c->arg[2], ENTRY(list, args[2])) &&
	       get_user_u64(&c->arg[3], ENTRY(list, args[3])) && get_user_u64(&c->arg[4], ENTRY(list, args[4]));
}

/* iret: the guest is somewhere else now, and entries behind it are void (ABI). */
static noinline_fn long replace_frame(const struct hypercall_entry *h)
{
	struct vcpu *v = current;

	v->arch.regs.rax = (u64)h->fn(0, 0, 0, 0, 0);
	v->arch.frame_replaced = 1;
	return HYPERCALL_AGAIN;
}

static always_inline long make(const struct call *c)
{
	const struct hypercall_entry *h = &pv_hypercalls[c->op];

	if (unlikely(c->op >= NR_HYPERCALLS) || unlikely(!h->fn))
		return -ENOSYS;
	if (unlikely(h->full_frame))
		return replace_frame(h);
	return h->fn(c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4]);
}

/* HYPERCALL_AGAIN: what is left begins at *list. */
static always_inline long call_list(unsigned long *list, unsigned int *nr, const struct multicall_progress *mc)
{
	const struct cpu_info *ci = get_cpu_info();
	const struct vcpu *v = ci->curr;

	for (; *nr; *list += sizeof(struct multicall_entry)) {
		struct call c;
		long rc;

		if (unlikely(!read_entry(&c, *list)))
			return -EFAULT;
		rc = make(&c);
		if (unlikely(rc == HYPERCALL_AGAIN))
			return v->arch.frame_replaced ? rc : put_progress(*list, mc);
		if (unlikely(!put_user_u64(ENTRY(*list, result), (u64)rc)))
			return -EFAULT;
		if (--*nr && (READ_ONCE(ci->softirq_pending) || READ_ONCE(v->vcpu_info->evtchn_upcall_pending)) &&
		    hypercall_preempt_check()) {
			*list += sizeof(struct multicall_entry);
			return HYPERCALL_AGAIN;
		}
	}
	return 0;
}

long do_multicall(unsigned long list, unsigned int nr)
{
	struct multicall_progress *mc = &this_cpu(multicall);
	long rc;

	if (unlikely(mc->active)) {
		printk(LOG_G_INFO "d%u: multicall inside a multicall refused\n", current->domain->id);
		return -EINVAL;
	}
	if (unlikely(!guest_va_ok(list, (size_t)nr * sizeof(struct multicall_entry))))
		return -EFAULT;
	mc->active = true;
	rc = call_list(&list, &nr, mc);
	mc->active = false;
	if (likely(rc != HYPERCALL_AGAIN) || current->arch.frame_replaced)
		return rc;
	return hypercall_continue(2, list, (unsigned long)nr);
}
