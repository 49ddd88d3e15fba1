/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes to a tree: the store's own, or a transaction's version of it. Who may make them has
 * been decided before. Each gives an errno and, but for ENOMEM in a transaction, changes
 * nothing when it fails.
 */
#ifndef XENSTORED_EDIT_H
#define XENSTORED_EDIT_H

#include "store.h"
#include "trans.h"

struct edit {
	struct store *s;
	struct client *c; /* whose request it is; NULL: the store's own doing */
	struct trans *t;  /* NULL: the store itself */
	bool replay;	  /* quotas were asked when the change was first made */
};

struct node **edit_root(const struct edit *e);
int edit_write(const struct edit *e, const char *path, struct blob *value);
int edit_mkdir(const struct edit *e, const char *path);
int edit_rm(const struct edit *e, const char *path);
int edit_set_perms(const struct edit *e, const char *path, struct perms *perms);

typedef int (*node_visit)(struct node *n, const char *path, size_t len, void *arg);
/* Children before parents when post is set, in order of creation. path is a writable buffer. */
int node_walk(struct node *n, char path[STORE_ABS_PATH_MAX + 1], size_t len, bool post,
	      node_visit visit, void *arg);

#endif
