/* SPDX-License-Identifier: LGPL-2.1-only */
/* Consoles are served by xenconsoled; here is only the way to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "paths.h"
#include "xs.h"

int libxl_console_exec(libxl_ctx *ctx, uint32_t domid, int cons_num, libxl_console_type type,
	int notify_fd)
{
	static const char client[] = XEN_BIN_DIR "/xenconsole";
	char id[16], num[16], fd[16];
	const char *argv[10] = { client, id, "--num", num, "--type" };
	int n = 5;

	snprintf(id, sizeof(id), "%u", domid);
	snprintf(num, sizeof(num), "%d", cons_num);
	snprintf(fd, sizeof(fd), "%d", notify_fd);
	switch (type) {
	case LIBXL_CONSOLE_TYPE_PV:
		argv[n++] = "pv";
		break;
	case LIBXL_CONSOLE_TYPE_SERIAL:
		argv[n++] = "serial";
		break;
	default:
		LOGD(ctx, ERROR, domid, "it has no console of type \"%s\"", libxl_console_type_to_string(type));
		return ERROR_INVAL;
	}
	if (notify_fd >= 0) {
		argv[n++] = "--start-notify-fd";
		argv[n++] = fd;
	}
	execv(client, (char *const *)argv);
	LOGED(ctx, ERROR, domid, "cannot run %s", client);
	return ERROR_FAIL;
}

/* PV guests have the ring, HVM guests their first serial port. */
static libxl_console_type primary(libxl_ctx *ctx, uint32_t domid)
{
	xc_domaininfo_t info;

	if (domain_get(ctx, domid, &info)) {
		LOGD(ctx, ERROR, domid, "there is no such domain");
		return LIBXL_CONSOLE_TYPE_UNKNOWN;
	}
	return domain_type(ctx, domid, &info) == LIBXL_DOMAIN_TYPE_HVM ? LIBXL_CONSOLE_TYPE_SERIAL :
		LIBXL_CONSOLE_TYPE_PV;
}

int libxl_primary_console_exec(libxl_ctx *ctx, uint32_t domid_vm, int notify_fd)
{
	libxl_console_type type = primary(ctx, domid_vm);

	return type ? libxl_console_exec(ctx, domid_vm, 0, type, notify_fd) : ERROR_INVAL;
}

int libxl_console_get_tty(libxl_ctx *ctx, uint32_t domid, int cons_num, libxl_console_type type,
	char **path)
{
	XL_GC(gc);
	char *tty;

	XL_ENTER(ctx);
	if (type == LIBXL_CONSOLE_TYPE_SERIAL)
		tty = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/serial/%d/tty", domid, cons_num);
	else if (!cons_num)
		tty = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/console/tty", domid);
	else
		tty = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/device/console/%d/tty", domid, cons_num);
	if (!tty || !tty[0]) {
		LOGD(ctx, ERROR, domid, "console %d has no terminal: is xenconsoled running?", cons_num);
		return ERROR_FAIL;
	}
	*path = xl_strdup(tty);
	return 0;
}

int libxl_primary_console_get_tty(libxl_ctx *ctx, uint32_t domid_vm, char **path)
{
	libxl_console_type type = primary(ctx, domid_vm);

	return type ? libxl_console_get_tty(ctx, domid_vm, 0, type, path) : ERROR_INVAL;
}
