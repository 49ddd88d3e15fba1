/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --timeout: what an operation may take. It is started asynchronously and aborted when its time is over; libxl then
 * takes back what it did. Without a limit nothing changes.
 *
 *	rc = limit_end(&limit, libxl_domain_suspend(ctx, domid, fd, 0, limit_how(&limit)));
 */
#ifndef XL_LIMIT_H
#define XL_LIMIT_H

#include <getopt.h>
#include <time.h>

#include "xl.h"

/* Of getopt's tables; next_option then gives OPTION_LIMIT for limit_parse. */
#define OPTION_LIMIT  2000
#define LIMIT_OPTION  { "timeout", required_argument, NULL, OPTION_LIMIT }

struct limit {
	long seconds; /* 0: none */
	struct timespec end;
	bool passed;
};

/* From now on. False, reported. */
bool limit_parse(struct limit *limit, const char *text);
/* The options of a command that has none but --timeout. False, reported. */
bool limit_wanted(int argc, char **argv, int min, struct limit *limit);
const libxl_asyncop_how *limit_how(const struct limit *limit);
/* The operation's result; ERROR_TIMEDOUT, when it was aborted because its time is over. */
int limit_end(struct limit *limit, int rc);
/* As libxl_event_wait, but for ERROR_TIMEDOUT. */
int limit_event(struct limit *limit, libxl_event **event);
/* Seconds that are left, of most; 0: none. */
long limit_left(const struct limit *limit, long most);

/* A signal at the end of the time interrupts a system call; NULL: no more. */
void limit_alarm(const struct limit *limit);
bool limit_over(struct limit *limit);

/* xl_libxl_error, which says so and has an exit code of its own where the time was over. */
int limit_error(const struct limit *limit, int rc, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
