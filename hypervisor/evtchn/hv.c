/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports of a guest whose other half is the hypervisor itself. */
#include "evtchn.h"

typedef void evtchn_notify_fn(struct vcpu *v, unsigned int port);

/* Functions are few and never go away; evtchn.consumer is the index plus one. */
static evtchn_notify_fn *consumers[8];
static spinlock_t consumers_lock = SPINLOCK_INIT(LOCK_LEAF);

static u8 consumer_code(evtchn_notify_fn *fn)
{
	u8 code = 0;

	spin_lock(&consumers_lock);
	for (u8 i = 0; !code && i < ARRAY_SIZE(consumers); i++) {
		if (!consumers[i])
			consumers[i] = fn;
		if (consumers[i] == fn)
			code = (u8)(i + 1);
	}
	spin_unlock(&consumers_lock);
	BUG_ON(!code);
	return code;
}

void evtchn_consume(struct domain *d, const struct evtchn *e, u32 port)
{
	consumers[e->consumer - 1](d->vcpu[e->vcpu], port);
}

int alloc_hv_evtchn(struct domain *d, unsigned int vcpu, domid_t remote, evtchn_notify_fn *notify)
{
	struct evtchn *e;
	int port;

	spin_lock(&d->event_lock);
	port = port_alloc(d);
	if (port > 0) {
		e = port_of(d->evtchn, (u32)port);
		spin_lock(&e->lock);
		e->state = PORT_UNBOUND;
		e->consumer = consumer_code(notify);
		e->vcpu = (u16)vcpu;
		e->u.remote_domid = remote;
		spin_unlock(&e->lock);
	}
	spin_unlock(&d->event_lock);
	return port;
}

void free_hv_evtchn(struct domain *d, int port)
{
	(void)evtchn_close(d, (u32)port, false);
}

void notify_via_hv_evtchn(struct domain *d, int port)
{
	struct evtchn *e;

	if (!port_valid(d->evtchn, (u32)port))
		return;
	e = port_of(d->evtchn, (u32)port);
	spin_lock(&e->lock);
	if (e->state == PORT_INTERDOMAIN) {
		u32 rport = e->u.remote.port;

		port_raise(e->u.remote.d, port_of(e->u.remote.d->evtchn, rport), rport);
	}
	spin_unlock(&e->lock);
}
