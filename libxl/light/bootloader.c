/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Boot loaders in Domain 0 (pygrub): a program that reads the guest's disk, chooses a kernel and leaves
 * copies of it and of its ramdisk for us. It answers in the "simple0" format: words of "kernel FILE",
 * "ramdisk FILE" and "args TEXT", each ended by a NUL.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "create.h"
#include "paths.h"

#define OUTPUT_MOST 65536

struct boot {
	struct create *c;
	struct xl_child child;
	struct xl_fd out;
	int fd;
	char *dir;		/* where the kernel goes */
	char *text;
	size_t len;
};

static void read_output(struct boot *b)
{
	ssize_t n;

	while (b->fd >= 0 && b->len < OUTPUT_MOST &&
	       (n = read(b->fd, b->text + b->len, OUTPUT_MOST - b->len)) > 0)
		b->len += (size_t)n;
}

static void output_ready(struct xl_fd *f, short revents)
{
	struct boot *b = f->arg;

	read_output(b);
	if (revents & (POLLHUP | POLLERR))
		loop_fd_del(f);
}

/* Only files that it made in its own directory are taken. */
static char *taken_file(struct boot *b, const char *path)
{
	if (strncmp(path, b->dir, strlen(b->dir)) || strstr(path, ".."))
		return NULL;
	return gc_strdup(&b->c->op->gc, path);
}

static int parse_output(struct boot *b)
{
	struct create *c = b->c;
	char *p = b->text, *end = b->text + b->len;

	c->kernel = c->ramdisk = NULL;
	for (; p < end; p += strlen(p) + 1) {
		if (!strncmp(p, "kernel ", 7))
			c->kernel = taken_file(b, p + 7);
		else if (!strncmp(p, "ramdisk ", 8))
			c->ramdisk = taken_file(b, p + 8);
		else if (!strncmp(p, "args ", 5))
			c->cmdline = gc_strdup(&c->op->gc, p + 5);
	}
	if (c->kernel)
		return 0;
	LOGX(c->op->ctx, ERROR, "domain %s: the boot loader %s named no kernel", c->full.c_info.name,
		c->full.b_info.bootloader);
	return ERROR_FAIL;
}

static void loader_ended(struct xl_child *child, int status)
{
	struct boot *b = child->arg;
	struct create *c = b->c;

	read_output(b);
	loop_fd_del(&b->out);
	close(b->fd);
	b->fd = -1;
	b->text[b->len] = 0;
	if (status) {
		LOGX(c->op->ctx, ERROR, "domain %s: the boot loader %s failed (wait status %#x): run it by hand "
			"on the first disk to see why", c->full.c_info.name, c->full.b_info.bootloader,
			(unsigned)status);
		op_resume(c->op, ERROR_FAIL);
		return;
	}
	op_resume(c->op, parse_output(b));
}

static char *loader_path(struct xl_gc *gc, const char *name)
{
	char *path;

	if (strchr(name, '/'))
		return gc_strdup(gc, name);
	path = gc_printf(gc, "%s/%s", XEN_BIN_DIR, name);
	return access(path, X_OK) ? gc_strdup(gc, name) : path;
}

static void exec_loader(struct boot *b, int out)
{
	struct create *c = b->c;
	struct xl_gc *gc = &c->op->gc;
	const libxl_domain_build_info *i = &c->full.b_info;
	int n = libxl_string_list_length(&i->bootloader_args), k = 0, j;
	const char **argv = gc_zalloc(gc, ((size_t)n + 10) * sizeof(*argv));

	argv[k++] = loader_path(gc, i->bootloader);
	if (i->kernel)
		argv[k++] = gc_printf(gc, "--kernel=%s", i->kernel);
	if (i->ramdisk)
		argv[k++] = gc_printf(gc, "--ramdisk=%s", i->ramdisk);
	if (i->cmdline)
		argv[k++] = gc_printf(gc, "--args=%s", i->cmdline);
	argv[k++] = gc_printf(gc, "--output=/dev/fd/%d", out);
	argv[k++] = "--output-format=simple0";
	argv[k++] = gc_printf(gc, "--output-directory=%s", b->dir);
	argv[k++] = "-q";	/* nobody sits at its menu */
	for (j = 0; j < n; j++)
		argv[k++] = i->bootloader_args[j];
	argv[k++] = c->full.disks[0].pdev_path;
	fcntl(out, F_SETFD, 0);
	execvp(argv[0], (char *const *)argv);
	dprintf(2, "libxl: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(126);
}

static int start_loader(struct xl_op *op, struct boot *b)
{
	int pipes[2], rc;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC)) {
		LOGE(op->ctx, ERROR, "cannot make a pipe");
		return ERROR_FAIL;
	}
	pid = loop_fork(op->ctx);
	if (!pid)
		exec_loader(b, pipes[1]);
	close(pipes[1]);
	b->fd = pipes[0];
	if (pid < 0) {
		LOGE(op->ctx, ERROR, "cannot start the boot loader");
		return ERROR_FAIL;
	}
	libxl_fd_set_nonblock(op->ctx, b->fd, 1);
	rc = loop_fd_add(op->ctx, &b->out, b->fd, POLLIN, output_ready, b);
	if (!rc)
		rc = loop_child_add(op->ctx, &b->child, pid, loader_ended, b);
	if (rc) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return rc;
	}
	return XL_WAIT;
}

int create_bootloader(struct xl_op *op, void *state)
{
	struct create *c = state;
	struct boot *b;

	if (!c->full.b_info.bootloader || c->restore_fd >= 0)
		return 0;
	if (!c->full.num_disks) {
		LOGX(op->ctx, ERROR, "domain %s: the boot loader needs a disk to look into: add one, or set "
			"kernel=", c->full.c_info.name);
		return ERROR_INVAL;
	}
	c->boot = b = gc_zalloc(&op->gc, sizeof(*b));
	b->c = c;
	b->fd = -1;
	b->out.fd = -1;
	b->text = gc_zalloc(&op->gc, OUTPUT_MOST + 1);
	mkdir(XEN_RUN_DIR, 0755);
	b->dir = gc_printf(&op->gc, "%s/bootloader.XXXXXX", XEN_RUN_DIR);
	if (!mkdtemp(b->dir)) {
		LOGE(op->ctx, ERROR, "cannot make a directory below %s", XEN_RUN_DIR);
		b->dir = NULL;
		return ERROR_FAIL;
	}
	return start_loader(op, b);
}

/* The kernel is in the guest's memory, or not wanted any more. */
int create_unbootloader(struct xl_op *op, void *state)
{
	struct create *c = state;
	struct boot *b = c->boot;
	struct dirent *e;
	DIR *dir;
	XL_GC(gc);

	if (!b)
		return 0;
	if (b->child.pid) {
		pid_t pid = b->child.pid;

		loop_child_forget(&b->child);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	loop_fd_del(&b->out);
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	dir = b->dir ? opendir(b->dir) : NULL;
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			unlink(gc_printf(&gc, "%s/%s", b->dir, e->d_name));
	if (dir)
		closedir(dir);
	if (b->dir)
		rmdir(b->dir);
	c->boot = NULL;
	return 0;
}
