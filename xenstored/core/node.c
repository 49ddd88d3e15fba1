// SPDX-License-Identifier: GPL-2.0-only
#include "node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cmap.h"

/* What the original's record of a node takes besides names and data; quotas are measured in it. */
#define NODE_HEADER 24u
#define PERM_SIZE   8u

struct blob *blob_new(const void *data, size_t len)
{
	struct blob *b = malloc(sizeof(*b) + len);

	if (!b)
		return NULL;
	b->ref = 1;
	b->len = (uint32_t)len;
	if (len)
		memcpy(b->data, data, len);
	return b;
}

struct blob *blob_get(struct blob *b)
{
	if (b)
		b->ref++;
	return b;
}

void blob_put(struct blob *b)
{
	if (b && !--b->ref)
		free(b);
}

struct perms *perms_new(const struct perm *p, uint32_t n)
{
	struct perms *r = malloc(sizeof(*r) + n * sizeof(*p));

	if (!r)
		return NULL;
	r->ref = 1;
	r->n = n;
	memcpy(r->p, p, n * sizeof(*p));
	return r;
}

struct perms *perms_get(struct perms *p)
{
	p->ref++;
	return p;
}

void perms_put(struct perms *p)
{
	if (p && !--p->ref)
		free(p);
}

uint64_t name_hash(const char *name, size_t len)
{
	uint64_t h = NAME_HASH_START;

	for (size_t i = 0; i < len; i++)
		h = name_hash_step(h, name[i]);
	return name_hash_end(h);
}

static struct node *node_alloc(const char *name, size_t len)
{
	struct node *n = malloc(sizeof(*n) + len + 1);

	if (!n)
		return NULL;
	memset(n, 0, sizeof(*n));
	n->ref = 1;
	n->name_len = (uint32_t)len;
	memcpy(n->name, name, len);
	n->name[len] = 0;
	return n;
}

struct node *node_new(const char *name, size_t len, struct perms *perms, uint64_t gen)
{
	struct node *n = node_alloc(name, len);

	if (!n)
		return NULL;
	n->hash = name_hash(name, len);
	n->gen = n->seq = gen;
	n->perms = perms_get(perms);
	return n;
}

struct node *node_get(struct node *n)
{
	if (n)
		n->ref++;
	return n;
}

void node_put(struct node *n)
{
	if (!n)
		return;
	assert(n->ref);
	if (--n->ref)
		return;
	blob_put(n->value);
	blob_put(n->listing);
	perms_put(n->perms);
	cmap_put(n->kids);
	free(n);
}

bool node_own(struct node **np)
{
	struct node *old = *np, *n;

	if (old->ref == 1)
		return true;
	n = node_alloc(old->name, old->name_len);
	if (!n)
		return false;
	n->hash = old->hash;
	n->gen = old->gen;
	n->seq = old->seq;
	n->value = blob_get(old->value);
	n->perms = perms_get(old->perms);
	n->kids = cmap_get(old->kids);
	n->kids_n = old->kids_n;
	n->kids_len = old->kids_len;
	n->listing = blob_get(old->listing);
	old->ref--;
	*np = n;
	return true;
}

void node_set_value(struct node *n, struct blob *value)
{
	struct blob *old = n->value;

	assert(n->ref == 1);
	n->value = blob_get(value);
	blob_put(old);
}

void node_set_perms(struct node *n, struct perms *perms)
{
	struct perms *old = n->perms;

	assert(n->ref == 1);
	n->perms = perms_get(perms);
	perms_put(old);
}

static int by_seq(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

const struct blob *node_listing(struct node *n)
{
	struct node **all;
	size_t count = 0;
	struct blob *b;
	uint8_t *to;

	if (n->listing)
		return n->listing;
	b = malloc(sizeof(*b) + n->kids_len);
	all = malloc((n->kids_n + 1) * sizeof(*all));
	if (!b || !all) {
		free(b);
		free(all);
		return NULL;
	}
	b->ref = 1;
	b->len = n->kids_len;
	cmap_all(n->kids, all, &count);
	assert(count == n->kids_n);
	qsort(all, count, sizeof(*all), by_seq);
	to = b->data;
	for (size_t i = 0; i < count; i++) {
		memcpy(to, all[i]->name, all[i]->name_len + 1);
		to += all[i]->name_len + 1;
	}
	assert(to == b->data + b->len);
	free(all);
	n->listing = b;
	return b;
}

struct node *node_child(const struct node *n, const char *name, size_t len)
{
	return n->kids ? cmap_find(n->kids, name_hash(name, len), name, len) : NULL;
}

size_t node_size_of(uint32_t perms_n, size_t value_len, size_t kids_len)
{
	return NODE_HEADER + perms_n * PERM_SIZE + value_len + kids_len;
}

size_t node_size(const struct node *n)
{
	return node_size_of(n->perms->n, n->value ? n->value->len : 0, n->kids_len);
}

size_t node_bytes(const struct node *n)
{
	return node_size(n) + n->name_len;
}
