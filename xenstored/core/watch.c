// SPDX-License-Identifier: GPL-2.0-only
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "edit.h"

#define INITIAL_BUCKETS 64u

static const char *const special_names[SPECIAL_COUNT] = {
	[SPECIAL_INTRODUCE] = "@introduceDomain",
	[SPECIAL_RELEASE] = "@releaseDomain",
};

static uint64_t path_hash(const char *p, size_t len)
{
	uint64_t h = NAME_HASH_START;

	for (size_t i = 0; i < len; i++)
		h = name_hash_step(h, p[i]);
	return h;
}

static struct list *bucket_of(const struct watch_table *t, uint64_t hash)
{
	return &t->bucket[(hash ^ hash >> 29) & t->mask];
}

static bool buckets_new(struct watch_table *t, size_t n)
{
	struct list *b = malloc(n * sizeof(*b));

	if (!b)
		return false;
	for (size_t i = 0; i < n; i++)
		list_init(&b[i]);
	t->bucket = b;
	t->mask = n - 1;
	return true;
}

bool watch_table_init(struct watch_table *t)
{
	memset(t, 0, sizeof(*t));
	return buckets_new(t, INITIAL_BUCKETS);
}

void watch_table_fini(struct watch_table *t)
{
	free(t->bucket);
	t->bucket = NULL;
}

/* Longer chains are no error: when there is no memory the table just stays as it is. */
static void table_grow(struct watch_table *t)
{
	struct watch_table old = *t;

	if (t->count <= t->mask || !buckets_new(t, (t->mask + 1) * 2))
		return;
	for (size_t i = 0; i <= old.mask; i++) {
		list_each_safe(it, tmp, &old.bucket[i]) {
			struct watch *w = list_entry(it, struct watch, in_table);

			list_remove(it);
			list_append(bucket_of(t, w->hash), it);
		}
	}
	free(old.bucket);
}

static struct watch *watch_find(struct store *s, struct client *c, const char *path,
				const char *token)
{
	size_t len = strlen(path);
	uint64_t hash = path_hash(path, len);

	list_each(it, bucket_of(&s->watches, hash)) {
		struct watch *w = list_entry(it, struct watch, in_table);

		if (w->hash == hash && w->client == c && !strcmp(w->path, path) &&
		    !strcmp(w->token, token))
			return w;
	}
	return NULL;
}

struct watch *watch_new(struct store *s, struct client *c, const char *path, const char *shown,
			const char *token, uint64_t seq)
{
	size_t len = strlen(path), token_len = strlen(token);
	struct watch *w = malloc(sizeof(*w) + len + token_len + 2);

	if (!w)
		return NULL;
	memcpy(w->path, path, len + 1);
	w->token = memcpy(w->path + len + 1, token, token_len + 1);
	w->path_len = (uint32_t)len;
	w->shown_from = (uint32_t)(len - strlen(shown));
	w->client = c;
	w->hash = path_hash(path, len);
	w->seq = seq;
	w->memory = sizeof(*w) + len + token_len + 2;
	list_append(&c->watches, &w->in_client);
	list_append(bucket_of(&s->watches, w->hash), &w->in_table);
	s->watches.count++;
	table_grow(&s->watches);
	c->dom->watches++;
	dom_charge(s, c->dom, w->memory, 0);
	return w;
}

int watch_add(struct store *s, struct client *c, const char *path, const char *shown,
	      const char *token, struct watch **out)
{
	if (watch_find(s, c, path, token))
		return EEXIST;
	if (quota_refuses(s, c, QUOTA_WATCHES, c->dom->watches, path))
		return E2BIG;
	*out = watch_new(s, c, path, shown, token, ++s->watches.seq);
	return *out ? 0 : ENOMEM;
}

static void watch_free(struct store *s, struct watch *w)
{
	struct dom *d = w->client->dom;

	list_remove(&w->in_client);
	list_remove(&w->in_table);
	s->watches.count--;
	d->watches--;
	dom_charge(s, d, 0, w->memory);
	free(w);
}

int watch_remove(struct store *s, struct client *c, const char *path, const char *token)
{
	struct watch *w = watch_find(s, c, path, token);

	if (!w)
		return ENOENT;
	watch_free(s, w);
	return 0;
}

void watch_remove_all(struct store *s, struct client *c)
{
	while (!list_empty(&c->watches))
		watch_free(s, list_entry(c->watches.next, struct watch, in_client));
}

void watch_send(struct store *s, struct watch *w, const char *path, size_t len)
{
	char buf[STORE_PAYLOAD_MAX];
	size_t token = strlen(w->token) + 1;

	/* A relative watch is one below its client's home: so is all that it sees. */
	path += w->shown_from;
	len -= w->shown_from;
	if (len + 1 + token > sizeof(buf))
		return;
	memcpy(buf, path, len);
	buf[len] = 0;
	memcpy(buf + len + 1, w->token, token);
	s->env->send(w->client, XS_WATCH_EVENT, 0, 0, buf, len + 1 + token, w->seq);
}

static bool may_hear(struct store *s, const struct client *c, const struct seen_by *seen)
{
	const struct perms *any[] = { seen->now, seen->before, seen->parent };

	if (client_privileged(s, c))
		return true;
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		if (any[i] && perms_for(s, c, any[i]) & PERM_READ)
			return true;
	return false;
}

/* Watches that match one change. They are few; a fixed array serves all but freak cases. */
struct matches {
	struct watch *few[32];
	struct watch **w;
	size_t n, room;
};

static void match_add(struct matches *m, struct watch *w)
{
	if (m->n == m->room) {
		struct watch **more = malloc(m->room * 2 * sizeof(*more));

		if (!more)
			return;
		memcpy(more, m->w, m->n * sizeof(*more));
		if (m->w != m->few)
			free(m->w);
		m->w = more;
		m->room *= 2;
	}
	m->w[m->n++] = w;
}

static void match_prefix(struct store *s, struct matches *m, uint64_t hash, const char *path,
			 size_t len, const struct seen_by *seen)
{
	list_each(it, bucket_of(&s->watches, hash)) {
		struct watch *w = list_entry(it, struct watch, in_table);

		if (w->hash == hash && w->path_len == len && !memcmp(w->path, path, len) &&
		    may_hear(s, w->client, seen))
			match_add(m, w);
	}
}

static int by_seq(const void *a, const void *b)
{
	const struct watch *x = *(struct watch *const *)a, *y = *(struct watch *const *)b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

void watch_fire(struct store *s, const char *path, bool exact, const struct seen_by *seen)
{
	struct matches m = { .room = sizeof(m.few) / sizeof(m.few[0]) };
	uint64_t hash = NAME_HASH_START;
	size_t len = 0;

	if (!s->watches.count)
		return;
	m.w = m.few;
	for (; path[len]; len++) {
		/* "/" itself is an ancestor of all, and each prefix that ends before a slash. */
		if (!exact && path[0] == '/') {
			if (len == 1 && path[1])
				match_prefix(s, &m, hash, path, 1, seen);
			else if (len > 1 && path[len] == '/')
				match_prefix(s, &m, hash, path, len, seen);
		}
		hash = name_hash_step(hash, path[len]);
	}
	match_prefix(s, &m, hash, path, len, seen);
	if (m.n > 1)
		qsort(m.w, m.n, sizeof(m.w[0]), by_seq);
	for (size_t i = 0; i < m.n; i++)
		watch_send(s, m.w[i], path, len);
	if (m.w != m.few)
		free(m.w);
}

struct removal {
	struct store *s;
	size_t top; /* length of the path that was removed */
};

static int fire_below(struct node *n, const char *path, size_t len, void *arg)
{
	struct removal *r = arg;
	struct seen_by seen = { .before = n->perms };

	if (len > r->top)
		watch_fire(r->s, path, true, &seen);
	return 0;
}

void watch_fire_removed(struct store *s, const char *path, struct node *gone,
			const struct perms *parent)
{
	struct seen_by seen = { .before = gone->perms, .parent = parent };
	char buf[STORE_ABS_PATH_MAX + 1];
	struct removal r = { s, strlen(path) };

	if (!s->watches.count)
		return;
	memcpy(buf, path, r.top + 1);
	node_walk(gone, buf, r.top, true, fire_below, &r);
	watch_fire(s, path, false, &seen);
}

int special_by_name(const char *name)
{
	for (int i = 0; i < SPECIAL_COUNT; i++)
		if (!strcmp(name, special_names[i]))
			return i;
	return -1;
}

const char *special_name(enum special which)
{
	return special_names[which];
}

void watch_fire_special(struct store *s, enum special which)
{
	struct seen_by seen = { .now = s->special[which] };

	watch_fire(s, special_names[which], true, &seen);
}
