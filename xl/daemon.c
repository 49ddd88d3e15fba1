// SPDX-License-Identifier: GPL-2.0-only
/* Turning into a daemon, and telling the parent when that is done. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "monitor.h"

static int ready_fd = -1;

void daemon_ready(void)
{
	if (ready_fd < 0)
		return;
	/* When the parent is gone nobody waits. */
	if (write(ready_fd, "", 1) < 0 && errno != EPIPE)
		xl_warn("cannot report to the parent: %s", strerror(errno));
	close(ready_fd);
	ready_fd = -1;
}

/* The log file takes the place of the terminal; libxl rotates older ones away. */
static int redirect(const char *name)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), log;
	char *path = NULL;

	if (null < 0)
		return xl_error("cannot open /dev/null: %s", strerror(errno));
	/* Building the domain may have begun the file. */
	if (log_file()) {
		path = xl_strdup(log_file());
		log_close_file();
	} else if (libxl_create_logfile(ctx, name, &path)) {
		close(null);
		return xl_error("cannot make a log file for %s in " XEN_LOG_DIR, name);
	}
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log < 0) {
		xl_error("cannot open the log file %s: %s", path, strerror(errno));
	} else {
		dup2(null, STDIN_FILENO);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		close(log);
	}
	close(null);
	free(path);
	return log < 0 ? XL_EXIT_FAIL : XL_EXIT_OK;
}

static int write_pidfile(const char *path)
{
	FILE *f;

	if (!path)
		return 0;
	f = fopen(path, "we");
	if (!f || fprintf(f, "%ld\n", (long)getpid()) < 0 || fclose(f))
		return xl_error("cannot write the process id to %s: %s", path, strerror(errno));
	return 0;
}

static int become_daemon(const char *name, const char *pidfile)
{
	xl_postfork();
	setsid();
	if (!xl_open() || redirect(name) || write_pidfile(pidfile) || chdir("/"))
		_exit(XL_EXIT_FAIL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return 0;
}

int daemonize(const char *name, const char *pidfile)
{
	int pipe_fds[2];
	ssize_t n;
	pid_t pid;
	char byte;

	fflush(NULL);
	if (pipe2(pipe_fds, O_CLOEXEC))
		return xl_error("cannot make a pipe: %s", strerror(errno)), -1;
	pid = fork();
	if (pid < 0) {
		xl_error("cannot start a process to watch the domain: %s", strerror(errno));
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return -1;
	}
	if (!pid) {
		close(pipe_fds[0]);
		ready_fd = pipe_fds[1];
		return become_daemon(name, pidfile);
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], &byte, 1)) < 0 && errno == EINTR)
		;
	close(pipe_fds[0]);
	return n == 1 ? 1 : (xl_error("the process that should watch ended at once; see " XEN_LOG_DIR "/%s.log", name), -1);
}
