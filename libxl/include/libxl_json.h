/* SPDX-License-Identifier: LGPL-2.1-only */
/* Write libxl's types into a yajl generator of the caller. */
#ifndef LIBXL_JSON_H
#define LIBXL_JSON_H

#include <libxl.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

yajl_gen_status libxl__uint64_gen_json(yajl_gen hand, uint64_t val);
yajl_gen_status libxl_defbool_gen_json(yajl_gen hand, libxl_defbool *p);
yajl_gen_status libxl_uuid_gen_json(yajl_gen hand, libxl_uuid *p);
yajl_gen_status libxl_mac_gen_json(yajl_gen hand, libxl_mac *p);
yajl_gen_status libxl_bitmap_gen_json(yajl_gen hand, libxl_bitmap *p);
yajl_gen_status libxl_cpuid_policy_list_gen_json(yajl_gen hand, libxl_cpuid_policy_list *p);
yajl_gen_status libxl_string_list_gen_json(yajl_gen hand, libxl_string_list *p);
yajl_gen_status libxl_key_value_list_gen_json(yajl_gen hand, libxl_key_value_list *p);
yajl_gen_status libxl_hwcap_gen_json(yajl_gen hand, libxl_hwcap *p);
yajl_gen_status libxl_ms_vm_genid_gen_json(yajl_gen hand, libxl_ms_vm_genid *p);

#include <_libxl_types_json.h>

/* Callers ask this of us. */
#ifndef HAVE_YAJL_V2
#define HAVE_YAJL_V2 1
#endif

typedef size_t libxl_yajl_length;

/* A parser that stops at the end of the first value instead of complaining about what follows. */
static inline yajl_handle libxl__yajl_alloc(const yajl_callbacks *callbacks, yajl_alloc_funcs *alloc,
	void *ctx)
{
	yajl_handle hand = yajl_alloc(callbacks, alloc, ctx);

	if (hand)
		yajl_config(hand, yajl_allow_trailing_garbage, 1);
	return hand;
}

/* The layout that scripts expect of `xl list -l`: indented by four spaces. */
static inline yajl_gen libxl_yajl_gen_alloc(const yajl_alloc_funcs *alloc)
{
	yajl_gen g = yajl_gen_alloc(alloc);

	if (g)
		yajl_gen_config(g, yajl_gen_beautify, 1);
	return g;
}

#endif
