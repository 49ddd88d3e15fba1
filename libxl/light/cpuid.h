/* SPDX-License-Identifier: LGPL-2.1-only */
/* A guest's CPUID policy: overrides per leaf and register, and per MSR bit, as libxenctrl takes them. */
#ifndef XL_CPUID_H
#define XL_CPUID_H

#include "typeinfo.h"

#include <xenctrl.h>

struct libxl__cpu_policy {
	struct xc_xend_cpuid *leaves;	/* NULL, or ends with leaf XEN_CPUID_INPUT_UNUSED */
	struct xc_msr *msrs;		/* NULL, or ends with index XC_MSR_INPUT_UNUSED */
};

void xl_cpuid_dispose(void *p);
void xl_cpuid_copy(libxl_ctx *ctx, void *dst, const void *src);
bool xl_cpuid_is_empty(const struct xl_field *f, const void *p);
yajl_gen_status xl_cpuid_gen(yajl_gen g, const struct xl_field *f, const void *p);
int xl_cpuid_parse(const struct xl_field *f, void *p, yajl_val v);

#endif
