/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of a domain's ports: allocation, closing, reset. */
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/pirq.h>
#include <hv/sched.h>
#include <x86/current.h>
#include <x86/processor.h>
#include "evtchn.h"

static struct evtchn *new_bucket(void)
{
	struct evtchn *e = alloc_hv_page();

	for (unsigned int i = 0; e && i < PORTS_PER_BUCKET; i++)
		spin_init(&e[i].lock, LOCK_PORT);
	return e;
}

/* The bucket that port @valid is the first of. */
static int grow(struct evtchn_table *t)
{
	struct evtchn ***group = &t->group[t->valid / PORTS_PER_GROUP];
	struct evtchn *bucket;

	if (!*group && t->valid && !(*group = alloc_hv_page()))
		return -ENOMEM;
	bucket = new_bucket();
	if (!bucket)
		return -ENOMEM;
	if (!t->valid)
		t->first = bucket;
	else
		(*group)[t->valid / PORTS_PER_BUCKET % BUCKETS_PER_GROUP] = bucket;
	smp_wmb();
	WRITE_ONCE(t->valid, t->valid + PORTS_PER_BUCKET);
	return 0;
}

noinline_fn int port_alloc_slow(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;
	u32 port = t->free_hint;
	int rc;

	if (d->dying)
		return -EINVAL;
	if (port < t->limit && test_bit(port, t->used))
		port = find_next_zero_bit(t->used, t->limit, port);
	if (port >= t->limit) {
		t->free_hint = port;
		printk(LOG_G_INFO "d%u: all %u event channels are in use (max_event_channels)\n", d->id, t->limit - 1);
		return -ENOSPC;
	}
	while (port >= t->valid)
		if ((rc = grow(t)) != 0)
			return rc;
	port_take(d, t, port);
	return (int)port;
}

static inline void port_free_fast(struct domain *d, struct evtchn *e, u32 port)
{
	struct evtchn_table *t = d->evtchn;

	/* A new owner of the number must not see an old event. */
	ABI_CALL(t->abi, clear_pending, d, port);
	e->state = PORT_FREE;
	e->vcpu = 0;
	WRITE_ONCE(e->pending, 0);
	e->u.remote.d = NULL;
	__clear_bit(port, t->used);
	if (port < t->free_hint)
		t->free_hint = port;
}

void port_free(struct domain *d, u32 port)
{
	port_free_fast(d, port_of(d->evtchn, port), port);
}

/* The other end of a pair, seen under @d's lock: with a reference and both event locks held; NULL: try again. */
static struct domain *lock_peer(struct domain *d, struct domain *peer)
{
	if (peer == d)
		return d;
	if (!domain_try_get(peer)) {
		/* It is on its last way and closes its end itself. */
		spin_unlock(&d->event_lock);
		cpu_relax();
		spin_lock(&d->event_lock);
		return NULL;
	}
	if (d->id < peer->id) {
		spin_lock_nested(&peer->event_lock);
		return peer;
	}
	/* Lower id first: what was seen must be looked at again. */
	spin_unlock(&d->event_lock);
	spin_lock(&peer->event_lock);
	spin_lock_nested(&d->event_lock);
	return peer;
}

static void unlock_peer(struct domain *d, struct domain *peer)
{
	if (peer == d)
		return;
	spin_unlock(&peer->event_lock);
	domain_put(peer);
}

/* Both ports' locks, lower address first. */
static void lock_ports(struct evtchn *a, struct evtchn *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		spin_lock_nested(a < b ? &b->lock : &a->lock);
}

static void unlock_ports(struct evtchn *a, struct evtchn *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Event lock of @d held. false: locks were dropped, look again. */
static bool close_pair(struct domain *d, struct evtchn *e, u32 port)
{
	struct domain *seen = e->u.remote.d, *peer = lock_peer(d, seen);
	struct evtchn *other;

	if (!peer)
		return false;
	if (e->state != PORT_INTERDOMAIN || e->u.remote.d != seen) {
		unlock_peer(d, peer);
		return false;
	}
	other = port_of(peer->evtchn, e->u.remote.port);
	ASSERT_CHEAP(other->state == PORT_INTERDOMAIN && other->u.remote.d == d);
	lock_ports(e, other);
	other->state = PORT_UNBOUND;
	other->u.remote.d = NULL;
	other->u.remote_domid = d->id;
	port_free(d, port);
	unlock_ports(e, other);
	unlock_peer(d, peer);
	return true;
}

static void let_go_of_pirq(struct domain *d, const struct evtchn *e)
{
	struct pirq *p = pirq_info(d, e->u.pirq);

	if (p) {
		pirq_guest_unbind(d, p);
		p->evtchn = 0;
	}
}

/* Event lock held; what is bound to the port lets go of it first, so that nobody raises it any more. */
static noinline_fn int close_bound(struct domain *d, struct evtchn *e, u32 port)
{
	do {
		if (e->state <= PORT_RESERVED)
			return -EINVAL;
		if (e->state == PORT_INTERDOMAIN) {
			if (close_pair(d, e, port))
				return 0;
			continue;
		}
		if (e->state == PORT_PIRQ)
			let_go_of_pirq(d, e);
		else if (e->state == PORT_VIRQ)
			evtchn_unbind_virq(d, e->u.virq, port);
		spin_lock(&e->lock);
		port_free(d, port);
		spin_unlock(&e->lock);
		return 0;
	} while (true);
}

int evtchn_close(struct domain *d, u32 port)
{
	struct evtchn *e;
	int rc = 0;

	if (unlikely(!port_valid(d->evtchn, port)))
		return -EINVAL;
	e = port_of(d->evtchn, port);
	spin_lock(&d->event_lock);
	if (likely(e->state == PORT_UNBOUND)) {
		spin_lock(&e->lock);
		port_free_fast(d, e, port);
		spin_unlock(&e->lock);
	} else {
		rc = close_bound(d, e, port);
	}
	spin_unlock(&d->event_lock);
	return rc;
}

int evtchn_init(struct domain *d, unsigned int max_port)
{
	struct evtchn_table *t = hv_new(struct evtchn_table);
	int rc;

	if (!t)
		return -ENOMEM;
	spin_init(&d->event_lock, LOCK_EVTCHN);
	t->abi = &evtchn_2l_abi;
	t->max_port = min(max_port, (unsigned int)EVTCHN_FIFO_NR_CHANNELS - 1);
	t->limit = min(t->max_port + 1, t->abi->max_ports);
	t->used = hv_new_array(unsigned long, BITS_TO_LONGS(t->max_port + 1));
	rc = t->used ? grow(t) : -ENOMEM;
	if (rc) {
		hv_free(t->used);
		hv_free(t);
		return rc;
	}
	/* Port 0 is never given out: 0 means none in many places of the ABI. */
	t->first[0].state = PORT_RESERVED;
	__set_bit(0, t->used);
	t->free_hint = 1;
	d->evtchn = t;
	return 0;
}

/* Closes what is open from the cursor on. -ERESTART: call again. */
static int close_ports(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;

	for (u32 port = max(t->close_cursor, 1U); port_valid(t, port); port++) {
		if (READ_ONCE(port_of(t, port)->state) > PORT_RESERVED)
			(void)evtchn_close(d, port);
		if (!(port % 64) && hypercall_preempt_check()) {
			t->close_cursor = port + 1;
			return -ERESTART;
		}
	}
	t->close_cursor = 0;
	return 0;
}

int evtchn_close_all(struct domain *d)
{
	int rc = close_ports(d);

	if (rc)
		return rc;
	evtchn_forget_global_virqs(d);
	/* Guest pages that we write to belong to a domain that gives them back now. */
	spin_lock(&d->event_lock);
	evtchn_fifo_destroy(d);
	spin_unlock(&d->event_lock);
	return 0;
}

void evtchn_free(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;

	if (!t)
		return;
	evtchn_fifo_destroy(d);
	for (u32 port = PORTS_PER_BUCKET; port < t->valid; port += PORTS_PER_BUCKET)
		free_hv_page(t->group[port / PORTS_PER_GROUP][port / PORTS_PER_BUCKET % BUCKETS_PER_GROUP]);
	for (unsigned int i = 0; i < MAX_GROUPS; i++)
		if (t->group[i])
			free_hv_page(t->group[i]);
	free_hv_page(t->first);
	hv_free(t->used);
	hv_free(t);
	d->evtchn = NULL;
}

int evtchn_reset(struct domain *d, bool resuming)
{
	struct evtchn_table *t = d->evtchn;

	/* Somebody else's ports must not come back while they go. */
	if (d != current->domain && !d->controller_pause_count)
		return -EINVAL;
	/* Only a reset that is under way can be gone on with: a guest may ask for it out of the blue. */
	if (resuming && !t->close_cursor)
		return -EBUSY;
	if (!resuming)
		t->close_cursor = 0;
	if (close_ports(d))
		return -ERESTART;
	spin_lock(&d->event_lock);
	/* Ports that others opened meanwhile need the array. */
	if (find_next_bit(t->used, t->max_port + 1, 1) > t->max_port)
		evtchn_fifo_destroy(d);
	spin_unlock(&d->event_lock);
	return 0;
}

bool evtchn_usable_port(struct domain *d, evtchn_port_t port)
{
	return port_valid(d->evtchn, port) && READ_ONCE(port_of(d->evtchn, port)->state) > PORT_RESERVED;
}

bool evtchn_port_is_pending(struct domain *d, evtchn_port_t port)
{
	const struct evtchn_abi *abi;
	struct evtchn *e;
	bool pending;

	if (!port_valid(d->evtchn, port))
		return false;
	/* The lock keeps the ABI's tables in place: a port that was closed meanwhile does not, see evtchn_fifo_destroy(). */
	e = port_of(d->evtchn, port);
	spin_lock(&e->lock);
	abi = READ_ONCE(d->evtchn->abi);
	pending = port < abi->max_ports && abi->is_pending(d, port);
	spin_unlock(&e->lock);
	return pending;
}

unsigned int evtchn_port_cpu(const struct domain *d, evtchn_port_t port)
{
	const struct vcpu *v = port && port_valid(d->evtchn, port) ?
			       domain_vcpu(d, READ_ONCE(port_of(d->evtchn, port)->vcpu)) : NULL;

	return v ? READ_ONCE(v->processor) : NR_CPUS;
}
