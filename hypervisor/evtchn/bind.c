/* SPDX-License-Identifier: GPL-2.0-only */
/* Operations that bind ports, and what they are bound to. */
#include <hv/pirq.h>
#include <x86/current.h>
#include "evtchn.h"

noinline_fn struct domain *evtchn_other_target(domid_t id, long *rc)
{
	struct domain *me = current->domain, *d;

	if (id == me->id)
		return me;
	d = domain_get(id);
	if (!d) {
		*rc = -ESRCH;
	} else if (!me->is_privileged) {
		domain_put(d);
		d = NULL;
		*rc = -EPERM;
	}
	return d;
}

static void target_put(struct domain *d)
{
	if (d != current->domain)
		domain_put(d);
}

static always_inline long alloc_unbound_in(struct domain *d, struct evtchn_alloc_unbound *op)
{
	struct evtchn *e;
	int port;

	spin_lock(&d->event_lock);
	port = port_alloc(d);
	if (likely(port > 0)) {
		op->port = (u32)port;
		e = port_of(d->evtchn, op->port);
		e->u.remote_domid = op->remote_dom == DOMID_SELF ? current->domain->id : op->remote_dom;
		/* Nobody looks at a reserved port; the state makes it visible. */
		__atomic_store_n(&e->state, PORT_UNBOUND, __ATOMIC_RELEASE);
	}
	spin_unlock(&d->event_lock);
	return port > 0 ? 0 : port;
}

long evtchn_alloc_unbound(struct evtchn_alloc_unbound *op)
{
	struct domain *d;
	long rc = 0;

	if (likely(op->dom == DOMID_SELF))
		return alloc_unbound_in(current->domain, op);
	d = evtchn_other_target(op->dom, &rc);
	if (!d)
		return rc;
	rc = alloc_unbound_in(d, op);
	target_put(d);
	return rc;
}

/* Two event locks: lower id first. */
static void lock_both(struct domain *a, struct domain *b)
{
	spin_lock(a->id < b->id ? &a->event_lock : &b->event_lock);
	if (a != b)
		spin_lock_nested(a->id < b->id ? &b->event_lock : &a->event_lock);
}

static void unlock_both(struct domain *a, struct domain *b)
{
	spin_unlock(&a->event_lock);
	if (a != b)
		spin_unlock(&b->event_lock);
}

/* Both event locks held, everything checked. */
static void join(struct domain *ld, u32 lport, struct domain *rd, u32 rport)
{
	struct evtchn *l = port_of(ld->evtchn, lport), *r = port_of(rd->evtchn, rport);

	spin_lock(l < r ? &l->lock : &r->lock);
	spin_lock_nested(l < r ? &r->lock : &l->lock);
	l->u.remote.d = rd;
	l->u.remote.port = rport;
	l->state = PORT_INTERDOMAIN;
	r->u.remote.d = ld;
	r->u.remote.port = lport;
	r->state = PORT_INTERDOMAIN;
	/* The other side may have sent while nobody was there. */
	port_raise(ld, l, lport);
	spin_unlock(&l->lock);
	spin_unlock(&r->lock);
}

long evtchn_bind_interdomain(struct evtchn_bind_interdomain *op)
{
	struct domain *ld = current->domain, *rd;
	const struct evtchn *r;
	long rc = -EINVAL;

	rd = op->remote_dom == DOMID_SELF ? ld : domain_get(op->remote_dom);
	if (!rd)
		return -ESRCH;
	lock_both(ld, rd);
	if (port_valid(rd->evtchn, op->remote_port)) {
		r = port_of(rd->evtchn, op->remote_port);
		if (r->state == PORT_UNBOUND && r->u.remote_domid == ld->id && !rd->dying)
			rc = port_alloc(ld);
	}
	if (rc > 0) {
		op->local_port = (u32)rc;
		join(ld, op->local_port, rd, op->remote_port);
		rc = 0;
	}
	unlock_both(ld, rd);
	if (op->remote_dom != DOMID_SELF)
		domain_put(rd);
	return rc;
}

long evtchn_bind_ipi(struct evtchn_bind_ipi *op)
{
	struct domain *d = current->domain;
	struct evtchn *e;
	int port;

	if (!domain_vcpu(d, op->vcpu))
		return -ENOENT;
	spin_lock(&d->event_lock);
	port = port_alloc(d);
	if (port > 0) {
		e = port_of(d->evtchn, (u32)port);
		spin_lock(&e->lock);
		e->vcpu = (u16)op->vcpu;
		e->state = PORT_IPI;
		spin_unlock(&e->lock);
		op->port = (u32)port;
	}
	spin_unlock(&d->event_lock);
	return port > 0 ? 0 : port;
}

/* Event lock held. Port and interrupt know each other before the first interrupt can come. */
static long bind_pirq_locked(struct domain *d, struct pirq *p, bool share, evtchn_port_t *out)
{
	struct evtchn *e;
	int port, rc;

	if (p->evtchn)
		return -EEXIST;
	port = port_alloc(d);
	if (port < 0)
		return port;
	e = port_of(d->evtchn, (u32)port);
	p->evtchn = (u32)port;
	rc = pirq_guest_bind(d->vcpu[0], p, share);
	spin_lock(&e->lock);
	if (rc) {
		p->evtchn = 0;
		port_free(d, (u32)port);
	} else {
		e->u.pirq = p->pirq;
		e->state = PORT_PIRQ;
		*out = (u32)port;
	}
	spin_unlock(&e->lock);
	return rc;
}

long evtchn_bind_pirq(struct evtchn_bind_pirq *op)
{
	struct domain *d = current->domain;
	struct pirq *p;
	long rc;

	if (op->pirq >= d->nr_pirqs)
		return -EINVAL;
	spin_lock(&d->event_lock);
	/* Others than the hardware domain only have what was mapped for them. */
	p = d->is_hardware ? pirq_get_or_alloc(d, op->pirq) : pirq_info(d, op->pirq);
	if (!p)
		rc = d->is_hardware ? -ENOMEM : -EPERM;
	else
		rc = bind_pirq_locked(d, p, op->flags & BIND_PIRQ__WILL_SHARE, &op->port);
	spin_unlock(&d->event_lock);
	return rc;
}

static bool may_move(const struct evtchn *e)
{
	switch (e->state) {
	case PORT_VIRQ:
		/* Per-vCPU interrupts belong to their vCPU. */
		return e->u.virq != VIRQ_TIMER && e->u.virq != VIRQ_DEBUG && e->u.virq != VIRQ_XENOPROF &&
		       e->u.virq != VIRQ_XENPMU;
	case PORT_UNBOUND:
	case PORT_INTERDOMAIN:
	case PORT_PIRQ:
		return true;
	default:
		return false;
	}
}

long evtchn_bind_vcpu(const struct evtchn_bind_vcpu *op)
{
	struct domain *d = current->domain;
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	struct evtchn *e;
	long rc = -EINVAL;

	if (!v)
		return -ENOENT;
	if (!port_valid(d->evtchn, op->port))
		return -EINVAL;
	e = port_of(d->evtchn, op->port);
	spin_lock(&d->event_lock);
	spin_lock(&e->lock);
	if (may_move(e)) {
		WRITE_ONCE(e->vcpu, (u16)v->id);
		rc = 0;
	}
	spin_unlock(&e->lock);
	if (!rc && e->state == PORT_PIRQ)
		pirq_set_affinity(d, e->u.pirq, v);
	spin_unlock(&d->event_lock);
	return rc;
}

static void describe(const struct evtchn *e, struct evtchn_status *op)
{
	op->vcpu = e->vcpu;
	switch (e->state) {
	case PORT_UNBOUND:
		op->status = EVTCHNSTAT_unbound;
		op->u.unbound.dom = e->u.remote_domid;
		break;
	case PORT_INTERDOMAIN:
		op->status = EVTCHNSTAT_interdomain;
		op->u.interdomain.dom = e->u.remote.d->id;
		op->u.interdomain.port = e->u.remote.port;
		break;
	case PORT_PIRQ:
		op->status = EVTCHNSTAT_pirq;
		op->u.pirq = e->u.pirq;
		break;
	case PORT_VIRQ:
		op->status = EVTCHNSTAT_virq;
		op->u.virq = e->u.virq;
		break;
	case PORT_IPI:
		op->status = EVTCHNSTAT_ipi;
		break;
	default:
		op->status = EVTCHNSTAT_closed;
		break;
	}
}

static always_inline long status_of(struct domain *d, struct evtchn_status *op)
{
	struct evtchn *e;

	if (unlikely(!port_valid(d->evtchn, op->port)))
		return -EINVAL;
	e = port_of(d->evtchn, op->port);
	spin_lock(&e->lock);
	describe(e, op);
	spin_unlock(&e->lock);
	return 0;
}

long evtchn_status(struct evtchn_status *op)
{
	struct domain *d;
	long rc = 0;

	if (likely(op->dom == DOMID_SELF))
		return status_of(current->domain, op);
	d = evtchn_other_target(op->dom, &rc);
	if (!d)
		return rc;
	rc = status_of(d, op);
	target_put(d);
	return rc;
}
