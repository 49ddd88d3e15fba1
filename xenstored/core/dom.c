// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmap.h"
#include "edit.h"
#include "store.h"
#include "watch.h"

const struct quota_desc quota_descs[QUOTA_COUNT] = {
	[QUOTA_NODES] = { "nodes", "Nodes per domain", 1000 },
	[QUOTA_WATCHES] = { "watches", "Watches per domain", 128 },
	[QUOTA_TRANSACTIONS] = { "transactions", "Transactions per domain", 10 },
	[QUOTA_OUTSTANDING] = { "outstanding", "Outstanding requests per domain", 20 },
	[QUOTA_TRANS_NODES] = { "transaction-nodes",
				"Max. number of accessed nodes per transaction", 1024 },
	[QUOTA_MEMORY] = { "memory", "Total Xenstore memory per domain (error level)",
			   2u * 1024 * 1024 + 512 * 1024 },
	[QUOTA_NODE_SIZE] = { "node-size", "Max. size of a node", 2048 },
	[QUOTA_PATH_MAX] = { "path-max", "Max. length of a node path", STORE_REL_PATH_MAX },
	[QUOTA_PERMS] = { "permissions", "Max. number of permissions per node", 5 },
};

int quota_by_name(const char *name)
{
	for (int i = 0; i < QUOTA_COUNT; i++)
		if (!strcmp(name, quota_descs[i].name))
			return i;
	return -1;
}

void quota_tell(struct store *s, struct dom *d, enum quota q, const char *where, const char *verdict)
{
	/* The first time is told, then the 2nd, 4th, 8th ...: a guest cannot fill the log. */
	uint32_t hits = ++d->hits[q];

	if (!(hits & (hits - 1)))
		s->env->log(s, "domain %" PRIu32 ": quota %s (%u) reached%s%s: %s%s", d->domid,
			    quota_descs[q].name, s->quota[q], where ? " at " : "", where ? where : "",
			    verdict, hits > 1 ? ", as often before" : "");
}

bool quota_refuses(struct store *s, struct client *c, enum quota q, size_t value, const char *what)
{
	if (client_privileged(s, c) || value <= s->quota[q])
		return false;
	quota_tell(s, c->dom, q, what, "refused");
	return true;
}

struct dom *dom_find(struct store *s, uint32_t domid)
{
	struct dom *d = s->doms[domid % DOM_BUCKETS];

	while (d && d->domid != domid)
		d = d->next;
	return d;
}

struct dom *dom_know(struct store *s, uint32_t domid, bool must)
{
	struct dom *d = dom_find(s, domid);

	if (d || (!must && !s->env->dom_exists(s, domid)))
		return d;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->domid = domid;
	d->waits_for = QUOTA_COUNT;
	d->instance = ++s->next_instance;
	d->next = s->doms[domid % DOM_BUCKETS];
	s->doms[domid % DOM_BUCKETS] = d;
	return d;
}

void dom_charge(struct store *s, struct dom *d, size_t more, size_t less)
{
	d->memory += more;
	assert(d->memory >= less);
	d->memory -= less;
	if (!d->domid || d->domid == s->priv_domid || !s->soft_memory)
		return;
	if (d->memory > s->soft_memory && !d->soft_warned) {
		d->soft_warned = true;
		s->env->log(s, "domain %" PRIu32 ": above its soft quota memory (%u)", d->domid,
			    s->soft_memory);
	} else if (d->memory < s->soft_memory && d->soft_warned) {
		d->soft_warned = false;
		s->env->log(s, "domain %" PRIu32 ": below its soft quota memory again", d->domid);
	}
}

/* Roots of what a domain owns, as paths, so that the tree can be edited after the search. */
struct search {
	uint32_t domid;
	size_t left; /* nodes of the domain still to be found */
	char **paths;
	size_t n;
	bool all; /* every node of the domain, not only the topmost */
};

static int search_add(struct search *f, const char *path)
{
	char **more = realloc(f->paths, (f->n + 1) * sizeof(*more));

	if (!more)
		return ENOMEM;
	f->paths = more;
	more[f->n] = strdup(path);
	return more[f->n] ? (f->n++, 0) : ENOMEM;
}

static int count_owned(struct node *n, const char *path, size_t len, void *arg)
{
	struct search *f = arg;

	if (n->perms->p[0].id == f->domid && f->left)
		f->left--;
	return 0;
}

static int search_kids(struct search *f, struct node *n, char *path, size_t len);

static int search_node(struct search *f, struct node *n, char *path, size_t len)
{
	bool owned = n->perms->p[0].id == f->domid;

	if (owned && len > 1) {
		if (search_add(f, path))
			return ENOMEM;
		if (!f->all)
			return node_walk(n, path, len, false, count_owned, f);
		f->left--;
	}
	return n->kids_n && f->left ? search_kids(f, n, path, len) : 0;
}

static int search_kids(struct search *f, struct node *n, char *path, size_t len)
{
	struct node **all = malloc(n->kids_n * sizeof(*all));
	size_t count = 0, at = len == 1 ? 1 : len + 1;
	int err = 0;

	if (!all)
		return ENOMEM;
	cmap_all(n->kids, all, &count);
	if (len > 1)
		path[len] = '/';
	for (size_t i = 0; i < count && f->left && !err; i++) {
		memcpy(path + at, all[i]->name, all[i]->name_len + 1);
		err = search_node(f, all[i], path, at + all[i]->name_len);
	}
	path[len] = 0;
	free(all);
	return err;
}

static void give_to_dom0(struct store *s, const char *path)
{
	struct edit e = { .s = s };
	struct node *n = tree_node(s->root, path);
	struct perms *p = n ? perms_new(n->perms->p, n->perms->n) : NULL;

	if (!p)
		return;
	p->p[0].id = 0;
	p->p[0].instance = s->dom0->instance;
	edit_set_perms(&e, path, p);
	perms_put(p);
}

static void remove_orphan(struct store *s, const char *path)
{
	struct edit e = { .s = s };
	struct node *n = node_get(tree_node(s->root, path));

	if (!n)
		return;
	if (!edit_rm(&e, path))
		watch_fire_removed(s, path, n, NULL);
	node_put(n);
}

static void search_done(struct store *s, struct search *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (s->keep_orphans)
			give_to_dom0(s, f->paths[i]);
		else
			remove_orphan(s, f->paths[i]);
		free(f->paths[i]);
	}
	free(f->paths);
}

/* Its home first: when that holds all it owns, the rest of the store is not searched. */
static void drop_nodes(struct store *s, struct dom *d)
{
	struct search f = { .domid = d->domid, .left = d->nodes, .all = s->keep_orphans };
	char path[STORE_ABS_PATH_MAX + 1];
	struct node *home;
	int len;

	len = snprintf(path, sizeof(path), "/local/domain/%" PRIu32, d->domid);
	home = tree_node(s->root, path);
	if (home && d->nodes) {
		search_node(&f, home, path, (size_t)len);
		search_done(s, &f);
	}
	/* The root cannot be removed: it finds its way back to Domain 0. */
	if (s->root->perms->p[0].id == d->domid)
		give_to_dom0(s, "/");
	if (!d->nodes)
		return;
	f = (struct search){ .domid = d->domid, .left = d->nodes, .all = s->keep_orphans };
	strcpy(path, "/");
	search_node(&f, s->root, path, 1);
	search_done(s, &f);
}

static void drop_special(struct store *s, struct dom *d)
{
	for (int i = 0; i < SPECIAL_COUNT; i++) {
		struct perms *p = s->special[i];

		if (p->p[0].id == d->domid) {
			p->p[0].id = 0;
			p->p[0].instance = s->dom0->instance;
		}
	}
}

void dom_forget(struct store *s, struct dom *d)
{
	struct dom **at = &s->doms[d->domid % DOM_BUCKETS];

	drop_nodes(s, d);
	drop_special(s, d);
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	free(d);
}
