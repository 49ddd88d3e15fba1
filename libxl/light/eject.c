/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Ejected disks. A guest, or the device model of its drive, asks by the word "eject" in the node of that name at the
 * frontend. Who watches gets the event and answers it, by another disk or none; the node is emptied for the next time.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"

struct libxl__evgen_disk_eject {
	uint32_t domid;
	char *vdev;
	libxl_ev_user user;
	struct xl_watch watch;
	LIST_ENTRY(libxl__evgen_disk_eject) link;
};

static void tell(libxl_ctx *ctx, libxl_evgen_disk_eject *e)
{
	libxl_event *ev = event_new(ctx, LIBXL_EVENT_TYPE_DISK_EJECT, e->domid, e->user);
	libxl_device_disk *disk = &ev->u.disk_eject.disk;

	if (libxl_vdev_to_device_disk(ctx, e->domid, e->vdev, disk)) {
		libxl_event_free(ctx, ev);	/* detached meanwhile */
		return;
	}
	/* The drive as it is then: empty. */
	free(disk->pdev_path);
	disk->pdev_path = xl_strdup("");
	disk->format = LIBXL_DISK_FORMAT_EMPTY;
	disk->readwrite = 0;
	disk->removable = disk->is_cdrom = 1;
	event_occurred(ctx, ev);
}

static void node_changed(struct xl_watch *w, const char *path)
{
	XL_GC(gc);
	const char *word = xs_get(w->ctx, &gc, XBT_NULL, "%s", w->path);

	if (word && !strcmp(word, "eject") && xs_set(w->ctx, "", "%s", w->path))
		tell(w->ctx, w->arg);
}

int libxl_evenable_disk_eject(libxl_ctx *ctx, uint32_t domid, const char *vdev, libxl_ev_user for_user,
	libxl_evgen_disk_eject **evgen_out)
{
	const int devid = vdev ? vdev_to_devid(vdev, NULL, NULL) : -1;
	libxl_evgen_disk_eject *e;
	struct xl_device d;
	XL_GC(gc);
	int rc;

	XL_ENTER(ctx);
	if (devid < 0) {
		LOGD(ctx, ERROR, domid, "disk %s: not the name of a disk", vdev ? vdev : "(none)");
		return ERROR_INVAL;
	}
	e = xl_zalloc(sizeof(*e));
	device_find(ctx, &d, &gc, domid, "vbd", devid);
	rc = loop_watch_add(ctx, &e->watch, gc_printf(&gc, "%s/eject", d.front), node_changed, e);
	if (rc) {
		free(e);
		return rc;
	}
	e->domid = domid;
	e->vdev = xl_strdup(vdev);
	e->user = for_user;
	LIST_INSERT_HEAD(&ctx->ejects, e, link);
	*evgen_out = e;
	return 0;
}

void libxl_evdisable_disk_eject(libxl_ctx *ctx, libxl_evgen_disk_eject *e)
{
	XL_ENTER(ctx);
	LIST_REMOVE(e, link);
	loop_watch_del(&e->watch);
	free(e->vdev);
	free(e);
}

void ejects_disable_all(libxl_ctx *ctx)
{
	while (!LIST_EMPTY(&ctx->ejects))
		libxl_evdisable_disk_eject(ctx, LIST_FIRST(&ctx->ejects));
}
