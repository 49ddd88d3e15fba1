/* SPDX-License-Identifier: MIT */
/*
 * kexec_op: load and run another kernel or a crash kernel.
 */
#ifndef _XEN_PUBLIC_KEXEC_H
#define _XEN_PUBLIC_KEXEC_H
#include "xen.h"
#if defined(__i386__) || defined(__x86_64__)
#define KEXEC_XEN_NO_PAGES 17
#endif
#define KEXEC_TYPE_DEFAULT 0
#define KEXEC_TYPE_CRASH   1

typedef struct xen_kexec_image {
#if defined(__i386__) || defined(__x86_64__)
	unsigned long page_list[KEXEC_XEN_NO_PAGES];
#endif
	unsigned long indirection_page;
	unsigned long start_address;
} xen_kexec_image_t;

/* Run a loaded image. */
#define KEXEC_CMD_kexec 0

typedef struct xen_kexec_exec {
	int type;
} xen_kexec_exec_t;
#define KEXEC_CMD_kexec_load_v1   1
#define KEXEC_CMD_kexec_unload_v1 2

/* Load and unload, first layout. */
typedef struct xen_kexec_load_v1 {
	int type;
	xen_kexec_image_t image;
} xen_kexec_load_v1_t;

/* Ranges reserved for crash kernels, notes and relocation. */
#define KEXEC_RANGE_MA_CRASH      0
#define KEXEC_RANGE_MA_XEN        1
#define KEXEC_RANGE_MA_CPU        2
#define KEXEC_RANGE_MA_XENHEAP    3
#define KEXEC_RANGE_MA_BOOT_PARAM 4
#define KEXEC_RANGE_MA_EFI_MEMMAP 5
#define KEXEC_RANGE_MA_VMCOREINFO 6
#define KEXEC_CMD_kexec_get_range 3

typedef struct xen_kexec_range {
	int range;
	int nr;
	unsigned long size;
	unsigned long start;
} xen_kexec_range_t;
#if __XEN_INTERFACE_VERSION__ >= 0x00040400

/* Load, second layout: segments copied to machine addresses. */
typedef struct xen_kexec_segment {
	union {
		XEN_GUEST_HANDLE(const_void) h;
		uint64_t _pad;
	} buf;
	uint64_t buf_size;
	uint64_t dest_maddr;
	uint64_t dest_size;
} xen_kexec_segment_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_segment_t);

#define KEXEC_CMD_kexec_load 4

typedef struct xen_kexec_load {
	uint8_t type;
	uint8_t _pad;
	uint16_t arch;
	uint32_t nr_segments;
	union {
		XEN_GUEST_HANDLE(xen_kexec_segment_t) h;
		uint64_t _pad;
	} segments;
	uint64_t entry_maddr;
} xen_kexec_load_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_load_t);

#define KEXEC_CMD_kexec_unload 5

typedef struct xen_kexec_unload {
	uint8_t type;
} xen_kexec_unload_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_unload_t);

#define KEXEC_CMD_kexec_status 6

typedef struct xen_kexec_status {
	uint8_t type;
} xen_kexec_status_t;
DEFINE_XEN_GUEST_HANDLE(xen_kexec_status_t);
#else
#define KEXEC_CMD_kexec_load   KEXEC_CMD_kexec_load_v1
#define KEXEC_CMD_kexec_unload KEXEC_CMD_kexec_unload_v1
#define xen_kexec_load         xen_kexec_load_v1
#define xen_kexec_load_t       xen_kexec_load_v1_t
#endif
#endif
