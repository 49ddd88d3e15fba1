/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store: the tree, who owns what in it, who watches it, and the transactions on it.
 *
 * Nothing here knows of sockets, rings or Xen. Requests come in as a header and a body
 * (store_request()), replies and watch events leave through struct store_env, which also does
 * what concerns real domains. So the whole of it runs under a unit test or a fuzzer.
 */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "list.h"
#include "node.h"

#define STORE_PAYLOAD_MAX  4096u
#define STORE_ABS_PATH_MAX 3072u
#define STORE_REL_PATH_MAX 2048u
#define DOMID_NONE	   UINT32_MAX

enum quota {
	QUOTA_NODES,
	QUOTA_WATCHES,
	QUOTA_TRANSACTIONS,
	QUOTA_OUTSTANDING,
	QUOTA_TRANS_NODES,
	QUOTA_MEMORY,
	QUOTA_NODE_SIZE,
	QUOTA_PATH_MAX,
	QUOTA_PERMS,
	QUOTA_COUNT,
};

struct quota_desc {
	const char *name;
	const char *text;
	unsigned int initial;
};

extern const struct quota_desc quota_descs[QUOTA_COUNT];

struct store;
struct client;

/*
 * A domain that the store knows: it was introduced, or it exists in Xen and owns a node or is
 * named in permissions. A domain number that comes back after its domain died is another domain,
 * so entries of permissions remember the instance that they were made for.
 */
struct dom {
	struct dom *next;
	uint32_t domid;
	uint32_t instance;
	unsigned int nodes, watches, transactions, outstanding;
	size_t memory;
	bool soft_warned;
	enum quota waits_for;	    /* none: QUOTA_COUNT */
	uint32_t hits[QUOTA_COUNT]; /* refusals so far, so that the log stays short */
	void *link;		    /* the environment's record of the domain */
};

#define CONTROL_LATER (-1)

struct store_env {
	/* A reply, or a watch event of the watch with this serial number (0: not an event). */
	void (*send)(struct client *c, uint32_t type, uint32_t req_id, uint32_t tx_id,
		     const void *data, size_t len, uint64_t watch_seq);
	bool (*dom_exists)(struct store *s, uint32_t domid);
	/* Each gives an errno, 0 when done. */
	int (*introduce)(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port, bool *is_new);
	int (*release)(struct store *s, uint32_t domid);
	int (*resume)(struct store *s, uint32_t domid);
	int (*set_target)(struct store *s, uint32_t domid, uint32_t target);
	bool (*introduced)(struct store *s, uint32_t domid);
	/* CONTROL_LATER: store_answer() follows. */
	int (*control)(struct store *s, struct client *c, const char *const *argv, unsigned int argc,
		       char *out, size_t out_size);
	void (*log)(struct store *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
};

/* One connection, over a socket or a ring. */
struct client {
	struct dom *dom;
	struct dom *target; /* the domain that this one is a stub for, NULL: none */
	bool read_only;
	bool waits; /* for the answer of an XS_CONTROL: nothing else is asked until then */
	uint32_t wait_req, wait_tx;
	uint32_t next_tx;
	struct list transactions;
	struct list watches;
};

#define DOM_BUCKETS 256u

/* Watch events of domains coming and going; their permissions say who else than Domain 0 sees them. */
enum special {
	SPECIAL_INTRODUCE,
	SPECIAL_RELEASE,
	SPECIAL_COUNT,
};

struct watch_table {
	struct list *bucket;
	size_t mask, count;
	uint64_t seq;
};

struct store {
	struct node *root;
	uint64_t gen;
	const struct store_env *env;
	unsigned int quota[QUOTA_COUNT];
	unsigned int soft_memory;
	uint32_t priv_domid; /* a domain besides 0 that may do everything */
	bool keep_orphans;
	bool was_short; /* of memory, in some request: it may not go the same way when it is asked again */
	uint32_t next_instance;
	struct dom *doms[DOM_BUCKETS];
	struct dom *dom0;
	struct perms *special[SPECIAL_COUNT];
	struct watch_table watches;
	uint8_t reply[STORE_PAYLOAD_MAX + 1];
};

/* An empty store: "/", "/tool", "/tool/xenstored". False: out of memory. */
bool store_init(struct store *s, const struct store_env *env);
/* The same without any node, which a saved state then brings. */
bool store_init_bare(struct store *s, const struct store_env *env);
void store_fini(struct store *s);

void client_init(struct client *c, struct dom *d, bool read_only);
/* Drops watches and transactions: the connection ends, or is reset. */
void client_reset(struct store *s, struct client *c);
bool client_privileged(const struct store *s, const struct client *c);
/* Whether its next request may be read: not while it exceeds what its domain may use. */
bool client_may_ask(struct store *s, struct client *c);

/* One request; a reply is always sent. body holds len <= STORE_PAYLOAD_MAX bytes. */
void store_request(struct store *s, struct client *c, uint32_t type, uint32_t req_id,
		   uint32_t tx_id, const void *body, size_t len);
/* The answer that a client waits for. */
void store_answer(struct store *s, struct client *c, const char *text);

/* dom.c */
struct dom *dom_find(struct store *s, uint32_t domid);
/* Finds it or, if it exists in Xen or must is set, makes it known. */
struct dom *dom_know(struct store *s, uint32_t domid, bool must);
/* The domain is gone: its nodes are removed (or become Domain 0's), its number is free. */
void dom_forget(struct store *s, struct dom *d);
void dom_charge(struct store *s, struct dom *d, size_t more, size_t less);
/* Into the log, under the quota's name; where may be NULL. */
void quota_tell(struct store *s, struct dom *d, enum quota q, const char *where, const char *verdict);
/* True when value is beyond the client's quota, which is logged then. */
bool quota_refuses(struct store *s, struct client *c, enum quota q, size_t value, const char *what);
int quota_by_name(const char *name);

/* path.c */
bool path_valid(const char *path);
/* What a path may measure is counted from the home that it lies in, whoever asks. */
bool path_is_long(const struct store *s, const char *path);
/* Makes a relative path absolute: its domain's home before it. Length, or 0 when too long. */
size_t path_absolute(const struct client *c, const char *path, char out[STORE_ABS_PATH_MAX + 1]);

/* perms.c */
unsigned int perms_for(const struct store *s, const struct client *c, const struct perms *p);
int perms_parse(struct store *s, const char *strings, unsigned int n, struct perms **out);
bool perm_letter_bits(char letter, uint32_t *bits);
char perm_letter(uint32_t bits);
size_t perms_format(const struct perms *p, char *out, size_t size);

#endif
