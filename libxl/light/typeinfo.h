/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Descriptors of the public types. idl/gen.py writes the tables; four walkers (init, dispose, copy,
 * JSON) read them, so that no code is generated per field.
 */
#ifndef XL_TYPEINFO_H
#define XL_TYPEINFO_H

#include <libxl.h>
#include <libxl_json.h>
#include <yajl/yajl_tree.h>

enum xl_kind {
	XL_STRING, XL_BOOL, XL_INT, XL_U8, XL_U16, XL_U32, XL_U64, XL_ENUM, XL_DEFBOOL, XL_UUID, XL_MAC,
	XL_BITMAP, XL_CPUID, XL_STRINGS, XL_PAIRS, XL_HWCAP, XL_GENID,
	XL_LEAF_KINDS,
	XL_STRUCT = XL_LEAF_KINDS,
	XL_GROUP,	/* a nested struct without a type of its own; offsets are the outer one's */
	XL_SWITCH,	/* an enum that selects an arm of a union */
};

struct xl_field {
	const char *name;	/* NULL ends a table */
	enum xl_kind kind;
	bool array;
	size_t offset;
	size_t count;		/* of an array: where its int length is */
	size_t size;		/* of an array: one element */
	const void *sub;	/* enum: string table; struct and group: xl_type; switch: xl_switch */
	uint64_t initial;
};

struct xl_type {
	const char *name;
	size_t size;
	const struct xl_field *fields;
};

struct xl_case {
	int key;
	const struct xl_type *arm;	/* NULL ends a table */
};

struct xl_switch {
	const libxl_enum_string_table *values;
	const struct xl_case *cases;
	size_t offset, size;		/* of the union */
};

/* An old field whose value moves to a new one; see libxl__*_copy_deprecated. */
struct xl_move {
	int key;
	const char *name;
	enum xl_kind kind;
	uint64_t initial;
	size_t from, to;
};

/* What a leaf can do. NULL dispose: owns nothing. */
struct xl_leaf {
	size_t size;
	void (*dispose)(void *p);
	void (*copy)(libxl_ctx *ctx, void *dst, const void *src);	/* NULL: plain bytes */
	bool (*is_default)(const struct xl_field *f, const void *p);
	yajl_gen_status (*gen)(yajl_gen g, const struct xl_field *f, const void *p);
	int (*parse)(const struct xl_field *f, void *p, yajl_val v);
};
extern const struct xl_leaf xl_leaves[XL_LEAF_KINDS];

void xl_leaf_init(const struct xl_field *f, void *p);

void xl_type_init(const struct xl_type *t, void *p);
void xl_type_init_switch(const struct xl_type *t, void *p, int key);
void xl_type_dispose(const struct xl_type *t, void *p);
void xl_type_copy(libxl_ctx *ctx, const struct xl_type *t, void *dst, const void *src);
int xl_type_move(libxl_ctx *ctx, const struct xl_move *moves, int key, void *p);

yajl_gen_status xl_type_gen(yajl_gen g, const struct xl_type *t, const void *p);
char *xl_type_to_json(libxl_ctx *ctx, const struct xl_type *t, const void *p);
int xl_type_from_json(libxl_ctx *ctx, const struct xl_type *t, void *p, const char *s);

const char *xl_enum_name(const libxl_enum_string_table *table, int value);
int xl_enum_value(const libxl_enum_string_table *table, const char *s, int *value);
yajl_gen_status xl_enum_gen(yajl_gen g, const libxl_enum_string_table *table, int value);
char *xl_enum_to_json(libxl_ctx *ctx, const libxl_enum_string_table *table, int value);
int xl_enum_from_json(libxl_ctx *ctx, const char *type, const libxl_enum_string_table *table,
	int *value, const char *s);
yajl_gen_status xl_gen_string(yajl_gen g, const char *s);

#endif
