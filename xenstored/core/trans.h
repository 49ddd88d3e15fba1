/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transactions. One holds the tree as it was at its first request and edits a version of its
 * own; beside it stands what it touched: each path with the generation that it had, and each
 * change in order. Its end compares those generations with the present tree. If nothing that it
 * touched has moved, the changes are made there again, or, when the tree has not changed at all,
 * its version simply becomes the tree.
 */
#ifndef XENSTORED_TRANS_H
#define XENSTORED_TRANS_H

#include "store.h"

/* A node that a transaction has seen, or has seen to be absent. */
struct access {
	struct access *hash_next;
	struct access *next; /* in order of first access: events keep this order */
	uint64_t hash;
	uint64_t gen;
	bool event; /* its change makes an event at the end ... */
	bool exact; /* ... for watches on just this path */
	char path[];
};

enum change_kind {
	CHANGE_WRITE,
	CHANGE_MKDIR,
	CHANGE_RM,
	CHANGE_PERMS,
};

struct change {
	struct change *next;
	enum change_kind kind;
	struct blob *value;
	struct perms *perms;
	char path[];
};

struct owner_delta {
	uint32_t domid, instance;
	int nodes;
	long bytes;
};

struct trans {
	struct list link;
	uint32_t id;
	struct node *base; /* NULL until its first request */
	struct node *root;
	struct access *first, **last;
	struct access **table;
	size_t mask, accesses;
	struct change *changes, **changes_last;
	struct owner_delta *deltas;
	size_t deltas_n;
	size_t memory; /* charged to the client's domain */
	bool failed;   /* an edit broke off half-way, or a quota was hit: it must not be committed */
};

struct trans *trans_new(struct store *s, struct client *c);
struct trans *trans_find(struct client *c, uint32_t id);
void trans_free(struct store *s, struct client *c, struct trans *t);
/* Takes its snapshot if it has none yet, or a newer one as long as it has touched nothing. */
void trans_begin_request(struct store *s, struct trans *t);
/* Notes that the path was looked at. Gives an errno. */
int trans_access(struct store *s, struct client *c, struct trans *t, const char *path, size_t len,
		 struct access **out);
/* Its generation is the caller's to say. NULL: no memory. */
struct access *trans_access_new(struct store *s, struct client *c, struct trans *t, const char *path,
				size_t len);
int trans_change(struct store *s, struct client *c, struct trans *t, enum change_kind kind,
		 const char *path, struct blob *value, struct perms *perms);
/* Notes that a domain owns so many nodes and bytes more. Errno. */
int trans_delta(struct trans *t, uint32_t domid, uint32_t instance, int nodes, long bytes);
/* Makes its changes real and fires their events. EAGAIN when something it touched has moved. */
int trans_commit(struct store *s, struct client *c, struct trans *t);

#endif
