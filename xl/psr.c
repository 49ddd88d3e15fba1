// SPDX-License-Identifier: GPL-2.0-only
/* psr-hwinfo; psr-cat-* and psr-mba-*: masks of caches and throttling of memory bandwidth, socket by socket. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset.h"
#include "json.h"
#include "psr.h"

uint32_t *psr_domains(const char *which, int *count)
{
	libxl_dominfo *list;
	uint32_t *domids;

	if (which) {
		domids = xl_calloc(1, sizeof(*domids));
		*count = 1;
		if (xl_find_domain(which, domids))
			return domids;
		free(domids);
		return NULL;
	}
	list = libxl_list_domain(ctx, count);
	if (!list) {
		xl_error("the domains could not be listed");
		return NULL;
	}
	domids = xl_calloc((size_t)*count + 1, sizeof(*domids));
	for (int i = 0; i < *count; i++)
		domids[i] = list[i].domid;
	libxl_dominfo_list_free(list, *count);
	return domids;
}

uint32_t psr_l3_size(uint32_t socket)
{
	uint32_t size;

	return libxl_psr_cmt_enabled(ctx) && !libxl_psr_cmt_get_l3_cache_size(ctx, socket, &size) ? size : 0;
}

/* Ones as far as its masks go. */
static uint64_t default_mask(const libxl_psr_hw_info *info)
{
	return info->u.cat.cbm_len < 64 ? (1ull << info->u.cat.cbm_len) - 1 : ~0ull;
}

void psr_json_l3_size(uint32_t socket)
{
	const uint32_t size = psr_l3_size(socket);

	if (size)
		json_number("l3_cache_kib", size);
}

static void print_l3_size(uint32_t socket)
{
	const uint32_t size = psr_l3_size(socket);

	if (size)
		printf("%-16s: %uKB\n", "L3 Cache", size);
	else
		printf("%-16s: unknown\n", "L3 Cache");
}

/* ---- psr-hwinfo ---- */

static void print_cat(const libxl_psr_hw_info *info, unsigned int level, bool json)
{
	if (json) {
		json_object(NULL);
		json_number("level", level);
		json_number("socket", info->id);
		if (level == 3)
			psr_json_l3_size(info->id);
		json_flag("cdp", info->u.cat.cdp_enabled);
		json_number("cos_max", info->u.cat.cos_max);
		json_number("cbm_bits", info->u.cat.cbm_len);
		json_number("default_cbm", default_mask(info));
		json_object_end();
		return;
	}
	printf("%-16s: %u\n", "Socket ID", info->id);
	if (level == 3) {
		print_l3_size(info->id);
		printf("%-16s: %s\n", "CDP Status", info->u.cat.cdp_enabled ? "Enabled" : "Disabled");
	}
	printf("%-16s: %u\n", "Maximum COS", info->u.cat.cos_max);
	printf("%-16s: %u\n", "CBM length", info->u.cat.cbm_len);
	printf("%-16s: %#" PRIx64 "\n", "Default CBM", default_mask(info));
}

static void print_mba(const libxl_psr_hw_info *info, unsigned int level, bool json)
{
	if (json) {
		json_object(NULL);
		json_number("socket", info->id);
		json_flag("linear", info->u.mba.linear);
		json_number("cos_max", info->u.mba.cos_max);
		json_number("throttling_max", info->u.mba.thrtl_max);
		json_object_end();
		return;
	}
	printf("%-24s: %u\n", "Socket ID", info->id);
	printf("%-24s: %s\n", "Linear Mode", info->u.mba.linear ? "Enabled" : "Disabled");
	printf("%-24s: %u\n", "Maximum COS", info->u.mba.cos_max);
	printf("%-24s: %u\n", "Maximum Throttling Value", info->u.mba.thrtl_max);
	printf("%-24s: %u\n", "Default Throttling Value", 0);
}

static int show_feature(libxl_psr_feat_type type, unsigned int level, const char *title, bool json)
{
	libxl_psr_hw_info *info;
	unsigned int count;

	if (libxl_psr_get_hw_info(ctx, type, level, &count, &info))
		return XL_EXIT_ERROR_FAIL;
	if (!json)
		puts(title);
	for (unsigned int i = 0; i < count; i++)
		(type == LIBXL_PSR_FEAT_TYPE_MBA ? print_mba : print_cat)(&info[i], level, json);
	libxl_psr_hw_info_list_free(info, count);
	return XL_EXIT_OK;
}

static int cat_hwinfo(bool json)
{
	int result;

	if (json)
		json_array("cat");
	result = show_feature(LIBXL_PSR_FEAT_TYPE_CAT, 3, "Cache Allocation Technology (CAT):", json);
	/* Without the first the second one would say the same. */
	if (!result)
		result = show_feature(LIBXL_PSR_FEAT_TYPE_CAT, 2, "Cache Allocation Technology (CAT): L2", json);
	if (json)
		json_array_end();
	return result;
}

static int mba_hwinfo(bool json)
{
	int result;

	if (json)
		json_array("mba");
	result = show_feature(LIBXL_PSR_FEAT_TYPE_MBA, 0, "Memory Bandwidth Allocation (MBA):", json);
	if (json)
		json_array_end();
	return result;
}

int cmd_psr_hwinfo(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "cmt", no_argument, NULL, 'm' }, { "cat", no_argument, NULL, 'a' }, { "mba", no_argument, NULL, 'b' },
		OPTION_JSON, { 0 },
	};
	bool cmt = false, cat = false, mba = false, json = false, all;
	int option, result = XL_EXIT_OK;

	while ((option = next_option(argc, argv, "mab", longs, 0)) != -1) {
		cmt = cmt || option == 'm';
		cat = cat || option == 'a';
		mba = mba || option == 'b';
		json = json || option == 'j';
	}
	all = !cmt && !cat && !mba;
	if (json)
		json_object(NULL);
	if (cmt || all)
		result = psr_cmt_hwinfo(json);
	/* The code of 4.17 is that of the last part. */
	if (cat || all)
		result = cat_hwinfo(json);
	if (mba || all)
		result = mba_hwinfo(json);
	if (json)
		json_object_end();
	return result;
}

/* ---- psr-cat-show, psr-mba-show ---- */

struct column {
	libxl_psr_type type;
	const char *head, *key;
};

static const struct column mask_columns[] = {
	{ LIBXL_PSR_CBM_TYPE_L3_CBM, "CBM", "cbm" },
	{ 0 },
}, cdp_columns[] = {
	{ LIBXL_PSR_CBM_TYPE_L3_CBM_CODE, "CBM (code)", "code_cbm" },
	{ LIBXL_PSR_CBM_TYPE_L3_CBM_DATA, "CBM (data)", "data_cbm" },
	{ 0 },
}, l2_columns[] = {
	{ LIBXL_PSR_CBM_TYPE_L2_CBM, "CBM", "cbm" },
	{ 0 },
}, mba_columns[] = {
	{ LIBXL_PSR_CBM_TYPE_MBA_THRTL, "THRTL", "throttling" },
	{ 0 },
};

static int show_domain(uint32_t domid, uint32_t socket, const struct column *columns, bool json)
{
	uint64_t values[2] = { 0 };
	char *name;

	for (int i = 0; columns[i].head; i++)
		if (libxl_psr_get_val(ctx, domid, columns[i].type, socket, &values[i]))
			return XL_EXIT_ERROR_FAIL;
	name = xl_listed_name(domid, json);
	if (json) {
		json_object(NULL);
		json_number("domid", domid);
		json_text("name", name);
	} else {
		printf("%5u%25s", domid, name);
	}
	for (int i = 0; columns[i].head; i++)
		if (json)
			json_number(columns[i].key, values[i]);
		else
			printf(columns[i].type == LIBXL_PSR_CBM_TYPE_MBA_THRTL ? "%16" PRIu64 : "%#16" PRIx64, values[i]);
	if (json)
		json_object_end();
	else
		printf("\n");
	free(name);
	return XL_EXIT_OK;
}

static void print_socket(const libxl_psr_hw_info *info, unsigned int level, const struct column *columns, bool json)
{
	const bool mba = !level;

	if (json) {
		json_object(NULL);
		json_number("socket", info->id);
		if (level == 3)
			psr_json_l3_size(info->id);
		json_number(mba ? "default_throttling" : "default_cbm", mba ? 0 : default_mask(info));
		json_array("domains");
		return;
	}
	printf("%-16s: %u\n", "Socket ID", info->id);
	if (level == 3)
		print_l3_size(info->id);
	if (mba)
		printf("%-16s: %u\n", "Default THRTL", 0);
	else
		printf("%-16s: %#" PRIx64 "\n", "Default CBM", default_mask(info));
	printf("%5s%25s", "ID", "NAME");
	for (; columns->head; columns++)
		printf("%16s", columns->head);
	printf("\n");
}

static int show_socket(const libxl_psr_hw_info *info, unsigned int level, const uint32_t *domids, int count, bool json)
{
	const struct column *columns = !level		       ? mba_columns :
				       level == 2	       ? l2_columns :
				       info->u.cat.cdp_enabled ? cdp_columns :
								 mask_columns;
	int result = XL_EXIT_OK;

	print_socket(info, level, columns, json);
	for (int i = 0; i < count; i++)
		if (show_domain(domids[i], info->id, columns, json))
			result = XL_EXIT_ERROR_FAIL;
	if (json) {
		json_array_end();
		json_object_end();
	}
	return result;
}

/* @level: of the cache; 0: memory bandwidth */
static int show(unsigned int level, const char *which, bool json)
{
	libxl_psr_feat_type type = level ? LIBXL_PSR_FEAT_TYPE_CAT : LIBXL_PSR_FEAT_TYPE_MBA;
	int domains, result = XL_EXIT_OK;
	uint32_t *domids = psr_domains(which, &domains);
	libxl_psr_hw_info *info;
	unsigned int count;

	if (!domids)
		return XL_EXIT_FAIL;
	if (libxl_psr_get_hw_info(ctx, type, level, &count, &info)) {
		free(domids);
		return XL_EXIT_ERROR_FAIL;
	}
	if (json)
		json_array(NULL);
	for (unsigned int i = 0; i < count; i++)
		if (show_socket(&info[i], level, domids, domains, json))
			result = XL_EXIT_ERROR_FAIL;
	if (json)
		json_array_end();
	libxl_psr_hw_info_list_free(info, count);
	free(domids);
	return result;
}

static bool parse_level(const char *text, long *level)
{
	return parse_number(text, "the level of a cache that is allocated", 2, 3, level);
}

int cmd_psr_cat_show(int argc, char **argv)
{
	static const struct option longs[] = { { "level", required_argument, NULL, 'l' }, OPTION_JSON, { 0 } };
	bool json = false;
	long level = 3;
	int option;

	while ((option = next_option(argc, argv, "l:", longs, 0)) != -1) {
		if (option == 'l' && !parse_level(optarg, &level))
			return XL_EXIT_FAIL;
		json = json || option == 'j';
	}
	if (argc - optind > 1)
		return usage_error(argv[0], XL_EXIT_USAGE);
	return show((unsigned int)level, argv[optind], json);
}

int cmd_psr_mba_show(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 0);

	if (argc - optind > 1)
		return usage_error(argv[0], XL_EXIT_USAGE);
	return show(0, argv[optind], json);
}

/* ---- psr-cat-set, psr-mba-set ---- */

struct sockets {
	libxl_bitmap online, chosen;
};

/* NULL, or that it cannot be: there is one text for all that can be wrong. */
static const char *choose(void *arg, const struct cpuset_part *part)
{
	struct sockets *s = arg;
	unsigned long limit = s->online.size * 8u;

	if (part->nodes || (!part->all && (part->last >= limit || !libxl_bitmap_test(&s->online, (int)part->last))))
		return "no socket";
	for (unsigned long i = part->all ? 0 : part->first; i < limit && (part->all || i <= part->last); i++)
		if (part->negated)
			libxl_bitmap_reset(&s->chosen, (int)i);
		else
			libxl_bitmap_set(&s->chosen, (int)i);
	return NULL;
}

static bool choose_sockets(const char *text, struct sockets *s)
{
	bool wrong;

	libxl_bitmap_init(&s->online);
	libxl_bitmap_init(&s->chosen);
	if (libxl_socket_bitmap_alloc(ctx, &s->online, 0) || libxl_get_online_socketmap(ctx, &s->online) ||
	    libxl_socket_bitmap_alloc(ctx, &s->chosen, 0)) {
		xl_error("the host's sockets could not be counted");
		return false;
	}
	wrong = cpuset_scan(text ? text : "all", choose, s);
	if (wrong)
		xl_error("-s: `%s': these are no sockets of this host, as 0 or 0,2-3 can be; see `xl info -n'", text);
	return !wrong;
}

/* Decimal, octal or hexadecimal. */
static bool parse_value(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (!errno && end != text && !*end && *text != '-')
		return true;
	xl_error("the value must be a number, as 0xff, not `%s'", text);
	return false;
}

static int set_value(const char *which, libxl_psr_type type, const char *sockets, const char *text)
{
	int result = XL_EXIT_FAIL;
	struct sockets s;
	uint64_t value;
	uint32_t domid;

	if (!xl_find_domain(which, &domid) || !parse_value(text, &value))
		return XL_EXIT_FAIL;
	if (choose_sockets(sockets, &s))
		result = libxl_psr_set_val(ctx, domid, type, &s.chosen, value) ? XL_EXIT_ERROR_FAIL : XL_EXIT_OK;
	libxl_bitmap_dispose(&s.online);
	libxl_bitmap_dispose(&s.chosen);
	return result;
}

int cmd_psr_cat_set(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "socket", required_argument, NULL, 's' }, { "level", required_argument, NULL, 'l' },
		{ "code", no_argument, NULL, 'c' },	    { "data", no_argument, NULL, 'd' },
		{ 0 },
	};
	libxl_psr_type type = LIBXL_PSR_CBM_TYPE_L3_CBM;
	bool code = false, data = false;
	const char *sockets = NULL;
	long level = 3;
	int option;

	while ((option = next_option(argc, argv, "s:l:cd", longs, 2)) != -1) {
		if (option == 's')
			sockets = optarg;
		if (option == 'l' && !parse_level(optarg, &level))
			return XL_EXIT_FAIL;
		code = code || option == 'c';
		data = data || option == 'd';
	}
	if (level == 2) {
		type = LIBXL_PSR_CBM_TYPE_L2_CBM;
		if (code || data)
			xl_warn("-c and -d are of no effect at level 2: only the L3 cache tells code from data");
	} else if (code && data) {
		return xl_error("-c and -d at the same time: leave both out to set one mask for code and data");
	} else if (code || data) {
		type = code ? LIBXL_PSR_CBM_TYPE_L3_CBM_CODE : LIBXL_PSR_CBM_TYPE_L3_CBM_DATA;
	}
	return set_value(argv[optind], type, sockets, argv[optind + 1]);
}

int cmd_psr_mba_set(int argc, char **argv)
{
	static const struct option longs[] = { { "socket", required_argument, NULL, 's' }, { 0 } };
	const char *sockets = NULL;

	while (next_option(argc, argv, "s:", longs, 2) != -1)
		sockets = optarg;
	return set_value(argv[optind], LIBXL_PSR_CBM_TYPE_MBA_THRTL, sockets, argv[optind + 1]);
}
