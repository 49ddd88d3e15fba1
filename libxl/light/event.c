/* SPDX-License-Identifier: LGPL-2.1-only */
/* Events: from where they happen to the caller, by hook or by queue. */
#include <stdlib.h>
#include <string.h>

#include "op.h"

libxl_event *event_new(libxl_ctx *ctx, libxl_event_type type, uint32_t domid, libxl_ev_user for_user)
{
	libxl_event *ev = xl_zalloc(sizeof(*ev));

	libxl_event_init(ev);
	libxl_event_init_type(ev, type);
	ev->domid = domid;
	ev->for_user = for_user;
	return ev;
}

void event_occurred(libxl_ctx *ctx, libxl_event *ev)
{
	struct xl_notice *n;

	if (!ctx->event_hooks || !(ctx->event_hooks->event_occurs_mask & (1ULL << ev->type))) {
		TAILQ_INSERT_TAIL(&ctx->events, ev, link);
		loop_wake(ctx);
		return;
	}
	n = xl_zalloc(sizeof(*n));
	n->kind = XL_NOTICE_EVENT;
	n->event = ev;
	TAILQ_INSERT_TAIL(&ctx->notices, n, link);
}

void op_progress(struct xl_op *op, const libxl_asyncprogress_how *how, libxl_event_type type,
	uint32_t domid)
{
	libxl_event *ev;
	struct xl_notice *n;

	if (!how)
		return;
	ev = event_new(op->ctx, type, domid, how->for_event);
	if (!how->callback) {
		event_occurred(op->ctx, ev);
		return;
	}
	n = xl_zalloc(sizeof(*n));
	n->kind = XL_NOTICE_PROGRESS;
	n->event = ev;
	n->progress = *how;
	n->op = op;
	op->telling++;
	TAILQ_INSERT_TAIL(&op->ctx->notices, n, link);
}

void libxl_event_register_callbacks(libxl_ctx *ctx, const libxl_event_hooks *hooks, void *user)
{
	XL_ENTER(ctx);
	ctx->event_hooks = hooks;
	ctx->event_user = user;
}

void libxl_event_free(libxl_ctx *ctx, libxl_event *event)
{
	if (!event)
		return;
	libxl_event_dispose(event);
	free(event);
}

static libxl_event *take(libxl_ctx *ctx, uint64_t typemask, libxl_event_predicate *predicate, void *user)
{
	libxl_event *ev;

	TAILQ_FOREACH(ev, &ctx->events, link) {
		if (!(typemask & (1ULL << ev->type)))
			continue;
		if (predicate && !predicate(ev, user))
			continue;
		TAILQ_REMOVE(&ctx->events, ev, link);
		return ev;
	}
	return NULL;
}

int libxl_event_check(libxl_ctx *ctx, libxl_event **event_r, uint64_t typemask,
	libxl_event_predicate *predicate, void *predicate_user)
{
	XL_ENTER(ctx);
	*event_r = take(ctx, typemask, predicate, predicate_user);
	if (!*event_r) {
		loop_look(ctx);
		*event_r = take(ctx, typemask, predicate, predicate_user);
	}
	return *event_r ? 0 : ERROR_NOT_READY;
}

int libxl_event_wait(libxl_ctx *ctx, libxl_event **event_r, uint64_t typemask,
	libxl_event_predicate *predicate, void *predicate_user)
{
	int rc;

	XL_ENTER(ctx);
	while (!(*event_r = take(ctx, typemask, predicate, predicate_user))) {
		rc = loop_wait(ctx);
		if (rc)
			return rc;
	}
	return 0;
}
