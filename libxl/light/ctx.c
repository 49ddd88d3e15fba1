/* SPDX-License-Identifier: LGPL-2.1-only */
/* Contexts: handles, the lock, messages. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "light.h"
#include "op.h"

static void lock_init(libxl_ctx *ctx)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&ctx->lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

int libxl_ctx_alloc(libxl_ctx **pctx, int version, unsigned flags, xentoollog_logger *lg)
{
	libxl_ctx *ctx;

	*pctx = NULL;
	if (version != LIBXL_VERSION)
		return ERROR_VERSION;
	ctx = xl_zalloc(sizeof(*ctx));
	ctx->lg = lg;
	lock_init(ctx);
	loop_init(&ctx->loop);
	TAILQ_INIT(&ctx->events);
	TAILQ_INIT(&ctx->notices);
	LIST_INIT(&ctx->ops);
	LIST_INIT(&ctx->deaths);
	LIST_INIT(&ctx->ejects);
	ctx->xch = xc_interface_open(lg, lg, 0);
	if (!ctx->xch) {
		LOGX(ctx, ERROR, "cannot reach the hypervisor: %s: is this Domain 0, are you root, is the module "
			"xen-privcmd loaded?", strerror(errno));
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

/*
 * Only what another process must not share: the sockets, and a lock held by a thread that is not here, which also
 * is how the thread that forked appears: its number is another one. The memory goes with the exec or the exit.
 */
void libxl_postfork_child_noexec(libxl_ctx *ctx)
{
	lock_init(ctx);
	if (ctx->xsh)
		xs_daemon_destroy_postfork(ctx->xsh);
	ctx->xsh = NULL;
}

struct xs_handle *xl_xs(libxl_ctx *ctx)
{
	if (!ctx->xsh) {
		ctx->xsh = xs_open(0);
		/* Said once: what follows from it would only bury it. */
		if (!ctx->xsh && !ctx->xs_missed)
			LOGX(ctx, ERROR, "cannot reach xenstored: %s: start it (systemctl start xenstored, or xenstored), or "
				"see its log for why it ended", strerror(errno));
		ctx->xs_missed = !ctx->xsh;
	}
	return ctx->xsh;
}

void xl_enter(libxl_ctx *ctx)
{
	pthread_mutex_lock(&ctx->lock);
	ctx->depth++;
}

unsigned xl_let_go(libxl_ctx *ctx)
{
	unsigned i, depth = ctx->depth;

	assert(depth);
	ctx->depth = 0;
	for (i = 0; i < depth; i++)
		pthread_mutex_unlock(&ctx->lock);
	return depth;
}

void xl_take_back(libxl_ctx *ctx, unsigned depth)
{
	unsigned i;

	for (i = 0; i < depth; i++)
		pthread_mutex_lock(&ctx->lock);
	ctx->depth = depth;
}

static void call_back(libxl_ctx *ctx, const struct xl_notice *n)
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
	case XL_NOTICE_CHILD:
		if (ctx->child_hooks->reaped_callback(n->pid, n->rc, ctx->child_user))
			LOGX(ctx, WARN, "process %d ended, which nobody knows", (int)n->pid);
		break;
	}
}

bool xl_deliver(libxl_ctx *ctx)
{
	struct xl_notice *n = TAILQ_FIRST(&ctx->notices);
	unsigned depth;

	if (!n)
		return false;
	TAILQ_REMOVE(&ctx->notices, n, link);
	depth = xl_let_go(ctx);
	call_back(ctx, n);
	xl_take_back(ctx, depth);
	if (n->op)
		op_told(n->op);
	free(n);
	return true;
}

/* The outermost leave makes the callbacks. */
void xl_leave(libxl_ctx *ctx)
{
	assert(ctx->depth);
	while (ctx->depth == 1 && xl_deliver(ctx))
		;
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

/* The operation that a message belongs to: the one that runs, or the one that waits for that domain. */
static struct xl_op *op_of(libxl_ctx *ctx, uint32_t domid)
{
	struct xl_op *op, *found = NULL;

	if (ctx->running)
		return ctx->running;
	LIST_FOREACH(op, &ctx->ops, link) {
		if (op->domid != domid || (domid == XL_NO_DOMID && !op->log_name))
			continue;
		if (found)
			return NULL;	/* of two whose domains have no number yet, one cannot tell */
		found = op;
	}
	return found;
}

void xl_log_text(libxl_ctx *ctx, struct xl_op *op, xentoollog_level level, int errnoval,
	const char *context, const char *text)
{
	char *with_reason;

	if (ctx->lg)
		xtl_log(ctx->lg, level, errnoval, context, "%s", text);
	if (!op || level < XTL_VERBOSE)
		return;
	if (level >= XTL_WARN)
		op->warned = true;
	if (errnoval < 0) {
		tell_story(op, xtl_level_to_string(level), text);
		return;
	}
	with_reason = xl_asprintf("%s: %s", text, strerror(errnoval));
	tell_story(op, xtl_level_to_string(level), with_reason);
	free(with_reason);
}

/* Names are worth a look into xenstore only for what the user will read. */
static char *name_of(libxl_ctx *ctx, struct xl_op *op, uint32_t domid, xentoollog_level level)
{
	char path[64];

	if (op && op->domid == domid && op->log_name)
		return xl_strdup(op->log_name);
	if (level < XTL_WARN || !ctx->xsh)
		return NULL;
	snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
	return xs_read(ctx->xsh, XBT_NULL, path, NULL);
}

void xl_log(libxl_ctx *ctx, xentoollog_level level, int errnoval, uint32_t domid, const char *fmt, ...)
{
	int saved = errno;
	struct xl_op *op;
	va_list ap;
	char *text, *name, *bare;

	if (!ctx)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return;
	op = op_of(ctx, domid);
	bare = text;
	if (domid != XL_NO_DOMID) {
		/* libvirt finds the domain's own log by ": Domain N:". */
		name = name_of(ctx, op, domid, level);
		text = name ? xl_asprintf("%s: Domain %u: %s", name, domid, bare) :
			xl_asprintf("domain %u: %s", domid, bare);
		free(name);
		free(bare);
	} else if (op && op->domid == XL_NO_DOMID && op->log_name) {
		text = xl_asprintf("domain %s: %s", op->log_name, bare); /* it has no number yet */
		free(bare);
	}
	xl_log_text(ctx, op, level, errnoval, "libxl", text);
	free(text);
	errno = saved;
}

int xl_not_yet(libxl_ctx *ctx, uint32_t domid, const char *what)
{
	xl_log(ctx, XTL_ERROR, -1, domid, "%s: not available in this release", what);
	return ERROR_NI;
}
