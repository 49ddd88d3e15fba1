/* SPDX-License-Identifier: LGPL-2.1-only */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "op.h"
#include "paths.h"

struct xl_frame {
	const struct xl_step *steps;
	int pos;
	int rc;			/* the first error */
	void *state;
	struct xl_frame *up;
};

struct xl_op *op_new(libxl_ctx *ctx, uint32_t domid, const char *verb, const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = xl_zalloc(sizeof(*op));

	xl_enter(ctx);
	op->ctx = ctx;
	op->domid = domid;
	op->verb = verb;
	op->sync = !ao_how;
	if (ao_how)
		op->how = *ao_how;
	LIST_INSERT_HEAD(&ctx->ops, op, link);
	return op;
}

/* Appends what was said to the domain's log, so that a failed create can be understood later. */
static void write_story(struct xl_op *op)
{
	char stamp[40], *path;
	time_t now = time(NULL);
	struct tm tm;
	int fd;

	if (!op->log_name || !op->story || (!op->rc && !op->warned) || strchr(op->log_name, '/'))
		return;
	path = xl_asprintf("%s/xl-%s.log", XEN_LOG_DIR, op->log_name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	free(path);
	if (fd < 0)
		return;
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", localtime_r(&now, &tm));
	path = op->domid == XL_NO_DOMID ? xl_strdup("") : xl_asprintf(" of domain %u", op->domid);
	dprintf(fd, "%s %s%s %s\n%s", stamp, op->verb, path, op->rc ? "failed" : "with warnings", op->story);
	free(path);
	close(fd);
}

static void op_free(struct xl_op *op)
{
	LIST_REMOVE(op, link);
	free(op->story);
	free(op->log_name);
	gc_free(&op->gc);
	free(op);
}

static void notify_done(struct xl_op *op)
{
	libxl_ctx *ctx = op->ctx;
	struct xl_notice *n;
	libxl_event *ev;

	if (!op->how.callback) {
		ev = event_new(ctx, LIBXL_EVENT_TYPE_OPERATION_COMPLETE, op->domid, op->how.u.for_event);
		ev->u.operation_complete.rc = op->rc;
		event_occurred(ctx, ev);
		return;
	}
	n = xl_zalloc(sizeof(*n));
	n->kind = XL_NOTICE_DONE;
	n->how = op->how;
	n->rc = op->rc;
	TAILQ_INSERT_TAIL(&ctx->notices, n, link);
}

static void complete(struct xl_op *op)
{
	op->done = true;
	if (op->sync) {
		loop_wake(op->ctx);
		return;
	}
	notify_done(op);
	if (!op->active)
		op_free(op);
}

/* The caller is promised that callbacks about progress have returned before the end is told. */
static void op_done(struct xl_op *op, int rc)
{
	op->over = true;
	op->rc = rc;
	write_story(op);
	if (!op->telling)
		complete(op);
}

void op_told(struct xl_op *op)
{
	assert(op->telling);
	if (!--op->telling && op->over)
		complete(op);
}

static bool undoing(const struct xl_frame *f)
{
	return f->rc != 0;
}

/* Where a frame goes after its current step came back with rc. Returns false at its end. */
static bool advance(struct xl_op *op, struct xl_frame *f, int rc)
{
	if (!undoing(f)) {
		if (f->steps[f->pos].optional && rc != ERROR_ABORTED)
			rc = 0;
		if (!rc) {
			f->pos++;
			return f->steps[f->pos].what != NULL;
		}
		f->rc = rc;	/* the failed step's own undo is next */
		op->unwinding++;
		return true;
	}
	f->pos--;		/* an undo's error changes nothing: go on undoing */
	return f->pos >= 0;
}

static int run_step(struct xl_op *op, struct xl_frame *f)
{
	const struct xl_step *s = &f->steps[f->pos];

	if (undoing(f))
		return s->undo ? s->undo(op, f->state) : 0;
	if (op->aborted && !op->no_return && !op->unwinding)
		return ERROR_ABORTED;
	return s->run ? s->run(op, f->state) : 0;
}

static int pop(struct xl_op *op)
{
	struct xl_frame *f = op->top;
	int rc = f->rc;

	op->top = f->up;
	if (undoing(f))
		op->unwinding--;
	free(f);
	return rc;
}

/* Run steps until one waits or the last frame ends. rc: how the current step ended, or XL_CALL. */
static void run(struct xl_op *op, int rc)
{
	libxl_ctx *ctx = op->ctx;
	struct xl_op *outer = ctx->running;
	bool nested = op->active;

	ctx->running = op;
	op->active = true;
	for (;;) {
		if (rc == XL_WAIT) {
			op->waiting = true;
			break;
		}
		if (rc != XL_CALL && !advance(op, op->top, rc)) {
			rc = pop(op);
			if (!op->top) {
				op->active = nested;
				ctx->running = outer;
				op_done(op, rc);	/* may free it */
				return;
			}
			continue;
		}
		rc = run_step(op, op->top);
	}
	op->active = nested;
	ctx->running = outer;
}

static void push(struct xl_op *op, const struct xl_step *steps, void *state)
{
	struct xl_frame *f = xl_zalloc(sizeof(*f));

	f->steps = steps;
	f->state = state;
	f->up = op->top;
	op->top = f;
}

int op_call(struct xl_op *op, const struct xl_step *steps, void *state)
{
	if (!steps[0].what)
		return 0;
	push(op, steps, state);
	return XL_CALL;
}

void op_resume(struct xl_op *op, int rc)
{
	assert(op->waiting);
	op->waiting = false;
	op->on_abort = NULL;
	run(op, rc);
}

void op_abortable(struct xl_op *op, void (*fn)(struct xl_op *op, void *arg), void *arg)
{
	op->on_abort = fn;
	op->abort_arg = arg;
}

void op_past_return(struct xl_op *op)
{
	op->no_return = true;
}

/* Ends the call: what the caller of the public function gets. */
static int op_end(struct xl_op *op)
{
	libxl_ctx *ctx = op->ctx;
	int rc = 0;

	op->active = false;
	if (op->sync) {
		while (!op->done && !rc)
			rc = loop_wait(ctx);
		rc = op->rc;
	}
	if (op->done)
		op_free(op);
	xl_leave(ctx);
	return rc;
}

int op_start(struct xl_op *op, const struct xl_step *steps, void *state)
{
	op->active = true;
	push(op, steps, state);
	run(op, XL_CALL);
	return op_end(op);
}

int op_finish_now(struct xl_op *op, int rc)
{
	op->active = true;
	op_done(op, rc);
	return op_end(op);
}

static bool is_how(const struct xl_op *op, const libxl_asyncop_how *how)
{
	if (op->sync || !how)
		return op->sync && !how;
	if (op->how.callback != how->callback)
		return false;
	return how->callback ? op->how.u.for_callback == how->u.for_callback :
		op->how.u.for_event == how->u.for_event;
}

/*
 * A wait that can be cut short ends now, others when they end by themselves; then what was done is undone. Without
 * how: the operation that somebody waits for in a call.
 */
int libxl_ao_abort(libxl_ctx *ctx, const libxl_asyncop_how *how)
{
	struct xl_op *op;

	XL_ENTER(ctx);
	LIST_FOREACH(op, &ctx->ops, link)
		if (!op->over && is_how(op, how))
			break;
	if (!op)
		return ERROR_NOTFOUND;
	if (op->aborted)
		return ERROR_ABORTED;
	op->aborted = true;
	if (op->waiting && op->on_abort && !op->no_return && !op->unwinding)
		op->on_abort(op, op->abort_arg);
	return 0;
}
