/* SPDX-License-Identifier: GPL-2.0-only */
/* Between psr.c and psr_cmt.c. */
#ifndef XL_PSR_H
#define XL_PSR_H

#include "cmd.h"

/* The one that is named, or all there are; NULL, reported. The caller frees it. */
uint32_t *psr_domains(const char *which, int *count);
/* In KiB; 0: only a hypervisor with cache monitoring knows. */
uint32_t psr_l3_size(uint32_t socket);
/* A field, where it is known. */
void psr_json_l3_size(uint32_t socket);
/* The "cmt" of psr-hwinfo. */
int psr_cmt_hwinfo(bool json);

#endif
