// SPDX-License-Identifier: LGPL-2.1-only
/* Compressed images, through the libraries of each format. */
#include <bzlib.h>
#include <errno.h>
#include <limits.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "image.h"

/* Output: memory that grows (large blocks move by remapping in realloc, not by copying), or a window into a file. */
struct sink {
	uint8_t *buf;
	size_t used;
	size_t room;
	size_t written; /* to the file before what is in buf */
	size_t max;	/* of all */
	int fd;		/* -1: none */
};

static size_t sink_total(const struct sink *out)
{
	return out->written + out->used;
}

enum step { STEP_MORE, STEP_END, STEP_BAD };

/* Half of a kernel is zeros; in the file these are holes, as large as any file system's blocks. */
#define HOLE (64U << 10)

static size_t up_to_hole(const struct sink *out, size_t at)
{
	const size_t left = HOLE - (out->written + at) % HOLE;

	return left < out->used - at ? left : out->used - at;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return !*p && !memcmp(p, p + 1, n - 1);
}

static int write_part(const struct sink *out, size_t from, size_t to, struct image_err *err)
{
	while (from < to) {
		const ssize_t n = pwrite(out->fd, out->buf + from, to - from, (off_t)(out->written + from));

		if (n < 0 && errno != EINTR)
			return image_fail(err, "cannot write an unpacked image: %s", strerror(errno));
		from += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int sink_write(struct sink *out, struct image_err *err)
{
	size_t from = 0, n;

	for (size_t at = 0; at < out->used; at += n) {
		n = up_to_hole(out, at);
		if (!all_zero(out->buf + at, n))
			continue;
		if (write_part(out, from, at, err))
			return -1;
		from = at + n;
	}
	if (write_part(out, from, out->used, err))
		return -1;
	out->written += out->used;
	out->used = 0;
	if (out->room > out->max - out->written)
		out->room = out->max - out->written;
	return 0;
}

/* More room, where there may be any. */
static int sink_grow(struct sink *out, struct image_err *err)
{
	size_t room = out->room ? out->room * 2 : 1 << 20;
	uint8_t *buf;

	if (out->fd >= 0)
		return sink_write(out, err);
	if (room > out->max)
		room = out->max;
	buf = realloc(out->buf, room);
	if (!buf)
		return image_fail(err, "no memory for an unpacked image of %zu bytes", room);
	out->buf = buf;
	out->room = room;
	return 0;
}

static int too_large(const struct sink *out, struct image_err *err)
{
	const bool mib = out->max >= 1 << 20;

	err->too_large = true;
	return image_fail(err, "unpacked, it is larger than %zu %s", mib ? out->max >> 20 : out->max,
			  mib ? "MiB" : "bytes");
}

/* What a streaming decoder has to offer: consume some input, produce some output. */
struct decoder {
	int (*start)(void *state);
	enum step (*run)(void *state, struct image_span *in, uint8_t *out, size_t room, size_t *made);
	void (*stop)(void *state);
};

static int stream_unpack(const struct decoder *d, void *state, const char *name, struct image_span in,
			 struct sink *out, struct image_err *err)
{
	enum step step = STEP_MORE;
	size_t made, before;
	int rc = -1;

	if (d->start(state))
		return image_fail(err, "cannot start the %s decoder", name);
	while (step == STEP_MORE) {
		/* Without room a decoder may still find its end, and cannot get anywhere else. */
		if (out->used == out->room && sink_total(out) < out->max && sink_grow(out, err))
			goto out;
		before = in.size;
		made = 0;
		step = d->run(state, &in, out->buf + out->used, out->room - out->used, &made);
		out->used += made;
		if (step == STEP_MORE && !made && before == in.size)
			step = STEP_BAD; /* no progress: the input is cut off */
	}
	if (step == STEP_END)
		rc = 0;
	else if (sink_total(out) == out->max)
		too_large(out, err);
	else
		image_fail(err, "%s data is cut off or damaged after %zu unpacked bytes", name, sink_total(out));
out:
	d->stop(state);
	return rc;
}

static unsigned int clamp_uint(size_t n)
{
	return n > UINT_MAX / 2 ? UINT_MAX / 2 : (unsigned int)n;
}

static int gzip_start(void *state)
{
	return inflateInit2((z_stream *)state, 15 + 16) != Z_OK; /* 16: gzip framing */
}

static enum step gzip_run(void *state, struct image_span *in, uint8_t *out, size_t room, size_t *made)
{
	z_stream *z = state;
	const unsigned int give = clamp_uint(in->size), take = clamp_uint(room);
	int rc;

	z->next_in = (Bytef *)(uintptr_t)in->data;
	z->avail_in = give;
	z->next_out = out;
	z->avail_out = take;
	rc = inflate(z, Z_NO_FLUSH);
	in->data += give - z->avail_in;
	in->size -= give - z->avail_in;
	*made = take - z->avail_out;
	return rc == Z_STREAM_END ? STEP_END : rc == Z_OK || rc == Z_BUF_ERROR ? STEP_MORE : STEP_BAD;
}

static void gzip_stop(void *state)
{
	inflateEnd((z_stream *)state);
}

static int bzip2_start(void *state)
{
	return BZ2_bzDecompressInit((bz_stream *)state, 0, 0) != BZ_OK;
}

static enum step bzip2_run(void *state, struct image_span *in, uint8_t *out, size_t room, size_t *made)
{
	bz_stream *z = state;
	const unsigned int give = clamp_uint(in->size), take = clamp_uint(room);
	int rc;

	z->next_in = (char *)(uintptr_t)in->data;
	z->avail_in = give;
	z->next_out = (char *)out;
	z->avail_out = take;
	rc = BZ2_bzDecompress(z);
	in->data += give - z->avail_in;
	in->size -= give - z->avail_in;
	*made = take - z->avail_out;
	return rc == BZ_STREAM_END ? STEP_END : rc == BZ_OK ? STEP_MORE : STEP_BAD;
}

static void bzip2_stop(void *state)
{
	BZ2_bzDecompressEnd((bz_stream *)state);
}

#define LZMA_MEMORY (256U << 20) /* bound for dictionaries */

static int xz_start(void *state)
{
	return lzma_stream_decoder((lzma_stream *)state, LZMA_MEMORY, 0) != LZMA_OK;
}

static int lzma_start(void *state)
{
	return lzma_alone_decoder((lzma_stream *)state, LZMA_MEMORY) != LZMA_OK;
}

static enum step xz_run(void *state, struct image_span *in, uint8_t *out, size_t room, size_t *made)
{
	lzma_stream *z = state;
	const size_t give = in->size;
	lzma_ret rc;

	z->next_in = in->data;
	z->avail_in = give;
	z->next_out = out;
	z->avail_out = room;
	rc = lzma_code(z, LZMA_RUN);
	in->data += give - z->avail_in;
	in->size = z->avail_in;
	*made = room - z->avail_out;
	return rc == LZMA_STREAM_END ? STEP_END : rc == LZMA_OK ? STEP_MORE : STEP_BAD;
}

static void xz_stop(void *state)
{
	lzma_end((lzma_stream *)state);
}

static int zstd_start(void *state)
{
	ZSTD_DStream **z = state;

	*z = ZSTD_createDStream();
	/* Kernels are packed with windows of up to 128 MiB. */
	return !*z || ZSTD_isError(ZSTD_DCtx_setParameter(*z, ZSTD_d_windowLogMax, 27));
}

static enum step zstd_run(void *state, struct image_span *in, uint8_t *out, size_t room, size_t *made)
{
	ZSTD_inBuffer ib = { in->data, in->size, 0 };
	ZSTD_outBuffer ob = { out, room, 0 };
	size_t rc = ZSTD_decompressStream(*(ZSTD_DStream **)state, &ob, &ib);

	in->data += ib.pos;
	in->size -= ib.pos;
	*made = ob.pos;
	return ZSTD_isError(rc) ? STEP_BAD : rc ? STEP_MORE : STEP_END;
}

static void zstd_stop(void *state)
{
	ZSTD_freeDStream(*(ZSTD_DStream **)state);
}

/*
 * The legacy frame of lz4 is a magic number and blocks, each behind its packed size and of 8 MiB
 * unpacked, but for the last. Linux appends the image's size, which is no block.
 */
#define LZ4_BLOCK (8U << 20)

static int lz4_unpack(struct image_span in, struct sink *out, struct image_err *err)
{
	uint32_t size;
	int n;

	in.data += 4;
	in.size -= 4;
	while (in.size >= 4) {
		memcpy(&size, in.data, sizeof(size)); /* little-endian, as is x86 */
		in.data += 4;
		in.size -= 4;
		if (!in.size)
			break;
		if (size > in.size || size > (uint32_t)LZ4_compressBound(LZ4_BLOCK))
			return image_fail(err, "lz4 data is cut off: block of %u bytes, %zu left", size, in.size);
		while (out->room - out->used < LZ4_BLOCK && out->written + out->room < out->max)
			if (sink_grow(out, err))
				return -1;
		n = LZ4_decompress_safe((const char *)in.data, (char *)out->buf + out->used, (int)size,
					(int)clamp_uint(out->room - out->used));
		if (n < 0 && out->room - out->used < LZ4_BLOCK)
			return too_large(out, err);
		if (n < 0)
			return image_fail(err, "lz4 data is damaged after %zu unpacked bytes", sink_total(out));
		out->used += (size_t)n;
		in.data += size;
		in.size -= size;
	}
	return sink_total(out) ? 0 : image_fail(err, "lz4 data is empty");
}

static int unpack(enum image_codec codec, struct image_span in, struct sink *sink, struct image_err *err)
{
	static const struct decoder gzip = { gzip_start, gzip_run, gzip_stop };
	static const struct decoder bzip2 = { bzip2_start, bzip2_run, bzip2_stop };
	static const struct decoder xz = { xz_start, xz_run, xz_stop };
	static const struct decoder lzma = { lzma_start, xz_run, xz_stop };
	static const struct decoder zstd = { zstd_start, zstd_run, zstd_stop };
	const char *name = image_codec_name(codec);
	z_stream zs = { 0 };
	bz_stream bz = { 0 };
	lzma_stream ls = LZMA_STREAM_INIT;
	ZSTD_DStream *ds = NULL;

	switch (codec) {
	case CODEC_GZIP:
		return stream_unpack(&gzip, &zs, name, in, sink, err);
	case CODEC_BZIP2:
		return stream_unpack(&bzip2, &bz, name, in, sink, err);
	case CODEC_XZ:
		return stream_unpack(&xz, &ls, name, in, sink, err);
	case CODEC_LZMA:
		return stream_unpack(&lzma, &ls, name, in, sink, err);
	case CODEC_ZSTD:
		return stream_unpack(&zstd, &ds, name, in, sink, err);
	case CODEC_LZ4:
		return lz4_unpack(in, sink, err);
	default:
		return image_fail(err, "not compressed in a known way");
	}
}

int image_unpack(enum image_codec codec, struct image_span in, size_t size_hint, size_t max,
		 uint8_t **out, size_t *out_size, struct image_err *err)
{
	struct sink sink = { .max = max ? max : SIZE_MAX / 2, .fd = -1 };

	if (image_hint_ok(in, size_hint, max)) {
		sink.buf = malloc(size_hint);
		sink.room = sink.buf ? size_hint : 0;
	}
	if (unpack(codec, in, &sink, err)) {
		free(sink.buf);
		return -1;
	}
	*out = sink.buf;
	*out_size = sink.used;
	return 0;
}

/* What stays in a CPU's cache; lz4 looks back over a block of its own. */
#define WINDOW (256U << 10)

int image_unpack_to(enum image_codec codec, struct image_span in, int fd, size_t size, size_t *used,
		    struct image_err *err)
{
	struct sink sink = { .max = size, .fd = fd };
	int rc;

	sink.room = codec == CODEC_LZ4 ? LZ4_BLOCK : WINDOW;
	if (sink.room > size)
		sink.room = size;
	sink.buf = malloc(sink.room);
	if (!sink.buf)
		return image_fail(err, "no memory to unpack an image");
	rc = unpack(codec, in, &sink, err) || sink_write(&sink, err) ? -1 : 0;
	*used = sink.written;
	free(sink.buf);
	return rc;
}
