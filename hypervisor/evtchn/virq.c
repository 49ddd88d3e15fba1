/* SPDX-License-Identifier: GPL-2.0-only */
/* Virtual interrupts: per vCPU, per domain, and those that one domain of the machine receives. */
#include <x86/current.h>
#include "evtchn.h"

/* Receivers that were named for machine-wide VIRQs; NULL: the hardware domain. Referenced. */
static struct domain *global_receiver[NR_VIRQS];
static spinlock_t global_lock = SPINLOCK_INIT(LOCK_EVTCHN);	/* irqsave */

static bool virq_is_global(u32 virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF && virq != VIRQ_XENPMU;
}

long evtchn_bind_virq(struct evtchn_bind_virq *op)
{
	struct domain *d = current->domain;
	struct evtchn *e;
	struct vcpu *v;
	unsigned long flags;
	int port;

	if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu != 0))
		return -EINVAL;
	v = domain_vcpu(d, op->vcpu);
	if (!v)
		return -ENOENT;
	spin_lock(&d->event_lock);
	port = v->virq_to_evtchn[op->virq] ? -EEXIST : port_alloc(d);
	if (port > 0) {
		e = port_of(d->evtchn, (u32)port);
		spin_lock(&e->lock);
		e->state = PORT_VIRQ;
		e->vcpu = (u16)v->id;
		e->u.virq = op->virq;
		spin_unlock(&e->lock);
		/* Published last: from here on it is sent. */
		flags = spin_lock_irqsave(&v->virq_lock);
		v->virq_to_evtchn[op->virq] = (u32)port;
		spin_unlock_irqrestore(&v->virq_lock, flags);
		op->port = (u32)port;
	}
	spin_unlock(&d->event_lock);
	return port > 0 ? 0 : port;
}

/* Event lock held. On return nobody sends to @port any more. */
void evtchn_unbind_virq(struct domain *d, u32 virq, u32 port)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		unsigned long flags;

		if (v->virq_to_evtchn[virq] != port)
			continue;
		flags = spin_lock_irqsave(&v->virq_lock);
		v->virq_to_evtchn[virq] = 0;
		spin_unlock_irqrestore(&v->virq_lock, flags);
	}
}

/* The VIRQ that @v holds the binding of; goes to the vCPU that the port is directed at. */
static void send_virq(struct vcpu *v, u32 virq)
{
	struct domain *d = v->domain;
	unsigned long flags;
	u32 port;

	if (!READ_ONCE(v->virq_to_evtchn[virq]))
		return;
	flags = spin_lock_irqsave(&v->virq_lock);
	port = v->virq_to_evtchn[virq];
	if (likely(port))
		port_raise(d, port_of(d->evtchn, port), port);
	spin_unlock_irqrestore(&v->virq_lock, flags);
}

void send_guest_vcpu_virq(struct vcpu *v, u32 virq)
{
	ASSERT(!virq_is_global(virq));
	send_virq(v, virq);
}

void send_guest_global_virq(struct domain *d, u32 virq)
{
	struct vcpu *v = d ? domain_vcpu(d, 0) : NULL;

	ASSERT(virq_is_global(virq));
	if (v)
		send_virq(v, virq);
}

void send_global_virq(u32 virq)
{
	unsigned long flags = spin_lock_irqsave(&global_lock);
	struct domain *d = global_receiver[virq] ? global_receiver[virq] : hardware_domain;

	send_guest_global_virq(d, virq);
	spin_unlock_irqrestore(&global_lock, flags);
}

static struct domain *replace_receiver(u32 virq, struct domain *d)
{
	unsigned long flags = spin_lock_irqsave(&global_lock);
	struct domain *old = global_receiver[virq];

	global_receiver[virq] = d;
	spin_unlock_irqrestore(&global_lock, flags);
	return old;
}

int set_global_virq_handler(struct domain *d, u32 virq)
{
	struct domain *old;

	if (virq >= NR_VIRQS || !virq_is_global(virq))
		return -EINVAL;
	/* One that dies has been forgotten already, and would be kept by this. */
	if (d->dying || !domain_try_get(d))
		return -EINVAL;
	old = replace_receiver(virq, d);
	if (old)
		domain_put(old);
	return 0;
}

void evtchn_forget_global_virqs(struct domain *d)
{
	for (u32 virq = 0; virq < NR_VIRQS; virq++)
		if (READ_ONCE(global_receiver[virq]) == d && replace_receiver(virq, NULL) == d)
			domain_put(d);
}
