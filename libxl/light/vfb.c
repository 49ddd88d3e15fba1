/* SPDX-License-Identifier: LGPL-2.1-only */
/* Frame buffers, served by the domain's device model. */
#include <string.h>

#include "devlist.h"
#include "domain.h"


static void set_default(char **text, const char *value)
{
	if (!*text)
		*text = xl_strdup(value);
}

static int vfb_decode(libxl_ctx *ctx, uint32_t domid, void *config)
{
	libxl_device_vfb *vfb = config;

	libxl_defbool_setdefault(&vfb->vnc.enable, true);
	libxl_defbool_setdefault(&vfb->sdl.enable, false);
	libxl_defbool_setdefault(&vfb->sdl.opengl, false);
	if (!libxl_defbool_val(vfb->vnc.enable))
		return 0;
	set_default(&vfb->vnc.listen, "127.0.0.1");
	libxl_defbool_setdefault(&vfb->vnc.findunused, true);
	if (vfb->vnc.display && strchr(vfb->vnc.listen, ':')) {
		LOGD(ctx, ERROR, domid, "vfb %d: vnclisten= names a display and vncdisplay= another: leave one out",
			vfb->devid);
		return ERROR_INVAL;
	}
	return 0;
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

const struct dev_class vfb_class = {
	.kind = "vfb", .word = "vfb", .attach = "vfb-attach", .detach = "vfb-detach", .type = &xl_type_device_vfb,
	.decode = vfb_decode, .prepare = devlist_prepare, .nodes = vfb_nodes, .check = devlist_check_free,
};
DEVICE_VERBS(vfb)
