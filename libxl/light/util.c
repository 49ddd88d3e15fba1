/* SPDX-License-Identifier: LGPL-2.1-only */
/* Files, processes, spellings: the helpers of libxl_utils.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "light.h"
#include "paths.h"

/* As basename(1), in memory of the caller. */
char *libxl_basename(const char *name)
{
	const char *end, *start;

	if (!name || !*name)
		return xl_strdup(".");
	end = name + strlen(name);
	while (end > name + 1 && end[-1] == '/')
		end--;
	for (start = end; start > name && start[-1] != '/'; start--)
		;
	return start == end ? xl_strdup("/") : xl_strndup(start, (size_t)(end - start));
}

/* 0 or an errno; a missing file is the caller's business. */
int libxl_read_file_contents(libxl_ctx *ctx, const char *filename, void **data_r, int *datalen_r)
{
	enum { MOST = 128 << 20 };
	struct stat st;
	char *data;
	ssize_t got = 0, n = 1;
	int fd = open(filename, O_RDONLY | O_CLOEXEC), e;

	if (fd < 0)
		return errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > MOST) {
		close(fd);
		LOGX(ctx, ERROR, "%s is not a file that can be read whole", filename);
		return EINVAL;
	}
	data = xl_zalloc((size_t)st.st_size + 1);
	while (got < st.st_size && (n = read(fd, data + got, (size_t)(st.st_size - got))) > 0)
		got += n;
	e = n < 0 ? errno : 0;
	close(fd);
	if (e || !data_r)
		free(data);
	else
		*data_r = data;
	if (!e && datalen_r)
		*datalen_r = (int)got;
	return e;
}

int libxl_read_exactly(libxl_ctx *ctx, int fd, void *data, ssize_t sz, const char *filename,
	const char *what)
{
	ssize_t got = 0, n;

	while (got < sz) {
		n = read(fd, (char *)data + got, (size_t)(sz - got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int e = errno;

			LOGE(ctx, ERROR, "cannot read %s from %s", what ? what : "data", filename ? filename : "a stream");
			return e;
		}
		if (!n) {
			LOGX(ctx, ERROR, "%s ends before %s is complete", filename ? filename : "the stream",
				what ? what : "it");
			return EPROTO;
		}
		got += n;
	}
	return 0;
}

int libxl_write_exactly(libxl_ctx *ctx, int fd, const void *data, ssize_t sz, const char *filename,
	const char *what)
{
	ssize_t put = 0, n;

	while (put < sz) {
		n = write(fd, (const char *)data + put, (size_t)(sz - put));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int e = errno;

			LOGE(ctx, ERROR, "cannot write %s to %s", what ? what : "data", filename ? filename : "a stream");
			return e;
		}
		put += n;
	}
	return 0;
}

static int change_flag(libxl_ctx *ctx, int fd, int get, int set, int flag, int on)
{
	int flags = fcntl(fd, get);

	if (flags >= 0 && fcntl(fd, set, on ? flags | flag : flags & ~flag) >= 0)
		return 0;
	LOGE(ctx, ERROR, "cannot change the flags of file descriptor %d", fd);
	return ERROR_FAIL;
}

int libxl_fd_set_cloexec(libxl_ctx *ctx, int fd, int cloexec)
{
	return change_flag(ctx, fd, F_GETFD, F_SETFD, FD_CLOEXEC, cloexec);
}

int libxl_fd_set_nonblock(libxl_ctx *ctx, int fd, int nonblock)
{
	return change_flag(ctx, fd, F_GETFL, F_SETFL, O_NONBLOCK, nonblock);
}

int libxl_pipe(libxl_ctx *ctx, int pipes[2])
{
	if (!pipe(pipes))
		return 0;
	LOGE(ctx, ERROR, "cannot make a pipe");
	return ERROR_FAIL;
}

void libxl_report_child_exitstatus(libxl_ctx *ctx, xentoollog_level level, const char *what, pid_t pid,
	int status)
{
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		xl_log(ctx, level, -1, XL_NO_DOMID, "%s [%d] ended with success where it should not", what,
			(int)pid);
	else if (WIFEXITED(status))
		xl_log(ctx, level, -1, XL_NO_DOMID, "%s [%d] failed with status %d", what, (int)pid,
			WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		xl_log(ctx, level, -1, XL_NO_DOMID, "%s [%d] was killed by %s", what, (int)pid,
			strsignal(WTERMSIG(status)));
	else
		xl_log(ctx, level, -1, XL_NO_DOMID, "%s [%d] ended with unknown status %#x", what, (int)pid,
			(unsigned)status);
}

int libxl_string_to_backend(libxl_ctx *ctx, char *s, libxl_disk_backend *backend)
{
	static const struct {
		const char *s;
		libxl_disk_backend backend;
	} words[] = {
		{ "phy", LIBXL_DISK_BACKEND_PHY }, { "file", LIBXL_DISK_BACKEND_TAP },
		{ "tap", LIBXL_DISK_BACKEND_TAP }, { "qdisk", LIBXL_DISK_BACKEND_QDISK },
		{ "standalone", LIBXL_DISK_BACKEND_STANDALONE },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(s, words[i].s)) {
			*backend = words[i].backend;
			return 0;
		}
	}
	return ERROR_INVAL;
}

/* The previous log is kept as NAME.log.1, and so on to .9. */
int libxl_create_logfile(libxl_ctx *ctx, const char *name, char **full_name)
{
	XL_GC(gc);
	char *base, *older, *newer;
	struct stat st;
	int i;

	XL_ENTER(ctx);
	if (strchr(name, '/')) {
		LOGX(ctx, ERROR, "\"%s\" cannot name a log", name);
		return ERROR_INVAL;
	}
	base = gc_printf(&gc, "%s/%s.log", XEN_LOG_DIR, name);
	if (!stat(base, &st)) {
		for (i = 9; i > 0; i--) {
			older = gc_printf(&gc, "%s.%d", base, i);
			newer = i > 1 ? gc_printf(&gc, "%s.%d", base, i - 1) : base;
			if (rename(newer, older) && errno != ENOENT) {
				LOGE(ctx, ERROR, "cannot rename %s", newer);
				return ERROR_FAIL;
			}
		}
	}
	*full_name = xl_strdup(base);
	return 0;
}
