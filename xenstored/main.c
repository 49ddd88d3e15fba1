// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenstored: the store of small facts by which domains and their tools find each other.
 *
 * core/ holds the store itself, which knows nothing of this machine. Around it: conn.c (messages),
 * sock.c and domain.c (the two ways in), ring.c (the page shared with a guest), xen.c (the
 * hypervisor), control.c (an operator's commands), loop.c (the one loop).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conn.h"
#include "control.h"
#include "core/store.h"
#include "domain.h"
#include "log.h"
#include "loop.h"
#include "options.h"
#include "sock.h"
#include "xen.h"

static struct store the_store;

static void env_log(struct store *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void env_log(struct store *s, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	log_line("%s", line);
}

static const struct store_env env = {
	.send = conn_send,
	.dom_exists = domain_exists,
	.introduce = domain_introduce,
	.release = domain_release,
	.resume = domain_resume,
	.set_target = domain_set_target,
	.introduced = domain_introduced,
	.control = control_command,
	.log = env_log,
};

static bool round_end(void)
{
	bool busy = conns_serve();

	domain_round_end();
	return busy;
}

static void signal_handle(struct source *src, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(src->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		trace_reopen();
	else
		loop_stop();
}

static bool signals_init(void)
{
	static struct source src;
	sigset_t set;

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

/* In the child: the descriptor on which to say that the store is up. The parent waits for it. */
static int detach(void)
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

static void detach_done(int ready)
{
	int null = open("/dev/null", O_RDWR);

	(void)!chdir("/");
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		if (null > 2)
			close(null);
	}
	(void)!write(ready, "1", 1);
	close(ready);
}

/* Locked for as long as we live, so that a second store is refused. */
static bool pid_write(const char *path)
{
	char text[16];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int n = snprintf(text, sizeof(text), "%d\n", getpid());

	if (fd < 0 || lockf(fd, F_TLOCK, 0)) {
		log_line(fd < 0 ? "cannot open pid file %s: %s" :
				  "pid file %s is locked (%s): another xenstored runs",
			 path, strerror(errno));
		return false;
	}
	return !ftruncate(fd, 0) && write(fd, text, (size_t)n) == n;
}

static void apply(const struct options *o)
{
	for (int i = 0; i < QUOTA_COUNT; i++)
		if (o->quota_given[i])
			the_store.quota[i] = o->quota[i];
	if (o->soft_given)
		the_store.soft_memory = o->soft_memory;
	the_store.keep_orphans = o->keep_orphans;
	the_store.priv_domid = o->priv_domid;
}

static bool start(const struct options *o)
{
	if (o->pid_file && !pid_write(o->pid_file))
		return false;
	if (o->trace_file && !trace_open(o->trace_file)) {
		log_line("cannot open trace file %s: %s", o->trace_file, strerror(errno));
		return false;
	}
	if (!store_init(&the_store, &env) || !loop_init() || !signals_init()) {
		log_line("cannot start: %s", strerror(errno));
		return false;
	}
	apply(o);
	if (!xen_open() || !domain_init(&the_store, !o->no_domain_init))
		return false;
	return sock_listen(&the_store);
}

int main(int argc, char **argv)
{
	struct options o;
	int ready = -1;

	options_parse(&o, argc, argv);
	log_open("xenstored", true);
	umask(0022);
	if (!o.no_fork) {
		ready = detach();
		if (ready < 0) {
			log_line("cannot fork: %s", strerror(errno));
			return 1;
		}
	}
	if (!start(&o))
		return 1;
	if (o.output_pid) {
		printf("%d\n", getpid());
		fflush(stdout);
	}
	if (ready >= 0) {
		log_open("xenstored", false);
		detach_done(ready);
	}
	loop_run(round_end);
	sock_unlisten();
	if (o.pid_file)
		unlink(o.pid_file);
	return 0;
}
