/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors that outlive the daemon: systemd keeps for a service what it is sent, and hands it to the service's next
 * process (FileDescriptorStoreMax= in the unit). A socket is let go there by itself when its peer hangs up, or when it
 * was shut down.
 */
#ifndef XENSTORED_KEEPER_H
#define XENSTORED_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

/* Names of what is kept; those of connections have their id behind. */
#define KEPT_JOURNAL   "journal"
#define KEPT_LISTEN    "listen"
#define KEPT_LISTEN_RO "listen-ro"
#define KEPT_CONN      "c"
#define KEPT_READ_ONLY "r"

/* Whether somebody keeps descriptors for us. */
bool keeper_there(void);
/* No more of it: there is no journal to which they would belong. */
void keeper_forget(void);
/*
 * Sends one; a number makes it the connection's of this id. False: it is not taken just now; sock_keep() is called when
 * it is.
 */
bool keeper_keep(int fd, const char *name, uint32_t id);
/* The one of this name and id that the last process left, which is the caller's then; -1: none. */
int keeper_find(const char *name, uint32_t id);
/* Shuts and closes all that is left. */
void keeper_let_go(void);
/* Any connection that is left, and its name's first letter; -1: none. */
int keeper_left(char *kind, uint32_t *id);

#endif
