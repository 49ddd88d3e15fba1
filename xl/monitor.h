/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done at the end of a domain: what on_poweroff and its like say. */
#ifndef XL_MONITOR_H
#define XL_MONITOR_H

#include "xl.h"

enum monitor_verdict {
	MONITOR_DONE,	 /* nothing more to do */
	MONITOR_RESTART, /* the domain is gone; build it again from config */
	MONITOR_RESUMED, /* it goes on, and is to be watched again; never what monitor_domain returns */
	MONITOR_FAILED,	 /* reported */
};

/*
 * Watches until the domain needs no more watching. Before MONITOR_RESTART, config has been
 * replaced by the configuration as the running domain had it.
 */
enum monitor_verdict monitor_domain(uint32_t domid, libxl_domain_config *config);
/* The same without watching, for one that has shut down; config is empty at first. */
enum monitor_verdict monitor_ended(uint32_t domid, libxl_domain_config *config);

#endif
