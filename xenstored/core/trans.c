// SPDX-License-Identifier: GPL-2.0-only
#include "trans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "watch.h"

#define FIRST_BUCKETS 32u

struct trans *trans_new(struct store *s, struct client *c)
{
	struct trans *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	do {
		t->id = ++c->next_tx;
	} while (!t->id || trans_find(c, t->id));
	t->last = &t->first;
	t->changes_last = &t->changes;
	list_append(&c->transactions, &t->link);
	c->dom->transactions++;
	return t;
}

struct trans *trans_find(struct client *c, uint32_t id)
{
	list_each(it, &c->transactions) {
		struct trans *t = list_entry(it, struct trans, link);

		if (t->id == id)
			return t;
	}
	return NULL;
}

void trans_free(struct store *s, struct client *c, struct trans *t)
{
	list_remove(&t->link);
	c->dom->transactions--;
	dom_charge(s, c->dom, 0, t->memory);
	while (t->first) {
		struct access *a = t->first;

		t->first = a->next;
		free(a);
	}
	while (t->changes) {
		struct change *ch = t->changes;

		t->changes = ch->next;
		blob_put(ch->value);
		perms_put(ch->perms);
		free(ch);
	}
	node_put(t->root);
	node_put(t->base);
	free(t->table);
	free(t->deltas);
	free(t);
}

void trans_begin_request(struct store *s, struct trans *t)
{
	if (t->accesses || t->base == s->root)
		return;
	node_put(t->root);
	node_put(t->base);
	t->base = node_get(s->root);
	t->root = node_get(s->root);
}

static void charge(struct store *s, struct client *c, struct trans *t, size_t bytes)
{
	t->memory += bytes;
	dom_charge(s, c->dom, bytes, 0);
}

static bool table_grow(struct trans *t)
{
	size_t n = t->table ? (t->mask + 1) * 2 : FIRST_BUCKETS;
	struct access **table = calloc(n, sizeof(*table));

	if (!table)
		return false;
	free(t->table);
	t->table = table;
	t->mask = n - 1;
	for (struct access *a = t->first; a; a = a->next) {
		a->hash_next = table[a->hash & t->mask];
		table[a->hash & t->mask] = a;
	}
	return true;
}

static struct access *access_find(const struct trans *t, uint64_t hash, const char *path, size_t len)
{
	struct access *a = t->table ? t->table[hash & t->mask] : NULL;

	while (a && !(a->hash == hash && !strncmp(a->path, path, len) && !a->path[len]))
		a = a->hash_next;
	return a;
}

struct access *trans_access_new(struct store *s, struct client *c, struct trans *t, const char *path,
				size_t len)
{
	uint64_t hash = name_hash(path, len);
	struct access *a;

	if ((!t->table || t->accesses > t->mask) && !table_grow(t))
		return NULL;
	a = calloc(1, sizeof(*a) + len + 1);
	if (!a)
		return NULL;
	memcpy(a->path, path, len);
	a->hash = hash;
	a->hash_next = t->table[hash & t->mask];
	t->table[hash & t->mask] = a;
	*t->last = a;
	t->last = &a->next;
	t->accesses++;
	charge(s, c, t, sizeof(*a) + len + 1);
	return a;
}

int trans_access(struct store *s, struct client *c, struct trans *t, const char *path, size_t len,
		 struct access **out)
{
	struct access *a = access_find(t, name_hash(path, len), path, len);
	struct node *n;

	if (!a) {
		if (quota_refuses(s, c, QUOTA_TRANS_NODES, t->accesses + 1, path)) {
			t->failed = true;
			return ENOSPC;
		}
		a = trans_access_new(s, c, t, path, len);
		if (!a)
			return ENOMEM;
		n = tree_node(t->base, a->path);
		a->gen = n ? n->gen : GEN_ABSENT;
	}
	if (out)
		*out = a;
	return 0;
}

int trans_change(struct store *s, struct client *c, struct trans *t, enum change_kind kind,
		 const char *path, struct blob *value, struct perms *perms)
{
	size_t len = strlen(path);
	struct change *ch = calloc(1, sizeof(*ch) + len + 1);

	if (!ch)
		return ENOMEM;
	ch->kind = kind;
	ch->value = blob_get(value);
	ch->perms = perms ? perms_get(perms) : NULL;
	memcpy(ch->path, path, len + 1);
	*t->changes_last = ch;
	t->changes_last = &ch->next;
	charge(s, c, t, sizeof(*ch) + len + 1 + (value ? value->len : 0));
	return 0;
}

int trans_delta(struct trans *t, uint32_t domid, uint32_t instance, int nodes, long bytes)
{
	struct owner_delta *more;

	for (size_t i = 0; i < t->deltas_n; i++) {
		if (t->deltas[i].instance == instance) {
			t->deltas[i].nodes += nodes;
			t->deltas[i].bytes += bytes;
			return 0;
		}
	}
	more = realloc(t->deltas, (t->deltas_n + 1) * sizeof(*more));
	if (!more)
		return ENOMEM;
	t->deltas = more;
	more[t->deltas_n++] = (struct owner_delta){ .domid = domid, .instance = instance,
						    .nodes = nodes, .bytes = bytes };
	return 0;
}

static int delta_of(const struct trans *t, const struct dom *d)
{
	for (size_t i = 0; i < t->deltas_n; i++)
		if (t->deltas[i].instance == d->instance)
			return t->deltas[i].nodes;
	return 0;
}

/* Whether the tree is still, wherever the transaction looked, what it saw. */
static bool still_true(struct store *s, const struct trans *t)
{
	for (size_t i = 0; i < t->deltas_n; i++) {
		const struct owner_delta *o = &t->deltas[i];
		struct dom *d = dom_find(s, o->domid);

		if (!d || d->instance != o->instance)
			return false;
		/* Only in a state that was made up, not saved. */
		if ((o->nodes < 0 && d->nodes < (unsigned int)-o->nodes) ||
		    (o->bytes < 0 && d->memory < (size_t)-o->bytes))
			return false;
	}
	if (t->base == s->root)
		return true;
	for (const struct access *a = t->first; a; a = a->next) {
		struct node *n = tree_node(s->root, a->path);

		if ((n ? n->gen : GEN_ABSENT) != a->gen)
			return false;
	}
	return true;
}

static int replay(const struct edit *e, const struct change *ch)
{
	/* It is there, since what the change saw has not moved, but in a state that was made up. */
	if ((ch->kind == CHANGE_RM && !ch->path[1]) ||
	    ((ch->kind == CHANGE_RM || ch->kind == CHANGE_PERMS) && !tree_node(*edit_root(e), ch->path)))
		return EAGAIN;
	switch (ch->kind) {
	case CHANGE_WRITE:
		return edit_write(e, ch->path, ch->value);
	case CHANGE_MKDIR:
		return edit_mkdir(e, ch->path);
	case CHANGE_RM:
		return edit_rm(e, ch->path);
	case CHANGE_PERMS:
		return edit_set_perms(e, ch->path, ch->perms);
	}
	return EINVAL;
}

/* The version that the transaction edited becomes the tree, its accounts come along. */
static void adopt(struct store *s, struct trans *t)
{
	node_put(s->root);
	s->root = node_get(t->root);
	for (size_t i = 0; i < t->deltas_n; i++) {
		const struct owner_delta *o = &t->deltas[i];
		struct dom *d = dom_find(s, o->domid);

		d->nodes += (unsigned int)o->nodes;
		dom_charge(s, d, o->bytes > 0 ? (size_t)o->bytes : 0,
			   o->bytes < 0 ? (size_t)-o->bytes : 0);
	}
}

/*
 * Changes are made in a version apart, which replaces the tree when all of them are in: running
 * out of memory half-way leaves the store as it was. The accounts then come from the deltas,
 * which hold because every node that counts in them was found unmoved.
 */
static int rebase(struct store *s, struct client *c, struct trans *t)
{
	struct trans scratch = { .base = s->root, .root = node_get(s->root) };
	struct edit e = { .s = s, .c = c, .t = &scratch, .replay = true };
	int err = 0;

	for (const struct change *ch = t->changes; ch && !err; ch = ch->next)
		err = replay(&e, ch);
	if (!err) {
		node_put(t->root);
		t->root = node_get(scratch.root);
	}
	node_put(scratch.root);
	free(scratch.deltas);
	return err;
}

static const struct perms *perms_at(struct node *root, const char *path)
{
	struct node *n = tree_node(root, path);

	return n ? n->perms : NULL;
}

static void fire_all(struct store *s, const struct trans *t, struct node *before)
{
	for (const struct access *a = t->first; a; a = a->next) {
		struct tree_pos up;
		struct seen_by seen;

		if (!a->event)
			continue;
		up = tree_find(s->root, a->path);
		seen = (struct seen_by){ .now = up.node ? up.node->perms : NULL,
					 .before = perms_at(before, a->path) };
		if (a->path[1]) {
			char parent[STORE_ABS_PATH_MAX + 1];
			size_t len = path_parent_len(a->path, strlen(a->path));

			memcpy(parent, a->path, len);
			parent[len] = 0;
			seen.parent = perms_at(s->root, parent);
		}
		watch_fire(s, a->path, a->exact, &seen);
	}
}

int trans_commit(struct store *s, struct client *c, struct trans *t)
{
	struct node *before;
	int err, more;

	if (t->failed)
		return ENOMEM;
	if (!t->accesses)
		return 0;
	if (!still_true(s, t))
		return EAGAIN;
	if (!t->changes)
		return 0;
	/* Here, unlike for a single node, reaching the limit is too much: the original's way. */
	more = delta_of(t, c->dom);
	if (more > 0 && quota_refuses(s, c, QUOTA_NODES, c->dom->nodes + (unsigned int)more + 1,
				      "a transaction's end"))
		return ENOSPC;
	if (t->base != s->root) {
		err = rebase(s, c, t);
		if (err)
			return err;
	}
	before = node_get(s->root);
	adopt(s, t);
	fire_all(s, t, before);
	node_put(before);
	return 0;
}
