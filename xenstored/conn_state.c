// SPDX-License-Identifier: GPL-2.0-only
/* A connection as records: what it has read and not answered, and what waits to be sent. */
#include <string.h>

#include "conn.h"

#define HDR sizeof(struct xsd_sockmsg)

static uint32_t flags_of(const struct conn *c)
{
	return (c->client.read_only ? REC_CONN_READ_ONLY : 0) | (c->ignored ? REC_CONN_IGNORED : 0) |
	       (c->held ? REC_CONN_HELD : 0) | (c->client.waits ? REC_CONN_WAITS : 0);
}

void conn_save(struct state_out *o, const struct conn *c, struct rec_conn *fixed, struct rec_own_conn *own)
{
	struct out_msg *first = list_empty(&c->out) ? NULL : list_entry(c->out.next, struct out_msg, link);

	fixed->id = own->id = c->id;
	fixed->in_len = (uint16_t)c->in_used;
	fixed->out_partial = first && first->sent ? (uint16_t)(first->len - first->sent) : 0;
	fixed->out_len = own->waiting = 0;
	own->flags |= flags_of(c);
	own->next_tx = c->client.next_tx;
	own->wait_req = c->client.wait_req;
	own->wait_tx = c->client.wait_tx;
	own->sent = first ? (uint32_t)first->sent : 0;
	list_each(it, &c->out) {
		struct out_msg *m = list_entry(it, struct out_msg, link);

		fixed->out_len += (uint32_t)(m->len - m->sent);
		own->waiting++;
	}
	state_begin(o, REC_OWN_CONNECTION, own, sizeof(*own));
	list_each(it, &c->out)
		state_put(o, &list_entry(it, struct out_msg, link)->hash, sizeof(first->hash));
	state_end(o);
	state_begin(o, REC_CONNECTION_DATA, fixed, sizeof(*fixed));
	state_put(o, c->in, c->in_used);
	list_each(it, &c->out) {
		struct out_msg *m = list_entry(it, struct out_msg, link);

		state_put(o, m->data + m->sent, m->len - m->sent);
	}
	state_end(o);
	state_save_client(o, c->store, &c->client, c->id);
}

/* How many of the bytes at p the next message takes: the first one's begin may have been sent. */
static size_t message_left(const uint8_t *p, size_t left, size_t partial)
{
	struct xsd_sockmsg h;

	if (partial)
		return partial <= left && partial <= HDR + XENSTORE_PAYLOAD_MAX ? partial : 0;
	if (left < HDR)
		return 0;
	memcpy(&h, p, HDR);
	return h.len <= XENSTORE_PAYLOAD_MAX && HDR + h.len <= left ? HDR + h.len : 0;
}

/* Without a saved hash: an event is one by its type, and is not taken for any other. */
static uint64_t message_hash(const struct state_conn *from, size_t i, const uint8_t *p, size_t len)
{
	struct xsd_sockmsg h;
	uint64_t hash;

	if (from->has_own) {
		memcpy(&hash, from->hashes + i * sizeof(hash), sizeof(hash));
		return hash;
	}
	if (len < HDR || (!i && from->fixed.out_partial))
		return 0;
	memcpy(&h, p, HDR);
	return h.type == XS_WATCH_EVENT ? conn_event_hash(p + HDR, len - HDR, 0) : 0;
}

static bool load_message(struct state_load *l, struct conn *c, const struct state_conn *from, size_t i, size_t *at)
{
	const uint8_t *p = from->out + *at;
	size_t left = message_left(p, from->fixed.out_len - *at, i ? 0 : from->fixed.out_partial);
	size_t sent = i ? 0 : from->own.sent;
	struct out_msg *m;

	if (!left || sent > HDR + XENSTORE_PAYLOAD_MAX || (from->has_own && i >= from->own.waiting))
		return state_bad(&l->in, "its waiting messages make no sense from byte %zu on", *at);
	m = conn_enqueue(c, sent + left, sent, message_hash(from, i, p, left));
	if (!m)
		return state_bad(&l->in, "out of memory");
	memset(m->data, 0, sent);
	memcpy(m->data + sent, p, left);
	*at += left;
	return true;
}

bool conn_load(struct state_load *l, struct conn *c, const struct state_conn *from)
{
	size_t at = 0;

	if (from->fixed.in_len > sizeof(c->in))
		return state_bad(&l->in, "%u bytes of input are too many", from->fixed.in_len);
	conn_set_id(c, from->fixed.id);
	c->client.next_tx = from->own.next_tx;
	c->client.waits = from->own.flags & REC_CONN_WAITS;
	c->client.wait_req = from->own.wait_req;
	c->client.wait_tx = from->own.wait_tx;
	c->ignored = from->own.flags & REC_CONN_IGNORED;
	c->held = from->own.flags & REC_CONN_HELD;
	c->in_used = from->fixed.in_len;
	memcpy(c->in, from->in, c->in_used);
	for (size_t i = 0; at < from->fixed.out_len; i++)
		if (!load_message(l, c, from, i, &at))
			return false;
	conn_again(c);
	return true;
}
