/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every public type of libxenlight, filled at random from its own descriptor: what is written as JSON
 * reads back to the same JSON, copies are equal and independent, dispose frees everything (the
 * sanitizer's leak check is part of the test), and damaged JSON is an error, never a crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../libxl/light/cpuid.h"
#include "../../libxl/light/light.h"
#include "../../libxl/light/typeinfo.h"

extern const struct xl_type *const xl_all_types[];

void xl_log(libxl_ctx *ctx, xentoollog_level level, int errnoval, uint32_t domid, const char *fmt, ...)
{
}

static void fill(const struct xl_type *t, void *p, int depth);

static unsigned dice(unsigned n)
{
	return (unsigned)rand() % n;
}

static char *word(void)
{
	static const char *const words[] = { "", "a", "/path/with space", "quote\"back\\slash", "\xc3\xa9\n" };

	return xl_strdup(words[dice(5)]);
}

static void fill_leaf(const struct xl_field *f, void *p)
{
	uint64_t r = ((uint64_t)rand() << 40) ^ ((uint64_t)rand() << 20) ^ (uint64_t)rand();
	const libxl_enum_string_table *e = f->sub;
	unsigned n = 0, i;

	switch (f->kind) {
	case XL_STRING:
		*(char **)p = dice(4) ? word() : NULL;
		break;
	case XL_BOOL:
		*(bool *)p = r & 1;
		break;
	case XL_ENUM:
		while (e[n].s)
			n++;
		*(int *)p = e[dice(n)].v;
		break;
	case XL_DEFBOOL:
		((libxl_defbool *)p)->val = (int)dice(3) - 1;
		break;
	case XL_BITMAP:
		libxl_bitmap_alloc(NULL, p, (int)dice(70));
		for (i = 0; i < 10; i++)
			libxl_bitmap_set(p, (int)dice(70));
		break;
	case XL_CPUID:
		if (dice(2))
			libxl_cpuid_parse_config(p, "avx2=0");
		if (dice(2))
			libxl_cpuid_parse_config_xend(p, "0x80000001:ecx=11110000xxxxkkkkxxxxxxxxxxxxssss");
		break;
	case XL_STRINGS:
	case XL_PAIRS:
		n = 2 * dice(3);
		if (!n)
			break;
		*(char ***)p = xl_zalloc((n + 1) * sizeof(char *));
		for (i = 0; i < n; i++)
			(*(char ***)p)[i] = i & 1 ? word() : xl_asprintf("key%u", i);
		break;
	case XL_HWCAP:
		memset(p, 0, sizeof(libxl_hwcap));
		memcpy(p, &r, sizeof(r));
		break;
	default:
		for (i = 0; i < xl_leaves[f->kind].size; i++)
			((unsigned char *)p)[i] = (unsigned char)(r >> (8 * (i % 8)));
	}
}

static void fill_array(const struct xl_field *f, void *p, int depth)
{
	int i, n = depth > 3 ? 0 : (int)dice(3);
	char *a = n ? xl_zalloc((size_t)n * f->size) : NULL;

	*(int *)((char *)p + f->count) = n;
	*(char **)((char *)p + f->offset) = a;
	for (i = 0; i < n; i++) {
		if (f->kind == XL_STRUCT) {
			xl_type_init(f->sub, a + (size_t)i * f->size);
			fill(f->sub, a + (size_t)i * f->size, depth + 1);
		} else {
			fill_leaf(f, a + (size_t)i * f->size);
		}
	}
}

static void fill(const struct xl_type *t, void *p, int depth)
{
	const struct xl_field *f;

	for (f = t->fields; f->name; f++) {
		if (f->array) {
			fill_array(f, p, depth);
		} else if (f->kind == XL_STRUCT) {
			fill(f->sub, (char *)p + f->offset, depth + 1);
		} else if (f->kind == XL_GROUP) {
			fill(f->sub, p, depth);
		} else if (f->kind == XL_SWITCH) {
			const struct xl_switch *sw = f->sub;
			const struct xl_case *c;
			unsigned n = 0;
			int key;

			while (sw->values[n].s)
				n++;
			key = sw->values[dice(n)].v;
			xl_type_init_switch(t, p, key);
			for (c = sw->cases; c->arm; c++)
				if (c->key == key)
					fill(c->arm, p, depth);
		} else if (dice(3)) {
			fill_leaf(f, (char *)p + f->offset);
		}
	}
}

static void round_trip(const struct xl_type *t, unsigned seed)
{
	void *a = xl_zalloc(t->size), *b = xl_zalloc(t->size), *c = xl_zalloc(t->size);
	char *ja, *jb, *jc;

	srand(seed);
	xl_type_init(t, a);
	fill(t, a, 0);
	ja = xl_type_to_json(NULL, t, a);
	assert_non_null(ja);
	xl_type_copy(NULL, t, c, a);
	xl_type_dispose(t, a);
	jc = xl_type_to_json(NULL, t, c);
	assert_string_equal(ja, jc);
	xl_type_init(t, b);
	assert_int_equal(xl_type_from_json(NULL, t, b, ja), 0);
	jb = xl_type_to_json(NULL, t, b);
	assert_string_equal(ja, jb);
	xl_type_dispose(t, b);
	xl_type_dispose(t, c);
	free(ja);
	free(jb);
	free(jc);
	free(a);
	free(b);
	free(c);
}

static void test_round_trips(void **state)
{
	unsigned i, seed;

	for (i = 0; xl_all_types[i]; i++)
		for (seed = 0; seed < 30; seed++)
			round_trip(xl_all_types[i], seed);
}

static void test_init_is_empty_json(void **state)
{
	unsigned i;

	for (i = 0; xl_all_types[i]; i++) {
		const struct xl_type *t = xl_all_types[i];
		void *p = xl_zalloc(t->size);

		memset(p, 0xff, t->size);
		xl_type_init(t, p);
		xl_type_dispose(t, p);
		xl_type_dispose(t, p);	/* twice is harmless */
		free(p);
	}
}

/* One byte of good JSON replaced: whatever comes back, nothing breaks and nothing leaks. */
static void test_damaged_json(void **state)
{
	libxl_domain_config c;
	unsigned i;
	char *json;

	srand(7);
	libxl_domain_config_init(&c);
	for (i = 0; xl_all_types[i]; i++)
		if (!strcmp(xl_all_types[i]->name, "libxl_domain_config"))
			fill(xl_all_types[i], &c, 0);
	json = libxl_domain_config_to_json(NULL, &c);
	libxl_domain_config_dispose(&c);
	for (i = 0; i < 3000; i++) {
		char *bad = xl_strdup(json);

		bad[dice((unsigned)strlen(bad))] = (char)(32 + dice(95));
		if (dice(4) == 0)
			bad[dice((unsigned)strlen(bad))] = 0;
		libxl_domain_config_init(&c);
		libxl_domain_config_from_json(NULL, &c, bad);
		libxl_domain_config_dispose(&c);
		free(bad);
	}
	free(json);
}

static void test_wrong_values(void **state)
{
	static const char *const bad[] = {
		"[]", "{", "", "{\"type\":\"nonsense\"}", "{\"uuid\":\"zz\"}", "{\"poolid\":-1}",
		"{\"poolid\":4294967296}", "{\"hap\":\"true\"}", "{\"name\":5}", "{\"xsdata\":[1]}",
	};
	static const char *const good[] = {
		"{}", "{\"unknown\":{\"x\":[1]}}", "{\"name\":null}", "{\"hap\":\"True\"}", "{\"type\":\"PV\"}",
	};
	libxl_domain_create_info c;
	unsigned i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		libxl_domain_create_info_init(&c);
		assert_int_equal(libxl_domain_create_info_from_json(NULL, &c, bad[i]), ERROR_FAIL);
		libxl_domain_create_info_dispose(&c);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		libxl_domain_create_info_init(&c);
		assert_int_equal(libxl_domain_create_info_from_json(NULL, &c, good[i]), 0);
		libxl_domain_create_info_dispose(&c);
	}
}

static void test_old_spellings(void **state)
{
	libxl_domain_build_info b;

	libxl_domain_build_info_init(&b);
	libxl_domain_build_info_init_type(&b, LIBXL_DOMAIN_TYPE_PV);
	b.u.pv.kernel = xl_strdup("/boot/k");
	assert_int_equal(libxl__domain_build_info_copy_deprecated(NULL, &b), 0);
	assert_string_equal(b.kernel, "/boot/k");
	assert_null(b.u.pv.kernel);
	b.u.pv.kernel = xl_strdup("/boot/other");
	assert_int_equal(libxl__domain_build_info_copy_deprecated(NULL, &b), ERROR_INVAL);
	libxl_domain_build_info_dispose(&b);
}

static void test_defaults(void **state)
{
	libxl_domain_build_info b;
	libxl_domain_config c;
	libxl_sched_params s;

	libxl_domain_build_info_init(&b);
	assert_true(b.max_memkb == LIBXL_MEMKB_DEFAULT && b.max_grant_version == -1);
	assert_int_equal(b.type, LIBXL_DOMAIN_TYPE_INVALID);
	libxl_domain_build_info_init_type(&b, LIBXL_DOMAIN_TYPE_HVM);
	assert_int_equal(b.u.hvm.timer_mode, LIBXL_TIMER_MODE_DEFAULT);
	assert_true(b.u.hvm.rdm_mem_boundary_memkb == LIBXL_MEMKB_DEFAULT);
	libxl_domain_config_init(&c);
	assert_int_equal(c.on_crash, LIBXL_ACTION_ON_SHUTDOWN_DESTROY);
	libxl_sched_params_init(&s);
	assert_int_equal(s.vcpuid, -1);
}

static void test_mac_and_uuid(void **state)
{
	libxl_mac m;
	libxl_uuid u;

	assert_int_equal(xl_mac_parse("00:16:3e:01:02:0f", m), 0);
	assert_int_equal(m[5], 15);
	assert_int_equal(xl_mac_parse("00:16:3e:01:02", m), ERROR_INVAL);
	assert_int_equal(xl_mac_parse("00:16:3e:01:02:03:04", m), ERROR_INVAL);
	assert_int_equal(xl_mac_parse("0:16:3e:1:02:03", m), ERROR_INVAL);
	assert_int_equal(libxl_uuid_from_string(&u, "11111111-2222-3333-4444-55555555555f"), 0);
	assert_int_equal(u.uuid[15], 0x5f);
	assert_int_not_equal(libxl_uuid_from_string(&u, "11111111-2222-3333-4444-55555555555"), 0);
	assert_int_not_equal(libxl_uuid_from_string(&u, "11111111-2222-3333-4444+555555555555"), 0);
	libxl_uuid_generate(&u);
	assert_int_equal(u.uuid[6] >> 4, 4);
}

static void test_cpuid(void **state)
{
	libxl_cpuid_policy_list l = NULL;

	assert_int_equal(libxl_cpuid_parse_config(&l, "avx2=0"), 0);
	assert_int_equal(libxl_cpuid_parse_config(&l, "nonsense=1"), 1);
	assert_int_equal(libxl_cpuid_parse_config(&l, "avx2"), 2);
	assert_int_equal(libxl_cpuid_parse_config(&l, "avx2=7"), 3);
	assert_int_equal(libxl_cpuid_parse_config(&l, "family=6"), 0);
	assert_int_equal(l->leaves[0].leaf, 7);
	assert_int_equal(l->leaves[0].policy[1][31 - 5], '0');
	assert_int_equal(libxl_cpuid_policy_list_length(&l), 2);
	libxl_cpuid_dispose(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips), cmocka_unit_test(test_init_is_empty_json),
		cmocka_unit_test(test_damaged_json), cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_old_spellings), cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_mac_and_uuid), cmocka_unit_test(test_cpuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
