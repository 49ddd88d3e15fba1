/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that stays with a domain and does what on_poweroff and its like say. */
#ifndef XL_MONITOR_H
#define XL_MONITOR_H

#include "xl.h"

/*
 * Forks a daemon that logs to XEN_LOG_DIR/NAME.log. Returns 0 in the daemon, where ctx is a new
 * one, 1 in the parent once the daemon has called daemon_ready or ended, -1 reported.
 */
int daemonize(const char *name, const char *pidfile);
void daemon_ready(void);

enum monitor_verdict {
	MONITOR_DONE,	 /* nothing more to do */
	MONITOR_RESTART, /* the domain is gone; build it again from config */
	MONITOR_RESUMED, /* it had stopped and goes on; never what monitor_domain returns */
	MONITOR_FAILED,	 /* reported */
};

/*
 * Watches until the domain needs no more watching. Before MONITOR_RESTART, config has been
 * replaced by the configuration as the running domain had it.
 */
enum monitor_verdict monitor_domain(uint32_t domid, libxl_domain_config *config);

#endif
