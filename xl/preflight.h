/* SPDX-License-Identifier: GPL-2.0-only */
/* What is missing on the host for a domain, found before anything is built. */
#ifndef XL_PREFLIGHT_H
#define XL_PREFLIGHT_H

#include "xl.h"

/* 0, or one line for each thing that is missing. */
int preflight(const libxl_domain_config *config, bool restoring);

#endif
