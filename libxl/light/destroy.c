/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Destruction. Each step copes with a domain of which only a part is left, so that a destroy that was
 * killed half way can be repeated. First of all the domain is marked: whoever is building it or adding a
 * device to it just now finds that in its next transaction (domain_check_stays) and writes nothing more.
 */
#include <stdlib.h>
#include <string.h>

#include "create.h"
#include "domain.h"
#include "worker.h"

/* Its value is the domain's UUID: what is left of another domain with that number means nothing. */
#define DYING "/local/domain/%u/dying"

static char *mark_of(struct xl_gc *gc, const uint8_t uuid[16])
{
	return gc_printf(gc, LIBXL_UUID_FMT, LIBXL__UUID_BYTES(uuid));
}

static int destroyed(libxl_ctx *ctx, uint32_t domid)
{
	LOGD(ctx, ERROR, domid, "somebody destroys it meanwhile");
	return ERROR_DOMAIN_DESTROYED;
}

int domain_check_stays(libxl_ctx *ctx, xs_transaction_t t, uint32_t domid)
{
	XL_GC(gc);

	/* The mark outlives the domain in the hypervisor, so that there is no moment without either. */
	if (!xs_get(ctx, &gc, t, DYING, domid) && domain_exists(ctx, domid))
		return 0;
	return destroyed(ctx, domid);
}

int domain_check_new(libxl_ctx *ctx, xs_transaction_t t, uint32_t domid, const libxl_uuid *uuid)
{
	XL_GC(gc);
	char *mark = xs_get(ctx, &gc, t, DYING, domid);

	if ((!mark || strcmp(mark, mark_of(&gc, uuid->uuid))) && domain_exists(ctx, domid))
		return 0;
	return destroyed(ctx, domid);
}

/* Without xenstored the domain is taken from the hypervisor all the same; what is left is reported at the end. */
static int kept(struct dev_all *all, int rc)
{
	if (rc < 0 && !all->rc)
		all->rc = rc;
	return rc < 0 ? 0 : rc;
}

static int stop(struct xl_op *op, void *state)
{
	struct dev_all *all = state;
	xc_domaininfo_t info;
	XL_GC(gc);
	char *name;

	if (domain_get(op->ctx, all->domid, &info)) {
		/* Somebody was faster but does not know of all that we made, or was killed before the last step. */
		if (all->undo || xs_get(op->ctx, &gc, XBT_NULL, DYING, all->domid))
			return 0;
		LOGD(op->ctx, ERROR, all->domid, "there is no such domain");
		return ERROR_DOMAIN_NOTFOUND;
	}
	if (!op->log_name) {
		name = domain_name(op->ctx, &gc, all->domid);
		op->log_name = xl_strdup(name);
	}
	if (xc_domain_pause(op->ctx->xch, all->domid))
		LOGED(op->ctx, WARN, all->domid, "cannot pause it");
	return kept(all, xs_set(op->ctx, mark_of(&gc, info.handle), DYING, all->domid) ? 0 : ERROR_FAIL);
}

/* It stays, or some of it does: the next attempt marks it anew. */
static int unmark(struct xl_op *op, void *state)
{
	struct dev_all *all = state;
	struct xs_handle *xsh = xl_xs(op->ctx);

	if (xsh)
		xs_rm(xsh, XBT_NULL, gc_printf(&op->gc, DYING, all->domid));
	return 0;
}

static int close_devices(struct xl_op *op, void *state)
{
	return kept(state, devices_destroy_all(op, state));
}

static int end_model(struct xl_op *op, void *state)
{
	struct dev_all *all = state;

	all->dm.domid = all->domid;
	return op_call(op, dm_stop_steps, &all->dm);
}

struct script_run {
	struct dev_all *all;
	unsigned next;
};

static int script_of_next(struct xl_op *op, void *state)
{
	struct script_run *s = state;
	const struct xl_device *d = &s->all->devices[s->next++];
	char *script = xs_get(op->ctx, &op->gc, XBT_NULL, "%s/user-script", d->tools);
	const char **args = gc_zalloc(&op->gc, 3 * sizeof(*args));
	struct hotplug *h = gc_zalloc(&op->gc, sizeof(*h));

	if (!script)
		return 0;
	args[0] = strcmp(d->kind, "vif") ? "remove" : "offline";
	args[1] = strcmp(d->kind, "vif") ? NULL : "type_if=vif";
	h->word = gc_printf(&op->gc, "%s %d", d->kind, d->devid);
	return hotplug_run(op, h, d, script, args, NULL);
}

static int run_scripts(struct xl_op *op, void *state)
{
	struct dev_all *all = state;
	struct script_run *s = gc_zalloc(&op->gc, sizeof(*s));
	struct xl_step *steps = gc_zalloc(&op->gc, (all->n + 1) * sizeof(*steps));
	unsigned i;

	s->all = all;
	/* A script that fails does not keep the domain alive. */
	for (i = 0; i < all->n; i++)
		steps[i] = (struct xl_step){ "running a script", script_of_next, NULL, true };
	return op_call(op, steps, s);
}

/* ... and but for the mark, which goes with the name. */
static void remove_all_but_name(libxl_ctx *ctx, struct xs_batch *b, uint32_t domid)
{
	unsigned i, n;
	char **nodes = xs_list(ctx, b->gc, &n, "/local/domain/%u", domid);

	for (i = 0; i < n; i++)
		if (strcmp(nodes[i], "name") && strcmp(nodes[i], "dying"))
			batch_remove(b, "/local/domain/%u/%s", domid, nodes[i]);
}

static int remove_nodes(struct xl_op *op, void *state)
{
	struct dev_all *all = state;
	libxl_ctx *ctx = op->ctx;
	char *vm = xs_get(ctx, &op->gc, XBT_NULL, "/local/domain/%u/vm", all->domid);
	struct xs_batch b;
	unsigned i;

	batch_init(&b, &op->gc);
	for (i = 0; i < all->n; i++) {
		const struct xl_device *d = &all->devices[i];

		if (!strcmp(d->kind, "vbd"))
			disk_class.cleanup(ctx, d, &b);
		batch_remove(&b, "%s", d->back);
		batch_remove(&b, "/local/domain/0/backend/%s/%u", d->back_kind, all->domid);
		batch_remove_empty(&b, "/local/domain/0/backend/%s", d->back_kind);
	}
	if (all->n)
		batch_remove_empty(&b, "/local/domain/0/backend");
	device_drop_errors(ctx, &b, all->devices, all->n);
	if (vm && !strncmp(vm, "/vm/", 4) && !strchr(vm + 4, '/'))
		batch_remove(&b, "%s", vm);
	remove_all_but_name(ctx, &b, all->domid);
	batch_remove(&b, "/libxl/%u", all->domid);
	return kept(all, batch_commit(ctx, &b, NULL, NULL));
}

/* Last of all: a domain that is on its way out is still to be known by its name. */
static int remove_name(struct xl_op *op, void *state)
{
	struct dev_all *all = state;
	char *name = domain_name(op->ctx, &op->gc, all->domid);
	struct xs_batch b;

	batch_init(&b, &op->gc);
	batch_remove(&b, "/local/domain/%u", all->domid);
	if (name)
		name_index_drop(op->ctx, &b, name, all->domid);
	kept(all, batch_commit(op->ctx, &b, NULL, NULL));
	return all->rc;
}

static int destroy_now(libxl_ctx *ctx, uint32_t domid)
{
	if (!xc_domain_destroy(ctx->xch, domid) || errno == ESRCH)
		return 0;
	LOGED(ctx, ERROR, domid, "the hypervisor refuses to destroy it");
	return ERROR_FAIL;
}

static int destroy_in_child(struct worker *w, libxl_ctx *ctx)
{
	return destroy_now(ctx, w->domid);
}

/* Freeing much memory takes long. Where there is no room for another process it is done here. */
static int kill_domain(struct xl_op *op, void *state)
{
	struct dev_all *all = state;
	struct worker *w = gc_zalloc(&op->gc, sizeof(*w));

	/* Without a domain nobody could find its name again to remove it. */
	op_past_return(op);
	userdata_drop_all(op->ctx, all->domid);
	w->domid = all->domid;
	w->job = destroy_in_child;
	return worker_run(op, w) == XL_WAIT ? XL_WAIT : destroy_now(op->ctx, all->domid);
}

const struct xl_step destroy_steps[] = {
	{ "stopping it", stop, unmark, false },
	{ "closing its devices", close_devices, NULL, false },
	{ "ending its device model", end_model, NULL, true },
	{ "running its scripts", run_scripts, NULL, false },
	{ "removing its directories", remove_nodes, NULL, false },
	{ "destroying it", kill_domain, NULL, false },
	{ "removing its name", remove_name, NULL, false },
	{ 0 },
};

int libxl_domain_destroy(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "destroy", ao_how);
	struct dev_all *all = gc_zalloc(&op->gc, sizeof(*all));

	if (!domid) {
		LOGX(ctx, ERROR, "Domain 0 cannot be destroyed: power the machine off instead");
		return op_finish_now(op, ERROR_INVAL);
	}
	all->domid = domid;
	return op_start(op, destroy_steps, all);
}
