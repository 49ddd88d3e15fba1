/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets of host CPUs as text: "0-3,^1,node:1", "all". */
#ifndef XL_CPUSET_H
#define XL_CPUSET_H

#include "xl.h"

/*
 * The grammar alone, for tests: calls apply for each part. NULL, or what is wrong with the text.
 */
struct cpuset_part {
	bool negated;
	bool nodes;
	bool all;
	unsigned long first;
	unsigned long last;
};

const char *cpuset_scan(const char *text,
			const char *(*apply)(void *arg, const struct cpuset_part *part), void *arg);

/* Into an allocated bitmap. NULL, or what is wrong with the text. */
const char *cpuset_parse(const char *text, libxl_bitmap *map);

/* Takes away what vm.cpumask and its like in xl.conf forbid. NULL, or what is wrong. */
const char *cpuset_apply_masks(libxl_bitmap *map, bool pv);

/* As ranges; "all" when the first count are all set, "none" when nothing is. */
void cpuset_print(FILE *out, const libxl_bitmap *map, int count);

#endif
