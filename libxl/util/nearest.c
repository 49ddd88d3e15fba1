// SPDX-License-Identifier: LGPL-2.1-only
/* Edit distance (Damerau's, restricted) over three rolling rows. */
#include <string.h>

#include "nearest.h"

#define MAX_WORD 63

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned int xlu_distance(const char *a, const char *b, unsigned int cap)
{
	unsigned int rows[3][MAX_WORD + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2];
	size_t la = strnlen(a, MAX_WORD + 1), lb = strnlen(b, MAX_WORD + 1);

	if (la > MAX_WORD || lb > MAX_WORD || (la > lb ? la - lb : lb - la) > cap)
		return cap + 1;
	for (size_t j = 0; j <= lb; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *spare = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[lb] > cap ? cap + 1 : last[lb];
}

const char *xlu_nearest(const char *word, const void *words, size_t count, size_t stride)
{
	/* Two slips in a short word make another word; allow three only in long ones. */
	size_t length = strlen(word);
	unsigned int cap = length < 4 ? 1 : length < 8 ? 2 : 3;
	const char *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *candidate = *(const char *const *)((const char *)words + i * stride);
		unsigned int distance = xlu_distance(word, candidate, cap);

		if (distance <= cap) {
			best = candidate;
			if (!distance)
				break;
			cap = distance - 1;
		}
	}
	return best;
}
