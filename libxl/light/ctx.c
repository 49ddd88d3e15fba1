/* SPDX-License-Identifier: LGPL-2.1-only */
/* Contexts: handles, the lock, messages. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "light.h"
#include "op.h"

int libxl_ctx_alloc(libxl_ctx **pctx, int version, unsigned flags, xentoollog_logger *lg)
{
	pthread_mutexattr_t attr;
	libxl_ctx *ctx;

	*pctx = NULL;
	if (version != LIBXL_VERSION)
		return ERROR_VERSION;
	ctx = xl_zalloc(sizeof(*ctx));
	ctx->lg = lg;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&ctx->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	loop_init(&ctx->loop);
	TAILQ_INIT(&ctx->events);
	TAILQ_INIT(&ctx->notices);
	LIST_INIT(&ctx->ops);
	LIST_INIT(&ctx->deaths);
	LIST_INIT(&ctx->ejects);
	ctx->xch = xc_interface_open(lg, lg, 0);
	if (!ctx->xch) {
		LOGE(ctx, ERROR, "cannot reach the hypervisor: is this Domain 0, are you root, is "
			"the xen-privcmd module loaded?");
		libxl_ctx_free(ctx);
		return ERROR_FAIL;
	}
	*pctx = ctx;
	return 0;
}

int libxl_ctx_free(libxl_ctx *ctx)
{
	libxl_event *ev;

	if (!ctx)
		return 0;
	assert(LIST_EMPTY(&ctx->ops));
	deaths_disable_all(ctx);
	ejects_disable_all(ctx);
	loop_destroy(ctx);
	while ((ev = TAILQ_FIRST(&ctx->events))) {
		TAILQ_REMOVE(&ctx->events, ev, link);
		libxl_event_free(ctx, ev);
	}
	if (ctx->xsh)
		xs_close(ctx->xsh);
	if (ctx->xch)
		xc_interface_close(ctx->xch);
	libxl_version_info_dispose(&ctx->version);
	pthread_mutex_destroy(&ctx->lock);
	free(ctx);
	return 0;
}

/* Only what another process must not share: the sockets. The memory goes with the exec or the exit. */
void libxl_postfork_child_noexec(libxl_ctx *ctx)
{
	if (ctx->xsh)
		xs_daemon_destroy_postfork(ctx->xsh);
	ctx->xsh = NULL;
}

struct xs_handle *xl_xs(libxl_ctx *ctx)
{
	if (!ctx->xsh) {
		ctx->xsh = xs_open(0);
		if (!ctx->xsh)
			LOGE(ctx, ERROR, "cannot reach xenstored: is it running?");
	}
	return ctx->xsh;
}

void xl_enter(libxl_ctx *ctx)
{
	pthread_mutex_lock(&ctx->lock);
	ctx->depth++;
}

static void deliver(libxl_ctx *ctx, struct xl_notice *n)
{
	switch (n->kind) {
	case XL_NOTICE_EVENT:
		ctx->event_hooks->event_occurs(ctx->event_user, n->event);
		break;
	case XL_NOTICE_DONE:
		n->how.callback(ctx, n->rc, n->how.u.for_callback);
		break;
	case XL_NOTICE_PROGRESS:
		n->progress.callback(ctx, n->event, n->progress.for_callback);
		break;
	}
	free(n);
}

/* The outermost leave makes the callbacks, each without the lock. */
void xl_leave(libxl_ctx *ctx)
{
	struct xl_notice *n;

	assert(ctx->depth);
	while (ctx->depth == 1 && (n = TAILQ_FIRST(&ctx->notices))) {
		TAILQ_REMOVE(&ctx->notices, n, link);
		ctx->depth--;
		pthread_mutex_unlock(&ctx->lock);
		deliver(ctx, n);
		pthread_mutex_lock(&ctx->lock);
		ctx->depth++;
	}
	ctx->depth--;
	pthread_mutex_unlock(&ctx->lock);
}

static void tell_story(struct xl_op *op, const char *level, const char *text)
{
	size_t len = strlen(level) + strlen(text) + 4;

	if (op->story_len > 65536)
		return;
	op->story = xl_realloc(op->story, op->story_len + len);
	op->story_len += (size_t)snprintf(op->story + op->story_len, len, "%s: %s\n", level, text);
}

void xl_log(libxl_ctx *ctx, xentoollog_level level, int errnoval, uint32_t domid, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	char *text, *full;

	if (!ctx)
		return;
	va_start(ap, fmt);
	text = vasprintf(&full, fmt, ap) < 0 ? NULL : full;
	va_end(ap);
	if (!text)
		return;
	if (domid != XL_NO_DOMID) {
		char *name = ctx->running && ctx->running->domid == domid ? ctx->running->log_name : NULL;

		full = name ? xl_asprintf("domain %s (%u): %s", name, domid, text) :
			xl_asprintf("domain %u: %s", domid, text);
		free(text);
	}
	if (ctx->lg)
		xtl_log(ctx->lg, level, errnoval, "libxl", "%s", full);
	if (ctx->running && level >= XTL_VERBOSE) {
		if (errnoval >= 0) {
			text = xl_asprintf("%s: %s", full, strerror(errnoval));
			free(full);
			full = text;
		}
		tell_story(ctx->running, xtl_level_to_string(level), full);
	}
	free(full);
	errno = saved;
}

int xl_not_yet(libxl_ctx *ctx, uint32_t domid, const char *what)
{
	xl_log(ctx, XTL_ERROR, -1, domid, "%s: not available in this release", what);
	return ERROR_NI;
}
