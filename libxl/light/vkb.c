/* SPDX-License-Identifier: LGPL-2.1-only */
/* Virtual keyboards and pointers: the domain's device model serves them, or a program of the operator's. */
#include <string.h>

#include "devlist.h"
#include "domain.h"

DEV_INFO_HEAD(libxl_vkbinfo);

static int vkb_decode(libxl_ctx *ctx, uint32_t domid, void *config)
{
	libxl_device_vkb *vkb = config;

	if (vkb->backend_type == LIBXL_VKB_BACKEND_UNKNOWN)
		vkb->backend_type = LIBXL_VKB_BACKEND_QEMU;
	return 0;
}

static int vkb_prepare(struct xl_op *op, struct dev_add *a)
{
	const libxl_device_vkb *vkb = a->config;
	int rc = devlist_prepare(op, a);

	if (vkb->backend_type == LIBXL_VKB_BACKEND_LINUX)
		device_set_backend(&a->d, &op->gc, "vinput");
	return rc;
}

/* What is not said is not written. */
static void vkb_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_vkb *vkb = a->config;
	const struct {
		const char *name;
		uint32_t value;
	} numbers[] = {
		{ "feature-disable-keyboard", vkb->feature_disable_keyboard },
		{ "feature-disable-pointer", vkb->feature_disable_pointer },
		{ "feature-abs-pointer", vkb->feature_abs_pointer },
		{ "feature-raw-pointer", vkb->feature_raw_pointer },
		{ "feature-multi-touch", vkb->feature_multi_touch },
		{ "multi-touch-width", vkb->multi_touch_width },
		{ "multi-touch-height", vkb->multi_touch_height },
		{ "multi-touch-num-contacts", vkb->multi_touch_num_contacts },
		{ "width", vkb->width }, { "height", vkb->height },
	};
	size_t i;

	if (vkb->unique_id)
		device_put(b, &a->d, "unique-id", vkb->unique_id);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value)
			device_put(b, &a->d, numbers[i].name, gc_printf(b->gc, "%u", numbers[i].value));
}

static void vkb_read(libxl_ctx *ctx, struct xl_gc *gc, const struct xl_device *d, void *config)
{
	libxl_device_vkb *vkb = config;

	vkb->backend_type = strcmp(d->back_kind, "vinput") ? LIBXL_VKB_BACKEND_QEMU : LIBXL_VKB_BACKEND_LINUX;
	if (!vkb->unique_id)
		vkb->unique_id = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/unique-id", d->tools));
}

const struct dev_class vkb_class = {
	.kind = "vkbd", .word = "vkb", .attach = "vkb-attach", .detach = "vkb-detach", .type = &xl_type_device_vkb,
	.decode = vkb_decode, .prepare = vkb_prepare, .nodes = vkb_nodes, .check = devlist_check_free, .read = vkb_read,
	.unattended = true,
};
DEVICE_VERBS(vkb)
DEVICE_LISTS(vkb)

int libxl_device_vkb_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vkb *vkb, libxl_vkbinfo *info)
{
	struct xl_device d;
	XL_GC(gc);
	int rc;

	XL_ENTER(ctx);
	libxl_vkbinfo_init(info);
	rc = devlist_info(ctx, &gc, domid, &vkb_class, vkb->devid, &d, info);
	if (rc)
		return rc;
	info->evtch = device_number(ctx, d.front, "event-channel");
	info->rref = device_number(ctx, d.front, "page-gref");
	return 0;
}
