// SPDX-License-Identifier: LGPL-2.1-only
#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_internal.h"

#define MAX_PIECES  8u
#define MAX_ATTEMPTS 3u

/* Some bytes: how many, 0 when none are there, -1 with errno. */
static ssize_t read_some(struct xs_handle *h, void *buf, size_t len)
{
	for (;;) {
		ssize_t n = read(h->fd, buf, len);

		if (n > 0)
			return n;
		if (!n) {
			errno = EPIPE;
			return -1;
		}
		if (errno == EAGAIN)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

/* A message at the front of what has come in: its header, false when it is not all there. */
static bool first_message(const struct xs_handle *h, size_t at, struct xsd_sockmsg *m)
{
	if (h->in_have - at < sizeof(*m))
		return false;
	memcpy(m, h->in + at, sizeof(*m));
	return m->len > XENSTORE_PAYLOAD_MAX || h->in_have - at - sizeof(*m) >= m->len;
}

/* Carries on until there is a whole message: 1, 0 when more is to come, -1. */
static int read_message(struct xs_handle *h)
{
	struct xsd_sockmsg m;
	ssize_t n;

	while (!first_message(h, 0, &m)) {
		n = read_some(h, h->in + h->in_have, sizeof(h->in) - h->in_have);
		if (n <= 0)
			return (int)n;
		h->in_have += (size_t)n;
	}
	return 1;
}

static struct store_event *event_new(struct xs_handle *h, uint32_t len)
{
	struct store_event *e = malloc(sizeof(*e) + len + 1u);

	if (!e && !h->spare_used) {
		e = h->spare;
		h->spare_used = true;
	}
	return e;
}

void store_event_free(struct xs_handle *h, struct store_event *e)
{
	if (e == h->spare)
		h->spare_used = false;
	else
		free(e);
}

static void queue_event(struct xs_handle *h, const struct xsd_sockmsg *m, const char *body)
{
	struct store_event *e = event_new(h, m->len);
	static const uint64_t one = 1;

	if (!e) {
		h->failed = ENOMEM;
		return;
	}
	e->next = NULL;
	e->len = m->len;
	memcpy(e->body, body, m->len);
	e->body[m->len] = 0;
	if (!h->events && h->event_fd >= 0)
		(void)!write(h->event_fd, &one, sizeof(one));
	*h->events_last = e;
	h->events_last = &e->next;
}

static int error_number(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (strlen(xsd_errors[i].errstring) == strnlen(name, len) && !strncmp(xsd_errors[i].errstring, name, len))
			return xsd_errors[i].errnum;
	return EINVAL;
}

/* Without memory for it this one request has failed; the connection goes on. */
static void keep_reply(struct xs_handle *h, const struct xsd_sockmsg *m, const char *body)
{
	const bool error = m->type == XS_ERROR;

	h->reply = *m;
	h->reply_body = error ? NULL : malloc(m->len + 1u);
	h->reply_error = error ? error_number(body, m->len) : ENOMEM;
	if (h->reply_body) {
		memcpy(h->reply_body, body, m->len);
		h->reply_body[m->len] = 0;
	}
	h->have_reply = true;
}

static void count_answer(struct xs_handle *h, const struct xsd_sockmsg *m, const char *body)
{
	struct store_round *r = h->round;
	const uint8_t asked = r->types[r->answered];
	int err = m->type == XS_ERROR ? error_number(body, m->len) : 0;

	if (m->type != XS_ERROR && m->type != asked)
		h->failed = EBADF; /* out of step: nothing that comes later could be trusted */
	/* What is to go is gone. */
	if (asked == XS_RM && err == ENOENT)
		err = 0;
	if (err && !r->error) {
		r->error = err;
		r->failed = r->answered;
	}
	h->have_reply = ++r->answered == r->n;
}

/* A message finds its place; a reply that nobody asked for has none. */
static void place(struct xs_handle *h, const struct xsd_sockmsg *m, const char *body)
{
	if (m->type == XS_WATCH_EVENT)
		queue_event(h, m, body);
	else if (h->have_reply || !h->want_reply)
		return;
	else if (h->round)
		count_answer(h, m, body);
	else
		keep_reply(h, m, body);
}

/* All messages that are there. Called with state held. */
static void dispatch(struct xs_handle *h)
{
	struct xsd_sockmsg m;
	size_t at = 0;

	while (first_message(h, at, &m)) {
		if (m.len > XENSTORE_PAYLOAD_MAX) {
			h->failed = EIO;
			return;
		}
		h->heard = true;
		place(h, &m, h->in + at + sizeof(m));
		at += sizeof(m) + m.len;
	}
	h->in_have -= at;
	memmove(h->in, h->in + at, h->in_have);
}

/* Reads a message, or some, without holding state; errno 0 when there is one, EAGAIN, or why not. */
static int read_as_leader(struct xs_handle *h, bool block)
{
	int n;

	while ((n = read_message(h)) == 0) {
		struct pollfd p = { .fd = h->fd, .events = POLLIN };

		if (!block)
			return EAGAIN;
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return errno;
	}
	return n > 0 ? 0 : errno;
}

static bool have(const struct xs_handle *h, enum wait_for what)
{
	return what == WAIT_REPLY ? h->have_reply : h->events != NULL;
}

/* Called with state held, which is let go of while reading or sleeping. */
bool store_wait(struct xs_handle *h, enum wait_for what, bool block)
{
	while (!have(h, what)) {
		int err;

		if (h->failed) {
			errno = h->failed;
			return false;
		}
		if (h->reading) {
			if (!block) {
				errno = EAGAIN;
				return false;
			}
			pthread_cond_wait(&h->changed, &h->state);
			continue;
		}
		h->reading = true;
		pthread_mutex_unlock(&h->state);
		err = read_as_leader(h, block);
		pthread_mutex_lock(&h->state);
		h->reading = false;
		if (!err)
			dispatch(h);
		else if (err != EAGAIN)
			h->failed = err;
		pthread_cond_broadcast(&h->changed);
		if (err == EAGAIN) {
			errno = EAGAIN;
			return false;
		}
	}
	return true;
}

/* The connection is out of step: nothing that comes later could be trusted. */
static void *broken(struct xs_handle *h, int err)
{
	pthread_mutex_lock(&h->state);
	if (!h->failed)
		h->failed = err;
	h->want_reply = false;
	pthread_mutex_unlock(&h->state);
	errno = err;
	return NULL;
}

/*
 * A daemon that dies right after it has accepted a connection leaves nobody who knows of it: the next one goes on with those
 * of which something was heard or done.  So who was hung up on at its first request comes again.
 */
static bool comes_again(struct xs_handle *h, int err, unsigned int attempt)
{
	bool again;

	pthread_mutex_lock(&h->state);
	again = h->socket && !h->heard && !h->restricted && !h->reading && (err == EPIPE || err == ECONNRESET) &&
		attempt < MAX_ATTEMPTS && store_reconnect(h);
	if (again) {
		h->failed = 0;
		h->in_have = 0;
	}
	pthread_mutex_unlock(&h->state);
	errno = err;
	return again;
}

static void *take_reply(struct xs_handle *h, enum xsd_sockmsg_type type, unsigned int *len)
{
	char *body = NULL;
	uint32_t got = 0;
	int err;

	pthread_mutex_lock(&h->state);
	err = store_wait(h, WAIT_REPLY, true) ? h->reply_error : errno;
	if (h->have_reply) {
		body = h->reply_body;
		got = h->reply.type;
		if (body && len)
			*len = h->reply.len;
		h->reply_body = NULL;
	}
	h->want_reply = h->have_reply = false;
	pthread_mutex_unlock(&h->state);
	if (body && got != type) {
		free(body);
		return broken(h, EBADF);
	}
	/* Programs ask for errno after a call that worked, too: test-xenstore of 4.17 does. */
	errno = body ? 0 : err;
	return body;
}

void *store_talkv(struct xs_handle *h, xs_transaction_t t, enum xsd_sockmsg_type type,
		  const struct iovec *v, unsigned int n, unsigned int *len)
{
	struct xsd_sockmsg m = { .type = type, .tx_id = t };
	struct iovec all[MAX_PIECES + 1] = { { &m, sizeof(m) } }, left[MAX_PIECES + 1];
	unsigned int attempt = 0;
	size_t sum = 0;
	void *body;

	assert(n <= MAX_PIECES);
	for (unsigned int i = 0; i < n; i++) {
		all[i + 1] = v[i];
		sum += v[i].iov_len;
	}
	if (sum > XENSTORE_PAYLOAD_MAX) {
		errno = E2BIG;
		return NULL;
	}
	m.len = (uint32_t)sum;
	pthread_mutex_lock(&h->request);
	do {
		pthread_mutex_lock(&h->state);
		h->want_reply = true;
		pthread_mutex_unlock(&h->state);
		memcpy(left, all, sizeof(left));
		body = store_send(h, left, n + 1) ? take_reply(h, type, len) : broken(h, errno);
	} while (!body && comes_again(h, errno, ++attempt));
	pthread_mutex_unlock(&h->request);
	return body;
}

static bool take_round(struct xs_handle *h)
{
	bool ok;

	pthread_mutex_lock(&h->state);
	ok = store_wait(h, WAIT_REPLY, true) && !h->failed;
	if (!ok && h->failed)
		errno = h->failed;
	h->want_reply = h->have_reply = false;
	h->round = NULL;
	pthread_mutex_unlock(&h->state);
	return ok;
}

bool store_talk_round(struct xs_handle *h, struct store_round *round, void *messages, size_t size)
{
	unsigned int attempt = 0;
	bool ok;

	pthread_mutex_lock(&h->request);
	do {
		struct iovec v = { messages, size };

		pthread_mutex_lock(&h->state);
		h->round = round;
		h->want_reply = true;
		pthread_mutex_unlock(&h->state);
		ok = store_send(h, &v, 1) || broken(h, errno);
		ok = take_round(h) && ok;
	} while (!ok && comes_again(h, errno, ++attempt));
	pthread_mutex_unlock(&h->request);
	return ok;
}

void *store_talk(struct xs_handle *h, xs_transaction_t t, enum xsd_sockmsg_type type,
		 const char *string, unsigned int *len)
{
	struct iovec v = { (void *)string, strlen(string) + 1 };

	return store_talkv(h, t, type, &v, 1, len);
}

bool store_ok(void *reply)
{
	free(reply);
	return reply != NULL;
}
