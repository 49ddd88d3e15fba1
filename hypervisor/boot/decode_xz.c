// SPDX-License-Identifier: GPL-2.0-only
/* The .xz container (its published format specification, 1.1.0), filters LZMA2 and x86 BCJ. */
#include "decode_priv.h"

#define XZ_HEADER_LEN	12
#define XZ_FOOTER_LEN	12
#define FILTER_BCJ_X86	0x04
#define FILTER_LZMA2	0x21

enum xz_check { CHECK_NONE = 0, CHECK_CRC32 = 1, CHECK_CRC64 = 4, CHECK_SHA256 = 10 };

struct xz_block {
	size_t header_len;
	u64 packed, unpacked;		/* ~0 when the header does not say */
	bool bcj;
	u32 bcj_start;
};

/* Sizes of a check field by its id, 0..15. */
static size_t check_len(unsigned int id)
{
	return id ? 4U << (id - 1) / 3 : 0;
}

static bool init_hot get_varint(const u8 **p, const u8 *end, u64 *v)
{
	*v = 0;
	for (unsigned int shift = 0; shift < 63; shift += 7) {
		u8 b;

		if (*p >= end)
			return false;
		b = *(*p)++;
		*v |= (u64)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return b || !shift;	/* no padding with zeros */
	}
	return false;
}

/* One filter's id and properties. @last: LZMA2 must be the last, and only it. */
static init_hot bool get_filter(const u8 **p, const u8 *end, bool last, struct xz_block *b)
{
	u64 id, plen;

	if (!get_varint(p, end, &id) || !get_varint(p, end, &plen) || plen > (size_t)(end - *p))
		return false;
	if (last) {
		if (id != FILTER_LZMA2 || plen != 1 || **p > 40)
			return false;
	} else {
		if (id != FILTER_BCJ_X86 || b->bcj || (plen != 0 && plen != 4))
			return false;
		b->bcj = true;
		b->bcj_start = plen ? load_le32(*p) : 0;
	}
	*p += plen;
	return true;
}

static int init_hot block_header(struct decode_job *job, const u8 *p, size_t left, struct xz_block *b)
{
	const u8 *end;
	unsigned int nr;
	u8 flags;

	*b = (struct xz_block){ .header_len = ((size_t)p[0] + 1) * 4, .packed = ~0ULL, .unpacked = ~0ULL };
	if (left < b->header_len)
		return decode_fail(job, -EINVAL, "xz: truncated");
	end = p + b->header_len - 4;
	if (load_le32(end) != decode_crc32(p, b->header_len - 4))
		return decode_fail(job, -EINVAL, "xz: damaged block header");
	flags = p[1];
	nr = (flags & 3) + 1;
	p += 2;
	if (flags & 0x3c)
		return decode_fail(job, -EOPNOTSUPP, "xz: option of a newer format");
	if ((flags & 0x40 && !get_varint(&p, end, &b->packed)) ||
	    (flags & 0x80 && !get_varint(&p, end, &b->unpacked)))
		return decode_fail(job, -EINVAL, "xz: damaged block header");
	for (unsigned int i = 1; i <= nr; i++)
		if (!get_filter(&p, end, i == nr, b))
			return decode_fail(job, -EOPNOTSUPP, "xz: filter other than LZMA2 and x86");
	for (; p < end; p++)
		if (*p)
			return decode_fail(job, -EINVAL, "xz: damaged block header");
	return 0;
}

/* Has any of eight bytes the value of an x86 CALL or JMP opcode, 0xe8 or 0xe9? */
static always_inline bool any_branch(u64 w)
{
	w = (w & 0xfefefefefefefefeULL) ^ 0xe8e8e8e8e8e8e8e8ULL;
	return (w - 0x0101010101010101ULL) & ~w & 0x8080808080808080ULL;
}

static always_inline bool sign_byte(u8 b) { return b == 0 || b == 0xff; }

/*
 * Undoes the x86 filter: operands of CALL and JMP were made absolute.  @seen has a bit for each of the
 * three bytes before that looked like an opcode; they decide, in the encoder's way, whether a candidate
 * counts and which operand byte must not look like a sign byte.
 */
static void init_hot bcj_x86(u8 *b, size_t n, u32 start)
{
	unsigned int seen = 0;

	for (size_t i = 0; i + 5 <= n; i++) {
		bool hit;
		u32 src, dst;

		while (!seen && i + 13 <= n && !any_branch(load_le64(b + i)))
			i += 8;
		hit = (b[i] & 0xfe) == 0xe8;
		if (!hit || !sign_byte(b[i + 4]) ||
		    (seen && (seen & (seen - 1) || sign_byte(b[i + 4 - fls64(seen)])))) {
			seen = (seen << 1 | hit) & 7;
			continue;
		}
		src = load_le32(b + i + 1);
		for (;;) {
			unsigned int shift = 8 * (4 - fls64(seen));

			dst = src - (start + (u32)i + 5);
			if (!seen || !sign_byte((u8)(dst >> (shift - 8))))
				break;
			src = dst ^ ((1U << shift) - 1);
		}
		dst &= 0x1ffffff;
		dst |= 0 - (dst & 0x1000000);
		store_le32(b + i + 1, dst);
		i += 4;
		seen = 0;
	}
}

static init_hot bool check_ok(enum xz_check id, const u8 *field, const u8 *data, size_t len)
{
	switch (id) {
	case CHECK_CRC32: return load_le32(field) == decode_crc32(data, len);
	case CHECK_CRC64: return load_le64(field) == decode_crc64(data, len);
	default: return true;	/* none, or one that a reader may leave unchecked (SHA-256) */
	}
}

/* Running account of the blocks, to be compared with the index. */
struct xz_sums { u64 blocks, unpadded, unpacked; };

static int init_hot xz_block(struct decode_job *job, size_t *pos, enum xz_check check, struct xz_sums *sums)
{
	size_t start = *pos, base = job->out_len, clen = check_len(check), packed;
	struct xz_block b;
	int rc = block_header(job, job->src + start, job->src_len - start, &b);

	if (rc)
		return rc;
	*pos += b.header_len;
	rc = lzma2_decode(job, pos, base);
	if (rc)
		return rc;
	packed = *pos - start - b.header_len;
	if ((b.packed != ~0ULL && b.packed != packed) ||
	    (b.unpacked != ~0ULL && b.unpacked != job->out_len - base))
		return decode_fail(job, -EINVAL, "xz: block is not as long as its header says");
	sums->blocks++;
	sums->unpadded += b.header_len + packed + clen;
	sums->unpacked += job->out_len - base;
	for (; (*pos - start) & 3; ++*pos)
		if (*pos >= job->src_len || job->src[*pos])
			return decode_fail(job, -EINVAL, "xz: bad padding");
	if (clen > job->src_len - *pos)
		return decode_fail(job, -EINVAL, "xz: truncated");
	if (b.bcj)
		bcj_x86(job->dst + base, job->out_len - base, b.bcj_start);
	if (!check_ok(check, job->src + *pos, job->dst + base, job->out_len - base))
		return decode_fail(job, -EINVAL, "xz: checksum does not match");
	*pos += clen;
	return 0;
}

static init_hot int xz_index(struct decode_job *job, size_t *pos, const struct xz_sums *sums)
{
	const u8 *start = job->src + *pos, *p = start + 1, *end = job->src + job->src_len;
	struct xz_sums got = { 0 };
	u64 nr, a, b;

	if (!get_varint(&p, end, &nr))
		return decode_fail(job, -EINVAL, "xz: damaged index");
	for (; got.blocks < nr; got.blocks++) {
		if (!get_varint(&p, end, &a) || !get_varint(&p, end, &b))
			return decode_fail(job, -EINVAL, "xz: damaged index");
		got.unpadded += a;
		got.unpacked += b;
	}
	for (; (p - start) & 3; p++)
		if (p >= end || *p)
			return decode_fail(job, -EINVAL, "xz: damaged index");
	if (end - p < 4 || load_le32(p) != decode_crc32(start, (size_t)(p - start)) ||
	    memcmp(&got, sums, sizeof(got)))
		return decode_fail(job, -EINVAL, "xz: index does not match the blocks");
	*pos = (size_t)(p + 4 - job->src);
	return 0;
}

int init_hot decode_xz(struct decode_job *job)
{
	static const u8 magic[6] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	const u8 *p = job->src, *foot;
	struct xz_sums sums = { 0 };
	size_t pos = XZ_HEADER_LEN, index;
	int rc;

	if (job->src_len < XZ_HEADER_LEN + XZ_FOOTER_LEN || memcmp(p, magic, 6) || p[6] || p[7] > 15 ||
	    load_le32(p + 8) != decode_crc32(p + 6, 2))
		return decode_fail(job, -EINVAL, "xz: damaged header");
	while (pos < job->src_len && p[pos]) {
		rc = xz_block(job, &pos, p[7], &sums);
		if (rc)
			return rc;
	}
	if (pos >= job->src_len)
		return decode_fail(job, -EINVAL, "xz: truncated");
	index = pos;
	rc = xz_index(job, &pos, &sums);
	if (rc)
		return rc;
	foot = p + pos;
	if (job->src_len - pos < XZ_FOOTER_LEN || foot[10] != 'Y' || foot[11] != 'Z' ||
	    load_le32(foot) != decode_crc32(foot + 4, 6) || memcmp(foot + 8, p + 6, 2) ||
	    ((u64)load_le32(foot + 4) + 1) * 4 != pos - index)
		return decode_fail(job, -EINVAL, "xz: damaged footer");
	return 0;
}
