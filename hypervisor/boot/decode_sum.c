// SPDX-License-Identifier: GPL-2.0-only
/* Checksums of the formats: CRC-32 (gzip, xz), CRC-64 (xz), XXH64 (zstd). */
#include "decode_priv.h"

/*
 * Slicing by eight: table t[k][b] is the CRC of byte b followed by k zero bytes.  Made on first use,
 * 8 KiB (CRC-32) that the image need not carry.
 */
static init_data u32 crc32_table[8][256];

static void init_hot crc32_make(void)
{
	for (u32 i = 0; i < 256; i++) {
		u32 c = i;

		for (int k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320U : 0);
		crc32_table[0][i] = c;
	}
	for (u32 i = 0; i < 256; i++)
		for (int k = 1; k < 8; k++)
			crc32_table[k][i] = crc32_table[k - 1][i] >> 8 ^ crc32_table[0][crc32_table[k - 1][i] & 0xff];
}

u32 init_hot decode_crc32(const u8 *p, size_t len)
{
	u32 c = ~0U;

	if (!crc32_table[0][1])
		crc32_make();
	for (; len >= 8; len -= 8, p += 8) {
		u64 w = load_le64(p) ^ c;

		c = 0;
		for (int k = 0; k < 8; k++, w >>= 8)
			c ^= crc32_table[7 - k][w & 0xff];
	}
	for (; len; len--, p++)
		c = c >> 8 ^ crc32_table[0][(c ^ *p) & 0xff];
	return ~c;
}

u64 init_hot decode_crc64(const u8 *p, size_t len)
{
	u64 table[16], c = ~0ULL;

	/* One nibble at a time: no stock kernel uses it, so small beats fast. */
	for (u64 i = 0; i < 16; i++) {
		u64 v = i;

		for (int k = 0; k < 4; k++)
			v = v >> 1 ^ (v & 1 ? 0xc96c5795d7870f42ULL : 0);
		table[i] = v;
	}
	for (; len; len--, p++) {
		c ^= *p;
		c = c >> 4 ^ table[c & 15];
		c = c >> 4 ^ table[c & 15];
	}
	return ~c;
}

#define XXH_P1 0x9e3779b185ebca87ULL
#define XXH_P2 0xc2b2ae3d27d4eb4fULL
#define XXH_P3 0x165667b19e3779f9ULL
#define XXH_P4 0x85ebca77c2b2ae63ULL
#define XXH_P5 0x27d4eb2f165667c5ULL

static always_inline u64 rol64(u64 v, unsigned int n) { return v << n | v >> (64 - n); }
static always_inline u64 xxh_round(u64 acc, u64 in) { return rol64(acc + in * XXH_P2, 31) * XXH_P1; }

u64 init_hot decode_xxh64(const u8 *p, size_t len)
{
	const u8 *end = p + len;
	u64 h = XXH_P5;

	if (len >= 32) {
		u64 a = XXH_P1 + XXH_P2, b = XXH_P2, c = 0, d = 0 - XXH_P1;

		for (; end - p >= 32; p += 32) {
			a = xxh_round(a, load_le64(p));
			b = xxh_round(b, load_le64(p + 8));
			c = xxh_round(c, load_le64(p + 16));
			d = xxh_round(d, load_le64(p + 24));
		}
		h = rol64(a, 1) + rol64(b, 7) + rol64(c, 12) + rol64(d, 18);
		h = (h ^ xxh_round(0, a)) * XXH_P1 + XXH_P4;
		h = (h ^ xxh_round(0, b)) * XXH_P1 + XXH_P4;
		h = (h ^ xxh_round(0, c)) * XXH_P1 + XXH_P4;
		h = (h ^ xxh_round(0, d)) * XXH_P1 + XXH_P4;
	}
	h += len;
	for (; end - p >= 8; p += 8)
		h = rol64(h ^ xxh_round(0, load_le64(p)), 27) * XXH_P1 + XXH_P4;
	if (end - p >= 4) {
		h = rol64(h ^ load_le32(p) * XXH_P1, 23) * XXH_P2 + XXH_P3;
		p += 4;
	}
	for (; p < end; p++)
		h = rol64(h ^ *p * XXH_P5, 11) * XXH_P1;
	h = (h ^ h >> 33) * XXH_P2;
	h = (h ^ h >> 29) * XXH_P3;
	return h ^ h >> 32;
}
