/* SPDX-License-Identifier: LGPL-2.1-only */
/* The known word that a misspelt one most likely stands for. */
#ifndef XLU_NEAREST_H
#define XLU_NEAREST_H

#include <stddef.h>

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn a into b; cap + 1 when it
 * takes more than cap. Words longer than 63 count as far apart.
 */
unsigned int xlu_distance(const char *a, const char *b, unsigned int cap);

/* words is count pointers to strings, each stride bytes after the last. NULL: nothing is near. */
const char *xlu_nearest(const char *word, const void *words, size_t count, size_t stride);

#endif
