/* SPDX-License-Identifier: LGPL-2.1-only */
/* Walk type descriptors: init, dispose, copy. JSON is in typejson.c, leaves are in typeleaf.c. */
#include <stdlib.h>
#include <string.h>

#include "light.h"
#include "typeinfo.h"

static void *at(void *p, size_t offset)
{
	return (char *)p + offset;
}

static const void *cat(const void *p, size_t offset)
{
	return (const char *)p + offset;
}

static const struct xl_type *arm_of(const struct xl_switch *sw, int key)
{
	const struct xl_case *c;

	for (c = sw->cases; c->arm; c++)
		if (c->key == key)
			return c->arm;
	return NULL;
}

static size_t element_size(const struct xl_field *f)
{
	return f->size;
}

static void init_fields(const struct xl_type *t, void *p)
{
	const struct xl_field *f;

	for (f = t->fields; f->name; f++) {
		if (f->array)
			continue;
		switch (f->kind) {
		case XL_STRUCT:
			xl_type_init(f->sub, at(p, f->offset));
			break;
		case XL_GROUP:
			init_fields(f->sub, p);
			break;
		case XL_SWITCH:
			xl_type_init_switch(t, p, (int)f->initial);
			break;
		default:
			xl_leaf_init(f, at(p, f->offset));
		}
	}
}

void xl_type_init(const struct xl_type *t, void *p)
{
	memset(p, 0, t->size);
	init_fields(t, p);
}

void xl_type_init_switch(const struct xl_type *t, void *p, int key)
{
	const struct xl_field *f;
	const struct xl_type *arm;
	const struct xl_switch *sw;

	for (f = t->fields; f->kind != XL_SWITCH; f++)
		;
	sw = f->sub;
	memcpy(at(p, f->offset), &key, sizeof(key));
	memset(at(p, sw->offset), 0, sw->size);
	arm = arm_of(sw, key);
	if (arm)
		init_fields(arm, p);
}

static void dispose_fields(const struct xl_type *t, void *p);

static void dispose_one(const struct xl_field *f, void *p)
{
	if (f->kind == XL_STRUCT)
		dispose_fields(f->sub, p);
	else if (f->kind < XL_LEAF_KINDS && xl_leaves[f->kind].dispose)
		xl_leaves[f->kind].dispose(p);
}

static void dispose_array(const struct xl_field *f, void *p)
{
	char *elements = *(char **)at(p, f->offset);
	int i, n = *(int *)at(p, f->count);

	for (i = 0; elements && i < n; i++)
		dispose_one(f, elements + (size_t)i * element_size(f));
	free(elements);
}

static void dispose_fields(const struct xl_type *t, void *p)
{
	const struct xl_field *f;
	const struct xl_type *arm;

	for (f = t->fields; f->name; f++) {
		if (f->array) {
			dispose_array(f, p);
		} else if (f->kind == XL_GROUP) {
			dispose_fields(f->sub, p);
		} else if (f->kind == XL_SWITCH) {
			arm = arm_of(f->sub, *(int *)at(p, f->offset));
			if (arm)
				dispose_fields(arm, p);
		} else {
			dispose_one(f, at(p, f->offset));
		}
	}
}

void xl_type_dispose(const struct xl_type *t, void *p)
{
	if (!p)
		return;
	dispose_fields(t, p);
	memset(p, 0, t->size);
}

static void copy_fields(libxl_ctx *ctx, const struct xl_type *t, void *dst, const void *src);

static void copy_one(libxl_ctx *ctx, const struct xl_field *f, void *dst, const void *src)
{
	if (f->kind == XL_STRUCT)
		xl_type_copy(ctx, f->sub, dst, src);
	else if (xl_leaves[f->kind].copy)
		xl_leaves[f->kind].copy(ctx, dst, src);
}

static void copy_array(libxl_ctx *ctx, const struct xl_field *f, void *dst, const void *src)
{
	const char *from = *(char *const *)cat(src, f->offset);
	int i, n = *(const int *)cat(src, f->count);
	char *to = n > 0 ? xl_zalloc((size_t)n * element_size(f)) : NULL;

	if (to)
		memcpy(to, from, (size_t)n * element_size(f));
	for (i = 0; i < n; i++)
		copy_one(ctx, f, to + (size_t)i * element_size(f), from + (size_t)i * element_size(f));
	*(char **)at(dst, f->offset) = to;
}

/* The bytes are copied already; replace what points to memory. */
static void copy_fields(libxl_ctx *ctx, const struct xl_type *t, void *dst, const void *src)
{
	const struct xl_field *f;
	const struct xl_type *arm;

	for (f = t->fields; f->name; f++) {
		if (f->array) {
			copy_array(ctx, f, dst, src);
		} else if (f->kind == XL_GROUP) {
			copy_fields(ctx, f->sub, dst, src);
		} else if (f->kind == XL_SWITCH) {
			arm = arm_of(f->sub, *(const int *)cat(src, f->offset));
			if (arm)
				copy_fields(ctx, arm, dst, src);
		} else {
			copy_one(ctx, f, at(dst, f->offset), cat(src, f->offset));
		}
	}
}

void xl_type_copy(libxl_ctx *ctx, const struct xl_type *t, void *dst, const void *src)
{
	memcpy(dst, src, t->size);
	copy_fields(ctx, t, dst, src);
}

static bool is_initial(const struct xl_field *f, const void *p)
{
	return xl_leaves[f->kind].is_default(f, p);
}

/* Both spellings with different values would leave it open which one is meant. */
int xl_type_move(libxl_ctx *ctx, const struct xl_move *moves, int key, void *p)
{
	const struct xl_move *m;

	for (m = moves; m->name; m++) {
		struct xl_field f = { .name = m->name, .kind = m->kind, .initial = m->initial };

		if (m->key != key || is_initial(&f, at(p, m->from)))
			continue;
		if (!is_initial(&f, at(p, m->to))) {
			LOGX(ctx, ERROR, "%s is an old spelling of a field that is set as well: set only one",
				m->name);
			return ERROR_INVAL;
		}
		memcpy(at(p, m->to), at(p, m->from), xl_leaves[m->kind].size);
		xl_leaf_init(&f, at(p, m->from));
	}
	return 0;
}
