/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * JSON of the public types. A field at its default is left out; an arm of a union is an object named
 * "KEY.VALUE", and the key itself is not written. Unknown members are ignored when reading.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "light.h"
#include "typeinfo.h"

#define TRY(expr) do { yajl_gen_status st_ = (expr); if (st_ != yajl_gen_status_ok) return st_; } while (0)

static const void *cat(const void *p, size_t offset)
{
	return (const char *)p + offset;
}

yajl_gen_status xl_gen_string(yajl_gen g, const char *s)
{
	return yajl_gen_string(g, (const unsigned char *)s, strlen(s));
}

static yajl_gen_status gen_fields(yajl_gen g, const struct xl_type *t, const void *p);

static yajl_gen_status gen_object(yajl_gen g, const struct xl_type *t, const void *p)
{
	TRY(yajl_gen_map_open(g));
	if (t)
		TRY(gen_fields(g, t, p));
	return yajl_gen_map_close(g);
}

static yajl_gen_status gen_array(yajl_gen g, const struct xl_field *f, const void *p)
{
	const char *elements = *(char *const *)cat(p, f->offset);
	int i, n = *(const int *)cat(p, f->count);

	if (n <= 0)
		return yajl_gen_status_ok;
	TRY(xl_gen_string(g, f->name));
	TRY(yajl_gen_array_open(g));
	for (i = 0; i < n; i++) {
		const void *e = elements + (size_t)i * f->size;

		if (f->kind == XL_STRUCT)
			TRY(gen_object(g, f->sub, e));
		else
			TRY(xl_leaves[f->kind].gen(g, f, e));
	}
	return yajl_gen_array_close(g);
}

static yajl_gen_status gen_switch(yajl_gen g, const struct xl_field *f, const void *p)
{
	const struct xl_switch *sw = f->sub;
	int key = *(const int *)cat(p, f->offset);
	const char *value = xl_enum_name(sw->values, key);
	const struct xl_type *arm = NULL;
	const struct xl_case *c;
	char name[96];

	if (!value)
		return yajl_gen_status_ok;
	for (c = sw->cases; c->arm; c++)
		if (c->key == key)
			arm = c->arm;
	snprintf(name, sizeof(name), "%s.%s", f->name, value);
	TRY(xl_gen_string(g, name));
	return gen_object(g, arm, p);
}

static yajl_gen_status gen_fields(yajl_gen g, const struct xl_type *t, const void *p)
{
	const struct xl_field *f;

	for (f = t->fields; f->name; f++) {
		const void *q = cat(p, f->offset);

		if (f->array) {
			TRY(gen_array(g, f, p));
		} else if (f->kind == XL_SWITCH) {
			TRY(gen_switch(g, f, p));
		} else if (f->kind == XL_STRUCT || f->kind == XL_GROUP) {
			TRY(xl_gen_string(g, f->name));
			TRY(gen_object(g, f->sub, f->kind == XL_GROUP ? p : q));
		} else if (!xl_leaves[f->kind].is_default(f, q)) {
			TRY(xl_gen_string(g, f->name));
			TRY(xl_leaves[f->kind].gen(g, f, q));
		}
	}
	return yajl_gen_status_ok;
}

yajl_gen_status xl_type_gen(yajl_gen g, const struct xl_type *t, const void *p)
{
	return gen_object(g, t, p);
}

/* Returns a malloc'ed copy of what the generator holds and frees the generator. */
static char *finish(libxl_ctx *ctx, yajl_gen g, yajl_gen_status st, const char *what)
{
	const unsigned char *buf;
	size_t len;
	char *s = NULL;

	if (st == yajl_gen_status_ok)
		st = yajl_gen_get_buf(g, &buf, &len);
	if (st == yajl_gen_status_ok)
		s = xl_strndup((const char *)buf, len);
	else
		LOGX(ctx, ERROR, "%s cannot be written as JSON (yajl status %d): is each string in it UTF-8?",
			what, (int)st);
	yajl_gen_free(g);
	return s;
}

char *xl_type_to_json(libxl_ctx *ctx, const struct xl_type *t, const void *p)
{
	yajl_gen g = libxl_yajl_gen_alloc(NULL);

	return g ? finish(ctx, g, gen_object(g, t, p), t->name) : NULL;
}

static int parse_fields(const struct xl_type *t, void *p, yajl_val v, const char **bad);

static yajl_val member(yajl_val object, const char *name)
{
	size_t i;

	/* yajl keeps duplicates; the first one counts. */
	for (i = 0; i < YAJL_GET_OBJECT(object)->len; i++)
		if (!strcmp(YAJL_GET_OBJECT(object)->keys[i], name))
			return YAJL_GET_OBJECT(object)->values[i];
	return NULL;
}

static int parse_array(const struct xl_field *f, void *p, yajl_val v, const char **bad)
{
	size_t i, n;
	char *elements;
	int rc = 0;

	if (!YAJL_IS_ARRAY(v) || YAJL_GET_ARRAY(v)->len > 1u << 20)
		return ERROR_INVAL;
	n = YAJL_GET_ARRAY(v)->len;
	if (!n)
		return 0;
	elements = xl_zalloc(n * f->size);
	*(char **)((char *)p + f->offset) = elements;
	*(int *)((char *)p + f->count) = (int)n;
	for (i = 0; i < n && !rc; i++) {
		if (f->kind == XL_STRUCT)
			xl_type_init(f->sub, elements + i * f->size);
		else
			xl_leaf_init(f, elements + i * f->size);
	}
	for (i = 0; i < n && !rc; i++) {
		yajl_val e = YAJL_GET_ARRAY(v)->values[i];

		if (f->kind == XL_STRUCT)
			rc = parse_fields(f->sub, elements + i * f->size, e, bad);
		else
			rc = xl_leaves[f->kind].parse(f, elements + i * f->size, e);
	}
	return rc;
}

static int parse_switch(const struct xl_type *t, const struct xl_field *f, void *p, yajl_val object,
	const char **bad)
{
	const struct xl_switch *sw = f->sub;
	const libxl_enum_string_table *e;
	const struct xl_case *c;
	char name[96];

	for (e = sw->values; e->s; e++) {
		yajl_val v;

		snprintf(name, sizeof(name), "%s.%s", f->name, e->s);
		v = member(object, name);
		if (!v)
			continue;
		xl_type_init_switch(t, p, e->v);
		for (c = sw->cases; c->arm; c++)
			if (c->key == e->v)
				return parse_fields(c->arm, p, v, bad);
		return 0;
	}
	return 0;
}

static int parse_field(const struct xl_type *t, const struct xl_field *f, void *p, yajl_val object,
	const char **bad)
{
	char *q = (char *)p + f->offset;
	yajl_val v;

	if (f->kind == XL_SWITCH)
		return parse_switch(t, f, p, object, bad);
	v = member(object, f->name);
	if (!v || YAJL_IS_NULL(v))
		return 0;
	if (f->array)
		return parse_array(f, p, v, bad);
	if (f->kind == XL_STRUCT || f->kind == XL_GROUP)
		return parse_fields(f->sub, f->kind == XL_GROUP ? p : (void *)q, v, bad);
	return xl_leaves[f->kind].parse(f, q, v);
}

static int parse_fields(const struct xl_type *t, void *p, yajl_val v, const char **bad)
{
	const struct xl_field *f;
	int rc;

	if (!YAJL_IS_OBJECT(v))
		return ERROR_INVAL;
	for (f = t->fields; f->name; f++) {
		rc = parse_field(t, f, p, v, bad);
		if (rc) {
			if (!*bad)
				*bad = f->name;
			return rc;
		}
	}
	return 0;
}

static yajl_val read_tree(libxl_ctx *ctx, const char *what, const char *s)
{
	char err[160] = "";
	yajl_val v = yajl_tree_parse(s, err, sizeof(err));
	char *nl = strchr(err, '\n');

	if (nl)
		*nl = 0;
	if (!v)
		LOGX(ctx, ERROR, "JSON of %s is malformed: %s", what, err[0] ? err : "it is empty");
	return v;
}

/* p is initialised by the caller and can be disposed of whatever comes back. */
int xl_type_from_json(libxl_ctx *ctx, const struct xl_type *t, void *p, const char *s)
{
	const char *bad = NULL;
	yajl_val v = read_tree(ctx, t->name, s);
	int rc;

	if (!v)
		return ERROR_FAIL;
	rc = parse_fields(t, p, v, &bad);
	if (rc)
		LOGX(ctx, ERROR, "JSON of %s: member \"%s\" has a value that does not fit its type", t->name,
			bad ? bad : "(top)");
	yajl_tree_free(v);
	return rc ? ERROR_FAIL : 0;
}

const char *xl_enum_name(const libxl_enum_string_table *table, int value)
{
	for (; table->s; table++)
		if (table->v == value)
			return table->s;
	return NULL;
}

int xl_enum_value(const libxl_enum_string_table *table, const char *s, int *value)
{
	for (; table->s; table++) {
		if (!strcasecmp(table->s, s)) {
			*value = table->v;
			return 0;
		}
	}
	return ERROR_FAIL;
}

yajl_gen_status xl_enum_gen(yajl_gen g, const libxl_enum_string_table *table, int value)
{
	const char *s = xl_enum_name(table, value);

	return s ? xl_gen_string(g, s) : yajl_gen_null(g);
}

char *xl_enum_to_json(libxl_ctx *ctx, const libxl_enum_string_table *table, int value)
{
	yajl_gen g = libxl_yajl_gen_alloc(NULL);

	return g ? finish(ctx, g, xl_enum_gen(g, table, value), "an enumeration") : NULL;
}

int xl_enum_from_json(libxl_ctx *ctx, const char *type, const libxl_enum_string_table *table,
	int *value, const char *s)
{
	yajl_val v = read_tree(ctx, type, s);
	int rc = ERROR_FAIL;

	if (!v)
		return rc;
	if (YAJL_IS_STRING(v))
		rc = xl_enum_value(table, YAJL_GET_STRING(v), value);
	if (rc)
		LOGX(ctx, ERROR, "JSON of %s holds no value of that type", type);
	yajl_tree_free(v);
	return rc;
}
