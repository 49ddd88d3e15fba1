/* SPDX-License-Identifier: MIT */
/*
 * xen_version: what runs below, by sub-operation.
 */
#ifndef __XEN_PUBLIC_VERSION_H__
#define __XEN_PUBLIC_VERSION_H__
#include "xen.h"

/* Returns major << 16 | minor; no argument. */
#define XENVER_version 0

/* Text after the number, NUL-terminated. */
#define XENVER_extraversion 1
typedef char xen_extraversion_t[16];
#define XEN_EXTRAVERSION_LEN (sizeof(xen_extraversion_t))

/* Who compiled it. */
#define XENVER_compile_info 2

struct xen_compile_info {
	char compiler[64];
	char compile_by[16];
	char compile_domain[32];
	char compile_date[32];
};
typedef struct xen_compile_info xen_compile_info_t;

/* Space-separated guest types, such as "xen-3.0-x86_64 hvm-3.0-x86_64". */
#define XENVER_capabilities 3
typedef char xen_capabilities_info_t[1024];
#define XEN_CAPABILITIES_INFO_LEN (sizeof(xen_capabilities_info_t))

/* Source revision. */
#define XENVER_changeset 4
typedef char xen_changeset_info_t[64];
#define XEN_CHANGESET_INFO_LEN (sizeof(xen_changeset_info_t))

/* Lowest virtual address that belongs to the hypervisor. */
#define XENVER_platform_parameters 5

struct xen_platform_parameters {
	xen_ulong_t virt_start;
};
typedef struct xen_platform_parameters xen_platform_parameters_t;

/* 32 bits of XENFEAT_ per submap. */
#define XENVER_get_features 6

struct xen_feature_info {
	unsigned int submap_idx;
	uint32_t submap;
};
typedef struct xen_feature_info xen_feature_info_t;
#include "features.h"

/* Page size in bytes; no argument. */
#define XENVER_pagesize 7

/* UUID of the calling domain. */
#define XENVER_guest_handle 8

/* Command line of the hypervisor; privileged callers only, others read an empty one. */
#define XENVER_commandline 9
typedef char xen_commandline_t[1024];

/*
 * Build id of the linker: len in, length or bytes out. -ENODATA if there is none, -ENOBUFS
 * if len is too small.
 */
#define XENVER_build_id 10

struct xen_build_id {
	uint32_t len;
	unsigned char buf[XEN_FLEX_ARRAY_DIM];
};
typedef struct xen_build_id xen_build_id_t;
#endif
