/* SPDX-License-Identifier: LGPL-2.1-only */
/* Consoles are served by xenconsoled, screens by QEMU; here is only the way to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain.h"
#include "paths.h"
#include "xs.h"

#define FIRST_VNC_PORT 5900

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

/* The viewer reads the password from its standard input, where nobody else sees it. */
static int offer_password(libxl_ctx *ctx, uint32_t domid, const char *password)
{
	int pipes[2], n = (int)strlen(password);

	if (pipe(pipes) || write(pipes[1], password, (size_t)n) != n || dup2(pipes[0], STDIN_FILENO) < 0) {
		LOGED(ctx, ERROR, domid, "cannot hand on the password of its screen");
		return ERROR_FAIL;
	}
	close(pipes[0]);
	close(pipes[1]);
	return 0;
}

int libxl_vncviewer_exec(libxl_ctx *ctx, uint32_t domid, int autopass)
{
	char *argv[] = { (char *)"vncviewer", NULL, NULL, NULL };
	char *listen, *password;
	int port, rc;
	XL_GC(gc);

	if (!xs_get_int(ctx, &port, "/local/domain/%u/console/vnc-port", domid)) {
		LOGD(ctx, ERROR, domid, "it shows no screen by VNC: see vfb= in xl.cfg(5)");
		return ERROR_FAIL;
	}
	listen = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/console/vnc-listen", domid);
	argv[1] = gc_printf(&gc, "%s:%d", listen ? listen : "localhost", port - FIRST_VNC_PORT);
	password = autopass ? xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/console/vnc-pass", domid) : NULL;
	if (password) {
		rc = offer_password(ctx, domid, password);
		if (rc)
			return rc;
		argv[2] = (char *)"-autopass";
	}
	execvp(argv[0], argv);
	LOGED(ctx, ERROR, domid, "cannot run vncviewer, which shows the screen at %s", argv[1]);
	return ERROR_FAIL;
}
