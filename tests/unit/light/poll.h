/* SPDX-License-Identifier: GPL-2.0-only */
/* A caller's own poll for a context. cmocka.h and libxl_event.h come first. */
#ifndef LIGHT_POLL_H
#define LIGHT_POLL_H

#include <poll.h>
#include <sys/time.h>

#define POLL_ROOM 64

/* What there is to wait for, for at most @ms, and its handling; what poll says. */
static inline int poll_once(libxl_ctx *ctx, int ms)
{
	struct pollfd fds[POLL_ROOM];
	int n = POLL_ROOM, r;
	struct timeval now;

	gettimeofday(&now, NULL);
	assert_int_equal(libxl_osevent_beforepoll(ctx, &n, fds, &ms, now), 0);
	r = poll(fds, (nfds_t)n, ms);
	gettimeofday(&now, NULL);
	libxl_osevent_afterpoll(ctx, n, fds, now);
	return r;
}

#endif
