/* SPDX-License-Identifier: LGPL-2.1-only */
/* Creation: the steps in order, and what takes each of them back. */
#include <stdlib.h>
#include <string.h>

#include "create.h"
#include "devlist.h"
#include "domain.h"
#include "worker.h"

/* The domain with all that hangs on it; every later step is undone by this one. */
static int undo_domain(struct xl_op *op, void *state)
{
	struct create *c = state;

	if (!c->exists)
		return 0;
	c->exists = false;
	c->gone.domid = c->domid;
	c->gone.undo = true;
	return op_call(op, destroy_steps, &c->gone);
}

int create_worker(struct xl_op *op, struct create *c, int (*job)(struct worker *w, libxl_ctx *ctx))
{
	struct worker *w = gc_zalloc(&op->gc, sizeof(*w));

	c->worker = w;
	w->domid = c->domid;
	w->arg = c;
	w->job = job;
	w->detail = c->restore_fd < 0;
	return worker_run(op, w);
}

int create_stop_worker(struct xl_op *op, void *state)
{
	struct create *c = state;

	if (c->worker)
		worker_kill(c->worker);
	return 0;
}

int create_take_frames(struct xl_op *op, void *state)
{
	struct create *c = state;

	c->store_mfn = c->worker->store_mfn;
	c->console_mfn = c->worker->console_mfn;
	return 0;
}

static int store_config(struct xl_op *op, void *state)
{
	struct create *c = state;
	struct config_lock lock;
	int rc = config_lock(op->ctx, c->domid, &lock);

	if (rc)
		return rc;
	rc = config_store(op->ctx, c->domid, c->given);
	config_unlock(&lock);
	return rc;
}

/* What a domain may begin with, in this order. */
static const struct dev_class *const classes[] = {
	&disk_class, &nic_class, &vfb_class, &vkb_class, &vtpm_class, &vdispl_class, &vsnd_class, &channel_class,
};

/* One step for each device, all the same: the counter says which. */
static int add_device(struct xl_op *op, void *state)
{
	struct create *c = state;
	struct dev_add *a = gc_zalloc(&op->gc, sizeof(*a));
	int i = c->device++;
	size_t k = 0;
	struct dev_list l = devlist_of(&c->full, classes[k]);

	while (i >= *l.count) {
		i -= *l.count;
		l = devlist_of(&c->full, classes[++k]);
	}
	*a = (struct dev_add){ .cls = classes[k], .domid = c->domid, .creating = &c->full, .config = devlist_item(&l, i) };
	return op_call(op, device_add_steps, a);
}

static int add_devices(struct xl_op *op, void *state)
{
	struct create *c = state;
	struct xl_step *steps;
	int i, n = 0;
	size_t k;

	for (k = 0; k < sizeof(classes) / sizeof(classes[0]); k++)
		n += *devlist_of(&c->full, classes[k]).count;
	steps = gc_zalloc(&op->gc, ((size_t)n + 1) * sizeof(*steps));
	for (i = 0; i < n; i++)
		steps[i] = (struct xl_step){ "adding a device", add_device, NULL, false };
	return op_call(op, steps, c);
}

/* Who builds it may need rights over it that nobody is to have over what runs. */
static int relabel(struct xl_op *op, void *state)
{
	struct create *c = state;

	if (!c->full.b_info.exec_ssidref || !xc_flask_relabel_domain(op->ctx->xch, c->domid, c->full.b_info.exec_ssidref))
		return 0;
	LOGED(op->ctx, ERROR, c->domid, "cannot give it its security label");
	return ERROR_FAIL;
}

static int console_ready(struct xl_op *op, void *state)
{
	struct create *c = state;

	if (c->tell_console)
		op_progress(op, &c->console_how, LIBXL_EVENT_TYPE_DOMAIN_CREATE_CONSOLE_AVAILABLE, c->domid);
	return 0;
}

/* First step, so that its undo is the last thing that happens. */
static int hold(struct xl_op *op, void *state)
{
	return create_decode(op, state);
}

static int let_go(struct xl_op *op, void *state)
{
	struct create *c = state;

	create_release(c);
	*c->domid_out = (uint32_t)INVALID_DOMID;
	return 0;
}

static int finish(struct xl_op *op, void *state)
{
	create_release(state);
	return 0;
}

static const struct xl_step create_steps[] = {
	{ "checking the configuration", hold, let_go, false },
	{ "running the boot loader", create_bootloader, create_unbootloader, false },
	{ "making the domain", create_domain, undo_domain, false },
	{ "naming it", create_name, NULL, false },
	{ "writing its directories", create_nodes, NULL, false },
	{ "building it", create_build, NULL, false },
	{ "restoring it", create_restore, NULL, false },
	{ "introducing it", create_introduce, NULL, false },
	{ "storing its configuration", store_config, NULL, false },
	{ "adding its devices", add_devices, NULL, false },
	{ "changing its security label", relabel, NULL, false },
	{ "announcing its console", console_ready, NULL, false },
	{ "dropping the boot loader's files", create_unbootloader, NULL, false },
	{ "finishing", finish, NULL, false },
	{ 0 },
};

static int create(libxl_ctx *ctx, libxl_domain_config *config, uint32_t *domid, int restore_fd,
	const libxl_domain_restore_params *params, const libxl_asyncop_how *ao_how,
	const libxl_asyncprogress_how *console_how)
{
	struct xl_op *op = op_new(ctx, XL_NO_DOMID, restore_fd >= 0 ? "restore" : "create", ao_how);
	struct create *c = gc_zalloc(&op->gc, sizeof(*c));

	*domid = (uint32_t)INVALID_DOMID;
	c->op = op;
	c->given = config;
	c->domid_out = domid;
	c->restore_fd = restore_fd;
	c->stream_version = params ? (int)params->stream_version : 2;
	if (console_how) {
		c->console_how = *console_how;
		c->tell_console = true;
	}
	return op_start(op, create_steps, c);
}

int libxl_domain_create_new(libxl_ctx *ctx, libxl_domain_config *d_config, uint32_t *domid,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *aop_console_how)
{
	return create(ctx, d_config, domid, -1, NULL, ao_how, aop_console_how);
}

int libxl_domain_create_restore(libxl_ctx *ctx, libxl_domain_config *d_config, uint32_t *domid,
	int restore_fd, int send_back_fd, const libxl_domain_restore_params *params,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *aop_console_how)
{
	if (params && params->checkpointed_stream) {
		xl_not_yet(ctx, XL_NO_DOMID, "checkpointed streams (Remus, COLO)");
		return ERROR_NI;
	}
	return create(ctx, d_config, domid, restore_fd, params, ao_how, aop_console_how);
}
