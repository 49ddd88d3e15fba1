/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The frame around libxenguest's stream, version 2: a header in big endian, then records of little
 * endian type and length, padded to 8 bytes. A PV guest's holds the record that says "libxenguest's
 * stream follows" and, after it, the end record.
 */
#ifndef XL_STREAM_H
#define XL_STREAM_H

#include <stdint.h>

#define STREAM_IDENT 0x4c6962786c466d74ULL	/* "LibxlFmt" */
#define STREAM_VERSION 2
#define STREAM_OPT_BIG_ENDIAN 1u		/* of the records */
#define STREAM_OPT_LEGACY 2u

struct stream_header {
	uint64_t ident;
	uint32_t version;
	uint32_t options;
};
_Static_assert(sizeof(struct stream_header) == 16, "stream header");

struct stream_record {
	uint32_t type;
	uint32_t length;
};
_Static_assert(sizeof(struct stream_record) == 8, "stream record");

enum stream_type {
	STREAM_END, STREAM_LIBXC, STREAM_EMULATOR_XENSTORE, STREAM_EMULATOR, STREAM_CHECKPOINT_END,
	STREAM_CHECKPOINT_STATE,
};
#define STREAM_OPTIONAL 0x80000000u	/* a reader that does not know the type may skip it */
#define STREAM_RECORD_MOST (64u << 20)

int stream_put_head(int fd);
int stream_put_end(int fd);
/* 0, or a sentence about what is wrong with the stream. */
const char *stream_get_head(int fd);
const char *stream_get_tail(int fd);

#endif
