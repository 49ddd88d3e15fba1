/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page of a PV console. The guest may write anything into it at any time: indices are read
 * once and checked, and what was read is used.
 */
#ifndef XENCONSOLED_CONSRING_H
#define XENCONSOLED_CONSRING_H

#include <stddef.h>
#include <stdint.h>

struct xencons_interface;

/* What the guest has put out: bytes copied, -1 when its indices are nonsense. next is for the call that takes them. */
long consring_read(const struct xencons_interface *ring, char *buf, size_t len, uint32_t *next);
/* What comes next, as the ring has it. */
uint32_t consring_taken(const struct xencons_interface *ring);
/* The guest may write over them from now on. */
void consring_take(struct xencons_interface *ring, uint32_t next);

enum consring_past {
	CONSRING_THERE,	 /* all that was before next was taken, and nothing else */
	CONSRING_BEHIND, /* some of it is yet to be taken */
	CONSRING_OTHER,	 /* that was another ring, or another one took from it */
};
enum consring_past consring_compare(const struct xencons_interface *ring, uint32_t next);
/* Input for the guest: bytes that found room. */
long consring_write(struct xencons_interface *ring, const char *buf, size_t len);
/* Room for input, -1 when the indices are nonsense. */
long consring_room(const struct xencons_interface *ring);

#endif
