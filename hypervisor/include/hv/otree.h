/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ordered tree (a treap) of nodes that live inside the caller's records: insert, remove and the smallest in
 * O(log n) expected, walk in order.  Nodes of equal keys keep the order of insertion.  Keys are compared by
 * their difference, so they may wrap as long as all keys of a tree are within 2^62 of each other.
 */
#ifndef HV_OTREE_H
#define HV_OTREE_H

#include <hv/types.h>

struct otree_node {
	s64 key;
	struct otree_node *parent, *child[2];
	u32 prio;
};

struct otree {
	struct otree_node *root, *first;
	u32 seed;
};

static inline bool otree_before(s64 a, s64 b) { return (s64)((u64)a - (u64)b) < 0; }
void otree_insert(struct otree *t, struct otree_node *n);
void otree_remove(struct otree *t, struct otree_node *n);
struct otree_node *otree_next(const struct otree_node *n);

#endif
