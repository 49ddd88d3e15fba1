/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DAEMON_GIVEN_H
#define DAEMON_GIVEN_H

/*
 * The descriptors that the service manager gives to this process (sd_listen_fds_with_names(3)): its own, kept for it
 * while it was not there. Each is taken once. The environment forgets them at the first look: a new image of the process
 * must not take them for its own.
 */

/* The one of that name, or -1. */
int given_take(const char *name);

/* The name of number i, empty when it was taken; NULL behind the last. */
const char *given_name(int i);
int given_take_number(int i);

#endif
