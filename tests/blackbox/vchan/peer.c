// SPDX-License-Identifier: GPL-2.0-only
/*
 * One end of a vchan. "server READ WRITE" offers one with rooms of so many bytes and sends back all that it gets, until
 * the other side is gone. "client BYTES" sends random bytes in random pieces and demands them back. The first message
 * goes as a packet each way. "alone READ WRITE" offers one and tells what it asks of a client that is not there. Ends
 * with 0 if all was as it should be.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxenvchan.h>

#define PATH "data/vchan"
#define MOST (3 << 20)
static const char hello[] = "a packet of some bytes";

static char out[MOST], in[MOST];

static int fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	return 1;
}

static void show(const struct libxenvchan *c)
{
	printf("orders: read %d, write %d; %u and %u; port %s; server %d, blocking %d\n", c->read.order, c->write.order,
	       c->ring->left_order, c->ring->right_order, c->event_port == (uint32_t)-1 ? "none" : "bound",
	       c->is_server, c->blocking);
	fflush(stdout);
}

static int serve(size_t room_read, size_t room_write)
{
	struct libxenvchan *c = libxenvchan_server_init(NULL, 2, PATH, room_read, room_write);
	int n;

	if (!c)
		return fail("no server");
	show(c);
	printf("open before the client: %d, ready %d, room %d\n", libxenvchan_is_open(c), libxenvchan_data_ready(c),
	       libxenvchan_buffer_space(c));
	fflush(stdout);
	c->blocking = 1;
	if (libxenvchan_recv(c, in, sizeof(hello)) != sizeof(hello) || memcmp(in, hello, sizeof(hello)) ||
	    libxenvchan_send(c, hello, sizeof(hello)) != sizeof(hello))
		return fail("the packet");
	while ((n = libxenvchan_read(c, in, sizeof(in))) > 0)
		if (libxenvchan_write(c, in, (size_t)n) != n)
			return fail("server's write");
	printf("read ended with %d, open %d\n", n, libxenvchan_is_open(c));
	libxenvchan_close(c);
	return 0;
}

static void asked(struct libxenvchan *c, const char *what, int done)
{
	printf("%s: %d, asks to be told of %x\n", what, done, c->ring->cli_notify);
	c->ring->cli_notify = 0;
}

/* Who does not block and could not do all waits for the word of the other side. */
static int alone(size_t room_read, size_t room_write)
{
	struct libxenvchan *c = libxenvchan_server_init(NULL, 2, PATH, room_read, room_write);

	if (!c)
		return fail("no server");
	c->blocking = 0;
	asked(c, "at first", 0);
	asked(c, "all of a write", libxenvchan_write(c, out, 10));
	asked(c, "part of a write", libxenvchan_write(c, out, MOST));
	asked(c, "a write without room", libxenvchan_write(c, out, 1));
	c->read.shr->prod += 10;
	asked(c, "all of a read", libxenvchan_read(c, in, 4));
	asked(c, "part of a read", libxenvchan_read(c, in, 100));
	asked(c, "a read of nothing", libxenvchan_read(c, in, 1));
	libxenvchan_close(c);
	return 0;
}

static int exchange(struct libxenvchan *c, int total)
{
	int sent = 0, got = 0, idle = 0;

	c->blocking = 0;
	while (got < total) {
		struct pollfd p = { .fd = libxenvchan_fd_for_select(c), .events = POLLIN };
		int piece = 1 + rand() % 70000, n = 0, m;

		if (sent < total)
			n = libxenvchan_write(c, out + sent, (size_t)(piece < total - sent ? piece : total - sent));
		m = libxenvchan_read(c, in + got, (size_t)(1 + rand() % 5000));
		if (n < 0 || m < 0)
			return fail("client's write or read");
		sent += n;
		got += m;
		if (n || m)
			continue;
		idle++;
		if (poll(&p, 1, 10000) != 1)
			return fail("nobody told the client");
		if (libxenvchan_wait(c))
			return fail("client's wait");
	}
	fprintf(stderr, "%d waits\n", idle);
	return memcmp(out, in, (size_t)total) ? fail("other bytes came back") : 0;
}

static int request(int total)
{
	struct libxenvchan *c = libxenvchan_client_init(NULL, 1, PATH);
	int rc;

	if (!c)
		return fail("no client");
	show(c);
	printf("open %d, too big a packet: %d\n", libxenvchan_is_open(c), libxenvchan_send(c, out, MOST));
	c->blocking = 1;
	if (libxenvchan_send(c, hello, sizeof(hello)) != sizeof(hello) ||
	    libxenvchan_recv(c, in, sizeof(hello)) != sizeof(hello) || memcmp(in, hello, sizeof(hello)))
		return fail("the packet");
	for (int i = 0; i < total; i++)
		out[i] = (char)rand();
	rc = exchange(c, total);
	libxenvchan_close(c);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "server"))
		return serve(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	if (argc == 4 && !strcmp(argv[1], "alone"))
		return alone(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	if (argc == 3 && !strcmp(argv[1], "client") && atoi(argv[2]) <= MOST)
		return request(atoi(argv[2]));
	return 2;
}
