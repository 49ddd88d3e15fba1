/* SPDX-License-Identifier: LGPL-2.1-only */
/* Starting a device model and ending it. What it is told on its command line is in dm_args.c. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dm.h"
#include "dm_args.h"
#include "domain.h"
#include "paths.h"
#include "qmp.h"
#include "xs.h"

#define START_WAIT_MS 60000
#define END_WAIT_MS 15000
#define STATE "/local/domain/0/device-model/%u"
#define PID "/local/domain/%u/image/device-model-pid"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void stop_waiting(struct dm *m)
{
	int pidfd = m->ended.fd;

	loop_watch_del(&m->ready);
	loop_timer_cancel(&m->timer);
	loop_fd_del(&m->ended);
	close_fd(&pidfd);
}

/* Numbers of processes are used again: it must still be this domain's. */
static bool is_model_of(pid_t pid, uint32_t domid)
{
	char path[32], words[4096], wanted[16];
	size_t n, i;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	snprintf(wanted, sizeof(wanted), "%u", domid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(words, 1, sizeof(words) - 1, f);
	fclose(f);
	words[n] = 0;
	for (i = 0; i < n; i += strlen(words + i) + 1)
		if (!strcmp(words + i, "-xen-domid"))
			return !strcmp(words + i + strlen(words + i) + 1, wanted);
	return false;
}

/* A descriptor of the domain's device model; -1: none runs. */
static int open_model(libxl_ctx *ctx, uint32_t domid, pid_t *pid)
{
	int fd, v;

	if (!xs_get_int(ctx, &v, PID, domid) || v <= 1)
		return -1;
	fd = (int)syscall(SYS_pidfd_open, v, 0);
	if (fd >= 0 && !is_model_of(v, domid))
		close_fd(&fd);
	*pid = v;
	return fd;
}

static bool model_runs(libxl_ctx *ctx, uint32_t domid)
{
	pid_t pid;
	int fd = open_model(ctx, domid, &pid);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* Starting. */

/*
 * In the device model's process, which nobody waits for: its number goes up, and once the other side has written that
 * down it begins. If the other side dies first it has never been.
 */
static void exec_model(struct dm *m, char **argv, int report, int go)
{
	pid_t self = getpid();
	sigset_t none;
	char c;
	int null = open("/dev/null", O_RDONLY), log = open(m->log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0644);

	if (null < 0 || log < 0 || write(report, &self, sizeof(self)) != (ssize_t)sizeof(self) || read(go, &c, 1) != 1)
		_exit(1);
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	/* A caller's thread may have held off the signal that is to end it. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	close_range(3, ~0u, 0);
	setenv("XEN_QEMU_CONSOLE_LIMIT", "1048576", 1);
	execv(m->program, argv);
	dprintf(2, "%s: %s\n", m->program, strerror(errno));
	_exit(127);
}

static void starter_ended(struct xl_child *c, int status)
{
	struct dm *m = c->arg;

	op_resume(m->op, 0);
}

static void starter_main(struct dm *m, char **argv, const int report[2], const int go[2])
{
	pid_t pid;

	close(report[0]);
	close(go[1]);
	setsid();
	pid = fork();
	if (!pid)
		exec_model(m, argv, report[1], go[0]);
	_exit(pid < 0);
}

static int start_process(struct xl_op *op, struct dm *m, char **argv)
{
	int report[2] = { -1, -1 }, go[2] = { -1, -1 }, rc = ERROR_FAIL;
	pid_t pid = -1;

	if (!pipe2(report, O_CLOEXEC) && !pipe2(go, O_CLOEXEC))
		pid = loop_fork(op->ctx);
	if (!pid)
		starter_main(m, argv, report, go);
	if (pid < 0)
		LOGED(op->ctx, ERROR, m->domid, "cannot start a process for its device model");
	m->report = report[0];
	m->go = go[1];
	close_fd(&report[1]);
	close_fd(&go[0]);
	if (pid > 0)
		rc = loop_child_add(op->ctx, &m->starter, pid, starter_ended, m);
	if (rc && pid > 0)
		waitpid(pid, NULL, 0);
	return rc ? rc : XL_WAIT;
}

static int begin(struct xl_op *op, void *state)
{
	struct dm *m = state;
	libxl_domain_config stored;
	const libxl_domain_config *config = m->creating;
	char **argv;
	int rc;

	m->op = op;
	m->report = m->go = m->ended.fd = -1;
	if (model_runs(op->ctx, m->domid))
		return 0;
	if (!config) {
		rc = config_load(op->ctx, m->domid, &stored);
		config = &stored;
		if (rc)
			LOGD(op->ctx, ERROR, m->domid, "no configuration is stored with it, which a device model needs");
		else
			rc = dm_check(op->ctx, m->domid, config);
		if (rc)
			goto out;
	}
	m->started = true;
	m->program = gc_strdup(&op->gc, dm_program(config));
	m->vnc = dm_vnc(config) != NULL;
	m->vnc_password = m->vnc ? gc_strdup(&op->gc, dm_vnc(config)->passwd) : NULL;
	rc = libxl_create_logfile(op->ctx, gc_printf(&op->gc, "qemu-dm-%s", config->c_info.name), &m->log);
	gc_keep(&op->gc, m->log);
	argv = dm_args(op->ctx, &op->gc, m->domid, config);
	if (!rc)
		rc = start_process(op, m, argv);
out:
	if (!m->creating)
		libxl_domain_config_dispose(&stored);
	return rc;
}

static int is_there(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct dm *m = arg;

	return domain_check_stays(ctx, t, m->domid);
}

/* Whoever destroys the domain from here on finds the process by its number. */
static int write_down(struct xl_op *op, void *state)
{
	struct dm *m = state;
	struct xs_batch b;
	int rc;

	if (!m->started)
		return 0;
	if (read(m->report, &m->pid, sizeof(m->pid)) != (ssize_t)sizeof(m->pid)) {
		LOGD(op->ctx, ERROR, m->domid, "no process for its device model came about, or it cannot write %s", m->log);
		return ERROR_FAIL;
	}
	batch_init(&b, &op->gc);
	batch_remove(&b, STATE, m->domid);
	batch_node(&b, ACCESS_TOOLS, 0, 0, "", STATE, m->domid);
	batch_node(&b, ACCESS_INHERIT, 0, 0, gc_printf(&op->gc, "%d", (int)m->pid), PID, m->domid);
	rc = batch_commit(op->ctx, &b, is_there, m);
	if (!rc && write(m->go, "", 1) != 1)
		rc = ERROR_FAIL;
	close_fd(&m->report);
	close_fd(&m->go);
	return rc;
}

static bool is_running(struct dm *m)
{
	XL_GC(gc);
	char *state = xs_get(m->op->ctx, &gc, XBT_NULL, STATE "/state", m->domid);

	return state && !strcmp(state, "running");
}

static void state_moved(struct xl_watch *w, const char *path)
{
	struct dm *m = w->arg;

	if (!is_running(m))
		return;
	stop_waiting(m);
	op_resume(m->op, 0);
}

/* What it said last is why it ended. */
static char *last_line(libxl_ctx *ctx, struct xl_gc *gc, const char *path)
{
	char *text, *line;
	void *data = NULL;
	int n = 0;

	if (libxl_read_file_contents(ctx, path, &data, &n) || !n)
		return NULL;
	text = gc_keep(gc, data);
	while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		text[--n] = 0;
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

static void model_ended(struct xl_fd *f, short revents)
{
	struct dm *m = f->arg;
	XL_GC(gc);
	char *why = last_line(m->op->ctx, &gc, m->log);

	stop_waiting(m);
	LOGD(m->op->ctx, ERROR, m->domid, "its device model ended at once: %s (%s has all it said)",
		why && why[0] ? why : "it said nothing", m->log);
	op_resume(m->op, ERROR_FAIL);
}

static void model_late(struct xl_timer *t)
{
	struct dm *m = t->arg;

	stop_waiting(m);
	LOGD(m->op->ctx, ERROR, m->domid, "its device model was not ready within %d s: see %s", START_WAIT_MS / 1000,
		m->log);
	op_resume(m->op, ERROR_TIMEDOUT);
}

static void model_abort(struct xl_op *op, void *arg)
{
	stop_waiting(arg);
	op_resume(op, ERROR_ABORTED);
}

static int wait_ready(struct xl_op *op, void *state)
{
	struct dm *m = state;
	int fd, rc;

	if (!m->started || is_running(m))
		return 0;
	fd = (int)syscall(SYS_pidfd_open, m->pid, 0);
	if (fd < 0) {
		LOGED(op->ctx, ERROR, m->domid, "cannot follow its device model");
		return ERROR_FAIL;
	}
	rc = loop_fd_add(op->ctx, &m->ended, fd, POLLIN, model_ended, m);
	if (rc)
		close(fd);
	if (!rc)
		rc = loop_watch_add(op->ctx, &m->ready, gc_printf(&op->gc, STATE "/state", m->domid), state_moved, m);
	if (rc) {
		stop_waiting(m);
		return rc;
	}
	loop_timer_set(op->ctx, &m->timer, START_WAIT_MS, model_late, m);
	op_abortable(op, model_abort, m);
	return XL_WAIT;
}

static int drop_pipes(struct xl_op *op, void *state)
{
	struct dm *m = state;

	close_fd(&m->report);
	close_fd(&m->go);
	return 0;
}

static int undo_start(struct xl_op *op, void *state)
{
	struct dm *m = state;

	return m->started ? op_call(op, dm_stop_steps, m) : 0;
}

static int set_password(struct xl_op *op, void *state)
{
	struct dm *m = state;

	if (!m->started || !m->vnc_password || !m->vnc_password[0])
		return 0;
	return qmp_set_vnc_password(op, m->domid, m->vnc_password);
}

/* Clients look for its screen in xenstore. */
static int tell_screen(struct xl_op *op, void *state)
{
	struct dm *m = state;

	return m->started && m->vnc ? qmp_publish_vnc(op, m->domid, m->vnc_password) : 0;
}

const struct xl_step dm_start_steps[] = {
	{ "starting its device model", begin, drop_pipes, false },
	{ "starting its device model", write_down, undo_start, false },
	{ "waiting for its device model", wait_ready, NULL, false },
	{ "setting the password of its screen", set_password, NULL, false },
	{ "asking for the address of its screen", tell_screen, NULL, false },
	{ 0 },
};

/* Ending. */

static void model_gone(struct xl_fd *f, short revents)
{
	struct dm *m = f->arg;

	stop_waiting(m);
	op_resume(m->op, 0);
}

static void survives(struct xl_timer *t)
{
	struct dm *m = t->arg;

	LOGD(m->op->ctx, WARN, m->domid, "its device model, process %d, does not even end when killed: what it has open "
		"stays in use (dmesg in Domain 0 may say why)", (int)m->pid);
	stop_waiting(m);
	op_resume(m->op, 0);
}

static void still_there(struct xl_timer *t)
{
	struct dm *m = t->arg;

	LOGD(m->op->ctx, WARN, m->domid, "its device model did not end within %d s: it is killed", END_WAIT_MS / 1000);
	syscall(SYS_pidfd_send_signal, m->ended.fd, SIGKILL, NULL, 0);
	loop_timer_set(m->op->ctx, &m->timer, END_WAIT_MS, survives, m);
}

/* It writes back what its disks still hold, and ends. */
static int end(struct xl_op *op, void *state)
{
	struct dm *m = state;
	int fd, rc;

	m->op = op;
	m->ended.fd = -1;
	fd = open_model(op->ctx, m->domid, &m->pid);
	if (fd < 0)
		return 0;
	rc = loop_fd_add(op->ctx, &m->ended, fd, POLLIN, model_gone, m);
	if (rc) {
		close(fd);
		return rc;
	}
	syscall(SYS_pidfd_send_signal, fd, SIGHUP, NULL, 0);
	loop_timer_set(op->ctx, &m->timer, END_WAIT_MS, still_there, m);
	return XL_WAIT;
}

static int forget(struct xl_op *op, void *state)
{
	struct dm *m = state;
	struct xs_batch b;

	if (!xs_get(op->ctx, &op->gc, XBT_NULL, STATE, m->domid))
		return 0;
	batch_init(&b, &op->gc);
	batch_remove(&b, STATE, m->domid);
	batch_remove_empty(&b, "/local/domain/0/device-model");
	batch_remove(&b, PID, m->domid);
	unlink(qmp_path(&op->gc, QMP_OURS, m->domid));
	unlink(qmp_path(&op->gc, QMP_STATISTICS, m->domid));
	return batch_commit(op->ctx, &b, NULL, NULL);
}

const struct xl_step dm_stop_steps[] = {
	{ "ending its device model", end, NULL, false },
	{ "forgetting its device model", forget, NULL, false },
	{ 0 },
};
