/* SPDX-License-Identifier: GPL-2.0-only */
/* Searches over bitmaps of unsigned long; bits past the size are ignored. */
#include <hv/atomic.h>
#include <hv/lib.h>

/* First bit at or after @from that differs from @invert's all-ones or all-zeroes background. */
static unsigned int scan(const unsigned long *map, unsigned int size, unsigned int from, unsigned long invert)
{
	while (from < size) {
		unsigned long w = (map[from / BITS_PER_LONG] ^ invert) >> (from % BITS_PER_LONG);

		if (w) {
			from += (unsigned int)__builtin_ctzl(w);
			return from < size ? from : size;
		}
		from = ROUND_DOWN(from, BITS_PER_LONG) + BITS_PER_LONG;
	}
	return size;
}

unsigned int find_first_bit(const unsigned long *map, unsigned int size)
{
	return scan(map, size, 0, 0);
}

unsigned int find_next_bit(const unsigned long *map, unsigned int size, unsigned int from)
{
	return scan(map, size, from, 0);
}

unsigned int find_next_zero_bit(const unsigned long *map, unsigned int size, unsigned int from)
{
	return scan(map, size, from, ~0UL);
}

unsigned int bitmap_weight(const unsigned long *map, unsigned int size)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < size; i += BITS_PER_LONG) {
		unsigned long w = map[i / BITS_PER_LONG];

		if (size - i < BITS_PER_LONG)
			w &= (1UL << (size - i)) - 1;
		for (; w; w &= w - 1)
			n++;
	}
	return n;
}
