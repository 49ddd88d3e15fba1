/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection: messages in, messages out, over bytes that conn_ops moves. What can be sent
 * at once is, and answers to requests that came together go together; the rest waits in a queue,
 * and a peer that does not take its replies is not read from any further.
 */
#ifndef XENSTORED_CONN_H
#define XENSTORED_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <xen/io/xs_wire.h>

#include "core/store.h"
#include "state/state.h"

struct conn;

struct conn_ops {
	/* Moves what it can: bytes moved, 0 when it would block, -1 when the peer is gone or mad. */
	long (*read)(struct conn *c, void *buf, size_t len);
	long (*write)(struct conn *c, const struct iovec *v, int n);
	/* Whether input waits that no event will tell of; NULL: there is always an event. */
	bool (*ready)(struct conn *c);
	/* Output waits, or no longer does. */
	void (*want_write)(struct conn *c, bool on);
	/* A message broke the protocol. */
	void (*broken)(struct conn *c, uint32_t why);
	/* It is dead, and nobody holds it any more. */
	void (*close)(struct conn *c);
};

struct out_msg {
	struct list link;
	struct out_msg *same_hash;
	uint64_t hash; /* of an event, to drop it when it is already waiting; 0: a reply */
	size_t len, sent;
	uint8_t data[];
};

#define EVENT_BUCKETS 64u

struct conn {
	struct client client;
	uint32_t id; /* of this connection alone, as long as the store lives */
	struct conn *same_id_bucket;
	const struct conn_ops *ops;
	struct store *store;
	struct list again;    /* in conns_again or conns_stalled */
	bool ignored;	      /* it broke the protocol: no more is read or sent */
	bool dead;	      /* to be closed at the end of the round */
	bool held;	      /* too many replies wait: nothing is read until they are gone */
	bool gathers;	      /* another request is there: the answer to this one goes out with that one's */
	unsigned int waiting; /* replies in out */
	uint32_t taken, put;  /* bytes moved so far: a ring's indices, whatever stands in its page */
	struct list out;
	struct out_msg **events; /* by hash, of those that wait; made when needed */
	size_t in_used;
	uint8_t in[2 * (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)];
};

void conn_init(struct conn *c, struct store *s, struct dom *d, const struct conn_ops *ops,
	       bool read_only);
/* Forgets input, output, watches and transactions. */
void conn_reset(struct conn *c);
/* The end of it: it is reset, and its id is nobody's. */
void conn_fini(struct conn *c);

/* conn_ids.c. NULL: there is none. */
struct conn *conn_by_id(uint32_t id);
void conn_new_id(struct conn *c);
/* Gives it the id that it had in the last process. */
void conn_set_id(struct conn *c, uint32_t id);
void conn_drop_id(struct conn *c);
void conn_each(void (*fn)(struct conn *c, const char *arg), const char *arg);
/* Reads and answers. */
void conn_input(struct conn *c);
void conn_output(struct conn *c);
/* store_env's send. */
void conn_send(struct client *client, uint32_t type, uint32_t req_id, uint32_t tx_id,
	       const void *data, size_t len, uint64_t watch_seq);

/* Answers what it waits for, and goes on with it. */
void conn_answer(struct conn *c, const char *text);

/* The one whose request is being performed, NULL outside of one. */
extern struct conn *conn_served;

/* To be served in the next round, whether or not an event asks for it. */
void conn_again(struct conn *c);
/* A message at the queue's end, whose bytes the caller fills in. NULL: no memory. */
struct out_msg *conn_enqueue(struct conn *c, size_t len, size_t sent, uint64_t hash);
uint64_t conn_event_hash(const void *data, size_t len, uint64_t watch_seq);

/* For recover.c, which does again what was done: bytes that were read, a message to answer, bytes that were sent. */
bool conn_replay_input(struct conn *c, const void *data, size_t len);
bool conn_replay_serve(struct conn *c);
/* Answers it with an error, unseen: the daemon died of it. */
bool conn_replay_refuse(struct conn *c);
bool conn_replay_sent(struct conn *c, int32_t n);
/* Its parts: so many bytes are sent, which are there; nothing waits any more. */
void conn_take_off(struct conn *c, size_t sent);
void conn_all_sent(struct conn *c);
/* Answers the message at the start of the buffer. Bytes used, 0 when it is not all there; then they are used up. */
size_t conn_message(struct conn *c, const uint8_t *at, size_t have);
void conn_used(struct conn *c, size_t at);
/* Bytes that wait to be sent. */
size_t conn_waiting_bytes(const struct conn *c);

/* Numbers of connections begin behind this one. */
void conn_ids_from(uint32_t last);
uint32_t conn_ids_last(void);

/*
 * Records of a connection, and from them. The caller knows its kind: it fills in type and u of fixed, and what
 * own does not take from the connection itself.
 */
void conn_save(struct state_out *o, const struct conn *c, struct rec_conn *fixed, struct rec_own_conn *own);
bool conn_load(struct state_load *l, struct conn *c, const struct state_conn *from);

/* No more of it: closed at the end of the round. */
void conn_kill(struct conn *c);
/* Serves those that have more to do without an event from outside. True: some still have. */
bool conns_serve(void);

#endif
