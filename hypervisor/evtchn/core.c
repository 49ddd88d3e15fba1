/* SPDX-License-Identifier: GPL-2.0-only */
/* event_channel_op, sending, and the debug key. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/keyhandler.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <x86/current.h>
#include "evtchn.h"

void vcpu_mark_events_pending(struct vcpu *v)
{
	if (!xchg(&READ_ONCE(v->vcpu_info)->evtchn_upcall_pending, 1))
		vcpu_kick(v);
}

static always_inline long send_from(struct domain *d, u32 port)
{
	struct evtchn *e;
	long rc = 0;

	if (unlikely(!port_valid(d->evtchn, port)))
		return -EINVAL;
	e = port_of(d->evtchn, port);
	spin_lock(&e->lock);
	if (likely(e->state == PORT_INTERDOMAIN)) {
		struct domain *rd = e->u.remote.d;
		u32 rport = e->u.remote.port;

		port_raise(rd, port_of(rd->evtchn, rport), rport);
	} else if (e->state == PORT_IPI) {
		port_raise(d, e, port);
	} else if (e->state != PORT_UNBOUND) {
		rc = -EINVAL;
	}
	spin_unlock(&e->lock);
	return rc;
}

static long send(u32 port)
{
	return send_from(current->domain, port);
}

void notify_other_end(struct domain *d, u32 port)
{
	(void)send_from(d, port);
}

static long unmask(struct domain *d, u32 port)
{
	const struct evtchn_abi *abi;
	struct evtchn *e;
	long rc = 0;

	if (!port_valid(d->evtchn, port))
		return -EINVAL;
	/* ABI: whatever the port's state. Its number may be one that only the FIFO ABI had, before a reset. */
	e = port_of(d->evtchn, port);
	spin_lock(&e->lock);
	abi = READ_ONCE(d->evtchn->abi);
	if (likely(port < abi->max_ports))
		ABI_CALL(abi, unmask, d, e, port);
	else
		rc = -EINVAL;
	spin_unlock(&e->lock);
	return rc;
}

void evtchn_unmask_port(struct domain *d, evtchn_port_t port)
{
	(void)unmask(d, port);
}

static long set_priority(const struct evtchn_set_priority *op)
{
	struct domain *d = current->domain;
	struct evtchn *e;
	long rc;

	spin_lock(&d->event_lock);
	if (!port_valid(d->evtchn, op->port)) {
		rc = -EINVAL;
	} else if (!d->evtchn->abi->set_priority) {
		rc = -ENOSYS;
	} else if (READ_ONCE(port_of(d->evtchn, op->port)->state) <= PORT_RESERVED) {
		rc = -EACCES;		/* nobody's port yet */
	} else {
		e = port_of(d->evtchn, op->port);
		spin_lock(&e->lock);
		rc = d->evtchn->abi->set_priority(e, op->priority);
		spin_unlock(&e->lock);
	}
	spin_unlock(&d->event_lock);
	return rc;
}

static long reset(int cmd, unsigned long arg)
{
	struct evtchn_reset op;
	struct domain *d;
	long rc = 0;

	if (!arg_read(&op, arg))
		return -EFAULT;
	d = evtchn_target(op.dom, &rc);
	if (!d)
		return rc;
	rc = evtchn_reset(d, cmd == EVTCHNOP_reset_cont);
	if (d != current->domain)
		domain_put(d);
	return rc == -ERESTART ? hypercall_continue(2, (unsigned long)EVTCHNOP_reset_cont, arg) : rc;
}

void send_guest_pirq(struct domain *d, struct pirq *p)
{
	u32 port = READ_ONCE(p->evtchn);

	/* No lock: closing the port unbinds the interrupt first, and waits for handlers that run. */
	if (port)
		port_raise(d, port_of(d->evtchn, port), port);
}

/* Operations that only read their argument, and those that answer in it. */
#define OP_IN(type, call) { \
	struct type op; \
	return arg_read(&op, arg) ? call : -EFAULT; }
#define OP_INOUT(type, call) { \
	struct type op; \
	long rc; \
	if (!arg_read(&op, arg)) \
		return -EFAULT; \
	rc = call; \
	return !rc && !arg_write(arg, &op) ? -EFAULT : rc; }

static long op_alloc_unbound(unsigned long arg) OP_INOUT(evtchn_alloc_unbound, evtchn_alloc_unbound(&op))
static long op_bind_interdomain(unsigned long arg) OP_INOUT(evtchn_bind_interdomain, evtchn_bind_interdomain(&op))
static long op_bind_virq(unsigned long arg) OP_INOUT(evtchn_bind_virq, evtchn_bind_virq(&op))
static long op_bind_ipi(unsigned long arg) OP_INOUT(evtchn_bind_ipi, evtchn_bind_ipi(&op))
static long op_bind_pirq(unsigned long arg) OP_INOUT(evtchn_bind_pirq, evtchn_bind_pirq(&op))
static long op_status(unsigned long arg) OP_INOUT(evtchn_status, evtchn_status(&op))
static long op_init_control(unsigned long arg) OP_INOUT(evtchn_init_control, evtchn_fifo_init_control(&op))
static long op_close(unsigned long arg) OP_IN(evtchn_close, evtchn_close(current->domain, op.port))
static long op_send(unsigned long arg) OP_IN(evtchn_send, send(op.port))
static long op_unmask(unsigned long arg) OP_IN(evtchn_unmask, unmask(current->domain, op.port))
static long op_bind_vcpu(unsigned long arg) OP_IN(evtchn_bind_vcpu, evtchn_bind_vcpu(&op))
static long op_expand_array(unsigned long arg) OP_IN(evtchn_expand_array, evtchn_fifo_expand_array(&op))
static long op_set_priority(unsigned long arg) OP_IN(evtchn_set_priority, set_priority(&op))

long do_event_channel_op(int cmd, unsigned long arg)
{
	if (likely(cmd == EVTCHNOP_send))
		return op_send(arg);
	switch (cmd) {
	case EVTCHNOP_unmask:
		return op_unmask(arg);
	case EVTCHNOP_status:
		return op_status(arg);
	case EVTCHNOP_alloc_unbound:
		return op_alloc_unbound(arg);
	case EVTCHNOP_close:
		return op_close(arg);
	case EVTCHNOP_bind_interdomain:
		return op_bind_interdomain(arg);
	case EVTCHNOP_bind_virq:
		return op_bind_virq(arg);
	case EVTCHNOP_bind_ipi:
		return op_bind_ipi(arg);
	case EVTCHNOP_bind_pirq:
		return op_bind_pirq(arg);
	case EVTCHNOP_bind_vcpu:
		return op_bind_vcpu(arg);
	case EVTCHNOP_reset:
	case EVTCHNOP_reset_cont:
		return reset(cmd, arg);
	case EVTCHNOP_init_control:
		return op_init_control(arg);
	case EVTCHNOP_expand_array:
		return op_expand_array(arg);
	case EVTCHNOP_set_priority:
		return op_set_priority(arg);
	default:
		return -ENOSYS;
	}
}

static void dump_port(const struct domain *d, const struct evtchn *e, u32 port)
{
	static const char *const names[] = { "free", "reserved", "unbound", "interdomain", "pirq", "virq", "ipi" };

	printk("  %4u [%u/%u] %s vcpu %u prio %u", port, d->evtchn->abi->is_pending(d, port),
	       d->evtchn->abi->is_masked(d, port), names[e->state], e->vcpu, e->priority);
	switch (e->state) {
	case PORT_UNBOUND:
		printk(" for d%u", e->u.remote_domid);
		break;
	case PORT_INTERDOMAIN:
		printk(" d%u port %u", e->u.remote.d->id, e->u.remote.port);
		break;
	case PORT_PIRQ:
	case PORT_VIRQ:
		printk(" %u", e->u.virq);
		break;
	default:
		break;
	}
	if (d->evtchn->fifo)
		evtchn_fifo_dump(d, port);
	printk("\n");
}

void evtchn_dump(struct domain *d)
{
	printk("Event channels of d%u (port [pending/masked]), %s:\n", d->id, d->evtchn->fifo ? "FIFO" : "2-level");
	spin_lock(&d->event_lock);
	for (u32 port = 1; port < d->evtchn->valid; port++) {
		struct evtchn *e = port_of(d->evtchn, port);

		if (e->state > PORT_RESERVED)
			dump_port(d, e, port);
	}
	spin_unlock(&d->event_lock);
}

static void dump_all(unsigned char key, struct cpu_user_regs *regs)
{
	struct domain *d;

	for (domid_t id = 0; (d = domain_get_from(id)) != NULL;) {
		if (d->evtchn)
			evtchn_dump(d);
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
}

void evtchn_keys_init(void)
{
	register_keyhandler('e', dump_all, "event channels", false);
}
