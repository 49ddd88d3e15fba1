/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layout of a saved store: the image format of the original's "Xenstore Migration" design, a header and
 * records, each a type and a length before its body, padded to 8 bytes. Its records hold what any
 * xenstored needs. What only ours can carry over (the age of each node, what open transactions have
 * seen and done, the order of watches) stands in records of our own, whose types lie where the design
 * has nothing: REC_OWN and up. Those that add to a record of the design stand right before it.
 */
#ifndef STATE_RECORDS_H
#define STATE_RECORDS_H

#include <stdint.h>

#define STATE_IDENT   "xenstore"
#define STATE_VERSION 1u
#define STATE_BIG_ENDIAN 1u

/* In this order of bytes whatever the flags say: most significant first. */
struct state_header {
	char ident[8];
	uint8_t version[4], flags[4];
};

struct rec_head {
	uint32_t type, len;
};

enum rec_type {
	REC_END = 0,
	REC_GLOBAL_DATA = 1,
	REC_CONNECTION_DATA = 2,
	REC_WATCH_DATA = 3,
	REC_TRANSACTION_DATA = 4,
	REC_NODE_DATA = 5,

	REC_OWN = 0x58454e00,
	REC_OWN_GLOBAL = REC_OWN, /* counters, quotas, what else is held open */
	REC_OWN_DOMAIN,		  /* a domain that the store knows */
	REC_OWN_CONNECTION,	  /* before CONNECTION_DATA */
	REC_OWN_WATCH,		  /* before WATCH_DATA */
	REC_OWN_TRANSACTION,	  /* after TRANSACTION_DATA, and so the next four */
	REC_OWN_BASE_NODE,	  /* its snapshot, where it is not the tree that is saved */
	REC_OWN_ROOT_NODE,	  /* its version, where that is not its snapshot */
	REC_OWN_ACCESS,
	REC_OWN_CHANGE,
	REC_OWN_DELTA,
	REC_OWN_NODE, /* before NODE_DATA */
	REC_OWN_LAST = REC_OWN_NODE,
};

struct rec_global {
	int32_t rw_fd, evtchn_fd; /* -1: none */
};

enum rec_conn_type {
	REC_CONN_RING = 0,
	REC_CONN_SOCKET = 1,
};

/* Then what was read and is not answered yet, then what waits to be sent. */
struct rec_conn {
	uint32_t id; /* not 0 */
	uint16_t type, pad;
	union {
		struct {
			uint16_t domid, target; /* DOMID_INVALID: none */
			uint32_t port;		/* ours */
		} ring;
		struct {
			int32_t fd;
			uint32_t pad;
		} sock;
	} u;
	uint16_t in_len;
	uint16_t out_partial; /* of the first waiting message, when part of it is sent */
	uint32_t out_len;
};

/* Then the path as the client gave it, then the token, each with its NUL. */
struct rec_watch {
	uint32_t conn;
	uint16_t path_len, token_len;
};

struct rec_transaction {
	uint32_t conn, id;
};

#define REC_PERM_STALE 1u /* made for a domain that had this number before */

struct rec_perm {
	uint8_t letter, flags;
	uint16_t domid;
};

/*
 * Then the permissions, the path with its NUL, the value. A special watch has one as well, for its permissions:
 * that is not in the design, but what the original writes.
 */
struct rec_node {
	uint32_t conn; /* 0: of the tree, not of a transaction */
	uint32_t tx;
	uint16_t path_len, value_len, access, perms;
};

/* Our own records */

#define REC_QUOTAS 9u

struct rec_own_global {
	int32_t ro_fd;
	int32_t deaths_port;
	int32_t journal_fd; /* -1: none */
	uint32_t pad;
	uint32_t next_conn;
	uint32_t next_instance;
	uint64_t gen, watch_seq;
	uint32_t quota[REC_QUOTAS];
	uint32_t soft_memory;
};

#define REC_DOMAIN_SHUTDOWN 1u
#define REC_DOMAIN_WARNED   2u

struct rec_own_domain {
	uint32_t domid, instance, flags, pad;
};

/* A permission in full, with the domain's instance. */
struct rec_own_perm {
	uint32_t id, bits, instance;
};

#define REC_CONN_READ_ONLY 1u
#define REC_CONN_IGNORED   2u
#define REC_CONN_HELD	   4u
#define REC_CONN_FOREIGN   8u  /* its page is mapped by its frame, not by a grant */
#define REC_CONN_OWN	   16u /* it is Domain 0's page, from its kernel */
#define REC_CONN_SHUTDOWN  32u /* that its domain has shut down was told */
#define REC_CONN_WAITS	   64u /* for the answer to wait_req */
#define REC_CONN_UNKEPT	   128u /* nothing is heard yet, since nobody keeps its socket yet */

/* Then a hash for each waiting message: 0 for a reply. */
struct rec_own_conn {
	uint32_t id, flags;
	uint32_t next_tx;
	uint32_t remote; /* the guest's port */
	uint64_t gfn;
	uint32_t sent; /* of the first waiting message */
	uint32_t waiting;
	uint32_t wait_req, wait_tx;
	uint32_t req_cons, rsp_prod; /* of a ring, as far as we moved them */
};

struct rec_own_watch {
	uint64_t seq;
};

#define REC_TX_STARTED 1u /* it has a snapshot */
#define REC_TX_FAILED  2u

struct rec_own_transaction {
	uint32_t flags, pad;
	uint64_t memory;
};

#define REC_NODE_GONE 1u

/* Then the permissions, the path with its NUL, the value. */
struct rec_own_tx_node {
	uint64_t gen, seq;
	uint32_t flags, perms, path_len, value_len;
};

#define REC_ACCESS_EVENT 1u
#define REC_ACCESS_EXACT 2u

/* Then the path with its NUL. */
struct rec_own_access {
	uint64_t gen;
	uint32_t flags, path_len;
};

/* Then the permissions, the path with its NUL, the value. */
struct rec_own_change {
	uint32_t kind, perms, path_len, value_len;
};

struct rec_own_delta {
	uint32_t domid, instance;
	int32_t nodes, pad;
	int64_t bytes;
};

/* Then, when a number of a domain does not fit into 16 bits, all permissions in full. */
struct rec_own_node {
	uint64_t gen, seq;
};

_Static_assert(sizeof(struct state_header) == 16 && sizeof(struct rec_global) == 8 && sizeof(struct rec_conn) == 24 &&
	       sizeof(struct rec_watch) == 8 && sizeof(struct rec_perm) == 4 && sizeof(struct rec_node) == 16,
	       "layouts of the design");

#endif
