/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Between libxl and Python: what needs C's own types, of which Python knows none. Part of _libxl.c. What libxl tells
 * (messages, ends of operations, events) is queued, and taken by Python when its call has returned: Python code that ran
 * within the call could be interrupted by Control-C, and the exception would be nobody's. Only the hooks of asyncio's
 * loop are called at once.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <libxl.h>
#include <libxl_event.h>
#include <libxl_utils.h>
#include <libxlutil.h>

#define USER(p) ((uint64_t)(uintptr_t)(p))
#define POINTER(user) ((void *)(uintptr_t)(user))

static int xenolith_fd_register(uint64_t user, int fd, short events, void *for_libxl);
static int xenolith_fd_modify(uint64_t user, int fd, short events);
static void xenolith_fd_deregister(uint64_t user, int fd);
static int xenolith_timeout_register(uint64_t user, double when, void *for_libxl, uintptr_t *id);
static int xenolith_timeout_now(uint64_t user, uintptr_t id);

/* --- what libxl tells */

enum { TOLD_MESSAGE, TOLD_DONE, TOLD_EVENT, TOLD_DISASTER };

struct xenolith_item {
	int kind, number;		/* a message's level, an operation's result */
	uint64_t user;			/* the operation */
	char *text;
	libxl_event *event;
	struct xenolith_item *next;
};

struct xenolith_box {
	xentoollog_logger logger;	/* the first member: libxl gives it to log_message */
	libxl_ctx *ctx;
	pid_t pid;
	struct xenolith_item *first, **last;
};

struct xenolith_operation {
	libxl_asyncop_how how;
	struct xenolith_box *box;
	struct xenolith_item item;	/* its end is told without fail */
};

static void put(struct xenolith_box *box, struct xenolith_item *item)
{
	*box->last = item;
	box->last = &item->next;
}

static struct xenolith_item *put_new(struct xenolith_box *box, int kind)
{
	struct xenolith_item *item = calloc(1, sizeof(*item));

	if (!item)
		return NULL;
	item->kind = kind;
	put(box, item);
	return item;
}

static struct xenolith_item *xenolith_first(struct xenolith_box *box)
{
	return box->first;
}

/* The first one has been seen to. Python has taken its event, and owns an operation's item. */
static void xenolith_drop(struct xenolith_box *box)
{
	struct xenolith_item *item = box->first;

	box->first = item->next;
	if (!box->first)
		box->last = &box->first;
	if (item->kind == TOLD_DONE)
		return;
	libxl_event_free(box->ctx, item->event);
	free(item->text);
	free(item);
}

/* A child that libxl forks has a copy of the queue which nobody reads: what it says goes to stderr. */
static void log_message(xentoollog_logger *logger, xentoollog_level level, int errnoval, const char *context,
	const char *format, va_list al)
{
	struct xenolith_box *box = (struct xenolith_box *)logger;
	int saved = errno;
	struct xenolith_item *item;
	char *bare, *text;

	if (vasprintf(&bare, format, al) < 0)
		return;
	if (asprintf(&text, "%s%s%s", bare, errnoval > 0 ? ": " : "", errnoval > 0 ? strerror(errnoval) : "") < 0)
		text = NULL;
	free(bare);
	item = text && getpid() == box->pid ? put_new(box, TOLD_MESSAGE) : NULL;
	if (item) {
		item->number = (int)level;
		item->text = text;
	} else if (text) {
		if (level >= XTL_ERROR)
			fprintf(stderr, "%s\n", text);
		free(text);
	}
	errno = saved;
}

static void log_progress(xentoollog_logger *logger, const char *context, const char *doing_what, int percent,
	unsigned long done, unsigned long total)
{
}

static void log_destroy(xentoollog_logger *logger)
{
}

static void on_event(void *user, libxl_event *event)
{
	struct xenolith_box *box = user;
	struct xenolith_item *item = put_new(box, TOLD_EVENT);

	if (item)
		item->event = event;
	else
		libxl_event_free(box->ctx, event);
}

static void on_disaster(void *user, libxl_event_type type, const char *msg, int errnoval)
{
	struct xenolith_item *item = put_new(user, TOLD_DISASTER);

	if (item)
		item->text = strdup(msg);
}

static void on_done(libxl_ctx *ctx, int rc, void *for_callback)
{
	struct xenolith_operation *operation = for_callback;

	operation->item.number = rc;
	put(operation->box, &operation->item);
}

static libxl_asyncop_how *xenolith_how(struct xenolith_operation *operation, struct xenolith_box *box, uint64_t number)
{
	*operation = (struct xenolith_operation){
		.how = { .callback = on_done, .u.for_callback = operation }, .box = box,
		.item = { .kind = TOLD_DONE, .user = number },
	};
	return &operation->how;
}

/* --- contexts */

static const libxl_childproc_hooks children = { .chldowner = libxl_sigchld_owner_libxl_always_selective_reap };

static const libxl_event_hooks events = {
	.event_occurs_mask = LIBXL_EVENTMASK_ALL, .event_occurs = on_event, .disaster = on_disaster,
};

/* A box in any case, unless memory is short: without a context it says why. Python's own children stay Python's. */
static struct xenolith_box *xenolith_open(int *rc)
{
	struct xenolith_box *box = calloc(1, sizeof(*box));

	if (!box)
		return NULL;
	box->logger = (xentoollog_logger){ log_message, log_progress, log_destroy };
	box->pid = getpid();
	box->last = &box->first;
	*rc = libxl_ctx_alloc(&box->ctx, LIBXL_VERSION, 0, &box->logger);
	if (*rc) {
		box->ctx = NULL;
		return box;
	}
	libxl_childproc_setmode(box->ctx, &children, NULL);
	libxl_event_register_callbacks(box->ctx, &events, box);
	return box;
}

static libxl_ctx *xenolith_ctx(struct xenolith_box *box)
{
	return box->ctx;
}

static void xenolith_close(struct xenolith_box *box)
{
	libxl_ctx *ctx = box->ctx;

	while (box->first)
		xenolith_drop(box);
	libxl_ctx_free(ctx);
	box->ctx = NULL;	/* what is told last is only text */
	while (box->first)
		xenolith_drop(box);
	free(box);
}

/* --- the event loop of asyncio */

static int fd_register(void *user, int fd, void **for_app, short ev, void *for_libxl)
{
	return xenolith_fd_register(USER(user), fd, ev, for_libxl);
}

static int fd_modify(void *user, int fd, void **for_app, short ev)
{
	return xenolith_fd_modify(USER(user), fd, ev);
}

static void fd_deregister(void *user, int fd, void *for_app)
{
	xenolith_fd_deregister(USER(user), fd);
}

static int timeout_register(void *user, void **for_app, struct timeval when, void *for_libxl)
{
	uintptr_t id = 0;
	int r = xenolith_timeout_register(USER(user), (double)when.tv_sec + (double)when.tv_usec / 1e6, for_libxl, &id);

	*for_app = (void *)id;
	return r;
}

/* libxl changes a timeout for one reason only: it shall happen at once. */
static int timeout_modify(void *user, void **for_app, struct timeval when)
{
	return xenolith_timeout_now(USER(user), (uintptr_t)*for_app);
}

/* libxl.h promises never to call it. */
static void timeout_deregister(void *user, void *for_app)
{
	abort();
}

static const libxl_osevent_hooks hooks = {
	fd_register, fd_modify, fd_deregister, timeout_register, timeout_modify, timeout_deregister,
};

static void xenolith_hooks(libxl_ctx *ctx, uint64_t user)
{
	libxl_osevent_register_hooks(ctx, &hooks, POINTER(user));
}

/* --- the event loop of a caller who waits */

/* One turn, of @timeout_ms at most if that is not negative. A signal ends it early, so that Python can see to it. */
static int xenolith_turn(libxl_ctx *ctx, int timeout_ms)
{
	struct pollfd usual[32], *fds = usual, *more = NULL;
	int n = 32, timeout = timeout_ms, rc, r;
	struct timeval now;

	gettimeofday(&now, NULL);
	while ((rc = libxl_osevent_beforepoll(ctx, &n, fds, &timeout, now)) == ERROR_BUFFERFULL) {
		free(more);
		fds = more = calloc((size_t)n, sizeof(*fds));
		timeout = timeout_ms;
		if (!fds)
			return ERROR_NOMEM;
	}
	if (!rc) {
		r = poll(fds, (nfds_t)n, timeout);
		gettimeofday(&now, NULL);
		if (r >= 0)
			libxl_osevent_afterpoll(ctx, n, fds, now);
	}
	free(more);
	return rc;
}

/* --- libxlutil */

static int xenolith_disk_parse(const char *spec, libxl_device_disk *disk, char *why, size_t room)
{
	FILE *report = fmemopen(why, room, "w");
	XLU_Config *cfg = report ? xlu_cfg_init(report, "disk") : NULL;
	int r = cfg ? xlu_disk_parse(cfg, 1, &spec, disk) : ENOMEM;

	if (cfg)
		xlu_cfg_destroy(cfg);
	if (report)
		fclose(report);
	return r;
}
