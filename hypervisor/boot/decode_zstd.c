// SPDX-License-Identifier: GPL-2.0-only
/* Zstandard frames (RFC 8878). The window is the flat output itself. */
#include "decode_fse.h"

#define ZSTD_MAGIC	0xfd2fb528U
#define ZSTD_BLOCK_MAX	(128U << 10)

enum { SEQ_LL, SEQ_OF, SEQ_ML, NR_SEQ };

struct zstd {
	struct fse_table seq[NR_SEQ], scratch;
	struct huf_table huf;
	u32 rep[3];
	size_t frame_start;	/* history begins here in the output */
	u32 block_max;
	/* the block's literals: decoded ones lie at the end of the room that the block may fill */
	const u8 *lit;
	size_t nr_lit;
	bool lit_in_dst;
	u8 *out;		/* next byte of output */
};
_Static_assert(sizeof(struct zstd) <= DECODE_WORK_SIZE, "work area");

/* Length codes, each a baseline and extra bits: RFC 8878, 3.1.1.3.2.1.1. */
struct seq_code { u32 base; u8 bits; };
static const struct seq_code ll_codes[36] = {
	{ 0, 0 }, { 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 }, { 8, 0 }, { 9, 0 },
	{ 10, 0 }, { 11, 0 }, { 12, 0 }, { 13, 0 }, { 14, 0 }, { 15, 0 }, { 16, 1 }, { 18, 1 }, { 20, 1 },
	{ 22, 1 }, { 24, 2 }, { 28, 2 }, { 32, 3 }, { 40, 3 }, { 48, 4 }, { 64, 6 }, { 128, 7 }, { 256, 8 },
	{ 512, 9 }, { 1024, 10 }, { 2048, 11 }, { 4096, 12 }, { 8192, 13 }, { 16384, 14 }, { 32768, 15 },
	{ 65536, 16 },
};
static const struct seq_code ml_codes[53] = {
	{ 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 }, { 8, 0 }, { 9, 0 }, { 10, 0 }, { 11, 0 }, { 12, 0 },
	{ 13, 0 }, { 14, 0 }, { 15, 0 }, { 16, 0 }, { 17, 0 }, { 18, 0 }, { 19, 0 }, { 20, 0 }, { 21, 0 },
	{ 22, 0 }, { 23, 0 }, { 24, 0 }, { 25, 0 }, { 26, 0 }, { 27, 0 }, { 28, 0 }, { 29, 0 }, { 30, 0 },
	{ 31, 0 }, { 32, 0 }, { 33, 0 }, { 34, 0 }, { 35, 1 }, { 37, 1 }, { 39, 1 }, { 41, 1 }, { 43, 2 },
	{ 47, 2 }, { 51, 3 }, { 59, 3 }, { 67, 4 }, { 83, 4 }, { 99, 5 }, { 131, 7 }, { 259, 8 }, { 515, 9 },
	{ 1027, 10 }, { 2051, 11 }, { 4099, 12 }, { 8195, 13 }, { 16387, 14 }, { 32771, 15 }, { 65539, 16 },
};

/* Predefined distributions: RFC 8878, 3.1.1.3.2.2. */
static const s16 ll_default[36] = {
	4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
	-1, -1, -1, -1,
};
static const s16 of_default[29] = {
	1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
};
static const s16 ml_default[53] = {
	1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
};

static const struct seq_kind {
	const s16 *def;
	u8 nr_def, def_log, max_symbol, max_log, shift;	/* shift: place in the modes byte */
} seq_kinds[NR_SEQ] = {
	[SEQ_LL] = { ll_default, 36, 6, 35, 9, 6 },
	[SEQ_OF] = { of_default, 29, 5, 31, 8, 4 },
	[SEQ_ML] = { ml_default, 53, 6, 52, 9, 2 },
};

/* Huffman-coded literals: one stream, or four behind a table of jumps. */
static init_hot bool huf_literals(const struct huf_table *t, const u8 *p, size_t len, unsigned int streams,
				  u8 *out, size_t n)
{
	size_t part = (n + 3) / 4, at = 6;

	if (streams == 1)
		return huf_decode(t, p, len, out, n);
	if (len < 6 || n < part * 3)
		return false;
	for (unsigned int i = 0; i < 4; i++) {
		size_t slen = i < 3 ? load_le16(p + 2 * i) : len - at;

		if (slen > len - at || !huf_decode(t, p + at, slen, out, i < 3 ? part : n - 3 * part))
			return false;
		at += slen;
		out += part;
	}
	return true;
}

struct lit_header { unsigned int type, streams; size_t regen, packed, len; };

static init_hot bool literals_header(const u8 *p, size_t left, struct lit_header *h)
{
	unsigned int format;
	u64 v = 0;

	if (!left)
		return false;
	h->type = p[0] & 3;
	format = p[0] >> 2 & 3;
	h->streams = format ? 4 : 1;
	if (h->type < 2)
		h->len = format == 1 ? 2 : format == 3 ? 3 : 1;
	else
		h->len = format == 3 ? 5 : format == 2 ? 4 : 3;
	if (left < h->len)
		return false;
	for (size_t i = 0; i < h->len; i++)
		v |= (u64)p[i] << (8 * i);
	if (h->type < 2) {
		h->regen = v >> (format & 1 ? 4 : 3);
		h->packed = h->type ? 1 : h->regen;
	} else {
		unsigned int bits = format == 3 ? 18 : format == 2 ? 14 : 10;

		h->regen = v >> 4 & ((1U << bits) - 1);
		h->packed = v >> (4 + bits) & ((1U << bits) - 1);
	}
	return h->packed <= left - h->len;
}

/*
 * Literals that need decoding go to the far end of what is left of the output.  Sequences then copy them
 * forward: output written never overtakes literals not yet used, because what remains to be written is at
 * least the literals that remain; only when the block's end meets the end of the buffer do they touch.
 */
static init_hot int literals(struct decode_job *job, struct zstd *z, const u8 *p, size_t left, size_t *used)
{
	size_t room = (size_t)(job->dst + job->dst_cap - z->out), tree = 0;
	struct lit_header h;
	u8 *to;

	if (!literals_header(p, left, &h) || h.regen > z->block_max)
		return decode_fail(job, -EINVAL, "zstd: damaged literals");
	if (h.regen > room)
		return decode_fail(job, -ENOSPC, "zstd: more output than expected");
	p += h.len;
	*used = h.len + h.packed;
	to = job->dst + job->dst_cap - h.regen;
	z->nr_lit = h.regen;
	z->lit = to;
	z->lit_in_dst = h.type != 0;
	switch (h.type) {
	case 0:
		z->lit = p;
		return 0;
	case 1:
		memset(to, *p, h.regen);
		return 0;
	case 2:
		tree = huf_read(&z->huf, &z->scratch, p, h.packed);
		if (!tree)
			return decode_fail(job, -EINVAL, "zstd: damaged Huffman tree");
	}
	if (!z->huf.log || !huf_literals(&z->huf, p + tree, h.packed - tree, h.streams, to, h.regen))
		return decode_fail(job, -EINVAL, "zstd: damaged literals");
	return 0;
}

static init_hot bool seq_table(struct zstd *z, unsigned int kind, u8 modes, const u8 **p, const u8 *end)
{
	const struct seq_kind *k = &seq_kinds[kind];
	struct fse_table *t = &z->seq[kind];
	size_t used;

	switch (modes >> k->shift & 3) {
	case 0:
		return fse_build(t, k->def, k->nr_def, k->def_log);
	case 1:
		if (*p >= end || **p > k->max_symbol)
			return false;
		fse_rle(t, *(*p)++);
		return true;
	case 2:
		used = fse_read(t, *p, (size_t)(end - *p), k->max_symbol, k->max_log);
		*p += used;
		return used;
	default:
		return t->set;
	}
}

/* Offset values 1..3 name one of the last three offsets, shifted by one when there are no literals. */
static always_inline u32 seq_offset(struct zstd *z, u64 value, bool no_literals)
{
	u32 dist;
	u64 n;

	if (value > 3) {
		dist = value - 3 > 0xffffffff ? 0 : (u32)(value - 3);
		z->rep[2] = z->rep[1];
		z->rep[1] = z->rep[0];
	} else {
		n = value - 1 + no_literals;
		dist = n == 3 ? z->rep[0] - 1 : z->rep[n];
		if (n > 1)
			z->rep[2] = z->rep[1];
		if (n)
			z->rep[1] = z->rep[0];
	}
	z->rep[0] = dist;
	return dist;
}

/* Copies literals forward, which may overlap with where decoded ones lie (source above destination). */
static always_inline void copy_literals(u8 *out, const u8 *lit, size_t n, size_t wide_ok)
{
	if (likely(wide_ok >= n + 8)) {
		for (size_t i = 0; i < n; i += 8) {
			u64 w = load_le64(lit + i);

			__builtin_memcpy(out + i, &w, 8);
		}
		return;
	}
	memmove(out, lit, n);
}

static init_hot int run_sequences(struct decode_job *job, struct zstd *z, struct backbits *b, unsigned int nr,
				  const u8 *block_end)
{
	u8 *out = z->out, *limit = job->dst + job->dst_cap, *base = job->dst + z->frame_start;
	const u8 *lit = z->lit, *lit_end = lit + z->nr_lit, *src_end = job->src + job->src_len;
	bool lit_in_dst = z->lit_in_dst;
	const struct fse_entry *ll = z->seq[SEQ_LL].e, *of = z->seq[SEQ_OF].e, *ml = z->seq[SEQ_ML].e;

	ll += backbits_take(b, z->seq[SEQ_LL].log);
	of += backbits_take(b, z->seq[SEQ_OF].log);
	ml += backbits_take(b, z->seq[SEQ_ML].log);
	while (nr--) {
		const struct seq_code *lc = &ll_codes[ll->symbol], *mc = &ml_codes[ml->symbol];
		u64 value = (1ULL << of->symbol) + backbits_take(b, of->symbol);
		size_t len = mc->base + (size_t)backbits_take(b, mc->bits);
		size_t nlit = lc->base + (size_t)backbits_take(b, lc->bits);
		/* Bytes that may be written freely: up to the literals not yet used, if they lie ahead. */
		size_t room = (size_t)((lit_in_dst ? lit : limit) - out), wide;
		u32 dist = seq_offset(z, value, !nlit);

		if (nlit > (size_t)(lit_end - lit) || b->pos < 0)
			return decode_fail(job, -EINVAL, "zstd: damaged sequences");
		if (nlit > (size_t)(limit - out) || nlit + len > (size_t)(block_end - out) ||
		    len > (size_t)(limit - out) - nlit - (lit_in_dst ? (size_t)(lit_end - lit) - nlit : 0))
			return decode_fail(job, -ENOSPC, "zstd: more output than expected");
		wide = lit_in_dst ? min(room, (size_t)(limit - lit)) : min(room, (size_t)(src_end - lit));
		copy_literals(out, lit, nlit, wide);
		out += nlit;
		lit += nlit;
		if (!dist || dist > (size_t)(out - base))
			return decode_fail(job, -EINVAL, "zstd: match reaches before the start");
		copy_match(out, dist, len, (size_t)((lit_in_dst ? lit : limit) - out));
		out += len;
		if (!nr)
			break;
		ll = z->seq[SEQ_LL].e + ll->base + backbits_take(b, ll->bits);
		ml = z->seq[SEQ_ML].e + ml->base + backbits_take(b, ml->bits);
		of = z->seq[SEQ_OF].e + of->base + backbits_take(b, of->bits);
	}
	if (b->pos)
		return decode_fail(job, -EINVAL, "zstd: damaged sequences");
	z->out = out;
	z->nr_lit = (size_t)(lit_end - lit);
	z->lit = lit;
	return 0;
}

static init_hot int compressed_block(struct decode_job *job, struct zstd *z, const u8 *p, size_t left)
{
	const u8 *end = p + left, *block_end;
	unsigned int nr = 0;
	size_t used;
	int rc;

	z->out = job->dst + job->out_len;
	block_end = z->out + min((size_t)z->block_max, job->dst_cap - job->out_len);
	rc = literals(job, z, p, left, &used);
	if (rc)
		return rc;
	p += used;
	if (p < end) {
		nr = *p++;
		if (nr == 255 && end - p >= 2) {
			nr = load_le16(p) + 0x7f00;
			p += 2;
		} else if (nr >= 128 && p < end) {
			nr = (nr - 128) << 8 | *p++;
		}
	}
	if (nr) {
		struct backbits b;
		u8 modes;

		if (p >= end || ((modes = *p++) & 3) || !seq_table(z, SEQ_LL, modes, &p, end) ||
		    !seq_table(z, SEQ_OF, modes, &p, end) || !seq_table(z, SEQ_ML, modes, &p, end) ||
		    !backbits_open(&b, p, (size_t)(end - p)))
			return decode_fail(job, -EINVAL, "zstd: damaged sequence tables");
		rc = run_sequences(job, z, &b, nr, block_end);
		if (rc)
			return rc;
	} else if (p != end) {
		return decode_fail(job, -EINVAL, "zstd: damaged block");
	}
	if (z->nr_lit > (size_t)(block_end - z->out))
		return decode_fail(job, -EINVAL, "zstd: block too long");
	memmove(z->out, z->lit, z->nr_lit);
	job->out_len = (size_t)(z->out - job->dst) + z->nr_lit;
	return 0;
}

struct frame_header { size_t len; u64 content, window; bool checksum, has_content; };

static init_hot bool frame_header(const u8 *p, size_t left, struct frame_header *h)
{
	static const u8 dict_len[4] = { 0, 1, 2, 4 }, content_len[4] = { 0, 2, 4, 8 };
	unsigned int single, clen;
	u8 d;

	if (left < 6 || load_le32(p) != ZSTD_MAGIC)
		return false;
	d = p[4];
	single = d >> 5 & 1;
	clen = content_len[d >> 6];
	if (!clen && single)
		clen = 1;
	h->len = 5 + !single + dict_len[d & 3] + clen;
	if (left < h->len || d & 8)
		return false;
	h->checksum = d & 4;
	h->has_content = clen;
	h->content = 0;
	for (unsigned int i = 0; i < clen; i++)
		h->content |= (u64)p[h->len - clen + i] << (8 * i);
	if (clen == 2)
		h->content += 256;
	h->window = (1ULL << (10 + (p[5] >> 3))) / 8 * (8 + (p[5] & 7));
	if (single)
		h->window = h->content;
	for (unsigned int i = 0; i < dict_len[d & 3]; i++)
		if (p[5 + !single + i])		/* an external dictionary */
			return false;
	return true;
}

static init_hot int zstd_block(struct decode_job *job, struct zstd *z, u32 head, const u8 *p)
{
	u32 size = head >> 3;

	if (size > z->block_max)
		return decode_fail(job, -EINVAL, "zstd: block too long");
	if ((head >> 1 & 3) == 2)
		return compressed_block(job, z, p, size);
	if (size > job->dst_cap - job->out_len)
		return decode_fail(job, -ENOSPC, "zstd: more output than expected");
	if (head >> 1 & 1)
		memset(job->dst + job->out_len, *p, size);
	else
		memcpy(job->dst + job->out_len, p, size);
	job->out_len += size;
	return 0;
}

static init_hot int zstd_frame(struct decode_job *job, struct zstd *z, size_t *pos)
{
	struct frame_header h;
	u32 head;
	int rc;

	if (!frame_header(job->src + *pos, job->src_len - *pos, &h))
		return decode_fail(job, -EINVAL, "zstd: damaged frame header");
	*pos += h.len;
	for (int i = 0; i < NR_SEQ; i++)
		z->seq[i].set = false;
	z->huf.log = 0;
	z->rep[0] = 1;
	z->rep[1] = 4;
	z->rep[2] = 8;
	z->frame_start = job->out_len;
	z->block_max = (u32)min(h.window, (u64)ZSTD_BLOCK_MAX);
	do {
		const u8 *p = job->src + *pos;
		size_t left = job->src_len - *pos, len;

		if (left < 3)
			return decode_fail(job, -EINVAL, "zstd: truncated");
		head = load_le16(p) | (u32)p[2] << 16;
		len = (head >> 1 & 3) == 1 ? 1 : head >> 3;
		if ((head >> 1 & 3) == 3 || len > left - 3)
			return decode_fail(job, -EINVAL, "zstd: damaged or truncated block");
		rc = zstd_block(job, z, head, p + 3);
		if (rc)
			return rc;
		*pos += 3 + len;
	} while (!(head & 1));
	if (h.has_content && job->out_len - z->frame_start != h.content)
		return decode_fail(job, -EINVAL, "zstd: length does not match");
	if (h.checksum) {
		if (job->src_len - *pos < 4 || load_le32(job->src + *pos) !=
		    (u32)decode_xxh64(job->dst + z->frame_start, job->out_len - z->frame_start))
			return decode_fail(job, -EINVAL, "zstd: checksum does not match");
		*pos += 4;
	}
	return 0;
}

int init_hot decode_zstd(struct decode_job *job)
{
	struct zstd *z = job->work;
	size_t pos = 0;
	int rc;

	do {	/* zstd -T writes one frame, but frames may follow each other */
		rc = zstd_frame(job, z, &pos);
	} while (!rc && job->src_len - pos >= 4 && load_le32(job->src + pos) == ZSTD_MAGIC);
	return rc;
}
