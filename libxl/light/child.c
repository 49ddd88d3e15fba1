/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Children. Each of ours is seen to end through a pidfd, so that SIGCHLD is needed for one thing only: callers who
 * count on us to reap their own children too, and gave a callback to learn of them.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "light.h"
#include "op.h"

static libxl_sigchld_owner mode(const libxl_ctx *ctx)
{
	return ctx->child_hooks ? ctx->child_hooks->chldowner : libxl_sigchld_owner_libxl;
}

/* SIGCHLD, for one context at a time, as callers promise. */

static atomic_int bell = -1;
static struct sigaction before;

static void on_sigchld(int sig)
{
	int saved = errno, fd = atomic_load(&bell);

	if (fd >= 0)
		bell_ring(fd);
	errno = saved;
}

static struct xl_child *find(libxl_ctx *ctx, pid_t pid)
{
	struct xl_child *c;

	LIST_FOREACH(c, &ctx->loop.children, link)
		if (c->pid == pid)
			break;
	return c;
}

static void release_sigchld(libxl_ctx *ctx)
{
	struct xl_fd *f = &ctx->loop.sigchld;
	int fd = f->fd;

	if (fd < 0)
		return;
	sigaction(SIGCHLD, &before, NULL);
	atomic_store(&bell, -1);
	loop_fd_del(f);
	close(fd);
}

static void stop_watching(struct xl_child *c)
{
	int pidfd = c->fd.fd;

	loop_fd_del(&c->fd);
	if (pidfd >= 0)
		close(pidfd);
}

static void release_if_idle(libxl_ctx *ctx)
{
	if (LIST_EMPTY(&ctx->loop.children) && mode(ctx) == libxl_sigchld_owner_libxl)
		release_sigchld(ctx);
}

void loop_child_forget(struct xl_child *c)
{
	if (!c->pid)
		return;
	stop_watching(c);
	LIST_REMOVE(c, link);
	c->pid = 0;
	release_if_idle(c->ctx);
}

static void child_gone(struct xl_child *c, int status)
{
	loop_child_forget(c);
	c->fn(c, status);
}

static void tell_of(libxl_ctx *ctx, pid_t pid, int status)
{
	struct xl_notice *n;

	if (!ctx->child_hooks->reaped_callback) {
		LOGX(ctx, WARN, "process %d ended, which nobody knows", (int)pid);
		return;
	}
	n = xl_zalloc(sizeof(*n));
	n->kind = XL_NOTICE_CHILD;
	n->pid = pid;
	n->rc = status;
	TAILQ_INSERT_TAIL(&ctx->notices, n, link);
}

static void sigchld_ready(struct xl_fd *f, short revents)
{
	libxl_ctx *ctx = f->ctx;
	struct xl_child *c;
	uint64_t rings;
	int status;
	pid_t pid;

	if (read(f->fd, &rings, sizeof(rings)) < 0)
		return;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		c = find(ctx, pid);
		if (c)
			child_gone(c, status);
		else
			tell_of(ctx, pid, status);
	}
}

static void take_sigchld(libxl_ctx *ctx)
{
	struct sigaction sa = { .sa_handler = on_sigchld, .sa_flags = SA_RESTART | SA_NOCLDSTOP };
	struct xl_fd *f = &ctx->loop.sigchld;
	int fd;

	if (f->fd >= 0 || atomic_load(&bell) >= 0)
		return;
	fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);	/* some may have ended before */
	if (fd < 0 || loop_fd_add(ctx, f, fd, POLLIN, sigchld_ready, NULL)) {
		LOGX(ctx, ERROR, "cannot follow the application's own processes");
		if (fd >= 0)
			close(fd);
		return;
	}
	atomic_store(&bell, fd);
	sigaction(SIGCHLD, &sa, &before);
}

/* Where SIGCHLD is ignored, children leave no status behind. */
static void unignore_sigchld(void)
{
	struct sigaction sa;

	if (sigaction(SIGCHLD, NULL, &sa))
		return;
	if (sa.sa_handler != SIG_IGN && !(sa.sa_flags & SA_NOCLDWAIT))
		return;
	sa.sa_handler = SIG_DFL;
	sa.sa_flags = 0;
	sigaction(SIGCHLD, &sa, NULL);
}

void libxl_childproc_setmode(libxl_ctx *ctx, const libxl_childproc_hooks *hooks, void *user)
{
	XL_ENTER(ctx);
	release_sigchld(ctx);
	ctx->child_hooks = hooks;
	ctx->child_user = user;
	if (mode(ctx) == libxl_sigchld_owner_libxl_always)
		take_sigchld(ctx);
}

/* Our own children. */

pid_t loop_fork(libxl_ctx *ctx)
{
	pid_t pid;

	if (mode(ctx) != libxl_sigchld_owner_mainloop)
		unignore_sigchld();
	if (mode(ctx) == libxl_sigchld_owner_libxl && ctx->child_hooks && ctx->child_hooks->reaped_callback)
		take_sigchld(ctx);
	pid = ctx->child_hooks && ctx->child_hooks->fork_replacement ?
		ctx->child_hooks->fork_replacement(ctx->child_user) : fork();
	if (pid < 0)
		release_if_idle(ctx);
	return pid;
}

/* What waitpid would say. */
static int wait_status(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (info->si_status & 0xff) << 8;
	return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/*
 * The caller's main loop reaps: look without reaping. If the caller was faster it will tell, with libxl_childproc_reaped.
 */
static void peek(struct xl_child *c)
{
	struct xl_unreaped *u;
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT)) {
		stop_watching(c);
		return;
	}
	if (!info.si_pid)
		return;
	u = xl_zalloc(sizeof(*u));
	u->pid = c->pid;
	LIST_INSERT_HEAD(&c->ctx->loop.unreaped, u, link);
	child_gone(c, wait_status(&info));
}

static void child_ready(struct xl_fd *f, short revents)
{
	struct xl_child *c = f->arg;
	int status = 0;
	pid_t got;

	if (mode(c->ctx) == libxl_sigchld_owner_mainloop) {
		peek(c);
		return;
	}
	got = waitpid(c->pid, &status, WNOHANG);
	if (got == 0)
		return;
	if (got < 0)		/* the application reaped it, which it said it would not */
		status = 0xff00;
	child_gone(c, status);
}

int loop_child_add(libxl_ctx *ctx, struct xl_child *c, pid_t pid,
	void (*fn)(struct xl_child *c, int status), void *arg)
{
	int rc, pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0) {
		LOGE(ctx, ERROR, "cannot follow process %d", (int)pid);
		return ERROR_FAIL;
	}
	c->pid = pid;
	c->fn = fn;
	c->arg = arg;
	c->ctx = ctx;
	rc = loop_fd_add(ctx, &c->fd, pidfd, POLLIN, child_ready, c);
	if (rc) {
		close(pidfd);
		c->pid = 0;
		return rc;
	}
	LIST_INSERT_HEAD(&ctx->loop.children, c, link);
	return 0;
}

static void drop(struct xl_unreaped *u)
{
	LIST_REMOVE(u, link);
	free(u);
}

void children_forget(libxl_ctx *ctx)
{
	while (!LIST_EMPTY(&ctx->loop.children))
		loop_child_forget(LIST_FIRST(&ctx->loop.children));
	while (!LIST_EMPTY(&ctx->loop.unreaped))
		drop(LIST_FIRST(&ctx->loop.unreaped));
	release_sigchld(ctx);
}

int libxl_childproc_reaped(libxl_ctx *ctx, pid_t pid, int status)
{
	struct xl_child *c;
	struct xl_unreaped *u;

	XL_ENTER(ctx);
	c = find(ctx, pid);
	if (c) {
		child_gone(c, status);
		return 0;
	}
	LIST_FOREACH(u, &ctx->loop.unreaped, link) {
		if (u->pid != pid)
			continue;
		drop(u);
		return 0;
	}
	return ERROR_UNKNOWN_CHILD;
}

/* The caller does not know one child from the other, and leaves ours to us. */
void libxl_childproc_sigchld_occurred(libxl_ctx *ctx)
{
	struct xl_unreaped *u, *next;
	struct xl_child *c;
	int status;

	XL_ENTER(ctx);
	for (u = LIST_FIRST(&ctx->loop.unreaped); u; u = next) {
		next = LIST_NEXT(u, link);
		if (waitpid(u->pid, &status, WNOHANG))
			drop(u);
	}
	do {			/* the end of one may change the list */
		LIST_FOREACH(c, &ctx->loop.children, link)
			if (waitpid(c->pid, &status, WNOHANG) == c->pid)
				break;
		if (c)
			child_gone(c, status);
	} while (c);
}
