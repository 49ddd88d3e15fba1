/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef VCHAN_INTERNAL_H
#define VCHAN_INTERNAL_H

#include "libxenvchan.h"

/* Bytes of a ring of an order: small ones share the page of the indices. */
#define VCHAN_SMALL_ORDER  10 /* 1 KiB at offset 1024 */
#define VCHAN_MEDIUM_ORDER 11 /* 2 KiB at offset 2048 */
#define VCHAN_SMALL_AT     1024
#define VCHAN_MEDIUM_AT    2048
#define VCHAN_MAX_ORDER    20
#define VCHAN_PAGE_SHIFT   12

static inline uint32_t vchan_ring_size(const struct libxenvchan_ring *r)
{
	return 1U << r->order;
}

#endif
