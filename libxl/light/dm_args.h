/* SPDX-License-Identifier: LGPL-2.1-only */
/* What a domain's configuration means to its device model. */
#ifndef XL_DM_ARGS_H
#define XL_DM_ARGS_H

#include "light.h"

const char *dm_program(const libxl_domain_config *config);
/* The screen that it shows by VNC; NULL: none. */
const libxl_vnc_info *dm_vnc(const libxl_domain_config *config);
char **dm_args(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const libxl_domain_config *config);

#endif
