/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page of a PV console. The guest may write anything into it at any time: indices are read
 * once and checked, and what was read is used.
 */
#ifndef XENCONSOLED_CONSRING_H
#define XENCONSOLED_CONSRING_H

#include <stddef.h>

struct xencons_interface;

/* What the guest has put out: bytes copied, -1 when its indices are nonsense. */
long consring_read(struct xencons_interface *ring, char *buf, size_t len);
/* Input for the guest: bytes that found room. */
long consring_write(struct xencons_interface *ring, const char *buf, size_t len);
/* Room for input, -1 when the indices are nonsense. */
long consring_room(const struct xencons_interface *ring);

#endif
