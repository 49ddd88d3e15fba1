// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "core/watch.h"
#include "nodes.h"
#include "state.h"
#include "trans.h"

static bool no_memory(struct state_load *l)
{
	return state_bad(&l->in, "out of memory");
}

static struct client *client_by_id(struct state_load *l, uint32_t id)
{
	/* Newest first: what belongs to a connection stands right behind it. */
	for (size_t i = l->clients_n; i-- > 0;)
		if (l->clients[i].id == id)
			return l->clients[i].client;
	return NULL;
}

static struct client *client_named(struct state_load *l, uint32_t id)
{
	struct client *c = client_by_id(l, id);

	if (!c)
		state_bad(&l->in, "connection %u is not there", id);
	return c;
}

static bool load_own_global(struct state_load *l)
{
	return state_take(&l->in, &l->own_global, sizeof(l->own_global));
}

static bool load_global(struct state_load *l)
{
	const struct rec_own_global *own = l->before == REC_OWN_GLOBAL ? &l->own_global : NULL;
	struct rec_global r;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	if (l->global)
		return state_bad(&l->in, "it is there twice");
	l->global = true;
	if (own) {
		l->s->next_instance = own->next_instance;
		l->s->gen = own->gen;
		l->s->watches.seq = own->watch_seq;
		memcpy(l->s->quota, own->quota, sizeof(own->quota));
		l->s->soft_memory = own->soft_memory;
	}
	return l->host->global(l, &r, own);
}

static bool load_own_domain(struct state_load *l)
{
	struct dom *d, **at = &d;
	struct rec_own_domain r;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	d = dom_find(l->s, r.domid);
	if (d && d != l->s->dom0)
		return state_bad(&l->in, "domain %u is there twice", r.domid);
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return no_memory(l);
		d->domid = r.domid;
		d->waits_for = QUOTA_COUNT;
		for (at = &l->s->doms[r.domid % DOM_BUCKETS]; *at; at = &(*at)->next)
			;
		*at = d;
	}
	d->instance = r.instance;
	d->soft_warned = r.flags & REC_DOMAIN_WARNED;
	return true;
}

static bool load_own_conn(struct state_load *l)
{
	if (!state_take(&l->in, &l->own_conn, sizeof(l->own_conn)))
		return false;
	l->hashes = state_take_bytes(&l->in, (size_t)l->own_conn.waiting * sizeof(uint64_t));
	return l->hashes;
}

static bool remember(struct state_load *l, uint32_t id, struct client *c)
{
	struct state_client *more = l->clients;

	/* Grows to the next power of two. */
	if (!(l->clients_n & (l->clients_n - 1)))
		more = realloc(l->clients, (l->clients_n ? l->clients_n * 2 : 1) * sizeof(*more));
	if (!more)
		return no_memory(l);
	l->clients = more;
	more[l->clients_n++] = (struct state_client){ id, c };
	return true;
}

static bool load_conn(struct state_load *l)
{
	struct state_conn c = { .has_own = l->before == REC_OWN_CONNECTION };
	struct client *client;

	if (!state_take(&l->in, &c.fixed, sizeof(c.fixed)))
		return false;
	if (!c.fixed.id || client_by_id(l, c.fixed.id))
		return state_bad(&l->in, "connection %u is there twice", c.fixed.id);
	if (c.has_own) {
		c.own = l->own_conn;
		c.hashes = l->hashes;
	}
	c.in = state_take_bytes(&l->in, c.fixed.in_len);
	c.out = c.in ? state_take_bytes(&l->in, c.fixed.out_len) : NULL;
	if (!c.out)
		return false;
	client = l->host->conn(l, &c);
	return client && remember(l, c.fixed.id, client);
}

static bool load_own_watch(struct state_load *l)
{
	return state_take(&l->in, &l->own_watch, sizeof(l->own_watch));
}

static bool load_watch(struct state_load *l)
{
	const bool has_own = l->before == REC_OWN_WATCH;
	char path[STORE_ABS_PATH_MAX + 1];
	const char *shown, *token;
	struct rec_watch r;
	struct client *c;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	c = client_named(l, r.conn);
	shown = c ? state_take_string(&l->in, r.path_len) : NULL;
	token = shown ? state_take_string(&l->in, r.token_len) : NULL;
	if (!token)
		return false;
	if (shown[0] == '@' && r.path_len <= STORE_REL_PATH_MAX)
		memcpy(path, shown, r.path_len);
	else if (!path_absolute(c, shown, path) || !path_valid(path))
		return state_bad(&l->in, "no valid path");
	return watch_new(l->s, c, path, shown, token, has_own ? l->own_watch.seq : ++l->s->watches.seq) ||
	       no_memory(l);
}

static bool load_transaction(struct state_load *l)
{
	struct rec_transaction r;
	struct client *c;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	c = client_named(l, r.conn);
	return c && trans_load(l, c, r.id);
}

static bool load_own_node(struct state_load *l)
{
	if (!state_take(&l->in, &l->own_node, sizeof(l->own_node)))
		return false;
	l->own_perms = l->in.body;
	l->own_perms_n = (size_t)(l->in.body_end - l->in.body) / sizeof(struct rec_own_perm);
	return true;
}

static bool load_node(struct state_load *l)
{
	return node_load(l, l->before == REC_OWN_NODE);
}

static bool load_record(struct state_load *l)
{
	static bool (*const loaders[])(struct state_load *) = {
		[REC_GLOBAL_DATA] = load_global,	   [REC_CONNECTION_DATA] = load_conn,
		[REC_WATCH_DATA] = load_watch,		   [REC_TRANSACTION_DATA] = load_transaction,
		[REC_NODE_DATA] = load_node,
	};
	static bool (*const own[])(struct state_load *) = {
		load_own_global, load_own_domain, load_own_conn,   load_own_watch,
		trans_load_part, trans_load_part, trans_load_part, trans_load_part,
		trans_load_part, trans_load_part, load_own_node,
	};

	_Static_assert(sizeof(own) / sizeof(own[0]) == REC_OWN_LAST - REC_OWN + 1, "a loader each");
	if (l->in.type >= REC_OWN && l->in.type <= REC_OWN_LAST)
		return own[l->in.type - REC_OWN](l);
	if (l->in.type < sizeof(loaders) / sizeof(loaders[0]) && loaders[l->in.type])
		return loaders[l->in.type](l);
	return state_bad(&l->in, "type %#x is not known here", l->in.type);
}

static bool load_records(struct state_load *l)
{
	while (state_next(&l->in)) {
		if (l->in.type == REC_END)
			return (l->global || state_bad(&l->in, "there was no GLOBAL_DATA")) && nodes_account(l);
		if (!l->global && l->in.type != REC_OWN_GLOBAL && l->in.type != REC_GLOBAL_DATA)
			return state_bad(&l->in, "GLOBAL_DATA does not come first");
		if (!load_record(l))
			return false;
		l->before = l->in.type;
	}
	return false;
}

bool state_load(struct state_load *l, struct store *s, const struct state_host *host, const void *data, size_t len)
{
	bool ok;

	memset(l, 0, sizeof(*l));
	l->s = s;
	l->host = host;
	ok = state_open(&l->in, data, len) && load_records(l);
	free(l->clients);
	l->clients = NULL;
	return ok;
}
