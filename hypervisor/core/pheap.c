/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/pheap.h>

/* Joins two detached trees; the one with the smaller key becomes the root. Equal keys keep @a on top. */
static struct pheap_node *meld(struct pheap_node *a, struct pheap_node *b)
{
	if (b->key < a->key) {
		struct pheap_node *t = a;

		a = b;
		b = t;
	}
	b->next = a->child;
	if (b->next)
		b->next->link = &b->next;
	b->link = &a->child;
	a->child = b;
	return a;
}

static void set_root(struct pheap *h, struct pheap_node *root)
{
	h->min = root;
	if (root) {
		root->next = NULL;
		root->link = &h->min;
	}
}

/*
 * Makes one tree of a list of siblings: neighbours are melded in pairs, then the pairs from the last one
 * back.  The pairs wait in a stack linked through next, so there is no recursion.
 */
static struct pheap_node *merge_siblings(struct pheap_node *first)
{
	struct pheap_node *stack = NULL, *tree;

	while (first) {
		struct pheap_node *a = first, *b = a->next;

		first = b ? b->next : NULL;
		if (b)
			a = meld(a, b);
		a->next = stack;
		stack = a;
	}
	tree = stack;
	if (!tree)
		return NULL;
	stack = tree->next;
	while (stack) {
		struct pheap_node *up = stack->next;

		tree = meld(stack, tree);
		stack = up;
	}
	return tree;
}

void pheap_insert(struct pheap *h, struct pheap_node *n)
{
	n->child = NULL;
	set_root(h, h->min ? meld(h->min, n) : n);
}

void pheap_remove(struct pheap *h, struct pheap_node *n)
{
	struct pheap_node *sub = merge_siblings(n->child);

	*n->link = n->next;
	if (n->next)
		n->next->link = n->link;
	/* The root has no siblings, so unlinking it emptied the heap. */
	if (sub)
		set_root(h, h->min ? meld(h->min, sub) : sub);
	n->child = n->next = NULL;
	n->link = NULL;
}
