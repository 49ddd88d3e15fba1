// SPDX-License-Identifier: GPL-2.0-only
#include "domain.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/grant_table.h>
#include <xen/xen.h>

#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/xen.h"
#include "domain_priv.h"
#include "journal.h"
#include "own_ring.h"
#include "ring.h"

static struct store *the_store;
static struct domain *notify_list;
static int deaths_port = -1;
static struct source evtchn_source;

static struct domain *domain_of(struct conn *c)
{
	return (struct domain *)((char *)c - offsetof(struct domain, conn));
}

struct domain *domain_find(struct store *s, uint32_t domid)
{
	struct dom *d = dom_find(s, domid);

	return d ? d->link : NULL;
}

uint32_t domid_of(const struct domain *d)
{
	return d->conn.client.dom->domid;
}

void domain_tell(struct domain *d)
{
	if (d->notify)
		return;
	d->notify = true;
	d->next_notify = notify_list;
	notify_list = d;
}

void domain_round_end(void)
{
	while (notify_list) {
		struct domain *d = notify_list;

		notify_list = d->next_notify;
		d->notify = false;
		if (d->port)
			xen_notify((uint32_t)d->port);
	}
}

static void ring_bad(struct conn *c, uint32_t why)
{
	struct domain *d = domain_of(c);

	if (c->ignored)
		return;
	c->ignored = true;
	if (!journal_recall(JOURNAL_BAD, c->id, &why, sizeof(why)))
		journal_note(JOURNAL_BAD, c->id, &why, sizeof(why));
	if (!d->ring)
		return;
	log_line("domain %u: its ring is ignored from now on: %s", domid_of(d),
		 why == XENSTORE_ERROR_RINGIDX ? "bad ring indices" : "protocol broken");
	ring_set_error(d->ring, why);
	domain_tell(d);
}

static long dom_read(struct conn *c, void *buf, size_t len)
{
	struct domain *d = domain_of(c);
	long n = ring_copy(d->ring, buf, len);

	if (n < 0) {
		ring_bad(c, XENSTORE_ERROR_RINGIDX);
		return 0;
	}
	if (!n)
		return 0;
	/* From the moment that they are taken the guest may write over them. */
	journal_note(JOURNAL_INPUT, c->id, buf, (size_t)n);
	ring_take(d->ring, (size_t)n);
	domain_tell(d); /* there is room for requests again */
	return n;
}

static long write_parts(struct domain *d, const struct iovec *v, int count)
{
	long sum = 0;

	for (int i = 0; i < count; i++) {
		long n = ring_write(d->ring, v[i].iov_base, v[i].iov_len);

		if (n < 0) {
			ring_bad(&d->conn, XENSTORE_ERROR_RINGIDX);
			return 0;
		}
		sum += n;
		if ((size_t)n < v[i].iov_len)
			break;
	}
	return sum;
}

static long dom_write(struct conn *c, const struct iovec *v, int count)
{
	struct domain *d = domain_of(c);
	int32_t sent = (int32_t)write_parts(d, v, count);

	/* Should we not come to noting it, the ring says how far it came. */
	journal_note(JOURNAL_SENT, c->id, &sent, sizeof(sent));
	if (sent)
		domain_tell(d);
	return sent;
}

static bool dom_ready(struct conn *c)
{
	return ring_has_input(domain_of(c)->ring);
}

/* The guest sends an event when it has taken replies. */
static void dom_want_write(struct conn *c, bool on)
{
}

/* Only want of memory kills a ring's connection; the domain stays, unheard. */
static void dom_close(struct conn *c)
{
	c->dead = false;
	ring_bad(c, XENSTORE_ERROR_COMM);
}

static const struct conn_ops dom_ops = {
	.read = dom_read,
	.write = dom_write,
	.ready = dom_ready,
	.want_write = dom_want_write,
	.broken = ring_bad,
	.close = dom_close,
};

void domain_unbind(struct domain *d)
{
	if (!d->port)
		return;
	xen_unbind((uint32_t)d->port);
	d->port = 0;
}

int domain_bind(struct domain *d, uint32_t remote)
{
	int port = xen_bind(domid_of(d), remote);

	if (port < 0)
		return EINVAL;
	if (!xen_port_own(port, d)) {
		xen_unbind((uint32_t)port);
		return ENOMEM;
	}
	d->port = port;
	d->remote = remote;
	return 0;
}

void domain_restart(struct domain *d)
{
	conn_reset(&d->conn);
	d->conn.ignored = d->conn.dead = false;
	d->conn.taken = d->conn.put = 0;
	if (!d->ring)
		return;
	ring_reset(d->ring);
	ring_start(d->ring);
}

void domain_ring_begin(struct domain *d)
{
	ring_indices(d->ring, &d->conn.taken, &d->conn.put);
	ring_start(d->ring);
}

static void untarget(struct store *s, struct dom *gone)
{
	for (size_t i = 0; i < DOM_BUCKETS; i++)
		for (struct dom *o = s->doms[i]; o; o = o->next)
			if (o->link && ((struct domain *)o->link)->conn.client.target == gone)
				((struct domain *)o->link)->conn.client.target = NULL;
}

bool domain_map(struct domain *d, uint64_t gfn)
{
	bool by_grant;

	d->gfn = gfn;
	d->ring = xen_map_page(domid_of(d), GNTTAB_RESERVED_XENSTORE, gfn, &by_grant);
	d->kind = by_grant ? RING_GRANT : RING_FOREIGN;
	return d->ring;
}

static void ring_unmap(struct domain *d)
{
	if (d->kind == RING_OWN)
		own_ring_unmap(d->ring);
	else if (d->kind == RING_LOST)
		free(d->ring);
	else
		xen_unmap_page(d->ring, d->kind == RING_GRANT);
}

void domain_free(struct domain *d)
{
	struct domain **at = &notify_list;

	while (*at && *at != d)
		at = &(*at)->next_notify;
	if (*at)
		*at = d->next_notify;
	domain_unbind(d);
	conn_fini(&d->conn);
	if (d->ring)
		ring_unmap(d);
	free(d);
}

void domain_drop(struct store *s, struct dom *dom)
{
	untarget(s, dom);
	if (dom->link)
		domain_free(dom->link);
	dom->link = NULL;
	dom_forget(s, dom);
}

struct domain *domain_new(struct store *s, uint32_t domid)
{
	struct domain *d = malloc(sizeof(*d));
	struct dom *dom = d ? dom_know(s, domid, true) : NULL;

	if (!dom) {
		free(d);
		return NULL;
	}
	conn_init(&d->conn, s, dom, &dom_ops, false);
	d->ring = NULL;
	d->kind = RING_GRANT;
	d->port = 0;
	d->remote = 0;
	d->gfn = 0;
	d->shutdown = d->notify = false;
	return d;
}

static void domain_event(struct domain *d)
{
	if (ring_wants_reconnect(d->ring)) {
		journal_note(JOURNAL_RESTART, d->conn.id, NULL, 0);
		domain_restart(d);
		domain_tell(d);
	}
	conn_output(&d->conn);
	conn_input(&d->conn);
}

static void evtchn_handle(struct source *src, uint32_t events)
{
	int port = xen_evtchn_next();
	struct domain *d = xen_port_owner(port);

	if (port < 0)
		return;
	if (d)
		domain_event(d);
	else if (port == deaths_port || deaths_port < 0)
		domain_take_census(the_store);
	xen_evtchn_done((uint32_t)port);
}

static bool connect_own(struct store *s)
{
	struct domain *d = domain_new(s, 0);
	uint32_t remote = 0;

	if (!d)
		return false;
	d->kind = RING_OWN;
	d->ring = own_ring_map(&remote);
	if (!d->ring || domain_bind(d, remote)) {
		log_line("Domain 0's own ring cannot be connected: is xenfs mounted on /proc/xen?");
		domain_free(d);
		return false;
	}
	s->dom0->link = d;
	domain_ring_begin(d);
	domain_tell(d);
	return true;
}

static bool wait_for_events(struct store *s)
{
	the_store = s;
	evtchn_source.fd = xen_evtchn_fd();
	evtchn_source.handle = evtchn_handle;
	return loop_add(&evtchn_source, EPOLLIN);
}

static bool bind_deaths(void)
{
	deaths_port = xen_bind_virq(VIRQ_DOM_EXC);
	if (deaths_port < 0) {
		log_line("VIRQ_DOM_EXC cannot be bound: does another store run?");
		return false;
	}
	return true;
}

bool domain_init(struct store *s, bool own)
{
	if (own && !connect_own(s))
		return false;
	return bind_deaths() && wait_for_events(s);
}

bool domain_reconnect(struct store *s)
{
	for (size_t i = 0; i < DOM_BUCKETS; i++)
		for (struct dom *dom = s->doms[i]; dom; dom = dom->next)
			if (dom->link && !domain_connect_again(dom->link))
				return false;
	if (!bind_deaths() || !wait_for_events(s))
		return false;
	/* Nobody has heard of those that went meanwhile. */
	domain_take_census(s);
	return true;
}

int domain_deaths_port(void)
{
	return deaths_port;
}

bool domain_adopt(struct store *s, int port)
{
	deaths_port = port;
	return wait_for_events(s);
}
