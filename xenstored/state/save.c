// SPDX-License-Identifier: GPL-2.0-only
#include "core/trans.h"
#include "core/watch.h"
#include "nodes.h"
#include "state.h"
#include "trans.h"

#include <string.h>

_Static_assert(REC_QUOTAS == QUOTA_COUNT, "quotas");

static void save_global(struct state_out *o, const struct store *s, const struct rec_global *g,
			struct rec_own_global *own)
{
	own->next_instance = s->next_instance;
	own->gen = s->gen;
	own->watch_seq = s->watches.seq;
	memcpy(own->quota, s->quota, sizeof(own->quota));
	own->soft_memory = s->soft_memory;
	state_record(o, REC_OWN_GLOBAL, own, sizeof(*own));
	state_record(o, REC_GLOBAL_DATA, g, sizeof(*g));
}

static void save_domain(struct state_out *o, const struct dom *d)
{
	struct rec_own_domain r = { .domid = d->domid, .instance = d->instance,
				    .flags = d->soft_warned ? REC_DOMAIN_WARNED : 0 };

	state_record(o, REC_OWN_DOMAIN, &r, sizeof(r));
}

void state_save_store(struct state_out *o, const struct store *s, const struct rec_global *g,
		      struct rec_own_global *own)
{
	state_start(o);
	save_global(o, s, g, own);
	for (size_t i = 0; i < DOM_BUCKETS; i++)
		for (const struct dom *d = s->doms[i]; d; d = d->next)
			save_domain(o, d);
	nodes_save(o, s);
}

static void save_watch(struct state_out *o, const struct watch *w, uint32_t id)
{
	const char *shown = w->path + w->shown_from;
	struct rec_watch r = { .conn = id, .path_len = (uint16_t)(strlen(shown) + 1),
			       .token_len = (uint16_t)(strlen(w->token) + 1) };
	struct rec_own_watch own = { w->seq };

	state_record(o, REC_OWN_WATCH, &own, sizeof(own));
	state_begin(o, REC_WATCH_DATA, &r, sizeof(r));
	state_put_string(o, shown);
	state_put_string(o, w->token);
	state_end(o);
}

void state_save_client(struct state_out *o, const struct store *s, const struct client *c, uint32_t id)
{
	list_each(it, &c->watches)
		save_watch(o, list_entry(it, struct watch, in_client), id);
	list_each(it, &c->transactions)
		trans_save(o, s, list_entry(it, struct trans, link), id);
}
