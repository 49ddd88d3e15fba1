// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random operations on each kind of list of <xen_list.h>, and what the lists hold after each: compiled with our
 * header and with the published one, it must print the same. Without XEN_STAILQ_LAST: published, it does not compile.
 */
#include <stdio.h>
#include <stdlib.h>

#include <xen_list.h>

#define ITEMS 12

struct item {
	int n, in;		/* in: 0 no list, 1 or 2 */
	XEN_SLIST_ENTRY(struct item) s;
	XEN_STAILQ_ENTRY(struct item) st;
	XEN_LIST_ENTRY(struct item) l;
	XEN_TAILQ_ENTRY(struct item) t;
};
XEN_SLIST_HEAD(slist, struct item);
XEN_STAILQ_HEAD(stailq, struct item);
XEN_LIST_HEAD(list, struct item);
XEN_TAILQ_HEAD(tailq, struct item);

static struct item items[ITEMS + 1];
static struct slist slists[3];
static struct stailq stailqs[3] = { [1] = XEN_STAILQ_HEAD_INITIALIZER(stailqs[1]) };
static struct list lists[3];
static struct tailq tailqs[3] = { [1] = XEN_TAILQ_HEAD_INITIALIZER(tailqs[1]) };
static unsigned seed = 1;

static unsigned dice(unsigned sides)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % sides;
}

/* An item that is in this list (0: in none); NULL if there is none. */
static struct item *pick(int in)
{
	unsigned start = dice(ITEMS);

	for (unsigned i = 0; i < ITEMS; i++) {
		struct item *it = &items[1 + (start + i) % ITEMS];

		if (it->in == in)
			return it;
	}
	return NULL;
}

static void insert(int w, struct item *it, struct item *old)
{
	switch (old ? dice(4) : dice(2)) {
	case 0:
		XEN_SLIST_INSERT_HEAD(&slists[w], it, s);
		XEN_STAILQ_INSERT_HEAD(&stailqs[w], it, st);
		XEN_LIST_INSERT_HEAD(&lists[w], it, l);
		XEN_TAILQ_INSERT_HEAD(&tailqs[w], it, t);
		break;
	case 1:
		XEN_SLIST_INSERT_HEAD(&slists[w], it, s);
		XEN_STAILQ_INSERT_TAIL(&stailqs[w], it, st);
		XEN_LIST_INSERT_HEAD(&lists[w], it, l);
		XEN_TAILQ_INSERT_TAIL(&tailqs[w], it, t);
		break;
	case 2:
		XEN_SLIST_INSERT_AFTER(old, it, s);
		XEN_STAILQ_INSERT_AFTER(&stailqs[w], old, it, st);
		XEN_LIST_INSERT_AFTER(old, it, l);
		XEN_TAILQ_INSERT_AFTER(&tailqs[w], old, it, t);
		break;
	default:
		XEN_SLIST_INSERT_AFTER(old, it, s);
		XEN_STAILQ_INSERT_AFTER(&stailqs[w], old, it, st);
		XEN_LIST_INSERT_BEFORE(old, it, l);
		XEN_TAILQ_INSERT_BEFORE(old, it, t);
	}
	it->in = w;
}

static void take_out(int w, struct item *it)
{
	it->in = 0;
	if (it == XEN_SLIST_FIRST(&slists[w]))
		XEN_SLIST_REMOVE_HEAD(&slists[w], s);
	else
		XEN_SLIST_REMOVE(&slists[w], it, struct item, s);
	if (it == XEN_STAILQ_FIRST(&stailqs[w]))
		XEN_STAILQ_REMOVE_HEAD(&stailqs[w], st);
	else
		XEN_STAILQ_REMOVE(&stailqs[w], it, struct item, st);
	XEN_LIST_REMOVE(it, l);
	XEN_TAILQ_REMOVE(&tailqs[w], it, t);
}

/* Each kind of list keeps an order of its own; this takes what follows an item in the two without back links. */
static void take_next(int w, struct item *it)
{
	struct item *a = XEN_SLIST_NEXT(it, s), *b = XEN_STAILQ_NEXT(it, st);

	if (!a || a != b)
		return;
	XEN_SLIST_REMOVE_AFTER(it, s);
	XEN_STAILQ_REMOVE_AFTER(&stailqs[w], it, st);
	XEN_LIST_REMOVE(a, l);
	XEN_TAILQ_REMOVE(&tailqs[w], a, t);
	a->in = 0;
}

static void exchange(void)
{
	XEN_SLIST_SWAP(&slists[1], &slists[2], struct item);
	XEN_STAILQ_SWAP(&stailqs[1], &stailqs[2], struct item);
	XEN_LIST_SWAP(&lists[1], &lists[2], struct item, l);
	XEN_TAILQ_SWAP(&tailqs[1], &tailqs[2], struct item, t);
	for (int i = 1; i <= ITEMS; i++)
		items[i].in = items[i].in ? 3 - items[i].in : 0;
}

/* All of the second to the end of the first, where a kind has that. */
static void join(void)
{
	struct item *it, *next;

	XEN_STAILQ_CONCAT(&stailqs[1], &stailqs[2]);
	XEN_TAILQ_CONCAT(&tailqs[1], &tailqs[2], t);
	XEN_SLIST_FOREACH_SAFE(it, &slists[2], s, next)
		XEN_SLIST_INSERT_HEAD(&slists[1], it, s);
	XEN_SLIST_INIT(&slists[2]);
	XEN_LIST_FOREACH_SAFE(it, &lists[2], l, next) {
		XEN_LIST_REMOVE(it, l);
		XEN_LIST_INSERT_HEAD(&lists[1], it, l);
		it->in = 1;
	}
}

static void show(int w)
{
	struct item *it, **at, *next;

	printf("%d%d%d%d:", XEN_SLIST_EMPTY(&slists[w]), XEN_STAILQ_EMPTY(&stailqs[w]), XEN_LIST_EMPTY(&lists[w]),
	       XEN_TAILQ_EMPTY(&tailqs[w]));
	XEN_SLIST_FOREACH(it, &slists[w], s)
		printf(" %d", it->n);
	printf(" |");
	XEN_SLIST_FOREACH_PREVPTR(it, at, &slists[w], s)
		printf(" %d", (*at)->n);
	printf(" |");
	XEN_STAILQ_FOREACH(it, &stailqs[w], st)
		printf(" %d", it->n);
	printf(" |");
	XEN_LIST_FOREACH(it, &lists[w], l)
		printf(" %d", it->n);
	printf(" |");
	XEN_TAILQ_FOREACH(it, &tailqs[w], t)
		printf(" %d", it->n);
	printf(" |");
	XEN_TAILQ_FOREACH_REVERSE_SAFE(it, &tailqs[w], tailq, t, next)
		printf(" %d", it->n);
	it = XEN_TAILQ_LAST(&tailqs[w], tailq);
	printf(" (%d)\n", it ? it->n : 0);
}

int main(void)
{
	XEN_STAILQ_INIT(&stailqs[2]);
	XEN_TAILQ_INIT(&tailqs[2]);
	XEN_LIST_INIT(&lists[2]);
	for (int i = 1; i <= ITEMS; i++)
		items[i].n = i;
	for (int i = 0; i < 20000; i++) {
		int w = 1 + (int)dice(2);
		struct item *it = pick(0), *old = pick(w);
		unsigned what = dice(100);

		if (what < 50 && it)
			insert(w, it, old);
		else if (what < 80 && old)
			take_out(w, old);
		else if (what < 90 && old)
			take_next(w, old);
		else if (what < 98)
			exchange();
		else
			join();
		show(1);
		show(2);
	}
	return 0;
}
