/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A store as records, and back: its domains, nodes, special watches, and of each connection the watches and
 * transactions. The connections themselves, and what is held open, belong to the environment: it writes their
 * records between these (state_save_client() after each), and struct state_host reads them.
 *
 * What was loaded is the store that was saved in all that a client could ever see: generations, ids, the order of
 * children and events, what quotas count.
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "core/store.h"
#include "stream.h"

struct state_load;

/* A connection's records. The bytes lie in the stream. */
struct state_conn {
	struct rec_conn fixed;
	struct rec_own_conn own; /* has_own: else what can be made up is in it */
	bool has_own;
	const uint8_t *hashes; /* own.waiting numbers of 64 bits, not aligned */
	const uint8_t *in, *out;
};

struct state_host {
	/* Called before all else. False: refused, and state_bad() has been told why; so for the next as well. */
	bool (*global)(struct state_load *l, const struct rec_global *g, const struct rec_own_global *own);
	/* NULL: refused. */
	struct client *(*conn)(struct state_load *l, const struct state_conn *c);
};

struct state_client {
	uint32_t id;
	struct client *client;
};

/* Private to state/, but for s, in and host. */
struct state_load {
	struct store *s;
	struct state_in in;
	const struct state_host *host;
	struct rec_own_global own_global; /* what stands before the record that it adds to */
	struct rec_own_conn own_conn;
	struct rec_own_watch own_watch;
	struct rec_own_node own_node;
	const uint8_t *hashes, *own_perms;
	size_t own_perms_n;
	uint32_t before; /* type of the record before, to see whether it is such a one */
	bool global;	 /* had */
	struct trans *trans; /* the present one ... */
	struct client *trans_client; /* ... and whose it is */
	struct state_client *clients;
	size_t clients_n;
};

void state_save_store(struct state_out *o, const struct store *s, const struct rec_global *g,
		      struct rec_own_global *own);
void state_save_client(struct state_out *o, const struct store *s, const struct client *c, uint32_t id);
/* Into a bare store. False: l->in.why says why, and the store is fit for store_fini() at most. */
bool state_load(struct state_load *l, struct store *s, const struct state_host *host, const void *data, size_t len);

#endif
