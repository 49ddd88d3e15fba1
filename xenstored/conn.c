// SPDX-License-Identifier: GPL-2.0-only
#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "journal.h"

#define HDR sizeof(struct xsd_sockmsg)
/* Requests of one connection that are answered before others have their turn. */
#define BURST 32u
/* Replies that may wait for a client before it is read no further. */
#define MAX_WAITING 256u
/* Messages that are sent at once; so many answers are gathered. */
#define BATCH 16

/* To be served in the next round without being asked, and those that wait for their quota. */
static struct list conns_again = { &conns_again, &conns_again };
static struct list conns_stalled = { &conns_stalled, &conns_stalled };

void conn_init(struct conn *c, struct store *s, struct dom *d, const struct conn_ops *ops,
	       bool read_only)
{
	memset(c, 0, offsetof(struct conn, in));
	client_init(&c->client, d, read_only);
	conn_new_id(c);
	c->ops = ops;
	c->store = s;
	list_init(&c->again);
	list_init(&c->out);
}

struct conn *conn_served;

void conn_again(struct conn *c)
{
	list_remove(&c->again);
	list_append(&conns_again, &c->again);
}

void conn_kill(struct conn *c)
{
	c->dead = true;
	conn_again(c);
}

bool conns_serve(void)
{
	struct list now;

	list_each_safe(it, tmp, &conns_stalled) {
		struct conn *c = list_entry(it, struct conn, again);

		if (client_may_ask(c->store, &c->client))
			conn_again(c);
	}
	if (list_empty(&conns_again))
		return false;
	now = conns_again;
	now.next->prev = now.prev->next = &now;
	list_init(&conns_again);
	while (!list_empty(&now)) {
		struct conn *c = list_entry(now.next, struct conn, again);

		list_remove(&c->again);
		conn_input(c);
		if (c->dead)
			c->ops->close(c);
	}
	return !list_empty(&conns_again);
}

static struct conn *conn_of(struct client *client)
{
	return (struct conn *)((char *)client - offsetof(struct conn, client));
}

static void event_unhash(struct conn *c, struct out_msg *m)
{
	struct out_msg **at = &c->events[m->hash % EVENT_BUCKETS];

	while (*at != m)
		at = &(*at)->same_hash;
	*at = m->same_hash;
}

static void msg_drop(struct conn *c, struct out_msg *m)
{
	struct dom *d = c->client.dom;

	if (m->hash) {
		event_unhash(c, m);
	} else {
		d->outstanding--;
		c->waiting--;
	}
	dom_charge(c->store, d, 0, sizeof(*m) + m->len);
	list_remove(&m->link);
	free(m);
}

void conn_reset(struct conn *c)
{
	client_reset(c->store, &c->client);
	while (!list_empty(&c->out))
		msg_drop(c, list_entry(c->out.next, struct out_msg, link));
	free(c->events);
	c->events = NULL;
	c->in_used = 0;
	c->held = false;
	list_remove(&c->again);
}

void conn_fini(struct conn *c)
{
	conn_reset(c);
	conn_drop_id(c);
}

void conn_answer(struct conn *c, const char *text)
{
	journal_note(JOURNAL_ANSWER, c->id, text, strlen(text) + 1);
	store_answer(c->store, &c->client, text);
	/* What it asked meanwhile lies in our buffer. */
	conn_again(c);
}

static long write_now(struct conn *c, const struct iovec *v, int n)
{
	long sent = c->ops->write(c, v, n);

	if (sent > 0)
		c->put += (uint32_t)sent;
	return sent;
}

/* What was sent when this was done before, or what can be sent now. */
static long conn_write(struct conn *c, const struct iovec *v, int n)
{
	int32_t sent = 0;
	uint32_t why;

	if (!journal_replaying())
		return write_now(c, v, n);
	while (journal_next_is(JOURNAL_BAD, c->id) && journal_recall(JOURNAL_BAD, c->id, &why, sizeof(why)))
		c->ignored = true;
	if (!journal_recall(JOURNAL_SENT, c->id, &sent, sizeof(sent)))
		journal_note(JOURNAL_SENT, c->id, &sent, sizeof(sent));
	if (sent > 0)
		c->put += (uint32_t)sent;
	return sent;
}

uint64_t conn_event_hash(const void *data, size_t len, uint64_t watch_seq)
{
	uint64_t h = name_hash(data, len) ^ watch_seq * 0x9e3779b97f4a7c15ull;

	return h ? h : 1;
}

/* An event that still waits untouched need not be sent twice. */
static bool event_waits(const struct conn *c, uint64_t hash, const void *data, size_t len)
{
	struct out_msg *m = c->events ? c->events[hash % EVENT_BUCKETS] : NULL;

	for (; m; m = m->same_hash)
		if (m->hash == hash && !m->sent && m->len == HDR + len &&
		    !memcmp(m->data + HDR, data, len))
			return true;
	return false;
}

struct out_msg *conn_enqueue(struct conn *c, size_t len, size_t sent, uint64_t hash)
{
	struct dom *d = c->client.dom;
	struct out_msg *m;

	if (hash && !c->events)
		c->events = calloc(EVENT_BUCKETS, sizeof(*c->events));
	m = hash && !c->events ? NULL : malloc(sizeof(*m) + len);
	if (!m)
		return NULL;
	m->hash = hash;
	m->len = len;
	m->sent = sent;
	if (hash) {
		m->same_hash = c->events[hash % EVENT_BUCKETS];
		c->events[hash % EVENT_BUCKETS] = m;
	} else {
		d->outstanding++;
		c->waiting++;
	}
	dom_charge(c->store, d, sizeof(*m) + m->len, 0);
	if (list_empty(&c->out) && !c->gathers)
		c->ops->want_write(c, true);
	list_append(&c->out, &m->link);
	return m;
}

static void enqueue_message(struct conn *c, const struct xsd_sockmsg *h, const void *data, size_t sent,
			    uint64_t hash)
{
	struct out_msg *m = conn_enqueue(c, HDR + h->len, sent, hash);

	if (!m) {
		log_line("domain %u: out of memory for a message: connection closed", c->client.dom->domid);
		conn_kill(c);
		return;
	}
	memcpy(m->data, h, HDR);
	if (h->len)
		memcpy(m->data + HDR, data, h->len);
}

void conn_send(struct client *client, uint32_t type, uint32_t req_id, uint32_t tx_id,
	       const void *data, size_t len, uint64_t watch_seq)
{
	struct xsd_sockmsg h = { .type = type, .req_id = req_id, .tx_id = tx_id,
				 .len = (uint32_t)len };
	struct conn *c = conn_of(client);
	uint64_t hash = 0;
	long sent = 0;

	if (c->ignored || c->dead)
		return;
	if (trace_on)
		trace_message("OUT", c, client->dom->domid, type, data, h.len);
	if (list_empty(&c->out) && !c->gathers) {
		struct iovec v[2] = { { &h, HDR }, { (void *)data, len } };

		sent = conn_write(c, v, len ? 2 : 1);
		if (sent < 0) {
			conn_kill(c);
			return;
		}
		if ((size_t)sent >= HDR + len)
			return;
	}
	if (watch_seq) {
		hash = conn_event_hash(data, len, watch_seq);
		if (!sent && event_waits(c, hash, data, len))
			return;
	}
	enqueue_message(c, &h, data, (size_t)sent, hash);
}

void conn_take_off(struct conn *c, size_t sent)
{
	while (sent) {
		struct out_msg *m = list_entry(c->out.next, struct out_msg, link);
		size_t part = m->len - m->sent;

		if (part > sent) {
			m->sent += sent;
			return;
		}
		sent -= part;
		msg_drop(c, m);
	}
}

void conn_all_sent(struct conn *c)
{
	c->ops->want_write(c, false);
	/* What it asked meanwhile lies in our buffer: no event tells of that. */
	if (c->held)
		conn_again(c);
	c->held = false;
}

void conn_output(struct conn *c)
{
	while (!list_empty(&c->out) && !c->dead && !c->ignored) {
		struct iovec v[BATCH];
		int n = 0;
		long sent;

		list_each(it, &c->out) {
			struct out_msg *m = list_entry(it, struct out_msg, link);

			v[n++] = (struct iovec){ m->data + m->sent, m->len - m->sent };
			if (n == BATCH)
				break;
		}
		sent = write_now(c, v, n);
		if (sent < 0) {
			conn_kill(c);
			return;
		}
		if (!sent)
			return;
		conn_take_off(c, (size_t)sent);
	}
	if (list_empty(&c->out))
		conn_all_sent(c);
}

/* Whether a whole message is there. */
static bool is_whole(const uint8_t *at, size_t have)
{
	struct xsd_sockmsg h;

	if (have < HDR)
		return false;
	memcpy(&h, at, HDR);
	return h.len <= XENSTORE_PAYLOAD_MAX && have - HDR >= h.len;
}

size_t conn_message(struct conn *c, const uint8_t *at, size_t have)
{
	struct xsd_sockmsg h;

	if (have < HDR)
		return 0;
	memcpy(&h, at, HDR);
	if (h.len > XENSTORE_PAYLOAD_MAX || have >= HDR + h.len)
		journal_note(JOURNAL_SERVE, c->id, NULL, 0);
	if (h.len > XENSTORE_PAYLOAD_MAX) {
		log_line("domain %u: message of %u bytes breaks the protocol: %s",
			 c->client.dom->domid, h.len, "connection refused from now on");
		c->ops->broken(c, XENSTORE_ERROR_PROTO);
		return 0;
	}
	if (have < HDR + h.len)
		return 0;
	if (trace_on)
		trace_message("IN", c, c->client.dom->domid, h.type, at + HDR, h.len);
	conn_served = c;
	/* By what has come in alone: a journal that is gone through again finds the same. */
	c->gathers = is_whole(at + HDR + h.len, have - HDR - h.len);
	store_request(c->store, &c->client, h.type, h.req_id, h.tx_id, at + HDR, h.len);
	c->gathers = false;
	conn_served = NULL;
	return HDR + h.len;
}

void conn_used(struct conn *c, size_t at)
{
	c->in_used -= at;
	if (at && c->in_used)
		memmove(c->in, c->in + at, c->in_used);
}

enum served { SERVED_ALL, SERVED_BURST, SERVED_QUOTA };

/* Gathered answers go out; whether all of them did. The rest waits as any other. */
static bool send_gathered(struct conn *c)
{
	if (list_empty(&c->out))
		return true;
	conn_output(c);
	if (list_empty(&c->out))
		return true;
	if (!c->dead)
		c->ops->want_write(c, true);
	return false;
}

/* Answers what has come in. */
static enum served serve(struct conn *c)
{
	/* Who has not taken earlier answers yet is written to when it has. */
	bool may_send = list_empty(&c->out);
	enum served how = SERVED_ALL;
	unsigned int answered = 0;
	size_t at = 0, used;

	while (!c->dead && !c->ignored && !c->client.waits) {
		if (!client_may_ask(c->store, &c->client)) {
			how = SERVED_QUOTA;
			break;
		}
		/* Who does not take replies makes no more of them, until those are gone. */
		c->held = c->waiting > MAX_WAITING;
		if (c->held)
			break;
		if (answered++ == BURST) {
			how = SERVED_BURST;
			break;
		}
		used = conn_message(c, c->in + at, c->in_used - at);
		if (!used)
			break;
		at += used;
		if (may_send && (c->waiting >= BATCH || !is_whole(c->in + at, c->in_used - at)))
			may_send = send_gathered(c);
	}
	if (may_send)
		send_gathered(c);
	conn_used(c, at);
	return how;
}

void conn_input(struct conn *c)
{
	enum served how;
	long n;

	if (c->ignored || c->dead || c->held || c->client.waits)
		return;
	n = c->ops->read(c, c->in + c->in_used, sizeof(c->in) - c->in_used);
	if (n > 0) {
		c->in_used += (size_t)n;
		c->taken += (uint32_t)n;
	}
	how = serve(c);
	if (how == SERVED_QUOTA) {
		list_remove(&c->again);
		list_append(&conns_stalled, &c->again);
		return;
	}
	/* A peer that wrote and hung up still has its requests done. */
	if (c->held || c->client.waits)
		return;
	if (n < 0 && how != SERVED_BURST && !c->dead)
		conn_kill(c);
	else if (how == SERVED_BURST || (n > 0 && c->ops->ready && c->ops->ready(c)))
		conn_again(c);
}
