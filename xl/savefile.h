/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head of a saved domain: magic, byte order and flags, then the configuration; libxl's stream
 * follows. The layout is that of Xen 4.17, so that either xl restores what the other saved.
 */
#ifndef XL_SAVEFILE_H
#define XL_SAVEFILE_H

#include <stdint.h>

#include "xl.h"

#define SAVEFILE_MAGIC	    "Xen saved domain, xl format\n \0 \r"
#define SAVEFILE_BYTE_ORDER 0x01020304u

#define SAVEFILE_JSON	    (1u << 0) /* the configuration is JSON, not a config file */
#define SAVEFILE_STREAM_V2  (1u << 1)
#define SAVEFILE_KNOWN	    (SAVEFILE_JSON | SAVEFILE_STREAM_V2)

struct savefile_header {
	char magic[32];
	uint32_t byte_order;
	uint32_t mandatory; /* flags a reader must know */
	uint32_t optional;
	uint32_t length;    /* of what follows: a 32-bit length and the configuration */
};

_Static_assert(sizeof(struct savefile_header) == 48, "the head is 48 bytes on disk");
_Static_assert(sizeof(SAVEFILE_MAGIC) == 33, "32 bytes of magic and C's terminator");

struct savefile {
	char *config; /* terminated; NULL when there is none */
	size_t config_length;
	uint32_t flags;
};

/* NULL, or what is wrong with the header. */
const char *savefile_check(const struct savefile_header *header);

/* Both report, and return nonzero then. On success the fd stands at libxl's stream. */
int savefile_read(int fd, const char *name, struct savefile *save);
int savefile_write(int fd, const char *name, const char *config);

#endif
