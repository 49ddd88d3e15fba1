/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What devices of all classes have in common: a number, a backend, a list of them in the configuration and in xenstore. A
 * class that has nothing else of its own to set up takes its operations from here.
 */
#ifndef XL_DEVLIST_H
#define XL_DEVLIST_H

#include "device.h"
#include "typeinfo.h"

extern const struct xl_type xl_type_device_disk, xl_type_device_nic, xl_type_device_vfb, xl_type_device_vkb,
	xl_type_device_vtpm, xl_type_device_vdispl, xl_type_device_vsnd, xl_type_device_channel;

/* How the configurations of all classes but disks begin, and what is told of all classes. */
struct dev_head {
	libxl_domid backend_domid;
	char *backend_domname;
	libxl_devid devid;
};
struct dev_info_head {
	char *backend;
	uint32_t backend_id;
	char *frontend;
	uint32_t frontend_id;
	libxl_devid devid;
	int state;
};
#define DEV_HEAD(type) \
	_Static_assert(offsetof(type, backend_domid) == offsetof(struct dev_head, backend_domid) && \
		       offsetof(type, backend_domname) == offsetof(struct dev_head, backend_domname) && \
		       offsetof(type, devid) == offsetof(struct dev_head, devid), #type)
#define DEV_INFO_HEAD(type) \
	_Static_assert(offsetof(type, backend_id) == offsetof(struct dev_info_head, backend_id) && \
		       offsetof(type, frontend) == offsetof(struct dev_info_head, frontend) && \
		       offsetof(type, frontend_id) == offsetof(struct dev_info_head, frontend_id) && \
		       offsetof(type, devid) == offsetof(struct dev_info_head, devid) && \
		       offsetof(type, state) == offsetof(struct dev_info_head, state), #type)

/* Those of a class in a configuration. */
struct dev_list {
	char **items;
	int *count;
	size_t size;
};
struct dev_list devlist_of(libxl_domain_config *c, const struct dev_class *cls);
void *devlist_item(const struct dev_list *l, int i);

/* Numbers for those of a class that nobody gave one. */
void devlist_number(libxl_domain_config *c, const struct dev_class *cls);
/* Defaults and checks for those of a class, before the domain exists. */
int devlist_decode(libxl_ctx *ctx, libxl_domain_config *c, const struct dev_class *cls);
/* Without what the domain has no more. */
void devlist_refresh(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *c);

/* In the configuration that is kept with the domain: instead of the one of this number; away with it. */
int devlist_record(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, void *config);
int devlist_forget(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid);

/* For the class's table. */
int devlist_prepare(struct xl_op *op, struct dev_add *a);
int devlist_check_free(libxl_ctx *ctx, xs_transaction_t t, void *arg);	/* a batch_check */

/*
 * Reading back: that it is there says xenstore; what it is, the configuration that is kept, for a guest can write to much
 * of what xenstore has of it.
 */
void *devlist_read(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int *num);
void devlist_free(const struct dev_class *cls, void *list, int num);
int devlist_find(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid, void *config);
/* info is as initialised. ERROR_NOTFOUND: there is none; else d has its paths. */
int devlist_info(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const struct dev_class *cls, int devid,
	struct xl_device *d, void *info);

/* The calls, by which no two classes differ. */
#define DEVICE_VERBS(word) \
	int libxl_device_##word##_add(libxl_ctx *ctx, uint32_t domid, libxl_device_##word *dev, \
		const libxl_asyncop_how *ao_how) \
	{ \
		return device_attach(ctx, domid, &word##_class, dev, ao_how); \
	} \
	int libxl_device_##word##_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_##word *dev, \
		const libxl_asyncop_how *ao_how) \
	{ \
		return device_detach(ctx, domid, &word##_class, dev->devid, NULL, ao_how, REMOVE_INSIST); \
	} \
	int libxl_device_##word##_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_##word *dev, \
		const libxl_asyncop_how *ao_how) \
	{ \
		return device_detach(ctx, domid, &word##_class, dev->devid, NULL, ao_how, REMOVE_FORCE); \
	}
#define DEVICE_LISTS(word) \
	libxl_device_##word *libxl_device_##word##_list(libxl_ctx *ctx, uint32_t domid, int *num) \
	{ \
		return devlist_read(ctx, domid, &word##_class, num); \
	} \
	void libxl_device_##word##_list_free(libxl_device_##word *list, int num) \
	{ \
		devlist_free(&word##_class, list, num); \
	} \
	int libxl_devid_to_device_##word(libxl_ctx *ctx, uint32_t domid, int devid, libxl_device_##word *dev) \
	{ \
		return devlist_find(ctx, domid, &word##_class, devid, dev); \
	}

#endif
