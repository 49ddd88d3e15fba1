/* SPDX-License-Identifier: LGPL-2.1-only */
/* Virtual TPMs. */
#include <string.h>

#include "devlist.h"
#include "domain.h"

DEV_INFO_HEAD(libxl_vtpminfo);

static int vtpm_decode(libxl_ctx *ctx, uint32_t domid, void *config)
{
	libxl_device_vtpm *vtpm = config;

	if (libxl_uuid_is_nil(&vtpm->uuid))
		libxl_uuid_generate(&vtpm->uuid);
	return 0;
}

static void vtpm_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_vtpm *vtpm = a->config;
	char *handle = gc_printf(b->gc, "%d", vtpm->devid);

	device_put(b, &a->d, "handle", handle);
	device_put(b, &a->d, "uuid", gc_printf(b->gc, LIBXL_UUID_FMT, LIBXL_UUID_BYTES(vtpm->uuid)));
	device_put(b, &a->d, "resume", "False");
	batch_put(b, a->d.front, "handle", handle);
}

static void vtpm_read(libxl_ctx *ctx, struct xl_gc *gc, const struct xl_device *d, void *config)
{
	libxl_device_vtpm *vtpm = config;
	char *uuid = libxl_uuid_is_nil(&vtpm->uuid) ? xs_get(ctx, gc, XBT_NULL, "%s/uuid", d->tools) : NULL;

	if (uuid)
		libxl_uuid_from_string(&vtpm->uuid, uuid);
}

const struct dev_class vtpm_class = {
	.kind = "vtpm", .word = "vtpm", .attach = "vtpm-attach", .detach = "vtpm-detach", .type = &xl_type_device_vtpm,
	.decode = vtpm_decode, .prepare = devlist_prepare, .nodes = vtpm_nodes, .check = devlist_check_free, .read = vtpm_read,
};
DEVICE_VERBS(vtpm)
DEVICE_LISTS(vtpm)

int libxl_uuid_to_device_vtpm(libxl_ctx *ctx, uint32_t domid, libxl_uuid *uuid, libxl_device_vtpm *vtpm)
{
	libxl_device_vtpm *list;
	int i, n, rc = ERROR_NOTFOUND;

	libxl_device_vtpm_init(vtpm);
	list = libxl_device_vtpm_list(ctx, domid, &n);
	for (i = 0; rc && i < n; i++) {
		if (libxl_uuid_compare(&list[i].uuid, uuid))
			continue;
		libxl_device_vtpm_copy(ctx, vtpm, &list[i]);
		rc = 0;
	}
	libxl_device_vtpm_list_free(list, n);
	return rc;
}

int libxl_device_vtpm_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vtpm *vtpm, libxl_vtpminfo *info)
{
	struct xl_device d;
	XL_GC(gc);
	int rc;

	XL_ENTER(ctx);
	libxl_vtpminfo_init(info);
	rc = devlist_info(ctx, &gc, domid, &vtpm_class, vtpm->devid, &d, info);
	if (rc)
		return rc;
	info->evtch = device_number(ctx, d.front, "event-channel");
	info->rref = device_number(ctx, d.front, "ring-ref");
	libxl_uuid_copy(ctx, &info->uuid, &vtpm->uuid);
	return 0;
}
