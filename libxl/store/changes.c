// SPDX-License-Identifier: LGPL-2.1-only
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "store_internal.h"

/* Requests that may be under way: far below what the store keeps for a client, or sockets for either of them. */
#define REQUESTS 128u
#define ROOM	 (32u << 10)

struct pending {
	struct store_round round;
	uint8_t types[REQUESTS];
	unsigned int of[REQUESTS]; /* the change that each request belongs to */
	char *room;
	size_t used;
};

/* One request of two parts, the second of which may be absent. Not too long: flush() has made room. */
static void put(struct pending *p, enum xsd_sockmsg_type type, xs_transaction_t t, unsigned int of, const char *path,
		const void *more, size_t len)
{
	const size_t path_len = strlen(path) + 1;
	const struct xsd_sockmsg m = { .type = type, .tx_id = t, .len = (uint32_t)(path_len + len) };

	memcpy(p->room + p->used, &m, sizeof(m));
	memcpy(p->room + p->used + sizeof(m), path, path_len);
	if (len)
		memcpy(p->room + p->used + sizeof(m) + path_len, more, len);
	p->used += sizeof(m) + path_len + len;
	p->types[p->round.n] = (uint8_t)type;
	p->of[p->round.n++] = of;
}

/* Waits for all that is pending. False with errno: failed is the change. */
static bool settle(struct xs_handle *h, struct pending *p, unsigned int *failed)
{
	bool ok = true;

	if (p->round.n) {
		p->round.types = p->types;
		ok = store_talk_round(h, &p->round, p->room, p->used);
		*failed = p->of[p->round.error ? p->round.failed : 0];
		if (ok && p->round.error) {
			errno = p->round.error;
			ok = false;
		}
	}
	p->round = (struct store_round){ 0 };
	p->used = 0;
	return ok;
}

static bool too_long(const struct xs_change *c)
{
	return strlen(c->path) + 1 + (c->value ? strlen(c->value) : 0) > XENSTORE_PAYLOAD_MAX;
}

static bool change(struct xs_handle *h, struct pending *p, xs_transaction_t t, const struct xs_change *c, unsigned int of,
		   unsigned int *failed)
{
	char perms[XENSTORE_PAYLOAD_MAX];
	size_t len;

	/* Requests may not exceed a message, nor a round what was set aside for it. The device takes one at a time. */
	if (p->round.n && (!h->socket || p->round.n + 2 > REQUESTS || p->used + 2 * sizeof(h->in) > ROOM) &&
	    !settle(h, p, failed))
		return false;
	*failed = of;
	if (too_long(c)) {
		errno = E2BIG;
		return false;
	}
	if (!c->value) {
		put(p, XS_RM, t, of, c->path, NULL, 0);
		return true;
	}
	put(p, XS_WRITE, t, of, c->path, c->value, strlen(c->value));
	if (!c->perms)
		return true;
	if (!h->socket && !settle(h, p, failed))
		return false;
	len = store_perms_text(perms, sizeof(perms) - strlen(c->path) - 1, c->perms, c->nr_perms);
	if (!len)
		return false;
	put(p, XS_SET_PERMS, t, of, c->path, perms, len);
	return true;
}

bool xs_change_all(struct xs_handle *h, xs_transaction_t t, const struct xs_change *changes, unsigned int n,
		   unsigned int *failed)
{
	struct pending p = { .room = malloc(ROOM) };
	bool ok = p.room != NULL;

	*failed = 0;
	for (unsigned int i = 0; ok && i < n; i++)
		ok = change(h, &p, t, &changes[i], i, failed);
	if (ok)
		ok = settle(h, &p, failed);
	free(p.room);
	return ok;
}
