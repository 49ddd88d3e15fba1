/* SPDX-License-Identifier: LGPL-2.1-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xs.h"

static char *read_v(libxl_ctx *ctx, xs_transaction_t t, const char *fmt, va_list ap)
{
	struct xs_handle *xsh = xl_xs(ctx);
	XL_GC(gc);

	return xsh ? xs_read(xsh, t, gc_vprintf(&gc, fmt, ap), NULL) : NULL;
}

char *xs_get(libxl_ctx *ctx, struct xl_gc *gc, xs_transaction_t t, const char *fmt, ...)
{
	va_list ap;
	char *v;

	va_start(ap, fmt);
	v = read_v(ctx, t, fmt, ap);
	va_end(ap);
	return gc_keep(gc, v);
}

bool xs_get_u64(libxl_ctx *ctx, uint64_t *v, const char *fmt, ...)
{
	va_list ap;
	char *s, *end = NULL;

	va_start(ap, fmt);
	s = read_v(ctx, XBT_NULL, fmt, ap);
	va_end(ap);
	if (s && *s)
		*v = strtoull(s, &end, 10);
	free(s);
	return end && end != s;
}

bool xs_get_int(libxl_ctx *ctx, int *v, const char *fmt, ...)
{
	va_list ap;
	char *s, *end;
	bool ok = false;

	va_start(ap, fmt);
	s = read_v(ctx, XBT_NULL, fmt, ap);
	va_end(ap);
	if (s && *s) {
		*v = (int)strtol(s, &end, 10);
		ok = !*end;
	}
	free(s);
	return ok;
}

char **xs_list(libxl_ctx *ctx, struct xl_gc *gc, unsigned *n, const char *fmt, ...)
{
	struct xs_handle *xsh = xl_xs(ctx);
	va_list ap;
	char *path, **names;

	va_start(ap, fmt);
	path = gc_vprintf(gc, fmt, ap);
	va_end(ap);
	*n = 0;
	names = xsh ? xs_directory(xsh, XBT_NULL, path, n) : NULL;
	if (!names)
		*n = 0;
	return gc_keep(gc, names);
}

bool xs_set(libxl_ctx *ctx, const char *value, const char *fmt, ...)
{
	struct xs_handle *xsh = xl_xs(ctx);
	va_list ap;
	XL_GC(gc);
	char *path;

	va_start(ap, fmt);
	path = gc_vprintf(&gc, fmt, ap);
	va_end(ap);
	return xsh && xs_write(xsh, XBT_NULL, path, value, (unsigned)strlen(value));
}

void batch_init(struct xs_batch *b, struct xl_gc *gc)
{
	*b = (struct xs_batch){ .gc = gc };
}

static struct xs_write *add(struct xs_batch *b, char *path, char *value)
{
	struct xs_write *grown;

	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 32;
		grown = gc_zalloc(b->gc, b->room * sizeof(*grown));
		if (b->n)
			memcpy(grown, b->writes, b->n * sizeof(*grown));
		b->writes = grown;
	}
	b->writes[b->n] = (struct xs_write){ .path = path, .value = value };
	return &b->writes[b->n++];
}

void batch_put(struct xs_batch *b, const char *dir, const char *name, const char *value)
{
	add(b, gc_printf(b->gc, "%s/%s", dir, name), gc_strdup(b->gc, value));
}

void batch_printf(struct xs_batch *b, const char *dir, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(b, gc_printf(b->gc, "%s/%s", dir, name), gc_vprintf(b->gc, fmt, ap));
	va_end(ap);
}

void batch_node(struct xs_batch *b, enum xs_access access, uint32_t guest, uint32_t other,
	const char *value, const char *fmt, ...)
{
	struct xs_write *w;
	va_list ap;
	char *path;

	va_start(ap, fmt);
	path = gc_vprintf(b->gc, fmt, ap);
	va_end(ap);
	w = add(b, path, gc_strdup(b->gc, value));
	w->access = access;
	w->guest = guest;
	w->other = other;
}

void batch_remove(struct xs_batch *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(b, gc_vprintf(b->gc, fmt, ap), NULL);
	va_end(ap);
}

void batch_remove_empty(struct xs_batch *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(b, gc_vprintf(b->gc, fmt, ap), NULL)->if_empty = true;
	va_end(ap);
}

static bool is_empty(struct xs_handle *xsh, xs_transaction_t t, const char *path)
{
	unsigned n = 0;
	char **names = xs_directory(xsh, t, path, &n);

	free(names);
	return names && !n;
}

static bool set_access(struct xs_handle *xsh, xs_transaction_t t, const struct xs_write *w)
{
	struct xs_permissions p[2] = { { .id = 0, .perms = XS_PERM_NONE }, { 0 } };
	unsigned n = 1;

	switch (w->access) {
	case ACCESS_INHERIT:
		return true;
	case ACCESS_TOOLS:
		break;
	case ACCESS_READ:
		p[1] = (struct xs_permissions){ .id = w->guest, .perms = XS_PERM_READ };
		n = 2;
		break;
	case ACCESS_GUEST:
		p[0].id = w->guest;
		break;
	case ACCESS_FRONT:
		p[0].id = w->guest;
		p[1] = (struct xs_permissions){ .id = w->other, .perms = XS_PERM_READ };
		n = 2;
		break;
	}
	return xs_set_permissions(xsh, t, w->path, p, n);
}

static bool apply(struct xs_handle *xsh, xs_transaction_t t, const struct xs_write *w)
{
	if (w->if_empty && !is_empty(xsh, t, w->path))
		return true;
	if (!w->value)
		return xs_rm(xsh, t, w->path) || errno == ENOENT;
	return xs_write(xsh, t, w->path, w->value, (unsigned)strlen(w->value)) && set_access(xsh, t, w);
}

/* 0, an error, or 1: try again. */
static int try_commit(libxl_ctx *ctx, struct xs_handle *xsh, const struct xs_batch *b,
	batch_check *check, void *arg)
{
	xs_transaction_t t = xs_transaction_start(xsh);
	unsigned i;
	int rc = 0;

	if (t == XBT_NULL) {
		LOGE(ctx, ERROR, "xenstored starts no transaction");
		return ERROR_FAIL;
	}
	if (check)
		rc = check(ctx, t, arg);
	for (i = 0; !rc && i < b->n; i++) {
		if (!apply(xsh, t, &b->writes[i])) {
			LOGE(ctx, ERROR, "xenstored refuses a write to %s%s", b->writes[i].path,
				errno == ENOSPC ? ": a quota of it is reached, its log names which" : "");
			rc = ERROR_FAIL;
		}
	}
	if (xs_transaction_end(xsh, t, rc != 0) || rc)
		return rc;
	if (errno == EAGAIN)
		return 1;
	LOGE(ctx, ERROR, "xenstored does not commit a transaction");
	return ERROR_FAIL;
}

int batch_commit(libxl_ctx *ctx, struct xs_batch *b, batch_check *check, void *arg)
{
	struct xs_handle *xsh = xl_xs(ctx);
	int rc;

	if (!xsh)
		return ERROR_FAIL;
	do {
		rc = try_commit(ctx, xsh, b, check, arg);
	} while (rc == 1);
	return rc;
}
