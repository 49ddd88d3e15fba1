/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that stays with a domain while it lives: xl-watch (watch.c). */
#ifndef XL_WATCHER_H
#define XL_WATCHER_H

#include <stdint.h>

/* Where xl-watch -r says that the domain is watched. */
#define WATCH_READY_FD 3

/*
 * What xl-watch runs when the domain has shut down: xl with the global options of this one, and this word with
 * the domain's number.
 */
#define DOMAIN_ENDED "domain-ended"

/* Starts one, which logs to XEN_LOG_DIR/xl-NAME.log, and waits until it watches. 0, or -1 reported. */
int watcher_start(const char *name, uint32_t domid);
/* Becomes one, in a process that xl-watch became. Returns only when that fails: an exit code, reported. */
int watcher_become(const char *name, uint32_t domid);

#endif
