/* SPDX-License-Identifier: LGPL-2.1-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gc.h"

static void *checked(void *p, size_t size)
{
	if (p || !size)
		return p;
	fprintf(stderr, "libxl: no memory for %zu bytes: giving up\n", size);
	abort();
}

void *xl_zalloc(size_t size)
{
	return checked(calloc(1, size ? size : 1), size);
}

void *xl_realloc(void *p, size_t size)
{
	return checked(realloc(p, size), size);
}

char *xl_strdup(const char *s)
{
	return s ? checked(strdup(s), 1) : NULL;
}

char *xl_strndup(const char *s, size_t n)
{
	return checked(strndup(s, n), n + 1);
}

static char *vasprintf_checked(const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	return checked(s, 1);
}

char *xl_asprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = vasprintf_checked(fmt, ap);
	va_end(ap);
	return s;
}

void *gc_keep(struct xl_gc *gc, void *p)
{
	if (!p)
		return NULL;
	if (gc->used == gc->room) {
		gc->room = gc->room ? 2 * gc->room : 16;
		gc->items = xl_realloc(gc->items, gc->room * sizeof(*gc->items));
	}
	return gc->items[gc->used++] = p;
}

void *gc_zalloc(struct xl_gc *gc, size_t size)
{
	return gc_keep(gc, xl_zalloc(size));
}

char *gc_strdup(struct xl_gc *gc, const char *s)
{
	return gc_keep(gc, xl_strdup(s));
}

char *gc_vprintf(struct xl_gc *gc, const char *fmt, va_list ap)
{
	return gc_keep(gc, vasprintf_checked(fmt, ap));
}

char *gc_printf(struct xl_gc *gc, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = gc_vprintf(gc, fmt, ap);
	va_end(ap);
	return s;
}

void gc_free(struct xl_gc *gc)
{
	size_t i;

	for (i = 0; i < gc->used; i++)
		free(gc->items[i]);
	free(gc->items);
	memset(gc, 0, sizeof(*gc));
}
