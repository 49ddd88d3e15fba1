// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "sock.h"

#include <errno.h>
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

#define RUNDIR "/run/xenstored"

struct sock {
	struct conn conn;
	struct list link; /* in socks */
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
	ssize_t n;

	if (!len)
		return 0;
	n = recv(sock_of(c)->src.fd, buf, len, MSG_DONTWAIT);
	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static long sock_write(struct conn *c, const struct iovec *v, int n)
{
	struct msghdr m = { .msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n };
	ssize_t sent = sendmsg(sock_of(c)->src.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent >= 0)
		return sent;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void sock_want_write(struct conn *c, bool on)
{
	loop_change(&sock_of(c)->src, EPOLLIN | (on ? EPOLLOUT : 0));
}

static void sock_broken(struct conn *c, uint32_t why)
{
	conn_kill(c);
}

static void sock_close(struct conn *c)
{
	struct sock *k = sock_of(c);

	loop_del(&k->src);
	close(k->src.fd);
	list_remove(&k->link);
	conn_reset(c);
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

static void sock_accept(struct source *src, uint32_t events)
{
	struct listener *l = (struct listener *)((char *)src - offsetof(struct listener, src));
	int fd = accept4(src->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct sock *k;

	if (fd < 0)
		return;
	k = malloc(sizeof(*k));
	if (!k) {
		close(fd);
		return;
	}
	conn_init(&k->conn, l->store, l->store->dom0, &sock_ops, l->read_only);
	k->src.fd = fd;
	k->src.handle = sock_handle;
	if (!loop_add(&k->src, EPOLLIN)) {
		close(fd);
		free(k);
		return;
	}
	list_append(&socks, &k->link);
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

bool sock_listen(struct store *s)
{
	const char *dir = getenv("XENSTORED_RUNDIR"), *path = getenv("XENSTORED_PATH");

	if (!dir)
		dir = RUNDIR;
	if (mkdir(dir, 0755) && errno != EEXIST)
		log_line("cannot make %s: %s", dir, strerror(errno));
	listeners[0].store = listeners[1].store = s;
	listeners[1].read_only = true;
	if (path ? !set_path(&listeners[0], "%s", path) : !set_path(&listeners[0], "%s/socket", dir))
		return false;
	if (path ? !set_path(&listeners[1], "%s_ro", path) :
		   !set_path(&listeners[1], "%s/socket_ro", dir))
		return false;
	return listen_at(&listeners[0], 0600) && listen_at(&listeners[1], 0660);
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
