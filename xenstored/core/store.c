// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "trans.h"
#include "watch.h"

static bool make_special(struct store *s)
{
	struct perm own = { .id = 0, .bits = 0, .instance = s->dom0->instance };

	for (int i = 0; i < SPECIAL_COUNT; i++) {
		s->special[i] = perms_new(&own, 1);
		if (!s->special[i])
			return false;
	}
	return true;
}

bool store_init_bare(struct store *s, const struct store_env *env)
{
	memset(s, 0, sizeof(*s));
	s->env = env;
	s->priv_domid = DOMID_NONE;
	for (int i = 0; i < QUOTA_COUNT; i++)
		s->quota[i] = quota_descs[i].initial;
	s->soft_memory = 2u * 1024 * 1024;
	s->dom0 = dom_know(s, 0, true);
	return s->dom0 && watch_table_init(&s->watches) && make_special(s);
}

bool store_init(struct store *s, const struct store_env *env)
{
	struct edit e = { .s = s };
	struct perms *p;

	if (!store_init_bare(s, env))
		return false;
	p = perms_new(s->special[0]->p, 1);
	s->root = p ? node_new("", 0, p, ++s->gen) : NULL;
	perms_put(p);
	if (!s->root)
		return false;
	s->dom0->nodes = 1;
	dom_charge(s, s->dom0, node_size(s->root), 0);
	return !edit_mkdir(&e, "/tool/xenstored");
}

void store_fini(struct store *s)
{
	node_put(s->root);
	for (int i = 0; i < SPECIAL_COUNT; i++)
		perms_put(s->special[i]);
	for (size_t i = 0; i < DOM_BUCKETS; i++) {
		while (s->doms[i]) {
			struct dom *d = s->doms[i];

			s->doms[i] = d->next;
			free(d);
		}
	}
	watch_table_fini(&s->watches);
}

void client_init(struct client *c, struct dom *d, bool read_only)
{
	memset(c, 0, sizeof(*c));
	c->dom = d;
	c->read_only = read_only;
	list_init(&c->transactions);
	list_init(&c->watches);
}

void client_reset(struct store *s, struct client *c)
{
	while (!list_empty(&c->transactions))
		trans_free(s, c, list_entry(c->transactions.next, struct trans, link));
	watch_remove_all(s, c);
}

bool client_privileged(const struct store *s, const struct client *c)
{
	return !c->dom->domid || c->dom->domid == s->priv_domid;
}

/* What keeps the domain's requests waiting: a quota, or QUOTA_COUNT. */
static enum quota used_up(const struct store *s, const struct dom *d)
{
	if (s->quota[QUOTA_OUTSTANDING] && d->outstanding >= s->quota[QUOTA_OUTSTANDING])
		return QUOTA_OUTSTANDING;
	return s->quota[QUOTA_MEMORY] && d->memory > s->quota[QUOTA_MEMORY] ? QUOTA_MEMORY : QUOTA_COUNT;
}

bool client_may_ask(struct store *s, struct client *c)
{
	struct dom *d = c->dom;
	enum quota q;

	if (client_privileged(s, c))
		return true;
	q = used_up(s, d);
	if (q != QUOTA_COUNT && q != d->waits_for)
		quota_tell(s, d, q, NULL, "its requests wait");
	d->waits_for = q;
	return q == QUOTA_COUNT;
}
