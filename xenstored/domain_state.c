// SPDX-License-Identifier: GPL-2.0-only
/* Connected domains as records. */
#include <stdint.h>
#include <stdlib.h>

#include <xen/xen.h>

#include "daemon/log.h"
#include "daemon/xen.h"
#include "domain.h"
#include "domain_priv.h"
#include "own_ring.h"

#define RING_BYTES 4096u
#define MAX_PORT   (1u << 17) /* of the FIFO kind, the larger one */

static uint32_t kind_flags(const struct domain *d)
{
	switch (d->kind) {
	case RING_OWN:
		return REC_CONN_OWN;
	case RING_FOREIGN:
		return REC_CONN_FOREIGN;
	default:
		return 0;
	}
}

static void save_one(struct state_out *o, const struct domain *d)
{
	const struct dom *target = d->conn.client.target;
	struct rec_conn fixed = { .type = REC_CONN_RING,
				  .u.ring = { .domid = (uint16_t)domid_of(d), .port = (uint32_t)d->port,
					      .target = target ? (uint16_t)target->domid : DOMID_INVALID } };
	struct rec_own_conn own = { .flags = kind_flags(d) | (d->shutdown ? REC_CONN_SHUTDOWN : 0),
				    .gfn = d->gfn, .remote = d->remote };

	conn_save(o, &d->conn, &fixed, &own);
}

void domain_save(struct store *s, struct state_out *o)
{
	for (size_t i = 0; i < DOM_BUCKETS; i++)
		for (struct dom *dom = s->doms[i]; dom; dom = dom->next)
			if (dom->link)
				save_one(o, dom->link);
}

/* The domain stays introduced, unheard, until a tool introduces it again or it dies. */
static bool stand_in(struct domain *d)
{
	log_line("domain %u: its ring can no longer be mapped: it is not heard from now on", domid_of(d));
	d->kind = RING_LOST;
	d->ring = calloc(1, RING_BYTES);
	d->conn.ignored = true;
	return d->ring;
}

static bool map_again(struct domain *d, const struct state_conn *from)
{
	/* The original has no other one for Domain 0. */
	bool own = from->has_own ? from->own.flags & REC_CONN_OWN : !domid_of(d);
	uint32_t remote;

	if (own) {
		d->kind = RING_OWN;
		d->ring = own_ring_map(&remote);
	} else {
		domain_map(d, from->own.gfn);
	}
	return d->ring || stand_in(d);
}

static bool set_target(struct state_load *l, struct client *c, uint32_t target)
{
	if (target == DOMID_INVALID)
		return true;
	c->target = dom_know(l->s, target, true);
	return c->target || state_bad(&l->in, "out of memory");
}

static bool take_over(struct state_load *l, struct domain *d, const struct state_conn *from, bool only_look)
{
	d->shutdown = from->own.flags & REC_CONN_SHUTDOWN;
	d->gfn = from->own.gfn;
	d->remote = from->own.remote;
	if (!set_target(l, &d->conn.client, from->fixed.u.ring.target))
		return false;
	if (only_look)
		return conn_load(l, &d->conn, from);
	if (from->fixed.u.ring.port && !xen_port_own((int)from->fixed.u.ring.port, d))
		return state_bad(&l->in, "out of memory");
	d->port = (int)from->fixed.u.ring.port;
	if (!conn_load(l, &d->conn, from) || !map_again(d, from))
		return state_bad(&l->in, "out of memory");
	domain_tell(d);
	return true;
}

struct client *domain_load(struct state_load *l, const struct state_conn *from, bool only_look)
{
	uint32_t domid = from->fixed.u.ring.domid;
	struct domain *d;

	if (domain_find(l->s, domid)) {
		state_bad(&l->in, "domain %u is connected twice", domid);
		return NULL;
	}
	if (domid >= DOMID_FIRST_RESERVED || from->fixed.u.ring.port >= MAX_PORT) {
		state_bad(&l->in, "domain %u, port %u cannot be", domid, from->fixed.u.ring.port);
		return NULL;
	}
	d = domain_new(l->s, domid);
	if (!d) {
		state_bad(&l->in, "out of memory");
		return NULL;
	}
	d->conn.client.dom->link = d;
	return take_over(l, d, from, only_look) ? &d->conn.client : NULL;
}
