/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XL_NIC_H
#define XL_NIC_H

#include "light.h"

/* Complete what the user left out; the MAC is generated here, so that it stays the same later. */
int nic_defaults(libxl_ctx *ctx, uint32_t domid, libxl_device_nic *nic);
/* What is left open in a stored configuration: hosts differ. */
void nic_choose_bridge(libxl_device_nic *nic);
int nic_check(libxl_ctx *ctx, uint32_t domid, const libxl_device_nic *nic);

#endif
