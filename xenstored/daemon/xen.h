/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemons ask of the hypervisor. */
#ifndef DAEMON_XEN_H
#define DAEMON_XEN_H

#include <stdbool.h>
#include <stdint.h>

enum dom_state {
	DOM_ABSENT,
	DOM_DYING,
	DOM_SHUTDOWN,
	DOM_ALIVE,
};

/* False, logged, when a handle cannot be had. */
bool xen_open(void);
/* The same with event channels that are bound already, by the process's last image. */
bool xen_open_with(int evtchn_fd);
int xen_evtchn_fd(void);
/* The next port that fired, or -1; it stays masked until xen_evtchn_done(). */
int xen_evtchn_next(void);
void xen_evtchn_done(uint32_t port);
void xen_notify(uint32_t port);
/* Our port, or -1. */
int xen_bind(uint32_t domid, uint32_t remote);
int xen_bind_virq(unsigned int virq);
/* Forgets the port's owner as well. */
void xen_unbind(uint32_t port);
/* Whose port it is: noted by who has bound it. False: no memory. */
bool xen_port_own(int port, void *owner);
/* NULL: nobody's, or no port. */
void *xen_port_owner(int port);

enum dom_state xen_dom_state(uint32_t domid);
/* Calls for each domain from first on. False: the list cannot be had. */
bool xen_each_dom(uint32_t first, void (*fn)(uint32_t domid, enum dom_state state, void *arg),
		  void *arg);

/*
 * A page of a guest: by the grant that the builder made in the reserved entry ref, else by its
 * frame. by_grant tells xen_unmap_page() which it was. NULL: by neither.
 */
void *xen_map_page(uint32_t domid, uint32_t ref, uint64_t gfn, bool *by_grant);
void xen_unmap_page(void *page, bool by_grant);

/* New output of the hypervisor since index, which moves on: bytes, 0 for none. */
unsigned int xen_read_console(char *buf, unsigned int len, uint32_t *index);

#endif
