/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A handle: one connection, over which replies and watch events come interleaved.
 *
 * There is no thread behind it. Whoever waits for a reply or an event reads the connection, and
 * hands on what is not its own: events go to a queue, a reply to the one request that is under
 * way. While one thread reads, others that wait sleep on a condition.
 *
 * Locks: request before state. request is held from sending a message to having its reply.
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "toolcore_internal.h"
#include "xenstore.h"

struct store_event {
	struct store_event *next;
	unsigned int len;
	char body[]; /* path, NUL, token, NUL */
};

/* Requests that are under way at once; what they are answered is counted, and only a failure kept. */
struct store_round {
	const uint8_t *types; /* xsd_sockmsg_type each, in their order */
	unsigned int n, answered;
	unsigned int failed; /* the first that failed, if error is not 0 */
	int error;
};

struct xs_handle {
	struct active_handle ah;
	int fd;		 /* does not block: poll() waits */
	bool socket;	 /* else a device */
	bool restricted; /* fd is no longer the daemon's */
	bool filter;	 /* XS_UNWATCH_FILTER */
	pthread_mutex_t request;

	pthread_mutex_t state; /* what follows */
	pthread_cond_t changed;
	bool heard;	   /* something has come */
	bool reading;	   /* a thread reads the connection, without holding state */
	int failed;	   /* errno after which the connection is of no use; 0: fine */
	bool want_reply, have_reply;
	struct xsd_sockmsg reply;
	char *reply_body; /* NULL: reply_error says why */
	int reply_error;
	struct store_round *round; /* NULL: one request at a time */
	struct store_event *events, **events_last;
	struct store_event *spare; /* for an event that comes when there is no memory: none may be lost */
	bool spare_used;
	int event_fd; /* readable while events is not empty, -1: nobody asked */
	int poll_fd;  /* of xs_fileno(): the connection and event_fd */

	/* What has come in and found no place yet: only the thread that reads touches these. */
	char in[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
	size_t in_have;
};

/* handle.c */
/* Connects anew. With state held, and nobody reading. */
bool store_reconnect(struct xs_handle *h);
bool store_send(struct xs_handle *h, struct iovec *v, unsigned int n);

/* talk.c: one request, its body in n pieces; the reply's body, NUL-terminated, or NULL. */
void *store_talkv(struct xs_handle *h, xs_transaction_t t, enum xsd_sockmsg_type type,
		  const struct iovec *v, unsigned int n, unsigned int *len);
void *store_talk(struct xs_handle *h, xs_transaction_t t, enum xsd_sockmsg_type type,
		 const char *string, unsigned int *len);
/* Sends them all, in one piece of size bytes, and waits for all answers. False with errno: the connection is of no use. */
bool store_talk_round(struct xs_handle *h, struct store_round *round, void *messages, size_t size);
/* For requests whose reply says nothing. Frees the reply. */
bool store_ok(void *reply);
enum wait_for { WAIT_REPLY, WAIT_EVENT };
/* Reads until there is what is waited for. With block unset it may return false, EAGAIN. */
bool store_wait(struct xs_handle *h, enum wait_for what, bool block);
/* With state held, of an event that is no longer in the queue. */
void store_event_free(struct xs_handle *h, struct store_event *e);

/* nodes.c: permissions as a request has them. How long, 0 with errno: they make no sense, or too many. */
size_t store_perms_text(char *row, size_t room, const struct xs_permissions *perms, unsigned int n);

/* paths.c */
const char *store_domain_dev(void);

#endif
