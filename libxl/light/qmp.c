/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The protocol is lines of JSON: a greeting, then answers in the order of the commands, with events in between. A
 * connection of ours lives for one command.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <yajl/yajl_gen.h>
#include <yajl/yajl_tree.h>

#include "domain.h"
#include "op.h"
#include "paths.h"
#include "qmp.h"

#define ANSWER_WAIT_MS 30000
#define ANSWER_MOST (1 << 20)

struct qmp {
	struct xl_op *op;
	uint32_t domid;
	const char *command;		/* with its arguments, as JSON */
	/* An answer: 0 or an error. */
	int (*answered)(struct qmp *q, yajl_val result);
	const char *password;
	char **output;
	unsigned answers;
	struct xl_fd fd;
	struct xl_timer timer;
	char *text;			/* what came and is not yet a line */
	size_t len;
};

char *qmp_path(struct xl_gc *gc, enum qmp_socket which, uint32_t domid)
{
	return gc_printf(gc, "%s/qmp-%s-%u", XEN_RUN_DIR, which == QMP_OURS ? "libxl" : "libxenstat", domid);
}

static void over(struct qmp *q, int rc)
{
	int fd = q->fd.fd;

	loop_timer_cancel(&q->timer);
	loop_fd_del(&q->fd);
	if (fd >= 0)
		close(fd);
	free(q->text);
	q->text = NULL;
	op_resume(q->op, rc);
}

static int complain(struct qmp *q, const char *what)
{
	LOGD(q->op->ctx, ERROR, q->domid, "its device model %s", what);
	return ERROR_FAIL;
}

static bool say(struct qmp *q, const char *command)
{
	XL_GC(gc);
	char *line = gc_printf(&gc, "%s\n", command);

	return send(q->fd.fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line);
}

static const char *text_at(yajl_val v, const char *a, const char *b)
{
	const char *path[] = { a, b, NULL };

	return YAJL_GET_STRING(yajl_tree_get(v, path, yajl_t_string));
}

/* 1: nothing to do but wait; else the end. */
static int take_line(struct qmp *q, const char *line)
{
	static const char *const greeting[] = { "QMP", NULL }, *const result[] = { "return", NULL };
	yajl_val v = yajl_tree_parse(line, NULL, 0);
	const char *error;
	int rc = 1;

	if (!v)
		return complain(q, "does not speak QMP");
	error = text_at(v, "error", "desc");
	if (error) {
		LOGD(q->op->ctx, ERROR, q->domid, "its device model refuses %s: %s", q->command, error);
		rc = ERROR_QMP_GENERIC_ERROR;
	} else if (yajl_tree_get(v, (const char **)greeting, yajl_t_any)) {
		if (!say(q, "{\"execute\":\"qmp_capabilities\"}"))
			rc = complain(q, "closed its control socket");
	} else if (yajl_tree_get(v, (const char **)result, yajl_t_any)) {
		if (q->answers++)
			rc = q->answered(q, yajl_tree_get(v, (const char **)result, yajl_t_any));
		else if (!say(q, q->command))
			rc = complain(q, "closed its control socket");
	}
	yajl_tree_free(v);
	return rc;
}

static int take_lines(struct qmp *q)
{
	char *end;
	int rc = 1;

	while (rc == 1 && (end = strchr(q->text, '\n'))) {
		*end = 0;
		rc = take_line(q, q->text);
		q->len -= (size_t)(end + 1 - q->text);
		memmove(q->text, end + 1, q->len + 1);
	}
	return rc;
}

static void ready(struct xl_fd *f, short revents)
{
	struct qmp *q = f->arg;
	char part[4096];
	ssize_t n = recv(f->fd, part, sizeof(part), MSG_DONTWAIT);
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || q->len + (size_t)n > ANSWER_MOST) {
		over(q, complain(q, n <= 0 ? "closed its control socket" : "says too much"));
		return;
	}
	q->text = xl_realloc(q->text, q->len + (size_t)n + 1);
	memcpy(q->text + q->len, part, (size_t)n);
	q->len += (size_t)n;
	q->text[q->len] = 0;
	rc = take_lines(q);
	if (rc != 1)
		over(q, rc);
}

static void late(struct xl_timer *t)
{
	over(t->arg, complain(t->arg, "does not answer at its control socket"));
}

static void abort_talk(struct xl_op *op, void *arg)
{
	over(arg, ERROR_ABORTED);
}

static int talk(struct xl_op *op, struct qmp *q)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	XL_GC(gc);
	char *path = qmp_path(&gc, QMP_OURS, q->domid);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	q->op = op;
	q->fd.fd = -1;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		LOGED(op->ctx, ERROR, q->domid, "cannot reach its device model at %s", path);
		if (fd >= 0)
			close(fd);
		return ERROR_NOT_READY;
	}
	rc = loop_fd_add(op->ctx, &q->fd, fd, POLLIN, ready, q);
	if (rc) {
		close(fd);
		return rc;
	}
	loop_timer_set(op->ctx, &q->timer, ANSWER_WAIT_MS, late, q);
	op_abortable(op, abort_talk, q);
	return XL_WAIT;
}

/* {"execute": NAME, "arguments": {KEY: VALUE}} */
static char *command_of(struct xl_gc *gc, const char *name, const char *key, const char *value)
{
	yajl_gen g = yajl_gen_alloc(NULL);
	const unsigned char *text;
	size_t len;
	char *copy;

	yajl_gen_map_open(g);
	yajl_gen_string(g, (const unsigned char *)"execute", 7);
	yajl_gen_string(g, (const unsigned char *)name, strlen(name));
	yajl_gen_string(g, (const unsigned char *)"arguments", 9);
	yajl_gen_map_open(g);
	yajl_gen_string(g, (const unsigned char *)key, strlen(key));
	yajl_gen_string(g, (const unsigned char *)value, strlen(value));
	yajl_gen_map_close(g);
	yajl_gen_map_close(g);
	yajl_gen_get_buf(g, &text, &len);
	copy = gc_printf(gc, "%.*s", (int)len, (const char *)text);
	yajl_gen_free(g);
	return copy;
}

static struct qmp *question(struct xl_op *op, uint32_t domid, const char *command,
	int (*answered)(struct qmp *q, yajl_val result))
{
	struct qmp *q = gc_zalloc(&op->gc, sizeof(*q));

	q->domid = domid;
	q->command = command;
	q->answered = answered;
	return q;
}

static int done(struct qmp *q, yajl_val result)
{
	return 0;
}

int qmp_set_vnc_password(struct xl_op *op, uint32_t domid, const char *password)
{
	return talk(op, question(op, domid, command_of(&op->gc, "change-vnc-password", "password", password), done));
}

static int publish(struct qmp *q, yajl_val result)
{
	struct xl_op *op = q->op;
	char *dir = gc_printf(&op->gc, "/local/domain/%u/console", q->domid);
	const char *host = text_at(result, "host", NULL), *port = text_at(result, "service", NULL);
	struct xs_batch b;

	if (!host || !port)
		return complain(q, "shows no screen");
	batch_init(&b, &op->gc);
	batch_put(&b, dir, "vnc-listen", host);
	batch_put(&b, dir, "vnc-port", port);
	if (q->password && q->password[0])
		batch_node(&b, ACCESS_TOOLS, 0, 0, q->password, "%s/vnc-pass", dir);
	return batch_commit(op->ctx, &b, NULL, NULL);
}

int qmp_publish_vnc(struct xl_op *op, uint32_t domid, const char *password)
{
	struct qmp *q = question(op, domid, "{\"execute\":\"query-vnc\"}", publish);

	q->password = password;
	return talk(op, q);
}

/* What a person types at QEMU's monitor. */

struct monitor {
	uint32_t domid;
	char *command, **output;
};

static int take_output(struct qmp *q, yajl_val result)
{
	const char *text = YAJL_GET_STRING(result);

	*q->output = xl_strdup(text ? text : "");
	return 0;
}

static int ask(struct xl_op *op, void *state)
{
	struct monitor *m = state;
	struct qmp *q = question(op, m->domid, m->command, take_output);

	q->output = m->output;
	return talk(op, q);
}

static const struct xl_step monitor_steps[] = { { "asking its device model", ask, NULL, false }, { 0 } };

int libxl_qemu_monitor_command(libxl_ctx *ctx, uint32_t domid, const char *command_line, char **output,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "qemu-monitor-command", ao_how);
	struct monitor *m = gc_zalloc(&op->gc, sizeof(*m));

	*output = NULL;
	m->domid = domid;
	m->output = output;
	m->command = command_of(&op->gc, "human-monitor-command", "command-line", command_line);
	return op_start(op, monitor_steps, m);
}
