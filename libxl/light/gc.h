/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Memory. Plain allocations for what the caller will own, and arenas: everything taken from one is
 * freed at once with it. Neither returns NULL; without memory for a few bytes of text there is no
 * error message either, so the process ends with a line on stderr.
 */
#ifndef XL_GC_H
#define XL_GC_H

#include <stdarg.h>
#include <stddef.h>

void *xl_zalloc(size_t size);
void *xl_realloc(void *p, size_t size);
char *xl_strdup(const char *s);		/* NULL stays NULL */
char *xl_strndup(const char *s, size_t n);
char *xl_asprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

struct xl_gc {
	void **items;
	size_t used, room;
};

void *gc_keep(struct xl_gc *gc, void *p);	/* p is from malloc; returns it */
void *gc_zalloc(struct xl_gc *gc, size_t size);
char *gc_strdup(struct xl_gc *gc, const char *s);
char *gc_printf(struct xl_gc *gc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *gc_vprintf(struct xl_gc *gc, const char *fmt, va_list ap);
void gc_free(struct xl_gc *gc);

/* An arena for the rest of the scope. */
#define XL_GC(name) struct xl_gc name __attribute__((cleanup(gc_free))) = { 0 }

#endif
