// SPDX-License-Identifier: LGPL-2.1-only
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "store_internal.h"

static int open_socket(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd, err;

	if (len >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sa.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (!connect(fd, (struct sockaddr *)&sa, sizeof(sa)) && !fcntl(fd, F_SETFL, O_NONBLOCK))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int restrict_handle(struct active_handle *ah, domid_t domid)
{
	struct xs_handle *h = container_of(ah, struct xs_handle, ah);

	h->restricted = true;
	return xentoolcore__restrict_by_dup2_null(h->fd);
}

static struct xs_handle *handle_at(const char *path)
{
	struct xs_handle *h;
	struct stat st;

	if (!path || stat(path, &st))
		return NULL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->spare = malloc(sizeof(*h->spare) + XENSTORE_PAYLOAD_MAX + 1);
	h->socket = S_ISSOCK(st.st_mode);
	h->fd = -1;
	if (h->spare)
		h->fd = h->socket ? open_socket(path) : open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (h->fd < 0) {
		free(h->spare);
		free(h);
		return NULL;
	}
	h->event_fd = h->poll_fd = -1;
	h->events_last = &h->events;
	pthread_mutex_init(&h->request, NULL);
	pthread_mutex_init(&h->state, NULL);
	pthread_cond_init(&h->changed, NULL);
	h->ah.restrict_cb = restrict_handle;
	xentoolcore__register_active_handle(&h->ah);
	return h;
}

struct xs_handle *xs_open(unsigned long flags)
{
	struct xs_handle *h = handle_at(xs_daemon_socket());

	if (!h)
		h = handle_at(store_domain_dev());
	if (h)
		h->filter = flags & XS_UNWATCH_FILTER;
	return h;
}

struct xs_handle *xs_daemon_open(void)
{
	return xs_open(0);
}

struct xs_handle *xs_daemon_open_readonly(void)
{
	return xs_open(XS_OPEN_READONLY);
}

struct xs_handle *xs_domain_open(void)
{
	return xs_open(0);
}

void xs_daemon_destroy_postfork(struct xs_handle *h)
{
	if (!h)
		return;
	xentoolcore__deregister_active_handle(&h->ah);
	close(h->fd);
	if (h->event_fd >= 0)
		close(h->event_fd);
	if (h->poll_fd >= 0)
		close(h->poll_fd);
	while (h->events) {
		struct store_event *e = h->events;

		h->events = e->next;
		store_event_free(h, e);
	}
	free(h->spare);
	free(h->reply_body);
	free(h);
}

void xs_daemon_close(struct xs_handle *h)
{
	xs_daemon_destroy_postfork(h);
}

void xs_close(struct xs_handle *h)
{
	xs_daemon_destroy_postfork(h);
}

static bool add_poll(int ep, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return !epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

int xs_fileno(struct xs_handle *h)
{
	pthread_mutex_lock(&h->state);
	if (h->poll_fd < 0) {
		int ep = epoll_create1(EPOLL_CLOEXEC);
		int ev = eventfd(h->events != NULL, EFD_CLOEXEC | EFD_NONBLOCK);

		if (ep >= 0 && ev >= 0 && add_poll(ep, h->fd) && add_poll(ep, ev)) {
			h->poll_fd = ep;
			h->event_fd = ev;
		} else {
			if (ep >= 0)
				close(ep);
			if (ev >= 0)
				close(ev);
		}
	}
	pthread_mutex_unlock(&h->state);
	return h->poll_fd;
}

/* The number stays the same, for whoever polls it. */
bool store_reconnect(struct xs_handle *h)
{
	int fd = open_socket(xs_daemon_socket());
	bool ok = fd >= 0 && dup3(fd, h->fd, O_CLOEXEC) >= 0;

	if (fd >= 0)
		close(fd);
	return ok && (h->poll_fd < 0 || add_poll(h->poll_fd, h->fd));
}

/* Part of the pieces is gone: forget it. */
static void advance(struct iovec **v, unsigned int *n, size_t gone)
{
	while (*n && gone >= (*v)->iov_len) {
		gone -= (*v)->iov_len;
		(*v)++;
		(*n)--;
	}
	if (*n) {
		(*v)->iov_base = (char *)(*v)->iov_base + gone;
		(*v)->iov_len -= gone;
	}
}

/* The device takes one piece at a time. */
static ssize_t send_some(struct xs_handle *h, struct iovec *v, unsigned int n)
{
	struct msghdr m = { .msg_iov = v, .msg_iovlen = n };

	return h->socket ? sendmsg(h->fd, &m, MSG_NOSIGNAL) : write(h->fd, v->iov_base, v->iov_len);
}

bool store_send(struct xs_handle *h, struct iovec *v, unsigned int n)
{
	advance(&v, &n, 0);
	while (n) {
		ssize_t sent = send_some(h, v, n);

		if (sent >= 0) {
			advance(&v, &n, (size_t)sent);
		} else if (errno == EAGAIN) {
			struct pollfd p = { .fd = h->fd, .events = POLLOUT };

			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}
