// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <string.h>

#include "cmap.h"
#include "node.h"

size_t path_parent_len(const char *path, size_t len)
{
	while (len > 1 && path[len - 1] != '/')
		len--;
	return len > 1 ? len - 1 : 1;
}

/* The component that starts at p: its length. */
static size_t component(const char *p)
{
	return strcspn(p, "/");
}

struct tree_pos tree_find(struct node *root, const char *path)
{
	struct tree_pos pos = { .last = root, .last_len = 1 };
	const char *p = path + 1;

	while (*p) {
		uint64_t hash = NAME_HASH_START;
		struct node *n = NULL;
		size_t len = 0;

		/* The hash comes along while the component's end is looked for. */
		for (; p[len] && p[len] != '/'; len++)
			hash = name_hash_step(hash, p[len]);
		if (pos.last->kids)
			n = cmap_find(pos.last->kids, name_hash_end(hash), p, len);
		if (!n)
			return pos;
		pos.last = n;
		pos.last_len = (size_t)(p - path) + len;
		p += len;
		p += *p == '/';
	}
	pos.node = pos.last;
	return pos;
}

struct node *tree_node(struct node *root, const char *path)
{
	return tree_find(root, path).node;
}

struct node *tree_own(struct node **root, const char *path, size_t len)
{
	const char *p = path + 1, *end = path + len;
	struct node *n;

	if (!node_own(root))
		return NULL;
	n = *root;
	while (p < end) {
		size_t part = component(p);

		n = cmap_own(&n->kids, name_hash(p, part), p, part);
		if (!n)
			return NULL;
		p += part + 1;
	}
	return n;
}

static void listing_drop(struct node *n)
{
	blob_put(n->listing);
	n->listing = NULL;
}

bool tree_add(struct node *parent, struct node *child)
{
	assert(parent->ref == 1);
	if (!cmap_add(&parent->kids, child))
		return false;
	listing_drop(parent);
	parent->kids_n++;
	parent->kids_len += child->name_len + 1;
	return true;
}

bool tree_del(struct node *parent, const char *name, size_t len)
{
	assert(parent->ref == 1 && parent->kids);
	if (!cmap_del(&parent->kids, name_hash(name, len), name, len))
		return false;
	listing_drop(parent);
	parent->kids_n--;
	parent->kids_len -= (uint32_t)len + 1;
	return true;
}
