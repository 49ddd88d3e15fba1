// SPDX-License-Identifier: GPL-2.0-only
#include "keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/given.h"
#include "daemon/loop.h"
#include "sock.h"

static bool forgotten;

bool keeper_there(void)
{
	return !forgotten && getenv("NOTIFY_SOCKET");
}

void keeper_forget(void)
{
	forgotten = true;
}

static void make_name(char out[32], const char *name, uint32_t id)
{
	if (id)
		snprintf(out, 32, "%s%" PRIu32, name, id);
	else
		snprintf(out, 32, "%s", name);
}

static struct source notify = { .fd = -1 };

static bool address(struct sockaddr_un *sa, socklen_t *len)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof(sa->sun_path) || (path[0] != '/' && path[0] != '@'))
		return false;
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, n);
	if (path[0] == '@')
		sa->sun_path[0] = 0;
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

/* The next one who has something to be kept connects anew. */
static void disconnect_notify(void)
{
	loop_del(&notify);
	close(notify.fd);
	notify.fd = -1;
}

static void room_again(struct source *src, uint32_t events)
{
	if (events & (EPOLLHUP | EPOLLERR))
		disconnect_notify();
	else
		loop_change(src, 0);
	sock_keep();
}

static bool connect_notify(void)
{
	struct sockaddr_un sa;
	socklen_t len;

	if (notify.fd >= 0)
		return true;
	if (!address(&sa, &len))
		return false;
	notify.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	notify.handle = room_again;
	if (notify.fd >= 0 && !connect(notify.fd, (struct sockaddr *)&sa, len) && loop_add(&notify, 0))
		return true;
	close(notify.fd);
	notify.fd = -1;
	return false;
}

/*
 * Not by libsystemd, which would wait for as long as the service manager has something else to do: nobody's requests
 * wait for that here.
 */
static bool send_descriptor(const char *text, int fd, int flags)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec v = { (void *)text, strlen(text) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };

	memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	return sendmsg(notify.fd, &m, MSG_NOSIGNAL | flags) >= 0;
}

bool keeper_keep(int fd, const char *name, uint32_t id)
{
	char text[64], full[32];

	if (!keeper_there() || !connect_notify())
		return true;
	make_name(full, name, id);
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s", full);
	/* What all depends on is worth a wait, when we begin. */
	if (send_descriptor(text, fd, id ? MSG_DONTWAIT : 0))
		return true;
	if (errno == EAGAIN) {
		loop_change(&notify, EPOLLOUT);
		return false;
	}
	disconnect_notify();
	return true;
}

int keeper_find(const char *name, uint32_t id)
{
	char full[32];

	make_name(full, name, id);
	return given_take(full);
}

int keeper_left(char *kind, uint32_t *id)
{
	const char *name;

	for (int i = 0; (name = given_name(i)); i++) {
		if (!name[0])
			continue;
		*kind = name[0];
		*id = (uint32_t)strtoul(name + 1, NULL, 10);
		return given_take_number(i);
	}
	return -1;
}

void keeper_let_go(void)
{
	uint32_t id;
	char kind;
	int fd;

	while ((fd = keeper_left(&kind, &id)) >= 0) {
		shutdown(fd, SHUT_RDWR);
		close(fd);
	}
}
