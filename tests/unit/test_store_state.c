// SPDX-License-Identifier: GPL-2.0-only
/*
 * A store as records: one that was saved and loaded answers as the one that was saved, to the byte, in all that is
 * asked of both; and what is damaged is refused with a reason, whatever the damage.
 */
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

#include "core/store.h"
#include "state/state.h"

#define PEERS 4u

/* All that was sent to a client, as one row of bytes. */
struct peer {
	struct client c;
	size_t len;
	uint8_t sent[1 << 16];
};

struct world {
	struct store s;
	struct peer peer[PEERS];
};

static const uint32_t domid_of[PEERS] = { 0, 0, 1, 2 };
static struct world *loading;
static bool gone[8];

static void env_send(struct client *c, uint32_t type, uint32_t req, uint32_t tx, const void *data, size_t len,
		     uint64_t watch_seq)
{
	struct peer *p = (struct peer *)((char *)c - offsetof(struct peer, c));
	struct { uint32_t type, req, tx, len; uint64_t seq; } h = { type, req, tx, (uint32_t)len, watch_seq };

	assert_true(p->len + sizeof(h) + len <= sizeof(p->sent));
	memcpy(p->sent + p->len, &h, sizeof(h));
	if (len)
		memcpy(p->sent + p->len + sizeof(h), data, len);
	p->len += sizeof(h) + len;
}

static bool env_exists(struct store *st, uint32_t domid)
{
	return domid < 6 && !gone[domid];
}

static int env_none(struct store *st, uint32_t domid)
{
	return ENOENT;
}

static void env_log(struct store *st, const char *fmt, ...) {}

static const struct store_env env = {
	.send = env_send,
	.dom_exists = env_exists,
	.release = env_none,
	.resume = env_none,
	.introduced = env_exists,
	.log = env_log,
};

/* --- the host */

static struct rec_own_global had_own;
static struct rec_global had;

static bool host_global(struct state_load *l, const struct rec_global *g, const struct rec_own_global *own)
{
	had = *g;
	if (own)
		had_own = *own;
	return true;
}

static struct client *host_conn(struct state_load *l, const struct state_conn *c)
{
	const uint32_t i = c->fixed.id - 1;
	struct dom *d;

	if (i >= PEERS) {
		state_bad(&l->in, "connection %u cannot be", c->fixed.id);
		return NULL;
	}
	d = dom_know(l->s, c->fixed.type == REC_CONN_RING ? c->fixed.u.ring.domid : 0, true);
	client_init(&loading->peer[i].c, d, c->own.flags & REC_CONN_READ_ONLY);
	loading->peer[i].c.next_tx = c->own.next_tx;
	return &loading->peer[i].c;
}

static const struct state_host host = {
	.global = host_global,
	.conn = host_conn,
};

static void save(struct state_out *o, struct world *w)
{
	struct rec_own_global own = { .ro_fd = 8, .deaths_port = 4, .next_conn = PEERS };
	struct rec_global g = { .rw_fd = 7, .evtchn_fd = 9 };

	state_save_store(o, &w->s, &g, &own);
	for (uint32_t i = 0; i < PEERS; i++) {
		struct rec_own_conn oc = { .id = i + 1, .next_tx = w->peer[i].c.next_tx,
					   .flags = w->peer[i].c.read_only ? REC_CONN_READ_ONLY : 0 };
		struct rec_conn c = { .id = i + 1, .type = domid_of[i] ? REC_CONN_RING : REC_CONN_SOCKET,
				      .u.ring.domid = (uint16_t)domid_of[i] };

		state_record(o, REC_OWN_CONNECTION, &oc, sizeof(oc));
		state_record(o, REC_CONNECTION_DATA, &c, sizeof(c));
		state_save_client(o, &w->s, &w->peer[i].c, i + 1);
	}
	state_record(o, REC_END, NULL, 0);
	assert_false(o->no_memory);
}

static void world_free(struct world *w)
{
	for (uint32_t i = 0; i < PEERS; i++)
		if (w->peer[i].c.dom)
			client_reset(&w->s, &w->peer[i].c);
	store_fini(&w->s);
	free(w);
}

/* NULL: refused, and why says why. */
static struct world *load(const void *data, size_t len, char why[200])
{
	struct world *w = calloc(1, sizeof(*w));
	struct state_load l;
	bool ok;

	loading = w;
	assert_true(store_init_bare(&w->s, &env));
	ok = state_load(&l, &w->s, &host, data, len);
	memcpy(why, l.in.why, sizeof(l.in.why));
	if (ok) {
		assert_string_equal(why, "");
		return w;
	}
	assert_true(why[0]);
	world_free(w);
	return NULL;
}

static struct world *world_new(void)
{
	struct world *w = calloc(1, sizeof(*w));

	memset(gone, 0, sizeof(gone));
	assert_true(store_init(&w->s, &env));
	for (uint32_t i = 0; i < PEERS; i++)
		client_init(&w->peer[i].c, dom_know(&w->s, domid_of[i], true), i == 1);
	return w;
}

static void ask(struct world *w, uint32_t who, uint32_t type, uint32_t tx, const char *body, size_t len)
{
	/* A damaged state may have lost it. */
	if (w->peer[who].c.dom && client_may_ask(&w->s, &w->peer[who].c))
		store_request(&w->s, &w->peer[who].c, type, 77, tx, body, len);
}

/* --- what is asked: the same of as many worlds as there are */

static uint32_t seed;

static uint32_t any(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

struct question {
	uint32_t who, type, tx;
	size_t len;
	char body[300];
};

static void put_arg(struct question *q, const char *str)
{
	strcpy(q->body + q->len, str);
	q->len += strlen(str) + 1;
}

static void question(struct question *q)
{
	static const char *const names[] = { "/a", "/a/b", "/a/b/c", "/a/b/d", "/a/f", "/g/h/i/j", "/g", "/local/domain/1",
					     "/local/domain/1/x", "x", "x/y", "device/vif/0" };
	static const char *const perms[] = { "n0", "b1", "n1", "r2", "w70000", "n2", "b5" };
	static const uint32_t types[] = { XS_WRITE, XS_WRITE, XS_WRITE, XS_MKDIR, XS_RM, XS_READ, XS_DIRECTORY,
					  XS_GET_PERMS, XS_SET_PERMS, XS_SET_PERMS, XS_WATCH, XS_UNWATCH,
					  XS_TRANSACTION_START, XS_TRANSACTION_END, XS_DIRECTORY_PART };

	memset(q, 0, sizeof(*q));
	q->who = any(PEERS);
	q->type = types[any(sizeof(types) / sizeof(types[0]))];
	q->tx = any(3);
	if (q->type == XS_TRANSACTION_START) {
		put_arg(q, "");
		q->tx = 0;
		return;
	}
	if (q->type == XS_TRANSACTION_END) {
		put_arg(q, any(3) ? "T" : "F");
		return;
	}
	put_arg(q, q->type == XS_WATCH && !any(8) ? "@releaseDomain" : names[any(sizeof(names) / sizeof(names[0]))]);
	if (q->type == XS_WRITE)
		q->len += any(200);
	else if (q->type == XS_SET_PERMS)
		for (uint32_t n = 1 + any(3); n; n--)
			put_arg(q, perms[any(sizeof(perms) / sizeof(perms[0]))]);
	else if (q->type == XS_WATCH || q->type == XS_UNWATCH)
		put_arg(q, any(2) ? "token" : "other");
	else if (q->type == XS_DIRECTORY_PART)
		put_arg(q, "0");
}

/* Transactions get small numbers, so that some questions hit one. */
static void few_transactions(struct world *w)
{
	for (uint32_t i = 0; i < PEERS; i++)
		w->peer[i].c.next_tx %= 2;
}

static void domain_dies(struct world *w, uint32_t domid)
{
	struct dom *d = dom_find(&w->s, domid);

	gone[domid] = true;
	if (d)
		dom_forget(&w->s, d);
	gone[domid] = false;
}

static void walk(struct world *w[], size_t worlds, unsigned int steps)
{
	for (unsigned int i = 0; i < steps; i++) {
		struct question q;

		question(&q);
		for (size_t k = 0; k < worlds; k++) {
			/* 5 is nobody's connection: it may come and go, and its entries are stale then. */
			if (i % 97 == 96)
				domain_dies(w[k], 5);
			few_transactions(w[k]);
			ask(w[k], q.who, q.type, q.tx, q.body, q.len);
		}
	}
}

static void same_sent(struct world *a, struct world *b)
{
	for (uint32_t i = 0; i < PEERS; i++) {
		assert_int_equal(a->peer[i].len, b->peer[i].len);
		assert_memory_equal(a->peer[i].sent, b->peer[i].sent, a->peer[i].len);
		a->peer[i].len = b->peer[i].len = 0;
	}
}

static void same_accounts(struct world *a, struct world *b)
{
	for (size_t i = 0; i < DOM_BUCKETS; i++) {
		struct dom *y = b->s.doms[i];

		for (struct dom *x = a->s.doms[i]; x; x = x->next, y = y->next) {
			assert_non_null(y);
			assert_int_equal(x->domid, y->domid);
			assert_int_equal(x->instance, y->instance);
			assert_int_equal(x->nodes, y->nodes);
			assert_int_equal(x->watches, y->watches);
			assert_int_equal(x->transactions, y->transactions);
			assert_int_equal(x->memory, y->memory);
		}
		assert_null(y);
	}
}

static void answers_as_before(void **state)
{
	char why[200];

	for (uint32_t round = 0; round < 150; round++) {
		struct world *w[2] = { world_new(), NULL };
		struct state_out first = { 0 }, second = { 0 };

		seed = round * 7919 + 1;
		walk(w, 1, 20 + any(300));
		for (uint32_t i = 0; i < PEERS; i++)
			w[0]->peer[i].len = 0;
		save(&first, w[0]);
		w[1] = load(first.buf, first.len, why);
		if (!w[1])
			fail_msg("round %u: %s", round, why);
		save(&second, w[1]);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.buf, second.buf, first.len);
		same_accounts(w[0], w[1]);
		walk(w, 2, 200);
		same_sent(w[0], w[1]);
		same_accounts(w[0], w[1]);
		state_out_free(&first);
		state_out_free(&second);
		world_free(w[0]);
		world_free(w[1]);
	}
}

static void fds_and_ports(void **state)
{
	struct world *w = world_new(), *copy;
	struct state_out o = { 0 };
	char why[200];

	save(&o, w);
	copy = load(o.buf, o.len, why);
	assert_non_null(copy);
	assert_int_equal(had.rw_fd, 7);
	assert_int_equal(had.evtchn_fd, 9);
	assert_int_equal(had_own.ro_fd, 8);
	assert_int_equal(had_own.deaths_port, 4);
	state_out_free(&o);
	world_free(w);
	world_free(copy);
}

static struct state_out *a_state(void)
{
	static struct state_out o;
	struct world *w = world_new();

	state_out_free(&o);
	seed = 4711;
	walk(&w, 1, 250);
	save(&o, w);
	world_free(w);
	return &o;
}

static void every_end_is_noticed(void **state)
{
	struct state_out *o = a_state();
	char why[200];

	for (size_t len = 0; len < o->len; len++) {
		uint8_t *copy = malloc(len + 1);

		/* In a place of its own, so that a byte beyond it is seen to be read. */
		memcpy(copy, o->buf, len);
		assert_null(load(copy, len, why));
		free(copy);
	}
	state_out_free(o);
}

/* What can be taken for a state must then be one that can be worked with. */
static void any_damage_does_no_harm(void **state)
{
	struct state_out *o = a_state();
	unsigned int refused = 0;
	char why[200];

	seed = 99;
	for (unsigned int i = 0; i < 6000; i++) {
		uint8_t *copy = malloc(o->len);
		struct world *w;

		memcpy(copy, o->buf, o->len);
		for (uint32_t n = 1 + any(4); n; n--)
			copy[any((uint32_t)o->len)] = any(2) ? (uint8_t)any(256) : 0;
		w = load(copy, o->len, why);
		free(copy);
		refused += !w;
		if (!w)
			continue;
		walk(&w, 1, 30);
		world_free(w);
	}
	assert_in_range(refused, 100, 6000);
	state_out_free(o);
}

/* What Debian's xenstored 4.17 hands to its next image: two sockets, Domain 0's ring and a guest's. */
static const char debian[] =
	"78656e73746f726500000001000000000100000008000000030000000600000002000000180000000100000000000000"
	"0000f47fe803000000000000000000000200000030000000020000000100000008000000000000000000000013000000"
	"000000000100000000000000030000004f4b000000000000020000001800000003000000010000000700000000000000"
	"0000000000000000030000001000000003000000030002002f7800740000000002000000180000000400000000000000"
	"0500f47fed03000000000000000000000300000020000000040000000f0002004072656c65617365446f6d61696e0072"
	"0000000000000000050000002800000000000000000000000f000000000001006e0000004072656c65617365446f6d61"
	"696e0000000000000500000028000000000000000000000011000000000001006e00000040696e74726f64756365446f"
	"6d61696e000000000500000018000000000000000000000002000000000001006e0000002f0000000500000020000000"
	"000000000000000006000000000001006e0000002f746f6f6c0000000000000005000000280000000000000000000000"
	"10000000000001006e0000002f746f6f6c2f78656e73746f726564000000000005000000180000000000000000000000"
	"03000100000001006e0000002f7800790000000000000000";

static void takes_over_from_debian(void **state)
{
	uint8_t data[sizeof(debian) / 2];
	struct world *w;
	struct node *n;
	char why[200];

	for (size_t i = 0; i < sizeof(data); i++) {
		unsigned int byte;

		assert_int_equal(sscanf(debian + 2 * i, "%2x", &byte), 1);
		data[i] = (uint8_t)byte;
	}
	w = load(data, sizeof(data), why);
	if (!w)
		fail_msg("%s", why);
	assert_int_equal(had.rw_fd, 3);
	assert_int_equal(had.evtchn_fd, 6);
	n = tree_node(w->s.root, "/x");
	assert_non_null(n);
	assert_int_equal(n->value->len, 1);
	assert_int_equal(n->value->data[0], 'y');
	assert_non_null(tree_node(w->s.root, "/tool/xenstored"));
	ask(w, 0, XS_WRITE, 0, "/x\0z", 4);
	/* The watch of the third connection hears of it; of the guest's, nothing is told. */
	assert_true(w->peer[2].len > 0);
	assert_int_equal(w->peer[3].len, 0);
	assert_int_equal(w->s.watches.count, 2);
	world_free(w);
}

static void says_what_is_wrong(void **state)
{
	static const uint8_t none[16] = "xenstore";
	static const struct rec_watch watch = { 3, 1, 1 };
	struct rec_global g = { -1, -1 };
	struct state_out o = { 0 };
	char why[200];

	assert_null(load("x", 1, why));
	assert_string_equal(why, "1 bytes are no state");
	assert_null(load("this is not a state at all", 26, why));
	assert_string_equal(why, "it does not begin as a state does");
	assert_null(load(none, sizeof(none), why));
	assert_string_equal(why, "version 0 is not known");
	state_start(&o);
	assert_null(load(o.buf, o.len, why));
	assert_string_equal(why, "it breaks off after 16 bytes, without an END");
	state_record(&o, REC_GLOBAL_DATA, &g, sizeof(g));
	state_record(&o, REC_WATCH_DATA, &watch, sizeof(watch));
	assert_null(load(o.buf, o.len, why));
	assert_string_equal(why, "WATCH_DATA record before byte 48: connection 3 is not there");
	state_out_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_before),
		cmocka_unit_test(fds_and_ports),
		cmocka_unit_test(every_end_is_noticed),
		cmocka_unit_test(any_damage_does_no_harm),
		cmocka_unit_test(takes_over_from_debian),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
