/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemons of Domain 0 have in common, shared by xenstored and xenconsoled: going into
 * the background, the pid file, signals (here), the log (log.h), the loop (loop.h) and the
 * hypervisor (xen.h).
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include <stdbool.h>

/*
 * Goes on in a child whose parent waits until daemon_ready() and then exits with 0, or with 1
 * when the child ends before. Returns the descriptor for daemon_ready(), -1 with errno set.
 */
int daemon_detach(void);
/* Tells the parent, if fd is that descriptor and not -1, and a service manager that waits; the log leaves stderr then. */
void daemon_ready(const char *name, int fd);
/* Locked for as long as we live, so that a second daemon is refused. False is logged. */
bool daemon_pid_file(const char *path, const char *name);
/* From the loop: hangup at SIGHUP, the loop's end at SIGTERM and SIGINT. SIGPIPE is ignored. */
bool daemon_signals(void (*hangup)(void));

#endif
