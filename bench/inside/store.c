/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the store that needs no library, over its socket.
 *   store-load count WHAT          the requests below, many of each between the marks; WHAT is part of their rows' names
 *   store-load time REQUEST N      N of them between two lines
 *   store-load fill FROM TO NODES  so many nodes in each of the subtrees of domains that do not exist
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#include "../mark.h"

#define ROUNDS 50
#define NODE "/local/domain/0/bench"

static int sock;
static char answer[XENSTORE_PAYLOAD_MAX + 1], in[2 * (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)];
static size_t in_have;
static struct xsd_sockmsg got;

static void die(const char *what)
{
	printf("BENCH-ERROR store-load: %s: %s\n", what, answer);
	exit(1);
}

/* As much as has come is read at once. */
static void await(size_t n)
{
	while (in_have < n) {
		ssize_t r = read(sock, in + in_have, sizeof(in) - in_have);

		if (r <= 0)
			die("the store has gone");
		in_have += (size_t)r;
	}
}

static void receive(void)
{
	await(sizeof(got));
	memcpy(&got, in, sizeof(got));
	if (got.len > XENSTORE_PAYLOAD_MAX)
		die("an answer too long");
	await(sizeof(got) + got.len);
	memcpy(answer, in + sizeof(got), got.len);
	answer[got.len] = 0;
	in_have -= sizeof(got) + got.len;
	memmove(in, in + sizeof(got) + got.len, in_have);
}

static void send_message(uint32_t type, uint32_t transaction, const void *payload, uint32_t len)
{
	char message[sizeof(struct xsd_sockmsg) + 256];
	struct xsd_sockmsg head = { .type = type, .tx_id = transaction, .len = len };

	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), payload, len);
	if (write(sock, message, sizeof(head) + len) != (ssize_t)(sizeof(head) + len))
		die("write");
}

static void request(uint32_t type, uint32_t transaction, const void *payload, uint32_t len)
{
	send_message(type, transaction, payload, len);
	receive();
	if (got.type != type)
		die("not the answer");
}

static void read_node(void) { request(XS_READ, 0, NODE, sizeof(NODE)); }

static void write_in(uint32_t transaction)
{
	static const char text[] = NODE "\0value";

	request(XS_WRITE, transaction, text, sizeof(text) - 1);
}

static void write_node(void) { write_in(0); }

static void transaction(void)
{
	uint32_t id;

	request(XS_TRANSACTION_START, 0, "", 1);
	id = (uint32_t)strtoul(answer, NULL, 10);
	request(XS_READ, id, NODE, sizeof(NODE));
	write_in(id);
	request(XS_TRANSACTION_END, id, "T", 2);
}

/* A write and the event that it fires, in either order. */
static void watch_round(void)
{
	static const char text[] = NODE "\0value";
	int seen = 0;

	send_message(XS_WRITE, 0, text, sizeof(text) - 1);
	while (seen != 3) {
		receive();
		if (got.type != XS_WRITE && got.type != XS_WATCH_EVENT)
			die("neither answer nor event");
		seen |= got.type == XS_WRITE ? 1 : 2;
	}
}

static void watch_begin(void)
{
	static const char watch[] = NODE "\0token";

	request(XS_WATCH, 0, watch, sizeof(watch));
	receive();		/* a watch fires once as it is set */
}

static void count(const char *name, void (*fn)(void), const char *what)
{
	for (int i = 0; i < 5; i++)
		fn();
	MARK(MARK_BEGIN);
	for (int i = 0; i < ROUNDS; i++)
		fn();
	MARK(MARK_END);
	printf("COUNTED %s, %s / %d\n", name, what, ROUNDS);
}

static void timed(const char *name, int rounds)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} all[] = { { "read", read_node }, { "write", write_node }, { "transaction", transaction }, { "watch", watch_round } };
	void (*fn)(void) = NULL;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].name, name))
			fn = all[i].fn;
	if (!fn || rounds < 1)
		die("usage");
	write_node();
	if (fn == watch_round)
		watch_begin();
	puts("ROUND-BEGINS");
	fflush(stdout);
	while (rounds--)
		fn();
	puts("ROUND-ENDS");
}

static void fill(int from, int to, int nodes)
{
	char text[128];

	for (int domain = from; domain < to; domain++)
		for (int i = 0; i < nodes; i++)
			request(XS_WRITE, 0, text,
				(uint32_t)snprintf(text, sizeof(text), "/local/domain/%d/bench/%d%cvalue", domain, i, 0));
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "/run/xenstored/socket" };

	sock = socket(AF_UNIX, SOCK_STREAM, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&at, sizeof(at)))
		die("cannot connect");
	if (argc == 3 && !strcmp(argv[1], "count")) {
		write_node();
		count("read", read_node, argv[2]);
		count("write", write_node, argv[2]);
		count("transaction", transaction, argv[2]);
		watch_begin();
		count("watch", watch_round, argv[2]);
	} else if (argc == 4 && !strcmp(argv[1], "time")) {
		timed(argv[2], atoi(argv[3]));
	} else if (argc == 5 && !strcmp(argv[1], "fill")) {
		fill(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	} else {
		die("usage");
	}
	return 0;
}
