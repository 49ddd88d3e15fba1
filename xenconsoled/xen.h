/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon asks of the hypervisor. */
#ifndef XENCONSOLED_XEN_H
#define XENCONSOLED_XEN_H

#include <stdbool.h>
#include <stdint.h>

struct xencons_interface;

bool xen_open(void);
int xen_evtchn_fd(void);
int xen_evtchn_next(void);
void xen_unmask(uint32_t port);
void xen_notify(uint32_t port);
int xen_bind(uint32_t domid, uint32_t remote);
void xen_unbind(uint32_t port);
/* The port on which output of the hypervisor is told, or -1. */
int xen_bind_console(void);

struct xencons_interface *xen_map_console(uint32_t domid, uint64_t frame, bool *by_grant);
void xen_unmap_console(struct xencons_interface *ring, bool by_grant);

/* Calls for each guest; dying ones are not alive. False: the list cannot be had. */
bool xen_each_guest(void (*fn)(uint32_t domid, bool alive, void *arg), void *arg);
/* New output of the hypervisor since the last call: bytes, 0 for none. */
long xen_read_console(char *buf, unsigned int len);

#endif
