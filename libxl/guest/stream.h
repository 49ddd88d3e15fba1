/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The migration stream of 4.17, format 3 (2 is read, too). An image header and a domain header;
 * then records: type, length, body, padded to 8 bytes; the last one is END.
 *
 * A PV guest's stream: X86_PV_INFO, CPU policies, STATIC_DATA_END, X86_PV_P2M_FRAMES, PAGE_DATA
 * many times, X86_TSC_INFO, SHARED_INFO, for each online vCPU its records, END. In it, frame
 * numbers are the guest's own wherever the guest has machine frames: page tables, the frames of
 * the frame list, CR3, CR1 (user's root, bit 0 set), GDT frames, and RDX of vCPU 0 (start_info).
 */
#ifndef GUEST_STREAM_H
#define GUEST_STREAM_H

#include "guest_internal.h"

#define STREAM_MARKER  0xffffffffffffffffULL
#define STREAM_ID      0x58454e46U /* "XENF", big-endian as version and options */
#define STREAM_VERSION 3
#define STREAM_BIG_ENDIAN 1 /* option bit 0 */

struct stream_ihdr {
	uint64_t marker;
	uint32_t id;
	uint32_t version;
	uint16_t options;
	uint16_t res1;
	uint32_t res2;
};

enum { STREAM_X86_PV = 1, STREAM_X86_HVM = 2 };

struct stream_dhdr {
	uint32_t type;
	uint16_t page_shift;
	uint16_t res;
	uint32_t xen_major;
	uint32_t xen_minor;
};

struct stream_rhdr {
	uint32_t type;
	uint32_t length; /* of the body, without padding */
};

enum stream_type {
	REC_END = 0,
	REC_PAGE_DATA = 1,
	REC_X86_PV_INFO = 2,
	REC_X86_PV_P2M_FRAMES = 3,
	REC_X86_PV_VCPU_BASIC = 4,
	REC_X86_PV_VCPU_EXTENDED = 5,
	REC_X86_PV_VCPU_XSAVE = 6,
	REC_SHARED_INFO = 7,
	REC_X86_TSC_INFO = 8,
	REC_HVM_CONTEXT = 9,
	REC_HVM_PARAMS = 10,
	REC_TOOLSTACK = 11,
	REC_X86_PV_VCPU_MSRS = 12,
	REC_VERIFY = 13,
	REC_CHECKPOINT = 14,
	REC_CHECKPOINT_DIRTY_PFN_LIST = 15,
	REC_STATIC_DATA_END = 16,
	REC_X86_CPUID_POLICY = 17,
	REC_X86_MSR_POLICY = 18,
};

#define REC_OPTIONAL   0x80000000U /* unknown ones of these may be skipped */
#define REC_LENGTH_MAX (128U << 20) /* bodies: larger ones are damage */
#define REC_ALIGN      8U

struct rec_page_data {
	uint32_t count;
	uint32_t res;
	uint64_t pfn[]; /* type in bits 60 to 63; pages with contents follow */
};

#define PAGE_DATA_PFN_MASK   0x000fffffffffffffULL
#define PAGE_DATA_TYPE_SHIFT 32 /* to the place of XEN_DOMCTL_PFINFO_ */

struct rec_pv_info {
	uint8_t guest_width;
	uint8_t pt_levels;
	uint8_t res[6];
};

struct rec_p2m_frames {
	uint32_t start_pfn;
	uint32_t end_pfn; /* the last one */
	uint64_t p2m_pfns[];
};

struct rec_tsc_info {
	uint32_t mode;
	uint32_t khz;
	uint64_t nsec;
	uint32_t incarnation;
	uint32_t res;
};

struct rec_vcpu_hdr {
	uint32_t vcpu_id;
	uint32_t res;
};

#define BATCH_PAGES 1024U /* pages of one record: 4 MiB; also the limit of getpageframeinfo3 */

/* Has this page contents in the stream, is it there at all. Types are XEN_DOMCTL_PFINFO_. */
bool page_has_data(uint32_t type);
bool page_is_present(uint32_t type);
bool page_type_valid(uint32_t type);

/* Level of a page-table type, 0 for data. */
unsigned int page_table_level(uint32_t type);

/* --- page tables: machine frames to the guest's and back; pure, by a translation callback */

#define STREAM_PTE_PRESENT 1ULL
#define STREAM_PTE_PSE     (1ULL << 7)
#define STREAM_PTE_FRAME   0x000ffffffffff000ULL

/* Returns false if the frame does not translate. */
typedef bool (*frame_xlat)(void *arg, uint64_t in, uint64_t *out);

/* L4 slots of the hypervisor become zero on the way out, and must not matter on the way in. */
int page_table_xlat(const uint64_t *in, uint64_t *out, unsigned int level, frame_xlat xlat, void *arg,
		    struct image_err *err);

/* Headers as read: 0, or -1 with words. */
int stream_check_headers(const struct stream_ihdr *ihdr, const struct stream_dhdr *dhdr, uint32_t *version,
			 struct image_err *err);

#endif
