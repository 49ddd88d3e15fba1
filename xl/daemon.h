/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes that stay when the command is over. */
#ifndef XL_DAEMON_H
#define XL_DAEMON_H

#include "xl.h"

/*
 * Forks a daemon that logs to XEN_LOG_DIR/NAME.log. Returns 0 in the daemon, where ctx is a new
 * one, 1 in the parent once the daemon has called daemon_ready or ended, -1 reported.
 */
int daemonize(const char *name, const char *pidfile);
void daemon_ready(void);

/* XEN_LOG_DIR/NAME.log, or the file that this command has begun; libxl rotates older ones away. -1: reported. */
int open_daemon_log(const char *name);
/* Waits until who holds the other end of the pipe fd says that it is ready, or is gone. */
bool said_ready(int fd);

#endif
