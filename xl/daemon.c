// SPDX-License-Identifier: GPL-2.0-only
/* Turning into a daemon, and telling the parent when that is done. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "daemon.h"

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

int open_daemon_log(const char *name)
{
	char *path = NULL;
	int log;

	if (log_file()) {
		path = xl_strdup(log_file());
		log_close_file();
	} else if (libxl_create_logfile(ctx, name, &path)) {
		return xl_error("cannot make a log file for %s in " XEN_LOG_DIR, name), -1;
	}
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log < 0)
		xl_error("cannot open the log file %s: %s", path, strerror(errno));
	free(path);
	return log;
}

/* The log file takes the place of the terminal. */
static int redirect(const char *name)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), log;

	if (null < 0)
		return xl_error("cannot open /dev/null: %s", strerror(errno));
	log = open_daemon_log(name);
	if (log >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		close(log);
	}
	close(null);
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

bool said_ready(int fd)
{
	ssize_t n;
	char byte;

	while ((n = read(fd, &byte, 1)) < 0 && errno == EINTR)
		;
	return n == 1;
}

int daemonize(const char *name, const char *pidfile)
{
	int pipe_fds[2];
	bool ready;
	pid_t pid;

	fflush(NULL);
	if (pipe2(pipe_fds, O_CLOEXEC))
		return xl_error("cannot make a pipe: %s", strerror(errno)), -1;
	pid = fork();
	if (pid < 0) {
		xl_error("cannot start a process for %s: %s", name, strerror(errno));
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
	ready = said_ready(pipe_fds[0]);
	close(pipe_fds[0]);
	return ready ? 1 : (xl_error("the daemon ended at once; see " XEN_LOG_DIR "/%s.log", name), -1);
}
