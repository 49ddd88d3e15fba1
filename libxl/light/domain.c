/* SPDX-License-Identifier: LGPL-2.1-only */
/* What is done to a domain that runs: pause, messages through its control directory, names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "op.h"
#include "worker.h"
#include "xs.h"

static int need(libxl_ctx *ctx, uint32_t domid)
{
	if (domain_exists(ctx, domid))
		return 0;
	LOGD(ctx, ERROR, domid, "there is no such domain");
	return ERROR_DOMAIN_NOTFOUND;
}

static int simple(libxl_ctx *ctx, uint32_t domid, const char *verb, const char *what,
	int (*call)(xc_interface *xch, uint32_t domid), const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, verb, ao_how);
	int rc = need(ctx, domid);

	if (!rc && call(ctx->xch, domid)) {
		LOGED(ctx, ERROR, domid, "the hypervisor refuses to %s", what);
		rc = ERROR_FAIL;
	}
	return op_finish_now(op, rc);
}

int libxl_domain_pause(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how)
{
	return simple(ctx, domid, "pause", "pause it", xc_domain_pause, ao_how);
}

int libxl_domain_unpause(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how)
{
	return simple(ctx, domid, "unpause", "let it run", xc_domain_unpause, ao_how);
}

/* A guest answers to its control directory if it has PV drivers; without them there is nobody to ask. */
static int check_listens(libxl_ctx *ctx, uint32_t domid, const char *node)
{
	xc_domaininfo_t info;
	uint64_t port = 0;

	if (domain_get(ctx, domid, &info))
		return need(ctx, domid);
	if (domain_type(ctx, domid, &info) != LIBXL_DOMAIN_TYPE_HVM ||
	    (!xc_hvm_param_get(ctx->xch, domid, HVM_PARAM_CALLBACK_IRQ, &port) && port))
		return 0;
	LOGD(ctx, ERROR, domid, "it has no PV drivers to listen to control/%s", node);
	return ERROR_NOPARAVIRT;
}

struct control {
	struct xl_op *op;
	uint32_t domid;
	const char *node, *value;
	struct xl_watch watch;
	struct xl_timer timer;
};

static int still_there(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	return domain_check_stays(ctx, t, ((struct control *)arg)->domid);
}

static int control_write(libxl_ctx *ctx, struct control *c)
{
	XL_GC(gc);
	struct xs_batch b;
	int rc = check_listens(ctx, c->domid, c->node);

	if (rc)
		return rc;
	batch_init(&b, &gc);
	batch_put(&b, gc_printf(&gc, "/local/domain/%u/control", c->domid), c->node, c->value);
	return batch_commit(ctx, &b, still_there, c);
}

#define ANSWER_WAIT_MS 60000

static void control_over(struct control *c, int rc)
{
	loop_watch_del(&c->watch);
	loop_timer_cancel(&c->timer);
	op_resume(c->op, rc);
}

/* The guest empties the node when it has read it; it goes with the guest. */
static void control_changed(struct xl_watch *w, const char *path)
{
	struct control *c = w->arg;
	XL_GC(gc);
	char *now = xs_get(w->ctx, &gc, XBT_NULL, "%s", w->path);

	if (!now || !now[0])
		control_over(c, 0);
}

static void control_unanswered(struct xl_timer *t)
{
	struct control *c = t->arg;

	LOGD(t->ctx, ERROR, c->domid, "it does not answer to \"%s\": has its kernel come up? destroy stops it all the same",
		c->value);
	control_over(c, ERROR_TIMEDOUT);
}

static void control_abort(struct xl_op *op, void *arg)
{
	control_over(arg, ERROR_ABORTED);
}

static int control_ask(struct xl_op *op, void *state)
{
	struct control *c = state;
	int rc = control_write(op->ctx, c);

	if (rc)
		return rc;
	c->op = op;
	rc = loop_watch_add(op->ctx, &c->watch, gc_printf(&op->gc, "/local/domain/%u/control/%s", c->domid, c->node),
		control_changed, c);
	if (rc)
		return rc;
	loop_timer_set(op->ctx, &c->timer, ANSWER_WAIT_MS, control_unanswered, c);
	op_abortable(op, control_abort, c);
	return XL_WAIT;
}

static const struct xl_step control_steps[] = { { "asking it", control_ask, NULL, false }, { 0 } };

static int control_op(libxl_ctx *ctx, uint32_t domid, const char *verb, const char *value,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, verb, ao_how);
	struct control *c = gc_zalloc(&op->gc, sizeof(*c));

	*c = (struct control){ .domid = domid, .node = "shutdown", .value = value };
	return op_start(op, control_steps, c);
}

int libxl_domain_shutdown(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how)
{
	return control_op(ctx, domid, "shutdown", "poweroff", ao_how);
}

int libxl_domain_reboot(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how)
{
	return control_op(ctx, domid, "reboot", "reboot", ao_how);
}

int libxl_send_sysrq(libxl_ctx *ctx, uint32_t domid, char sysrq)
{
	char key[2] = { sysrq, 0 };
	struct control c = { .domid = domid, .node = "sysrq", .value = key };

	XL_ENTER(ctx);
	return control_write(ctx, &c);
}

static const struct trigger {
	libxl_trigger trigger;
	int number;		/* XEN_DOMCTL_SENDTRIGGER_*, or -1 */
	bool hvm_only;
} triggers[] = {
	{ LIBXL_TRIGGER_POWER, XEN_DOMCTL_SENDTRIGGER_POWER, true },
	{ LIBXL_TRIGGER_SLEEP, XEN_DOMCTL_SENDTRIGGER_SLEEP, true },
	{ LIBXL_TRIGGER_NMI, XEN_DOMCTL_SENDTRIGGER_NMI, false },
	{ LIBXL_TRIGGER_INIT, XEN_DOMCTL_SENDTRIGGER_INIT, true },
	{ LIBXL_TRIGGER_RESET, XEN_DOMCTL_SENDTRIGGER_RESET, true },
	{ LIBXL_TRIGGER_S3RESUME, -1, true },
};

static int send_trigger(libxl_ctx *ctx, uint32_t domid, libxl_trigger trigger, uint32_t vcpuid)
{
	const char *name = libxl_trigger_to_string(trigger);
	const struct trigger *t = NULL;
	xc_domaininfo_t info;
	size_t i;

	if (domain_get(ctx, domid, &info))
		return need(ctx, domid);
	for (i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++)
		if (triggers[i].trigger == trigger)
			t = &triggers[i];
	if (!t) {
		LOGD(ctx, ERROR, domid, "there is no trigger number %d", (int)trigger);
		return ERROR_INVAL;
	}
	if (t->hvm_only && !(info.flags & XEN_DOMINF_hvm_guest)) {
		LOGD(ctx, ERROR, domid, "a PV guest has no %s line: use shutdown, reboot or sysrq", name);
		return ERROR_NI;
	}
	if (t->number < 0)
		return xl_not_yet(ctx, domid, "resume from S3");
	if (!xc_domain_send_trigger(ctx->xch, domid, (uint32_t)t->number, vcpuid))
		return 0;
	LOGED(ctx, ERROR, domid, "the hypervisor does not deliver %s to vCPU %u", name, vcpuid);
	return ERROR_FAIL;
}

int libxl_send_trigger(libxl_ctx *ctx, uint32_t domid, libxl_trigger trigger, uint32_t vcpuid,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "trigger", ao_how);

	return op_finish_now(op, send_trigger(ctx, domid, trigger, vcpuid));
}

static int dump_in_child(struct worker *w, libxl_ctx *ctx)
{
	const char *filename = w->arg;

	if (!xc_domain_dumpcore(ctx->xch, w->domid, filename))
		return 0;
	LOGED(ctx, ERROR, w->domid, "cannot dump its memory to %s", filename);
	return ERROR_FAIL;
}

static int run_dump(struct xl_op *op, void *state)
{
	return worker_run(op, state);
}

static int stop_dump(struct xl_op *op, void *state)
{
	worker_kill(state);
	return 0;
}

static const struct xl_step dump_steps[] = { { "dumping its memory", run_dump, stop_dump, false }, { 0 } };

int libxl_domain_core_dump(libxl_ctx *ctx, uint32_t domid, const char *filename,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "dump-core", ao_how);
	struct worker *w = gc_zalloc(&op->gc, sizeof(*w));
	int rc = need(ctx, domid);

	if (rc)
		return op_finish_now(op, rc);
	w->domid = domid;
	w->arg = gc_strdup(&op->gc, filename);
	w->job = dump_in_child;
	return op_start(op, dump_steps, w);
}

/* Names. */

struct rename_request {
	uint32_t domid;
	const char *from, *to;
};

static int rename_check(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct rename_request *r = arg;
	XL_GC(gc);
	char *now;

	if (r->from) {
		now = xs_get(ctx, &gc, t, "/local/domain/%u/name", r->domid);
		if (!now || strcmp(now, r->from)) {
			LOGD(ctx, ERROR, r->domid, "it is called \"%s\", not \"%s\"", now ? now : "(nothing)", r->from);
			return ERROR_FAIL;
		}
	}
	return r->to[0] ? name_check_free(ctx, t, r->to, r->domid) : 0;
}

static int store_name(libxl_domain_config *c, void *arg)
{
	free(c->c_info.name);
	c->c_info.name = xl_strdup(arg);
	return 0;
}

static int rename_domain(libxl_ctx *ctx, uint32_t domid, const char *from, const char *to)
{
	struct rename_request r = { domid, from, to };
	struct xs_batch b;
	XL_GC(gc);
	char *vm;
	int rc;

	if (strchr(to, '/') || strlen(to) > 200) {
		LOGD(ctx, ERROR, domid, "\"%s\" cannot be a name: it has a slash or is too long", to);
		return ERROR_INVAL;
	}
	batch_init(&b, &gc);
	batch_printf(&b, gc_printf(&gc, "/local/domain/%u", domid), "name", "%s", to);
	vm = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/vm", domid);
	if (vm)
		batch_put(&b, vm, "name", to);
	if (from)
		batch_remove(&b, "%s", name_index_path(&gc, from));
	batch_node(&b, ACCESS_TOOLS, 0, 0, gc_printf(&gc, "%u", domid), "%s", name_index_path(&gc, to));
	rc = batch_commit(ctx, &b, rename_check, &r);
	return rc ? rc : config_change(ctx, domid, store_name, (char *)to);
}

int libxl_domain_rename(libxl_ctx *ctx, uint32_t domid, const char *old_name, const char *new_name)
{
	int rc;

	XL_ENTER(ctx);
	rc = need(ctx, domid);
	return rc ? rc : rename_domain(ctx, domid, old_name, new_name);
}

/* A crashed domain is kept under another name and UUID, so that its successor can have them. */
int libxl_domain_preserve(libxl_ctx *ctx, uint32_t domid, libxl_domain_create_info *info,
	const char *name_suffix, libxl_uuid new_uuid)
{
	libxl_uuid old;
	XL_GC(gc);
	struct xs_batch b;
	char *vm, *name;
	int rc;

	XL_ENTER(ctx);
	rc = domain_uuid(ctx, domid, &old);
	if (rc)
		return need(ctx, domid);
	name = gc_printf(&gc, "%s%s", info->name, name_suffix);
	rc = rename_domain(ctx, domid, info->name, name);
	if (rc)
		return rc;
	vm = gc_printf(&gc, "/vm/" LIBXL_UUID_FMT, LIBXL_UUID_BYTES(new_uuid));
	batch_init(&b, &gc);
	batch_node(&b, ACCESS_READ, domid, 0, "", "%s", vm);
	batch_printf(&b, vm, "uuid", LIBXL_UUID_FMT, LIBXL_UUID_BYTES(new_uuid));
	batch_put(&b, vm, "name", name);
	batch_put(&b, gc_printf(&gc, "/local/domain/%u", domid), "vm", vm);
	batch_remove(&b, "/vm/" LIBXL_UUID_FMT, LIBXL_UUID_BYTES(old));
	rc = batch_commit(ctx, &b, NULL, NULL);
	if (!rc && xc_domain_sethandle(ctx->xch, domid, new_uuid.uuid)) {
		LOGED(ctx, ERROR, domid, "the hypervisor refuses a new UUID");
		rc = ERROR_FAIL;
	}
	if (!rc)
		userdata_rename(ctx, domid, &old, &new_uuid);
	return rc;
}
