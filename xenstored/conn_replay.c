// SPDX-License-Identifier: GPL-2.0-only
/* A connection does again what it did before the daemon died, as the journal says. */
#include <string.h>

#include "conn.h"

#define HDR sizeof(struct xsd_sockmsg)

bool conn_replay_input(struct conn *c, const void *data, size_t len)
{
	if (len > sizeof(c->in) - c->in_used)
		return false;
	memcpy(c->in + c->in_used, data, len);
	c->in_used += len;
	c->taken += (uint32_t)len;
	return true;
}

bool conn_replay_serve(struct conn *c)
{
	size_t used = conn_message(c, c->in, c->in_used);

	conn_used(c, used);
	return used || c->dead || c->ignored;
}

bool conn_replay_refuse(struct conn *c)
{
	struct xsd_sockmsg h;

	memcpy(&h, c->in, HDR);
	if (c->in_used < HDR || h.len > c->in_used - HDR)
		return false;
	conn_send(&c->client, XS_ERROR, h.req_id, h.tx_id, "EIO", sizeof("EIO"), 0);
	conn_used(c, HDR + h.len);
	return true;
}

size_t conn_waiting_bytes(const struct conn *c)
{
	size_t sum = 0;

	list_each(it, &c->out) {
		const struct out_msg *m = list_entry(it, struct out_msg, link);

		sum += m->len - m->sent;
	}
	return sum;
}

bool conn_replay_sent(struct conn *c, int32_t n)
{
	if (n < 0) {
		conn_kill(c);
		return true;
	}
	if ((size_t)n > conn_waiting_bytes(c))
		return false;
	conn_take_off(c, (size_t)n);
	c->put += (uint32_t)n;
	if (n && list_empty(&c->out))
		conn_all_sent(c);
	return true;
}
