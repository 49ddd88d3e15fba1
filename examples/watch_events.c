// SPDX-License-Identifier: MIT
/*
 * Watch domains until each has shut down or is gone, and say so:
 *
 *     cc -o watch_events watch_events.c $(pkg-config --cflags --libs xenlight)
 *     ./watch_events DOMID...
 */
#include <stdio.h>
#include <stdlib.h>

#include <libxl.h>

/* What the event means for the one who waits: that many domains fewer. */
static int tell(const libxl_event *event)
{
	switch (event->type) {
	case LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN:
		printf("%u shut down: %s\n", event->domid,
			libxl_shutdown_reason_to_string((libxl_shutdown_reason)event->u.domain_shutdown.shutdown_reason));
		return 1;
	case LIBXL_EVENT_TYPE_DOMAIN_DEATH:
		printf("%u is gone\n", event->domid);
		return 1;
	default:
		return 0;
	}
}

/* One watch for each; for_user, which every event of it carries, says where it is in the list. */
static int watch(libxl_ctx *ctx, int n, char **domids, libxl_evgen_domain_death **watches)
{
	for (int i = 0; i < n; i++)
		if (libxl_evenable_domain_death(ctx, (uint32_t)strtoul(domids[i], NULL, 10), (libxl_ev_user)i, &watches[i]))
			return -1;
	return 0;
}

static int wait_for_all(libxl_ctx *ctx, int n, libxl_evgen_domain_death **watches)
{
	libxl_event *event;

	while (n > 0) {
		if (libxl_event_wait(ctx, &event, LIBXL_EVENTMASK_ALL, NULL, NULL))
			return -1;
		if (tell(event)) {
			libxl_evdisable_domain_death(ctx, watches[event->for_user]);
			n--;
		}
		libxl_event_free(ctx, event);
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	xentoollog_logger_stdiostream *log = xtl_createlogger_stdiostream(stderr, XTL_WARN, 0);
	libxl_evgen_domain_death **watches = calloc((size_t)argc, sizeof(*watches));
	libxl_ctx *ctx;
	int r;

	if (argc < 2 || !watches) {
		fprintf(stderr, "usage: watch_events DOMID...\n");
		return 2;
	}
	if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, (xentoollog_logger *)log))
		return EXIT_FAILURE;
	r = watch(ctx, argc - 1, argv + 1, watches);
	if (!r)
		r = wait_for_all(ctx, argc - 1, watches);
	libxl_ctx_free(ctx);	/* takes away what is still watched */
	xtl_logger_destroy((xentoollog_logger *)log);
	free(watches);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
