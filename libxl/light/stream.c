/* SPDX-License-Identifier: LGPL-2.1-only */
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream.h"

static int put(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool get(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

int stream_put_head(int fd)
{
	const struct stream_header h = {
		.ident = htobe64(STREAM_IDENT), .version = htobe32(STREAM_VERSION), .options = 0,
	};
	const struct stream_record r = { .type = htole32(STREAM_LIBXC), .length = 0 };

	return put(fd, &h, sizeof(h)) || put(fd, &r, sizeof(r)) ? -1 : 0;
}

int stream_put_end(int fd)
{
	const struct stream_record r = { .type = htole32(STREAM_END), .length = 0 };

	return put(fd, &r, sizeof(r));
}

static const char *get_record(int fd, struct stream_record *r)
{
	if (!get(fd, r, sizeof(*r)))
		return "it ends too early";
	r->type = le32toh(r->type);
	r->length = le32toh(r->length);
	if (r->length > STREAM_RECORD_MOST)
		return "a record in it is longer than any can be: it is damaged";
	return NULL;
}

static const char *skip(int fd, uint32_t length)
{
	char buf[4096];
	uint64_t left = ((uint64_t)length + 7) & ~7ULL;

	while (left) {
		size_t n = left < sizeof(buf) ? (size_t)left : sizeof(buf);

		if (!get(fd, buf, n))
			return "it ends too early";
		left -= n;
	}
	return NULL;
}

const char *stream_get_head(int fd)
{
	struct stream_header h;
	struct stream_record r;
	const char *bad;

	if (!get(fd, &h, sizeof(h)))
		return "it ends too early";
	if (be64toh(h.ident) != STREAM_IDENT)
		return "it is no saved domain, or one from before Xen 4.6";
	if (be32toh(h.version) != STREAM_VERSION)
		return "it was written in a format that this release does not know";
	if (be32toh(h.options) & STREAM_OPT_BIG_ENDIAN)
		return "it was written on a big-endian machine";
	if (be32toh(h.options) & STREAM_OPT_LEGACY)
		return "it was converted from a legacy stream, which this release does not read";
	bad = get_record(fd, &r);
	if (bad)
		return bad;
	return r.type == STREAM_LIBXC && !r.length ? NULL : "its first record is not the expected one";
}

const char *stream_get_tail(int fd)
{
	struct stream_record r;
	const char *bad;

	for (;;) {
		bad = get_record(fd, &r);
		if (bad || r.type == STREAM_END)
			return bad;
		/* What a device model left is of no use to a PV guest. */
		if (!(r.type & STREAM_OPTIONAL) && r.type != STREAM_EMULATOR_XENSTORE &&
		    r.type != STREAM_EMULATOR)
			return "a record in it has a type that this release does not know";
		bad = skip(fd, r.length);
		if (bad)
			return bad;
	}
}
