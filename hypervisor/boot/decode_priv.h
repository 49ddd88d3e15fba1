/* SPDX-License-Identifier: GPL-2.0-only */
/* What the decoders share. */
#ifndef BOOT_DECODE_PRIV_H
#define BOOT_DECODE_PRIV_H

#include <hv/decode.h>
#include <hv/lib.h>

/* In the part of the image that is freed after boot, yet compiled for speed (init_fn implies cold). */
#ifdef HV_HOST_TEST
#define init_hot
#else
#define init_hot section_of(".init.text")
#endif

int decode_gzip(struct decode_job *job);
int decode_xz(struct decode_job *job);
int decode_zstd(struct decode_job *job);
int decode_lz4(struct decode_job *job);

u32 decode_crc32(const u8 *p, size_t len);
u64 decode_crc64(const u8 *p, size_t len);
u64 decode_xxh64(const u8 *p, size_t len);

/* LZMA2 chunks from *@pos on, one block of an xz stream; @base is where the block's output starts. */
int lzma2_decode(struct decode_job *job, size_t *pos, size_t base);

static inline int decode_fail(struct decode_job *job, int err, const char *why)
{
	job->why = why;
	return err;
}

static inline u32 load_le16(const u8 *p) { return p[0] | (u32)p[1] << 8; }
static inline u32 load_le32(const u8 *p)
{
	u32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}
static inline u64 load_le64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}
static inline void store_le32(u8 *p, u32 v) { __builtin_memcpy(p, &v, sizeof(v)); }

/*
 * Copies a match of @len bytes from @dist bytes back to @out.  The caller has checked that @dist is
 * within the history and that @len fits; @room is what may be written at all, for wide stores.
 */
static always_inline void copy_match(u8 *out, size_t dist, size_t len, size_t room)
{
	const u8 *from = out - dist;

	if (likely(dist >= 8 && room >= len + 8)) {
		for (size_t i = 0; i < len; i += 8) {
			u64 w = load_le64(from + i);

			__builtin_memcpy(out + i, &w, 8);
		}
		return;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = from[i];
}

#endif
