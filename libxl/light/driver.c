/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A driver domain's part in devices: a toolstack in another domain announces them in our folder of backends, our kernel
 * takes them up, and each names a script, which is run here when the device has appeared and when it has closed. What the
 * libxl of this very domain announced is its own business.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

struct driver;

struct served {
	struct driver *driver;
	struct xl_gc gc;
	struct xl_device d;
	const char *name, *script;
	bool busy;		/* its script runs */
	bool up;		/* and has run for its appearance */
	bool closing;
	struct hotplug hotplug;
	LIST_ENTRY(served) link;
};

struct driver {
	struct xl_op *op;
	unsigned busy;
	bool ending;
	struct xl_watch watch;
	LIST_HEAD(, served) devices;
};

static void look_at(struct driver *v, const char *kind, uint32_t domid, int devid);

static struct served *served_find(struct driver *v, const char *kind, uint32_t domid, int devid)
{
	struct served *s;

	LIST_FOREACH(s, &v->devices, link)
		if (s->d.domid == domid && s->d.devid == devid && !strcmp(s->d.kind, kind))
			return s;
	return NULL;
}

static void served_drop(struct served *s)
{
	LIST_REMOVE(s, link);
	gc_free(&s->gc);
	free(s);
}

/* NULL for what no script serves, or what somebody here looks after. */
static struct served *served_new(struct driver *v, const char *kind, uint32_t domid, int devid)
{
	libxl_ctx *ctx = v->op->ctx;
	struct served *s = xl_zalloc(sizeof(*s));

	s->driver = v;
	device_init(&s->d, &s->gc, domid, gc_strdup(&s->gc, kind), devid);
	s->d.back = gc_printf(&s->gc, "backend/%s/%u/%d", kind, domid, devid);
	s->name = gc_printf(&s->gc, "%s %d", kind, devid);
	s->script = xs_get(ctx, &s->gc, XBT_NULL, "%s/script", s->d.back);
	LIST_INSERT_HEAD(&v->devices, s, link);
	if (s->script && !device_exists(ctx, &s->d))
		return s;
	served_drop(s);
	return NULL;
}

static void remove_nodes(libxl_ctx *ctx, const struct xl_device *d)
{
	XL_GC(gc);
	struct xs_batch b;

	batch_init(&b, &gc);
	batch_remove(&b, "%s", d->back);
	batch_remove_empty(&b, "backend/%s/%u", d->kind, d->domid);
	batch_remove_empty(&b, "backend/%s", d->kind);
	batch_commit(ctx, &b, NULL, NULL);
}

static void script_done(libxl_ctx *ctx, int rc, void *arg)
{
	struct served *s = arg;
	struct driver *v = s->driver;
	XL_GC(gc);
	const char *kind;

	XL_ENTER(ctx);
	s->busy = false;
	v->busy--;
	if (v->ending) {
		if (!v->busy)
			op_resume(v->op, ERROR_ABORTED);
		return;
	}
	s->up = !s->closing;
	if (s->closing)
		remove_nodes(ctx, &s->d);
	kind = gc_strdup(&gc, s->d.kind);
	look_at(v, kind, s->d.domid, s->d.devid);
}

static int run_script(struct xl_op *op, void *state)
{
	struct served *s = state;
	bool vif = !strcmp(s->d.kind, "vif");
	const char *what = vif ? (s->closing ? "offline" : "online") : s->closing ? "remove" : "add";
	const char *const args[] = { what, vif ? "type_if=vif" : NULL, NULL };
	const char *const env[] = { "vif", gc_printf(&op->gc, "vif%u.%d", s->d.domid, s->d.devid), NULL };

	s->hotplug = (struct hotplug){ .word = s->name };
	return hotplug_run(op, &s->hotplug, &s->d, s->script, args, vif ? env : NULL);
}

static const struct xl_step script_steps[] = {
	{ "running a device's script", run_script, NULL, false },
	{ 0 },
};

static void serve(struct served *s, bool closing)
{
	libxl_asyncop_how how = { .callback = script_done, .u.for_callback = s };

	s->busy = true;
	s->closing = closing;
	s->driver->busy++;
	op_start(op_new(s->driver->op->ctx, s->d.domid, closing ? "unplug" : "plug", &how), script_steps, s);
}

static void look_at(struct driver *v, const char *kind, uint32_t domid, int devid)
{
	libxl_ctx *ctx = v->op->ctx;
	struct served *s = served_find(v, kind, domid, devid);
	XL_GC(gc);
	int state, online;

	if (s && s->busy)
		return;
	if (!xs_get_int(ctx, &state, "backend/%s/%u/%d/state", kind, domid, devid)) {
		if (s)
			served_drop(s);
		return;
	}
	if (!s)
		s = served_new(v, kind, domid, devid);
	if (!s)
		return;
	/* Who served here before us has left word. */
	s->up = s->up || xs_get(ctx, &gc, XBT_NULL, "%s/hotplug-status", s->d.back);
	if (state == BUS_INIT_WAIT && !s->up)
		serve(s, false);
	else if (state == BUS_CLOSED && !(xs_get_int(ctx, &online, "%s/online", s->d.back) && online))
		serve(s, true);
}

static void look_at_all(struct driver *v)
{
	libxl_ctx *ctx = v->op->ctx;
	unsigned n_kinds, n_domains, n_ids;
	XL_GC(gc);
	char **kinds = xs_list(ctx, &gc, &n_kinds, "backend");

	for (unsigned i = 0; i < n_kinds; i++) {
		char **domains = xs_list(ctx, &gc, &n_domains, "backend/%s", kinds[i]);

		for (unsigned j = 0; j < n_domains; j++) {
			char **ids = xs_list(ctx, &gc, &n_ids, "backend/%s/%s", kinds[i], domains[j]);

			for (unsigned k = 0; k < n_ids; k++)
				look_at(v, kinds[i], (uint32_t)atoi(domains[j]), atoi(ids[k]));
		}
	}
}

static void backends_changed(struct xl_watch *w, const char *path)
{
	struct driver *v = w->arg;
	char kind[16];
	uint32_t domid;
	int devid;

	if (sscanf(path, "backend/%15[^/]/%u/%d", kind, &domid, &devid) == 3)
		look_at(v, kind, domid, devid);
	else
		look_at_all(v);
}

/* Scripts that run are left to their ends. */
static void stop_serving(struct xl_op *op, void *arg)
{
	struct driver *v = arg;

	loop_watch_del(&v->watch);
	v->ending = true;
	if (!v->busy)
		op_resume(op, ERROR_ABORTED);
}

static int serve_all(struct xl_op *op, void *state)
{
	struct driver *v = state;
	int rc = loop_watch_add(op->ctx, &v->watch, "backend", backends_changed, v);

	if (rc)
		return rc;
	op_abortable(op, stop_serving, v);
	look_at_all(v);
	return XL_WAIT;
}

static int forget_all(struct xl_op *op, void *state)
{
	struct driver *v = state;

	while (!LIST_EMPTY(&v->devices))
		served_drop(LIST_FIRST(&v->devices));
	return 0;
}

static const struct xl_step driver_steps[] = {
	{ "serving devices", serve_all, forget_all, false },
	{ 0 },
};

int libxl_device_events_handler(libxl_ctx *ctx, const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, XL_NO_DOMID, "device events", ao_how);
	struct driver *v = gc_zalloc(&op->gc, sizeof(*v));

	v->op = op;
	LIST_INIT(&v->devices);
	return op_start(op, driver_steps, v);
}
