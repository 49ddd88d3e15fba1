/* SPDX-License-Identifier: LGPL-2.1-only */
#include <stdlib.h>
#include <string.h>

#include "devlist.h"
#include "domain.h"

extern const struct xl_type xl_type_domain_config;

DEV_HEAD(libxl_device_nic);
DEV_HEAD(libxl_device_vfb);
DEV_HEAD(libxl_device_vkb);
DEV_HEAD(libxl_device_vtpm);
DEV_HEAD(libxl_device_vdispl);
DEV_HEAD(libxl_device_vsnd);
DEV_HEAD(libxl_device_channel);

static int devid_of(const struct dev_class *cls, const void *config)
{
	return cls->devid ? cls->devid(config) : ((const struct dev_head *)config)->devid;
}

struct dev_list devlist_of(libxl_domain_config *c, const struct dev_class *cls)
{
	const struct xl_field *f = xl_type_domain_config.fields;

	while (f->sub != cls->type)
		f++;
	return (struct dev_list){ (char **)((char *)c + f->offset), (int *)((char *)c + f->count), f->size };
}

void *devlist_item(const struct dev_list *l, int i)
{
	return *l->items + (size_t)i * l->size;
}

/* Checking. */

static int refuse(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid, const char *why)
{
	LOGD(ctx, ERROR, domid, "%s %d: %s", cls->word, devid, why);
	return ERROR_INVAL;
}

static int decode(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, struct dev_head *head)
{
	uint32_t backend = head->backend_domid;

	if (head->backend_domname && libxl_domain_qualifier_to_domid(ctx, head->backend_domname, &backend))
		return refuse(ctx, domid, cls, head->devid, "there is no domain of the name that backend= gives");
	if (backend)
		return refuse(ctx, domid, cls, head->devid, "backends outside Domain 0 are not available in this release");
	return cls->decode ? cls->decode(ctx, domid, head) : 0;
}

void devlist_number(libxl_domain_config *c, const struct dev_class *cls)
{
	struct dev_list l = devlist_of(c, cls);
	struct dev_head *head;
	int i;

	for (i = 0; i < *l.count; i++) {
		head = devlist_item(&l, i);
		if (head->devid < 0)
			head->devid = i;
	}
}

int devlist_decode(libxl_ctx *ctx, libxl_domain_config *c, const struct dev_class *cls)
{
	struct dev_list l = devlist_of(c, cls);
	int i, j, rc = 0;

	for (i = 0; !rc && i < *l.count; i++) {
		rc = decode(ctx, XL_NO_DOMID, cls, devlist_item(&l, i));
		for (j = 0; !rc && j < i; j++)
			if (devid_of(cls, devlist_item(&l, i)) == devid_of(cls, devlist_item(&l, j)))
				rc = refuse(ctx, XL_NO_DOMID, cls, devid_of(cls, devlist_item(&l, i)),
					"another one has this number");
	}
	return rc;
}

int devlist_prepare(struct xl_op *op, struct dev_add *a)
{
	struct dev_head *head = a->config;
	int rc;

	if (head->devid < 0)
		head->devid = device_next_id(op->ctx, a->domid, a->cls->kind);
	rc = decode(op->ctx, a->domid, a->cls, head);
	a->name = gc_printf(&op->gc, "%s %d", a->cls->word, head->devid);
	device_init(&a->d, &op->gc, a->domid, a->cls->kind, devid_of(a->cls, head));
	return rc;
}

int devlist_check_free(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct dev_add *a = arg;
	XL_GC(gc);

	if (!xs_get(ctx, &gc, t, "%s/backend", a->d.tools))
		return 0;
	LOGD(ctx, ERROR, a->domid, "%s exists already: choose another number", a->name);
	return ERROR_DEVICE_EXISTS;
}

/* The configuration that is kept. */

struct which {
	const struct dev_class *cls;
	int devid;
	void *config;
};

static int forget(libxl_domain_config *c, void *arg)
{
	const struct which *w = arg;
	struct dev_list l = devlist_of(c, w->cls);
	int i, n = 0;

	for (i = 0; i < *l.count; i++) {
		if (devid_of(w->cls, devlist_item(&l, i)) == w->devid)
			xl_type_dispose(w->cls->type, devlist_item(&l, i));
		else if (n++ != i)
			memcpy(devlist_item(&l, n - 1), devlist_item(&l, i), l.size);
	}
	*l.count = n;
	return 0;
}

static int record(libxl_domain_config *c, void *arg)
{
	const struct which *w = arg;
	struct dev_list l = devlist_of(c, w->cls);

	forget(c, arg);
	*l.items = xl_realloc(*l.items, ((size_t)*l.count + 1) * l.size);
	xl_type_init(w->cls->type, devlist_item(&l, *l.count));
	xl_type_copy(NULL, w->cls->type, devlist_item(&l, (*l.count)++), w->config);
	return 0;
}

int devlist_record(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, void *config)
{
	struct which w = { cls, devid_of(cls, config), config };

	return config_change(ctx, domid, record, &w);
}

int devlist_forget(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid)
{
	struct which w = { cls, devid, NULL };

	return config_change(ctx, domid, forget, &w);
}

/* Whoever took one away may have left the configuration as it was: tools of 4.17 do. */
void devlist_refresh(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *c)
{
	static const struct dev_class *const classes[] = {
		&disk_class, &nic_class, &vfb_class, &vkb_class, &vtpm_class, &vdispl_class, &vsnd_class,
	};
	struct xl_device d;
	XL_GC(gc);
	size_t k;
	int i;

	for (k = 0; k < sizeof(classes) / sizeof(classes[0]); k++) {
		struct dev_list l = devlist_of(c, classes[k]);

		for (i = *l.count - 1; i >= 0; i--) {
			struct which w = { classes[k], devid_of(classes[k], devlist_item(&l, i)), NULL };

			device_find(ctx, &d, &gc, domid, classes[k]->kind, w.devid);
			if (!device_exists(ctx, &d))
				forget(c, &w);
		}
	}
}

/* Reading back. */

static void take(libxl_ctx *ctx, struct xl_gc *gc, libxl_domain_config *c, const struct dev_class *cls,
	const struct xl_device *d, void *config)
{
	struct dev_list l = devlist_of(c, cls);
	int i;

	xl_type_init(cls->type, config);
	for (i = 0; i < *l.count; i++)
		if (devid_of(cls, devlist_item(&l, i)) == d->devid)
			xl_type_copy(NULL, cls->type, config, devlist_item(&l, i));
	((struct dev_head *)config)->devid = d->devid;
	if (cls->read)
		cls->read(ctx, gc, d, config);
}

void *devlist_read(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int *num)
{
	libxl_domain_config c;
	struct xl_device d;
	XL_GC(gc);
	unsigned i, n;
	char **ids, *list;

	XL_ENTER(ctx);
	ids = xs_list(ctx, &gc, &n, "/libxl/%u/device/%s", domid, cls->kind);
	list = xl_zalloc((n + 1) * cls->type->size);
	*num = (int)n;
	if (!n)
		return list;
	config_load(ctx, domid, &c);
	for (i = 0; i < n; i++) {
		device_find(ctx, &d, &gc, domid, cls->kind, atoi(ids[i]));
		take(ctx, &gc, &c, cls, &d, list + i * cls->type->size);
	}
	libxl_domain_config_dispose(&c);
	return list;
}

void devlist_free(const struct dev_class *cls, void *list, int num)
{
	int i;

	for (i = 0; i < num; i++)
		xl_type_dispose(cls->type, (char *)list + (size_t)i * cls->type->size);
	free(list);
}

int devlist_find(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid, void *config)
{
	libxl_domain_config c;
	struct xl_device d;
	XL_GC(gc);

	XL_ENTER(ctx);
	xl_type_init(cls->type, config);
	device_find(ctx, &d, &gc, domid, cls->kind, devid);
	if (!device_exists(ctx, &d))
		return ERROR_NOTFOUND;
	config_load(ctx, domid, &c);
	take(ctx, &gc, &c, cls, &d, config);
	libxl_domain_config_dispose(&c);
	return 0;
}

int devlist_info(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const struct dev_class *cls, int devid,
	struct xl_device *d, void *info)
{
	struct dev_info_head *head = info;

	device_find(ctx, d, gc, domid, cls->kind, devid);
	if (!device_exists(ctx, d))
		return ERROR_NOTFOUND;
	head->devid = devid;
	head->backend = xl_strdup(d->back);
	head->frontend = xl_strdup(d->front);
	head->frontend_id = domid;
	head->state = device_number(ctx, d->front, "state");
	return 0;
}
