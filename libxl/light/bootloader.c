/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Boot loaders in Domain 0 (pygrub): a program that reads the guest's disk, chooses a kernel and leaves
 * copies of it and of its ramdisk for us. It writes its answer into a file, in the "simple0" format:
 * "kernel FILE", "ramdisk FILE" and "args TEXT", each ended by a NUL.
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

#define ANSWER_MOST 65536
#define NOT_STARTED 126

struct boot {
	struct create *c;
	struct xl_child child;
	char *dir;		/* where the kernel goes */
	char *answer;		/* a file in it */
};

/* Only files that it made in its own directory are taken. */
static char *taken_file(struct boot *b, const char *path)
{
	if (strncmp(path, b->dir, strlen(b->dir)) || strstr(path, ".."))
		return NULL;
	return gc_strdup(&b->c->op->gc, path);
}

static int parse_answer(struct boot *b)
{
	struct create *c = b->c;
	void *text = NULL;
	char *p, *end;
	int len = 0;

	if (libxl_read_file_contents(c->op->ctx, b->answer, &text, &len) || len > ANSWER_MOST)
		len = 0;
	gc_keep(&c->op->gc, text);	/* ends with a NUL */
	p = text;
	end = p + len;
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
	LOGX(c->op->ctx, ERROR, "the boot loader %s named no kernel", c->full.b_info.bootloader);
	return ERROR_FAIL;
}

static void loader_ended(struct xl_child *child, int status)
{
	struct boot *b = child->arg;
	struct create *c = b->c;

	if (status) {
		if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED)
			LOGX(c->op->ctx, ERROR, "the boot loader %s cannot be run: correct bootloader=",
				c->full.b_info.bootloader);
		else
			LOGX(c->op->ctx, ERROR, "the boot loader %s failed (wait status %#x): run it by hand on the "
				"first disk to see why", c->full.b_info.bootloader, (unsigned)status);
		op_resume(c->op, ERROR_FAIL);
		return;
	}
	op_resume(c->op, parse_answer(b));
}

static char *loader_path(struct xl_gc *gc, const char *name)
{
	char *path;

	if (strchr(name, '/'))
		return gc_strdup(gc, name);
	path = gc_printf(gc, "%s/%s", XEN_BIN_DIR, name);
	return access(path, X_OK) ? gc_strdup(gc, name) : path;
}

static void exec_loader(struct boot *b)
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
	argv[k++] = gc_printf(gc, "--output=%s", b->answer);
	argv[k++] = "--output-format=simple0";
	argv[k++] = gc_printf(gc, "--output-directory=%s", b->dir);
	argv[k++] = "-q";	/* nobody sits at its menu */
	for (j = 0; j < n; j++)
		argv[k++] = i->bootloader_args[j];
	argv[k++] = c->full.disks[0].pdev_path;
	execvp(argv[0], (char *const *)argv);
	_exit(NOT_STARTED);
}

static int start_loader(struct xl_op *op, struct boot *b)
{
	int fd = open(b->answer, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc;
	pid_t pid;

	if (fd < 0) {
		LOGE(op->ctx, ERROR, "cannot make %s", b->answer);
		return ERROR_FAIL;
	}
	close(fd);
	pid = loop_fork(op->ctx);
	if (!pid)
		exec_loader(b);
	if (pid < 0) {
		LOGE(op->ctx, ERROR, "cannot start the boot loader");
		return ERROR_FAIL;
	}
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
		LOGX(op->ctx, ERROR, "the boot loader needs a disk to look into: add one, or set kernel=");
		return ERROR_INVAL;
	}
	c->boot = b = gc_zalloc(&op->gc, sizeof(*b));
	b->c = c;
	mkdir(XEN_RUN_DIR, 0755);
	b->dir = gc_printf(&op->gc, "%s/bootloader.XXXXXX", XEN_RUN_DIR);
	if (!mkdtemp(b->dir)) {
		LOGE(op->ctx, ERROR, "cannot make a directory below %s", XEN_RUN_DIR);
		b->dir = NULL;
		return ERROR_FAIL;
	}
	b->answer = gc_printf(&op->gc, "%s/answer", b->dir);
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
