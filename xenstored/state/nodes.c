// SPDX-License-Identifier: GPL-2.0-only
#include "nodes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/cmap.h"
#include "core/edit.h"
#include "core/watch.h"

#define WIDE_DOMID 0xffffu

/* --- saving */

void perms_put_own(struct state_out *o, const struct perms *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct rec_own_perm r = { p->p[i].id, p->p[i].bits, p->p[i].instance };

		state_put(o, &r, sizeof(r));
	}
}

static void put_value(struct state_out *o, const struct blob *value)
{
	if (value)
		state_put(o, value->data, value->len);
}

static uint32_t value_len(const struct node *n)
{
	return n->value ? n->value->len : 0;
}

struct save {
	struct state_out *o;
	struct store *s;
};

static bool stale(struct store *s, const struct perm *p)
{
	struct dom *d = dom_find(s, p->id);

	return !d || d->instance != p->instance;
}

static void save_own(struct save *w, const struct perms *perms, const struct rec_own_node *age)
{
	bool wide = false;

	for (uint32_t i = 0; i < perms->n; i++)
		wide |= perms->p[i].id > WIDE_DOMID;
	state_begin(w->o, REC_OWN_NODE, age, sizeof(*age));
	if (wide)
		perms_put_own(w->o, perms);
	state_end(w->o);
}

static void save_record(struct save *w, const char *path, const struct perms *perms, const struct blob *value,
			const struct rec_own_node *age)
{
	struct rec_node r = { .path_len = (uint16_t)(strlen(path) + 1), .perms = (uint16_t)perms->n,
			      .value_len = value ? (uint16_t)value->len : 0 };

	save_own(w, perms, age);
	state_begin(w->o, REC_NODE_DATA, &r, sizeof(r));
	for (uint32_t i = 0; i < perms->n; i++) {
		const struct perm *from = &perms->p[i];
		struct rec_perm p = { (uint8_t)perm_letter(from->bits), stale(w->s, from) ? REC_PERM_STALE : 0,
				      (uint16_t)from->id };

		state_put(w->o, &p, sizeof(p));
	}
	state_put_string(w->o, path);
	put_value(w->o, value);
	state_end(w->o);
}

static int save_node(struct node *n, const char *path, size_t len, void *arg)
{
	struct save *w = arg;
	const struct rec_own_node age = { .gen = n->gen, .seq = n->seq };

	save_record(w, path, n->perms, n->value, &age);
	return w->o->no_memory;
}

void nodes_save(struct state_out *o, const struct store *s)
{
	struct save w = { o, (struct store *)s };
	char path[STORE_ABS_PATH_MAX + 1] = "/";
	const struct rec_own_node ageless = { 0 };

	for (int i = 0; i < SPECIAL_COUNT; i++)
		save_record(&w, special_name((enum special)i), s->special[i], NULL, &ageless);
	if (node_walk(s->root, path, 1, false, save_node, &w))
		o->no_memory = true;
}

struct diff {
	struct state_out *o;
	enum rec_type type;
};

static int diff_node(struct node *n, const char *path, size_t len, void *arg)
{
	const struct diff *d = arg;
	struct rec_own_tx_node r = { .gen = n->gen, .seq = n->seq, .perms = n->perms->n,
				     .path_len = (uint32_t)len + 1, .value_len = value_len(n) };

	state_begin(d->o, d->type, &r, sizeof(r));
	perms_put_own(d->o, n->perms);
	state_put(d->o, path, len + 1);
	put_value(d->o, n->value);
	state_end(d->o);
	return d->o->no_memory;
}

static void diff_gone(const struct diff *d, const char *path)
{
	struct rec_own_tx_node r = { .flags = REC_NODE_GONE, .path_len = (uint32_t)strlen(path) + 1 };

	state_begin(d->o, d->type, &r, sizeof(r));
	state_put_string(d->o, path);
	state_end(d->o);
}

static void diff_trees(const struct diff *d, struct node *from, struct node *to, char *path, size_t len);

/* The children of n, each with its path: what stands there in the other tree decides. */
static void diff_kids(const struct diff *d, struct node *n, struct node *other, bool going, char *path, size_t len)
{
	struct node **all = malloc((n->kids_n + 1) * sizeof(*all));
	size_t count = 0, at = len == 1 ? 1 : len + 1;

	if (!all) {
		d->o->no_memory = true;
		return;
	}
	cmap_all(n->kids, all, &count);
	for (size_t i = 0; i < count; i++) {
		struct node *kid = all[i], *there = node_child(other, kid->name, kid->name_len);

		path[at - 1] = '/';
		memcpy(path + at, kid->name, kid->name_len + 1);
		if (going && !there)
			diff_gone(d, path);
		else if (!going && there)
			diff_trees(d, there, kid, path, at + kid->name_len);
		else if (!going)
			node_walk(kid, path, at + kid->name_len, false, diff_node, (void *)d);
	}
	path[len] = 0;
	free(all);
}

/* Trees share all nodes that have not changed, so that only the way to changes is walked. */
static void diff_trees(const struct diff *d, struct node *from, struct node *to, char *path, size_t len)
{
	if (from == to)
		return;
	if (from->gen != to->gen || from->seq != to->seq || from->value != to->value || from->perms != to->perms)
		diff_node(to, path, len, (void *)d);
	diff_kids(d, from, to, true, path, len);
	diff_kids(d, to, from, false, path, len);
}

void nodes_save_diff(struct state_out *o, enum rec_type type, struct node *from, struct node *to)
{
	char path[STORE_ABS_PATH_MAX + 1] = "/";
	struct diff d = { o, type };

	diff_trees(&d, from, to, path, 1);
}

/* --- loading */

static bool no_memory(struct state_load *l)
{
	return state_bad(&l->in, "out of memory");
}

const char *path_take(struct state_load *l, size_t len)
{
	const char *path = state_take_string(&l->in, len);

	if (!path || path_valid(path))
		return path;
	state_bad(&l->in, "no valid path");
	return NULL;
}

/* Room for so many, each of which takes size bytes from here on in the body. */
static struct perms *perms_room(struct state_load *l, uint32_t n, size_t size, const uint8_t **from)
{
	struct perms *p;

	*from = state_take_bytes(&l->in, n * size);
	if (!*from)
		return NULL;
	if (!n) {
		state_bad(&l->in, "no owner");
		return NULL;
	}
	p = malloc(sizeof(*p) + n * sizeof(p->p[0]));
	if (!p) {
		no_memory(l);
		return NULL;
	}
	p->ref = 1;
	p->n = n;
	return p;
}

struct perms *perms_take_own(struct state_load *l, uint32_t n)
{
	const uint8_t *from;
	struct perms *p = perms_room(l, n, sizeof(struct rec_own_perm), &from);

	for (uint32_t i = 0; p && i < n; i++) {
		struct rec_own_perm r;

		memcpy(&r, from + i * sizeof(r), sizeof(r));
		p->p[i] = (struct perm){ r.id, r.bits & (PERM_READ | PERM_WRITE), r.instance };
	}
	return p;
}

static bool perm_from(struct state_load *l, const uint8_t *from, struct perm *p)
{
	struct rec_perm r;
	struct dom *d;

	memcpy(&r, from, sizeof(r));
	if (!perm_letter_bits((char)r.letter, &p->bits))
		return state_bad(&l->in, "permission %#x is not known", r.letter);
	d = r.flags & REC_PERM_STALE ? NULL : dom_know(l->s, r.domid, false);
	p->id = r.domid;
	p->instance = d ? d->instance : 0;
	return true;
}

static struct perms *perms_take(struct state_load *l, uint32_t n)
{
	const uint8_t *from;
	struct perms *p = perms_room(l, n, sizeof(struct rec_perm), &from);

	for (uint32_t i = 0; p && i < n; i++) {
		if (!perm_from(l, from + i * sizeof(struct rec_perm), &p->p[i])) {
			free(p);
			return NULL;
		}
	}
	return p;
}

static struct perms *node_perms(struct state_load *l, uint32_t n, bool has_own)
{
	struct perms *p = perms_take(l, n);

	if (!p || !has_own || !l->own_perms_n)
		return p;
	if (l->own_perms_n != n) {
		state_bad(&l->in, "%zu permissions in full for %u", l->own_perms_n, n);
		free(p);
		return NULL;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		struct rec_own_perm r;

		memcpy(&r, l->own_perms + i * sizeof(r), sizeof(r));
		p->p[i].id = r.id;
		p->p[i].instance = r.instance;
	}
	return p;
}

/* The node at path, ours alone, made when it is not there yet; its parent must be. NULL: said. */
static struct node *node_at(struct state_load *l, struct node **root, const char *path, struct perms *perms)
{
	size_t len = strlen(path), up = path_parent_len(path, len);
	const char *name = path + (up == 1 ? 1 : up + 1);
	struct node *n = NULL, *parent;
	struct tree_pos pos;

	if (!*root && len == 1)
		return *root = node_new("", 0, perms, 0);
	if (*root) {
		pos = tree_find(*root, path);
		if (pos.node)
			return tree_own(root, path, len);
	}
	if (!*root || pos.last_len != up) {
		state_bad(&l->in, "%s has no parent", path);
		return NULL;
	}
	parent = tree_own(root, path, up);
	if (parent)
		n = node_new(name, strlen(name), perms, 0);
	if (n && tree_add(parent, n))
		return n;
	node_put(n);
	no_memory(l);
	return NULL;
}

/* Sets all of a node; the references to perms and value stay the caller's. */
static bool node_place(struct state_load *l, struct node **root, const char *path, struct perms *perms,
		       struct blob *value, const struct rec_own_node *age)
{
	struct node *n = node_at(l, root, path, perms);

	if (!n)
		return l->in.why[0] ? false : no_memory(l);
	node_set_perms(n, perms);
	node_set_value(n, value);
	n->gen = age->gen;
	n->seq = age->seq;
	return true;
}

/* The value ends the body. */
static bool take_and_place(struct state_load *l, struct node **root, const char *path, size_t value_bytes,
			   struct perms *perms, const struct rec_own_node *age)
{
	const void *data = path && perms ? state_take_bytes(&l->in, value_bytes) : NULL;
	struct blob *value = data && value_bytes ? blob_new(data, value_bytes) : NULL;
	bool ok = false;

	if (data && value_bytes && !value)
		no_memory(l);
	else if (data)
		ok = node_place(l, root, path, perms, value, age);
	blob_put(value);
	perms_put(perms);
	return ok;
}

static bool special_load(struct state_load *l, const char *name, struct perms *perms)
{
	int which = special_by_name(name);

	if (which < 0) {
		perms_put(perms);
		return state_bad(&l->in, "%.20s is no special watch", name);
	}
	perms_put(l->s->special[which]);
	l->s->special[which] = perms;
	return true;
}

bool node_load(struct state_load *l, bool has_own)
{
	struct rec_node r;
	struct perms *perms;
	const char *path;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	/* The original writes them for open transactions, and forgets these when it reads. */
	if (r.conn)
		return true;
	if (!has_own)
		l->own_node.gen = l->own_node.seq = ++l->s->gen;
	perms = node_perms(l, r.perms, has_own);
	path = perms ? state_take_string(&l->in, r.path_len) : NULL;
	if (path && path[0] == '@')
		return special_load(l, path, perms);
	if (path && !path_valid(path)) {
		state_bad(&l->in, "no valid path");
		path = NULL;
	} else if (path && l->s->root && tree_node(l->s->root, path)) {
		state_bad(&l->in, "%s is there twice", path);
		path = NULL;
	}
	return take_and_place(l, &l->s->root, path, r.value_len, perms, &l->own_node);
}

static bool node_remove(struct state_load *l, struct node **root, const char *path)
{
	size_t len = strlen(path), up = path_parent_len(path, len);
	const char *name = path + (up == 1 ? 1 : up + 1);
	struct node *parent;

	if (len == 1 || !tree_node(*root, path))
		return state_bad(&l->in, "%s cannot be taken away", path);
	parent = tree_own(root, path, up);
	return (parent && tree_del(parent, name, strlen(name))) || no_memory(l);
}

bool node_load_diff(struct state_load *l, struct node **root)
{
	struct rec_own_tx_node r;
	struct rec_own_node age;
	struct perms *perms;
	const char *path;

	if (!state_take(&l->in, &r, sizeof(r)))
		return false;
	if (r.flags & REC_NODE_GONE) {
		path = path_take(l, r.path_len);
		return path && node_remove(l, root, path);
	}
	age = (struct rec_own_node){ r.gen, r.seq };
	perms = perms_take_own(l, r.perms);
	path = perms ? path_take(l, r.path_len) : NULL;
	return take_and_place(l, root, path, r.value_len, perms, &age);
}

static int charge_owner(struct node *n, const char *path, size_t len, void *arg)
{
	struct store *s = arg;
	struct dom *d = dom_find(s, n->perms->p[0].id);

	if (!d)
		return 0;
	d->nodes++;
	dom_charge(s, d, node_bytes(n), 0);
	return 0;
}

bool nodes_account(struct state_load *l)
{
	char path[STORE_ABS_PATH_MAX + 1] = "/";

	if (!l->s->root)
		return state_bad(&l->in, "there is no node");
	return !node_walk(l->s->root, path, 1, false, charge_owner, l->s) || no_memory(l);
}
