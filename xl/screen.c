// SPDX-License-Identifier: GPL-2.0-only
/* vncviewer, qemu-monitor-command: what QEMU shows of a domain, and what it is asked about it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "screen.h"

int cmd_vncviewer(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "autopass", no_argument, NULL, 'a' },
		{ "vncviewer-autopass", no_argument, NULL, 'A' },
		{ 0 },
	};
	bool autopass = false;
	uint32_t domid;

	while (next_option(argc, argv, "a", longs, 1) != -1)
		autopass = true;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	/* It replaces this process and returns only when that fails. */
	return xl_libxl_error(libxl_vncviewer_exec(ctx, domid, autopass), "domain `%s': no viewer could be started",
			      argv[optind]);
}

void start_viewer(uint32_t domid, enum viewer viewer)
{
	pid_t pid;

	if (viewer == VIEWER_NONE)
		return;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		xl_warn("no viewer could be started for domain %u: %s", domid, strerror(errno));
	if (pid)
		return;
	xl_postfork();
	if (xl_open())
		libxl_vncviewer_exec(ctx, domid, viewer == VIEWER_WITH_PASSWORD);
	_exit(XL_EXIT_FAIL);
}

int cmd_qemu_monitor_command(int argc, char **argv)
{
	char *output;
	uint32_t domid;
	int rc;

	while (next_option(argc, argv, "", NO_LONG_OPTIONS, 2) != -1)
		;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	rc = libxl_qemu_monitor_command(ctx, domid, argv[optind + 1], &output, NULL);
	if (!rc && output && *output)
		printf("%s\n", output);
	free(output);
	return rc ? xl_libxl_error(rc, "domain `%s': its QEMU did not take the command", argv[optind]) : XL_EXIT_OK;
}
