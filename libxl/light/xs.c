/* SPDX-License-Identifier: LGPL-2.1-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../store/changes.h"
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

/* Permissions of a node: how many of the two. */
static unsigned access_perms(const struct xs_write *w, struct xs_permissions p[2])
{
	p[0] = (struct xs_permissions){ .id = 0, .perms = XS_PERM_NONE };
	switch (w->access) {
	case ACCESS_INHERIT:
		return 0;
	case ACCESS_TOOLS:
		return 1;
	case ACCESS_READ:
		p[1] = (struct xs_permissions){ .id = w->guest, .perms = XS_PERM_READ };
		return 2;
	case ACCESS_GUEST:
		p[0].id = w->guest;
		return 1;
	case ACCESS_FRONT:
		p[0].id = w->guest;
		p[1] = (struct xs_permissions){ .id = w->other, .perms = XS_PERM_READ };
		return 2;
	}
	return 0;
}

/* Changes that go to the store together. */
struct run {
	struct xs_change *changes;
	struct xs_permissions (*perms)[2];
	unsigned n;
};

static void run_add(struct run *r, const struct xs_write *w)
{
	struct xs_change *c = &r->changes[r->n];

	*c = (struct xs_change){ .path = w->path, .value = w->value };
	c->nr_perms = access_perms(w, r->perms[r->n]);
	if (c->nr_perms)
		c->perms = r->perms[r->n];
	r->n++;
}

static bool run_send(libxl_ctx *ctx, struct xs_handle *xsh, xs_transaction_t t, struct run *r)
{
	unsigned failed;
	const bool ok = xs_change_all(xsh, t, r->changes, r->n, &failed);

	if (!ok)
		LOGE(ctx, ERROR, "xenstored refuses a write to %s%s", r->changes[failed].path,
			errno == ENOSPC ? ": a quota of it is reached, its log names which" : "");
	r->n = 0;
	return ok;
}

/* Waits only where it must know what is there. */
static bool apply(libxl_ctx *ctx, struct xs_handle *xsh, xs_transaction_t t, const struct xs_batch *b)
{
	struct run r = {
		.changes = gc_zalloc(b->gc, (b->n + 1) * sizeof(*r.changes)),
		.perms = gc_zalloc(b->gc, (b->n + 1) * sizeof(*r.perms)),
	};

	for (unsigned i = 0; i < b->n; i++) {
		const struct xs_write *w = &b->writes[i];

		if (w->if_empty && !run_send(ctx, xsh, t, &r))
			return false;
		if (!w->if_empty || is_empty(xsh, t, w->path))
			run_add(&r, w);
	}
	return run_send(ctx, xsh, t, &r);
}

/* 0, an error, or 1: try again. */
static int try_commit(libxl_ctx *ctx, struct xs_handle *xsh, const struct xs_batch *b,
	batch_check *check, void *arg)
{
	xs_transaction_t t = xs_transaction_start(xsh);
	int rc = 0;

	if (t == XBT_NULL) {
		LOGE(ctx, ERROR, "xenstored starts no transaction");
		return ERROR_FAIL;
	}
	if (check)
		rc = check(ctx, t, arg);
	if (!rc && !apply(ctx, xsh, t, b))
		rc = ERROR_FAIL;
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
