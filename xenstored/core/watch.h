/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches, found by the hash of their path: a change probes the table once for each ancestor of
 * its path, however many watches and clients there are.
 */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include "store.h"

struct watch {
	struct list in_table;
	struct list in_client;
	struct client *client;
	uint64_t hash;
	uint64_t seq;	     /* order of registration: events of one change keep it */
	uint32_t path_len;
	uint32_t shown_from; /* events give the path from here on: a relative watch */
	size_t memory;
	const char *token;
	char path[]; /* absolute; the token follows */
};

bool watch_table_init(struct watch_table *t);
void watch_table_fini(struct watch_table *t);

/* Without asking quotas, or whether there is one like it. NULL: no memory. */
struct watch *watch_new(struct store *s, struct client *c, const char *path, const char *shown,
			const char *token, uint64_t seq);
/* Give an errno. */
int watch_add(struct store *s, struct client *c, const char *path, const char *shown,
	      const char *token, struct watch **out);
int watch_remove(struct store *s, struct client *c, const char *path, const char *token);
void watch_remove_all(struct store *s, struct client *c);
void watch_send(struct store *s, struct watch *w, const char *path, size_t len);

/*
 * What changed at a path, for the right to hear of it: whoever may read the node now, could read
 * it before, or may read its parent. NULL where there is none.
 */
struct seen_by {
	const struct perms *now, *before, *parent;
};

/* Any watch at or above path; with exact, only those right at it. */
void watch_fire(struct store *s, const char *path, bool exact, const struct seen_by *seen);
/* A subtree has gone: watches at its nodes hear of them first, then all at or above its top. */
void watch_fire_removed(struct store *s, const char *path, struct node *gone,
			const struct perms *parent);
void watch_fire_special(struct store *s, enum special which);
/* Index of "@introduceDomain" and the like, or -1. */
int special_by_name(const char *name);
const char *special_name(enum special which);

#endif
