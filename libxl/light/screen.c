/* SPDX-License-Identifier: LGPL-2.1-only */
/* Frame buffers and keyboards, both served by the domain's device model. */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "domain.h"
#include "screen.h"

static int refuse(libxl_ctx *ctx, uint32_t domid, const char *what, int devid, const char *why)
{
	LOGD(ctx, ERROR, domid, "%s %d: %s", what, devid, why);
	return ERROR_INVAL;
}

static void set_default(char **text, const char *value)
{
	if (!*text)
		*text = xl_strdup(value);
}

int vfb_check(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb, int next_id)
{
	if (vfb->devid < 0)
		vfb->devid = next_id;
	if (vfb->backend_domid || vfb->backend_domname)
		return refuse(ctx, domid, "vfb", vfb->devid, "backends outside Domain 0 are not available in this release");
	libxl_defbool_setdefault(&vfb->vnc.enable, true);
	libxl_defbool_setdefault(&vfb->sdl.enable, false);
	libxl_defbool_setdefault(&vfb->sdl.opengl, false);
	if (!libxl_defbool_val(vfb->vnc.enable))
		return 0;
	set_default(&vfb->vnc.listen, "127.0.0.1");
	libxl_defbool_setdefault(&vfb->vnc.findunused, true);
	if (vfb->vnc.display && strchr(vfb->vnc.listen, ':'))
		return refuse(ctx, domid, "vfb", vfb->devid, "vnclisten= names a display and vncdisplay= another: "
			"leave one out");
	return 0;
}

int vkb_check(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb, int next_id)
{
	if (vkb->devid < 0)
		vkb->devid = next_id;
	if (vkb->backend_domid || vkb->backend_domname)
		return refuse(ctx, domid, "vkb", vkb->devid, "backends outside Domain 0 are not available in this release");
	if (vkb->backend_type == LIBXL_VKB_BACKEND_UNKNOWN)
		vkb->backend_type = LIBXL_VKB_BACKEND_QEMU;
	if (vkb->backend_type != LIBXL_VKB_BACKEND_QEMU)
		return refuse(ctx, domid, "vkb", vkb->devid, "only backend-type=qemu is available in this release");
	return 0;
}

static void find_name(struct xl_op *op, struct dev_add *a, int devid)
{
	a->name = gc_printf(&op->gc, "%s %d", a->cls->word, devid);
	device_init(&a->d, &op->gc, a->domid, a->cls->kind, devid);
}

static int vfb_prepare(struct xl_op *op, struct dev_add *a)
{
	libxl_device_vfb *vfb = a->config;
	int rc = vfb_check(op->ctx, a->domid, vfb, device_next_id(op->ctx, a->domid, a->cls->kind));

	find_name(op, a, vfb->devid);
	return rc;
}

static int vkb_prepare(struct xl_op *op, struct dev_add *a)
{
	libxl_device_vkb *vkb = a->config;
	int rc = vkb_check(op->ctx, a->domid, vkb, device_next_id(op->ctx, a->domid, a->cls->kind));

	find_name(op, a, vkb->devid);
	return rc;
}

static int check_free(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct dev_add *a = arg;
	XL_GC(gc);

	if (!xs_get(ctx, &gc, t, "%s/backend", a->d.tools))
		return 0;
	LOGD(ctx, ERROR, a->domid, "%s exists already: choose another number", a->name);
	return ERROR_DEVICE_EXISTS;
}

static const char *flag(libxl_defbool b)
{
	return libxl_defbool_val(b) ? "1" : "0";
}

static void put_text(struct xs_batch *b, const struct xl_device *d, const char *name, const char *value)
{
	if (value)
		device_put(b, d, name, value);
}

/* But for the password, since the guest can read what is here. */
static void vfb_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_vfb *vfb = a->config;
	const struct xl_device *d = &a->d;

	device_put(b, d, "vnc", flag(vfb->vnc.enable));
	if (libxl_defbool_val(vfb->vnc.enable)) {
		put_text(b, d, "vnclisten", vfb->vnc.listen);
		device_put(b, d, "vncdisplay", gc_printf(b->gc, "%d", vfb->vnc.display));
		device_put(b, d, "vncunused", flag(vfb->vnc.findunused));
	}
	put_text(b, d, "keymap", vfb->keymap);
	device_put(b, d, "sdl", flag(vfb->sdl.enable));
	device_put(b, d, "opengl", flag(vfb->sdl.opengl));
	put_text(b, d, "xauthority", vfb->sdl.xauthority);
	put_text(b, d, "display", vfb->sdl.display);
}

/* The configuration that is kept. */

static int vfb_forget(libxl_domain_config *c, void *arg)
{
	int i, n = 0;

	for (i = 0; i < c->num_vfbs; i++) {
		if (c->vfbs[i].devid == *(int *)arg)
			libxl_device_vfb_dispose(&c->vfbs[i]);
		else
			c->vfbs[n++] = c->vfbs[i];
	}
	c->num_vfbs = n;
	return 0;
}

static int vfb_record(libxl_domain_config *c, void *config)
{
	libxl_device_vfb *vfb = config;

	vfb_forget(c, &vfb->devid);
	c->vfbs = xl_realloc(c->vfbs, ((size_t)c->num_vfbs + 1) * sizeof(*vfb));
	libxl_device_vfb_copy(NULL, &c->vfbs[c->num_vfbs++], vfb);
	return 0;
}

static int vkb_forget(libxl_domain_config *c, void *arg)
{
	int i, n = 0;

	for (i = 0; i < c->num_vkbs; i++) {
		if (c->vkbs[i].devid == *(int *)arg)
			libxl_device_vkb_dispose(&c->vkbs[i]);
		else
			c->vkbs[n++] = c->vkbs[i];
	}
	c->num_vkbs = n;
	return 0;
}

static int vkb_record(libxl_domain_config *c, void *config)
{
	libxl_device_vkb *vkb = config;

	vkb_forget(c, &vkb->devid);
	c->vkbs = xl_realloc(c->vkbs, ((size_t)c->num_vkbs + 1) * sizeof(*vkb));
	libxl_device_vkb_copy(NULL, &c->vkbs[c->num_vkbs++], vkb);
	return 0;
}

const struct dev_class vfb_class = {
	.kind = "vfb", .word = "vfb", .attach = "vfb-attach", .detach = "vfb-detach", .prepare = vfb_prepare,
	.nodes = vfb_nodes, .check = check_free, .record = vfb_record, .forget = vfb_forget,
};
const struct dev_class vkb_class = {
	.kind = "vkbd", .word = "vkb", .attach = "vkb-attach", .detach = "vkb-detach", .prepare = vkb_prepare,
	.check = check_free, .record = vkb_record, .forget = vkb_forget,
};

/* The calls. */

int libxl_device_vfb_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb, const libxl_asyncop_how *ao_how)
{
	return device_attach(ctx, domid, &vfb_class, vfb, ao_how);
}

int libxl_device_vfb_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb, const libxl_asyncop_how *ao_how)
{
	return device_detach(ctx, domid, &vfb_class, vfb->devid, NULL, ao_how, REMOVE_INSIST);
}

int libxl_device_vfb_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb, const libxl_asyncop_how *ao_how)
{
	return device_detach(ctx, domid, &vfb_class, vfb->devid, NULL, ao_how, REMOVE_FORCE);
}

int libxl_device_vkb_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb, const libxl_asyncop_how *ao_how)
{
	return device_attach(ctx, domid, &vkb_class, vkb, ao_how);
}

int libxl_device_vkb_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb, const libxl_asyncop_how *ao_how)
{
	return device_detach(ctx, domid, &vkb_class, vkb->devid, NULL, ao_how, REMOVE_INSIST);
}

int libxl_device_vkb_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb, const libxl_asyncop_how *ao_how)
{
	return device_detach(ctx, domid, &vkb_class, vkb->devid, NULL, ao_how, REMOVE_FORCE);
}

/* Reading back. */

libxl_device_vkb *libxl_device_vkb_list(libxl_ctx *ctx, uint32_t domid, int *num)
{
	libxl_device_vkb *list;
	XL_GC(gc);
	unsigned i, n;
	char **ids;

	XL_ENTER(ctx);
	ids = xs_list(ctx, &gc, &n, "/libxl/%u/device/vkbd", domid);
	list = xl_zalloc((n + 1) * sizeof(*list));
	for (i = 0; i < n; i++) {
		libxl_device_vkb_init(&list[i]);
		list[i].devid = atoi(ids[i]);
		list[i].backend_type = LIBXL_VKB_BACKEND_QEMU;
	}
	*num = (int)n;
	return list;
}

void libxl_device_vkb_list_free(libxl_device_vkb *list, int num)
{
	int i;

	for (i = 0; i < num; i++)
		libxl_device_vkb_dispose(&list[i]);
	free(list);
}

int libxl_devid_to_device_vkb(libxl_ctx *ctx, uint32_t domid, int devid, libxl_device_vkb *vkb)
{
	struct xl_device d;
	XL_GC(gc);

	XL_ENTER(ctx);
	libxl_device_vkb_init(vkb);
	device_find(ctx, &d, &gc, domid, "vkbd", devid);
	if (!device_exists(ctx, &d))
		return ERROR_NOTFOUND;
	vkb->devid = devid;
	vkb->backend_type = LIBXL_VKB_BACKEND_QEMU;
	return 0;
}

int libxl_device_vkb_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vkb *vkb, libxl_vkbinfo *vkbinfo)
{
	struct xl_device d;
	XL_GC(gc);

	XL_ENTER(ctx);
	libxl_vkbinfo_init(vkbinfo);
	device_find(ctx, &d, &gc, domid, "vkbd", vkb->devid);
	if (!device_exists(ctx, &d))
		return ERROR_NOTFOUND;
	vkbinfo->devid = vkb->devid;
	vkbinfo->backend = xl_strdup(d.back);
	vkbinfo->frontend = xl_strdup(d.front);
	vkbinfo->frontend_id = domid;
	vkbinfo->state = device_number(ctx, d.front, "state");
	vkbinfo->evtch = device_number(ctx, d.front, "event-channel");
	vkbinfo->rref = device_number(ctx, d.front, "page-gref");
	return 0;
}
