/* SPDX-License-Identifier: LGPL-2.1-only */
/* The leaves of the public types: one row of xl_leaves for each kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl_utils.h>

#include "cpuid.h"
#include "light.h"
#include "typeinfo.h"

/* Numbers: any width, kept as 64 bits while they are looked at. */

static const size_t widths[] = {
	[XL_BOOL] = sizeof(bool), [XL_INT] = 4, [XL_U8] = 1, [XL_U16] = 2, [XL_U32] = 4, [XL_U64] = 8,
	[XL_ENUM] = 4, [XL_DEFBOOL] = 4,
};

static uint64_t load(enum xl_kind kind, const void *p)
{
	switch (widths[kind]) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	case 4:
		return kind == XL_U32 ? *(const uint32_t *)p : (uint64_t)(int64_t)*(const int32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

static void store(enum xl_kind kind, void *p, uint64_t v)
{
	memcpy(p, &v, widths[kind]);	/* little endian, as all of x86 is */
}

void xl_leaf_init(const struct xl_field *f, void *p)
{
	if (f->kind < sizeof(widths) / sizeof(widths[0]) && widths[f->kind])
		store(f->kind, p, f->initial);
	else
		memset(p, 0, xl_leaves[f->kind].size);
}

static bool number_is_default(const struct xl_field *f, const void *p)
{
	unsigned char initial[8];

	xl_leaf_init(f, initial);
	return !memcmp(initial, p, widths[f->kind]);
}

static yajl_gen_status number_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	uint64_t v = load(f->kind, p);

	if (f->kind == XL_INT)
		return yajl_gen_integer(g, (long long)v);
	return libxl__uint64_gen_json(g, v);
}

static int number_parse(const struct xl_field *f, void *p, yajl_val v)
{
	const char *s;
	char *end;
	uint64_t n, top = widths[f->kind] == 8 ? ~0ULL : (1ULL << (8 * widths[f->kind])) - 1;

	if (!YAJL_IS_NUMBER(v))
		return ERROR_INVAL;
	s = YAJL_GET_NUMBER(v);
	errno = 0;
	if (f->kind == XL_INT) {
		long long i = strtoll(s, &end, 10);

		if (errno || *end || i < INT32_MIN || i > INT32_MAX)
			return ERROR_INVAL;
		n = (uint64_t)i;
	} else {
		n = strtoull(s, &end, 10);
		if (errno || *end || *s == '-' || n > top)
			return ERROR_INVAL;
	}
	store(f->kind, p, n);
	return 0;
}

yajl_gen_status libxl__uint64_gen_json(yajl_gen g, uint64_t v)
{
	char buf[24];
	int len = snprintf(buf, sizeof(buf), "%llu", (unsigned long long)v);

	return yajl_gen_number(g, buf, (size_t)len);
}

static yajl_gen_status bool_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	return yajl_gen_bool(g, *(const bool *)p);
}

static int bool_parse(const struct xl_field *f, void *p, yajl_val v)
{
	if (!YAJL_IS_TRUE(v) && !YAJL_IS_FALSE(v))
		return ERROR_INVAL;
	*(bool *)p = YAJL_IS_TRUE(v);
	return 0;
}

static yajl_gen_status enum_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	return xl_enum_gen(g, f->sub, *(const int *)p);
}

static int enum_parse(const struct xl_field *f, void *p, yajl_val v)
{
	return YAJL_IS_STRING(v) ? xl_enum_value(f->sub, YAJL_GET_STRING(v), p) : ERROR_INVAL;
}

yajl_gen_status libxl_defbool_gen_json(yajl_gen g, libxl_defbool *p)
{
	return xl_gen_string(g, libxl_defbool_to_string(*p));
}

static yajl_gen_status defbool_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	return xl_gen_string(g, libxl_defbool_to_string(*(const libxl_defbool *)p));
}

static int defbool_parse(const struct xl_field *f, void *p, yajl_val v)
{
	static const int values[] = { 0, 1, -1 };
	size_t i;

	if (YAJL_IS_TRUE(v) || YAJL_IS_FALSE(v)) {
		libxl_defbool_set(p, YAJL_IS_TRUE(v));
		return 0;
	}
	for (i = 0; YAJL_IS_STRING(v) && i < 3; i++) {
		libxl_defbool d = { values[i] };

		if (!strcmp(v->u.string, libxl_defbool_to_string(d))) {
			*(libxl_defbool *)p = d;
			return 0;
		}
	}
	return ERROR_INVAL;
}

/* Strings and lists of them. */

static void string_dispose(void *p)
{
	free(*(char **)p);
}

static void string_copy(libxl_ctx *ctx, void *dst, const void *src)
{
	*(char **)dst = xl_strdup(*(char *const *)src);
}

static bool pointer_is_null(const struct xl_field *f, const void *p)
{
	return !*(void *const *)p;
}

static yajl_gen_status string_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	const char *s = *(char *const *)p;

	return s ? xl_gen_string(g, s) : yajl_gen_null(g);
}

static int string_parse(const struct xl_field *f, void *p, yajl_val v)
{
	if (!YAJL_IS_STRING(v))
		return ERROR_INVAL;
	free(*(char **)p);
	*(char **)p = xl_strdup(YAJL_GET_STRING(v));
	return 0;
}

static void strings_dispose(void *p)
{
	libxl_string_list_dispose(p);
}

static void strings_copy(libxl_ctx *ctx, void *dst, const void *src)
{
	libxl_string_list_copy(ctx, dst, src);
}

yajl_gen_status libxl_string_list_gen_json(yajl_gen g, libxl_string_list *p)
{
	char **s;

	yajl_gen_array_open(g);
	for (s = *p; s && *s; s++)
		xl_gen_string(g, *s);
	return yajl_gen_array_close(g);
}

static yajl_gen_status strings_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	libxl_string_list sl = *(char **const *)p;

	return libxl_string_list_gen_json(g, &sl);
}

static int strings_parse(const struct xl_field *f, void *p, yajl_val v)
{
	size_t i;
	char **list;

	if (!YAJL_IS_ARRAY(v))
		return ERROR_INVAL;
	list = xl_zalloc((YAJL_GET_ARRAY(v)->len + 1) * sizeof(*list));
	*(char ***)p = list;
	for (i = 0; i < YAJL_GET_ARRAY(v)->len; i++) {
		const char *s = YAJL_GET_STRING(YAJL_GET_ARRAY(v)->values[i]);

		if (!s)
			return ERROR_INVAL;
		list[i] = xl_strdup(s);
	}
	return 0;
}

static void pairs_dispose(void *p)
{
	libxl_key_value_list_dispose(p);
}

static void pairs_copy(libxl_ctx *ctx, void *dst, const void *src)
{
	libxl_key_value_list_copy(ctx, dst, src);
}

yajl_gen_status libxl_key_value_list_gen_json(yajl_gen g, libxl_key_value_list *p)
{
	char **kv;

	yajl_gen_map_open(g);
	for (kv = *p; kv && kv[0]; kv += 2) {
		xl_gen_string(g, kv[0]);
		if (kv[1])
			xl_gen_string(g, kv[1]);
		else
			yajl_gen_null(g);
	}
	return yajl_gen_map_close(g);
}

static yajl_gen_status pairs_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	libxl_key_value_list kvl = *(char **const *)p;

	return libxl_key_value_list_gen_json(g, &kvl);
}

static int pairs_parse(const struct xl_field *f, void *p, yajl_val v)
{
	size_t i;
	char **list;

	if (!YAJL_IS_OBJECT(v))
		return ERROR_INVAL;
	list = xl_zalloc((2 * YAJL_GET_OBJECT(v)->len + 1) * sizeof(*list));
	*(char ***)p = list;
	for (i = 0; i < YAJL_GET_OBJECT(v)->len; i++) {
		const char *s = YAJL_GET_STRING(YAJL_GET_OBJECT(v)->values[i]);

		if (!s && !YAJL_IS_NULL(YAJL_GET_OBJECT(v)->values[i]))
			return ERROR_INVAL;
		list[2 * i] = xl_strdup(YAJL_GET_OBJECT(v)->keys[i]);
		list[2 * i + 1] = s ? xl_strdup(s) : NULL;
	}
	return 0;
}

/* Bytes with a spelling of their own. */

static bool all_zero(const void *p, size_t n)
{
	const unsigned char *b = p;

	while (n && !*b)
		b++, n--;
	return !n;
}

static bool bytes_are_zero(const struct xl_field *f, const void *p)
{
	return all_zero(p, xl_leaves[f->kind].size);
}

static bool never_default(const struct xl_field *f, const void *p)
{
	return false;
}

yajl_gen_status libxl_uuid_gen_json(yajl_gen g, libxl_uuid *p)
{
	char buf[LIBXL_UUID_FMTLEN + 1];

	snprintf(buf, sizeof(buf), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(*p));
	return xl_gen_string(g, buf);
}

static yajl_gen_status uuid_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	libxl_uuid u = *(const libxl_uuid *)p;

	return libxl_uuid_gen_json(g, &u);
}

static int uuid_parse(const struct xl_field *f, void *p, yajl_val v)
{
	return YAJL_IS_STRING(v) && !libxl_uuid_from_string(p, YAJL_GET_STRING(v)) ? 0 : ERROR_INVAL;
}

yajl_gen_status libxl_mac_gen_json(yajl_gen g, libxl_mac *p)
{
	char buf[LIBXL_MAC_FMTLEN + 1];

	snprintf(buf, sizeof(buf), LIBXL_MAC_FMT, LIBXL_MAC_BYTES((*p)));
	return xl_gen_string(g, buf);
}

static yajl_gen_status mac_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	libxl_mac m;

	memcpy(m, p, sizeof(m));
	return libxl_mac_gen_json(g, &m);
}

static int mac_parse(const struct xl_field *f, void *p, yajl_val v)
{
	return YAJL_IS_STRING(v) ? xl_mac_parse(YAJL_GET_STRING(v), p) : ERROR_INVAL;
}

static yajl_gen_status gen_numbers(yajl_gen g, const void *p, size_t width, size_t n)
{
	size_t i;

	yajl_gen_array_open(g);
	for (i = 0; i < n; i++)
		yajl_gen_integer(g, width == 1 ? ((const uint8_t *)p)[i] : ((const uint32_t *)p)[i]);
	return yajl_gen_array_close(g);
}

static int parse_numbers(yajl_val v, void *p, enum xl_kind kind, size_t least, size_t most)
{
	struct xl_field f = { .name = "", .kind = kind };
	size_t i;

	if (!YAJL_IS_ARRAY(v) || YAJL_GET_ARRAY(v)->len < least || YAJL_GET_ARRAY(v)->len > most)
		return ERROR_INVAL;
	for (i = 0; i < YAJL_GET_ARRAY(v)->len; i++)
		if (number_parse(&f, (char *)p + i * widths[kind], YAJL_GET_ARRAY(v)->values[i]))
			return ERROR_INVAL;
	return 0;
}

/* Only the first four words were ever written. */
yajl_gen_status libxl_hwcap_gen_json(yajl_gen g, libxl_hwcap *p)
{
	return gen_numbers(g, *p, 4, 4);
}

static yajl_gen_status hwcap_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	return gen_numbers(g, p, 4, 4);
}

static int hwcap_parse(const struct xl_field *f, void *p, yajl_val v)
{
	return parse_numbers(v, p, XL_U32, 4, 8);
}

yajl_gen_status libxl_ms_vm_genid_gen_json(yajl_gen g, libxl_ms_vm_genid *p)
{
	return gen_numbers(g, p->bytes, 1, LIBXL_MS_VM_GENID_LEN);
}

static yajl_gen_status genid_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	return gen_numbers(g, p, 1, LIBXL_MS_VM_GENID_LEN);
}

static int genid_parse(const struct xl_field *f, void *p, yajl_val v)
{
	return parse_numbers(v, p, XL_U8, LIBXL_MS_VM_GENID_LEN, LIBXL_MS_VM_GENID_LEN);
}

/* Bitmaps are lists of the bits that are set. */

static void bitmap_dispose(void *p)
{
	libxl_bitmap_dispose(p);
}

static void bitmap_copy(libxl_ctx *ctx, void *dst, const void *src)
{
	libxl_bitmap_init(dst);
	libxl_bitmap_copy_alloc(ctx, dst, src);
}

static bool bitmap_is_empty(const struct xl_field *f, const void *p)
{
	return libxl_bitmap_is_empty(p);
}

yajl_gen_status libxl_bitmap_gen_json(yajl_gen g, libxl_bitmap *p)
{
	int i;

	yajl_gen_array_open(g);
	for (i = 0; i < (int)p->size * 8; i++)
		if (libxl_bitmap_test(p, i))
			yajl_gen_integer(g, i);
	return yajl_gen_array_close(g);
}

static yajl_gen_status bitmap_gen(yajl_gen g, const struct xl_field *f, const void *p)
{
	libxl_bitmap b = *(const libxl_bitmap *)p;

	return libxl_bitmap_gen_json(g, &b);
}

#define BITMAP_MAX_BIT 65535

static int bitmap_parse(const struct xl_field *f, void *p, yajl_val v)
{
	long long top = -1;
	size_t i, n;

	if (!YAJL_IS_ARRAY(v))
		return ERROR_INVAL;
	n = YAJL_GET_ARRAY(v)->len;
	for (i = 0; i < n; i++) {
		yajl_val e = YAJL_GET_ARRAY(v)->values[i];

		if (!YAJL_IS_INTEGER(e) || YAJL_GET_INTEGER(e) < 0 || YAJL_GET_INTEGER(e) > BITMAP_MAX_BIT)
			return ERROR_INVAL;
		if (YAJL_GET_INTEGER(e) > top)
			top = YAJL_GET_INTEGER(e);
	}
	if (top < 0)
		return 0;
	libxl_bitmap_dispose(p);
	libxl_bitmap_alloc(NULL, p, (int)top + 1);
	for (i = 0; i < n; i++)
		libxl_bitmap_set(p, (int)YAJL_GET_INTEGER(YAJL_GET_ARRAY(v)->values[i]));
	return 0;
}

#define NUMBER(type) .size = sizeof(type), .is_default = number_is_default, .gen = number_gen, \
	.parse = number_parse

const struct xl_leaf xl_leaves[XL_LEAF_KINDS] = {
	[XL_STRING] = { sizeof(char *), string_dispose, string_copy, pointer_is_null, string_gen,
			string_parse },
	[XL_BOOL] = { sizeof(bool), NULL, NULL, number_is_default, bool_gen, bool_parse },
	[XL_INT] = { NUMBER(int) },
	[XL_U8] = { NUMBER(uint8_t) },
	[XL_U16] = { NUMBER(uint16_t) },
	[XL_U32] = { NUMBER(uint32_t) },
	[XL_U64] = { NUMBER(uint64_t) },
	[XL_ENUM] = { sizeof(int), NULL, NULL, number_is_default, enum_gen, enum_parse },
	[XL_DEFBOOL] = { sizeof(libxl_defbool), NULL, NULL, number_is_default, defbool_gen,
			 defbool_parse },
	[XL_UUID] = { sizeof(libxl_uuid), NULL, NULL, bytes_are_zero, uuid_gen, uuid_parse },
	[XL_MAC] = { sizeof(libxl_mac), NULL, NULL, bytes_are_zero, mac_gen, mac_parse },
	[XL_BITMAP] = { sizeof(libxl_bitmap), bitmap_dispose, bitmap_copy, bitmap_is_empty, bitmap_gen,
			bitmap_parse },
	[XL_CPUID] = { sizeof(libxl_cpuid_policy_list), xl_cpuid_dispose, xl_cpuid_copy, xl_cpuid_is_empty,
		       xl_cpuid_gen, xl_cpuid_parse },
	[XL_STRINGS] = { sizeof(libxl_string_list), strings_dispose, strings_copy, pointer_is_null,
			 strings_gen, strings_parse },
	[XL_PAIRS] = { sizeof(libxl_key_value_list), pairs_dispose, pairs_copy, pointer_is_null, pairs_gen,
		       pairs_parse },
	[XL_HWCAP] = { sizeof(libxl_hwcap), NULL, NULL, never_default, hwcap_gen, hwcap_parse },
	[XL_GENID] = { sizeof(libxl_ms_vm_genid), NULL, NULL, bytes_are_zero, genid_gen, genid_parse },
};
