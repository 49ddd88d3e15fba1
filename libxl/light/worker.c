/* SPDX-License-Identifier: LGPL-2.1-only */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker.h"
#include "toolcore_internal.h"

static void finish(struct worker *w)
{
	loop_fd_del(&w->fd);
	if (w->socket >= 0)
		close(w->socket);
	w->socket = -1;
}

static void take_mail(struct worker *w, struct worker_mail *m)
{
	libxl_ctx *ctx = w->op->ctx;

	m->context[sizeof(m->context) - 1] = m->text[sizeof(m->text) - 1] = 0;
	switch (m->what) {
	case WORKER_FRAMES:
		w->store_mfn = (unsigned long)m->a;
		w->console_mfn = (unsigned long)m->b;
		break;
	case WORKER_LOG:
		xl_log_text(ctx, w->op, (xentoollog_level)m->level, (int)(int64_t)m->b, m->context, m->text);
		break;
	case WORKER_PROGRESS:
		if (ctx->lg)
			xtl_progress(ctx->lg, m->context, m->text, m->a, m->b);
		break;
	default:
		if (w->asked)
			w->asked(w, m->what);
	}
}

static void read_mail(struct worker *w)
{
	struct worker_mail m;

	while (w->socket >= 0 && recv(w->socket, &m, sizeof(m), MSG_DONTWAIT) == (ssize_t)sizeof(m))
		take_mail(w, &m);
}

static void mail_ready(struct xl_fd *f, short revents)
{
	struct worker *w = f->arg;

	read_mail(w);
	/* The other end is closed: its end of life is reported by the pidfd. */
	if (revents & (POLLHUP | POLLERR))
		loop_fd_del(f);
}

static void child_ended(struct xl_child *c, int status)
{
	struct worker *w = c->arg;

	read_mail(w);
	finish(w);
	if (WIFSIGNALED(status) && !w->op->aborted)
		LOGD(w->op->ctx, ERROR, w->domid, "the process that works on it was ended by signal %d%s", WTERMSIG(status),
			WTERMSIG(status) == SIGKILL ? ": by hand, or because Domain 0 ran out of memory (see dmesg)" : "");
	op_resume(w->op, w->op->aborted && status ? ERROR_ABORTED :
		WIFEXITED(status) ? -WEXITSTATUS(status) : ERROR_FAIL);
}

static void worker_abort(struct xl_op *op, void *arg)
{
	struct worker *w = arg;

	kill(w->child.pid, SIGKILL);
}

/* The child's logger. */

struct worker_logger {
	xentoollog_logger vtable;
	int socket;
	bool detail;
};

static void post(struct worker_logger *l, const struct worker_mail *m)
{
	if (send(l->socket, m, sizeof(*m), MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void log_message(xentoollog_logger *logger, xentoollog_level level, int errnoval,
	const char *context, const char *format, va_list al)
{
	bool lower = context && !strcmp(context, "xc");
	/* Its text comes again, in the message that says what it means. */
	struct worker_mail m = {
		.what = WORKER_LOG, .level = lower && level == XTL_ERROR ? XTL_VERBOSE : level,
		.b = (uint64_t)(int64_t)errnoval,
	};

	if (level < XTL_PROGRESS && !((struct worker_logger *)logger)->detail)
		return;		/* detail of each page batch would only fill the socket */
	snprintf(m.context, sizeof(m.context), "%s", context ? context : "xc");
	vsnprintf(m.text, sizeof(m.text), format, al);
	post((struct worker_logger *)logger, &m);
}

static void log_progress(xentoollog_logger *logger, const char *context, const char *doing_what,
	int percent, unsigned long done, unsigned long total)
{
	struct worker_mail m = { .what = WORKER_PROGRESS, .percent = percent, .a = done, .b = total };

	snprintf(m.context, sizeof(m.context), "%s", context ? context : "xc");
	snprintf(m.text, sizeof(m.text), "%s", doing_what);
	post((struct worker_logger *)logger, &m);
}

static void log_destroy(xentoollog_logger *logger)
{
}

static void child_main(struct worker *w, int socket, libxl_ctx *ctx, pid_t parent)
{
	struct worker_logger logger = {
		.vtable = { log_message, log_progress, log_destroy }, .socket = socket,
		.detail = w->detail,
	};
	int rc = ERROR_FAIL;

	w->in_child = true;
	w->socket = socket;
	signal(SIGPIPE, SIG_IGN);
	/*
	 * Nothing may go on behind a caller that was killed. The kernel watches the thread that forked, which in a
	 * program with threads may end before its operation does.
	 */
	if (__libc_single_threaded && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent))
		_exit(1);
	libxl_postfork_child_noexec(ctx);
	ctx->lg = &logger.vtable;
	ctx->xch = xc_interface_open(ctx->lg, ctx->lg, XC_OPENFLAG_PROCESS_ENDS);
	if (ctx->xch)
		rc = w->job(w, ctx);
	_exit(-rc);
}

int worker_run(struct xl_op *op, struct worker *w)
{
	int pair[2], rc;
	pid_t pid, self = getpid();

	w->op = op;
	w->socket = -1;
	w->fd.fd = -1;
	/* Whole messages, and an end that both sides see. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		LOGED(op->ctx, ERROR, w->domid, "cannot make a socket");
		return ERROR_FAIL;
	}
	pid = loop_fork(op->ctx);
	if (pid < 0) {
		LOGED(op->ctx, ERROR, w->domid, "cannot start a process");
		close(pair[0]);
		close(pair[1]);
		return ERROR_FAIL;
	}
	if (!pid) {
		close(pair[0]);
		child_main(w, pair[1], op->ctx, self);
	}
	close(pair[1]);
	w->socket = pair[0];
	rc = loop_fd_add(op->ctx, &w->fd, w->socket, POLLIN, mail_ready, w);
	if (!rc)
		rc = loop_child_add(op->ctx, &w->child, pid, child_ended, w);
	if (rc) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		finish(w);
		return rc;
	}
	op_abortable(op, worker_abort, w);
	return XL_WAIT;
}

void worker_answer(struct worker *w, bool ok)
{
	uint32_t v = ok;

	if (w->socket >= 0 && send(w->socket, &v, sizeof(v), MSG_NOSIGNAL) != (ssize_t)sizeof(v))
		LOGED(w->op->ctx, WARN, w->domid, "cannot answer the process that works on it");
}

void worker_kill(struct worker *w)
{
	pid_t pid = w->child.pid;

	if (!pid)
		return;
	loop_child_forget(&w->child);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	finish(w);
}

bool worker_ask(struct worker *w, uint32_t what)
{
	uint32_t v = 0;

	worker_tell(w, what, 0, 0);
	return recv(w->socket, &v, sizeof(v), 0) == (ssize_t)sizeof(v) && v;
}

void worker_tell(struct worker *w, uint32_t what, uint64_t a, uint64_t b)
{
	struct worker_mail m = { .what = what, .a = a, .b = b };

	if (send(w->socket, &m, sizeof(m), MSG_NOSIGNAL) != (ssize_t)sizeof(m))
		_exit(1);	/* nobody waits for the result any more */
}
