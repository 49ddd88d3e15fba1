/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A persistent map from names to nodes: a hash trie of 32-way branches, each branch
 * reference-counted and copied before it is changed when somebody else holds it too.
 * The empty map is NULL.
 */
#ifndef XENSTORED_CMAP_H
#define XENSTORED_CMAP_H

#include <stdbool.h>

#include "node.h"

struct cmap *cmap_get(struct cmap *m);
void cmap_put(struct cmap *m);

struct node *cmap_find(const struct cmap *m, uint64_t hash, const char *name, size_t len);
/* Adds a node whose name is not in the map; consumes the reference when it succeeds. */
bool cmap_add(struct cmap **m, struct node *n);
/* Removes a name that is in the map. */
bool cmap_del(struct cmap **m, uint64_t hash, const char *name, size_t len);
/* A node that is in the map, owned along with every branch above it. NULL: no memory. */
struct node *cmap_own(struct cmap **m, uint64_t hash, const char *name, size_t len);
/* Stores all nodes, in no particular order; the caller knows how many. */
void cmap_all(const struct cmap *m, struct node **out, size_t *n);

#endif
