// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <xen/grant_table.h>

#include "../xenstored/daemon/log.h"
#include "../xenstored/daemon/xen.h"
#include "consring.h"
#include "kept.h"
#include "options.h"
#include "place.h"

/* Output that waits for a reader when the store gives no console/limit. */
#define DEFAULT_LIMIT (1024u * 1024u)
#define MAX_LIMIT     (64u * 1024u * 1024u)
#define TAIL_BYTES    (16u * 1024u)
/* Events of one console that are served in one period. */
#define EVENTS_A_PERIOD 30u
#define LINGER_TICKS	5u

bool consoles_limited;

/* The string at a node below the console's, or NULL. */
static char *node_read(const struct console *c, struct xs_handle *xs, const char *leaf)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", c->path, leaf);
	return xs_read(xs, XBT_NULL, path, NULL);
}

static bool node_number(const struct console *c, struct xs_handle *xs, const char *leaf, uint64_t *v)
{
	char *text = node_read(c, xs, leaf), *end;
	bool ok;

	if (!text)
		return false;
	errno = 0;
	*v = strtoull(text, &end, 10);
	ok = text[0] && !*end && !errno;
	free(text);
	return ok;
}

static void master_watch(struct console *c)
{
	bool room = c->ring && !c->broken && !c->dead && consring_room(c->ring) > 0;

	if (c->master.fd >= 0)
		loop_change(&c->master, (room ? EPOLLIN : 0) | (c->out.len ? EPOLLOUT : 0));
}

static void output_to_tty(struct console *c)
{
	while (c->out.len && c->master.fd >= 0) {
		ssize_t n = write(c->master.fd, fifo_data(&c->out), c->out.len);

		if (n > 0) {
			fifo_drop(&c->out, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			fifo_drop(&c->out, c->out.len);
		break;
	}
	master_watch(c);
}

static void ring_bad(struct console *c)
{
	if (!c->broken)
		log_line("domain %" PRIu32 ": its console's ring indices make no sense: ignored from now on",
			 c->domid);
	c->broken = true;
}

/*
 * How much output there is a place for. With overflow kept, a guest whose output nobody reads
 * has to wait; else the oldest makes room.
 */
static size_t may_take(const struct console *c)
{
	return opts.keep_overflow && !c->dead ? c->out.limit - c->out.len : SIZE_MAX;
}

/* After each chunk, and when the log or the ring are others than before. */
static void note_place(const struct console *c)
{
	place_set(c->domid, &(struct place){ c->log.place, c->frame, c->remote, c->taken });
}

static void take_output(struct console *c)
{
	char buf[2048];
	size_t room;
	long n, sum = 0;

	/* Bounded, for a guest could go on writing while we read. */
	while (c->ring && !c->broken && (room = may_take(c)) && sum < 4 * (long)sizeof(buf)) {
		n = consring_read(c->ring, buf, room < sizeof(buf) ? room : sizeof(buf), &c->taken);
		if (n < 0)
			ring_bad(c);
		if (n <= 0)
			break;
		sum += n;
		c->any_output = true;
		logfile_write(&c->log, buf, (size_t)n);
		note_place(c);
		consring_take(c->ring, c->taken);
		fifo_put(&c->tail, buf, (size_t)n);
		if (!fifo_put(&c->out, buf, (size_t)n))
			log_line("domain %" PRIu32 ": no memory for its console's output: some is lost",
				 c->domid);
	}
	if (sum && c->port)
		xen_notify((uint32_t)c->port);
}

static void unmask_if_ready(struct console *c)
{
	if (c->masked && c->port && c->events_left && may_take(c)) {
		c->masked = false;
		xen_evtchn_done((uint32_t)c->port);
	}
}

void console_event(struct console *c)
{
	c->masked = true;
	if (c->events_left)
		c->events_left--;
	if (!c->events_left)
		consoles_limited = true;
	take_output(c);
	output_to_tty(c);
	unmask_if_ready(c);
}

bool console_period(struct console *c)
{
	bool waited = !c->events_left;

	c->events_left = EVENTS_A_PERIOD;
	unmask_if_ready(c);
	return waited;
}

/* What is typed goes to the guest as far as there is room; the terminal keeps the rest. */
static void input_to_ring(struct console *c)
{
	char buf[1024];
	long room = c->ring && !c->broken ? consring_room(c->ring) : 0;
	ssize_t n;

	if (room < 0)
		ring_bad(c);
	if (room <= 0)
		return;
	n = read(c->master.fd, buf, (size_t)room < sizeof(buf) ? (size_t)room : sizeof(buf));
	if (n > 0 && consring_write(c->ring, buf, (size_t)n) > 0 && c->port)
		xen_notify((uint32_t)c->port);
}

static void master_handle(struct source *src, uint32_t events)
{
	struct console *c = (struct console *)((char *)src - offsetof(struct console, master));

	if (events & EPOLLIN)
		input_to_ring(c);
	if (events & EPOLLOUT) {
		output_to_tty(c);
		take_output(c); /* held back while there was no room */
		unmask_if_ready(c);
	}
	master_watch(c);
}

static bool tty_tell(const struct console *c, struct xs_handle *xs)
{
	char name[128], path[256];

	snprintf(path, sizeof(path), "%s/tty", c->path);
	if (!ptsname_r(c->master.fd, name, sizeof(name)) &&
	    xs_write(xs, XBT_NULL, path, name, (unsigned int)strlen(name)))
		return true;
	log_line("domain %" PRIu32 ": its console's terminal cannot be told to the store: %s", c->domid,
		 strerror(errno));
	return false;
}

/* The terminal's other end stays open here, so that it outlives those who come and go. */
static bool tty_make(struct console *c)
{
	struct termios t;

	if (openpty(&c->master.fd, &c->slave, NULL, NULL, NULL)) {
		log_line("domain %" PRIu32 ": no terminal for its console: %s", c->domid, strerror(errno));
		c->master.fd = c->slave = -1;
		return false;
	}
	fcntl(c->master.fd, F_SETFD, FD_CLOEXEC);
	fcntl(c->slave, F_SETFD, FD_CLOEXEC);
	fcntl(c->master.fd, F_SETFL, O_NONBLOCK);
	if (!tcgetattr(c->master.fd, &t)) {
		cfmakeraw(&t);
		tcsetattr(c->master.fd, TCSAFLUSH, &t);
	}
	kept_keep(c->domid, c->master.fd, c->slave);
	return true;
}

static bool tty_open(struct console *c, struct xs_handle *xs)
{
	uint64_t limit;

	if (!kept_find(c->domid, &c->master.fd, &c->slave) && !tty_make(c))
		return false;
	c->master.handle = master_handle;
	if (node_number(c, xs, "limit", &limit) && limit)
		c->out.limit = limit < MAX_LIMIT ? limit : MAX_LIMIT;
	if (!loop_add(&c->master, EPOLLIN)) {
		log_line("domain %" PRIu32 ": its console's terminal cannot be read: %s", c->domid,
			 strerror(errno));
		return false;
	}
	return tty_tell(c, xs);
}

static void ring_unmap(struct console *c)
{
	if (c->ring)
		xen_unmap_page(c->ring, c->by_grant);
	c->ring = NULL;
}

static void port_unbind(struct console *c)
{
	if (!c->port)
		return;
	xen_unbind((uint32_t)c->port);
	c->port = 0;
}

static void port_bind(struct console *c, uint32_t remote)
{
	int port = xen_bind(c->domid, remote);

	c->remote = remote;
	if (port < 0) {
		log_line("domain %" PRIu32 ": its console's event channel %" PRIu32 " cannot be bound: %s",
			 c->domid, remote, strerror(errno));
		return;
	}
	if (!xen_port_own(port, c)) {
		xen_unbind((uint32_t)port);
		return;
	}
	c->port = port;
	c->events_left = EVENTS_A_PERIOD;
}

/* Other kinds of console are some other program's. */
static bool is_ours(const struct console *c, struct xs_handle *xs)
{
	char *type = node_read(c, xs, "type");
	bool ours = !type || !strcmp(type, "xenconsoled");

	free(type);
	return ours;
}

static char *domain_name(struct xs_handle *xs, uint32_t domid)
{
	char path[64], *name;

	snprintf(path, sizeof(path), "/local/domain/%" PRIu32 "/name", domid);
	name = xs_read(xs, XBT_NULL, path, NULL);
	/* It becomes part of a file's name. */
	if (name && (!name[0] || strchr(name, '/'))) {
		free(name);
		name = NULL;
	}
	if (!name && asprintf(&name, "%" PRIu32, domid) < 0)
		name = NULL;
	return name;
}

static void open_log(struct console *c, const struct log_place *at)
{
	char leaf[300];

	if ((opts.logs & LOG_GUEST_BIT) && c->name) {
		snprintf(leaf, sizeof(leaf), "guest-%.250s.log", c->name);
		logfile_open(&c->log, opts.log_dir, leaf, opts.stamps & LOG_GUEST_BIT, opts.no_escapes, at);
	}
	note_place(c);
}

void console_reopen_log(struct console *c)
{
	logfile_close(&c->log);
	open_log(c, NULL);
}

/* Where the last process died, if it had this ring. */
static void go_on(struct console *c)
{
	enum consring_past past;
	struct place p;

	if (!c->ring || !place_get(c->domid, &p) || p.frame != c->frame || p.port != c->remote) {
		open_log(c, NULL);
		return;
	}
	past = consring_compare(c->ring, p.cons);
	if (past == CONSRING_BEHIND) {
		consring_take(c->ring, p.cons);
		c->taken = p.cons;
	}
	open_log(c, past == CONSRING_OTHER ? NULL : &p.log);
}

void console_update(struct console *c, struct xs_handle *xs)
{
	uint64_t frame, remote;

	if (c->dead || !node_number(c, xs, "ring-ref", &frame) ||
	    !node_number(c, xs, "port", &remote) || !is_ours(c, xs))
		return;
	if (c->ring && c->port && c->frame == frame && c->remote == remote)
		return;
	if (!c->ring || c->frame != frame) {
		ring_unmap(c);
		c->ring = xen_map_page(c->domid, GNTTAB_RESERVED_CONSOLE, frame, &c->by_grant);
		c->frame = frame;
		c->broken = false;
		if (!c->ring) {
			log_line("domain %" PRIu32 ": its console's page cannot be mapped: %s", c->domid,
				 strerror(errno));
			return;
		}
		c->taken = consring_taken(c->ring);
	}
	if (!c->port || c->remote != remote) {
		port_unbind(c);
		port_bind(c, (uint32_t)remote);
	}
	if (!c->name)
		c->name = domain_name(xs, c->domid);
	if (c->master.fd < 0) {
		if (!tty_open(c, xs))
			return;
		go_on(c);
	}
	take_output(c);
	output_to_tty(c);
}

static bool console_watch(const struct console *c, struct xs_handle *xs, bool on)
{
	char token[32];

	snprintf(token, sizeof(token), "dom%" PRIu32, c->domid);
	return on ? xs_watch(xs, c->path, token) : xs_unwatch(xs, c->path, token);
}

bool console_watch_again(struct console *c, struct xs_handle *xs)
{
	return c->dead || (console_watch(c, xs, true) && (c->master.fd < 0 || tty_tell(c, xs)));
}

struct console *console_new(struct xs_handle *xs, uint32_t domid)
{
	struct console *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->domid = domid;
	c->master.fd = c->slave = c->log.fd = -1;
	c->events_left = EVENTS_A_PERIOD;
	fifo_init(&c->out, DEFAULT_LIMIT);
	fifo_init(&c->tail, TAIL_BYTES);
	if (asprintf(&c->path, "/local/domain/%" PRIu32 "/console", domid) < 0)
		c->path = NULL;
	if (!c->path || !console_watch(c, xs, true)) {
		log_line("domain %" PRIu32 ": its console cannot be watched for: %s", domid,
			 strerror(errno));
		console_free(c);
		return NULL;
	}
	return c;
}

/* Where no log is written, at least the end of what it said can be read afterwards. */
static void keep_last_words(struct console *c)
{
	struct logfile last = { .fd = -1 };
	char leaf[300], path[4500];

	if ((opts.logs & LOG_GUEST_BIT) || !c->any_output || !c->name)
		return;
	snprintf(leaf, sizeof(leaf), "guest-%.250s.last", c->name);
	snprintf(path, sizeof(path), "%.4000s/%s", opts.log_dir, leaf);
	unlink(path);
	logfile_open(&last, opts.log_dir, leaf, false, opts.no_escapes, NULL);
	logfile_write(&last, fifo_data(&c->tail), c->tail.len);
	logfile_close(&last);
}

void console_die(struct console *c, struct xs_handle *xs)
{
	if (c->dead)
		return;
	c->dead = true;
	c->linger = LINGER_TICKS;
	take_output(c);
	port_unbind(c);
	ring_unmap(c);
	output_to_tty(c);
	keep_last_words(c);
	place_clear(c->domid);
	logfile_close(&c->log);
	console_watch(c, xs, false);
}

/* Closing the terminal throws away what its reader has not taken: wait for that a little. */
bool console_linger(struct console *c)
{
	int unread = 0;

	output_to_tty(c);
	if (c->slave >= 0 && ioctl(c->slave, FIONREAD, &unread))
		unread = 0;
	return (!c->out.len && !unread) || !c->linger || !--c->linger;
}

void console_free(struct console *c)
{
	port_unbind(c);
	ring_unmap(c);
	if (c->master.fd >= 0) {
		loop_del(&c->master);
		kept_let_go(c->domid);
		close(c->master.fd);
	}
	if (c->slave >= 0)
		close(c->slave);
	logfile_close(&c->log);
	fifo_free(&c->out);
	fifo_free(&c->tail);
	free(c->path);
	free(c->name);
	free(c);
}
