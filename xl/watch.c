// SPDX-License-Identifier: GPL-2.0-only
/*
 * xl-watch: stays with a domain until it has shut down or is gone. There is one for each guest for as long as that lives, so it
 * is small; what is to be done at the end is another program's, which takes its place then.
 *
 *   xl-watch [-r] DOMID NAME COMMAND [ARG...]
 *
 * -r: a byte on WATCH_READY_FD once the domain is watched. COMMAND, a path, is run when the domain has shut down, not when it
 * is gone. What is said goes to standard output.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenstore.h>

#include "watcher.h"

enum state { RUNNING, SHUT_DOWN, GONE };

static int fail(const char *what)
{
	fprintf(stderr, "xl-watch: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* Of who cannot be asked about, the last known. */
static enum state look(xc_interface *xch, uint32_t domid)
{
	xc_domaininfo_t info;
	int n = xc_domain_getinfolist(xch, domid, 1, &info);

	if (n < 0)
		return RUNNING;
	if (!n || info.domain != domid || (info.flags & XEN_DOMINF_dying))
		return GONE;
	return info.flags & XEN_DOMINF_shutdown ? SHUT_DOWN : RUNNING;
}

/* The store tells of every domain that shuts down or goes, and once at first. */
static int wait_for_end(struct xs_handle *xs, xc_interface *xch, uint32_t domid, enum state *state)
{
	do {
		unsigned int n;
		char **event = xs_read_watch(xs, &n);

		if (!event)
			return fail("the store does not tell of domains any more");
		free(event);
		*state = look(xch, domid);
	} while (*state == RUNNING);
	return EXIT_SUCCESS;
}

static void tell_ready(void)
{
	/* When nobody reads it nobody waits. */
	if (write(WATCH_READY_FD, "", 1) < 0 && errno != EPIPE)
		fail("who started this cannot be told");
	close(WATCH_READY_FD);
}

static int usage(void)
{
	fputs("Usage: xl-watch [-r] DOMID NAME COMMAND [ARG...]\n", stderr);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	bool ready = argc > 1 && !strcmp(argv[1], "-r");
	enum state state = RUNNING;
	struct xs_handle *xs;
	xc_interface *xch;
	uint32_t domid;
	char *end;

	argv += ready;
	argc -= ready;
	if (argc < 4)
		return usage();
	domid = (uint32_t)strtoul(argv[1], &end, 10);
	if (!*argv[1] || *end)
		return usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("Waiting for domain %s (domid %u) to die [pid %ld]\n", argv[2], domid, (long)getpid());
	xch = xc_interface_open(NULL, NULL, 0);
	xs = xs_open(0);
	if (!xch || !xs || !xs_watch(xs, "@releaseDomain", "") || chdir("/"))
		return fail("the domain cannot be watched");
	if (ready)
		tell_ready();
	if (wait_for_end(xs, xch, domid, &state))
		return EXIT_FAILURE;
	if (state == GONE) {
		printf("Domain %u has been destroyed.\nDone. Exiting now\n", domid);
		return EXIT_SUCCESS;
	}
	execv(argv[3], argv + 3);
	return fail(argv[3]);
}
