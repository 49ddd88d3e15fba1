/* SPDX-License-Identifier: LGPL-2.1-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "light.h"

void libxl_bitmap_init(libxl_bitmap *map)
{
	memset(map, 0, sizeof(*map));
}

void libxl_bitmap_dispose(libxl_bitmap *map)
{
	if (!map)
		return;
	free(map->map);
	libxl_bitmap_init(map);
}

int libxl_bitmap_alloc(libxl_ctx *ctx, libxl_bitmap *bitmap, int n_bits)
{
	uint32_t size = ((uint32_t)n_bits + 7) / 8;

	if (n_bits < 0)
		return ERROR_INVAL;
	bitmap->map = xl_zalloc(size);
	bitmap->size = size;
	return 0;
}

void libxl_bitmap_copy_alloc(libxl_ctx *ctx, libxl_bitmap *dptr, const libxl_bitmap *sptr)
{
	libxl_bitmap_init(dptr);
	if (!sptr->size)
		return;
	dptr->map = xl_zalloc(sptr->size);
	dptr->size = sptr->size;
	memcpy(dptr->map, sptr->map, sptr->size);
}

/* Into a bitmap that exists: bits that do not fit are dropped, missing ones are cleared. */
void libxl_bitmap_copy(libxl_ctx *ctx, libxl_bitmap *dptr, const libxl_bitmap *sptr)
{
	uint32_t n = dptr->size < sptr->size ? dptr->size : sptr->size;

	if (n)
		memcpy(dptr->map, sptr->map, n);
	if (dptr->size > n)
		memset(dptr->map + n, 0, dptr->size - n);
}

int libxl_bitmap_is_full(const libxl_bitmap *bitmap)
{
	uint32_t i;

	for (i = 0; i < bitmap->size; i++)
		if (bitmap->map[i] != 0xff)
			return 0;
	return 1;
}

int libxl_bitmap_is_empty(const libxl_bitmap *bitmap)
{
	uint32_t i;

	for (i = 0; i < bitmap->size; i++)
		if (bitmap->map[i])
			return 0;
	return 1;
}

int libxl_bitmap_test(const libxl_bitmap *bitmap, int bit)
{
	if (bit < 0 || (uint32_t)bit >= bitmap->size * 8)
		return 0;
	return !!(bitmap->map[bit / 8] & (1u << (bit & 7)));
}

void libxl_bitmap_set(libxl_bitmap *bitmap, int bit)
{
	if (bit >= 0 && (uint32_t)bit < bitmap->size * 8)
		bitmap->map[bit / 8] |= (uint8_t)(1u << (bit & 7));
}

void libxl_bitmap_reset(libxl_bitmap *bitmap, int bit)
{
	if (bit >= 0 && (uint32_t)bit < bitmap->size * 8)
		bitmap->map[bit / 8] &= (uint8_t)~(1u << (bit & 7));
}

int libxl_bitmap_count_set(const libxl_bitmap *bitmap)
{
	uint32_t i;
	int n = 0;

	for (i = 0; i < bitmap->size; i++)
		n += __builtin_popcount(bitmap->map[i]);
	return n;
}

static uint8_t byte_of(const libxl_bitmap *m, uint32_t i)
{
	return i < m->size ? m->map[i] : 0;
}

int libxl_bitmap_or(libxl_ctx *ctx, libxl_bitmap *or_map, const libxl_bitmap *map1,
	const libxl_bitmap *map2)
{
	uint32_t i, size = map1->size > map2->size ? map1->size : map2->size;
	int rc = libxl_bitmap_alloc(ctx, or_map, (int)size * 8);

	for (i = 0; !rc && i < size; i++)
		or_map->map[i] = byte_of(map1, i) | byte_of(map2, i);
	return rc;
}

int libxl_bitmap_and(libxl_ctx *ctx, libxl_bitmap *and_map, const libxl_bitmap *map1,
	const libxl_bitmap *map2)
{
	uint32_t i, size = map1->size < map2->size ? map1->size : map2->size;
	int rc = libxl_bitmap_alloc(ctx, and_map, (int)size * 8);

	for (i = 0; !rc && i < size; i++)
		and_map->map[i] = byte_of(map1, i) & byte_of(map2, i);
	return rc;
}

/* Most significant byte first, as a number is written. */
char *libxl_bitmap_to_hex_string(libxl_ctx *ctx, const libxl_bitmap *bitmap)
{
	char *s = xl_zalloc(2 * (size_t)bitmap->size + 3), *p = s;
	uint32_t i = bitmap->size;

	p += sprintf(p, "0x");
	while (i--)
		p += sprintf(p, "%02x", bitmap->map[i]);
	return s;
}
