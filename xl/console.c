// SPDX-License-Identifier: GPL-2.0-only
/* console, devd. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "daemon.h"

int cmd_console(int argc, char **argv)
{
	libxl_console_type type = LIBXL_CONSOLE_TYPE_UNKNOWN;
	uint32_t domid;
	int option, rc;
	long number = 0;

	while ((option = next_option(argc, argv, "n:t:", NO_LONG_OPTIONS, 1)) != -1) {
		if (option == 't') {
			if (libxl_console_type_from_string(optarg, &type) || type == LIBXL_CONSOLE_TYPE_UNKNOWN)
				return xl_error("the console types are pv, serial and vuart, not `%s'", optarg);
		} else if (!parse_number(optarg, "the console", 0, INT_MAX, &number)) {
			return XL_EXIT_FAIL;
		}
	}
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	/* Both replace this process and return only when that fails. */
	rc = type == LIBXL_CONSOLE_TYPE_UNKNOWN ? libxl_primary_console_exec(ctx, domid, -1) :
						  libxl_console_exec(ctx, domid, (int)number, type, -1);
	return xl_libxl_error(rc, "domain `%s' has no console to connect to", argv[optind]);
}

int cmd_devd(int argc, char **argv)
{
	static const struct option longs[] = { { "pidfile", required_argument, NULL, 'p' }, { 0 } };
	const char *pidfile = NULL;
	bool foreground = false;
	int option, rc;

	while ((option = next_option(argc, argv, "Fp:", longs, 0)) != -1) {
		foreground = foreground || option == 'F';
		pidfile = option == 'p' ? optarg : pidfile;
	}
	if (!foreground) {
		rc = daemonize("xldevd", pidfile);
		if (rc)
			return rc < 0 ? XL_EXIT_FAIL : XL_EXIT_OK;
		daemon_ready();
	}
	rc = libxl_device_events_handler(ctx, NULL);
	return rc ? xl_libxl_error(rc, "serving devices ended") : XL_EXIT_OK;
}
