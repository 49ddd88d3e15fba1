/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far each console's output is in its log, in a file that is mapped and outlives the daemon, though not the machine's
 * start. A chunk of output is written to the log, then its place is set here, then it is taken from the ring: whoever
 * comes after a kill takes away from the log what has no place yet, which is in the ring still, or leaves in the ring what
 * has one. So each byte is in the log once.
 */
#ifndef XENCONSOLED_PLACE_H
#define XENCONSOLED_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "logfile.h"

/* The hypervisor's own console, among those of the domains. */
#define PLACE_HYPERVISOR 0u

struct place {
	struct log_place log;
	uint64_t frame; /* of the ring, and the guest's port: which ring it was */
	uint32_t port;
	uint32_t cons; /* what comes next from the ring */
};

/* Without a file, which is logged, a place is nowhere. */
void places_open(const char *dir);
void place_set(uint32_t id, const struct place *p);
/* False: there is none. */
bool place_get(uint32_t id, struct place *p);
void place_clear(uint32_t id);

#endif
