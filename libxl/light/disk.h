/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XL_DISK_H
#define XL_DISK_H

#include "light.h"

/* An image that only a device model can read. */
bool disk_modelled(const libxl_device_disk *d);
/* Everything that can be known to be wrong before the domain exists. */
int disk_check(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *d);
void disk_defaults(libxl_device_disk *d);

#endif
