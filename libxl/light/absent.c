/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What the ABI has and this release does not: each call says so and returns ERROR_NI; lists are empty.
 * A class of devices that arrives leaves this file.
 */
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "op.h"

/* Devices. */

static int absent_op(libxl_ctx *ctx, uint32_t domid, const char *what, const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, what, ao_how);

	return op_finish_now(op, xl_not_yet(ctx, domid, what));
}

#define ABSENT_VERB(type, verb, what) \
	int libxl_device_##type##_##verb(libxl_ctx *ctx, uint32_t domid, libxl_device_##type *dev, \
		const libxl_asyncop_how *ao_how) \
	{ \
		return absent_op(ctx, domid, what, ao_how); \
	}

#define ABSENT_LIST(type) \
	libxl_device_##type *libxl_device_##type##_list(libxl_ctx *ctx, uint32_t domid, int *num) \
	{ \
		*num = 0; \
		return xl_zalloc(sizeof(libxl_device_##type)); \
	} \
	void libxl_device_##type##_list_free(libxl_device_##type *list, int num) \
	{ \
		free(list); \
	}

#define ABSENT_INFO(type, info) \
	int libxl_device_##type##_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_##type *dev, \
		libxl_##info *out) \
	{ \
		libxl_##info##_init(out); \
		return ERROR_NOTFOUND; \
	}

#define ABSENT_FIND(type) \
	int libxl_devid_to_device_##type(libxl_ctx *ctx, uint32_t domid, int devid, \
		libxl_device_##type *dev) \
	{ \
		libxl_device_##type##_init(dev); \
		return ERROR_NOTFOUND; \
	}

#define ABSENT_TRIO(type, what) \
	ABSENT_VERB(type, add, what) ABSENT_VERB(type, remove, what) ABSENT_VERB(type, destroy, what)
#define ABSENT_CLASS(type, info, what) \
	ABSENT_TRIO(type, what) ABSENT_LIST(type) ABSENT_INFO(type, info) ABSENT_FIND(type)

ABSENT_CLASS(usbctrl, usbctrlinfo, "a USB controller")

/* Of these the ABI has only some. */
ABSENT_TRIO(pci, "a PCI device")
ABSENT_LIST(pci)
ABSENT_VERB(p9, remove, "a 9p share")
ABSENT_VERB(p9, destroy, "a 9p share")
ABSENT_VERB(pvcallsif, remove, "PV calls")
ABSENT_VERB(pvcallsif, destroy, "PV calls")
ABSENT_VERB(usbdev, add, "a USB device")
ABSENT_VERB(usbdev, remove, "a USB device")
ABSENT_LIST(usbdev)

int libxl_ctrlport_to_device_usbdev(libxl_ctx *ctx, uint32_t domid, int ctrl, int port,
	libxl_device_usbdev *usbdev)
{
	libxl_device_usbdev_init(usbdev);
	return ERROR_NOTFOUND;
}

int libxl_device_pci_assignable_add(libxl_ctx *ctx, libxl_device_pci *pci, int rebind)
{
	return xl_not_yet(ctx, XL_NO_DOMID, "setting a PCI device aside");
}

int libxl_device_pci_assignable_remove(libxl_ctx *ctx, libxl_device_pci *pci, int rebind)
{
	return xl_not_yet(ctx, XL_NO_DOMID, "setting a PCI device aside");
}

libxl_device_pci *libxl_device_pci_assignable_list(libxl_ctx *ctx, int *num)
{
	*num = 0;
	return xl_zalloc(sizeof(libxl_device_pci));
}

void libxl_device_pci_assignable_list_free(libxl_device_pci *list, int num)
{
	free(list);
}

libxl_pcitopology *libxl_get_pci_topology(libxl_ctx *ctx, int *num_devs)
{
	*num_devs = 0;
	return xl_zalloc(sizeof(libxl_pcitopology));
}

void libxl_pcitopology_list_free(libxl_pcitopology *list, int num_devs)
{
	free(list);
}

/* Domains. */

int libxl_domain_remus_start(libxl_ctx *ctx, libxl_domain_remus_info *info, uint32_t domid, int send_fd,
	int recv_fd, const libxl_asyncop_how *ao_how)
{
	return absent_op(ctx, domid, "Remus", ao_how);
}

int libxl_domain_soft_reset(libxl_ctx *ctx, libxl_domain_config *d_config, uint32_t domid,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *aop_console_how)
{
	return absent_op(ctx, domid, "a soft reset", ao_how);
}

/* The hypervisor. */

int libxl_set_parameters(libxl_ctx *ctx, char *params)
{
	return xl_not_yet(ctx, XL_NO_DOMID, "changing the hypervisor's parameters");
}

/* Numbers are not remembered, so there is nothing to forget. */
int libxl_clear_domid_history(libxl_ctx *ctx)
{
	return 0;
}

/* Transcendent memory, of which the names stayed. */

char *libxl_tmem_list(libxl_ctx *ctx, uint32_t domid, int use_long)
{
	return NULL;
}

static int removed(libxl_ctx *ctx)
{
	LOGX(ctx, ERROR, "transcendent memory went away with 4.13");
	return ERROR_FEATURE_REMOVED;
}

#define REMOVED(decl) \
	int decl \
	{ \
		return removed(ctx); \
	}
REMOVED(libxl_tmem_freeze(libxl_ctx *ctx, uint32_t domid))
REMOVED(libxl_tmem_thaw(libxl_ctx *ctx, uint32_t domid))
REMOVED(libxl_tmem_set(libxl_ctx *ctx, uint32_t domid, char *name, uint32_t set))
REMOVED(libxl_tmem_shared_auth(libxl_ctx *ctx, uint32_t domid, char *uuid, int auth))
REMOVED(libxl_tmem_freeable(libxl_ctx *ctx))
