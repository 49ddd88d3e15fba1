/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon asks of the hypervisor, and of Domain 0's kernel about its own ring. */
#ifndef XENSTORED_XEN_H
#define XENSTORED_XEN_H

#include <stdbool.h>
#include <stdint.h>

struct xenstore_domain_interface;

enum dom_state {
	DOM_ABSENT,
	DOM_DYING,
	DOM_SHUTDOWN,
	DOM_ALIVE,
};

/* False, logged, when a handle cannot be had. */
bool xen_open(void);
int xen_evtchn_fd(void);
/* The next port that fired, or -1. */
int xen_evtchn_next(void);
void xen_evtchn_done(uint32_t port);
void xen_notify(uint32_t port);
int xen_bind(uint32_t domid, uint32_t remote);
void xen_unbind(uint32_t port);
/* The port on which deaths of domains are told, or -1. */
int xen_bind_deaths(void);

enum dom_state xen_dom_state(uint32_t domid);
/* Calls for each domain that exists. False: not known. */
bool xen_each_dom(void (*fn)(uint32_t domid, enum dom_state state, void *arg), void *arg);

enum ring_kind {
	RING_GRANT,
	RING_FOREIGN,
	RING_OWN, /* Domain 0's, from its kernel */
};

struct xenstore_domain_interface *xen_map_ring(uint32_t domid, uint64_t gfn, enum ring_kind *kind);
struct xenstore_domain_interface *xen_map_own_ring(uint32_t *port);
void xen_unmap_ring(struct xenstore_domain_interface *ring, enum ring_kind kind);

#endif
