/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store's tree: reference-counted nodes that are shared until written.
 *
 * A tree is a pointer to its root node. Taking a reference on the root is a snapshot of the whole
 * store at constant cost; an edit afterwards copies only the nodes on the way to what it changes
 * (tree_own()), and an edit of a tree that nobody shares copies nothing at all. A transaction is
 * a snapshot with edits of its own.
 */
#ifndef XENSTORED_NODE_H
#define XENSTORED_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cmap;

/* Bytes that do not change once made: a node's value, or a directory's cached listing. */
struct blob {
	uint32_t ref;
	uint32_t len;
	uint8_t data[];
};

#define PERM_READ  1u
#define PERM_WRITE 2u
#define PERM_OWNER 8u /* asked of a check, never stored */

struct perm {
	uint32_t id;
	uint32_t bits;
	uint32_t instance; /* of the domain when the entry was made; 0: it did not exist */
};

/* The first entry names the owner, and what domains that are not listed may do. */
struct perms {
	uint32_t ref;
	uint32_t n;
	struct perm p[];
};

struct node {
	uint32_t ref;
	uint32_t name_len;
	uint64_t hash;	     /* of the name */
	uint64_t gen;	     /* when value, permissions or the set of children last changed */
	uint64_t seq;	     /* order of creation: listings keep it */
	struct blob *value;  /* NULL: empty */
	struct perms *perms; /* never NULL */
	struct cmap *kids;   /* NULL: none */
	uint32_t kids_n;
	uint32_t kids_len;	 /* length of the listing: names with their NULs */
	struct blob *listing; /* cache of node_listing(), NULL when not made */
	char name[];
};

/* Generation of what is not there. */
#define GEN_ABSENT UINT64_MAX

struct blob *blob_new(const void *data, size_t len);
struct blob *blob_get(struct blob *b);
void blob_put(struct blob *b);

struct perms *perms_new(const struct perm *p, uint32_t n);
struct perms *perms_get(struct perms *p);
void perms_put(struct perms *p);

/* FNV-1a, finished so that each group of bits depends on all of the name. */
#define NAME_HASH_START 0x9ae16a3b2f90404full

static inline uint64_t name_hash_step(uint64_t h, char ch)
{
	return (h ^ (uint8_t)ch) * 0x100000001b3ull;
}

static inline uint64_t name_hash_end(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	return h ^ h >> 32;
}

uint64_t name_hash(const char *name, size_t len);

struct node *node_new(const char *name, size_t len, struct perms *perms, uint64_t gen);
struct node *node_get(struct node *n);
void node_put(struct node *n);
/* Makes *n a node that only this pointer holds. */
bool node_own(struct node **n);
void node_set_value(struct node *n, struct blob *value);
void node_set_perms(struct node *n, struct perms *perms);
/* The children's names, each with its NUL, in order of creation. NULL: out of memory. */
const struct blob *node_listing(struct node *n);
struct node *node_child(const struct node *n, const char *name, size_t len);

/* Bytes that a node is taken to occupy, for the node-size and memory quotas. */
size_t node_size(const struct node *n);
/* What it counts for in its owner's memory. */
size_t node_bytes(const struct node *n);
size_t node_size_of(uint32_t perms_n, size_t value_len, size_t kids_len);

/* Where a path leads. Paths are absolute and valid: see path_valid(). */
struct tree_pos {
	struct node *node; /* the node itself, NULL when it does not exist */
	struct node *last; /* the deepest ancestor (or the node) that exists */
	size_t last_len;   /* length of that one's path; 1 for "/" */
};

struct tree_pos tree_find(struct node *root, const char *path);
struct node *tree_node(struct node *root, const char *path);
/* The node at path[0..len), owned along with all above it. It must exist. NULL: no memory. */
struct node *tree_own(struct node **root, const char *path, size_t len);
/* Hangs a new child (its reference is consumed) below an owned parent. False: no memory. */
bool tree_add(struct node *parent, struct node *child);
/* Takes the child off an owned parent. False: no memory. */
bool tree_del(struct node *parent, const char *name, size_t len);

/* Length of the parent's path: "/a/b" gives 2, "/a" gives 1. */
size_t path_parent_len(const char *path, size_t len);

#endif
