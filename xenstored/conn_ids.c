// SPDX-License-Identifier: GPL-2.0-only
/* Connections by their numbers, by which the journal and saved states name them. */
#include "conn.h"

#define ID_BUCKETS 256u

static uint32_t last_id;
static struct conn *by_id[ID_BUCKETS];

struct conn *conn_by_id(uint32_t id)
{
	struct conn *c = by_id[id % ID_BUCKETS];

	while (c && c->id != id)
		c = c->same_id_bucket;
	return c;
}

void conn_drop_id(struct conn *c)
{
	struct conn **at = &by_id[c->id % ID_BUCKETS];

	while (*at && *at != c)
		at = &(*at)->same_id_bucket;
	if (*at)
		*at = c->same_id_bucket;
}

void conn_new_id(struct conn *c)
{
	conn_set_id(c, ++last_id);
}

void conn_set_id(struct conn *c, uint32_t id)
{
	conn_drop_id(c);
	c->id = id;
	c->same_id_bucket = by_id[id % ID_BUCKETS];
	by_id[id % ID_BUCKETS] = c;
}

void conn_each(void (*fn)(struct conn *c, const char *arg), const char *arg)
{
	for (size_t i = 0; i < ID_BUCKETS; i++)
		for (struct conn *c = by_id[i]; c; c = c->same_id_bucket)
			fn(c, arg);
}

void conn_ids_from(uint32_t last)
{
	last_id = last;
}

uint32_t conn_ids_last(void)
{
	return last_id;
}
