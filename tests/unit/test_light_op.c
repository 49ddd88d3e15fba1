/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The engine under libxenlight: steps run in order, failures undo in reverse, waits are served by our own
 * loop, by a caller's poll and by a caller's hooks, children and watches and timers arrive, callbacks are
 * made without the lock. Hypervisor and xenstore are small fakes in this file.
 */
#include <setjmp.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../libxl/light/worker.h"
#include "light/poll.h"

/* --- fakes */

static struct {
	int fd;			/* readable while events are pending */
	char token[32], path[64];
	bool watching;
	int pending;
	xc_domaininfo_t info;
	bool exists;
} fake;

xc_interface *xc_interface_open(xentoollog_logger *l, xentoollog_logger *d, unsigned flags)
{
	return (xc_interface *)&fake;
}

int xc_interface_close(xc_interface *xch)
{
	return 0;
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max, xc_domaininfo_t *info)
{
	if (!fake.exists)
		return 0;
	*info = fake.info;
	return 1;
}

struct xs_handle *xs_open(unsigned long flags)
{
	fake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return (struct xs_handle *)&fake;
}

void xs_close(struct xs_handle *h)
{
	close(fake.fd);
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	return NULL;
}

void xs_daemon_destroy_postfork(struct xs_handle *h)
{
}

int xs_fileno(struct xs_handle *h)
{
	return fake.fd;
}

static void fire(void)
{
	uint64_t one = 1;

	fake.pending++;
	assert_int_equal(write(fake.fd, &one, sizeof(one)), sizeof(one));
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	snprintf(fake.token, sizeof(fake.token), "%s", token);
	snprintf(fake.path, sizeof(fake.path), "%s", path);
	fake.watching = true;
	fire();			/* as xenstored does */
	return true;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	fake.watching = false;
	return true;
}

char **xs_check_watch(struct xs_handle *h)
{
	uint64_t v;
	char **r;

	if (!fake.pending || read(fake.fd, &v, sizeof(v)) < 0)
		return NULL;
	if (--fake.pending)
		assert_int_equal(write(fake.fd, &(uint64_t){ 1 }, 8), 8);
	r = malloc(2 * sizeof(char *) + 96);
	r[0] = (char *)(r + 2);
	r[1] = r[0] + 64;
	strcpy(r[0], fake.path);
	strcpy(r[1], fake.token);
	return r;
}

const char *xtl_level_to_string(xentoollog_level level)
{
	return "level";
}

void xtl_log(xentoollog_logger *l, xentoollog_level level, int errnoval, const char *context,
	const char *format, ...)
{
}

void xtl_progress(xentoollog_logger *l, const char *context, const char *doing_what, unsigned long done,
	unsigned long total)
{
}

void ejects_disable_all(libxl_ctx *ctx)
{
}

/* --- a table that writes down what it does */

static char trail[256];
static const char *fail_at;

static int note(const char *what, void *state)
{
	strcat(trail, what);
	return fail_at && !strcmp(fail_at, what) ? ERROR_INVAL : 0;
}

#define STEP(n) \
	static int run_##n(struct xl_op *op, void *s) { return note(#n, s); } \
	static int undo_##n(struct xl_op *op, void *s) { strcat(trail, "-" #n); return 0; }
STEP(a) STEP(b) STEP(c) STEP(x) STEP(y)

static const struct xl_step inner[] = { { "x", run_x, undo_x, false }, { "y", run_y, undo_y, false }, { 0 } };

static int call_inner(struct xl_op *op, void *s)
{
	return op_call(op, inner, s);
}

static const struct xl_step flat[] = {
	{ "a", run_a, undo_a, false }, { "b", run_b, undo_b, false }, { "c", run_c, undo_c, false }, { 0 },
};
static const struct xl_step nested[] = {
	{ "a", run_a, undo_a, false }, { "in", call_inner, NULL, false }, { "c", run_c, undo_c, false }, { 0 },
};
static const struct xl_step tolerant[] = {
	{ "a", run_a, undo_a, false }, { "in", call_inner, NULL, true }, { "c", run_c, undo_c, false }, { 0 },
};

static int go(libxl_ctx *ctx, const struct xl_step *steps, const char *fail, const char *want)
{
	int rc;

	trail[0] = 0;
	fail_at = fail;
	rc = op_start(op_new(ctx, 5, "test", NULL), steps, NULL);
	assert_string_equal(trail, want);
	fail_at = NULL;
	return rc;
}

static void test_order(void **state)
{
	libxl_ctx *ctx = *state;

	assert_int_equal(go(ctx, flat, NULL, "abc"), 0);
	assert_int_equal(go(ctx, flat, "a", "a-a"), ERROR_INVAL);
	assert_int_equal(go(ctx, flat, "c", "abc-c-b-a"), ERROR_INVAL);
	assert_int_equal(go(ctx, nested, NULL, "axyc"), 0);
	assert_int_equal(go(ctx, nested, "y", "axy-y-x-a"), ERROR_INVAL);
	assert_int_equal(go(ctx, nested, "c", "axyc-c-a"), ERROR_INVAL);
	assert_int_equal(go(ctx, tolerant, "y", "axy-y-xc"), 0);
	assert_true(LIST_EMPTY(&ctx->ops));
}

/* --- waits */

struct waiting {
	struct xl_op *op;
	struct xl_timer timer;
	struct xl_child child;
	struct xl_watch watch;
	int status, fired;
	int rc;
};

static void timer_done(struct xl_timer *t)
{
	struct waiting *w = t->arg;

	op_resume(w->op, w->rc);
}

static int wait_timer(struct xl_op *op, void *s)
{
	struct waiting *w = s;

	w->op = op;
	loop_timer_set(op->ctx, &w->timer, 5, timer_done, w);
	return XL_WAIT;
}

static void child_done(struct xl_child *c, int status)
{
	struct waiting *w = c->arg;

	w->status = status;
	op_resume(w->op, 0);
}

static int wait_child(struct xl_op *op, void *s)
{
	struct waiting *w = s;
	pid_t pid = loop_fork(op->ctx);

	if (!pid)
		_exit(7);
	w->op = op;
	assert_int_equal(loop_child_add(op->ctx, &w->child, pid, child_done, w), 0);
	return XL_WAIT;
}

static void watch_done(struct xl_watch *watch, const char *path)
{
	struct waiting *w = watch->arg;

	assert_string_equal(path, "/some/node");
	if (++w->fired < 2) {
		fire();
		return;
	}
	loop_watch_del(watch);
	op_resume(w->op, 0);
}

static int wait_watch(struct xl_op *op, void *s)
{
	struct waiting *w = s;

	w->op = op;
	assert_int_equal(loop_watch_add(op->ctx, &w->watch, "/some/node", watch_done, w), 0);
	return XL_WAIT;
}

static const struct xl_step waits[] = {
	{ "a", run_a, undo_a, false }, { "t", wait_timer, NULL, false }, { "ch", wait_child, NULL, false },
	{ "w", wait_watch, NULL, false }, { "b", run_b, undo_b, false }, { 0 },
};

static void test_sync_waits(void **state)
{
	libxl_ctx *ctx = *state;
	struct waiting w = { 0 };

	trail[0] = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", NULL), waits, &w), 0);
	assert_string_equal(trail, "ab");
	assert_int_equal(WEXITSTATUS(w.status), 7);
	assert_int_equal(w.fired, 2);
	assert_false(fake.watching);
	memset(&w, 0, sizeof(w));
	w.rc = ERROR_TIMEDOUT;
	trail[0] = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", NULL), waits, &w), ERROR_TIMEDOUT);
	assert_string_equal(trail, "a-a");
}

static int got_rc, got_calls;

static void completed(libxl_ctx *ctx, int rc, void *arg)
{
	got_rc = rc;
	got_calls++;
	/* The lock is free: another call may be made from here. */
	assert_int_equal(ctx->depth, 0);
	assert_int_equal(go(ctx, flat, NULL, "abc"), 0);
}

static void poll_loop(libxl_ctx *ctx, int *until)
{
	for (int i = 0; i < 1000 && !*until; i++)
		poll_once(ctx, 1000);
	assert_true(*until);
}

static void test_async_callback(void **state)
{
	libxl_ctx *ctx = *state;
	libxl_asyncop_how how = { .callback = completed };
	struct waiting w = { 0 };

	got_calls = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how), waits, &w), 0);
	assert_int_equal(got_calls, 0);
	poll_loop(ctx, &got_calls);
	assert_int_equal(got_rc, 0);
	assert_int_equal(got_calls, 1);
	/* One that never waits: the callback is made before the call returns, after the lock is free. */
	got_calls = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how), flat, NULL), 0);
	assert_int_equal(got_calls, 1);
	assert_true(LIST_EMPTY(&ctx->ops));
}

static void test_async_event(void **state)
{
	libxl_ctx *ctx = *state;
	libxl_asyncop_how how = { .callback = NULL, .u.for_event = 77 };
	struct waiting w = { .rc = ERROR_TIMEDOUT };
	libxl_event *ev;

	assert_int_equal(op_start(op_new(ctx, 5, "test", &how), waits, &w), 0);
	assert_int_equal(libxl_event_wait(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), 0);
	assert_int_equal(ev->type, LIBXL_EVENT_TYPE_OPERATION_COMPLETE);
	assert_int_equal(ev->for_user, 77);
	assert_int_equal(ev->u.operation_complete.rc, ERROR_TIMEDOUT);
	libxl_event_free(ctx, ev);
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
}

static void test_abort(void **state)
{
	libxl_ctx *ctx = *state;
	libxl_asyncop_how how = { .callback = completed, .u.for_callback = &how };
	libxl_asyncop_how other = { .callback = completed, .u.for_callback = NULL };
	struct waiting w = { 0 };

	got_calls = 0;
	trail[0] = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how), waits, &w), 0);
	assert_int_equal(libxl_ao_abort(ctx, &other), ERROR_NOTFOUND);
	assert_int_equal(libxl_ao_abort(ctx, &how), 0);
	poll_loop(ctx, &got_calls);
	assert_int_equal(got_rc, ERROR_ABORTED);
}

/* An abort is taken once: the undo that it causes runs to its end, tables that it calls included. */

static int undo_by_table(struct xl_op *op, void *s)
{
	strcat(trail, "-t");
	return op_call(op, inner, s);
}

static void cut_short(struct xl_op *op, void *arg)
{
	struct waiting *w = arg;

	loop_timer_cancel(&w->timer);
	op_resume(op, ERROR_ABORTED);
}

static int wait_long(struct xl_op *op, void *s)
{
	struct waiting *w = s;

	w->op = op;
	loop_timer_set(op->ctx, &w->timer, 3600000, timer_done, w);
	op_abortable(op, cut_short, w);
	return XL_WAIT;
}

static const struct xl_step abortable[] = {
	{ "a", run_a, undo_by_table, false }, { "long", wait_long, NULL, true }, { "b", run_b, undo_b, false }, { 0 },
};

static void test_abort_unwinds(void **state)
{
	libxl_ctx *ctx = *state;
	libxl_asyncop_how how = { .callback = NULL, .u.for_event = 5 };
	struct waiting w = { 0 };
	libxl_event *ev;

	trail[0] = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how), abortable, &w), 0);
	assert_int_equal(libxl_ao_abort(ctx, &how), 0);
	assert_int_equal(libxl_event_wait(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), 0);
	assert_int_equal(ev->u.operation_complete.rc, ERROR_ABORTED);
	libxl_event_free(ctx, ev);
	assert_string_equal(trail, "a-txy");
	assert_int_equal(libxl_ao_abort(ctx, &how), ERROR_NOTFOUND);
}

/* --- work in a child, while the context serves others */

static int pipe_fds[2];

static int wait_for_byte(struct worker *w, libxl_ctx *ctx)
{
	char byte;

	/* The caller's thread forked with the lock held; what the work calls takes it again. */
	xl_enter(ctx);
	xl_leave(ctx);
	worker_tell(w, WORKER_FRAMES, 11, 22);
	return read(pipe_fds[0], &byte, 1) == 1 && byte == 'y' ? 0 : ERROR_NOMEM;
}

static int run_worker(struct xl_op *op, void *s)
{
	struct worker *w = s;

	w->domid = 5;
	w->job = wait_for_byte;
	return worker_run(op, w);
}

static int kill_worker(struct xl_op *op, void *s)
{
	worker_kill(s);
	strcat(trail, "-k");
	return 0;
}

static const struct xl_step works[] = { { "a", run_a, undo_a, false }, { "w", run_worker, kill_worker, false }, { 0 } };

static int finished(libxl_ctx *ctx)
{
	libxl_event *ev;
	int rc;

	assert_int_equal(libxl_event_wait(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), 0);
	rc = ev->u.operation_complete.rc;
	libxl_event_free(ctx, ev);
	return rc;
}

static void test_workers(void **state)
{
	libxl_ctx *ctx = *state;
	libxl_asyncop_how how[2] = { { .u.for_event = 1 }, { .u.for_event = 2 } };
	struct worker w[2] = { 0 };

	assert_int_equal(pipe(pipe_fds), 0);
	trail[0] = 0;
	/* Two at once; the context answers others meanwhile. */
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how[0]), works, &w[0]), 0);
	assert_int_equal(op_start(op_new(ctx, 6, "test", &how[1]), works, &w[1]), 0);
	assert_int_equal(go(ctx, flat, NULL, "abc"), 0);
	assert_int_equal(write(pipe_fds[1], "yn", 2), 2);
	trail[0] = 0;
	assert_int_equal(finished(ctx) + finished(ctx), ERROR_NOMEM);
	assert_string_equal(trail, "-k-a");
	assert_int_equal(w[0].store_mfn + w[1].store_mfn, 22);
	assert_int_equal(w[0].console_mfn + w[1].console_mfn, 44);
	/* An abort ends one that would wait for ever. */
	memset(w, 0, sizeof(w));
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how[0]), works, &w[0]), 0);
	assert_int_equal(libxl_ao_abort(ctx, &how[0]), 0);
	assert_int_equal(finished(ctx), ERROR_ABORTED);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* --- deaths */

static void test_death(void **state)
{
	libxl_ctx *ctx = *state;
	libxl_evgen_domain_death *gen;
	libxl_event *ev;

	fake.exists = true;
	memset(&fake.info, 0, sizeof(fake.info));
	fake.info.domain = 9;
	assert_int_equal(libxl_evenable_domain_death(ctx, 9, 42, &gen), 0);
	assert_string_equal(fake.path, "@releaseDomain");
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	fake.info.flags = XEN_DOMINF_shutdown | (SHUTDOWN_reboot << XEN_DOMINF_shutdownshift);
	fire();
	assert_int_equal(libxl_event_wait(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), 0);
	assert_int_equal(ev->type, LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN);
	assert_int_equal(ev->u.domain_shutdown.shutdown_reason, LIBXL_SHUTDOWN_REASON_REBOOT);
	assert_int_equal(ev->for_user, 42);
	libxl_event_free(ctx, ev);
	fire();			/* told once */
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	fake.exists = false;
	fire();
	assert_int_equal(libxl_event_wait(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), 0);
	assert_int_equal(ev->type, LIBXL_EVENT_TYPE_DOMAIN_DEATH);
	libxl_event_free(ctx, ev);
	libxl_evdisable_domain_death(ctx, gen);
	assert_false(fake.watching);
}

/* --- a caller's own loop, through hooks */

static struct {
	void *for_libxl[8];
	int fd[8];
	short events[8];
	int n;
	void *timers[8];
	int n_timers;
} app;

static int app_fd_register(void *user, int fd, void **out, short events, void *for_libxl)
{
	app.fd[app.n] = fd;
	app.events[app.n] = events;
	app.for_libxl[app.n] = for_libxl;
	*out = &app.fd[app.n++];
	return 0;
}

static int app_fd_modify(void *user, int fd, void **up, short events)
{
	app.events[(int *)*up - app.fd] = events;
	return 0;
}

static void app_fd_deregister(void *user, int fd, void *reg)
{
	app.events[(int *)reg - app.fd] = 0;
	app.fd[(int *)reg - app.fd] = -1;
}

static int app_timeout_register(void *user, void **out, struct timeval abs, void *for_libxl)
{
	app.timers[app.n_timers] = for_libxl;
	*out = &app.timers[app.n_timers++];
	return 0;
}

static int app_timeout_modify(void *user, void **up, struct timeval abs)
{
	assert_true(!abs.tv_sec && !abs.tv_usec);
	return 0;		/* due at once: it stays in the list */
}

static void app_timeout_deregister(void *user, void *reg)
{
	fail();
}

static const libxl_osevent_hooks hooks = {
	app_fd_register, app_fd_modify, app_fd_deregister, app_timeout_register, app_timeout_modify,
	app_timeout_deregister,
};

static void app_turn(libxl_ctx *ctx)
{
	int i;

	for (i = 0; i < app.n_timers; i++) {
		void *t = app.timers[i];

		app.timers[i] = NULL;
		if (t)
			libxl_osevent_occurred_timeout(ctx, t);
	}
	for (i = 0; i < app.n; i++) {
		struct pollfd p = { .fd = app.fd[i], .events = app.events[i] };

		if (app.fd[i] >= 0 && poll(&p, 1, 10) == 1 && p.revents)
			libxl_osevent_occurred_fd(ctx, app.for_libxl[i], p.fd, p.events, p.revents);
	}
}

static void test_hooks(void **state)
{
	libxl_asyncop_how how = { .callback = completed };
	struct waiting w = { 0 };
	libxl_ctx *ctx;
	int i;

	assert_int_equal(libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, NULL), 0);
	libxl_osevent_register_hooks(ctx, &hooks, NULL);
	got_calls = 0;
	assert_int_equal(op_start(op_new(ctx, 5, "test", &how), waits, &w), 0);
	for (i = 0; i < 200 && !got_calls; i++)
		app_turn(ctx);
	assert_int_equal(got_calls, 1);
	assert_int_equal(got_rc, 0);
	/* A synchronous call on the same context serves itself; what the hooks hold is harmless. */
	memset(&w, 0, sizeof(w));
	assert_int_equal(op_start(op_new(ctx, 5, "test", NULL), waits, &w), 0);
	app_turn(ctx);
	libxl_ctx_free(ctx);
}

/* --- a caller whose loop runs in a thread of its own while others make synchronous calls (libvirt) */

static struct {
	pthread_mutex_t lock;
	struct {
		int fd;
		short events;
		void *ticket;
	} fds[64];
	struct {
		struct timeval when;
		void *ticket;
	} timers[4096];
	int n_timers;
	libxl_ctx *ctx;
	atomic_bool stop;
} mt = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int mt_fd_register(void *user, int fd, void **out, short events, void *ticket)
{
	int i;

	pthread_mutex_lock(&mt.lock);
	for (i = 0; mt.fds[i].ticket; i++)
		;
	mt.fds[i].fd = fd;
	mt.fds[i].events = events;
	mt.fds[i].ticket = ticket;
	*out = &mt.fds[i];
	pthread_mutex_unlock(&mt.lock);
	return 0;
}

static int mt_fd_modify(void *user, int fd, void **up, short events)
{
	return 0;
}

static void mt_fd_deregister(void *user, int fd, void *reg)
{
	int i;

	pthread_mutex_lock(&mt.lock);
	for (i = 0; i < 64; i++)
		if (reg == &mt.fds[i])
			mt.fds[i].ticket = NULL;
	pthread_mutex_unlock(&mt.lock);
}

static int mt_timeout_register(void *user, void **out, struct timeval when, void *ticket)
{
	pthread_mutex_lock(&mt.lock);
	assert_true(mt.n_timers < 4096);
	mt.timers[mt.n_timers].when = when;
	mt.timers[mt.n_timers].ticket = ticket;
	*out = &mt.timers[mt.n_timers++];
	pthread_mutex_unlock(&mt.lock);
	return 0;
}

static int mt_timeout_modify(void *user, void **up, struct timeval when)
{
	int i;

	pthread_mutex_lock(&mt.lock);
	for (i = 0; i < mt.n_timers; i++)
		if (*up == &mt.timers[i])
			mt.timers[i].when = when;
	pthread_mutex_unlock(&mt.lock);
	return 0;
}

static const libxl_osevent_hooks mt_hooks = {
	mt_fd_register, mt_fd_modify, mt_fd_deregister, mt_timeout_register, mt_timeout_modify,
	app_timeout_deregister,
};

static void mt_timers(void)
{
	struct timeval now;
	int i, n;

	gettimeofday(&now, NULL);
	pthread_mutex_lock(&mt.lock);
	n = mt.n_timers;
	pthread_mutex_unlock(&mt.lock);
	for (i = 0; i < n; i++) {
		void *ticket = NULL;

		pthread_mutex_lock(&mt.lock);
		if (mt.timers[i].ticket && !timercmp(&mt.timers[i].when, &now, >)) {
			ticket = mt.timers[i].ticket;
			mt.timers[i].ticket = NULL;
		}
		pthread_mutex_unlock(&mt.lock);
		if (ticket)
			libxl_osevent_occurred_timeout(mt.ctx, ticket);
	}
}

static void mt_fds(void)
{
	int i;

	for (i = 0; i < 64; i++) {
		struct pollfd p;
		void *ticket;

		pthread_mutex_lock(&mt.lock);
		ticket = mt.fds[i].ticket;
		p = (struct pollfd){ .fd = mt.fds[i].fd, .events = mt.fds[i].events };
		pthread_mutex_unlock(&mt.lock);
		if (ticket && poll(&p, 1, 0) == 1 && p.revents)
			libxl_osevent_occurred_fd(mt.ctx, ticket, p.fd, p.events, p.revents);
	}
}

static void *mt_loop(void *arg)
{
	while (!mt.stop) {
		mt_fds();
		mt_timers();
		sched_yield();
	}
	mt_timers();
	return NULL;
}

static const struct xl_step short_waits[] = {
	{ "t", wait_timer, NULL, false }, { "ch", wait_child, NULL, false }, { "t", wait_timer, NULL, false },
	{ 0 },
};

static void *mt_caller(void *arg)
{
	int i;

	for (i = 0; i < 40; i++) {
		struct waiting w = { 0 };

		if (op_start(op_new(mt.ctx, 5, "test", NULL), short_waits, &w))
			return "failed";
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t loop, callers[3];
	void *result;
	int i;

	assert_int_equal(libxl_ctx_alloc(&mt.ctx, LIBXL_VERSION, 0, NULL), 0);
	libxl_osevent_register_hooks(mt.ctx, &mt_hooks, NULL);
	pthread_create(&loop, NULL, mt_loop, NULL);
	for (i = 0; i < 3; i++)
		pthread_create(&callers[i], NULL, mt_caller, NULL);
	for (i = 0; i < 3; i++) {
		pthread_join(callers[i], &result);
		assert_null(result);
	}
	mt.stop = true;
	pthread_join(loop, NULL);
	libxl_ctx_free(mt.ctx);
}

static int setup(void **state)
{
	libxl_ctx *ctx;

	memset(&fake, 0, sizeof(fake));
	assert_int_equal(libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, NULL), 0);
	*state = ctx;
	return 0;
}

static int teardown(void **state)
{
	libxl_ctx_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sync_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_async_callback, setup, teardown),
		cmocka_unit_test_setup_teardown(test_async_event, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort_unwinds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_workers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_death, setup, teardown),
		cmocka_unit_test(test_hooks), cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
