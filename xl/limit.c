// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/time.h>

#include "cmd.h"
#include "limit.h"

#define LONGEST (7 * 86400)
#define OURS	0x78a1u /* of events: that the one operation is over */

static const libxl_asyncop_how how = { .u.for_event = OURS };

bool limit_parse(struct limit *limit, const char *text)
{
	if (!parse_number(text, "the limit of time in seconds", 1, LONGEST, &limit->seconds))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &limit->end);
	limit->end.tv_sec += limit->seconds;
	return true;
}

const libxl_asyncop_how *limit_how(const struct limit *limit)
{
	return limit->seconds ? &how : NULL;
}

/* -1: there is no limit. */
static int milliseconds_left(const struct limit *limit)
{
	struct timespec now;
	long long left;

	if (!limit->seconds)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (limit->end.tv_sec - now.tv_sec) * 1000ll + (limit->end.tv_nsec - now.tv_nsec) / 1000000;
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left + 1;
}

long limit_left(const struct limit *limit, long most)
{
	int left = milliseconds_left(limit);

	return left < 0 || left / 1000 >= most ? most : (left + 999) / 1000;
}

/* One sleep of libxl's loop, of at most so long. */
static int sleep_once(int timeout)
{
	struct pollfd *fds = NULL;
	struct timeval now;
	int count = 0, rc;

	for (;;) {
		gettimeofday(&now, NULL);
		rc = libxl_osevent_beforepoll(ctx, &count, fds, &timeout, now);
		if (rc != ERROR_BUFFERFULL)
			break;
		free(fds);
		fds = xl_calloc((size_t)count, sizeof(*fds));
	}
	if (!rc && poll(fds, (nfds_t)count, timeout) < 0)
		rc = errno == EINTR ? 0 : ERROR_FAIL;
	gettimeofday(&now, NULL);
	libxl_osevent_afterpoll(ctx, count, fds, now);
	free(fds);
	return rc;
}

int limit_event(struct limit *limit, libxl_event **event)
{
	int rc, left;

	if (!limit->seconds)
		return libxl_event_wait(ctx, event, LIBXL_EVENTMASK_ALL, NULL, NULL);
	while ((rc = libxl_event_check(ctx, event, LIBXL_EVENTMASK_ALL, NULL, NULL)) == ERROR_NOT_READY) {
		left = milliseconds_left(limit);
		limit->passed = !left;
		rc = left ? sleep_once(left) : ERROR_TIMEDOUT;
		if (rc)
			break;
	}
	return rc;
}

static int is_ours(const libxl_event *event, void *arg)
{
	return event->for_user == OURS;
}

int limit_end(struct limit *limit, int rc)
{
	const uint64_t ends = 1ull << LIBXL_EVENT_TYPE_OPERATION_COMPLETE;
	bool aborted = false;
	libxl_event *event;

	if (rc || !limit->seconds)
		return rc;
	/* Events of other kinds stay for who waits for them. */
	while ((rc = libxl_event_check(ctx, &event, ends, is_ours, NULL)) == ERROR_NOT_READY) {
		int left = aborted ? -1 : milliseconds_left(limit);

		/* It ends all the same: taken back, or past the point from which it only goes on. */
		if (!left) {
			libxl_ao_abort(ctx, &how);
			aborted = limit->passed = true;
		}
		rc = sleep_once(left);
		if (rc)
			return rc;
	}
	if (rc)
		return rc;
	rc = event->u.operation_complete.rc;
	libxl_event_free(ctx, event);
	return aborted && rc ? ERROR_TIMEDOUT : rc;
}

int limit_error(const struct limit *limit, int rc, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = xl_vprintf(format, args);
	va_end(args);
	if (limit->passed)
		rc = xl_fail(XL_KIND_TIMEOUT, "%s: it took longer than the %ld s of --timeout", text, limit->seconds);
	else
		rc = xl_libxl_error(rc, "%s", text);
	free(text);
	return rc;
}

static void nothing(int signal)
{
}

void limit_alarm(const struct limit *limit)
{
	struct sigaction action = { .sa_handler = limit ? nothing : SIG_DFL };
	int left = limit ? milliseconds_left(limit) : -1;
	/* Again and again: the first may come before the call that it is to interrupt. */
	struct itimerval timer = { .it_interval.tv_usec = left < 0 ? 0 : 100000 };

	if (limit && !limit->seconds)
		return;
	timer.it_value.tv_sec = left < 0 ? 0 : left / 1000;
	timer.it_value.tv_usec = left < 0 ? 0 : left % 1000 * 1000 + 1;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

bool limit_over(struct limit *limit)
{
	limit->passed = limit->passed || !milliseconds_left(limit);
	return limit->passed;
}

bool limit_wanted(int argc, char **argv, int min, struct limit *limit)
{
	static const struct option longs[] = { LIMIT_OPTION, { 0 } };

	*limit = (struct limit){ 0 };
	while (next_option(argc, argv, "", longs, min) != -1)
		if (!limit_parse(limit, optarg))
			return false;
	return true;
}
