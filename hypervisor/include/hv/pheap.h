/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pairing heap: a min-heap of nodes that live inside the caller's records, so that it never allocates.
 * Insert and removing a leaf are a few instructions, taking the smallest is O(log n) amortised.
 * The caller locks.
 */
#ifndef HV_PHEAP_H
#define HV_PHEAP_H

#include <hv/types.h>

struct pheap_node {
	s64 key;
	struct pheap_node *child, *next;	/* first child, next sibling */
	struct pheap_node **link;		/* the pointer that points here; NULL: in no heap */
};

struct pheap { struct pheap_node *min; };

/* @n must be in no heap and carry its key. */
void pheap_insert(struct pheap *h, struct pheap_node *n);
void pheap_remove(struct pheap *h, struct pheap_node *n);
static inline bool pheap_linked(const struct pheap_node *n) { return n->link != NULL; }

#endif
