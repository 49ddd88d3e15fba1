// SPDX-License-Identifier: GPL-2.0-only
#include "trans.h"

#include <stdlib.h>
#include <string.h>

#include "core/trans.h"
#include "nodes.h"

static void save_access(struct state_out *o, const struct access *a)
{
	struct rec_own_access r = { .gen = a->gen, .path_len = (uint32_t)strlen(a->path) + 1,
				    .flags = (a->event ? REC_ACCESS_EVENT : 0) | (a->exact ? REC_ACCESS_EXACT : 0) };

	state_begin(o, REC_OWN_ACCESS, &r, sizeof(r));
	state_put_string(o, a->path);
	state_end(o);
}

static void save_change(struct state_out *o, const struct change *ch)
{
	struct rec_own_change r = { .kind = ch->kind, .perms = ch->perms ? ch->perms->n : 0,
				    .path_len = (uint32_t)strlen(ch->path) + 1,
				    .value_len = ch->value ? ch->value->len : 0 };

	state_begin(o, REC_OWN_CHANGE, &r, sizeof(r));
	if (ch->perms)
		perms_put_own(o, ch->perms);
	state_put_string(o, ch->path);
	if (ch->value)
		state_put(o, ch->value->data, ch->value->len);
	state_end(o);
}

void trans_save(struct state_out *o, const struct store *s, const struct trans *t, uint32_t conn)
{
	struct rec_transaction r = { conn, t->id };
	struct rec_own_transaction own = { .flags = (t->base ? REC_TX_STARTED : 0) |
						    (t->failed ? REC_TX_FAILED : 0) };

	state_record(o, REC_TRANSACTION_DATA, &r, sizeof(r));
	state_record(o, REC_OWN_TRANSACTION, &own, sizeof(own));
	if (!t->base)
		return;
	nodes_save_diff(o, REC_OWN_BASE_NODE, s->root, t->base);
	nodes_save_diff(o, REC_OWN_ROOT_NODE, t->base, t->root);
	for (const struct access *a = t->first; a; a = a->next)
		save_access(o, a);
	for (const struct change *ch = t->changes; ch; ch = ch->next)
		save_change(o, ch);
	for (size_t i = 0; i < t->deltas_n; i++) {
		struct rec_own_delta d = { .domid = t->deltas[i].domid, .instance = t->deltas[i].instance,
					   .nodes = t->deltas[i].nodes, .bytes = t->deltas[i].bytes };

		state_record(o, REC_OWN_DELTA, &d, sizeof(d));
	}
}

/* --- loading */

bool trans_load(struct state_load *l, struct client *c, uint32_t id)
{
	const uint32_t next = c->next_tx;

	if (!id || trans_find(c, id))
		return state_bad(&l->in, "transaction %u is there already", id);
	l->trans = trans_new(l->s, c);
	c->next_tx = next;
	if (!l->trans)
		return state_bad(&l->in, "out of memory");
	l->trans->id = id;
	l->trans_client = c;
	return true;
}

static bool load_own(struct state_load *l)
{
	struct trans *t = l->trans;
	struct rec_own_transaction r;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	if (t->base)
		return state_bad(&l->in, "it has begun already");
	if (r.flags & REC_TX_STARTED) {
		t->base = node_get(l->s->root);
		t->root = node_get(l->s->root);
	}
	t->failed = r.flags & REC_TX_FAILED;
	return true;
}

/* Its version is told as what differs from its snapshot, which is whole by then. */
static bool load_node(struct state_load *l)
{
	struct trans *t = l->trans;

	if (l->in.type == REC_OWN_ROOT_NODE)
		return node_load_diff(l, &t->root);
	node_put(t->root);
	t->root = NULL;
	if (!node_load_diff(l, &t->base))
		return false;
	t->root = node_get(t->base);
	return true;
}

static bool load_access(struct state_load *l)
{
	struct rec_own_access r;
	const char *path;
	struct access *a;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	path = path_take(l, r.path_len);
	if (!path)
		return false;
	a = trans_access_new(l->s, l->trans_client, l->trans, path, strlen(path));
	if (!a)
		return state_bad(&l->in, "out of memory");
	a->gen = r.gen;
	a->event = r.flags & REC_ACCESS_EVENT;
	a->exact = r.flags & REC_ACCESS_EXACT;
	return true;
}

static bool add_change(struct state_load *l, const struct rec_own_change *r, struct perms *perms)
{
	const char *path = path_take(l, r->path_len);
	const void *data = path ? state_take_bytes(&l->in, r->value_len) : NULL;
	struct blob *value;
	int err;

	if (!data)
		return false;
	value = r->value_len ? blob_new(data, r->value_len) : NULL;
	if (r->value_len && !value)
		return state_bad(&l->in, "out of memory");
	err = trans_change(l->s, l->trans_client, l->trans, (enum change_kind)r->kind, path, value, perms);
	blob_put(value);
	return !err || state_bad(&l->in, "out of memory");
}

static bool load_change(struct state_load *l)
{
	struct perms *perms = NULL;
	struct rec_own_change r;
	bool ok;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	if (r.kind > CHANGE_PERMS || (r.kind == CHANGE_PERMS) != (r.perms != 0))
		return state_bad(&l->in, "no such change");
	if (r.perms) {
		perms = perms_take_own(l, r.perms);
		if (!perms)
			return false;
	}
	ok = add_change(l, &r, perms);
	perms_put(perms);
	return ok;
}

static bool load_delta(struct state_load *l)
{
	struct rec_own_delta r;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	return !trans_delta(l->trans, r.domid, r.instance, r.nodes, (long)r.bytes) ||
	       state_bad(&l->in, "out of memory");
}

bool trans_load_part(struct state_load *l)
{
	if (!l->trans)
		return state_bad(&l->in, "there is no transaction before it");
	if (l->in.type == REC_OWN_TRANSACTION)
		return load_own(l);
	if (!l->trans->base)
		return state_bad(&l->in, "its transaction has not begun");
	switch (l->in.type) {
	case REC_OWN_BASE_NODE:
	case REC_OWN_ROOT_NODE:
		return load_node(l);
	case REC_OWN_ACCESS:
		return load_access(l);
	case REC_OWN_CHANGE:
		return load_change(l);
	default:
		return load_delta(l);
	}
}
