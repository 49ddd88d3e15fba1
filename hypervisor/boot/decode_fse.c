// SPDX-License-Identifier: GPL-2.0-only
#include "decode_fse.h"

#define FSE_MAX_SYMBOLS 256

bool init_hot fse_build(struct fse_table *t, const s16 *probs, unsigned int nr, unsigned int log)
{
	unsigned int size = 1U << log, mask = size - 1, high = size, pos = 0;
	unsigned int step = (size >> 1) + (size >> 3) + 3;
	u16 next[FSE_MAX_SYMBOLS];

	t->log = (u8)log;
	t->set = true;
	/* "Less than one" probabilities get one cell each at the end of the table. */
	for (unsigned int s = 0; s < nr; s++) {
		next[s] = (u16)probs[s];
		if (probs[s] == -1) {
			t->e[--high].symbol = (u8)s;
			next[s] = 1;
		}
	}
	for (unsigned int s = 0; s < nr; s++) {
		for (int i = 0; i < probs[s]; i++) {
			t->e[pos].symbol = (u8)s;
			do
				pos = (pos + step) & mask;
			while (pos >= high);
		}
	}
	if (pos)
		return false;
	for (unsigned int i = 0; i < size; i++) {
		u16 n = next[t->e[i].symbol]++;

		t->e[i].bits = (u8)(log - (fls64(n) - 1));
		t->e[i].base = (u16)((n << t->e[i].bits) - size);
	}
	return true;
}

void init_hot fse_rle(struct fse_table *t, u8 symbol)
{
	t->log = 0;
	t->set = true;
	t->e[0] = (struct fse_entry){ .symbol = symbol };
}

/* Up to 32 bits at bit @pos of a forward stream; bytes after its end read as 0. */
static u32 init_hot forward_bits(const u8 *p, size_t len, size_t pos)
{
	u64 v = 0;

	for (size_t i = 0; i < 5; i++)
		if ((pos >> 3) + i < len)
			v |= (u64)p[(pos >> 3) + i] << (8 * i);
	return (u32)(v >> (pos & 7));
}

size_t init_hot fse_read(struct fse_table *t, const u8 *p, size_t len, unsigned int max_symbol, unsigned int max_log)
{
	s16 probs[FSE_MAX_SYMBOLS] = { 0 };
	unsigned int log, nr = 0;
	int left;
	size_t pos = 4;

	if (!len)
		return 0;
	log = (p[0] & 15) + 5;
	if (log > max_log)
		return 0;
	left = 1 << log;
	while (left > 0) {
		/* Values 0..left+1; those below @cut fit one bit less. */
		unsigned int bits = fls64((u64)left + 1);
		u32 cut = (1U << bits) - 1 - ((u32)left + 1), v, word = forward_bits(p, len, pos);

		if (nr > max_symbol || pos > len * 8)
			return 0;
		v = word & ((1U << (bits - 1)) - 1);
		if (v < cut) {
			pos += bits - 1;
		} else {
			v = word & ((1U << bits) - 1);
			if (v >= 1U << (bits - 1))
				v -= cut;
			pos += bits;
		}
		probs[nr++] = (s16)((int)v - 1);
		left -= v ? (int)v - 1 : 1;
		while (v == 1) {	/* probability 0: how many more of them follow, two bits at a time */
			u32 zeros = forward_bits(p, len, pos) & 3;

			pos += 2;
			nr += zeros;
			if (nr > max_symbol + 1)
				return 0;
			if (zeros != 3)
				break;
		}
	}
	if (left || nr > max_symbol + 1 || pos > len * 8 || !fse_build(t, probs, nr, log))
		return 0;
	return (pos + 7) >> 3;
}

/* Weights coded with FSE, by two states in turn. Returns how many, 0 when damaged. */
static unsigned int init_hot huf_fse_weights(struct fse_table *tmp, const u8 *p, size_t len, u8 *w)
{
	size_t head = fse_read(tmp, p, len, 255, 6);
	struct backbits b;
	unsigned int state[2], n = 0;

	if (!head || !backbits_open(&b, p + head, len - head))
		return 0;
	state[0] = (unsigned int)backbits_take(&b, tmp->log);
	state[1] = (unsigned int)backbits_take(&b, tmp->log);
	if (b.pos < 0)
		return 0;
	for (unsigned int i = 0;; i ^= 1) {
		const struct fse_entry *e = &tmp->e[state[i]];

		if (n >= 254)
			return 0;
		w[n++] = e->symbol;
		state[i] = (unsigned int)(e->base + backbits_take(&b, e->bits));
		if (b.pos < 0) {	/* the other state's symbol is the last */
			w[n++] = tmp->e[state[i ^ 1]].symbol;
			return n;
		}
	}
}

/* Fills in the table from @n weights; the last symbol's weight follows from the others. */
static bool init_hot huf_build(struct huf_table *t, u8 *w, unsigned int n)
{
	u32 sum = 0, left, start[HUF_MAX_LOG + 2] = { 0 }, at = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (w[i] > HUF_MAX_LOG)
			return false;
		sum += w[i] ? 1U << (w[i] - 1) : 0;
	}
	if (!sum || fls64(sum) > HUF_MAX_LOG)
		return false;
	t->log = (u8)fls64(sum);
	left = (1U << t->log) - sum;
	if (left & (left - 1))
		return false;
	w[n++] = (u8)fls64(left);
	for (unsigned int i = 0; i < n; i++)
		start[w[i]] += w[i] ? 1U << (w[i] - 1) : 0;
	for (unsigned int l = 1; l <= t->log; l++) {
		u32 cells = start[l];

		start[l] = at;
		at += cells;
	}
	for (unsigned int i = 0; i < n; i++) {
		u32 cells = w[i] ? 1U << (w[i] - 1) : 0;

		for (u32 c = 0; c < cells; c++)
			t->e[start[w[i]]++] = (struct huf_entry){ (u8)i, (u8)(t->log + 1 - w[i]) };
	}
	return true;
}

size_t init_hot huf_read(struct huf_table *t, struct fse_table *tmp, const u8 *p, size_t len)
{
	u8 w[256] = { 0 };
	unsigned int n;
	size_t used;

	t->log = 0;
	if (!len)
		return 0;
	if (p[0] < 128) {
		used = (size_t)p[0] + 1;
		if (used > len)
			return 0;
		n = huf_fse_weights(tmp, p + 1, p[0], w);
	} else {
		n = p[0] - 127U;
		used = 1 + (n + 1) / 2;
		if (used > len)
			return 0;
		for (unsigned int i = 0; i < n; i++)
			w[i] = i & 1 ? p[1 + i / 2] & 15 : p[1 + i / 2] >> 4;
	}
	if (!n || !huf_build(t, w, n)) {
		t->log = 0;
		return 0;
	}
	return used;
}

bool init_hot huf_decode(const struct huf_table *t, const u8 *p, size_t len, u8 *out, size_t n)
{
	unsigned int log = t->log, mask = (1U << log) - 1;
	struct backbits b;
	size_t i = 0;

	if (!backbits_open(&b, p, len))
		return false;
	/* Four symbols (at most 44 bits) from one load while the stream is long enough. */
	for (; i + 4 <= n && b.pos >= 64; i += 4) {
		u64 v = backbits_at(&b, b.pos, 56);
		unsigned int used = 0;

		for (int k = 0; k < 4; k++) {
			struct huf_entry e = t->e[v >> (56 - used - log) & mask];

			out[i + (size_t)k] = e.symbol;
			used += e.bits;
		}
		b.pos -= used;
	}
	for (; i < n; i++) {
		struct huf_entry e = t->e[backbits_at(&b, b.pos, log)];

		out[i] = e.symbol;
		b.pos -= e.bits;
		if (b.pos < 0)
			return false;
	}
	return b.pos == 0;
}
