// SPDX-License-Identifier: GPL-2.0-only
/* The forms that guests older than 3.2 use: one argument block with the command inside. */
#include <hv/domain.h>
#include <hv/event.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <public/event_channel.h>
#include <public/physdev.h>
#include <public/sched.h>
#include <x86/current.h>

/* Commands that already existed then; later ones need the new form. */
long do_event_channel_op_compat(unsigned long arg)
{
	u32 cmd;

	if (!arg_read(&cmd, arg))
		return -EFAULT;
	switch (cmd) {
	case EVTCHNOP_bind_interdomain:
	case EVTCHNOP_bind_virq:
	case EVTCHNOP_bind_pirq:
	case EVTCHNOP_close:
	case EVTCHNOP_send:
	case EVTCHNOP_status:
	case EVTCHNOP_alloc_unbound:
	case EVTCHNOP_bind_ipi:
	case EVTCHNOP_bind_vcpu:
	case EVTCHNOP_unmask:
		return do_event_channel_op((int)cmd, arg + offsetof(struct evtchn_op, u));
	default:
		return -ENOSYS;
	}
}

long do_physdev_op_compat(unsigned long arg)
{
	u32 cmd;

	if (!arg_read(&cmd, arg))
		return -EFAULT;
	switch (cmd) {
	case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
		return pirq_guest_unmask(current->domain);
	case PHYSDEVOP_irq_status_query:
	case PHYSDEVOP_set_iopl:
	case PHYSDEVOP_set_iobitmap:
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
		return do_physdev_op((int)cmd, arg + offsetof(struct physdev_op, u));
	default:
		return -ENOSYS;
	}
}

/* Yield and block had no argument, shutdown took the reason as it is. */
long do_sched_op_compat(int cmd, unsigned long arg)
{
	switch (cmd) {
	case SCHEDOP_yield:
	case SCHEDOP_block:
		return do_sched_op(cmd, 0);
	case SCHEDOP_shutdown:
		return domain_shutdown(current->domain, (u8)arg);
	default:
		return -ENOSYS;
	}
}
