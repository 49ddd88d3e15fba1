/* SPDX-License-Identifier: LGPL-2.1-only */
/* Between sched.c and sched_rtds.c. */
#ifndef LIGHT_SCHEDULER_H
#define LIGHT_SCHEDULER_H

#include "light.h"

/* Of the pool that it is in; unknown: there is no such domain. */
libxl_scheduler sched_of_domain(libxl_ctx *ctx, uint32_t domid);

int sched_rtds_domain_get(libxl_ctx *ctx, uint32_t domid, libxl_domain_sched_params *params);
int sched_rtds_domain_set(libxl_ctx *ctx, uint32_t domid, const libxl_domain_sched_params *params);

#endif
