// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN  8u
#define FIRST  4096u

void state_out_free(struct state_out *o)
{
	free(o->buf);
	memset(o, 0, sizeof(*o));
}

static bool reserve(struct state_out *o, size_t len)
{
	size_t room = o->room ? o->room : FIRST;
	uint8_t *more;

	if (o->no_memory)
		return false;
	if (o->room - o->len >= len)
		return true;
	while (room - o->len < len)
		room *= 2;
	more = realloc(o->buf, room);
	if (!more) {
		o->no_memory = true;
		return false;
	}
	o->buf = more;
	o->room = room;
	return true;
}

void state_put(struct state_out *o, const void *data, size_t len)
{
	if (!len || !reserve(o, len))
		return;
	memcpy(o->buf + o->len, data, len);
	o->len += len;
}

void state_put_string(struct state_out *o, const char *str)
{
	state_put(o, str, strlen(str) + 1);
}

void state_start(struct state_out *o)
{
	struct state_header h = { .version = { 0, 0, 0, STATE_VERSION } };

	memcpy(h.ident, STATE_IDENT, sizeof(h.ident));
	state_put(o, &h, sizeof(h));
}

void state_begin(struct state_out *o, enum rec_type type, const void *fixed, size_t len)
{
	struct rec_head h = { .type = type };

	o->record = o->len;
	state_put(o, &h, sizeof(h));
	state_put(o, fixed, len);
}

void state_end(struct state_out *o)
{
	static const uint8_t zero[ALIGN];
	uint32_t len;

	if (o->no_memory)
		return;
	len = (uint32_t)(o->len - o->record - sizeof(struct rec_head));
	memcpy(o->buf + o->record + offsetof(struct rec_head, len), &len, sizeof(len));
	state_put(o, zero, -(size_t)len % ALIGN);
}

void state_record(struct state_out *o, enum rec_type type, const void *fixed, size_t len)
{
	state_begin(o, type, fixed, len);
	state_end(o);
}

const char *state_type_name(uint32_t type)
{
	static const char *const names[] = {
		[REC_END] = "END",
		[REC_GLOBAL_DATA] = "GLOBAL_DATA",
		[REC_CONNECTION_DATA] = "CONNECTION_DATA",
		[REC_WATCH_DATA] = "WATCH_DATA",
		[REC_TRANSACTION_DATA] = "TRANSACTION_DATA",
		[REC_NODE_DATA] = "NODE_DATA",
	};
	static const char *const own[] = {
		"own global", "own domain", "own connection", "own watch",
		"own transaction", "own snapshot node", "own version node", "own access",
		"own change", "own account", "own node",
	};

	_Static_assert(sizeof(own) / sizeof(own[0]) == REC_OWN_LAST - REC_OWN + 1, "a name each");
	if (type < sizeof(names) / sizeof(names[0]))
		return names[type];
	return type >= REC_OWN && type <= REC_OWN_LAST ? own[type - REC_OWN] : "unknown";
}

bool state_bad(struct state_in *in, const char *fmt, ...)
{
	va_list ap;
	int n = 0;

	if (in->why[0])
		return false;
	if (in->body)
		n = snprintf(in->why, sizeof(in->why), "%s record before byte %td: ",
			     state_type_name(in->type), in->at - in->start);
	va_start(ap, fmt);
	vsnprintf(in->why + n, sizeof(in->why) - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static uint32_t big_endian(const uint8_t b[4])
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool state_open(struct state_in *in, const void *data, size_t len)
{
	struct state_header h;

	memset(in, 0, sizeof(*in));
	in->start = data;
	if (len < sizeof(h))
		return state_bad(in, "%zu bytes are no state", len);
	memcpy(&h, data, sizeof(h));
	in->at = in->start + sizeof(h);
	in->end = in->start + len;
	if (memcmp(h.ident, STATE_IDENT, sizeof(h.ident)))
		return state_bad(in, "it does not begin as a state does");
	if (big_endian(h.version) != STATE_VERSION)
		return state_bad(in, "version %" PRIu32 " is not known", big_endian(h.version));
	if (big_endian(h.flags))
		return state_bad(in, "flags %#" PRIx32 " are not known here", big_endian(h.flags));
	return true;
}

bool state_next(struct state_in *in)
{
	struct rec_head h;
	size_t left = (size_t)(in->end - in->at), padded;

	in->body = NULL;
	if (in->why[0])
		return false;
	if (left < sizeof(h))
		return state_bad(in, "it breaks off after %td bytes, without an END", in->at - in->start);
	memcpy(&h, in->at, sizeof(h));
	padded = ((size_t)h.len + ALIGN - 1) / ALIGN * ALIGN;
	if (padded > left - sizeof(h))
		return state_bad(in, "it breaks off in the %s record at byte %td", state_type_name(h.type),
				 in->at - in->start);
	in->type = h.type;
	in->body = in->at + sizeof(h);
	in->body_end = in->body + h.len;
	in->at = in->body + padded;
	return true;
}

const void *state_take_bytes(struct state_in *in, size_t len)
{
	const uint8_t *p = in->body;

	if (len > (size_t)(in->body_end - p)) {
		state_bad(in, "too short by %zu bytes", len - (size_t)(in->body_end - p));
		return NULL;
	}
	in->body += len;
	return p;
}

bool state_take(struct state_in *in, void *to, size_t len)
{
	const void *p = state_take_bytes(in, len);

	if (!p)
		return false;
	memcpy(to, p, len);
	return true;
}

const char *state_take_string(struct state_in *in, size_t len)
{
	const char *p = state_take_bytes(in, len);

	if (!p)
		return NULL;
	if (len && memchr(p, 0, len) == p + len - 1)
		return p;
	state_bad(in, "a string does not end where it should");
	return NULL;
}
