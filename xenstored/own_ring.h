/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring between the store and the kernel of the domain that it runs in. */
#ifndef XENSTORED_OWN_RING_H
#define XENSTORED_OWN_RING_H

#include <stdint.h>

struct xenstore_domain_interface;

/* From xenfs (mounted on /proc/xen): the page, and the kernel's event channel. NULL: not there. */
struct xenstore_domain_interface *own_ring_map(uint32_t *port);
void own_ring_unmap(struct xenstore_domain_interface *ring);

#endif
