/* SPDX-License-Identifier: LGPL-2.1-only */
/* Adding and removing one device: the steps that all classes share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "devlist.h"
#include "domain.h"
#include "paths.h"

/* Upper bounds, met only by what is broken: a guest is asked for 10 s, and so is a program; the kernel gets longer. */
#define GUEST_WAIT_MS 10000
#define PROGRAM_WAIT_MS 10000
#define BACKEND_WAIT_MS 30000

void device_init(struct xl_device *d, struct xl_gc *gc, uint32_t domid, const char *kind, int devid)
{
	d->domid = domid;
	d->kind = kind;
	d->devid = devid;
	device_set_backend(d, gc, kind);
	d->front = !strcmp(kind, "console") && !devid ?
		gc_printf(gc, "/local/domain/%u/console", domid) :
		gc_printf(gc, "/local/domain/%u/device/%s/%d", domid, kind, devid);
	d->tools = gc_printf(gc, "/libxl/%u/device/%s/%d", domid, kind, devid);
}

void device_set_backend(struct xl_device *d, struct xl_gc *gc, const char *back_kind)
{
	d->back_kind = back_kind;
	d->back = gc_printf(gc, "/local/domain/0/backend/%s/%u/%d", back_kind, d->domid, d->devid);
}

void device_find(libxl_ctx *ctx, struct xl_device *d, struct xl_gc *gc, uint32_t domid, const char *kind, int devid)
{
	char *back, back_kind[16];

	device_init(d, gc, domid, kind, devid);
	back = xs_get(ctx, gc, XBT_NULL, "%s/backend", d->tools);
	if (back && sscanf(back, "/local/domain/0/backend/%15[a-z]/", back_kind) == 1)
		device_set_backend(d, gc, gc_strdup(gc, back_kind));
}

/* The module of Domain 0's kernel that serves a kind of backends, if one does. */
static const char *module_of(const struct xl_device *d)
{
	return !strcmp(d->back_kind, "vbd") ? "xen-blkback" : !strcmp(d->back_kind, "vif") ? "xen-netback" : NULL;
}

/* The first console is the daemon's. */
bool device_modelled(const struct xl_device *d)
{
	static const char *const kinds[] = { "qdisk", "vfb", "vkbd" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(d->back_kind, kinds[i]))
			return true;
	return !strcmp(d->back_kind, "console") && d->devid;
}

/* A program of the operator's serves it, if there is one. */
static bool served_by_program(const struct xl_device *d)
{
	return !module_of(d) && !device_modelled(d) && strcmp(d->back_kind, "console");
}

bool device_exists(libxl_ctx *ctx, const struct xl_device *d)
{
	XL_GC(gc);

	return xs_get(ctx, &gc, XBT_NULL, "%s/backend", d->tools) != NULL;
}

int device_number(libxl_ctx *ctx, const char *dir, const char *name)
{
	int v;

	return xs_get_int(ctx, &v, "%s/%s", dir, name) ? v : -1;
}

int device_next_id(libxl_ctx *ctx, uint32_t domid, const char *kind)
{
	XL_GC(gc);
	unsigned i, n;
	char **names = xs_list(ctx, &gc, &n, "/libxl/%u/device/%s", domid, kind);
	int next = 0;

	for (i = 0; i < n; i++)
		if (atoi(names[i]) >= next)
			next = atoi(names[i]) + 1;
	return next;
}

void device_put(struct xs_batch *b, const struct xl_device *d, const char *name, const char *value)
{
	batch_put(b, d->back, name, value);
	batch_put(b, d->tools, name, value);
}

void device_put_common(struct xs_batch *b, const struct xl_device *d, const char *front_state)
{
	char *id = gc_printf(b->gc, "%u", d->domid);

	batch_node(b, ACCESS_TOOLS, 0, 0, "", "%s", d->tools);
	batch_put(b, d->tools, "frontend", d->front);
	batch_put(b, d->tools, "backend", d->back);
	batch_put(b, d->tools, "frontend-id", id);
	batch_node(b, ACCESS_READ, d->domid, 0, "", "%s", d->back);
	batch_put(b, d->back, "frontend", d->front);
	batch_put(b, d->back, "frontend-id", id);
	device_put(b, d, "online", "1");
	batch_put(b, d->back, "state", "1");
	batch_put(b, d->tools, "state", "1");
	if (!front_state)
		return;
	batch_node(b, ACCESS_FRONT, d->domid, 0, "", "%s", d->front);
	batch_put(b, d->front, "backend", d->back);
	batch_put(b, d->front, "backend-id", "0");
	batch_put(b, d->front, "state", front_state);
}

/* Backends. */

static void stop_waiting(struct back_wait *w)
{
	loop_watch_del(&w->watch);
	loop_timer_cancel(&w->timer);
}

/* Backends leave their reasons beside the domain's own directories, and nobody else takes them away. */
#define ERRORS "/local/domain/0/error"

static char *error_directory(struct xl_gc *gc, const struct xl_device *d)
{
	return gc_printf(gc, ERRORS "/%s", d->back + strlen("/local/domain/0/"));
}

static char *backend_error(libxl_ctx *ctx, struct xl_gc *gc, const struct xl_device *d)
{
	return xs_get(ctx, gc, XBT_NULL, "%s/error", error_directory(gc, d));
}

void device_drop_errors(libxl_ctx *ctx, struct xs_batch *b, const struct xl_device *devices, unsigned n)
{
	unsigned some = 0;

	if (n)
		xs_list(ctx, b->gc, &some, ERRORS);
	if (!some)
		return;
	for (unsigned i = 0; i < n; i++) {
		const struct xl_device *d = &devices[i];

		batch_remove(b, "%s", error_directory(b->gc, d));
		batch_remove_empty(b, ERRORS "/backend/%s/%u", d->back_kind, d->domid);
		batch_remove_empty(b, ERRORS "/backend/%s", d->back_kind);
	}
	batch_remove_empty(b, ERRORS "/backend");
	batch_remove_empty(b, ERRORS);
}

static const char *where_to_look(const struct xl_device *d)
{
	return device_modelled(d) ? "its device model's log in " XEN_LOG_DIR :
		served_by_program(d) ? "the log of the program that serves it" : "dmesg in Domain 0";
}

/*
 * Domain 0's driver wrote its own state over what it was told: it was connecting. It closes even so, for the guest's side is
 * gone, but says that it has only where it finds that it was told to. 1: it has closed before it could be told again.
 */
static int close_again(const struct back_wait *w)
{
	xs_set(w->op->ctx, "5", "%s/state", w->d->back);
	return access(gc_printf(&w->op->gc, "/sys/devices/%s-%u-%d", w->d->back_kind, w->d->domid, w->d->devid), F_OK) != 0;
}

/* 1 there, 0 not yet, negative: it will never be. */
static int look_at_backend(struct back_wait *w)
{
	libxl_ctx *ctx = w->op->ctx;
	XL_GC(gc);
	int state = BUS_UNKNOWN;
	bool there = xs_get_int(ctx, &state, "%s/state", w->d->back);
	char *why;

	if (w->wanted == BUS_CLOSED && (!there || state == BUS_CLOSED))
		return 1;
	if (w->wanted == BUS_CLOSED)
		return w->who == WAIT_BACKEND && module_of(w->d) && state != BUS_CLOSING ? close_again(w) : 0;
	if (there && state >= w->wanted && state <= BUS_CONNECTED)
		return 1;
	if (there && state != BUS_CLOSING && state != BUS_CLOSED)
		return 0;
	why = backend_error(ctx, &gc, w->d);
	LOGD(ctx, ERROR, w->d->domid, "%s: its backend in Domain 0 gave up: %s (%s has more)", w->word,
		why ? why : "it left no reason", where_to_look(w->d));
	return ERROR_FAIL;
}

static void backend_moved(struct xl_watch *watch, const char *path)
{
	struct back_wait *w = watch->arg;
	int r = look_at_backend(w);

	if (!r)
		return;
	stop_waiting(w);
	op_resume(w->op, r < 0 ? r : 0);
}

static void backend_late(struct xl_timer *t)
{
	struct back_wait *w = t->arg;
	libxl_ctx *ctx = w->op->ctx;
	int state = BUS_UNKNOWN;

	stop_waiting(w);
	xs_get_int(ctx, &state, "%s/state", w->d->back);
	if (w->who == WAIT_GUEST_OR_NOT) {
		LOGD(ctx, WARN, w->d->domid, "%s: not released by the guest within %d s (backend state %d): it is "
			"taken away", w->word, w->limit / 1000, state);
		w->late = true;
		op_resume(w->op, 0);
		return;
	}
	if (w->wanted == BUS_CLOSED)
		LOGD(ctx, ERROR, w->d->domid, "%s: not released within %d s (backend state %d): does the guest "
			"still use it? A forced removal takes it away", w->word, w->limit / 1000, state);
	else if (device_modelled(w->d))
		LOGD(ctx, ERROR, w->d->domid, "%s: its device model did not take it up within %d s (state %d): %s says "
			"why", w->word, w->limit / 1000, state, where_to_look(w->d));
	else if (served_by_program(w->d))
		LOGD(ctx, ERROR, w->d->domid, "%s: nothing in Domain 0 took it up within %d s (state %d): start the "
			"program that serves such devices first", w->word, w->limit / 1000, state);
	else
		LOGD(ctx, ERROR, w->d->domid, "%s: no backend answered within %d s (state %d): is the module "
			"%s loaded in Domain 0?", w->word, w->limit / 1000, state, module_of(w->d));
	op_resume(w->op, ERROR_TIMEDOUT);
}

static void backend_abort(struct xl_op *op, void *arg)
{
	stop_waiting(arg);
	op_resume(op, ERROR_ABORTED);
}

int back_wait(struct xl_op *op, struct back_wait *w, const struct xl_device *d, const char *word,
	int wanted, enum wait_for who)
{
	int r;

	*w = (struct back_wait){ .op = op, .d = d, .word = word, .wanted = wanted, .who = who,
				 .limit = who != WAIT_BACKEND ? GUEST_WAIT_MS :
					served_by_program(d) ? PROGRAM_WAIT_MS : BACKEND_WAIT_MS };
	r = look_at_backend(w);
	if (r)
		return r < 0 ? r : 0;
	r = loop_watch_add(op->ctx, &w->watch, gc_printf(&op->gc, "%s/state", d->back), backend_moved, w);
	if (r)
		return r;
	loop_timer_set(op->ctx, &w->timer, w->limit, backend_late, w);
	op_abortable(op, backend_abort, w);
	return XL_WAIT;
}

/* Adding. */

/* A kernel without the driver would leave us waiting for nothing. */
static int check_backend(struct xl_op *op, const struct dev_add *a)
{
	const char *module = module_of(&a->d);

	if (!module || access("/sys/bus/xen-backend/drivers", F_OK) ||
	    !access(gc_printf(&op->gc, "/sys/bus/xen-backend/drivers/%s", a->d.back_kind), F_OK))
		return 0;
	LOGD(op->ctx, ERROR, a->domid, "%s: Domain 0 has no backend for it: load its module, modprobe %s", a->name,
		module);
	return ERROR_FAIL;
}

static int add_prepare(struct xl_op *op, void *state)
{
	struct dev_add *a = state;
	int rc = a->cls->prepare(op, a);

	return rc ? rc : check_backend(op, a);
}

static int add_unprepare(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	if (a->cls->unprepare)
		a->cls->unprepare(op, a);
	return 0;
}

static int add_model(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	if (!device_modelled(&a->d))
		return 0;
	a->dm = (struct dm){ .domid = a->domid, .creating = a->creating };
	return op_call(op, dm_start_steps, &a->dm);
}

static int add_unmodel(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	return a->dm.started ? op_call(op, dm_stop_steps, &a->dm) : 0;
}

static int check_add(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct dev_add *a = arg;
	int rc = domain_check_stays(ctx, t, a->domid);

	return rc || !a->cls->check ? rc : a->cls->check(ctx, t, a);
}

static int add_nodes(struct xl_op *op, void *state)
{
	struct dev_add *a = state;
	struct xs_batch b;
	int rc;

	batch_init(&b, &op->gc);
	device_put_common(&b, &a->d, "1");
	if (a->cls->nodes)
		a->cls->nodes(a, &b);
	rc = batch_commit(op->ctx, &b, check_add, a);
	a->written = !rc;
	if (!rc && a->cls->written)
		a->cls->written(op, a);
	return rc;
}

/*
 * Ask the backend to close; with force, without asking the guest: its side goes away. A backend that has
 * closed is left alone, for no driver would answer a new state.
 */
static void put_closing(libxl_ctx *ctx, struct xs_batch *b, const struct xl_device *d, bool force)
{
	int state = BUS_UNKNOWN;

	if (!xs_get_int(ctx, &state, "%s/state", d->back) || state == BUS_CLOSED)
		return;
	device_put(b, d, "online", "0");
	batch_put(b, d->back, "state", "5");
	if (force)
		batch_remove(b, "%s", d->front);
}

static int add_undo_nodes(struct xl_op *op, void *state)
{
	struct dev_add *a = state;
	struct dev_remove *r;

	if (!a->written)
		return 0;
	r = gc_zalloc(&op->gc, sizeof(*r));
	*r = (struct dev_remove){ .cls = a->cls, .d = a->d, .name = a->name, .how = REMOVE_FORCE,
				  .undo = true };
	return op_call(op, device_remove_steps, r);
}

static int add_wait(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	return a->cls->unattended && served_by_program(&a->d) ? 0 :
		back_wait(op, &a->wait, &a->d, a->name, BUS_INIT_WAIT, WAIT_BACKEND);
}

static int add_plug(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	return a->cls->plug ? a->cls->plug(op, a) : 0;
}

static int add_unplug(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	if (a->cls->unplug)
		a->cls->unplug(op, a);
	return 0;
}

static int add_record(struct xl_op *op, void *state)
{
	struct dev_add *a = state;

	return a->creating ? 0 : devlist_record(op->ctx, a->domid, a->cls, a->config);
}

const struct xl_step device_add_steps[] = {
	{ "checking the device", add_prepare, add_unprepare, false },
	{ "starting its device model", add_model, add_unmodel, false },
	{ "announcing the device", add_nodes, add_undo_nodes, false },
	{ "waiting for the backend", add_wait, NULL, false },
	{ "connecting the device", add_plug, add_unplug, false },
	{ "storing the configuration", add_record, NULL, false },
	{ 0 },
};

/* Removing. */

static int close_backend(struct xl_op *op, struct dev_remove *r)
{
	static const enum wait_for who[] = {
		[REMOVE_SAFE] = WAIT_GUEST, [REMOVE_INSIST] = WAIT_GUEST_OR_NOT, [REMOVE_FORCE] = WAIT_BACKEND,
	};
	int state = BUS_UNKNOWN, rc;
	struct xs_batch b;

	xs_get_int(op->ctx, &state, "%s/state", r->d.back);
	batch_init(&b, &op->gc);
	put_closing(op->ctx, &b, &r->d, r->how == REMOVE_FORCE);
	rc = batch_commit(op->ctx, &b, NULL, NULL);
	/* Nothing has taken it up, or what did is not asked. */
	if (!rc && served_by_program(&r->d) && (state == BUS_INITIALISING || r->how == REMOVE_FORCE))
		return 0;
	return rc ? rc : back_wait(op, &r->wait, &r->d, r->name, BUS_CLOSED, who[r->how]);
}

static int remove_close(struct xl_op *op, void *state)
{
	struct dev_remove *r = state;

	if (!device_exists(op->ctx, &r->d)) {
		LOGD(op->ctx, ERROR, r->d.domid, "it has no %s", r->name);
		return ERROR_NOTFOUND;
	}
	return close_backend(op, r);
}

static int remove_insist(struct xl_op *op, void *state)
{
	struct dev_remove *r = state;

	if (!r->wait.late)
		return 0;
	r->how = REMOVE_FORCE;
	return close_backend(op, r);
}

/* The guest refused: as it was before. */
static int remove_reopen(struct xl_op *op, void *state)
{
	struct dev_remove *r = state;
	struct xs_batch b;

	if (!device_exists(op->ctx, &r->d) || r->how == REMOVE_FORCE)
		return 0;
	batch_init(&b, &op->gc);
	device_put(&b, &r->d, "online", "1");
	batch_put(&b, r->d.back, "state", "4");
	return batch_commit(op->ctx, &b, NULL, NULL);
}

static int remove_script(struct xl_op *op, void *state)
{
	struct dev_remove *r = state;
	const char *args[] = { r->cls->script_remove, NULL };
	char *script = xs_get(op->ctx, &op->gc, XBT_NULL, "%s/user-script", r->d.tools);
	struct hotplug *h;

	if (!script)
		return 0;
	h = gc_zalloc(&op->gc, sizeof(*h));
	h->word = r->name;
	h->quiet = r->undo;
	return hotplug_run(op, h, &r->d, script, args, NULL);
}

static int remove_nodes(struct xl_op *op, void *state)
{
	struct dev_remove *r = state;
	struct xs_batch b;
	int rc;

	batch_init(&b, &op->gc);
	if (r->cls->cleanup)
		r->cls->cleanup(op->ctx, &r->d, &b);
	batch_remove(&b, "%s", r->d.front);
	batch_remove(&b, "%s", r->d.back);
	batch_remove(&b, "%s", r->d.tools);
	batch_remove_empty(&b, "/local/domain/%u/device/%s", r->d.domid, r->d.kind);
	batch_remove_empty(&b, "/libxl/%u/device/%s", r->d.domid, r->d.kind);
	batch_remove_empty(&b, "/local/domain/0/backend/%s/%u", r->d.back_kind, r->d.domid);
	batch_remove_empty(&b, "/local/domain/0/backend/%s", r->d.back_kind);
	device_drop_errors(op->ctx, &b, &r->d, 1);
	rc = batch_commit(op->ctx, &b, NULL, NULL);
	if (!rc && !r->undo)
		rc = devlist_forget(op->ctx, r->d.domid, r->cls, r->d.devid);
	return rc;
}

const struct xl_step device_remove_steps[] = {
	{ "closing the device", remove_close, remove_reopen, false },
	{ "taking the device from the guest", remove_insist, NULL, false },
	{ "running the device's script", remove_script, NULL, true },
	{ "removing the device", remove_nodes, NULL, false },
	{ 0 },
};

int device_attach(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, void *config,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, cls->attach, ao_how);
	struct dev_add *a = gc_zalloc(&op->gc, sizeof(*a));

	if (!domain_exists(ctx, domid)) {
		LOGD(ctx, ERROR, domid, "there is no such domain");
		return op_finish_now(op, ERROR_DOMAIN_NOTFOUND);
	}
	*a = (struct dev_add){ .cls = cls, .domid = domid, .config = config };
	return op_start(op, device_add_steps, a);
}

int device_detach(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid, const char *label,
	const libxl_asyncop_how *ao_how, enum removal how)
{
	struct xl_op *op = op_new(ctx, domid, cls->detach, ao_how);
	struct dev_remove *r = gc_zalloc(&op->gc, sizeof(*r));

	*r = (struct dev_remove){ .cls = cls, .how = how };
	r->name = label ? gc_printf(&op->gc, "%s %s", cls->word, label) : gc_printf(&op->gc, "%s %d", cls->word, devid);
	device_find(ctx, &r->d, &op->gc, domid, cls->kind, devid);
	return op_start(op, device_remove_steps, r);
}

/* Everything that a dying domain has. */

static void find_all(libxl_ctx *ctx, struct xl_gc *gc, struct dev_all *all)
{
	unsigned i, j, n_kinds, n_ids;
	char **kinds = xs_list(ctx, gc, &n_kinds, "/libxl/%u/device", all->domid), **ids;

	for (i = 0; i < n_kinds; i++) {
		struct xl_device *grown;

		ids = xs_list(ctx, gc, &n_ids, "/libxl/%u/device/%s", all->domid, kinds[i]);
		grown = gc_zalloc(gc, (all->n + n_ids + 1) * sizeof(*grown));
		if (all->n)
			memcpy(grown, all->devices, all->n * sizeof(*grown));
		all->devices = grown;
		for (j = 0; j < n_ids; j++)
			device_find(ctx, &grown[all->n++], gc, all->domid, gc_strdup(gc, kinds[i]), atoi(ids[j]));
	}
}

static void all_gone(struct dev_all *all)
{
	unsigned i;

	loop_timer_cancel(&all->timer);
	for (i = 0; i < all->n; i++)
		loop_watch_del(&all->waits[i].watch);
	op_resume(all->op, 0);
}

static void one_closed(struct xl_watch *watch, const char *path)
{
	struct back_wait *w = watch->arg;
	struct dev_all *all = w->timer.arg;

	if (!look_at_backend(w))
		return;
	loop_watch_del(&w->watch);
	if (!--all->left)
		all_gone(all);
}

static void all_late(struct xl_timer *t)
{
	struct dev_all *all = t->arg;
	unsigned i;

	for (i = 0; i < all->n; i++)
		if (all->waits[i].watch.on)
			LOGD(all->op->ctx, WARN, all->domid, "%s %d: its backend did not close within %d s; going on "
				"without it", all->devices[i].kind, all->devices[i].devid, BACKEND_WAIT_MS / 1000);
	all_gone(all);
}

/* One transaction closes all; then each backend is waited for at the same time. */
int devices_destroy_all(struct xl_op *op, struct dev_all *all)
{
	libxl_ctx *ctx = op->ctx;
	struct xs_batch b;
	unsigned i;
	int rc;

	all->op = op;
	find_all(ctx, &op->gc, all);
	batch_init(&b, &op->gc);
	for (i = 0; i < all->n; i++)
		put_closing(ctx, &b, &all->devices[i], strcmp(all->devices[i].kind, "console") != 0);
	rc = all->n ? batch_commit(ctx, &b, NULL, NULL) : 0;
	if (rc)
		return rc;
	all->waits = gc_zalloc(&op->gc, (all->n + 1) * sizeof(*all->waits));
	for (i = 0; i < all->n; i++) {
		struct back_wait *w = &all->waits[i];

		*w = (struct back_wait){ .op = op, .d = &all->devices[i], .word = all->devices[i].kind,
					 .wanted = BUS_CLOSED };
		w->timer.arg = all;
		/* Only kernels' backends are waited for: a device model ends with all it has, and the console's daemon
		 * watches the domain. */
		if (!module_of(w->d) || look_at_backend(w))
			continue;
		if (!loop_watch_add(ctx, &w->watch, gc_printf(&op->gc, "%s/state", w->d->back), one_closed, w))
			all->left++;
	}
	if (!all->left)
		return 0;
	loop_timer_set(ctx, &all->timer, BACKEND_WAIT_MS, all_late, all);
	return XL_WAIT;
}

/* The console's backend is a daemon, and its front sits outside device/. */
void console_put(struct xs_batch *b, uint32_t domid, unsigned port, unsigned long mfn)
{
	struct xl_device d;

	device_init(&d, b->gc, domid, "console", 0);
	device_put_common(b, &d, NULL);
	device_put(b, &d, "protocol", "vt100");
	batch_node(b, ACCESS_READ, domid, 0, "", "%s", d.front);
	batch_put(b, d.front, "backend", d.back);
	batch_node(b, ACCESS_FRONT, domid, 0, "0", "%s/backend-id", d.front);
	batch_put(b, d.front, "limit", "1048576");
	batch_put(b, d.front, "type", "xenconsoled");
	batch_put(b, d.front, "output", "pty");
	batch_put(b, d.front, "tty", "");
	batch_printf(b, d.front, "port", "%u", port);
	batch_printf(b, d.front, "ring-ref", "%lu", mfn);
}
