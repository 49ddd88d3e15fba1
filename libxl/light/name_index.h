/* SPDX-License-Identifier: LGPL-2.1-only */
/* What libxl knows about names beyond its published calls, for xl. */
#ifndef XL_NAME_INDEX_H
#define XL_NAME_INDEX_H

#include <libxl.h>

/* The domain that libxl gave this name: the cost is the same however many domains there are. */
bool libxl_name_find(libxl_ctx *ctx, const char *name, uint32_t *domid);

#endif
