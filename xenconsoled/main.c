// SPDX-License-Identifier: GPL-2.0-only
/*
 * xenconsoled: gives each guest's console a terminal and a log, and the hypervisor's a log.
 *
 * console.c is one guest's, consring.c the page shared with it, fifo.c what waits to be read,
 * logfile.c the files. The loop, the daemon's own log and the hypervisor's side are those of
 * xenstored/daemon/.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <xen/xen.h>

#include "../xenstored/daemon/daemon.h"
#include "../xenstored/daemon/log.h"
#include "../xenstored/daemon/xen.h"
#include "console.h"
#include "kept.h"
#include "options.h"
#include "place.h"

#define PERIOD_MS 200
#define TICK_S	  1
#define STORE_RETRY_S 1

static struct xs_handle *xs;
static struct console *consoles;
static struct logfile hv_log = { .fd = -1 };
static int hv_port = -1;
static uint32_t hv_index; /* what comes next of its output */
static struct source xs_source, evtchn_source, period_source, tick_source, store_source;

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

static void guest_seen(uint32_t domid, enum dom_state state, void *arg)
{
	bool alive = state != DOM_DYING;
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

static bool is_there(uint32_t domid)
{
	return console_find(domid);
}

static void take_census(void)
{
	bool some_dead = false;

	for (struct console *c = consoles; c; c = c->next)
		c->seen = false;
	if (!xen_each_dom(1, guest_seen, NULL)) {
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
	kept_let_go_rest(is_there);
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
	unsigned int n;

	while ((n = xen_read_console(buf, sizeof(buf), &hv_index))) {
		logfile_write(&hv_log, buf, n);
		place_set(PLACE_HYPERVISOR, &(struct place){ .log = hv_log.place, .cons = hv_index });
	}
}

static void evtchn_handle(struct source *src, uint32_t events)
{
	int port = xen_evtchn_next();
	struct console *c;

	if (port < 0)
		return;
	if (port == hv_port) {
		hv_read();
		xen_evtchn_done((uint32_t)port);
		return;
	}
	c = xen_port_owner(port);
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

static void xs_handle_fd(struct source *src, uint32_t events);

/* Its events first, so that the descriptor is not in use any more when it is closed. */
static void store_leave(void)
{
	if (xs_source.fd >= 0)
		loop_del(&xs_source);
	xs_source.fd = -1;
	xs_close(xs);
	xs = NULL;
}

/* All that is wanted of the store is asked of it anew, for it may be another than before. */
static bool store_join(void)
{
	xs = xs_open(0);
	if (!xs)
		return false;
	xs_source.fd = xs_fileno(xs);
	xs_source.handle = xs_handle_fd;
	if (xs_source.fd < 0 || !loop_add(&xs_source, EPOLLIN)) {
		xs_source.fd = -1;
		goto fail;
	}
	if (!xs_watch(xs, "@introduceDomain", "domlist") || !xs_watch(xs, "@releaseDomain", "domlist"))
		goto fail;
	for (struct console *c = consoles; c; c = c->next)
		if (!console_watch_again(c, xs))
			goto fail;
	return true;
fail:
	store_leave();
	return false;
}

static void store_retry(struct source *src, uint32_t events)
{
	timer_done(src);
	if (store_join())
		log_line("xenstored is there again");
	else
		timer_set(src, STORE_RETRY_S, 0);
}

static void xs_handle_fd(struct source *src, uint32_t events)
{
	char **event;

	while ((event = xs_check_watch(xs))) {
		xs_handle_event(event[XS_WATCH_TOKEN]);
		free(event);
	}
	if (errno != EAGAIN) {
		log_line("the connection to xenstored is lost (%s): consoles go on, new ones wait for it",
			 strerror(errno));
		store_leave();
		timer_set(&store_source, STORE_RETRY_S, 0);
	}
}

static void hv_log_open(const struct log_place *at)
{
	logfile_open(&hv_log, opts.log_dir, "hypervisor.log", opts.stamps & LOG_HV_BIT, opts.no_escapes, at);
	place_set(PLACE_HYPERVISOR, &(struct place){ .log = hv_log.place, .cons = hv_index });
}

static void logs_reopen(void)
{
	for (struct console *c = consoles; c; c = c->next)
		if (!c->dead && c->master.fd >= 0)
			console_reopen_log(c);
	if (hv_log.fd >= 0) {
		logfile_close(&hv_log);
		hv_log_open(NULL);
	}
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
	struct place p;
	bool known;

	if (!(opts.logs & LOG_HV_BIT))
		return true;
	hv_port = xen_bind_virq(VIRQ_CON_RING);
	if (hv_port < 0) {
		log_line("VIRQ_CON_RING cannot be bound (%s): does another xenconsoled run?",
			 strerror(errno));
		return false;
	}
	known = place_get(PLACE_HYPERVISOR, &p);
	if (known)
		hv_index = p.cons;
	hv_log_open(known ? &p.log : NULL);
	hv_read();
	return true;
}

static bool start(void)
{
	raise_fd_limit();
	if (!loop_init() || !daemon_signals(logs_reopen) || !timer_open(&period_source, period_handle) ||
	    !timer_open(&tick_source, tick_handle) || !timer_open(&store_source, store_retry)) {
		log_line("cannot start: %s", strerror(errno));
		return false;
	}
	places_open(opts.state_dir);
	if (!xen_open())
		return false;
	evtchn_source.fd = xen_evtchn_fd();
	evtchn_source.handle = evtchn_handle;
	if (!hv_open() || !loop_add(&evtchn_source, EPOLLIN))
		return false;
	if (store_join())
		return true;
	log_line("cannot reach xenstored (%s): is it running?", strerror(errno));
	return false;
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
		ready = daemon_detach();
		if (ready < 0 || !daemon_pid_file(opts.pid_file, "xenconsoled"))
			return 1;
	}
	if (!start())
		return 1;
	daemon_ready("xenconsoled", ready);
	loop_run(round_end);
	if (!opts.interactive)
		unlink(opts.pid_file);
	return 0;
}
