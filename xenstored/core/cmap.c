// SPDX-License-Identifier: GPL-2.0-only
#include "cmap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_BITS 5u
#define LEVEL_MASK 31u
/* Below this depth all hash bits are used up, and a branch is a plain list of equal hashes. */
#define LIST_SHIFT 60u

/* A branch holds popcount(bitmap) slots, in a list just count ones. Leaves are tagged with bit 0. */
struct cmap {
	uint32_t ref;
	uint32_t bitmap;
	uint32_t count;
	uintptr_t slot[];
};

static inline bool is_leaf(uintptr_t s)
{
	return s & 1;
}

static inline struct node *to_node(uintptr_t s)
{
	return (struct node *)(s & ~(uintptr_t)1);
}

static inline struct cmap *to_map(uintptr_t s)
{
	return (struct cmap *)s;
}

static inline uintptr_t leaf(struct node *n)
{
	return (uintptr_t)n | 1;
}

static inline bool leaf_is(const struct node *n, uint64_t hash, const char *name, size_t len)
{
	return n->hash == hash && n->name_len == len && !memcmp(n->name, name, len);
}

static inline uint32_t bit_of(uint64_t hash, unsigned int shift)
{
	return 1u << ((hash >> shift) & LEVEL_MASK);
}

/* Bits below bit, counted without the instruction, which not every x86-64 has. */
static inline unsigned int index_of(const struct cmap *m, uint32_t bit)
{
	uint32_t v = m->bitmap & (bit - 1);

	v -= v >> 1 & 0x55555555u;
	v = (v & 0x33333333u) + (v >> 2 & 0x33333333u);
	v = (v + (v >> 4)) & 0x0f0f0f0fu;
	return v * 0x01010101u >> 24;
}

static struct cmap *cmap_alloc(uint32_t count)
{
	struct cmap *m = malloc(sizeof(*m) + count * sizeof(m->slot[0]));

	if (!m)
		return NULL;
	m->ref = 1;
	m->bitmap = 0;
	m->count = count;
	return m;
}

static void slot_get(uintptr_t s)
{
	if (is_leaf(s))
		node_get(to_node(s));
	else
		cmap_get(to_map(s));
}

static void slot_put(uintptr_t s)
{
	if (is_leaf(s))
		node_put(to_node(s));
	else
		cmap_put(to_map(s));
}

struct cmap *cmap_get(struct cmap *m)
{
	if (m)
		m->ref++;
	return m;
}

void cmap_put(struct cmap *m)
{
	if (!m || --m->ref)
		return;
	for (uint32_t i = 0; i < m->count; i++)
		slot_put(m->slot[i]);
	free(m);
}

/* Makes *m ours alone. */
static bool own(struct cmap **m)
{
	struct cmap *old = *m, *c;

	if (old->ref == 1)
		return true;
	c = cmap_alloc(old->count);
	if (!c)
		return false;
	c->bitmap = old->bitmap;
	memcpy(c->slot, old->slot, old->count * sizeof(old->slot[0]));
	for (uint32_t i = 0; i < c->count; i++)
		slot_get(c->slot[i]);
	old->ref--;
	*m = c;
	return true;
}

/* The slot in which a hash would be looked for at this level, or -1. */
static int slot_for(const struct cmap *m, unsigned int shift, uint64_t hash, const char *name,
		    size_t len)
{
	if (shift < LIST_SHIFT) {
		uint32_t bit = bit_of(hash, shift);

		return m->bitmap & bit ? (int)index_of(m, bit) : -1;
	}
	for (uint32_t i = 0; i < m->count; i++)
		if (leaf_is(to_node(m->slot[i]), hash, name, len))
			return (int)i;
	return -1;
}

struct node *cmap_find(const struct cmap *m, uint64_t hash, const char *name, size_t len)
{
	unsigned int shift = 0;

	while (m) {
		int i = slot_for(m, shift, hash, name, len);
		uintptr_t s;

		if (i < 0)
			return NULL;
		s = m->slot[i];
		if (is_leaf(s))
			return leaf_is(to_node(s), hash, name, len) ? to_node(s) : NULL;
		m = to_map(s);
		shift += LEVEL_BITS;
	}
	return NULL;
}

struct node *cmap_own(struct cmap **m, uint64_t hash, const char *name, size_t len)
{
	unsigned int shift = 0;

	for (;;) {
		struct node *n;
		int i;

		if (!own(m))
			return NULL;
		i = slot_for(*m, shift, hash, name, len);
		assert(i >= 0);
		if (is_leaf((*m)->slot[i])) {
			n = to_node((*m)->slot[i]);
			if (!node_own(&n))
				return NULL;
			(*m)->slot[i] = leaf(n);
			return n;
		}
		m = (struct cmap **)&(*m)->slot[i];
		shift += LEVEL_BITS;
	}
}

/* *m, owned, with room for one more slot at index i. */
static bool insert_slot(struct cmap **m, unsigned int i, uint32_t bit, uintptr_t s)
{
	struct cmap *old = *m, *c;

	c = realloc(old, sizeof(*c) + (old->count + 1) * sizeof(c->slot[0]));
	if (!c)
		return false;
	memmove(&c->slot[i + 1], &c->slot[i], (c->count - i) * sizeof(c->slot[0]));
	c->slot[i] = s;
	c->count++;
	c->bitmap |= bit;
	*m = c;
	return true;
}

/* A chain of branches that tells two leaves apart, deep enough for their hashes to differ. */
static struct cmap *split(uintptr_t a, uintptr_t b, unsigned int shift)
{
	uint64_t ha = to_node(a)->hash, hb = to_node(b)->hash;
	bool list = shift >= LIST_SHIFT;
	bool same = !list && bit_of(ha, shift) == bit_of(hb, shift);
	struct cmap *m = cmap_alloc(same ? 1 : 2);

	if (!m)
		return NULL;
	if (list) {
		m->slot[0] = a;
		m->slot[1] = b;
		return m;
	}
	m->bitmap = bit_of(ha, shift) | bit_of(hb, shift);
	if (same) {
		struct cmap *below = split(a, b, shift + LEVEL_BITS);

		if (!below) {
			free(m);
			return NULL;
		}
		m->slot[0] = (uintptr_t)below;
		return m;
	}
	m->slot[bit_of(ha, shift) > bit_of(hb, shift)] = a;
	m->slot[bit_of(ha, shift) < bit_of(hb, shift)] = b;
	return m;
}

bool cmap_add(struct cmap **m, struct node *n)
{
	unsigned int shift = 0;

	if (!*m) {
		struct cmap *c = cmap_alloc(1);

		if (!c)
			return false;
		c->bitmap = bit_of(n->hash, 0);
		c->slot[0] = leaf(n);
		*m = c;
		return true;
	}
	for (;; shift += LEVEL_BITS) {
		uint32_t bit = shift < LIST_SHIFT ? bit_of(n->hash, shift) : 0;
		struct cmap *below;
		unsigned int i;

		if (!own(m))
			return false;
		if (!((*m)->bitmap & bit))
			return insert_slot(m, bit ? index_of(*m, bit) : (*m)->count, bit, leaf(n));
		i = index_of(*m, bit);
		if (!is_leaf((*m)->slot[i])) {
			m = (struct cmap **)&(*m)->slot[i];
			continue;
		}
		below = split((*m)->slot[i], leaf(n), shift + LEVEL_BITS);
		if (!below)
			return false;
		(*m)->slot[i] = (uintptr_t)below;
		return true;
	}
}

static bool del_at(struct cmap **m, unsigned int shift, uint64_t hash, const char *name, size_t len)
{
	struct cmap *c;
	int i;

	if (!own(m))
		return false;
	c = *m;
	i = slot_for(c, shift, hash, name, len);
	assert(i >= 0);
	if (!is_leaf(c->slot[i])) {
		if (!del_at((struct cmap **)&c->slot[i], shift + LEVEL_BITS, hash, name, len))
			return false;
		if (c->slot[i])
			return true;
	} else {
		node_put(to_node(c->slot[i]));
	}
	c->count--;
	if (!c->count) {
		free(c);
		*m = NULL;
		return true;
	}
	if (shift < LIST_SHIFT)
		c->bitmap &= ~bit_of(hash, shift);
	memmove(&c->slot[i], &c->slot[i + 1], (c->count - (uint32_t)i) * sizeof(c->slot[0]));
	return true;
}

bool cmap_del(struct cmap **m, uint64_t hash, const char *name, size_t len)
{
	return del_at(m, 0, hash, name, len);
}

void cmap_all(const struct cmap *m, struct node **out, size_t *n)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->count; i++) {
		if (is_leaf(m->slot[i]))
			out[(*n)++] = to_node(m->slot[i]);
		else
			cmap_all(to_map(m->slot[i]), out, n);
	}
}
