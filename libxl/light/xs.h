/* SPDX-License-Identifier: LGPL-2.1-only */
/* Xenstore: single reads, and batches of writes that become one transaction. */
#ifndef XL_XS_H
#define XL_XS_H

#include "light.h"

/* NULL when the node is missing or unreadable. t is XBT_NULL outside a transaction. */
char *xs_get(libxl_ctx *ctx, struct xl_gc *gc, xs_transaction_t t, const char *fmt, ...) XL_PRINTF(4, 5);
/* false when missing or not a whole number. */
bool xs_get_u64(libxl_ctx *ctx, uint64_t *v, const char *fmt, ...) XL_PRINTF(3, 4);
bool xs_get_int(libxl_ctx *ctx, int *v, const char *fmt, ...) XL_PRINTF(3, 4);
/* Names below a node; an empty list when it is missing. */
char **xs_list(libxl_ctx *ctx, struct xl_gc *gc, unsigned *n, const char *fmt, ...) XL_PRINTF(4, 5);
bool xs_set(libxl_ctx *ctx, const char *value, const char *fmt, ...) XL_PRINTF(3, 4);

enum xs_access {
	ACCESS_INHERIT,	/* as the parent directory */
	ACCESS_TOOLS,	/* nobody but privileged domains */
	ACCESS_READ,	/* ours, the guest reads */
	ACCESS_GUEST,	/* the guest's */
	ACCESS_FRONT,	/* the guest's, the backend reads */
};

struct xs_write {
	char *path, *value;	/* value NULL: remove */
	bool if_empty;		/* remove only when nothing is below */
	enum xs_access access;
	uint32_t guest, other;
};

struct xs_batch {
	struct xl_gc *gc;
	struct xs_write *writes;
	unsigned n, room;
};

void batch_init(struct xs_batch *b, struct xl_gc *gc);
/* value "" makes an empty node */
void batch_put(struct xs_batch *b, const char *dir, const char *name, const char *value);
void batch_printf(struct xs_batch *b, const char *dir, const char *name, const char *fmt, ...)
	XL_PRINTF(4, 5);
void batch_node(struct xs_batch *b, enum xs_access access, uint32_t guest, uint32_t other,
	const char *value, const char *fmt, ...) XL_PRINTF(6, 7);
void batch_remove(struct xs_batch *b, const char *fmt, ...) XL_PRINTF(2, 3);
void batch_remove_empty(struct xs_batch *b, const char *fmt, ...) XL_PRINTF(2, 3);

/*
 * All or nothing. check, when given, runs inside the transaction before the writes and may refuse
 * with an error of its own; it runs again when xenstored asks for a retry.
 */
typedef int batch_check(libxl_ctx *ctx, xs_transaction_t t, void *arg);
int batch_commit(libxl_ctx *ctx, struct xs_batch *b, batch_check *check, void *arg);

#endif
