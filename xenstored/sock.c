// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conn.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "journal.h"
#include "keeper.h"

#define RUNDIR "/run/xenstored"

struct sock {
	struct conn conn;
	struct list link; /* in socks */
	bool kept;	  /* it is in the keeper's hands as well */
	struct source src;
};

struct listener {
	struct source src;
	struct store *store;
	bool read_only;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static struct listener listeners[2];
static struct list socks = { &socks, &socks };

static struct sock *sock_of(struct conn *c)
{
	return (struct sock *)((char *)c - offsetof(struct sock, conn));
}

static long sock_read(struct conn *c, void *buf, size_t len)
{
	return len ? journal_recv(c->id, sock_of(c)->src.fd, buf, len) : 0;
}

static long sock_write(struct conn *c, const struct iovec *v, int n)
{
	return journal_send(c->id, sock_of(c)->src.fd, v, n);
}

static void sock_want_write(struct conn *c, bool on)
{
	/* While the past is done again, there is no descriptor yet. */
	if (sock_of(c)->src.fd >= 0)
		loop_change(&sock_of(c)->src, EPOLLIN | (on ? EPOLLOUT : 0));
}

static void sock_broken(struct conn *c, uint32_t why)
{
	conn_kill(c);
}

static void sock_close(struct conn *c)
{
	struct sock *k = sock_of(c);

	journal_note(JOURNAL_CLOSE, c->id, NULL, 0);
	if (k->src.fd >= 0) {
		loop_del(&k->src);
		/* It may be kept for us elsewhere, too. */
		shutdown(k->src.fd, SHUT_RDWR);
		close(k->src.fd);
	}
	list_remove(&k->link);
	conn_fini(c);
	free(k);
}

static const struct conn_ops sock_ops = {
	.read = sock_read,
	.write = sock_write,
	.want_write = sock_want_write,
	.broken = sock_broken,
	.close = sock_close,
};

static void sock_handle(struct source *src, uint32_t events)
{
	struct sock *k = (struct sock *)((char *)src - offsetof(struct sock, src));

	if (events & EPOLLOUT)
		conn_output(&k->conn);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		conn_input(&k->conn);
	if (!k->conn.dead && k->conn.held)
		loop_change(src, EPOLLOUT); /* back when all is out: sock_want_write() */
}

/* A connection on fd (-1: not yet), which is its own from then on. NULL: no memory, and fd is the caller's still. */
static struct sock *sock_new(struct store *s, int fd, bool read_only)
{
	struct sock *k = malloc(sizeof(*k));

	if (!k)
		return NULL;
	k->src.fd = fd;
	k->src.handle = sock_handle;
	k->kept = true;
	if (fd >= 0 && !loop_add(&k->src, EPOLLIN)) {
		free(k);
		return NULL;
	}
	conn_init(&k->conn, s, s->dom0, &sock_ops, read_only);
	list_append(&socks, &k->link);
	return k;
}

/* Who is not kept is not heard: so nobody is hung up on who has been told anything. */
static bool keep(struct sock *k)
{
	const char *name = k->conn.client.read_only ? KEPT_READ_ONLY : KEPT_CONN;

	if (k->kept)
		return true;
	k->kept = keeper_keep(k->src.fd, name, k->conn.id);
	loop_change(&k->src, k->kept ? EPOLLIN : 0);
	return k->kept;
}

static void note_open(const struct sock *k)
{
	uint8_t ro = k->conn.client.read_only;

	journal_note(JOURNAL_OPEN, k->conn.id, &ro, sizeof(ro));
}

/* Kept before it is noted: a descriptor without a connection is one that has not said anything yet. */
static void sock_accepted(struct store *s, int fd, bool read_only)
{
	struct sock *k = sock_new(s, fd, read_only);

	if (!k) {
		close(fd);
		return;
	}
	k->kept = false;
	keep(k);
	note_open(k);
}

static void sock_accept(struct source *src, uint32_t events)
{
	struct listener *l = (struct listener *)((char *)src - offsetof(struct listener, src));
	int fd = accept4(src->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		sock_accepted(l->store, fd, l->read_only);
}

static bool listen_at(struct listener *l, mode_t mode)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(sa.sun_path, l->path);
	unlink(l->path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || chmod(l->path, mode) ||
	    listen(fd, SOMAXCONN)) {
		log_line("cannot listen on %s: %s", l->path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	l->src.fd = fd;
	l->src.handle = sock_accept;
	return loop_add(&l->src, EPOLLIN);
}

static bool set_path(struct listener *l, const char *fmt, const char *arg)
{
	int n = snprintf(l->path, sizeof(l->path), fmt, arg);

	if (n > 0 && (size_t)n < sizeof(l->path))
		return true;
	log_line("socket path in %s is too long", arg);
	return false;
}

const char *sock_dir(void)
{
	const char *dir = getenv("XENSTORED_RUNDIR");

	return dir ? dir : RUNDIR;
}

static bool set_paths(struct store *s)
{
	const char *dir = sock_dir(), *path = getenv("XENSTORED_PATH");

	listeners[0].store = listeners[1].store = s;
	listeners[1].read_only = true;
	if (path ? !set_path(&listeners[0], "%s", path) : !set_path(&listeners[0], "%s/socket", dir))
		return false;
	if (path ? !set_path(&listeners[1], "%s_ro", path) :
		   !set_path(&listeners[1], "%s/socket_ro", dir))
		return false;
	return true;
}

static void make_dir(void)
{
	if (mkdir(sock_dir(), 0755) && errno != EEXIST)
		log_line("cannot make %s: %s", sock_dir(), strerror(errno));
}

bool sock_listen(struct store *s)
{
	make_dir();
	return set_paths(s) && listen_at(&listeners[0], 0600) && listen_at(&listeners[1], 0660);
}

void sock_unlisten(void)
{
	while (!list_empty(&socks))
		sock_close(&list_entry(socks.next, struct sock, link)->conn);
	for (int i = 0; i < 2; i++) {
		if (listeners[i].src.fd <= 0)
			continue;
		unlink(listeners[i].path);
		close(listeners[i].src.fd);
	}
}

/* --- as records */

void sock_fds(int *rw, int *ro)
{
	*rw = listeners[0].src.fd;
	*ro = listeners[1].src.fd;
}

void sock_each_fd(void (*fn)(int fd, bool arg), bool arg)
{
	for (int i = 0; i < 2; i++)
		fn(listeners[i].src.fd, arg);
	list_each(it, &socks)
		fn(list_entry(it, struct sock, link)->src.fd, arg);
}

struct conn *sock_by_id(uint32_t id)
{
	struct conn *c = conn_by_id(id);

	return c && c->ops == &sock_ops && !c->dead ? c : NULL;
}

void sock_save(struct state_out *o)
{
	list_each(it, &socks) {
		struct sock *k = list_entry(it, struct sock, link);
		struct rec_conn fixed = { .type = REC_CONN_SOCKET, .u.sock.fd = k->src.fd };
		struct rec_own_conn own = { .flags = k->kept ? 0 : REC_CONN_UNKEPT };

		/* Who is to be closed has nothing to take over. */
		if (!k->conn.dead)
			conn_save(o, &k->conn, &fixed, &own);
	}
}

/* Whether fd is a stream socket that listens, or one that does not. */
static bool is_socket(int fd, int listens)
{
	socklen_t len = sizeof(int);
	int v = 0;

	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &v, &len) && v == listens;
}

static bool fd_keeps_to_us(int fd)
{
	return !fcntl(fd, F_SETFD, FD_CLOEXEC) && !fcntl(fd, F_SETFL, O_NONBLOCK);
}

bool sock_adopt(struct state_load *l, int rw, int ro, bool only_look)
{
	const int fd[] = { rw, ro };

	if (!set_paths(l->s))
		return state_bad(&l->in, "no path of sockets");
	for (int i = 0; i < 2; i++) {
		/* One that does not come along is made anew. */
		if (fd[i] < 0) {
			if (!only_look && !listen_at(&listeners[i], i ? 0660 : 0600))
				return state_bad(&l->in, "cannot listen on %s", listeners[i].path);
			continue;
		}
		if (!is_socket(fd[i], 1) || !fd_keeps_to_us(fd[i]))
			return state_bad(&l->in, "descriptor %d is no listening socket", fd[i]);
		listeners[i].src.fd = fd[i];
		listeners[i].src.handle = sock_accept;
		if (!loop_add(&listeners[i].src, EPOLLIN))
			return state_bad(&l->in, "descriptor %d cannot be waited for", fd[i]);
	}
	return true;
}

struct client *sock_load(struct state_load *l, const struct state_conn *from, bool connect)
{
	const int fd = connect ? from->fixed.u.sock.fd : -1;
	struct sock *k;

	if (connect && (!is_socket(fd, 0) || !fd_keeps_to_us(fd))) {
		state_bad(&l->in, "descriptor %d is no connected socket", fd);
		return NULL;
	}
	k = sock_new(l->s, fd, from->own.flags & REC_CONN_READ_ONLY);
	if (!k) {
		state_bad(&l->in, "descriptor %d cannot be waited for", fd);
		return NULL;
	}
	if (!conn_load(l, &k->conn, from))
		return NULL;
	k->kept = !(from->own.flags & REC_CONN_UNKEPT);
	if (connect && (k->conn.held || !k->kept))
		loop_change(&k->src, k->kept ? EPOLLOUT : 0);
	return &k->conn.client;
}

/* --- after a recovery */

/* A connection of a number that it had in the last process. */
static struct sock *sock_numbered(struct store *s, int fd, bool read_only, uint32_t id)
{
	const uint32_t last = conn_ids_last();
	struct sock *k = conn_by_id(id) ? NULL : sock_new(s, fd, read_only);

	if (!k)
		return NULL;
	conn_set_id(&k->conn, id);
	conn_ids_from(id > last ? id : last);
	return k;
}

bool sock_replay_open(struct store *s, uint32_t id, bool read_only)
{
	return sock_numbered(s, -1, read_only, id);
}

bool sock_replay_close(uint32_t id)
{
	struct conn *c = conn_by_id(id);

	if (!c || c->ops != &sock_ops)
		return false;
	sock_close(c);
	return true;
}

/* Its descriptor was kept: it goes on as if nothing had been. */
static bool sock_connect(struct sock *k)
{
	int fd = keeper_find(k->conn.client.read_only ? KEPT_READ_ONLY : KEPT_CONN, k->conn.id);

	if (fd < 0)
		return false;
	k->src.fd = fd;
	if (!is_socket(fd, 0) || !fd_keeps_to_us(fd) ||
	    !loop_add(&k->src, EPOLLIN | (list_empty(&k->conn.out) ? 0 : EPOLLOUT)))
		return false;
	if (k->conn.held)
		loop_change(&k->src, EPOLLOUT);
	conn_again(&k->conn);
	return true;
}

/* By the number under which it is kept: the service manager keeps one descriptor under one name. */
static bool connect_unheard(struct store *s, int fd, bool read_only, uint32_t id)
{
	struct sock *k = sock_numbered(s, fd, read_only, id);

	if (k)
		note_open(k);
	return k;
}

/*
 * Kept, but not in the journal: accepted and not heard yet when the daemon died, if its number is new; else closed, and
 * not let go of yet.
 */
static void connect_left(struct store *s)
{
	const uint32_t last = conn_ids_last();
	uint32_t id;
	char kind;
	int fd;

	while ((fd = keeper_left(&kind, &id)) >= 0) {
		if (id <= last || !is_socket(fd, 0) || !fd_keeps_to_us(fd) ||
		    !connect_unheard(s, fd, kind == KEPT_READ_ONLY[0], id))
			close(fd);
	}
}

static bool listen_again(void)
{
	static const char *const names[] = { KEPT_LISTEN, KEPT_LISTEN_RO };

	for (int i = 0; i < 2; i++) {
		int fd = keeper_find(names[i], 0);

		if (fd < 0 || !is_socket(fd, 1) || !fd_keeps_to_us(fd)) {
			if (fd >= 0)
				close(fd);
			if (!listen_at(&listeners[i], i ? 0660 : 0600))
				return false;
			continue;
		}
		listeners[i].src.fd = fd;
		listeners[i].src.handle = sock_accept;
		if (!loop_add(&listeners[i].src, EPOLLIN))
			return false;
	}
	return true;
}

bool sock_reconnect(struct store *s)
{
	list_each_safe(it, tmp, &socks) {
		struct sock *k = list_entry(it, struct sock, link);

		if (k->conn.dead || !sock_connect(k))
			sock_close(&k->conn);
	}
	make_dir();
	if (!set_paths(s) || !listen_again())
		return false;
	connect_left(s);
	return true;
}

void sock_keep(void)
{
	list_each(it, &socks)
		if (!keep(list_entry(it, struct sock, link)))
			return;
}

void sock_keep_all(void)
{
	keeper_keep(listeners[0].src.fd, KEPT_LISTEN, 0);
	keeper_keep(listeners[1].src.fd, KEPT_LISTEN_RO, 0);
	sock_keep();
}
