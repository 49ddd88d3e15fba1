/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of mm/. */
#ifndef MM_MM_H
#define MM_MM_H

#include <hv/types.h>

struct page_info;
struct domain;

/* Frames of no owner, safe to use; d: whose claim and node affinity count, or NULL. */
struct page_info *heap_alloc(struct domain *d, unsigned int order, unsigned int memflags);
/* @was_guest: a guest had it mapped, TLBs may know it. */
void heap_free(struct page_info *pg, unsigned int order, bool was_guest);

#endif
