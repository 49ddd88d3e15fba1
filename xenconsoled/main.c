// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenconsoled: gives each guest's console a terminal and a log, and the hypervisor's a log.
 *
 * console.c is one guest's, consring.c the page shared with it, fifo.c what waits to be read,
 * logfile.c the files, xen.c the hypervisor. The loop and the daemon's own log are xenstored's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../xenstored/log.h"
#include "console.h"
#include "options.h"
#include "xen.h"

#define PERIOD_MS 200
#define TICK_S	  1

static struct xs_handle *xs;
static struct console *consoles;
static struct logfile hv_log = { .fd = -1 };
static int hv_port = -1;
static struct source xs_source, evtchn_source, signal_source, period_source, tick_source;

static struct console *console_find(uint32_t domid)
{
	struct console *c = consoles;

	while (c && (c->domid != domid || c->dead))
		c = c->next;
	return c;
}

static void timer_set(struct source *src, time_t s, long ms)
{
	struct itimerspec t = { .it_value = { s, ms * 1000000 } };

	timerfd_settime(src->fd, 0, &t, NULL);
}

static bool timer_open(struct source *src, void (*handle)(struct source *, uint32_t))
{
	src->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	src->handle = handle;
	return src->fd >= 0 && loop_add(src, EPOLLIN);
}

static void timer_done(const struct source *src)
{
	uint64_t n;

	(void)!read(src->fd, &n, sizeof(n));
}

static void guest_seen(uint32_t domid, bool alive, void *arg)
{
	struct console *c = console_find(domid);

	if (!c && alive) {
		c = console_new(xs, domid);
		if (c) {
			c->next = consoles;
			consoles = c;
		}
	}
	if (c)
		c->seen = alive;
}

static void take_census(void)
{
	bool some_dead = false;

	for (struct console *c = consoles; c; c = c->next)
		c->seen = false;
	if (!xen_each_guest(guest_seen, NULL)) {
		log_line("the list of domains cannot be had: %s", strerror(errno));
		return;
	}
	for (struct console *c = consoles; c; c = c->next) {
		if (!c->seen)
			console_die(c, xs);
		some_dead |= c->dead;
	}
	if (some_dead)
		timer_set(&tick_source, 0, 1);
}

static void tick_handle(struct source *src, uint32_t events)
{
	struct console **at = &consoles;
	bool more = false;

	timer_done(src);
	while (*at) {
		struct console *c = *at;

		if (c->dead && console_linger(c)) {
			*at = c->next;
			console_free(c);
			continue;
		}
		more |= c->dead;
		at = &c->next;
	}
	if (more)
		timer_set(src, TICK_S, 0);
}

static void period_handle(struct source *src, uint32_t events)
{
	timer_done(src);
	consoles_limited = false;
	for (struct console *c = consoles; c; c = c->next)
		console_period(c);
}

static void hv_read(void)
{
	char buf[4096];
	long n;

	while ((n = xen_read_console(buf, sizeof(buf))) > 0)
		logfile_write(&hv_log, buf, (size_t)n);
}

static void evtchn_handle(struct source *src, uint32_t events)
{
	int port = xen_evtchn_next();
	struct console *c;

	if (port < 0)
		return;
	if (port == hv_port) {
		hv_read();
		xen_unmask((uint32_t)port);
		return;
	}
	c = console_of_port(port);
	if (c)
		console_event(c);
}

static void xs_handle_event(const char *token)
{
	struct console *c;

	if (!strcmp(token, "domlist")) {
		take_census();
		return;
	}
	c = strncmp(token, "dom", 3) ? NULL : console_find((uint32_t)strtoul(token + 3, NULL, 10));
	if (c)
		console_update(c, xs);
}

static void xs_handle_fd(struct source *src, uint32_t events)
{
	char **event;

	while ((event = xs_check_watch(xs))) {
		xs_handle_event(event[XS_WATCH_TOKEN]);
		free(event);
	}
	if (errno != EAGAIN) {
		log_line("the connection to xenstored is lost: %s", strerror(errno));
		loop_stop();
	}
}

static void logs_reopen(void)
{
	for (struct console *c = consoles; c; c = c->next)
		if (!c->dead && c->master.fd >= 0)
			console_reopen_log(c);
	if (hv_log.fd >= 0) {
		logfile_close(&hv_log);
		logfile_open(&hv_log, opts.log_dir, "hypervisor.log", opts.stamps & LOG_HV_BIT,
			     opts.no_escapes);
	}
}

static void signal_handle(struct source *src, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(src->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		logs_reopen();
	else
		loop_stop();
}

static bool signals_open(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return false;
	signal_source.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	signal_source.handle = signal_handle;
	return signal_source.fd >= 0 && loop_add(&signal_source, EPOLLIN);
}

static bool round_end(void)
{
	static bool armed;

	if (consoles_limited && !armed)
		timer_set(&period_source, 0, PERIOD_MS);
	armed = consoles_limited;
	return false;
}

/* A console takes four descriptors. */
static void raise_fd_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max = 132008;
	if (setrlimit(RLIMIT_NOFILE, &r) && !getrlimit(RLIMIT_NOFILE, &r)) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

static bool hv_open(void)
{
	if (!(opts.logs & LOG_HV_BIT))
		return true;
	hv_port = xen_bind_console();
	if (hv_port < 0) {
		log_line("VIRQ_CON_RING cannot be bound (%s): does another xenconsoled run?",
			 strerror(errno));
		return false;
	}
	logfile_open(&hv_log, opts.log_dir, "hypervisor.log", opts.stamps & LOG_HV_BIT,
		     opts.no_escapes);
	hv_read();
	return true;
}

static bool watch_domains(void)
{
	xs = xs_open(0);
	if (!xs) {
		log_line("cannot reach xenstored (%s): is it running?", strerror(errno));
		return false;
	}
	xs_source.fd = xs_fileno(xs);
	xs_source.handle = xs_handle_fd;
	if (!xs_watch(xs, "@introduceDomain", "domlist") || !xs_watch(xs, "@releaseDomain", "domlist")) {
		log_line("domains cannot be watched for: %s", strerror(errno));
		return false;
	}
	return xs_source.fd >= 0 && loop_add(&xs_source, EPOLLIN);
}

static bool start(void)
{
	raise_fd_limit();
	if (!loop_init() || !signals_open() || !timer_open(&period_source, period_handle) ||
	    !timer_open(&tick_source, tick_handle)) {
		log_line("cannot start: %s", strerror(errno));
		return false;
	}
	if (!xen_open())
		return false;
	evtchn_source.fd = xen_evtchn_fd();
	evtchn_source.handle = evtchn_handle;
	return hv_open() && loop_add(&evtchn_source, EPOLLIN) && watch_domains();
}

/* In the child: the descriptor on which to say that all is up. The parent waits for it. */
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
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	(void)!write(ready, "1", 1);
	close(ready);
}

static bool pid_write(void)
{
	char text[16];
	int fd = open(opts.pid_file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int n = snprintf(text, sizeof(text), "%d\n", getpid());

	if (fd < 0 || lockf(fd, F_TLOCK, 0)) {
		log_line(fd < 0 ? "cannot open pid file %s: %s" :
				  "pid file %s is locked (%s): another xenconsoled runs",
			 opts.pid_file, strerror(errno));
		return false;
	}
	return !ftruncate(fd, 0) && write(fd, text, (size_t)n) == n;
}

int main(int argc, char **argv)
{
	int ready = -1;

	options_parse(argc, argv);
	log_open("xenconsoled", true);
	if (geteuid()) {
		fprintf(stderr, "%s requires root to run.\n", argv[0]);
		return 1;
	}
	if (!opts.interactive) {
		ready = detach();
		if (ready < 0 || !pid_write())
			return 1;
	}
	if (!start())
		return 1;
	if (ready >= 0) {
		log_open("xenconsoled", false);
		detach_done(ready);
	}
	loop_run(round_end);
	if (!opts.interactive)
		unlink(opts.pid_file);
	return 0;
}
