// SPDX-License-Identifier: GPL-2.0-only
/* Sets of host CPUs as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset.h"

#define MAX_CPU 65535

static bool number(const char **text, unsigned long *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*value = strtoul(*text, &end, 10);
	*text = end;
	return *value <= MAX_CPU;
}

static const char *scan_part(const char **text, struct cpuset_part *part)
{
	*part = (struct cpuset_part){ .negated = **text == '^' };
	if (part->negated)
		++*text;
	if (!strncmp(*text, "nodes:", 6) || !strncmp(*text, "node:", 5)) {
		part->nodes = true;
		*text = strchr(*text, ':') + 1;
		/* "node:^1" is another way to write "^node:1". */
		if (**text == '^') {
			part->negated = true;
			++*text;
		}
	}
	if (!strncmp(*text, "all", 3)) {
		part->all = true;
		*text += 3;
		return NULL;
	}
	if (!number(text, &part->first))
		return "a CPU number, a range like 0-3, node:N or `all' should be here";
	part->last = part->first;
	if (**text == '-') {
		++*text;
		if (!number(text, &part->last))
			return "the range has no end";
	}
	return part->last < part->first ? "the range runs backwards" : NULL;
}

const char *cpuset_scan(const char *text,
			const char *(*apply)(void *arg, const struct cpuset_part *part), void *arg)
{
	const char *why = NULL;

	while (!why) {
		struct cpuset_part part;

		text += strspn(text, " \t");
		why = scan_part(&text, &part);
		if (why)
			break;
		text += strspn(text, " \t");
		if (*text && *text != ',')
			return "parts are separated by commas";
		why = apply(arg, &part);
		if (!*text++)
			break;
	}
	return why;
}

struct filling {
	libxl_bitmap *map;
	bool touched;
};

static void change(libxl_bitmap *map, int cpu, bool set)
{
	if (set)
		libxl_bitmap_set(map, cpu);
	else
		libxl_bitmap_reset(map, cpu);
}

static const char *apply_node(libxl_bitmap *map, int node, bool set)
{
	libxl_bitmap cpus;
	const char *why = NULL;
	uint32_t cpu;

	libxl_bitmap_init(&cpus);
	if (libxl_cpu_bitmap_alloc(ctx, &cpus, 0))
		return "memory is short";
	if (libxl_node_to_cpumap(ctx, node, &cpus) || libxl_bitmap_is_empty(&cpus))
		why = "the host has no such node";
	else
		libxl_for_each_set_bit(cpu, cpus)
			change(map, (int)cpu, set);
	libxl_bitmap_dispose(&cpus);
	return why;
}

static const char *apply_part(void *arg, const struct cpuset_part *part)
{
	struct filling *filling = arg;
	libxl_bitmap *map = filling->map;
	int size = (int)map->size * 8;

	/* A list that begins with an exclusion starts from everything. */
	if (part->negated && !filling->touched && !part->nodes && !part->all)
		libxl_bitmap_set_any(map);
	filling->touched = true;
	if (part->all) {
		for (int cpu = 0; cpu < size; cpu++)
			change(map, cpu, !part->negated);
		return NULL;
	}
	for (unsigned long n = part->first; n <= part->last; n++) {
		const char *why = NULL;

		if (part->nodes)
			why = apply_node(map, (int)n, !part->negated);
		else if (n < (unsigned long)size)
			change(map, (int)n, !part->negated);
		if (why)
			return why;
	}
	return NULL;
}

const char *cpuset_parse(const char *text, libxl_bitmap *map)
{
	struct filling filling = { .map = map };
	const char *why;

	libxl_bitmap_set_none(map);
	why = cpuset_scan(text, apply_part, &filling);
	if (!why && libxl_bitmap_is_empty(map))
		why = "this leaves no CPU of this host";
	return why;
}

static const char *apply_mask(libxl_bitmap *map, const char *mask)
{
	libxl_bitmap allowed;
	const char *why;

	if (!mask)
		return NULL;
	libxl_bitmap_init(&allowed);
	if (libxl_cpu_bitmap_alloc(ctx, &allowed, 0))
		return "memory is short";
	why = cpuset_parse(mask, &allowed);
	for (int i = 0; !why && i < (int)map->size * 8; i++)
		if (!libxl_bitmap_test(&allowed, i))
			libxl_bitmap_reset(map, i);
	libxl_bitmap_dispose(&allowed);
	return why ? why : libxl_bitmap_is_empty(map) ? "they leave no CPU" : NULL;
}

const char *cpuset_apply_masks(libxl_bitmap *map, bool pv)
{
	const char *why = apply_mask(map, conf.cpumask);

	return why ? why : apply_mask(map, pv ? conf.pv_cpumask : conf.hvm_cpumask);
}

void cpuset_print(FILE *out, const libxl_bitmap *map, int count)
{
	bool all = true, none = true, first = true;

	/* Maps are whole bytes, and more may be set in them than there is. */
	for (int i = 0; i < count; i++) {
		all = all && libxl_bitmap_test(map, i);
		none = none && !libxl_bitmap_test(map, i);
	}
	if (all || none) {
		fputs(all ? "all" : "none", out);
		return;
	}
	for (int i = 0; i < count; i++) {
		int start = i;

		if (!libxl_bitmap_test(map, i))
			continue;
		while (i + 1 < count && libxl_bitmap_test(map, i + 1))
			i++;
		fprintf(out, "%s%d", first ? "" : ",", start);
		if (i > start)
			fprintf(out, "-%d", i);
		first = false;
	}
}
