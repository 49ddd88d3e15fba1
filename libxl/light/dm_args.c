/* SPDX-License-Identifier: LGPL-2.1-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "dm.h"
#include "dm_args.h"
#include "paths.h"
#include "qmp.h"

bool dm_needed(const libxl_domain_config *config)
{
	int i;

	for (i = 0; i < config->num_disks; i++)
		if (disk_modelled(&config->disks[i]))
			return true;
	for (i = 0; i < config->num_vkbs; i++)
		if (config->vkbs[i].backend_type != LIBXL_VKB_BACKEND_LINUX)
			return true;
	return config->num_vfbs || config->num_channels;
}

const char *dm_program(const libxl_domain_config *config)
{
	return config->b_info.device_model ? config->b_info.device_model : XEN_QEMU;
}

int dm_check(libxl_ctx *ctx, uint32_t domid, const libxl_domain_config *config)
{
	if (!access(dm_program(config), X_OK))
		return 0;
	LOGD(ctx, ERROR, domid, "its disks, screens or channels need QEMU, and %s cannot be run (%s): install the package "
		"qemu-system-xen, or name another with device_model_override=", dm_program(config), strerror(errno));
	return ERROR_INVAL;
}

const libxl_vnc_info *dm_vnc(const libxl_domain_config *config)
{
	const libxl_vnc_info *vnc = config->num_vfbs ? &config->vfbs[0].vnc : NULL;

	return vnc && (libxl_defbool_is_default(vnc->enable) || libxl_defbool_val(vnc->enable)) ? vnc : NULL;
}

static bool is_on(libxl_defbool b)
{
	return !libxl_defbool_is_default(b) && libxl_defbool_val(b);
}

struct args {
	struct xl_gc *gc;
	char **v;
	size_t n, room;
};

static void add(struct args *a, const char *text)
{
	char **grown;

	if (a->n + 1 >= a->room) {
		a->room = a->room ? 2 * a->room : 64;
		grown = gc_zalloc(a->gc, a->room * sizeof(*grown));
		if (a->n)
			memcpy(grown, a->v, a->n * sizeof(*grown));
		a->v = grown;
	}
	a->v[a->n++] = gc_strdup(a->gc, text);
}

static void add_pair(struct args *a, const char *option, const char *value)
{
	add(a, option);
	add(a, value);
}

static void add_list(struct args *a, char *const *list)
{
	for (; list && *list; list++)
		add(a, *list);
}

/* The first is ours, the second libxenstat's, for each serves one client at a time. */
static void add_monitors(struct args *a, uint32_t domid)
{
	static const char *const names[] = { [QMP_OURS] = "libxl-cmd", [QMP_STATISTICS] = "libxenstat-cmd" };
	int i;

	for (i = 0; i < 2; i++) {
		add_pair(a, "-chardev", gc_printf(a->gc, "socket,id=%s,path=%s,server=on,wait=off", names[i],
			qmp_path(a->gc, (enum qmp_socket)i, domid)));
		add_pair(a, "-mon", gc_printf(a->gc, "chardev=%s,mode=control", names[i]));
	}
}

/* In an option's value a comma stands for itself when there are two. */
static char *escaped(struct xl_gc *gc, const char *value)
{
	char *copy = gc_zalloc(gc, 2 * strlen(value) + 1), *to = copy;

	for (; *value; value++) {
		if (*value == ',')
			*to++ = ',';
		*to++ = *value;
	}
	return copy;
}

static void add_channels(struct args *a, const libxl_domain_config *config)
{
	int i;

	for (i = 0; i < config->num_channels; i++) {
		const libxl_device_channel *c = &config->channels[i];
		char *id = gc_printf(a->gc, "id=" CHANNEL_CHARDEV, c->devid);

		if (c->connection == LIBXL_CHANNEL_CONNECTION_SOCKET)
			add_pair(a, "-chardev", gc_printf(a->gc, "socket,%s,path=%s,server=on,wait=off", id,
				escaped(a->gc, c->u.socket.path)));
		else
			add_pair(a, "-chardev", gc_printf(a->gc, "pty,%s", id));
	}
}

/* A display in the address counts; else the number beside it, from which on a free one is looked for if wanted. */
static void add_vnc(struct args *a, const libxl_vnc_info *vnc)
{
	const char *listen = vnc->listen ? vnc->listen : "127.0.0.1";
	const char *display = strchr(listen, ':') ? listen : gc_printf(a->gc, "%s:%d", listen, vnc->display);

	add_pair(a, "-vnc", gc_printf(a->gc, "%s%s%s", display,
		libxl_defbool_is_default(vnc->findunused) || libxl_defbool_val(vnc->findunused) ? ",to=99" : "",
		vnc->passwd && vnc->passwd[0] ? ",password=on" : ""));
}

static void add_screen(struct args *a, const libxl_domain_config *config)
{
	const libxl_vnc_info *vnc = dm_vnc(config);
	const libxl_device_vfb *vfb = config->num_vfbs ? &config->vfbs[0] : NULL;

	if (vnc)
		add_vnc(a, vnc);
	else
		add_pair(a, "-vnc", "none");
	if (vfb && is_on(vfb->sdl.enable))
		add_pair(a, "-display", is_on(vfb->sdl.opengl) ? "sdl,gl=on" : "sdl");
	else
		add_pair(a, "-display", "none");
	if (vfb && vfb->keymap)
		add_pair(a, "-k", vfb->keymap);
}

char **dm_args(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const libxl_domain_config *config)
{
	const libxl_domain_build_info *b = &config->b_info;
	struct args a = { .gc = gc };

	add(&a, dm_program(config));
	add_pair(&a, "-xen-domid", gc_printf(gc, "%u", domid));
	add(&a, "-no-shutdown");
	add_monitors(&a, domid);
	add_channels(&a, config);
	add(&a, "-nodefaults");
	add(&a, "-no-user-config");
	add(&a, "-xen-attach");
	add_pair(&a, "-name", config->c_info.name);
	add_screen(&a, config);
	if (b->device_model_user)
		add_pair(&a, "-runas", b->device_model_user);
	add_list(&a, b->extra);
	add_list(&a, b->extra_pv);
	add_pair(&a, "-machine", "xenpv");
	add_pair(&a, "-m", gc_printf(gc, "%llu", (unsigned long long)(b->max_memkb + 1023) / 1024));
	return a.v;
}
