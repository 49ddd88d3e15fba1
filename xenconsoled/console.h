/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's console: its ring on one side, a pseudo terminal on the other, and in between the
 * output that nobody has read yet. When the guest is gone, what it said last is kept: in its log,
 * or, where none is written, in guest-NAME.last.
 */
#ifndef XENCONSOLED_CONSOLE_H
#define XENCONSOLED_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <xenstore.h>

#include "../xenstored/daemon/loop.h"
#include "fifo.h"
#include "logfile.h"

struct console {
	struct console *next; /* in the table of consoles */
	uint32_t domid;
	char *path;  /* in the store: /local/domain/N/console */
	char *name;  /* the domain's; it is gone from the store when the guest is */
	struct xencons_interface *ring;
	bool by_grant;
	uint32_t taken; /* what comes next from the ring */
	uint64_t frame;
	uint32_t remote; /* the guest's port */
	int port;	 /* ours, 0: none */
	bool broken;	 /* its ring made no sense: it is left alone */
	bool masked;	 /* its event waits for room, or for the next period */
	unsigned int events_left;
	struct source master;
	int slave;
	struct fifo out;
	struct fifo tail; /* its last words */
	bool any_output;
	struct logfile log;
	bool dead;
	unsigned int linger; /* ticks until a dead one is closed though its output was not read */
	bool seen;	     /* in the census under way */
};

/* NULL, logged, when there is no memory or no store. */
struct console *console_new(struct xs_handle *xs, uint32_t domid);
/* The store is another one than before: watch there again. False: it cannot be. */
bool console_watch_again(struct console *c, struct xs_handle *xs);
/* Its nodes in the store have changed. */
void console_update(struct console *c, struct xs_handle *xs);
/* Its event channel fired. */
void console_event(struct console *c);
/* Another period of the rate limit begins. True: it had waited for it. */
bool console_period(struct console *c);
/* The guest is gone: its last output is taken. */
void console_die(struct console *c, struct xs_handle *xs);
/* A tick of a dead one: true when it may be freed. */
bool console_linger(struct console *c);
void console_free(struct console *c);
void console_reopen_log(struct console *c);

/* Some console is over its rate. */
extern bool consoles_limited;

#endif
