// SPDX-License-Identifier: GPL-2.0-only
/* gzip (RFC 1952) around deflate (RFC 1951). */
#include "decode_priv.h"

#define MAX_CODE_LEN 15
#define FAST_BITS 10
#define NR_LITLEN 288
#define NR_DIST 32

/*
 * A canonical Huffman code: short codes by one look-up of the next FAST_BITS bits (symbol << 4 | length,
 * 0 when longer), the rest by walking lengths.
 */
struct huff {
	u16 fast[1 << FAST_BITS];
	u16 count[MAX_CODE_LEN + 1];
	u16 symbol[NR_LITLEN];
};

struct inflate {
	struct huff litlen, dist;
	const u8 *in, *end;
	u64 bits;
	unsigned int nr;	/* valid bits in @bits */
	unsigned int phantom;	/* zero bytes supplied after the end of the input */
	u8 lens[NR_LITLEN + NR_DIST];
};
_Static_assert(sizeof(struct inflate) <= DECODE_WORK_SIZE, "work area");

static always_inline void refill(struct inflate *s)
{
	if (likely(s->end - s->in >= 8)) {
		s->bits |= load_le64(s->in) << s->nr;
		s->in += (63 - s->nr) >> 3;
		s->nr |= 56;
		return;
	}
	while (s->nr <= 56) {
		if (s->in < s->end)
			s->bits |= (u64)*s->in++ << s->nr;
		else
			s->phantom++;
		s->nr += 8;
	}
}

/* Did decoding use bits that the input does not have? */
static bool init_hot overrun(const struct inflate *s)
{
	return s->phantom * 8 > s->nr;
}

static always_inline u32 take(struct inflate *s, unsigned int n)
{
	u32 v = (u32)(s->bits & ((1ULL << n) - 1));

	s->bits >>= n;
	s->nr -= n;
	return v;
}

static u32 init_hot reverse_bits(u32 v, unsigned int n)
{
	u32 r = 0;

	for (; n; n--, v >>= 1)
		r = r << 1 | (v & 1);
	return r;
}

/* False for an over-full code, or an incomplete one of more than one symbol. */
static bool init_hot huff_make(struct huff *h, const u8 *lens, unsigned int n)
{
	u16 next[MAX_CODE_LEN + 2] = { 0 }, offs[MAX_CODE_LEN + 2] = { 0 };
	int left = 1;

	memset(h->count, 0, sizeof(h->count));
	memset(h->fast, 0, sizeof(h->fast));
	for (unsigned int i = 0; i < n; i++)
		h->count[lens[i]]++;
	for (unsigned int l = 1; l <= MAX_CODE_LEN; l++) {
		left = left * 2 - h->count[l];
		if (left < 0)
			return false;
		next[l + 1] = (u16)((next[l] + h->count[l]) << 1);
		offs[l + 1] = (u16)(offs[l] + h->count[l]);
	}
	for (unsigned int i = 0; i < n; i++) {
		unsigned int l = lens[i];

		if (!l)
			continue;
		h->symbol[offs[l]++] = (u16)i;
		if (l <= FAST_BITS)
			for (u32 c = reverse_bits(next[l], l); c < 1U << FAST_BITS; c += 1U << l)
				h->fast[c] = (u16)(i << 4 | l);
		next[l]++;
	}
	/* RFC 1951 3.2.7: a single distance code of one bit is allowed, and none at all. */
	return left == 0 || n - h->count[0] <= 1;
}

/* Next symbol, or a negative number for bits that are no code. Needs 15 bits in the buffer. */
static always_inline int huff_get(struct inflate *s, const struct huff *h)
{
	u32 e = h->fast[s->bits & ((1U << FAST_BITS) - 1)];
	int code = 0, first = 0, index = 0;
	u64 b = s->bits;

	if (likely(e)) {
		take(s, e & 15);
		return (int)(e >> 4);
	}
	for (unsigned int l = 1; l <= MAX_CODE_LEN; l++, b >>= 1) {
		int n = h->count[l];

		code |= (int)(b & 1);
		if (code - first < n) {
			take(s, l);
			return h->symbol[index + code - first];
		}
		index += n;
		first = (first + n) << 1;
		code <<= 1;
	}
	return -1;
}

static init_hot bool fixed_codes(struct inflate *s)
{
	for (unsigned int i = 0; i < NR_LITLEN; i++)
		s->lens[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	memset(s->lens + NR_LITLEN, 5, NR_DIST);
	return huff_make(&s->litlen, s->lens, NR_LITLEN) && huff_make(&s->dist, s->lens + NR_LITLEN, NR_DIST);
}

static init_hot bool dynamic_codes(struct inflate *s)
{
	static const u8 order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
	unsigned int nlit, ndist, nclen, i;
	u8 cl[19] = { 0 };

	refill(s);
	nlit = take(s, 5) + 257;
	ndist = take(s, 5) + 1;
	nclen = take(s, 4) + 4;
	if (nlit > 286 || ndist > 30)
		return false;
	for (i = 0; i < nclen; i++) {
		refill(s);
		cl[order[i]] = (u8)take(s, 3);
	}
	if (!huff_make(&s->litlen, cl, 19))
		return false;
	for (i = 0; i < nlit + ndist; ) {
		unsigned int rep = 1;
		int sym;
		u8 v;

		refill(s);
		sym = huff_get(s, &s->litlen);
		if (sym < 0 || overrun(s))
			return false;
		v = (u8)sym;
		if (sym == 16) {
			if (!i)
				return false;
			v = s->lens[i - 1];
			rep = 3 + take(s, 2);
		} else if (sym >= 17) {
			v = 0;
			rep = sym == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
		}
		if (i + rep > nlit + ndist)
			return false;
		memset(s->lens + i, v, rep);
		i += rep;
	}
	return s->lens[256] && huff_make(&s->dist, s->lens + nlit, ndist) && huff_make(&s->litlen, s->lens, nlit);
}

static init_hot int stored_block(struct decode_job *job, struct inflate *s)
{
	u32 len, inv;

	take(s, s->nr & 7);
	refill(s);
	len = take(s, 16);
	inv = take(s, 16);
	/* Give back whole bytes that were read ahead. */
	if (s->phantom)
		return decode_fail(job, -EINVAL, "gzip: truncated");
	s->in -= s->nr >> 3;
	s->bits = 0;
	s->nr = 0;
	if ((len ^ inv) != 0xffff || len > (size_t)(s->end - s->in))
		return decode_fail(job, -EINVAL, "gzip: damaged stored block");
	if (len > job->dst_cap - job->out_len)
		return decode_fail(job, -ENOSPC, "gzip: more output than expected");
	memcpy(job->dst + job->out_len, s->in, len);
	job->out_len += len;
	s->in += len;
	return 0;
}

static init_hot int coded_block(struct decode_job *job, struct inflate *s)
{
	static const u16 len_base[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51,
		59, 67, 83, 99, 115, 131, 163, 195, 227, 258 };
	static const u8 len_extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4,
		5, 5, 5, 5, 0 };
	static const u16 dist_base[30] = { 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385,
		513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577 };
	u8 *out = job->dst + job->out_len, *limit = job->dst + job->dst_cap;
	int sym;

	for (;;) {
		size_t len, dist;

		refill(s);	/* 56 bits: a length and a distance with their extras take at most 48 */
		sym = huff_get(s, &s->litlen);
		if (sym >= 0 && sym < 256) {
			if (unlikely(out == limit))
				return decode_fail(job, -ENOSPC, "gzip: more output than expected");
			*out++ = (u8)sym;
			continue;
		}
		if (sym == 256)
			break;
		if (sym < 0 || sym > 285 || overrun(s))
			return decode_fail(job, -EINVAL, "gzip: damaged code or truncated");
		len = len_base[sym - 257] + take(s, len_extra[sym - 257]);
		sym = huff_get(s, &s->dist);
		if (sym < 0 || sym > 29)
			return decode_fail(job, -EINVAL, "gzip: damaged distance code");
		dist = dist_base[sym] + take(s, sym < 4 ? 0 : (unsigned int)sym / 2 - 1);
		if (dist > (size_t)(out - job->dst))
			return decode_fail(job, -EINVAL, "gzip: match reaches before the start");
		if (len > (size_t)(limit - out))
			return decode_fail(job, -ENOSPC, "gzip: more output than expected");
		copy_match(out, dist, len, (size_t)(limit - out));
		out += len;
	}
	job->out_len = (size_t)(out - job->dst);
	return overrun(s) ? decode_fail(job, -EINVAL, "gzip: truncated") : 0;
}

static init_hot int inflate(struct decode_job *job, struct inflate *s)
{
	bool last;
	int rc;

	do {
		unsigned int type;

		refill(s);
		last = take(s, 1);
		type = take(s, 2);
		if (type == 3 || overrun(s))
			return decode_fail(job, -EINVAL, "gzip: damaged block header");
		if (type == 0) {
			rc = stored_block(job, s);
		} else {
			if (!(type == 1 ? fixed_codes(s) : dynamic_codes(s)))
				return decode_fail(job, -EINVAL, "gzip: damaged Huffman code");
			rc = coded_block(job, s);
		}
		if (rc)
			return rc;
	} while (!last);
	/* Whole bytes read ahead belong to the trailer. */
	take(s, s->nr & 7);
	if (s->phantom * 8 > s->nr)
		return decode_fail(job, -EINVAL, "gzip: truncated");
	s->in -= (s->nr >> 3) - s->phantom;
	return 0;
}

/* Skips a zero-terminated field of the header. */
static init_hot bool skip_string(const u8 **in, const u8 *end)
{
	const u8 *z = memchr(*in, 0, (size_t)(end - *in));

	if (!z)
		return false;
	*in = z + 1;
	return true;
}

static init_hot bool gzip_header(const u8 **in, const u8 *end)
{
	const u8 *p = *in;
	u8 flags;

	if (end - p < 18 || p[0] != 0x1f || p[1] != 0x8b || p[2] != 8)
		return false;
	flags = p[3];
	if (flags & 0xe0)
		return false;
	p += 10;
	if (flags & 4) {	/* FEXTRA */
		u32 n = load_le16(p);

		if (n + 2 > (size_t)(end - p))
			return false;
		p += n + 2;
	}
	if ((flags & 8) && !skip_string(&p, end))	/* FNAME */
		return false;
	if ((flags & 16) && !skip_string(&p, end))	/* FCOMMENT */
		return false;
	if (flags & 2) {	/* FHCRC */
		if (end - p < 2)
			return false;
		p += 2;
	}
	*in = p;
	return true;
}

int init_hot decode_gzip(struct decode_job *job)
{
	struct inflate *s = job->work;
	int rc;

	s->in = job->src;
	s->end = job->src + job->src_len;
	s->bits = 0;
	s->nr = 0;
	s->phantom = 0;
	if (!gzip_header(&s->in, s->end))
		return decode_fail(job, -EINVAL, "gzip: damaged header");
	rc = inflate(job, s);
	if (rc)
		return rc;
	if (s->end - s->in < 8)
		return decode_fail(job, -EINVAL, "gzip: trailer missing");
	if (load_le32(s->in + 4) != (u32)job->out_len || load_le32(s->in) != decode_crc32(job->dst, job->out_len))
		return decode_fail(job, -EINVAL, "gzip: checksum or length does not match");
	return 0;
}
