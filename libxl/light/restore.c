/* SPDX-License-Identifier: LGPL-2.1-only */
/* Restoring: a created domain whose memory comes from a stream. */
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>
#include <xenguest.h>

#include "create.h"
#include "stream.h"
#include "worker.h"

/* In the child. */
struct restore_job {
	struct create *c;
	libxl_ctx *ctx;
	xen_pfn_t store, console;
};

/* Streams from before 4.14 lack the policy: then it is what a domain of that age had. */
static int static_data_done(unsigned int missing, void *data)
{
	struct restore_job *j = data;

	return missing ? build_policy(j->ctx, j->c->domid, &j->c->full.b_info, true) : 0;
}

static void results(xen_pfn_t store, xen_pfn_t console, void *data)
{
	struct restore_job *j = data;

	j->store = store;
	j->console = console;
}

static int bad_stream(struct restore_job *j, const char *why)
{
	LOGD(j->ctx, ERROR, j->c->domid, "cannot restore it from this stream: %s", why);
	return ERROR_FAIL;
}

static int restore_in_child(struct worker *w, libxl_ctx *ctx)
{
	struct create *c = w->arg;
	struct restore_job j = { .c = c, .ctx = ctx };
	struct restore_callbacks calls = {
		.static_data_done = static_data_done, .restore_results = results, .data = &j,
	};
	unsigned long store = 0, console = 0;
	const char *bad = stream_get_head(c->restore_fd);

	if (bad)
		return bad_stream(&j, bad);
	if (xc_domain_restore(ctx->xch, c->restore_fd, c->domid, c->store_port, &store, 0, c->console_port,
	    &console, 0, XC_STREAM_PLAIN, &calls, -1))
		return bad_stream(&j, xc_get_last_error(ctx->xch)->message[0] ? xc_get_last_error(ctx->xch)->message :
			"its memory cannot be restored: it is damaged or does not fit this host");
	bad = stream_get_tail(c->restore_fd);
	if (bad)
		return bad_stream(&j, bad);
	worker_tell(w, WORKER_FRAMES, j.store ? j.store : store, j.console ? j.console : console);
	return 0;
}

static int run_restore(struct xl_op *op, void *state)
{
	return create_worker(op, state, restore_in_child);
}

static const struct xl_step restore_steps[] = {
	{ "reading the stream", run_restore, create_stop_worker, false },
	{ "taking over", create_take_frames, NULL, false },
	{ 0 },
};

int create_restore(struct xl_op *op, void *state)
{
	struct create *c = state;

	return c->restore_fd < 0 ? 0 : op_call(op, restore_steps, c);
}
