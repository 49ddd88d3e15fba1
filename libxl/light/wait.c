/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Where a context sleeps: in the caller's poll, or in a call of ours that waits. Any number of threads may sleep for
 * the same context; each is woken when there is more to wait for, and each handles whatever it finds ready.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "light.h"

static int next_timeout(const struct xl_loop *loop, struct timeval now)
{
	struct xl_timer *t;
	long ms, least = -1;

	LIST_FOREACH(t, &loop->timers, link) {
		struct timeval left = { 0, 0 };

		if (timercmp(&t->when, &now, >))
			timersub(&t->when, &now, &left);
		ms = left.tv_sec > 86400 ? 86400000 : left.tv_sec * 1000 + (left.tv_usec + 999) / 1000;
		if (least < 0 || ms < least)
			least = ms;
	}
	return (int)least;
}

/* As many as fit; returns how many there are. */
static int gather(const struct xl_loop *loop, struct pollfd *fds, int room)
{
	struct xl_fd *f;
	int n = 0;

	LIST_FOREACH(f, &loop->fds, link) {
		if (n < room)
			fds[n] = (struct pollfd){ .fd = f->fd, .events = f->events };
		n++;
	}
	return n;
}

/* A handler may remove any fd or timer, so start over after each. */
static void handle(libxl_ctx *ctx, int nfds, const struct pollfd *fds, struct timeval now)
{
	struct xl_fd *f;
	struct xl_timer *t;
	int i;

	for (i = 0; i < nfds; i++) {
		struct pollfd again;

		if (!fds[i].revents)
			continue;
		LIST_FOREACH(f, &ctx->loop.fds, link)
			if (f->fd == fds[i].fd)
				break;
		if (!f)
			continue;
		again = (struct pollfd){ .fd = f->fd, .events = f->events };
		if (poll(&again, 1, 0) == 1 && again.revents)
			f->fn(f, again.revents);
	}
	do {
		LIST_FOREACH(t, &ctx->loop.timers, link)
			if (!timercmp(&t->when, &now, >))
				break;
		if (t)
			loop_timer_fire(t);
	} while (t);
}

void bell_ring(int bell)
{
	uint64_t one = 1;

	if (write(bell, &one, sizeof(one)) < 0)
		return;		/* full means that it rings already */
}

void loop_wake(libxl_ctx *ctx)
{
	struct xl_waiter *w;

	LIST_FOREACH(w, &ctx->loop.waiters, link)
		bell_ring(w->eventfd);
	if (ctx->loop.polled)
		bell_ring(ctx->loop.bell);
}

static int make_bell(libxl_ctx *ctx)
{
	int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (bell < 0)
		LOGE(ctx, ERROR, "cannot wait");
	return bell;
}

/* The caller's poll. */

int libxl_osevent_beforepoll(libxl_ctx *ctx, int *nfds_io, struct pollfd *fds, int *timeout_upd,
	struct timeval now)
{
	struct xl_loop *loop = &ctx->loop;
	int n, room = *nfds_io, least;

	XL_ENTER(ctx);
	if (loop->bell < 0)
		loop->bell = make_bell(ctx);
	if (loop->bell < 0)
		return ERROR_FAIL;
	n = gather(loop, fds, room);
	if (n < room)
		fds[n] = (struct pollfd){ .fd = loop->bell, .events = POLLIN };
	*nfds_io = n + 1;
	if (n >= room)
		return ERROR_BUFFERFULL;
	least = next_timeout(loop, now);
	if (least >= 0 && (*timeout_upd < 0 || least < *timeout_upd))
		*timeout_upd = least;
	loop->polled = true;
	return 0;
}

void libxl_osevent_afterpoll(libxl_ctx *ctx, int nfds, const struct pollfd *fds, struct timeval now)
{
	uint64_t rings;

	XL_ENTER(ctx);
	ctx->loop.polled = false;
	if (ctx->loop.bell >= 0 && read(ctx->loop.bell, &rings, sizeof(rings)) < 0)
		rings = 0;	/* it did not ring */
	handle(ctx, nfds, fds, now);
}

/* Waits of ours. */

#define USUAL_FDS 64

/* One turn of the loop; with a waiter it sleeps, and lets go of the lock meanwhile. */
static int turn(libxl_ctx *ctx, struct xl_waiter *self)
{
	struct pollfd usual[USUAL_FDS], *fds = usual;
	int n = gather(&ctx->loop, NULL, 0), timeout, r, rc;
	struct timeval now;
	unsigned depth;

	if (n >= USUAL_FDS)
		fds = xl_zalloc(((size_t)n + 1) * sizeof(*fds));
	gather(&ctx->loop, fds, n);
	if (self) {
		gettimeofday(&now, NULL);
		timeout = next_timeout(&ctx->loop, now);
		fds[n] = (struct pollfd){ .fd = self->eventfd, .events = POLLIN };
		LIST_INSERT_HEAD(&ctx->loop.waiters, self, link);
		depth = xl_let_go(ctx);
		r = poll(fds, (nfds_t)n + 1, timeout);
		xl_take_back(ctx, depth);
		LIST_REMOVE(self, link);
	} else {
		r = poll(fds, (nfds_t)n, 0);
	}
	rc = r < 0 && errno != EINTR ? ERROR_FAIL : 0;
	gettimeofday(&now, NULL);
	if (r >= 0)
		handle(ctx, n, fds, now);
	if (fds != usual)
		free(fds);
	return rc;
}

int loop_wait(libxl_ctx *ctx)
{
	struct xl_waiter self;
	int rc;

	if (xl_deliver(ctx))
		return 0;
	self.eventfd = make_bell(ctx);
	if (self.eventfd < 0)
		return ERROR_FAIL;
	rc = turn(ctx, &self);
	close(self.eventfd);
	return rc;
}

int loop_look(libxl_ctx *ctx)
{
	return turn(ctx, NULL);
}
