// SPDX-License-Identifier: GPL-2.0-only
/*
 * LZMA2: chunks, each raw or range-coded.  The range decoder's registers are kept in a local struct that
 * the compiler holds in CPU registers; only the probabilities live in memory.
 */
#include "decode_priv.h"

#define NR_STATES	12
#define POS_STATES	16
#define LEN_LOW		8
#define LEN_HIGH	256
#define MIN_MATCH	2
#define DIST_SLOTS	64
#define DIST_LEN_STATES	4
#define ALIGN_BITS	4
#define FULL_DISTANCES	128
#define PROB_BITS	11
#define PROB_INIT	(1U << PROB_BITS >> 1)
#define MOVE_BITS	5
#define LITERAL_PROBS	0x300
#define MAX_LCLP	4		/* LZMA2's own limit on lc + lp */

typedef u16 prob_t;

struct len_probs {
	prob_t choice, choice2;
	prob_t low[POS_STATES][LEN_LOW], mid[POS_STATES][LEN_LOW], high[LEN_HIGH];
};

struct lzma {
	/* from here on: all probabilities, reset together */
	prob_t is_match[NR_STATES][POS_STATES], is_rep[NR_STATES], is_rep0[NR_STATES], is_rep1[NR_STATES],
	       is_rep2[NR_STATES], is_rep0_long[NR_STATES][POS_STATES];
	prob_t slot[DIST_LEN_STATES][DIST_SLOTS], special[FULL_DISTANCES], align[1 << ALIGN_BITS];
	struct len_probs match_len, rep_len;
	prob_t literal[LITERAL_PROBS << MAX_LCLP];
	/* state that lasts over chunks */
	u32 rep[4];
	u32 state;
	u8 lc, lp, pb;
};
_Static_assert(sizeof(struct lzma) <= DECODE_WORK_SIZE, "work area");

struct range {
	u32 range, code;
	const u8 *in, *end;
	u32 over;		/* bytes asked for after the end of the chunk */
};

static always_inline void rc_normalise(struct range *r)
{
	if (r->range < 1U << 24) {
		u8 b = 0;

		if (likely(r->in < r->end))
			b = *r->in++;
		else
			r->over++;
		r->range <<= 8;
		r->code = r->code << 8 | b;
	}
}

static always_inline u32 rc_bit(struct range *r, prob_t *p)
{
	u32 bound;

	rc_normalise(r);
	bound = (r->range >> PROB_BITS) * *p;
	if (r->code < bound) {
		r->range = bound;
		*p = (prob_t)(*p + (((1U << PROB_BITS) - *p) >> MOVE_BITS));
		return 0;
	}
	r->range -= bound;
	r->code -= bound;
	*p = (prob_t)(*p - (*p >> MOVE_BITS));
	return 1;
}

/* @bits binary decisions down a tree, most significant first. */
static always_inline u32 rc_tree(struct range *r, prob_t *p, unsigned int bits)
{
	u32 m = 1;

	for (unsigned int i = 0; i < bits; i++)
		m = m << 1 | rc_bit(r, p + m);
	return m - (1U << bits);
}

static always_inline u32 rc_tree_reverse(struct range *r, prob_t *p, unsigned int bits)
{
	u32 m = 1, v = 0;

	for (unsigned int i = 0; i < bits; i++) {
		u32 b = rc_bit(r, p + m);

		m = m << 1 | b;
		v |= b << i;
	}
	return v;
}

static always_inline u32 rc_direct(struct range *r, unsigned int bits)
{
	u32 v = 0;

	for (; bits; bits--) {
		u32 b;

		rc_normalise(r);
		r->range >>= 1;
		b = r->code >= r->range;
		r->code -= r->range & (0 - b);
		v = v << 1 | b;
	}
	return v;
}

static void init_hot lzma_reset(struct lzma *s)
{
	prob_t *p = &s->is_match[0][0];

	for (size_t i = 0; i < offsetof(struct lzma, rep) / sizeof(*p); i++)
		p[i] = PROB_INIT;
	memset(s->rep, 0, sizeof(s->rep));
	s->state = 0;
}

static bool init_hot lzma_props(struct lzma *s, u8 b)
{
	if (b > (4 * 5 + 4) * 9 + 8)
		return false;
	s->lc = b % 9;
	s->lp = b / 9 % 5;
	s->pb = b / 45;
	return s->lc + s->lp <= MAX_LCLP;
}

static always_inline u32 lzma_len(struct range *r, struct len_probs *l, u32 pos_state)
{
	if (!rc_bit(r, &l->choice))
		return MIN_MATCH + rc_tree(r, l->low[pos_state], 3);
	if (!rc_bit(r, &l->choice2))
		return MIN_MATCH + LEN_LOW + rc_tree(r, l->mid[pos_state], 3);
	return MIN_MATCH + 2 * LEN_LOW + rc_tree(r, l->high, 8);
}

/* The distance behind a match of @len, less one. */
static always_inline u32 lzma_distance(struct range *r, struct lzma *s, u32 len)
{
	u32 ls = len < MIN_MATCH + DIST_LEN_STATES ? len - MIN_MATCH : DIST_LEN_STATES - 1;
	u32 slot = rc_tree(r, s->slot[ls], 6), bits, base;

	if (slot < 4)
		return slot;
	bits = (slot >> 1) - 1;
	base = (2 | (slot & 1)) << bits;
	if (slot < 14)	/* each slot has its own tree, packed so that none overlap */
		return base + rc_tree_reverse(r, s->special + base - slot, bits);
	base += rc_direct(r, bits - ALIGN_BITS) << ALIGN_BITS;
	return base + rc_tree_reverse(r, s->align, ALIGN_BITS);
}

static always_inline u8 lzma_literal(struct range *r, prob_t *p, u32 state, u8 matched)
{
	u32 m = 1, offset = 0x100, mb = matched;

	/* After a match the byte at rep0 steers which half of the tree is used, until it differs. */
	if (state >= 7) {
		do {
			u32 bit, half;

			mb <<= 1;
			half = mb & 0x100;
			bit = rc_bit(r, p + offset + half + m);
			m = m << 1 | bit;
			if (!!half != bit)
				break;
		} while (m < 0x100);
	}
	while (m < 0x100)
		m = m << 1 | rc_bit(r, p + m);
	return (u8)m;
}

/* One range-coded chunk: exactly @n bytes of output. */
static int init_hot lzma_chunk(struct lzma *s, struct range *rc, struct decode_job *job, size_t base, size_t n)
{
	u8 *out = job->dst + job->out_len, *start = job->dst + base, *end = out + n;
	u8 *limit = job->dst + job->dst_cap;
	u32 pb_mask = (1U << s->pb) - 1, lp_mask = (1U << s->lp) - 1, lc = s->lc, state = s->state;
	u32 rep0 = s->rep[0], rep1 = s->rep[1], rep2 = s->rep[2], rep3 = s->rep[3];
	struct range r = *rc;

	while (out < end) {
		u32 pos = (u32)(out - start), ps = pos & pb_mask, len;

		if (!rc_bit(&r, &s->is_match[state][ps])) {
			u32 prev = pos ? out[-1] : 0;
			u32 ctx = ((pos & lp_mask) << lc) + (prev >> (8 - lc));
			u8 matched = state >= 7 && rep0 < pos ? out[-(ssize_t)rep0 - 1] : 0;

			*out++ = lzma_literal(&r, s->literal + LITERAL_PROBS * ctx, state, matched);
			state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
			continue;
		}
		if (!rc_bit(&r, &s->is_rep[state])) {
			rep3 = rep2;
			rep2 = rep1;
			rep1 = rep0;
			len = lzma_len(&r, &s->match_len, ps);
			rep0 = lzma_distance(&r, s, len);
			state = state < 7 ? 7 : 10;
		} else if (!rc_bit(&r, &s->is_rep0[state])) {
			if (!rc_bit(&r, &s->is_rep0_long[state][ps])) {
				if (rep0 >= pos)
					return decode_fail(job, -EINVAL, "xz: match reaches before the start");
				*out = out[-(ssize_t)rep0 - 1];
				out++;
				state = state < 7 ? 9 : 11;
				continue;
			}
			len = lzma_len(&r, &s->rep_len, ps);
			state = state < 7 ? 8 : 11;
		} else {
			u32 d;

			if (!rc_bit(&r, &s->is_rep1[state])) {
				d = rep1;
			} else {
				if (!rc_bit(&r, &s->is_rep2[state])) {
					d = rep2;
				} else {
					d = rep3;
					rep3 = rep2;
				}
				rep2 = rep1;
			}
			rep1 = rep0;
			rep0 = d;
			len = lzma_len(&r, &s->rep_len, ps);
			state = state < 7 ? 8 : 11;
		}
		if (rep0 >= pos)
			return decode_fail(job, -EINVAL, "xz: match reaches before the start");
		if (len > (size_t)(end - out))
			return decode_fail(job, -EINVAL, "xz: match crosses the end of its chunk");
		copy_match(out, (size_t)rep0 + 1, len, (size_t)(limit - out));
		out += len;
	}
	rc_normalise(&r);
	/* A chunk's range coder ends on its last byte with code 0. */
	if (r.over || r.in != r.end || r.code)
		return decode_fail(job, -EINVAL, "xz: damaged chunk");
	s->rep[0] = rep0;
	s->rep[1] = rep1;
	s->rep[2] = rep2;
	s->rep[3] = rep3;
	s->state = state;
	job->out_len = (size_t)(out - job->dst);
	return 0;
}

/* What must come before a chunk of a kind may be used. */
enum need { NEED_NOTHING, NEED_STATE, NEED_PROPS, NEED_DICT };

static int init_hot raw_chunk(struct decode_job *job, const u8 *p, size_t left, size_t *used)
{
	size_t n;

	if (left < 3)
		return decode_fail(job, -EINVAL, "xz: truncated");
	n = ((size_t)p[1] << 8 | p[2]) + 1;
	if (n > left - 3)
		return decode_fail(job, -EINVAL, "xz: truncated");
	if (n > job->dst_cap - job->out_len)
		return decode_fail(job, -ENOSPC, "xz: more output than expected");
	memcpy(job->dst + job->out_len, p + 3, n);
	job->out_len += n;
	*used = n + 3;
	return 0;
}

static int init_hot coded_chunk(struct decode_job *job, const u8 *p, size_t left, size_t base,
				enum need *need, size_t *used)
{
	struct lzma *s = job->work;
	u8 control = p[0], reset = control >> 5 & 3;
	size_t head = reset >= 2 ? 6 : 5, n, packed;
	struct range r = { .range = ~0U };

	if (left < head)
		return decode_fail(job, -EINVAL, "xz: truncated");
	n = ((size_t)(control & 0x1f) << 16 | (size_t)p[1] << 8 | p[2]) + 1;
	packed = ((size_t)p[3] << 8 | p[4]) + 1;
	if (packed > left - head || packed < 5)
		return decode_fail(job, -EINVAL, "xz: truncated");
	if (reset == 3)
		*need = NEED_PROPS;
	if (*need > (reset >= 2 ? NEED_PROPS : reset == 1 ? NEED_STATE : NEED_NOTHING))
		return decode_fail(job, -EINVAL, "xz: chunk without the reset that it needs");
	if (n > job->dst_cap - job->out_len)
		return decode_fail(job, -ENOSPC, "xz: more output than expected");
	if (reset >= 2 && !lzma_props(s, p[5]))
		return decode_fail(job, -EINVAL, "xz: bad LZMA properties");
	if (reset)
		lzma_reset(s);
	*need = NEED_NOTHING;
	p += head;
	if (p[0])
		return decode_fail(job, -EINVAL, "xz: damaged chunk");
	r.code = (u32)p[1] << 24 | (u32)p[2] << 16 | (u32)p[3] << 8 | p[4];
	r.in = p + 5;
	r.end = p + packed;
	*used = head + packed;
	return lzma_chunk(s, &r, job, base, n);
}

int init_hot lzma2_decode(struct decode_job *job, size_t *pos, size_t base)
{
	enum need need = NEED_DICT;

	for (;;) {
		const u8 *p = job->src + *pos;
		size_t left = job->src_len - *pos, used;
		int rc;

		if (!left)
			return decode_fail(job, -EINVAL, "xz: truncated");
		if (!p[0]) {
			++*pos;
			return 0;
		}
		if (p[0] == 1 || p[0] >= 0xe0)	/* dictionary reset: history before here is out of reach */
			base = job->out_len;
		if (p[0] == 1 && need == NEED_DICT)
			need = NEED_PROPS;
		if (p[0] >= 0x80)
			rc = coded_chunk(job, p, left, base, &need, &used);
		else if (p[0] == 1 || (p[0] == 2 && need != NEED_DICT))
			rc = raw_chunk(job, p, left, &used);
		else
			rc = decode_fail(job, -EINVAL, "xz: damaged chunk header");
		if (rc)
			return rc;
		*pos += used;
	}
}
