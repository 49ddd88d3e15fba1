/* SPDX-License-Identifier: LGPL-2.1-only */
/* A new domain's directories in xenstore: its name, the rest, the introduction. */
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "create.h"
#include "domain.h"

static void put_vm(struct create *c, struct xs_batch *b, const char *vm)
{
	const libxl_domain_config *d = &c->full;
	struct timeval now;

	gettimeofday(&now, NULL);
	batch_node(b, ACCESS_READ, c->domid, 0, "", "%s", vm);
	batch_put(b, vm, "name", d->c_info.name);
	batch_printf(b, vm, "uuid", LIBXL_UUID_FMT, LIBXL_UUID_BYTES(d->c_info.uuid));
	batch_put(b, vm, "image/ostype", "linux");
	if (c->kernel)
		batch_put(b, vm, "image/kernel", c->kernel);
	if (c->ramdisk)
		batch_put(b, vm, "image/ramdisk", c->ramdisk);
	if (c->cmdline)
		batch_put(b, vm, "image/cmdline", c->cmdline);
	batch_printf(b, vm, "start_time", "%lu.%02d", (unsigned long)now.tv_sec, (int)now.tv_usec / 10000);
}

/* Directories that the guest fills, and switches that it and we turn. */
static void put_guest_nodes(struct create *c, struct xs_batch *b, const char *dom)
{
	static const char *const guests[] = {
		"device/suspend/event-channel", "control/shutdown", "control/feature-poweroff",
		"control/feature-reboot", "control/feature-suspend", "control/sysrq", "data", "drivers",
		"feature", "attr", "error",
		/* for one that serves devices of others */
		"libxl", "device-model",
	};
	const libxl_defbool serves = c->full.c_info.driver_domain;
	size_t n = sizeof(guests) / sizeof(guests[0]);

	if (libxl_defbool_is_default(serves) || !libxl_defbool_val(serves))
		n -= 2;
	for (size_t i = 0; i < n; i++)
		batch_node(b, ACCESS_GUEST, c->domid, 0, "", "%s/%s", dom, guests[i]);
	batch_put(b, dom, "control/platform-feature-multiprocessor-suspend", "1");
	batch_put(b, dom, "control/platform-feature-xs_reset_watches", "1");
}

static void put_user_data(struct create *c, struct xs_batch *b, const char *dom)
{
	char **kv;

	for (kv = c->full.c_info.xsdata; kv && kv[0] && kv[1]; kv += 2)
		batch_put(b, gc_printf(b->gc, "%s/vm-data", dom), kv[0], kv[1]);
	for (kv = c->full.c_info.platformdata; kv && kv[0] && kv[1]; kv += 2)
		batch_put(b, gc_printf(b->gc, "%s/platform", dom), kv[0], kv[1]);
}

static int is_new(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct create *c = arg;
	int rc = name_check_free(ctx, t, c->full.c_info.name, c->domid);

	return rc ? rc : domain_check_new(ctx, t, c->domid, &c->full.c_info.uuid);
}

/*
 * The name comes before everything else: should we be killed, the domain is not a nameless one that nobody
 * can explain, and the next attempt to create it says whose the name is.
 */
int create_name(struct xl_op *op, void *state)
{
	struct create *c = state;
	char *dom = gc_printf(&op->gc, "/local/domain/%u", c->domid);
	struct xs_batch b;

	batch_init(&b, &op->gc);
	/* Whatever a domain of the same number left behind goes first. */
	batch_remove(&b, "%s", dom);
	batch_node(&b, ACCESS_READ, c->domid, 0, "", "%s", dom);
	batch_put(&b, dom, "name", c->full.c_info.name);
	batch_node(&b, ACCESS_TOOLS, 0, 0, gc_printf(&op->gc, "%u", c->domid), "%s",
		name_index_path(&op->gc, c->full.c_info.name));
	return batch_commit(op->ctx, &b, is_new, c);
}

static int stays(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct create *c = arg;

	return domain_check_stays(ctx, t, c->domid);
}

int create_nodes(struct xl_op *op, void *state)
{
	struct create *c = state;
	const libxl_domain_build_info *i = &c->full.b_info;
	char *dom = gc_printf(&op->gc, "/local/domain/%u", c->domid);
	char *tools = gc_printf(&op->gc, "/libxl/%u", c->domid);
	char *vm = gc_printf(&op->gc, "/vm/" LIBXL_UUID_FMT, LIBXL_UUID_BYTES(c->full.c_info.uuid));
	struct xs_batch b;
	int v;

	batch_init(&b, &op->gc);
	put_vm(c, &b, vm);
	batch_put(&b, dom, "vm", vm);
	batch_printf(&b, dom, "domid", "%u", c->domid);
	for (v = 0; v < i->max_vcpus; v++)
		batch_put(&b, dom, gc_printf(&op->gc, "cpu/%d/availability", v),
			libxl_bitmap_test(&i->avail_vcpus, v) ? "online" : "offline");
	batch_printf(&b, dom, "memory/static-max", "%llu", (unsigned long long)i->max_memkb);
	batch_printf(&b, dom, "memory/target", "%llu",
		(unsigned long long)(i->target_memkb - i->video_memkb));
	batch_printf(&b, dom, "memory/videoram", "%llu", (unsigned long long)i->video_memkb);
	put_guest_nodes(c, &b, dom);
	put_user_data(c, &b, dom);
	batch_node(&b, ACCESS_TOOLS, 0, 0, "", "%s", tools);
	batch_put(&b, tools, "type", libxl_domain_type_to_string(c->full.c_info.type));
	batch_put(&b, tools, "dm-version", "qemu_xen");
	return batch_commit(op->ctx, &b, stays, c);
}

/* From here on xenstored serves the guest and xenconsoled can attach to its console. */
int create_introduce(struct xl_op *op, void *state)
{
	struct create *c = state;
	char *dom = gc_printf(&op->gc, "/local/domain/%u", c->domid);
	struct xs_batch b;
	int rc;

	batch_init(&b, &op->gc);
	batch_printf(&b, dom, "store/port", "%u", c->store_port);
	batch_printf(&b, dom, "store/ring-ref", "%lu", c->store_mfn);
	console_put(&b, c->domid, c->console_port, c->console_mfn);
	rc = batch_commit(op->ctx, &b, stays, c);
	if (rc)
		return rc;
	if (!xs_introduce_domain(op->ctx->xsh, c->domid, c->store_mfn, c->store_port)) {
		LOGED(op->ctx, ERROR, c->domid, "xenstored does not take it in");
		return ERROR_FAIL;
	}
	c->introduced = true;
	return 0;
}
