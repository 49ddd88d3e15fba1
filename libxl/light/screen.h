/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XL_SCREEN_H
#define XL_SCREEN_H

#include "light.h"

/* Defaults, and everything that can be known to be wrong before the domain exists. */
int vfb_check(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb, int next_id);
int vkb_check(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb, int next_id);

#endif
