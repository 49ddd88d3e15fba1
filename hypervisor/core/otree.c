/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A treap: ordered by key from left to right, and by random priority from the root down, which keeps the
 * depth logarithmic in expectation without balance bookkeeping.
 */
#include <hv/otree.h>

static u32 next_random(struct otree *t)
{
	u32 x = t->seed ? t->seed : 0x9e3779b9U;

	/* xorshift32 */
	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return t->seed = x;
}

static struct otree_node **slot_of(struct otree *t, const struct otree_node *n)
{
	return n->parent ? &n->parent->child[n->parent->child[1] == n] : &t->root;
}

/* Lifts @n above its parent. */
static void rotate_up(struct otree *t, struct otree_node *n)
{
	struct otree_node *p = n->parent, **top = slot_of(t, p);
	unsigned int side = p->child[1] == n;
	struct otree_node *inner = n->child[!side];

	*top = n;
	n->parent = p->parent;
	n->child[!side] = p;
	p->parent = n;
	p->child[side] = inner;
	if (inner)
		inner->parent = p;
}

void otree_insert(struct otree *t, struct otree_node *n)
{
	struct otree_node *p = NULL, **slot = &t->root;
	bool leftmost = true;

	while (*slot) {
		unsigned int side = !otree_before(n->key, (*slot)->key);

		p = *slot;
		slot = &p->child[side];
		leftmost = leftmost && side == 0;
	}
	n->parent = p;
	n->child[0] = n->child[1] = NULL;
	n->prio = next_random(t);
	*slot = n;
	if (leftmost)
		t->first = n;
	while (n->parent && n->parent->prio < n->prio)
		rotate_up(t, n);
}

void otree_remove(struct otree *t, struct otree_node *n)
{
	struct otree_node **slot;

	if (t->first == n)
		t->first = otree_next(n);
	while (n->child[0] && n->child[1])
		rotate_up(t, n->child[n->child[0]->prio < n->child[1]->prio]);
	slot = slot_of(t, n);
	*slot = n->child[0] ? n->child[0] : n->child[1];
	if (*slot)
		(*slot)->parent = n->parent;
	n->parent = n->child[0] = n->child[1] = NULL;
}

struct otree_node *otree_next(const struct otree_node *n)
{
	const struct otree_node *up;

	if (n->child[1]) {
		n = n->child[1];
		while (n->child[0])
			n = n->child[0];
		return (struct otree_node *)n;
	}
	for (up = n->parent; up && up->child[1] == n; up = up->parent)
		n = up;
	return (struct otree_node *)up;
}
