/* SPDX-License-Identifier: GPL-2.0-only */
/* zstd's entropy stages (RFC 8878 section 4): backward bit streams, FSE tables, Huffman literals. */
#ifndef BOOT_DECODE_FSE_H
#define BOOT_DECODE_FSE_H

#include "decode_priv.h"

/* A bit stream that is read from its last byte to its first. */
struct backbits {
	const u8 *start;
	s64 pos;		/* bits not yet read; below 0: asked for more than there are */
};

/* The stream's last byte ends in a 1 bit and padding. False when that byte is 0 or missing. */
static always_inline bool backbits_open(struct backbits *b, const u8 *p, size_t len)
{
	if (!len || !p[len - 1])
		return false;
	b->start = p;
	b->pos = (s64)len * 8 - 8 + (s64)fls64(p[len - 1]) - 1;
	return true;
}

/* Value of the @n (<= 56) bits that end @at bits into the stream; bits before its start read as 0. */
static always_inline u64 backbits_at(const struct backbits *b, s64 at, unsigned int n)
{
	s64 low = at - n;
	u64 v = 0;

	if (likely(at >= 64)) {		/* eight bytes that end with the byte that holds bit at - 1 */
		s64 byte = (at - 1) >> 3;

		v = load_le64(b->start + byte - 7);
		v >>= (low - (byte - 7) * 8) & 63;	/* 64 only for no bits at all */
	} else {
		for (s64 i = at > 0 ? (at - 1) >> 3 : -1; i >= 0; i--)
			v = v << 8 | b->start[i];
		v = low >= 0 ? v >> low : low > -64 ? v << -low : 0;
	}
	return v & ((1ULL << n) - 1);
}

static always_inline u64 backbits_take(struct backbits *b, unsigned int n)
{
	u64 v = backbits_at(b, b->pos, n);

	b->pos -= n;
	return v;
}

struct fse_entry { u16 base; u8 symbol, bits; };
#define FSE_MAX_LOG 9
struct fse_table {
	u8 log;
	bool set;
	struct fse_entry e[1 << FSE_MAX_LOG];
};

/* Reads a table description; returns the bytes it took, 0 when damaged. */
size_t fse_read(struct fse_table *t, const u8 *p, size_t len, unsigned int max_symbol, unsigned int max_log);
bool fse_build(struct fse_table *t, const s16 *probs, unsigned int nr, unsigned int log);
void fse_rle(struct fse_table *t, u8 symbol);

#define HUF_MAX_LOG 11
struct huf_entry { u8 symbol, bits; };
struct huf_table {
	u8 log;			/* 0: none yet */
	struct huf_entry e[1 << HUF_MAX_LOG];
};

/* Reads a tree description; returns the bytes it took, 0 when damaged. @tmp is scratch. */
size_t huf_read(struct huf_table *t, struct fse_table *tmp, const u8 *p, size_t len);
bool huf_decode(const struct huf_table *t, const u8 *p, size_t len, u8 *out, size_t n);

#endif
