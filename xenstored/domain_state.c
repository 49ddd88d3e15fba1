// SPDX-License-Identifier: GPL-2.0-only
/* Connected domains as records. */
#include <stdint.h>
#include <stdlib.h>

#include <xen/xen.h>

#include "daemon/log.h"
#include "daemon/xen.h"
#include "domain.h"
#include "domain_priv.h"
#include "journal.h"
#include "own_ring.h"
#include "ring.h"

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
				    .gfn = d->gfn, .remote = d->remote,
				    .req_cons = d->conn.taken, .rsp_prod = d->conn.put };

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

bool domain_map_again(struct domain *d)
{
	uint32_t remote;

	if (d->kind == RING_OWN)
		d->ring = own_ring_map(&remote);
	else
		domain_map(d, d->gfn);
	return d->ring || stand_in(d);
}

/*
 * The page is as the last process left it. What it had taken, it had noted before it said so to the guest; what it had
 * sent, it had said to the guest before it noted that.
 */
static bool ring_catch_up(struct domain *d)
{
	uint32_t req_cons, rsp_prod, more;
	int32_t sent;

	ring_indices(d->ring, &req_cons, &rsp_prod);
	more = rsp_prod - d->conn.put;
	if (more > conn_waiting_bytes(&d->conn))
		return false;
	if (req_cons != d->conn.taken)
		ring_set_taken(d->ring, d->conn.taken);
	sent = (int32_t)more;
	if (sent)
		journal_note(JOURNAL_SENT, d->conn.id, &sent, sizeof(sent));
	return conn_replay_sent(&d->conn, sent);
}

bool domain_connect_again(struct domain *d)
{
	if (d->ring)
		return true;
	if (!domain_map_again(d))
		return false;
	if (d->kind == RING_LOST || d->conn.ignored)
		return true;
	if (!d->remote || domain_bind(d, d->remote))
		log_line("domain %u: its event channel cannot be bound again", domid_of(d));
	if (ring_wants_reconnect(d->ring))
		domain_restart(d);
	if (!ring_catch_up(d))
		d->conn.ops->broken(&d->conn, XENSTORE_ERROR_RINGIDX);
	/* No event of the guest's asks for what died on its way into an empty ring. */
	conn_output(&d->conn);
	conn_again(&d->conn);
	domain_tell(d);
	return true;
}

static bool set_target(struct state_load *l, struct client *c, uint32_t target)
{
	if (target == DOMID_INVALID)
		return true;
	c->target = dom_know(l->s, target, true);
	return c->target || state_bad(&l->in, "out of memory");
}

/* Without flags of ours, the original has no other one for Domain 0. */
static bool is_own(const struct state_conn *from)
{
	return from->has_own ? from->own.flags & REC_CONN_OWN : !from->fixed.u.ring.domid;
}

static void take_facts(struct domain *d, const struct state_conn *from)
{
	d->shutdown = from->own.flags & REC_CONN_SHUTDOWN;
	d->gfn = from->own.gfn;
	d->remote = from->own.remote;
	d->conn.taken = from->own.req_cons;
	d->conn.put = from->own.rsp_prod;
	d->kind = is_own(from) ? RING_OWN : from->own.flags & REC_CONN_FOREIGN ? RING_FOREIGN : RING_GRANT;
}

static bool take_over(struct state_load *l, struct domain *d, const struct state_conn *from)
{
	const int port = (int)from->fixed.u.ring.port;

	if (port && !xen_port_own(port, d))
		return state_bad(&l->in, "out of memory");
	d->port = port;
	if (!domain_map_again(d))
		return state_bad(&l->in, "out of memory");
	if (!from->has_own)
		ring_indices(d->ring, &d->conn.taken, &d->conn.put);
	domain_tell(d);
	return true;
}

static bool port_possible(const struct state_conn *from)
{
	return from->fixed.u.ring.domid < DOMID_FIRST_RESERVED && from->fixed.u.ring.port < MAX_PORT;
}

struct client *domain_load(struct state_load *l, const struct state_conn *from, bool connect)
{
	uint32_t domid = from->fixed.u.ring.domid;
	struct domain *d = NULL;

	if (!port_possible(from))
		state_bad(&l->in, "domain %u, port %u cannot be", domid, from->fixed.u.ring.port);
	else if (domain_find(l->s, domid))
		state_bad(&l->in, "domain %u is connected twice", domid);
	else
		d = domain_new(l->s, domid);
	if (!d) {
		state_bad(&l->in, "out of memory");
		return NULL;
	}
	d->conn.client.dom->link = d;
	take_facts(d, from);
	if (!set_target(l, &d->conn.client, from->fixed.u.ring.target) || !conn_load(l, &d->conn, from) ||
	    (connect && !take_over(l, d, from)))
		return NULL;
	return &d->conn.client;
}
