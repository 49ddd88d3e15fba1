/* SPDX-License-Identifier: LGPL-2.1-only */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "light.h"
#include "op.h"

void loop_init(struct xl_loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	loop->xs_fd.fd = loop->sigchld.fd = loop->bell = -1;
}

void loop_destroy(libxl_ctx *ctx)
{
	struct xl_loop *loop = &ctx->loop;
	struct xl_ticket *t;
	unsigned i;

	for (i = 0; i < loop->n_watches; i++)
		if (loop->watches[i])
			loop_watch_del(loop->watches[i]);
	free(loop->watches);
	loop_fd_del(&loop->xs_fd);
	children_forget(ctx);
	while (!LIST_EMPTY(&loop->timers))
		loop_timer_cancel(LIST_FIRST(&loop->timers));
	while (!LIST_EMPTY(&loop->fds))
		loop_fd_del(LIST_FIRST(&loop->fds));
	while ((t = SLIST_FIRST(&loop->spare))) {
		SLIST_REMOVE_HEAD(&loop->spare, next);
		free(t);
	}
	if (loop->bell >= 0)
		close(loop->bell);
}

static struct xl_ticket *ticket_new(struct xl_loop *loop, void *item)
{
	struct xl_ticket *t = SLIST_FIRST(&loop->spare);

	if (t)
		SLIST_REMOVE_HEAD(&loop->spare, next);
	else
		t = xl_zalloc(sizeof(*t));
	t->item = item;
	t->app = NULL;
	return t;
}

static void ticket_put(struct xl_loop *loop, struct xl_ticket *t)
{
	t->item = NULL;
	SLIST_INSERT_HEAD(&loop->spare, t, next);
}

/* File descriptors. */

int loop_fd_add(libxl_ctx *ctx, struct xl_fd *f, int fd, short events,
	void (*fn)(struct xl_fd *f, short revents), void *arg)
{
	struct xl_loop *loop = &ctx->loop;

	*f = (struct xl_fd){ .fd = fd, .events = events, .fn = fn, .arg = arg, .ctx = ctx };
	if (loop->hooks) {
		f->ticket = ticket_new(loop, f);
		if (loop->hooks->fd_register(loop->user, fd, &f->ticket->app, events, f->ticket)) {
			ticket_put(loop, f->ticket);
			f->fd = -1;
			LOGX(ctx, ERROR, "the application's event loop took no file descriptor");
			return ERROR_OSEVENT_REG_FAIL;
		}
	}
	LIST_INSERT_HEAD(&loop->fds, f, link);
	loop_wake(ctx);
	return 0;
}

void loop_fd_events(struct xl_fd *f, short events)
{
	struct xl_loop *loop = &f->ctx->loop;

	if (f->events == events)
		return;
	f->events = events;
	if (f->ticket)
		loop->hooks->fd_modify(loop->user, f->fd, &f->ticket->app, events);
	loop_wake(f->ctx);
}

void loop_fd_del(struct xl_fd *f)
{
	struct xl_loop *loop;

	if (f->fd < 0 || !f->ctx)
		return;
	loop = &f->ctx->loop;
	LIST_REMOVE(f, link);
	if (f->ticket) {
		loop->hooks->fd_deregister(loop->user, f->fd, f->ticket->app);
		ticket_put(loop, f->ticket);
	}
	f->fd = -1;
	f->ticket = NULL;
}

void libxl_osevent_occurred_fd(libxl_ctx *ctx, void *for_libxl, int fd, short events, short revents)
{
	struct xl_ticket *t = for_libxl;
	struct xl_fd *f;
	struct pollfd now;

	XL_ENTER(ctx);
	f = t->item;
	if (!f || f->fd != fd)
		return;
	/* Another thread may have handled it already: ask again rather than block in a read. */
	now = (struct pollfd){ .fd = fd, .events = f->events };
	if (poll(&now, 1, 0) == 1 && now.revents)
		f->fn(f, now.revents);
}

/* Timers. */

static void timer_off(struct xl_timer *t)
{
	LIST_REMOVE(t, link);
	t->on = false;
	t->ticket = NULL;
}

void loop_timer_set(libxl_ctx *ctx, struct xl_timer *t, unsigned ms, void (*fn)(struct xl_timer *t),
	void *arg)
{
	struct xl_loop *loop = &ctx->loop;
	struct timeval now, plus = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	loop_timer_cancel(t);
	*t = (struct xl_timer){ .on = true, .fn = fn, .arg = arg, .ctx = ctx };
	gettimeofday(&now, NULL);
	timeradd(&now, &plus, &t->when);
	if (loop->hooks) {
		t->ticket = xl_zalloc(sizeof(*t->ticket));
		t->ticket->item = t;
		if (loop->hooks->timeout_register(loop->user, &t->ticket->app, t->when, t->ticket)) {
			LOGX(ctx, ERROR, "the application's event loop took no timer: waits have no limit");
			free(t->ticket);
			t->ticket = NULL;
		}
	}
	LIST_INSERT_HEAD(&loop->timers, t, link);
	loop_wake(ctx);
}

/* The caller's loop gives the ticket back by reporting it, which the hook asks it to do at once. */
void loop_timer_cancel(struct xl_timer *t)
{
	struct xl_loop *loop;
	struct timeval at_once = { 0, 0 };

	if (!t->on)
		return;
	loop = &t->ctx->loop;
	if (t->ticket) {
		t->ticket->item = NULL;
		loop->hooks->timeout_modify(loop->user, &t->ticket->app, at_once);
	}
	timer_off(t);
}

void libxl_osevent_occurred_timeout(libxl_ctx *ctx, void *for_libxl)
{
	struct xl_ticket *ticket = for_libxl;
	struct xl_timer *t;

	XL_ENTER(ctx);
	t = ticket->item;
	free(ticket);
	if (!t)
		return;
	timer_off(t);
	t->fn(t);
}

void loop_timer_fire(struct xl_timer *t)
{
	loop_timer_cancel(t);
	t->fn(t);
}

/* Xenstore watches: one connection, tokens "slot/generation". */

static void xs_ready(struct xl_fd *f, short revents)
{
	libxl_ctx *ctx = f->ctx;
	struct xl_loop *loop = &ctx->loop;
	char **ev;

	while (ctx->xsh && (ev = xs_check_watch(ctx->xsh))) {
		unsigned slot, generation;

		if (sscanf(ev[XS_WATCH_TOKEN], "%u/%u", &slot, &generation) == 2 &&
		    slot < loop->n_watches && loop->watches[slot] &&
		    loop->watches[slot]->generation == generation)
			loop->watches[slot]->fn(loop->watches[slot], ev[XS_WATCH_PATH]);
		free(ev);
	}
}

static void token_of(const struct xl_watch *w, char token[32])
{
	snprintf(token, 32, "%u/%u", w->slot, w->generation);
}

int loop_watch_add(libxl_ctx *ctx, struct xl_watch *w, const char *path,
	void (*fn)(struct xl_watch *w, const char *path), void *arg)
{
	struct xl_loop *loop = &ctx->loop;
	struct xs_handle *xsh = xl_xs(ctx);
	char token[32];
	unsigned slot;
	int rc;

	assert(!w->on);
	if (!xsh)
		return ERROR_FAIL;
	for (slot = 0; slot < loop->n_watches && loop->watches[slot]; slot++)
		;
	if (slot == loop->n_watches) {
		loop->watches = xl_realloc(loop->watches, (slot + 1) * sizeof(*loop->watches));
		loop->watches[loop->n_watches++] = NULL;
	}
	*w = (struct xl_watch){ .slot = slot, .generation = loop->generation++, .fn = fn, .arg = arg,
				.ctx = ctx };
	token_of(w, token);
	if (!xs_watch(xsh, path, token)) {
		LOGE(ctx, ERROR, "xenstored refuses a watch on %s", path);
		return ERROR_FAIL;
	}
	if (loop->xs_fd.fd < 0) {
		rc = loop_fd_add(ctx, &loop->xs_fd, xs_fileno(xsh), POLLIN, xs_ready, NULL);
		if (rc) {
			xs_unwatch(xsh, path, token);
			return rc;
		}
	}
	w->path = xl_strdup(path);
	w->on = true;
	loop->watches[slot] = w;
	return 0;
}

void loop_watch_del(struct xl_watch *w)
{
	char token[32];

	if (!w->on)
		return;
	token_of(w, token);
	xs_unwatch(w->ctx->xsh, w->path, token);
	w->ctx->loop.watches[w->slot] = NULL;
	free(w->path);
	w->path = NULL;
	w->on = false;
}

void libxl_osevent_register_hooks(libxl_ctx *ctx, const libxl_osevent_hooks *hooks, void *user)
{
	XL_ENTER(ctx);
	assert(LIST_EMPTY(&ctx->loop.fds) && LIST_EMPTY(&ctx->loop.timers));
	ctx->loop.hooks = hooks;
	ctx->loop.user = user;
}
