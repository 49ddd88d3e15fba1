/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef GUEST_RESTORE_H
#define GUEST_RESTORE_H

#include <stdio.h>

#include "meminfo.h"
#include "stream.h"

enum { BLOB_BASIC, BLOB_EXTENDED, BLOB_XSAVE, BLOB_MSRS, VCPU_BLOBS };

/* State of a vCPU, kept until memory is complete. */
struct vcpu_state {
	struct {
		void *data;
		size_t size;
	} blob[VCPU_BLOBS];
};

struct restore {
	xc_interface *xch;
	int fd;
	uint32_t domid;
	struct restore_callbacks *callbacks;
	unsigned int store_evtchn, console_evtchn;
	uint32_t store_domid, console_domid;
	xen_pfn_t store_mfn, console_mfn; /* found in start_info */

	xen_pfn_t shared_frame;
	uint64_t max_pages;
	uint32_t nr_vcpus;
	struct vcpu_state *vcpus;

	/* progress of the stream */
	bool have_info, static_done, verify, end;
	xen_cpuid_leaf_t *leaves;
	uint32_t nr_leaves;
	xen_msr_entry_t *msrs;
	uint32_t nr_msrs;

	/* memory; for each page five bytes: its machine frame or NO_FRAME, and its type and whether its contents have come */
	uint64_t nr_pfns;
	uint64_t nr_p2m_pfns;
	uint64_t *p2m_pfns;
	uint32_t *p2m;
	uint8_t *pages;
	bool skips_holes; /* of the stream's file: frames come zeroed */
	uint64_t populated;
};

#define NO_FRAME    UINT32_MAX
#define PAGE_LOADED 1U

/* XEN_DOMCTL_PFINFO_*, which are the upper four of 32 bits. */
static inline uint32_t restore_type(const struct restore *r, uint64_t pfn)
{
	return (uint32_t)(r->pages[pfn] >> 4) << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
}

static inline void restore_set_type(struct restore *r, uint64_t pfn, uint32_t type)
{
	r->pages[pfn] = (uint8_t)(type >> XEN_DOMCTL_PFINFO_LTAB_SHIFT << 4) | (r->pages[pfn] & PAGE_LOADED);
}

int restore_fail(struct restore *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int restore_read(struct restore *r, void *to, size_t size);
int restore_pad(struct restore *r, uint32_t length);

/* restore_mem.c */
int restore_pages(struct restore *r, uint32_t length);
int restore_pin(struct restore *r);
int restore_write_p2m(struct restore *r);

/* restore_vcpu.c */
int restore_vcpu_basic(struct restore *r, void *body, uint32_t length);
int restore_vcpu_extended(struct restore *r, void *body, uint32_t length);
int restore_vcpu_xsave(struct restore *r, void *body, uint32_t length);
int restore_vcpu_msrs(struct restore *r, void *body, uint32_t length);
int restore_finish(struct restore *r);

#endif
