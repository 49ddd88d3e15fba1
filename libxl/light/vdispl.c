/* SPDX-License-Identifier: LGPL-2.1-only */
/* Virtual displays. */
#include "devlist.h"
#include "domain.h"

DEV_INFO_HEAD(libxl_vdisplinfo);

/* The guest is to read them, and not to change them. */
static void vdispl_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_vdispl *display = a->config;
	const struct xl_device *d = &a->d;
	int i;

	batch_node(b, ACCESS_READ, d->domid, 0, display->be_alloc ? "1" : "0", "%s/be-alloc", d->front);
	for (i = 0; i < display->num_connectors; i++) {
		const libxl_connector_param *c = &display->connectors[i];

		batch_node(b, ACCESS_READ, d->domid, 0, gc_printf(b->gc, "%ux%u", c->width, c->height),
			"%s/%d/resolution", d->front, i);
		batch_node(b, ACCESS_READ, d->domid, 0, c->unique_id ? c->unique_id : "", "%s/%d/unique-id", d->front, i);
	}
}

const struct dev_class vdispl_class = {
	.kind = "vdispl", .word = "vdispl", .attach = "vdispl-attach", .detach = "vdispl-detach", .type = &xl_type_device_vdispl,
	.prepare = devlist_prepare, .nodes = vdispl_nodes, .check = devlist_check_free,
};
DEVICE_VERBS(vdispl)
DEVICE_LISTS(vdispl)

static void connector_info(libxl_ctx *ctx, const char *dir, const libxl_connector_param *from, libxl_connectorinfo *to)
{
	libxl_connectorinfo_init(to);
	to->unique_id = xl_strdup(from->unique_id);
	to->width = from->width;
	to->height = from->height;
	to->req_evtch = device_number(ctx, dir, "req-event-channel");
	to->req_rref = device_number(ctx, dir, "req-ring-ref");
	to->evt_evtch = device_number(ctx, dir, "evt-event-channel");
	to->evt_rref = device_number(ctx, dir, "evt-ring-ref");
}

int libxl_device_vdispl_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vdispl *vdispl,
	libxl_vdisplinfo *info)
{
	struct xl_device d;
	XL_GC(gc);
	int i, rc;

	XL_ENTER(ctx);
	libxl_vdisplinfo_init(info);
	rc = devlist_info(ctx, &gc, domid, &vdispl_class, vdispl->devid, &d, info);
	if (rc)
		return rc;
	info->be_alloc = vdispl->be_alloc;
	info->num_connectors = vdispl->num_connectors;
	info->connectors = xl_zalloc(((size_t)vdispl->num_connectors + 1) * sizeof(*info->connectors));
	for (i = 0; i < vdispl->num_connectors; i++)
		connector_info(ctx, gc_printf(&gc, "%s/%d", d.front, i), &vdispl->connectors[i], &info->connectors[i]);
	return 0;
}
