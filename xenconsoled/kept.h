/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Terminals that outlive the daemon: systemd keeps both ends for the service's next process (FileDescriptorStoreMax= in the
 * unit), so that who has one open goes on with it.
 */
#ifndef XENCONSOLED_KEPT_H
#define XENCONSOLED_KEPT_H

#include <stdbool.h>
#include <stdint.h>

/* The terminal of this domain that the last process left, whose ends are the caller's then. False: there is none. */
bool kept_find(uint32_t domid, int *master, int *slave);
void kept_keep(uint32_t domid, int master, int slave);
/* The domain is gone: who has its terminal open shall see its end. */
void kept_let_go(uint32_t domid);
/* So for those that the last process left, of domains that are not there any more. */
void kept_let_go_rest(bool (*there)(uint32_t domid));

#endif
