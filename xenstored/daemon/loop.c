// SPDX-License-Identifier: GPL-2.0-only
#include "loop.h"

#include <errno.h>
#include <string.h>

#include "log.h"

#define BATCH 64

static int ep = -1;
static bool stopped;
/* Of this round: a source that goes away must not be called from it any more. */
static struct epoll_event batch[BATCH];
static int batch_n, batch_at;

bool loop_init(void)
{
	ep = epoll_create1(EPOLL_CLOEXEC);
	return ep >= 0;
}

bool loop_add(struct source *src, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	src->events = events;
	return !epoll_ctl(ep, EPOLL_CTL_ADD, src->fd, &ev);
}

void loop_change(struct source *src, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	if (src->events == events)
		return;
	src->events = events;
	if (epoll_ctl(ep, EPOLL_CTL_MOD, src->fd, &ev))
		log_line("epoll: %s", strerror(errno));
}

void loop_del(struct source *src)
{
	epoll_ctl(ep, EPOLL_CTL_DEL, src->fd, NULL);
	for (int i = batch_at; i < batch_n; i++)
		if (batch[i].data.ptr == src)
			batch[i].data.ptr = NULL;
}

void loop_run(bool (*round_end)(void))
{
	while (!stopped) {
		bool busy = round_end();

		batch_n = epoll_wait(ep, batch, BATCH, busy ? 0 : -1);
		if (batch_n < 0 && errno != EINTR) {
			log_line("epoll_wait: %s", strerror(errno));
			return;
		}
		for (batch_at = 0; batch_at < batch_n; batch_at++) {
			struct source *src = batch[batch_at].data.ptr;

			if (src)
				src->handle(src, batch[batch_at].events);
		}
	}
}

void loop_stop(void)
{
	stopped = true;
}
