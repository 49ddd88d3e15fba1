/* SPDX-License-Identifier: LGPL-2.1-only */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpuid.h"
#include "light.h"

#ifndef XEN_CPUID_INPUT_UNUSED
#define XEN_CPUID_INPUT_UNUSED 0xffffffffu
#endif

enum { EAX, EBX, ECX, EDX };
static const char *const registers[] = { "eax", "ebx", "ecx", "edx" };

/* Which leaf, subleaf and register each word of a feature set is; a gap is a word without CPUID. */
static const struct word {
	uint32_t leaf, subleaf;
	int reg;
} words[] = {
	{ 1, XEN_CPUID_INPUT_UNUSED, EDX }, { 1, XEN_CPUID_INPUT_UNUSED, ECX },
	{ 0x80000001, XEN_CPUID_INPUT_UNUSED, EDX }, { 0x80000001, XEN_CPUID_INPUT_UNUSED, ECX },
	{ 0xd, 1, EAX }, { 7, 0, EBX }, { 7, 0, ECX }, { 0x80000007, XEN_CPUID_INPUT_UNUSED, EDX },
	{ 0x80000008, XEN_CPUID_INPUT_UNUSED, EBX }, { 7, 0, EDX }, { 7, 1, EAX },
	{ 0x80000021, XEN_CPUID_INPUT_UNUSED, EAX }, { 7, 1, EBX }, { 7, 2, EDX }, { 7, 1, ECX },
	{ 7, 1, EDX },
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static const struct feature {
	const char *name;
	unsigned bit;
} features[] = {
#define XEN_CPUFEATURE(name, value) { #name, value },
#include <xen/arch-x86/cpufeatureset.h>
#undef XEN_CPUFEATURE
	{ "pni", 32 }, /* as Linux spells it */
};

/* The two words after those of CPUID are this MSR's halves. */
#define MSR_ARCH_CAPABILITIES 0x10a

/* What follows those halves. */
static const struct word last_word = { 0x80000021, XEN_CPUID_INPUT_UNUSED, ECX };

/* Older names, and bits that no feature set has. */
static const struct old_name {
	const char *name;
	uint32_t leaf, subleaf;
	int reg;
	unsigned bit;
} old_names[] = {
#define NO_SUBLEAF XEN_CPUID_INPUT_UNUSED
	{ "clfsh", 1, NO_SUBLEAF, EDX, 19 }, { "cmpxchg8", 1, NO_SUBLEAF, EDX, 8 },
	{ "sysenter", 1, NO_SUBLEAF, EDX, 11 }, { "psn", 1, NO_SUBLEAF, EDX, 18 },
	{ "tm", 1, NO_SUBLEAF, EDX, 29 }, { "ia64", 1, NO_SUBLEAF, EDX, 30 },
	{ "est", 1, NO_SUBLEAF, ECX, 7 }, { "cntxid", 1, NO_SUBLEAF, ECX, 10 },
	{ "cmpxchg16", 1, NO_SUBLEAF, ECX, 13 }, { "arat", 6, NO_SUBLEAF, EAX, 2 },
	{ "cmt", 7, 0, EBX, 12 }, { "lahfsahf", 0x80000001, NO_SUBLEAF, ECX, 0 },
	{ "cmplegacy", 0x80000001, NO_SUBLEAF, ECX, 1 }, { "altmovcr8", 0x80000001, NO_SUBLEAF, ECX, 4 },
	{ "nodeid", 0x80000001, NO_SUBLEAF, ECX, 19 }, { "perfctr-core", 0x80000001, NO_SUBLEAF, ECX, 23 },
	{ "perfctr-nb", 0x80000001, NO_SUBLEAF, ECX, 24 }, { "invtsc", 0x80000007, NO_SUBLEAF, EDX, 8 },
	{ "svm-npt", 0x8000000a, NO_SUBLEAF, EDX, 0 }, { "svm-lbrv", 0x8000000a, NO_SUBLEAF, EDX, 1 },
	{ "svm-nrips", 0x8000000a, NO_SUBLEAF, EDX, 3 }, { "svm-tscrate", 0x8000000a, NO_SUBLEAF, EDX, 4 },
	{ "svm-vmcbclean", 0x8000000a, NO_SUBLEAF, EDX, 5 },
	{ "svm-decode", 0x8000000a, NO_SUBLEAF, EDX, 7 },
	{ "svm-pausefilt", 0x8000000a, NO_SUBLEAF, EDX, 10 },
};

static unsigned leaf_count(const struct xc_xend_cpuid *l)
{
	unsigned n = 0;

	while (l && l[n].leaf != XEN_CPUID_INPUT_UNUSED)
		n++;
	return n;
}

static unsigned msr_count(const struct xc_msr *m)
{
	unsigned n = 0;

	while (m && m[n].index != XC_MSR_INPUT_UNUSED)
		n++;
	return n;
}

void libxl_cpuid_dispose(libxl_cpuid_policy_list *list)
{
	struct libxl__cpu_policy *p = *list;
	unsigned i, r, n;

	if (!p)
		return;
	n = leaf_count(p->leaves);
	for (i = 0; i < n; i++)
		for (r = 0; r < 4; r++)
			free(p->leaves[i].policy[r]);
	free(p->leaves);
	free(p->msrs);
	free(p);
	*list = NULL;
}

int libxl_cpuid_policy_list_length(const libxl_cpuid_policy_list *l)
{
	return *l ? (int)leaf_count((*l)->leaves) : 0;
}

void libxl_cpuid_policy_list_copy(libxl_ctx *ctx, libxl_cpuid_policy_list *dst,
	const libxl_cpuid_policy_list *src)
{
	struct libxl__cpu_policy *from = *src, *to;
	unsigned i, r, n;

	*dst = NULL;
	if (!from)
		return;
	*dst = to = xl_zalloc(sizeof(*to));
	if (from->leaves) {
		n = leaf_count(from->leaves);
		to->leaves = xl_zalloc((n + 1) * sizeof(*to->leaves));
		memcpy(to->leaves, from->leaves, (n + 1) * sizeof(*to->leaves));
		for (i = 0; i < n; i++)
			for (r = 0; r < 4; r++)
				to->leaves[i].policy[r] = xl_strdup(from->leaves[i].policy[r]);
	}
	if (from->msrs) {
		n = msr_count(from->msrs) + 1;
		to->msrs = xl_zalloc(n * sizeof(*to->msrs));
		memcpy(to->msrs, from->msrs, n * sizeof(*to->msrs));
	}
}

/* The 32 characters for one register of one leaf, made when they are missing. */
static char *policy_bits(libxl_cpuid_policy_list *list, uint32_t leaf, uint32_t subleaf, int reg)
{
	struct xc_xend_cpuid *l;
	unsigned i, n;

	if (!*list)
		*list = xl_zalloc(sizeof(**list));
	n = leaf_count((*list)->leaves);
	for (i = 0; i < n; i++)
		if ((*list)->leaves[i].leaf == leaf && (*list)->leaves[i].subleaf == subleaf)
			break;
	if (i == n) {
		(*list)->leaves = xl_realloc((*list)->leaves, (n + 2) * sizeof(*l));
		l = &(*list)->leaves[n];
		memset(l, 0, 2 * sizeof(*l));
		l[0].leaf = leaf;
		l[0].subleaf = subleaf;
		l[1].leaf = l[1].subleaf = XEN_CPUID_INPUT_UNUSED;
	}
	l = &(*list)->leaves[i];
	if (!l->policy[reg]) {
		l->policy[reg] = xl_zalloc(33);
		memset(l->policy[reg], 'x', 32);
	}
	return l->policy[reg];
}

/* The 64 characters of one MSR, made when they are missing. */
static char *msr_bits(libxl_cpuid_policy_list *list, uint32_t index)
{
	struct xc_msr *m;
	unsigned i, n;

	if (!*list)
		*list = xl_zalloc(sizeof(**list));
	n = msr_count((*list)->msrs);
	for (i = 0; i < n; i++)
		if ((*list)->msrs[i].index == index)
			return (*list)->msrs[i].policy;
	(*list)->msrs = xl_realloc((*list)->msrs, (n + 2) * sizeof(*m));
	m = &(*list)->msrs[n];
	memset(m, 0, 2 * sizeof(*m));
	m[0].index = index;
	memset(m[0].policy, 'x', 64);
	m[1].index = XC_MSR_INPUT_UNUSED;
	return m[0].policy;
}

/* Fields wider than one bit, by name; high is where the rest of a split field goes. */
static const struct number {
	const char *name;
	uint32_t leaf, subleaf;
	int reg;
	unsigned bit, width, high, high_width;
} numbers[] = {
	{ "maxleaf", 0, NO_SUBLEAF, EAX, 0, 32, 0, 0 },
	{ "maxhvleaf", 0x40000000, NO_SUBLEAF, EAX, 0, 8, 0, 0 },
	{ "stepping", 1, NO_SUBLEAF, EAX, 0, 4, 0, 0 },
	{ "model", 1, NO_SUBLEAF, EAX, 4, 4, 16, 4 },
	{ "family", 1, NO_SUBLEAF, EAX, 8, 4, 20, 8 },
	{ "brandid", 1, NO_SUBLEAF, EBX, 0, 8, 0, 0 },
	{ "clflush", 1, NO_SUBLEAF, EBX, 8, 8, 0, 0 },
	{ "proccount", 1, NO_SUBLEAF, EBX, 16, 8, 0, 0 },
	{ "localapicid", 1, NO_SUBLEAF, EBX, 24, 8, 0, 0 },
	{ "procpkg", 4, 0, EAX, 26, 6, 0, 0 },
	{ "apicidsize", 0x80000008, NO_SUBLEAF, ECX, 12, 4, 0, 0 },
	{ "nc", 0x80000008, NO_SUBLEAF, ECX, 0, 8, 0, 0 },
};

static void put_number(char *bits, unsigned bit, unsigned width, unsigned long value)
{
	unsigned i;

	for (i = 0; i < width; i++)
		bits[31 - (bit + i)] = (value >> i) & 1 ? '1' : '0';
}

static int set_number(libxl_cpuid_policy_list *list, const struct number *n, const char *value)
{
	char *end, *bits;
	unsigned long v = strtoul(value, &end, 0), low = v, high = 0;

	if (end == value || *end || v >> 32)
		return 3;
	/* A family above 15 is 15 and the rest (CPUID, leaf 1); a model is split by bits. */
	if (!strcmp(n->name, "family") && v > 15) {
		low = 15;
		high = v - 15;
	} else if (n->high_width && strcmp(n->name, "family")) {
		low = v & ((1ul << n->width) - 1);
		high = v >> n->width;
	}
	if ((n->width < 32 && low >> n->width) || high >> n->high_width)
		return 3;
	bits = policy_bits(list, n->leaf, n->subleaf, n->reg);
	put_number(bits, n->bit, n->width, low);
	if (n->high_width)
		put_number(bits, n->high, n->high_width, high);
	return 0;
}

/* Letters in either case, and '-' and '_' alike. */
static bool same_name(const char *name, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int a = tolower((unsigned char)name[i]), b = tolower((unsigned char)s[i]);

		if (!name[i] || (a == '_' ? '-' : a) != (b == '_' ? '-' : b))
			return false;
	}
	return !name[len];
}

static int set_bit(char *bits, unsigned last, unsigned bit, const char *value)
{
	bits[last - bit] = *value;
	return 0;
}

static bool is_bit_value(const char *value)
{
	return *value && strchr("01xks", *value) && !value[1];
}

static int set_feature(libxl_cpuid_policy_list *list, unsigned bit, const char *value)
{
	const struct word *w;

	if (bit / 32 >= N_WORDS && bit / 32 < N_WORDS + 2)
		return set_bit(msr_bits(list, MSR_ARCH_CAPABILITIES), 63, bit - N_WORDS * 32, value);
	w = bit / 32 < N_WORDS ? &words[bit / 32] : &last_word;
	return set_bit(policy_bits(list, w->leaf, w->subleaf, w->reg), 31, bit % 32, value);
}

/* 0 done, 1 no such feature, 2 no value, 3 bad value: the numbers callers print messages for. */
int libxl_cpuid_parse_config(libxl_cpuid_policy_list *list, const char *str)
{
	const char *eq = strchr(str, '=');
	size_t i, len;

	if (!eq)
		return 2;
	len = (size_t)(eq - str);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (same_name(numbers[i].name, str, len))
			return set_number(list, &numbers[i], eq + 1);
	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (!same_name(features[i].name, str, len) || features[i].bit / 32 > N_WORDS + 2)
			continue;
		return is_bit_value(eq + 1) ? set_feature(list, features[i].bit, eq + 1) : 3;
	}
	for (i = 0; i < sizeof(old_names) / sizeof(old_names[0]); i++) {
		const struct old_name *o = &old_names[i];

		if (!same_name(o->name, str, len))
			continue;
		return is_bit_value(eq + 1) ?
			set_bit(policy_bits(list, o->leaf, o->subleaf, o->reg), 31, o->bit, eq + 1) : 3;
	}
	return 1;
}

static int register_number(const char *s)
{
	int r;

	for (r = 0; r < 4; r++)
		if (!strncmp(s, registers[r], 3))
			return r;
	return -1;
}

/* "LEAF[,SUBLEAF]:REG=32 characters or a number,REG=..." */
int libxl_cpuid_parse_config_xend(libxl_cpuid_policy_list *list, const char *str)
{
	uint32_t leaf, subleaf = XEN_CPUID_INPUT_UNUSED;
	unsigned long given;
	char *end, *bits;
	int r, i;

	given = strtoul(str, &end, 0);
	if (end == str || given >= XEN_CPUID_INPUT_UNUSED)	/* that one ends the list */
		return 1;
	leaf = (uint32_t)given;
	if (*end == ',') {
		str = end + 1;
		subleaf = (uint32_t)strtoul(str, &end, 0);
		if (end == str)
			return 1;
	}
	if (*end != ':')
		return 2;
	for (str = end + 1; *str; ) {
		r = register_number(str);
		if (r < 0 || str[3] != '=')
			return 4;
		str += 4;
		bits = policy_bits(list, leaf, subleaf, r);
		if (strspn(str, "01xks") == 32) {
			memcpy(bits, str, 32);
			str += 32;
		} else {
			unsigned long v = strtoul(str, &end, 0);

			if (end == str)
				return 5;
			for (i = 0; i < 32; i++)
				bits[31 - i] = (v >> i) & 1 ? '1' : '0';
			str = end;
		}
		if (*str == ',')
			str++;
		else if (*str)
			return 5;
	}
	return 0;
}

void xl_cpuid_dispose(void *p)
{
	libxl_cpuid_dispose(p);
}

void xl_cpuid_copy(libxl_ctx *ctx, void *dst, const void *src)
{
	libxl_cpuid_policy_list_copy(ctx, dst, src);
}

bool xl_cpuid_is_empty(const struct xl_field *f, const void *p)
{
	const libxl_cpuid_policy_list l = *(const libxl_cpuid_policy_list *)p;

	return !l || (!leaf_count(l->leaves) && !msr_count(l->msrs));
}

yajl_gen_status xl_cpuid_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	libxl_cpuid_policy_list l = *(const libxl_cpuid_policy_list *)p;

	return libxl_cpuid_policy_list_gen_json(g, &l);
}

yajl_gen_status libxl_cpuid_policy_list_gen_json(yajl_gen g, libxl_cpuid_policy_list *list)
{
	struct libxl__cpu_policy *p = *list;
	unsigned i, r, n = p ? leaf_count(p->leaves) : 0;

	yajl_gen_map_open(g);
	xl_gen_string(g, "cpuid");
	yajl_gen_array_open(g);
	for (i = 0; i < n; i++) {
		yajl_gen_map_open(g);
		xl_gen_string(g, "leaf");
		yajl_gen_integer(g, p->leaves[i].leaf);
		if (p->leaves[i].subleaf != XEN_CPUID_INPUT_UNUSED) {
			xl_gen_string(g, "subleaf");
			yajl_gen_integer(g, p->leaves[i].subleaf);
		}
		for (r = 0; r < 4; r++) {
			if (!p->leaves[i].policy[r])
				continue;
			xl_gen_string(g, registers[r]);
			xl_gen_string(g, p->leaves[i].policy[r]);
		}
		yajl_gen_map_close(g);
	}
	yajl_gen_array_close(g);
	xl_gen_string(g, "msr");
	yajl_gen_array_open(g);
	n = p ? msr_count(p->msrs) : 0;
	for (i = 0; i < n; i++) {
		yajl_gen_map_open(g);
		xl_gen_string(g, "index");
		yajl_gen_integer(g, p->msrs[i].index);
		xl_gen_string(g, "policy");
		xl_gen_string(g, p->msrs[i].policy);
		yajl_gen_map_close(g);
	}
	yajl_gen_array_close(g);
	return yajl_gen_map_close(g);
}

static yajl_val get(yajl_val object, const char *name, yajl_type type)
{
	const char *path[] = { name, NULL };

	return yajl_tree_get(object, path, type);
}

static int get_u32(yajl_val object, const char *name, uint32_t *out)
{
	yajl_val v = get(object, name, yajl_t_number);

	if (!YAJL_IS_NUMBER(v))
		return 0;
	if (!YAJL_IS_INTEGER(v) || YAJL_GET_INTEGER(v) < 0 || YAJL_GET_INTEGER(v) > UINT32_MAX)
		return -1;
	*out = (uint32_t)YAJL_GET_INTEGER(v);
	return 1;
}

static int parse_leaf(libxl_cpuid_policy_list *list, yajl_val e)
{
	uint32_t leaf, subleaf = XEN_CPUID_INPUT_UNUSED;
	int r;

	if (!YAJL_IS_OBJECT(e) || get_u32(e, "leaf", &leaf) != 1 || get_u32(e, "subleaf", &subleaf) < 0 || leaf == XEN_CPUID_INPUT_UNUSED)
		return ERROR_INVAL;
	for (r = 0; r < 4; r++) {
		yajl_val v = get(e, registers[r], yajl_t_string);

		if (!v)
			continue;
		if (strlen(v->u.string) != 32)
			return ERROR_INVAL;
		memcpy(policy_bits(list, leaf, subleaf, r), v->u.string, 32);
	}
	return 0;
}

static int parse_msr(libxl_cpuid_policy_list *list, yajl_val e)
{
	unsigned n;
	uint32_t index;
	yajl_val v = YAJL_IS_OBJECT(e) ? get(e, "policy", yajl_t_string) : NULL;
	struct xc_msr *m;

	if (!v || strlen(v->u.string) != 64 || get_u32(e, "index", &index) != 1 || index == XC_MSR_INPUT_UNUSED)
		return ERROR_INVAL;
	if (!*list)
		*list = xl_zalloc(sizeof(**list));
	n = msr_count((*list)->msrs);
	(*list)->msrs = m = xl_realloc((*list)->msrs, (n + 2) * sizeof(*m));
	memset(&m[n], 0, 2 * sizeof(*m));
	m[n].index = index;
	memcpy(m[n].policy, v->u.string, 64);
	m[n + 1].index = XC_MSR_INPUT_UNUSED;
	return 0;
}

/* Older releases wrote the array of leaves alone. */
int xl_cpuid_parse(const struct xl_field *f, void *p, yajl_val v)
{
	yajl_val leaves = YAJL_IS_OBJECT(v) ? get(v, "cpuid", yajl_t_array) : v;
	yajl_val msrs = YAJL_IS_OBJECT(v) ? get(v, "msr", yajl_t_array) : NULL;
	size_t i;

	if (leaves && !YAJL_IS_ARRAY(leaves))
		return ERROR_INVAL;
	for (i = 0; leaves && i < leaves->u.array.len; i++)
		if (parse_leaf(p, leaves->u.array.values[i]))
			return ERROR_INVAL;
	for (i = 0; msrs && i < msrs->u.array.len; i++)
		if (parse_msr(p, msrs->u.array.values[i]))
			return ERROR_INVAL;
	return 0;
}
