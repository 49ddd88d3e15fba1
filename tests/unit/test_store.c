// SPDX-License-Identifier: GPL-2.0-only
/* The store's core without a daemon around it: tree, transactions, watches, rights, quotas. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xen/io/xs_wire.h>

#include "core/cmap.h"
#include "core/edit.h"
#include "core/store.h"
#include "core/trans.h"
#include "core/watch.h"

/* What reached a client: its last reply, and its events in order. */
struct peer {
	struct client c;
	uint32_t type;
	char reply[STORE_PAYLOAD_MAX + 1];
	size_t len;
	unsigned int replies, events;
	char event[64][160];
};

static struct store s;
static struct peer *peers[8];
static bool alive[64];

static struct peer *peer_of(struct client *c)
{
	return (struct peer *)((char *)c - offsetof(struct peer, c));
}

static void env_send(struct client *c, uint32_t type, uint32_t req, uint32_t tx, const void *data,
		     size_t len, uint64_t watch_seq)
{
	struct peer *p = peer_of(c);

	if (type == XS_WATCH_EVENT) {
		const char *path = data, *token = path + strlen(path) + 1;

		assert_true(watch_seq);
		snprintf(p->event[p->events++ % 64], sizeof(p->event[0]), "%.100s %.50s", path, token);
		return;
	}
	p->type = type;
	p->len = len;
	if (len)
		memcpy(p->reply, data, len);
	p->reply[len] = 0;
	p->replies++;
}

static bool env_exists(struct store *st, uint32_t domid)
{
	return domid < 64 && alive[domid];
}

static char logged[2048];	/* since a test looked */

static void env_log(struct store *st, const char *fmt, ...)
{
	size_t n = strlen(logged);
	va_list ap;

	va_start(ap, fmt);
	n += (size_t)vsnprintf(logged + n, sizeof(logged) - n, fmt, ap);
	va_end(ap);
	assert_in_range(n, 1, sizeof(logged) - 2);
	strcpy(logged + n, "\n");
}

/* The lines that the log got since the last look. */
static void assert_logged(const char *lines)
{
	assert_string_equal(logged, lines);
	logged[0] = 0;
}

static int env_none(struct store *st, uint32_t domid)
{
	return ENOENT;
}

static bool env_introduced(struct store *st, uint32_t domid)
{
	return env_exists(st, domid);
}

static const struct store_env env = {
	.send = env_send,
	.dom_exists = env_exists,
	.release = env_none,
	.resume = env_none,
	.introduced = env_introduced,
	.log = env_log,
};

static struct peer *peer_new(uint32_t domid)
{
	struct peer *p = calloc(1, sizeof(*p));

	alive[domid] = true;
	client_init(&p->c, dom_know(&s, domid, true), false);
	for (size_t i = 0; i < 8; i++) {
		if (!peers[i]) {
			peers[i] = p;
			break;
		}
	}
	return p;
}

static int setup(void **state)
{
	memset(alive, 0, sizeof(alive));
	memset(peers, 0, sizeof(peers));
	logged[0] = 0;
	return store_init(&s, &env) ? 0 : -1;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < 8; i++) {
		if (!peers[i])
			continue;
		client_reset(&s, &peers[i]->c);
		free(peers[i]);
	}
	store_fini(&s);
	return 0;
}

/* One request: its body as a literal whose last NUL is part of it. Gives the reply. */
static const char *ask_raw(struct peer *p, uint32_t type, uint32_t tx, const void *body, size_t len)
{
	unsigned int before = p->replies;

	store_request(&s, &p->c, type, 1, tx, body, len);
	assert_int_equal(p->replies, before + 1);
	return p->reply;
}

#define ask(p, op, tx, body) ask_raw(p, XS_##op, tx, body, sizeof(body))
#define write_to(p, tx, path, value) ask_raw(p, XS_WRITE, tx, path "\0" value, sizeof(path "\0" value) - 1)

static uint32_t begin(struct peer *p)
{
	return (uint32_t)strtoul(ask(p, TRANSACTION_START, 0, ""), NULL, 10);
}

static void test_tree_is_persistent(void **state)
{
	struct edit e = { .s = &s };
	struct blob *v = blob_new("1", 1), *w = blob_new("2", 1);
	struct node *snapshot;

	assert_int_equal(edit_write(&e, "/a/b/c", v), 0);
	snapshot = node_get(s.root);
	assert_int_equal(edit_write(&e, "/a/b/c", w), 0);
	assert_int_equal(edit_write(&e, "/a/new", w), 0);
	assert_int_equal(edit_rm(&e, "/tool"), 0);
	assert_ptr_not_equal(snapshot, s.root);
	assert_int_equal(tree_node(snapshot, "/a/b/c")->value->data[0], '1');
	assert_null(tree_node(snapshot, "/a/new"));
	assert_non_null(tree_node(snapshot, "/tool/xenstored"));
	assert_int_equal(tree_node(s.root, "/a/b/c")->value->data[0], '2');
	assert_null(tree_node(s.root, "/tool"));
	node_put(snapshot);
	blob_put(v);
	blob_put(w);
}

static void test_unshared_edits_copy_nothing(void **state)
{
	struct edit e = { .s = &s };
	struct node *root = s.root, *n;

	edit_mkdir(&e, "/x/y/z");
	n = tree_node(s.root, "/x/y/z");
	edit_mkdir(&e, "/x/y/other");
	assert_ptr_equal(root, s.root);
	assert_ptr_equal(n, tree_node(s.root, "/x/y/z"));
}

/* Thousands of children, in and out, through every depth of the trie; listing keeps their order. */
static void test_big_directory(void **state)
{
	enum { N = 5000 };
	struct edit e = { .s = &s };
	struct node *snapshot, *d;
	char path[64];
	const char *p;

	for (int i = 0; i < N; i++) {
		snprintf(path, sizeof(path), "/big/n%d", (i * 7919) % N);
		assert_int_equal(edit_mkdir(&e, path), 0);
	}
	snapshot = node_get(s.root);
	for (int i = 0; i < N; i += 2) {
		snprintf(path, sizeof(path), "/big/n%d", i);
		assert_int_equal(edit_rm(&e, path), 0);
	}
	d = tree_node(s.root, "/big");
	assert_int_equal(d->kids_n, N / 2);
	p = (const char *)node_listing(d)->data;
	for (int i = 0; i < N; i++) {
		int k = (i * 7919) % N;

		if (k % 2 == 0)
			continue;
		snprintf(path, sizeof(path), "n%d", k);
		assert_string_equal(p, path);
		p += strlen(p) + 1;
	}
	for (int i = 0; i < N; i++) {
		snprintf(path, sizeof(path), "/big/n%d", i);
		assert_true(!tree_node(s.root, path) == !(i % 2));
		assert_non_null(tree_node(snapshot, path));
	}
	node_put(snapshot);
}

/* Names of one hash end in a plain list below the last level. */
static void test_equal_hashes(void **state)
{
	struct cmap *m = NULL, *old;
	struct node *n[3];
	static const char *const names[] = { "a", "b", "c" };

	for (int i = 0; i < 3; i++) {
		n[i] = node_new(names[i], 1, s.special[0], 1);
		n[i]->hash = 0x1234;
		assert_true(cmap_add(&m, n[i]));
	}
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(cmap_find(m, 0x1234, names[i], 1), n[i]);
	assert_null(cmap_find(m, 0x1234, "d", 1));
	assert_null(cmap_find(m, 0x1235, "a", 1));
	old = cmap_get(m);
	assert_true(cmap_del(&m, 0x1234, "b", 1));
	assert_null(cmap_find(m, 0x1234, "b", 1));
	assert_ptr_equal(cmap_find(old, 0x1234, "b", 1), n[1]);
	assert_ptr_not_equal(cmap_own(&m, 0x1234, "c", 1), n[2]);
	assert_true(cmap_del(&m, 0x1234, "a", 1));
	assert_true(cmap_del(&m, 0x1234, "c", 1));
	assert_null(m);
	cmap_put(old);
}

static void test_commit_and_conflict(void **state)
{
	struct peer *a = peer_new(0), *b = peer_new(0);
	uint32_t t = begin(a), u = begin(b);

	write_to(a, t, "/n", "a");
	assert_string_equal(ask(b, READ, u, "/n"), "ENOENT");
	assert_string_equal(ask(b, READ, 0, "/n"), "ENOENT");
	assert_string_equal(ask(a, TRANSACTION_END, t, "T"), "OK");
	assert_string_equal(ask(b, READ, 0, "/n"), "a");
	/* u saw that it was absent */
	write_to(b, u, "/other", "b");
	assert_string_equal(ask(b, TRANSACTION_END, u, "T"), "EAGAIN");
	assert_string_equal(ask(b, READ, 0, "/other"), "ENOENT");
	/* nothing in common: both go through, the second is made again on top of the first */
	t = begin(a);
	u = begin(b);
	write_to(a, 0, "/da/x", "0");
	write_to(a, 0, "/db/x", "0");
	write_to(a, t, "/da/x", "1");
	write_to(b, u, "/db/x", "1");
	assert_string_equal(ask(a, TRANSACTION_END, t, "T"), "OK");
	assert_string_equal(ask(b, TRANSACTION_END, u, "T"), "OK");
	assert_string_equal(ask(a, READ, 0, "/da/x"), "1");
	assert_string_equal(ask(a, READ, 0, "/db/x"), "1");
}

/* A transaction keeps no node of the tree alive, and the accounts come out even. */
static void test_accounts(void **state)
{
	struct peer *a = peer_new(0), *g = peer_new(3);
	unsigned int before = s.dom0->nodes;
	size_t memory = s.dom0->memory;
	uint32_t t;

	ask(a, MKDIR, 0, "/local/domain/3");
	ask_raw(a, XS_SET_PERMS, 0, "/local/domain/3\0n3", sizeof("/local/domain/3\0n3"));
	assert_int_equal(g->c.dom->nodes, 1);
	write_to(g, 0, "x/y", "12345");
	assert_int_equal(g->c.dom->nodes, 3);
	t = begin(g);
	write_to(g, t, "p/q/r", "1");
	ask(g, RM, t, "x");
	assert_int_equal(g->c.dom->nodes, 3);
	ask(a, MKDIR, 0, "/elsewhere");
	assert_string_equal(ask(g, TRANSACTION_END, t, "T"), "OK");
	assert_int_equal(g->c.dom->nodes, 4);
	t = begin(g);
	write_to(g, t, "z", "1");
	ask(g, TRANSACTION_END, t, "F");
	assert_int_equal(g->c.dom->nodes, 4);
	ask(a, RM, 0, "/local");
	ask(a, RM, 0, "/elsewhere");
	assert_int_equal(g->c.dom->nodes, 0);
	assert_int_equal(g->c.dom->memory, 0);
	assert_int_equal(s.dom0->nodes, before);
	assert_int_equal(s.dom0->memory, memory);
}

static void test_watches(void **state)
{
	struct peer *a = peer_new(0), *b = peer_new(0);

	for (int i = 0; i < 200; i++) {
		char body[64];
		int n = snprintf(body, sizeof(body), "/far/%d%cnever", i, 0);

		ask_raw(b, XS_WATCH, 0, body, (size_t)n + 1);
	}
	b->events = 0;
	ask_raw(a, XS_WATCH, 0, "/w\0one", 7);
	ask_raw(a, XS_WATCH, 0, "/\0root", 7);
	ask_raw(a, XS_WATCH, 0, "/w/x/y\0deep", 12);
	assert_int_equal(a->events, 3);
	a->events = 0;
	write_to(a, 0, "/w/x/y/z", "1");
	assert_int_equal(a->events, 3);
	assert_string_equal(a->event[0], "/w/x/y/z one");
	assert_string_equal(a->event[1], "/w/x/y/z root");
	assert_string_equal(a->event[2], "/w/x/y/z deep");
	a->events = 0;
	write_to(a, 0, "/ww", "1");
	assert_int_equal(a->events, 1);
	a->events = 0;
	ask(a, RM, 0, "/w");
	assert_int_equal(a->events, 3);
	assert_string_equal(a->event[0], "/w/x/y deep");
	assert_string_equal(a->event[1], "/w one");
	assert_int_equal(b->events, 0);
	assert_string_equal(ask_raw(a, XS_UNWATCH, 0, "/w\0two", 7), "ENOENT");
	assert_string_equal(ask_raw(a, XS_UNWATCH, 0, "/w\0one", 7), "OK");
	assert_int_equal(s.watches.count, 202);
}

static void test_rights_do_not_outlive_a_domain(void **state)
{
	struct peer *a = peer_new(0), *g = peer_new(5);

	write_to(a, 0, "/secret", "v");
	ask_raw(a, XS_SET_PERMS, 0, "/secret\0n0\0r5", 14);
	assert_string_equal(ask(g, READ, 0, "/secret"), "v");
	ask_raw(a, XS_SET_PERMS, 0, "/tool\0n5", 9);
	peers[1] = NULL;
	client_reset(&s, &g->c);
	dom_forget(&s, g->c.dom);
	free(g);
	alive[5] = false;
	assert_string_equal(ask(a, READ, 0, "/tool"), "ENOENT");
	g = peer_new(5);
	assert_string_equal(ask(g, READ, 0, "/secret"), "EACCES");
	assert_string_equal(ask_raw(a, XS_GET_PERMS, 0, "/secret", 8), "n0");
}

static void test_read_only(void **state)
{
	struct peer *a = peer_new(0);

	a->c.read_only = true;
	assert_string_equal(write_to(a, 0, "/x", "v"), "EROFS");
	assert_string_equal(ask(a, RM, 0, "/tool"), "EROFS");
	assert_string_equal(ask(a, DIRECTORY, 0, "/"), "tool");
}

/* A guest at its home /local/domain/2. */
static struct peer *guest_at_home(struct peer *a)
{
	struct peer *g = peer_new(2);

	ask(a, MKDIR, 0, "/local/domain/2");
	ask_raw(a, XS_SET_PERMS, 0, "/local/domain/2\0n2", 19);
	return g;
}

static void test_quotas(void **state)
{
	struct peer *a = peer_new(0), *g = guest_at_home(a);

	s.quota[QUOTA_NODES] = 3;
	assert_string_equal(ask(g, MKDIR, 0, "a/b/c"), "ENOSPC");
	assert_logged("domain 2: quota nodes (3) reached at /local/domain/2/a/b/c: refused\n");
	assert_int_equal(g->c.dom->nodes, 1);
	assert_string_equal(ask(g, MKDIR, 0, "a/b"), "OK");
	assert_string_equal(ask(g, MKDIR, 0, "d"), "ENOSPC");
	assert_logged("domain 2: quota nodes (3) reached at /local/domain/2/d: refused, as often before\n");
	assert_string_equal(ask(g, MKDIR, 0, "d"), "ENOSPC");
	assert_string_equal(ask(a, MKDIR, 0, "/as/many/as/it/likes"), "OK");
	assert_logged("");
	ask(g, MKDIR, 0, "d");
	assert_logged("domain 2: quota nodes (3) reached at /local/domain/2/d: refused, as often before\n");
}

/* Each other quota names itself too. */
static void test_quota_names(void **state)
{
	struct peer *a = peer_new(0), *g = guest_at_home(a);
	uint32_t t;

	/* One more than the number is let through, as it always was. */
	s.quota[QUOTA_WATCHES] = 0;
	ask_raw(g, XS_WATCH, 0, "a\0t", 4);
	assert_string_equal(ask_raw(g, XS_WATCH, 0, "b\0t", 4), "E2BIG");
	assert_logged("domain 2: quota watches (0) reached at /local/domain/2/b: refused\n");
	s.quota[QUOTA_TRANSACTIONS] = 0;
	t = begin(g);
	assert_string_equal(ask(g, TRANSACTION_START, 0, ""), "ENOSPC");
	assert_logged("domain 2: quota transactions (0) reached at a transaction's start: refused\n");
	s.quota[QUOTA_TRANS_NODES] = 2;	/* the node and what it lies in */
	assert_string_equal(write_to(g, t, "x", "1"), "OK");
	assert_string_equal(write_to(g, t, "y", "1"), "ENOSPC");
	assert_logged("domain 2: quota transaction-nodes (2) reached at /local/domain/2/y: refused\n");
	s.quota[QUOTA_NODE_SIZE] = 8;
	assert_string_equal(write_to(g, 0, "x", "123456789"), "ENOSPC");
	assert_logged("domain 2: quota node-size (8) reached at /local/domain/2/x: refused\n");
	s.quota[QUOTA_NODE_SIZE] = 2048;
	s.quota[QUOTA_PERMS] = 1;
	write_to(g, 0, "x", "1");
	assert_string_equal(ask_raw(g, XS_SET_PERMS, 0, "x\0n2\0r3", 8), "ENOSPC");
	assert_logged("domain 2: quota permissions (1) reached at /local/domain/2/x: refused\n");
	s.quota[QUOTA_PATH_MAX] = 10;
	assert_string_equal(ask(a, READ, 0, "/0123456789"), "EINVAL");
	assert_logged("domain 0: quota path-max (10) reached at /0123456789: refused\n");
}

/* What a domain has used up for now does not refuse its requests but keeps them waiting. */
static void test_quotas_to_wait_for(void **state)
{
	struct peer *a = peer_new(0), *g = guest_at_home(a);

	s.quota[QUOTA_MEMORY] = 1;
	assert_false(client_may_ask(&s, &g->c));
	assert_false(client_may_ask(&s, &g->c));
	assert_logged("domain 2: quota memory (1) reached: its requests wait\n");
	assert_true(client_may_ask(&s, &a->c));
	s.quota[QUOTA_MEMORY] = 0;
	assert_true(client_may_ask(&s, &g->c));
	g->c.dom->outstanding = s.quota[QUOTA_OUTSTANDING];
	assert_false(client_may_ask(&s, &g->c));
	assert_logged("domain 2: quota outstanding (20) reached: its requests wait\n");
	g->c.dom->outstanding = 0;
	assert_true(client_may_ask(&s, &g->c));
}

static void test_soft_quota(void **state)
{
	struct peer *a = peer_new(0), *g = guest_at_home(a);

	s.soft_memory = 200;
	write_to(g, 0, "x", "0123456789012345678901234567890123456789012345678901234567890123456789");
	write_to(g, 0, "y", "0123456789012345678901234567890123456789012345678901234567890123456789");
	assert_logged("domain 2: above its soft quota memory (200)\n");
	ask(a, RM, 0, "/local/domain/2");
	assert_logged("domain 2: below its soft quota memory again\n");
}

/* Random requests on two trees of names: the accounts stay true, and nothing leaks. */
static void test_random_walk(void **state)
{
	static const char *const names[] = { "/a", "/a/b", "/a/b/c", "/d", "/d/e", "/a/f", "/g/h/i/j" };
	struct peer *p[2] = { peer_new(0), peer_new(0) };
	uint32_t t[2] = { 0, 0 };
	uint32_t seed = 12345;

	for (int i = 0; i < 40000; i++) {
		const char *name;
		uint32_t who, r;
		char body[64];

		seed = seed * 1664525 + 1013904223;
		r = seed >> 8;
		who = r & 1;
		name = names[(r >> 1) % 7];
		snprintf(body, sizeof(body), "%s", name);
		switch ((r >> 5) % 7) {
		case 0:
			ask_raw(p[who], XS_WRITE, t[who], body, strlen(name) + 1 + r % 4);
			break;
		case 1:
			ask_raw(p[who], XS_RM, t[who], body, strlen(name) + 1);
			break;
		case 2:
			ask_raw(p[who], XS_READ, t[who], body, strlen(name) + 1);
			break;
		case 3:
			ask_raw(p[who], XS_DIRECTORY, t[who], body, strlen(name) + 1);
			break;
		case 4:
			if (!t[who])
				t[who] = begin(p[who]);
			break;
		case 5:
			if (t[who])
				ask_raw(p[who], XS_TRANSACTION_END, t[who], r & 64 ? "T" : "F", 2);
			t[who] = 0;
			break;
		default:
			ask_raw(p[who], XS_MKDIR, t[who], body, strlen(name) + 1);
		}
	}
	for (int i = 0; i < 2; i++)
		client_reset(&s, &p[i]->c);
	for (size_t i = 0; i < 7; i++) {
		ask_raw(p[0], XS_RM, 0, names[i], strlen(names[i]) + 1);
	}
	ask(p[0], RM, 0, "/g");
	assert_int_equal(s.dom0->nodes, 3);
	assert_int_equal(s.dom0->transactions, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_tree_is_persistent), T(test_unshared_edits_copy_nothing), T(test_big_directory),
		T(test_equal_hashes),	    T(test_commit_and_conflict),	 T(test_accounts),
		T(test_watches),	    T(test_rights_do_not_outlive_a_domain),
		T(test_read_only),	    T(test_quotas),			 T(test_quota_names),
		T(test_quotas_to_wait_for), T(test_soft_quota),			 T(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
