/* SPDX-License-Identifier: MIT */
/*
 * Block device protocol.
 * xenstore, back end: params, physical-device, mode, feature-flush-cache, feature-barrier,
 * feature-discard, feature-persistent, feature-max-indirect-segments, sectors, sector-size, info.
 * Front end: ring-ref (or ring-page-order and ring-refN), event-channel, protocol. Sectors are 512
 * bytes whatever sector-size says.
 */
#ifndef __XEN_PUBLIC_IO_BLKIF_H__
#define __XEN_PUBLIC_IO_BLKIF_H__
#include "ring.h"
#include "../grant_table.h"
#ifndef blkif_vdev_t
#define blkif_vdev_t uint16_t
#endif
#define blkif_sector_t                       uint64_t

/*
 * operation of a request. BARRIER and FLUSH need feature-barrier and feature-flush-cache of the
 * back end; DISCARD and INDIRECT carry requests of their own, below.
 */
#define BLKIF_OP_READ                        0
#define BLKIF_OP_WRITE                       1
#define BLKIF_OP_WRITE_BARRIER               2
#define BLKIF_OP_FLUSH_DISKCACHE             3
#define BLKIF_OP_RESERVED_1                  4
#define BLKIF_OP_DISCARD                     5
#define BLKIF_OP_INDIRECT                    6
#define BLKIF_MAX_SEGMENTS_PER_REQUEST       11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST 8

/* A granted page and the 512-byte sectors of it, both ends included: 0 to 7 for a 4 KiB page. */
struct blkif_request_segment {
	grant_ref_t gref;
	uint8_t first_sect, last_sect;
};

/*
 * A read, write, barrier or flush: up to 11 pages from sector_number on. id comes back in the
 * response, in any order; a flush may have no segments. handle is the device number, which the
 * back end does not need.
 */
struct blkif_request {
	uint8_t operation;
	uint8_t nr_segments;
	blkif_vdev_t handle;
	uint64_t id;
	blkif_sector_t sector_number;
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};
typedef struct blkif_request blkif_request_t;

/*
 * Forget nr_sectors from sector_number on, which read as anything afterwards; SECURE: overwrite
 * them (feature-discard, discard-secure).
 */
struct blkif_request_discard {
	uint8_t operation;
	uint8_t flag;
#define BLKIF_DISCARD_SECURE (1 << 0)
	blkif_vdev_t handle;
	uint64_t id;
	blkif_sector_t sector_number;
	uint64_t nr_sectors;
};
typedef struct blkif_request_discard blkif_request_discard_t;

/*
 * As blkif_request, with more segments: indirect_op is READ or WRITE, the granted pages hold
 * arrays of blkif_request_segment, nr_segments in all, at most what feature-max-indirect-
 * segments says.
 */
struct blkif_request_indirect {
	uint8_t operation;
	uint8_t indirect_op;
	uint16_t nr_segments;
	uint64_t id;
	blkif_sector_t sector_number;
	blkif_vdev_t handle;
	grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
#ifdef __i386__
	uint64_t pad;
#endif
};
typedef struct blkif_request_indirect blkif_request_indirect_t;

/* id and operation are those of the request; status is BLKIF_RSP_. */
struct blkif_response {
	uint64_t id;
	uint8_t operation;
	int16_t status;
};
typedef struct blkif_response blkif_response_t;
#define BLKIF_RSP_EOPNOTSUPP -2
#define BLKIF_RSP_ERROR      -1
#define BLKIF_RSP_OKAY       0
DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

/* Bits of the node info of the back end. */
#define VDISK_CDROM     0x1
#define VDISK_REMOVABLE 0x2
#define VDISK_READONLY  0x4
#endif
