/* SPDX-License-Identifier: LGPL-2.1-only */
/* Scripts that a user names in script=: run, waited for, their complaint passed on. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "paths.h"

#define SCRIPT_WAIT_MS 40000

static void script_late(struct xl_timer *t)
{
	struct hotplug *h = t->arg;

	h->late = true;
	kill(h->child.pid, SIGKILL);
}

static void script_ended(struct xl_child *c, int status)
{
	struct hotplug *h = c->arg;
	libxl_ctx *ctx = h->op->ctx;
	XL_GC(gc);
	char *why;

	loop_timer_cancel(&h->timer);
	if (!status) {
		op_resume(h->op, 0);
		return;
	}
	why = xs_get(ctx, &gc, XBT_NULL, "%s/hotplug-error", h->d->back);
	if (h->op->aborted) {
		op_resume(h->op, ERROR_ABORTED);
		return;
	}
	if (h->late)
		why = gc_printf(&gc, "did not end within %d s and was killed", SCRIPT_WAIT_MS / 1000);
	else if (why)
		why = gc_printf(&gc, "failed: %s", why);
	else if (WIFEXITED(status))
		why = gc_printf(&gc, "failed with exit code %d: its own output says why", WEXITSTATUS(status));
	else
		why = gc_printf(&gc, "was ended by signal %d", WTERMSIG(status));
	xl_log(ctx, h->quiet ? XTL_VERBOSE : XTL_ERROR, -1, h->d->domid, "%s: the script %s %s", h->word, h->script, why);
	op_resume(h->op, ERROR_FAIL);
}

static void script_abort(struct xl_op *op, void *arg)
{
	struct hotplug *h = arg;

	kill(h->child.pid, SIGKILL);
}

static void child_exec(struct hotplug *h, const char *const *args, const char *const *env)
{
	const char *argv[8] = { h->script };
	int i, fd = open("/dev/null", O_RDWR);

	for (i = 0; args[i] && i < 6; i++)
		argv[i + 1] = args[i];
	if (fd >= 0) {
		dup2(fd, 0);
		dup2(2, 1);
	}
	setenv("script", h->script, 1);
	setenv("XENBUS_TYPE", h->d->kind, 1);
	setenv("XENBUS_PATH", strstr(h->d->back, "backend/"), 1);	/* from our own folder on */
	setenv("XENBUS_BASE_PATH", "backend", 1);
	for (i = 0; env && env[i] && env[i + 1]; i += 2)
		setenv(env[i], env[i + 1], 1);
	execv(h->script, (char *const *)argv);
	dprintf(2, "libxl: cannot run %s: %s\n", h->script, strerror(errno));
	_exit(126);
}

int hotplug_run(struct xl_op *op, struct hotplug *h, const struct xl_device *d, const char *script,
	const char *const *args, const char *const *env)
{
	pid_t pid;
	int rc;

	h->op = op;
	h->d = d;
	h->script = script[0] == '/' ? script : gc_printf(&op->gc, "%s/%s", XEN_SCRIPT_DIR, script);
	if (access(h->script, X_OK)) {
		xl_log(op->ctx, h->quiet ? XTL_VERBOSE : XTL_ERROR, -1, d->domid, "%s: cannot run the script %s: %s: make it "
			"executable, or correct script=", h->word, h->script, strerror(errno));
		return ERROR_INVAL;
	}
	pid = loop_fork(op->ctx);
	if (pid < 0) {
		LOGED(op->ctx, ERROR, d->domid, "cannot start the script %s", h->script);
		return ERROR_FAIL;
	}
	if (!pid)
		child_exec(h, args, env);
	rc = loop_child_add(op->ctx, &h->child, pid, script_ended, h);
	if (rc) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return rc;
	}
	loop_timer_set(op->ctx, &h->timer, SCRIPT_WAIT_MS, script_late, h);
	op_abortable(op, script_abort, h);
	return XL_WAIT;
}
