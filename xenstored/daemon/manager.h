/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMON_MANAGER_H
#define DAEMON_MANAGER_H

/*
 * The service manager, by libsystemd, which is loaded when the environment names one: with what it needs itself it would be a
 * third of a daemon's memory, and most of its libraries. Where there is no manager all return 0 and nothing is loaded.
 * That it is there and cannot be loaded is logged once.
 */

/* sd_notify(3): positive when it was told. The environment keeps the address. */
int manager_tell(const char *text);
/* sd_pid_notify_with_fds(3), with one descriptor. */
int manager_tell_with(const char *text, int fd);
/* sd_listen_fds_with_names(3): how many it gave, from MANAGER_FIRST on; the environment forgets them. */
#define MANAGER_FIRST 3
int manager_given(char ***names);

#endif
