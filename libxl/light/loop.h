/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The event loop of a context: file descriptors, timers, children and xenstore watches, each a struct
 * that its owner embeds. Whoever runs the loop (the caller through hooks or poll, or a call of ours
 * that waits) ends in loop_fd_ready and loop_timer_ready. Nothing polls and no thread is started.
 */
#ifndef XL_LOOP_H
#define XL_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include <libxl_event.h>

/*
 * What the caller's loop holds of ours. It may report an fd that we deregistered a moment ago from
 * another thread, so tickets are kept and used again, never freed before the context.
 */
struct xl_ticket {
	void *item;		/* NULL: cancelled meanwhile */
	void *app;		/* the caller's handle */
	SLIST_ENTRY(xl_ticket) next;
};

struct xl_fd {
	int fd;			/* -1: not in the loop */
	short events;
	void (*fn)(struct xl_fd *f, short revents);
	void *arg;
	libxl_ctx *ctx;
	struct xl_ticket *ticket;
	LIST_ENTRY(xl_fd) link;
};

struct xl_timer {
	bool on;
	struct timeval when;
	void (*fn)(struct xl_timer *t);
	void *arg;
	libxl_ctx *ctx;
	struct xl_ticket *ticket;
	LIST_ENTRY(xl_timer) link;
};

/* A child's end is seen through its pidfd. */
struct xl_child {
	pid_t pid;		/* 0: none */
	void (*fn)(struct xl_child *c, int status);
	void *arg;
	libxl_ctx *ctx;
	struct xl_fd fd;
	LIST_ENTRY(xl_child) link;
};

struct xl_watch {
	bool on;
	unsigned slot, generation;
	char *path;
	void (*fn)(struct xl_watch *w, const char *path);
	void *arg;
	libxl_ctx *ctx;
};

LIST_HEAD(xl_fd_list, xl_fd);
LIST_HEAD(xl_timer_list, xl_timer);
LIST_HEAD(xl_child_list, xl_child);
SLIST_HEAD(xl_ticket_list, xl_ticket);

/* A child of ours whose end we saw, but which the caller reaps or lets us reap. */
struct xl_unreaped {
	pid_t pid;
	LIST_ENTRY(xl_unreaped) link;
};

/* Someone inside loop_wait, to be woken when the state of the context changed. */
struct xl_waiter {
	int eventfd;
	LIST_ENTRY(xl_waiter) link;
};
LIST_HEAD(xl_waiter_list, xl_waiter);
LIST_HEAD(xl_unreaped_list, xl_unreaped);

struct xl_loop {
	struct xl_fd_list fds;
	struct xl_timer_list timers;
	struct xl_child_list children;
	struct xl_unreaped_list unreaped;
	struct xl_fd sigchld;		/* while SIGCHLD is ours */
	struct xl_ticket_list spare;
	struct xl_waiter_list waiters;
	int bell;			/* wakes the caller's poll; -1 until it polls */
	bool polled;			/* the caller is between beforepoll and afterpoll */
	const libxl_osevent_hooks *hooks;
	void *user;
	struct xl_fd xs_fd;
	struct xl_watch **watches;	/* by slot */
	unsigned n_watches, generation;
};

void loop_init(struct xl_loop *loop);
void loop_destroy(libxl_ctx *ctx);

int loop_fd_add(libxl_ctx *ctx, struct xl_fd *f, int fd, short events,
	void (*fn)(struct xl_fd *f, short revents), void *arg);
void loop_fd_events(struct xl_fd *f, short events);
void loop_fd_del(struct xl_fd *f);

void loop_timer_set(libxl_ctx *ctx, struct xl_timer *t, unsigned ms, void (*fn)(struct xl_timer *t),
	void *arg);
void loop_timer_cancel(struct xl_timer *t);

/* Fires a timer that our own wait found due; the caller's loop still holds its ticket. */
void loop_timer_fire(struct xl_timer *t);

/* fork with the caller's replacement if there is one; 0 in the child. */
pid_t loop_fork(libxl_ctx *ctx);
int loop_child_add(libxl_ctx *ctx, struct xl_child *c, pid_t pid,
	void (*fn)(struct xl_child *c, int status), void *arg);
/* Look away: the child goes on and is reaped by no one here. */
void loop_child_forget(struct xl_child *c);
void children_forget(libxl_ctx *ctx);

int loop_watch_add(libxl_ctx *ctx, struct xl_watch *w, const char *path,
	void (*fn)(struct xl_watch *w, const char *path), void *arg);
void loop_watch_del(struct xl_watch *w);

/*
 * Make one of the callbacks that are due, or, if there is none, sleep until something is ready and handle that; both
 * without the context's lock.
 */
int loop_wait(libxl_ctx *ctx);
/* Handle what is ready now. */
int loop_look(libxl_ctx *ctx);
/* Makes an eventfd readable; signal handlers may. */
void bell_ring(int bell);
/* Whoever sleeps for the context looks again what there is to wait for. */
void loop_wake(libxl_ctx *ctx);

#endif
