/* SPDX-License-Identifier: LGPL-2.1-only */
/* Suspending a guest, saving it to a stream, letting it go on. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenguest.h>

#include "domain.h"
#include "stream.h"
#include "worker.h"
#include "xs.h"

#define SUSPEND_WAIT_MS 60000

/*
 * The guest is asked through its control node and takes the request away when it has seen it; then it
 * stops itself, which xenstored reports like any shutdown.
 */
struct suspend {
	struct xl_op *op;
	uint32_t domid;
	struct xl_watch released;
	struct xl_timer timer;
	void (*done)(struct suspend *s, int rc);
	void *arg;
};

/* 1 suspended, 0 not yet, negative: it did something else. */
static int look(struct suspend *s)
{
	xc_domaininfo_t info;
	unsigned reason;

	if (domain_get(s->op->ctx, s->domid, &info)) {
		LOGD(s->op->ctx, ERROR, s->domid, "it went away while it was asked to suspend");
		return ERROR_DOMAIN_DESTROYED;
	}
	if (!(info.flags & XEN_DOMINF_shutdown))
		return 0;
	reason = (info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
	if (reason == SHUTDOWN_suspend)
		return 1;
	LOGD(s->op->ctx, ERROR, s->domid, "it was asked to suspend but stopped for another reason: %s",
		libxl_shutdown_reason_to_string((libxl_shutdown_reason)reason));
	return ERROR_FAIL;
}

static void stop_waiting(struct suspend *s)
{
	loop_watch_del(&s->released);
	loop_timer_cancel(&s->timer);
}

static void suspend_over(struct suspend *s, int rc)
{
	stop_waiting(s);
	s->done(s, rc);
}

static void someone_left(struct xl_watch *w, const char *path)
{
	struct suspend *s = w->arg;
	int r = look(s);

	if (r)
		suspend_over(s, r < 0 ? r : 0);
}

static int still_requested(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	const uint32_t *domid = arg;
	XL_GC(gc);
	const char *request = xs_get(ctx, &gc, t, "/local/domain/%u/control/shutdown", *domid);

	return request && request[0] ? 0 : ERROR_NOT_READY;
}

/* A guest that has not seen the request yet might suspend when nobody wants it any more. False: it has, and will. */
static bool take_request_back(libxl_ctx *ctx, uint32_t domid)
{
	XL_GC(gc);
	struct xs_batch b;

	batch_init(&b, &gc);
	batch_node(&b, ACCESS_INHERIT, 0, 0, "", "/local/domain/%u/control/shutdown", domid);
	return !batch_commit(ctx, &b, still_requested, &domid);
}

static void too_late(struct xl_timer *t)
{
	struct suspend *s = t->arg;

	if (take_request_back(s->op->ctx, s->domid)) {
		LOGD(s->op->ctx, ERROR, s->domid, "it did not answer a request to suspend within %d s: does its "
			"kernel run, and does it support suspending?", SUSPEND_WAIT_MS / 1000);
	} else {
		LOGD(s->op->ctx, ERROR, s->domid, "it took a request to suspend but did not stop within %d s",
			SUSPEND_WAIT_MS / 1000);
	}
	suspend_over(s, ERROR_GUEST_TIMEDOUT);
}

static void suspend_start(struct suspend *s, struct xl_op *op, uint32_t domid,
	void (*done)(struct suspend *s, int rc), void *arg)
{
	int r;

	*s = (struct suspend){ .op = op, .domid = domid, .done = done, .arg = arg };
	r = look(s);
	if (r) {
		done(s, r < 0 ? r : 0);
		return;
	}
	r = loop_watch_add(op->ctx, &s->released, "@releaseDomain", someone_left, s);
	if (!r && !xs_set(op->ctx, "suspend", "/local/domain/%u/control/shutdown", domid))
		r = ERROR_FAIL;
	if (r) {
		suspend_over(s, r);
		return;
	}
	loop_timer_set(op->ctx, &s->timer, SUSPEND_WAIT_MS, too_late, s);
}

/* Saving. */

struct save {
	uint32_t domid;
	int fd;
	uint32_t flags;
	struct worker worker;
	struct suspend suspend;
	bool suspended;
};

/* In the child. */
struct save_job {
	struct worker *w;
};

static int ask_suspend(void *data)
{
	struct save_job *j = data;

	return worker_ask(j->w, WORKER_SUSPEND);
}

static int no_precopy(struct precopy_stats stats, void *data)
{
	/* Two rounds, or little left: then the guest is stopped for the rest. */
	return (stats.dirty_count >= 0 && stats.dirty_count < 50) || stats.iteration >= 5 ?
		XGS_POLICY_STOP_AND_COPY : XGS_POLICY_CONTINUE_PRECOPY;
}

static int save_in_child(struct worker *w, libxl_ctx *ctx)
{
	struct save *s = w->arg;
	struct save_job j = { .w = w };
	struct save_callbacks calls = { .suspend = ask_suspend, .precopy_policy = no_precopy, .data = &j };

	if (stream_put_head(s->fd)) {
		LOGED(ctx, ERROR, s->domid, "cannot write the stream");
		return ERROR_FAIL;
	}
	if (xc_domain_save(ctx->xch, s->fd, s->domid, s->flags, &calls, XC_STREAM_PLAIN, -1)) {
		LOGED(ctx, ERROR, s->domid, "cannot save its memory: %s", xc_get_last_error(ctx->xch)->message);
		return ERROR_FAIL;
	}
	if (stream_put_end(s->fd)) {
		LOGED(ctx, ERROR, s->domid, "cannot write the end of the stream");
		return ERROR_FAIL;
	}
	return 0;
}

static void suspended(struct suspend *sus, int rc)
{
	struct save *s = sus->arg;

	s->suspended = !rc;
	worker_answer(&s->worker, !rc);
}

static void worker_asked(struct worker *w, uint32_t what)
{
	struct save *s = w->arg;

	if (what == WORKER_SUSPEND)
		suspend_start(&s->suspend, w->op, s->domid, suspended, s);
}

static int save_run(struct xl_op *op, void *state)
{
	struct save *s = state;
	struct worker *w = &s->worker;

	w->domid = s->domid;
	w->arg = s;
	w->job = save_in_child;
	w->asked = worker_asked;
	return worker_run(op, w);
}

static int resume(libxl_ctx *ctx, uint32_t domid, bool cancel)
{
	if (xc_domain_resume(ctx->xch, domid, cancel)) {
		LOGED(ctx, ERROR, domid, "cannot let it go on");
		return ERROR_FAIL;
	}
	if (!xl_xs(ctx) || !xs_resume_domain(ctx->xsh, domid)) {
		LOGED(ctx, ERROR, domid, "xenstored does not take it back");
		return ERROR_FAIL;
	}
	return 0;
}

/* Nobody wants it to be suspended any more. */
static void suspended_in_vain(struct suspend *sus, int rc)
{
	struct save *s = sus->arg;

	if (!rc)
		rc = resume(sus->op->ctx, s->domid, true);
	op_resume(sus->op, rc);
}

/* The guest goes on as if it had never been asked. One that has taken the request but not stopped yet is waited for. */
static int save_undo(struct xl_op *op, void *state)
{
	struct save *s = state;
	struct suspend *sus = &s->suspend;

	worker_kill(&s->worker);
	if (sus->released.on && !take_request_back(op->ctx, s->domid)) {
		const int r = look(sus);

		s->suspended = r > 0;
		if (!r) {
			sus->done = suspended_in_vain;
			return XL_WAIT;
		}
	}
	stop_waiting(sus);
	return s->suspended ? resume(op->ctx, s->domid, true) : 0;
}

static const struct xl_step save_steps[] = {
	{ "saving", save_run, save_undo, false },
	{ 0 },
};

static int check_can_save(libxl_ctx *ctx, uint32_t domid)
{
	xc_domaininfo_t info;

	if (!domid || domain_get(ctx, domid, &info)) {
		LOGD(ctx, ERROR, domid, "there is no such guest");
		return ERROR_DOMAIN_NOTFOUND;
	}
	if (domain_type(ctx, domid, &info) != LIBXL_DOMAIN_TYPE_PV)
		return xl_not_yet(ctx, domid, "saving HVM and PVH guests");
	if (info.flags & XEN_DOMINF_dying) {
		LOGD(ctx, ERROR, domid, "it is being destroyed");
		return ERROR_DOMAIN_DESTROYED;
	}
	return 0;
}

int libxl_domain_suspend(libxl_ctx *ctx, uint32_t domid, int fd, int flags,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "save", ao_how);
	struct save *s = gc_zalloc(&op->gc, sizeof(*s));
	XL_GC(gc);
	int rc = check_can_save(ctx, domid);

	if (rc)
		return op_finish_now(op, rc);
	op->log_name = xl_strdup(domain_name(ctx, &gc, domid));
	s->domid = domid;
	s->fd = fd;
	s->flags = (flags & LIBXL_SUSPEND_LIVE ? XCFLAGS_LIVE : 0u) |
		(flags & LIBXL_SUSPEND_DEBUG ? XCFLAGS_DEBUG : 0u);
	return op_start(op, save_steps, s);
}

/* Suspend without a stream. */

static void only_suspended(struct suspend *s, int rc)
{
	struct save *holder = s->arg;

	if (s->op->waiting)
		op_resume(s->op, rc);
	else
		holder->flags = rc ? 2 : 1;	/* over before the step returned */
}

static void suspend_abort(struct xl_op *op, void *arg)
{
	struct save *s = arg;

	/* Who has taken the request stops soon: then this comes too late. */
	if (take_request_back(op->ctx, s->domid))
		suspend_over(&s->suspend, ERROR_ABORTED);
}

static int suspend_run(struct xl_op *op, void *state)
{
	struct save *s = state;

	s->flags = 0;
	suspend_start(&s->suspend, op, s->domid, only_suspended, s);
	if (s->flags)
		return s->flags == 1 ? 0 : ERROR_FAIL;
	op_abortable(op, suspend_abort, s);
	return XL_WAIT;
}

static const struct xl_step suspend_steps[] = { { "suspending", suspend_run, NULL, false }, { 0 } };

int libxl_domain_suspend_only(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "suspend", ao_how);
	struct save *s = gc_zalloc(&op->gc, sizeof(*s));
	int rc = check_can_save(ctx, domid);

	if (rc)
		return op_finish_now(op, rc);
	s->domid = domid;
	return op_start(op, suspend_steps, s);
}

int libxl_domain_resume(libxl_ctx *ctx, uint32_t domid, int suspend_cancel,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "resume", ao_how);
	xc_domaininfo_t info;
	int rc = domain_get(ctx, domid, &info);

	if (rc)
		LOGD(ctx, ERROR, domid, "there is no such domain");
	/* A save that failed has resumed it already; callers ask for it once more. */
	if (rc || !(info.flags & XEN_DOMINF_shutdown))
		return op_finish_now(op, rc);
	return op_finish_now(op, resume(ctx, domid, suspend_cancel));
}
