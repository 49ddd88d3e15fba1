// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "manager.h"

static void (*on_hangup)(void);

int daemon_detach(void)
{
	int ready[2];
	pid_t pid;
	char ok;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid) {
		close(ready[1]);
		_exit(read(ready[0], &ok, 1) == 1 ? 0 : 1);
	}
	close(ready[0]);
	setsid();
	return ready[1];
}

static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR);

	(void)!chdir("/");
	for (int std = 0; null >= 0 && std < 3; std++)
		dup2(null, std);
	if (null > 2)
		close(null);
}

void daemon_ready(const char *name, int fd)
{
	/* xenstored has more to say there later: the environment keeps the address. */
	bool managed = manager_tell("READY=1") > 0;

	/* A service manager collects both syslog and stderr: each line once is enough. */
	if (managed || fd >= 0)
		log_open(name, false);
	if (fd < 0)
		return;
	leave_terminal();
	(void)!write(fd, "1", 1);
	close(fd);
}

bool daemon_pid_file(const char *path, const char *name)
{
	char text[16];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int n = snprintf(text, sizeof(text), "%d\n", getpid());

	if (fd < 0) {
		log_line("cannot open pid file %s: %s", path, strerror(errno));
		return false;
	}
	if (lockf(fd, F_TLOCK, 0)) {
		log_line("pid file %s is locked (%s): another %s runs", path, strerror(errno), name);
		return false;
	}
	if (ftruncate(fd, 0) || write(fd, text, (size_t)n) != n) {
		log_line("cannot write pid file %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static void signal_handle(struct source *src, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(src->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		on_hangup();
	else
		loop_stop();
}

bool daemon_signals(void (*hangup)(void))
{
	static struct source src;
	sigset_t set;

	on_hangup = hangup;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return false;
	src.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	src.handle = signal_handle;
	return src.fd >= 0 && loop_add(&src, EPOLLIN);
}
