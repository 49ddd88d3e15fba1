/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page that a guest shares with the store: two byte rings, and words about the connection.
 * The guest may write anything anywhere at any time: indices are read once, checked, and used
 * from our copy.
 */
#ifndef XENSTORED_RING_H
#define XENSTORED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xenstore_domain_interface;

/* Says what this server can do, and that all is well. */
void ring_start(struct xenstore_domain_interface *ring);
/* Empties both rings. */
void ring_reset(struct xenstore_domain_interface *ring);
/* Whether the guest asks to begin anew. */
bool ring_wants_reconnect(const struct xenstore_domain_interface *ring);
/*
 * Bytes moved, 0 when there are none (or no room), -1 when the indices are nonsense. What was copied from the ring is
 * still there until it is taken: then the guest knows.
 */
long ring_copy(const struct xenstore_domain_interface *ring, void *buf, size_t len);
void ring_take(struct xenstore_domain_interface *ring, size_t len);
long ring_write(struct xenstore_domain_interface *ring, const void *buf, size_t len);
bool ring_has_input(const struct xenstore_domain_interface *ring);
/* Our own indices, and how far we would be with them: see domain_state.c. */
void ring_indices(const struct xenstore_domain_interface *ring, uint32_t *req_cons, uint32_t *rsp_prod);
void ring_set_taken(struct xenstore_domain_interface *ring, uint32_t req_cons);
void ring_set_error(struct xenstore_domain_interface *ring, uint32_t why);

#endif
