/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sets of numbers kept as sorted, separate, inclusive ranges: what I/O ports, frames and IRQs a domain may
 * use.  Look-ups are a binary search; changes move the rest of the array.  Each set has a lock of its own.
 */
#ifndef HV_RANGESET_H
#define HV_RANGESET_H

#include <hv/compiler.h>
#include <hv/types.h>

struct rangeset;

struct rangeset *rangeset_new(const char *name);	/* NULL: out of memory. @name is not copied */
void rangeset_free(struct rangeset *r);			/* NULL is fine */
/* [s, e] both included; 0, -EINVAL (s > e), -ENOMEM (nothing changed). Overlaps are no error. */
int rangeset_add_range(struct rangeset *r, u64 s, u64 e) must_check;
int rangeset_remove_range(struct rangeset *r, u64 s, u64 e) must_check;
bool rangeset_contains_range(struct rangeset *r, u64 s, u64 e);
bool rangeset_empty(struct rangeset *r);
/* The first range that ends at or after @from; false if there is none. */
bool rangeset_next(struct rangeset *r, u64 from, u64 *s, u64 *e);

/*
 * Frames of device memory that nobody may map writable, whatever iomem_caps says: MSI-X tables, MMCONFIG,
 * the HPET.  Frame numbers.  Made by rangesets_init(), before anybody adds to it.
 */
extern struct rangeset *mmio_ro_ranges;
void rangesets_init(void);

#endif
