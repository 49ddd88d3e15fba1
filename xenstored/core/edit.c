// SPDX-License-Identifier: GPL-2.0-only
#include "edit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmap.h"

struct node **edit_root(const struct edit *e)
{
	return e->t ? &e->t->root : &e->s->root;
}

/* A node of some owner came (nodes 1), went (-1) or changed size (0). */
static int account(const struct edit *e, const struct perms *p, int nodes, long bytes)
{
	struct dom *d = dom_find(e->s, p->p[0].id);

	if (!d)
		return 0;
	if (e->t)
		return trans_delta(e->t, d->domid, d->instance, nodes, bytes);
	assert(nodes >= 0 || d->nodes);
	d->nodes += (unsigned int)nodes;
	dom_charge(e->s, d, bytes > 0 ? (size_t)bytes : 0, bytes < 0 ? (size_t)-bytes : 0);
	return 0;
}

static long bytes_of(const struct node *n)
{
	return (long)node_bytes(n);
}

/* A transaction is asked at its end: what it removes by then counts for it. */
static int may_add(const struct edit *e, unsigned int nodes, const char *path)
{
	if (!e->c || e->t)
		return 0;
	return quota_refuses(e->s, e->c, QUOTA_NODES, e->c->dom->nodes + nodes, path) ? ENOSPC : 0;
}

/* The original refuses a node that reaches the limit, not only one that goes beyond it. */
static int may_grow(const struct edit *e, size_t size, const char *path)
{
	if (e->c && !e->replay && quota_refuses(e->s, e->c, QUOTA_NODE_SIZE, size + 1, path))
		return ENOSPC;
	return 0;
}

/* Permissions of a new node: its parent's, but what a guest makes is its own. */
static struct perms *perms_inherited(const struct edit *e, struct perms *parent)
{
	struct perms *p;

	if (!e->c || client_privileged(e->s, e->c) ||
	    (parent->p[0].id == e->c->dom->domid && parent->p[0].instance == e->c->dom->instance))
		return perms_get(parent);
	p = perms_new(parent->p, parent->n);
	if (p) {
		p->p[0].id = e->c->dom->domid;
		p->p[0].instance = e->c->dom->instance;
	}
	return p;
}

/* The missing nodes of path below its ancestor at have, as one chain. */
static struct node *chain_new(const char *path, size_t have, struct perms *perms,
			      struct blob *value, uint64_t gen)
{
	size_t end = strlen(path);
	struct node *below = NULL;

	while (end > have) {
		size_t up = path_parent_len(path, end);
		size_t start = up == 1 ? 1 : up + 1;
		struct node *n = node_new(path + start, end - start, perms, gen);

		if (!n || (below && !tree_add(n, below))) {
			node_put(n);
			node_put(below);
			return NULL;
		}
		if (!below)
			node_set_value(n, value);
		below = n;
		end = up;
	}
	return below;
}

static unsigned int missing_names(const char *path, size_t have)
{
	unsigned int n = 0;

	for (const char *p = path + (have == 1 ? 0 : have); *p; p++)
		n += *p == '/';
	return n;
}

static int account_chain(const struct edit *e, struct node *top)
{
	for (struct node *n = top; n;) {
		struct node *one[1];
		size_t k = 0;
		int err = account(e, n->perms, 1, bytes_of(n));

		if (err)
			return err;
		if (!n->kids_n)
			break;
		cmap_all(n->kids, one, &k);
		n = one[0];
	}
	return 0;
}

static int create(const struct edit *e, const char *path, struct blob *value)
{
	struct tree_pos pos = tree_find(*edit_root(e), path);
	const char *name = path + (pos.last_len == 1 ? 1 : pos.last_len + 1);
	size_t name_len = strcspn(name, "/");
	struct node *top, *parent;
	struct perms *perms;
	int err;

	err = may_add(e, missing_names(path, pos.last_len), path);
	if (!err)
		err = may_grow(e, node_size(pos.last) + name_len + 1, path);
	perms = perms_inherited(e, pos.last->perms);
	if (!err && perms)
		err = may_grow(e, node_size_of(perms->n, value ? value->len : 0, 0), path);
	if (err || !perms) {
		perms_put(perms);
		return err ? err : ENOMEM;
	}
	top = chain_new(path, pos.last_len, perms, value, ++e->s->gen);
	perms_put(perms);
	if (!top)
		return ENOMEM;
	parent = tree_own(edit_root(e), path, pos.last_len);
	if (!parent || !tree_add(parent, top)) {
		node_put(top);
		return ENOMEM;
	}
	parent->gen = e->s->gen;
	err = account(e, parent->perms, 0, (long)name_len + 1);
	return err ? err : account_chain(e, top);
}

int edit_write(const struct edit *e, const char *path, struct blob *value)
{
	struct node *n = tree_node(*edit_root(e), path);
	size_t len = value ? value->len : 0, old;
	int err;

	if (!n)
		return create(e, path, value);
	err = may_grow(e, node_size_of(n->perms->n, len, n->kids_len), path);
	if (err)
		return err;
	n = tree_own(edit_root(e), path, strlen(path));
	if (!n)
		return ENOMEM;
	old = n->value ? n->value->len : 0;
	node_set_value(n, value);
	n->gen = ++e->s->gen;
	return account(e, n->perms, 0, (long)len - (long)old);
}

int edit_mkdir(const struct edit *e, const char *path)
{
	return tree_node(*edit_root(e), path) ? 0 : create(e, path, NULL);
}

static int by_seq(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static int walk_kids(struct node *n, char *path, size_t len, bool post, node_visit visit, void *arg)
{
	struct node **all = malloc(n->kids_n * sizeof(*all));
	size_t count = 0, at = len == 1 ? 1 : len + 1;
	int err = 0;

	if (!all)
		return ENOMEM;
	cmap_all(n->kids, all, &count);
	qsort(all, count, sizeof(*all), by_seq);
	if (len > 1)
		path[len] = '/';
	for (size_t i = 0; i < count && !err; i++) {
		memcpy(path + at, all[i]->name, all[i]->name_len + 1);
		err = node_walk(all[i], path, at + all[i]->name_len, post, visit, arg);
	}
	path[len] = 0;
	free(all);
	return err;
}

int node_walk(struct node *n, char path[STORE_ABS_PATH_MAX + 1], size_t len, bool post,
	      node_visit visit, void *arg)
{
	int err = post ? 0 : visit(n, path, len, arg);

	if (!err && n->kids_n)
		err = walk_kids(n, path, len, post, visit, arg);
	if (!err && post)
		err = visit(n, path, len, arg);
	return err;
}

static int account_removed(struct node *n, const char *path, size_t len, void *arg)
{
	return account(arg, n->perms, -1, -bytes_of(n));
}

int edit_rm(const struct edit *e, const char *path)
{
	size_t len = strlen(path), up = path_parent_len(path, len);
	const char *name = path + (up == 1 ? 1 : up + 1);
	char buf[STORE_ABS_PATH_MAX + 1];
	struct node *parent, *gone;
	int err;

	parent = tree_own(edit_root(e), path, up);
	if (!parent)
		return ENOMEM;
	gone = node_get(node_child(parent, name, strlen(name)));
	assert(gone);
	if (!tree_del(parent, name, strlen(name))) {
		node_put(gone);
		return ENOMEM;
	}
	parent->gen = ++e->s->gen;
	memcpy(buf, path, len + 1);
	err = account(e, parent->perms, 0, -(long)strlen(name) - 1);
	if (!err)
		err = node_walk(gone, buf, len, false, account_removed, (void *)e);
	node_put(gone);
	return err;
}

int edit_set_perms(const struct edit *e, const char *path, struct perms *perms)
{
	struct node *n = tree_own(edit_root(e), path, strlen(path));
	int err;

	if (!n)
		return ENOMEM;
	err = account(e, n->perms, -1, -bytes_of(n));
	node_set_perms(n, perms);
	n->gen = ++e->s->gen;
	return err ? err : account(e, perms, 1, bytes_of(n));
}
