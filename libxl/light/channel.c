/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Channels: consoles behind the first one, each with a name for the guest to find it by, which the domain's device model
 * connects to a terminal or a socket. Channel n is console n + 1. A domain begins with its channels; none comes later.
 */
#include <stdlib.h>
#include <string.h>

#include "devlist.h"
#include "domain.h"

DEV_INFO_HEAD(libxl_channelinfo);

static int console_number(const void *config)
{
	return ((const libxl_device_channel *)config)->devid + 1;
}

static int channel_decode(libxl_ctx *ctx, uint32_t domid, void *config)
{
	const libxl_device_channel *channel = config;
	const char *why = NULL;

	if (!channel->name || !channel->name[0])
		why = "the guest could not find it: set name=";
	else if (channel->connection == LIBXL_CHANNEL_CONNECTION_UNKNOWN)
		why = "it leads nowhere: set connection=pty or connection=socket";
	else if (channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET && (!channel->u.socket.path ||
		 !channel->u.socket.path[0]))
		why = "a socket needs path=";
	if (!why)
		return 0;
	LOGD(ctx, ERROR, domid, "channel %d: %s", channel->devid, why);
	return ERROR_INVAL;
}

static void channel_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_channel *channel = a->config;
	const struct xl_device *d = &a->d;
	const struct {
		const char *name, *value;
	} fixed[] = {
		{ "name", channel->name }, { "limit", "1048576" }, { "type", "ioemu" }, { "tty", "" },
		{ "output", gc_printf(b->gc, "chardev:" CHANNEL_CHARDEV, channel->devid) },
	};
	size_t i;

	device_put(b, d, "protocol", "vt100");
	batch_put(b, d->front, "protocol", "vt100");
	device_put(b, d, "name", channel->name);
	device_put(b, d, "connection", libxl_channel_connection_to_string(channel->connection));
	if (channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET)
		device_put(b, d, "path", channel->u.socket.path);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		batch_node(b, ACCESS_READ, d->domid, 0, fixed[i].value, "%s/%s", d->front, fixed[i].name);
}

const struct dev_class channel_class = {
	.kind = "console", .word = "channel", .type = &xl_type_device_channel, .devid = console_number,
	.decode = channel_decode, .prepare = devlist_prepare, .nodes = channel_nodes, .check = devlist_check_free,
};

/* Reading back. */

static bool channel_read(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const char *id, libxl_device_channel *channel)
{
	char *dir = gc_printf(gc, "/libxl/%u/device/console/%s", domid, id);
	char *name = xs_get(ctx, gc, XBT_NULL, "%s/name", dir);
	char *connection = xs_get(ctx, gc, XBT_NULL, "%s/connection", dir);
	libxl_channel_connection kind;

	if (!name || !connection || libxl_channel_connection_from_string(connection, &kind))
		return false;
	libxl_device_channel_init(channel);
	libxl_device_channel_init_connection(channel, kind);
	channel->devid = atoi(id) - 1;
	channel->name = xl_strdup(name);
	if (kind == LIBXL_CHANNEL_CONNECTION_SOCKET)
		channel->u.socket.path = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/path", dir));
	return true;
}

libxl_device_channel *libxl_device_channel_list(libxl_ctx *ctx, uint32_t domid, int *num)
{
	libxl_device_channel *list;
	XL_GC(gc);
	unsigned i, n;
	char **ids;

	XL_ENTER(ctx);
	ids = xs_list(ctx, &gc, &n, "/libxl/%u/device/console", domid);
	list = xl_zalloc((n + 1) * sizeof(*list));
	*num = 0;
	for (i = 0; i < n; i++)
		*num += channel_read(ctx, &gc, domid, ids[i], &list[*num]);
	return list;
}

int libxl_device_channel_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_channel *channel,
	libxl_channelinfo *info)
{
	struct xl_device d;
	XL_GC(gc);
	int rc;

	XL_ENTER(ctx);
	libxl_channelinfo_init(info);
	rc = devlist_info(ctx, &gc, domid, &channel_class, console_number(channel), &d, info);
	if (rc)
		return rc;
	info->devid = channel->devid;
	info->evtch = device_number(ctx, d.front, "port");
	info->rref = device_number(ctx, d.front, "ring-ref");
	libxl_channelinfo_init_connection(info, channel->connection);
	if (channel->connection == LIBXL_CHANNEL_CONNECTION_PTY)
		info->u.pty.path = xl_strdup(xs_get(ctx, &gc, XBT_NULL, "%s/tty", d.front));
	return 0;
}
