// SPDX-License-Identifier: LGPL-2.1-only
/* Small helpers that the library exports for users of old. */
#include "ctrl_internal.h"

int xc_ffs8(uint8_t x);
int xc_ffs16(uint16_t x);
int xc_ffs32(uint32_t x);
int xc_ffs64(uint64_t x);
void bitmap_64_to_byte(uint8_t *bp, const uint64_t *lp, int nbits);
void bitmap_byte_to_64(uint64_t *lp, const uint8_t *bp, int nbits);

/* Number of the lowest bit set, counted from 1; 0 for none. */
int xc_ffs64(uint64_t x)
{
	return __builtin_ffsll((long long)x);
}

int xc_ffs32(uint32_t x)
{
	return xc_ffs64(x);
}

int xc_ffs16(uint16_t x)
{
	return xc_ffs64(x);
}

int xc_ffs8(uint8_t x)
{
	return xc_ffs64(x);
}

void bitmap_64_to_byte(uint8_t *bp, const uint64_t *lp, int nbits)
{
	for (int i = 0; i < (nbits + 7) / 8; i++) {
		bp[i] = (uint8_t)(lp[i / 8] >> (8 * (i % 8)));
		if (nbits - 8 * i < 8)
			bp[i] &= (uint8_t)((1U << (nbits - 8 * i)) - 1);
	}
}

void bitmap_byte_to_64(uint64_t *lp, const uint8_t *bp, int nbits)
{
	memset(lp, 0, (size_t)(nbits + 63) / 64 * 8);
	for (int i = 0; i < (nbits + 7) / 8; i++)
		lp[i / 8] |= (uint64_t)bp[i] << (8 * (i % 8));
	if (nbits % 64)
		lp[nbits / 64] &= (1ULL << (nbits % 64)) - 1;
}
