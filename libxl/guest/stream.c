// SPDX-License-Identifier: LGPL-2.1-only
/* What save and restore share: rules of types and headers, and page tables. No state, no calls. */
#include <arpa/inet.h>

#include "stream.h"

_Static_assert(sizeof(struct stream_ihdr) == 24, "image header");
_Static_assert(sizeof(struct stream_dhdr) == 16, "domain header");
_Static_assert(sizeof(struct stream_rhdr) == 8, "record header");
_Static_assert(sizeof(struct rec_pv_info) == 8, "PV info");
_Static_assert(sizeof(struct rec_tsc_info) == 24, "TSC info");

bool page_is_present(uint32_t type)
{
	return type != XEN_DOMCTL_PFINFO_XTAB && type != XEN_DOMCTL_PFINFO_BROKEN;
}

bool page_has_data(uint32_t type)
{
	return page_is_present(type) && type != XEN_DOMCTL_PFINFO_XALLOC;
}

unsigned int page_table_level(uint32_t type)
{
	const uint32_t level = (type & XEN_DOMCTL_PFINFO_LTABTYPE_MASK) >> XEN_DOMCTL_PFINFO_LTAB_SHIFT;

	return page_has_data(type) && level >= 1 && level <= 4 ? level : 0;
}

bool page_type_valid(uint32_t type)
{
	if (type & ~XEN_DOMCTL_PFINFO_LTAB_MASK)
		return false;
	return type == XEN_DOMCTL_PFINFO_NOTAB || page_table_level(type) || !page_has_data(type);
}

#define HV_SLOT_FIRST 256
#define HV_SLOT_LAST  271

int page_table_xlat(const uint64_t *in, uint64_t *out, unsigned int level, frame_xlat xlat, void *arg,
		    struct image_err *err)
{
	for (unsigned int i = 0; i < 512; i++) {
		uint64_t pte = in[i], frame;

		if (level == 4 && i >= HV_SLOT_FIRST && i <= HV_SLOT_LAST) {
			out[i] = 0;
			continue;
		}
		if (pte & STREAM_PTE_PRESENT) {
			if (level > 1 && (pte & STREAM_PTE_PSE))
				return image_fail(err, "L%u entry %u maps a superpage: 0x%016llx", level, i,
						  (unsigned long long)pte);
			if (!xlat(arg, (pte & STREAM_PTE_FRAME) >> XC_PAGE_SHIFT, &frame))
				return image_fail(err, "L%u entry %u maps a frame that is not the guest's: 0x%016llx",
						  level, i, (unsigned long long)pte);
			pte = (pte & ~STREAM_PTE_FRAME) | frame << XC_PAGE_SHIFT;
		}
		out[i] = pte;
	}
	return 0;
}

int stream_check_headers(const struct stream_ihdr *ihdr, const struct stream_dhdr *dhdr, uint32_t *version,
			 struct image_err *err)
{
	if (ihdr->marker != STREAM_MARKER || ntohl(ihdr->id) != STREAM_ID)
		return image_fail(err, "this is no saved domain (wrong marker)");
	*version = ntohl(ihdr->version);
	if (*version != 2 && *version != STREAM_VERSION)
		return image_fail(err, "stream format %u is not known (2 and %d are)", *version, STREAM_VERSION);
	if (ntohs(ihdr->options) & STREAM_BIG_ENDIAN)
		return image_fail(err, "stream was written by a big-endian host");
	if (dhdr->type == STREAM_X86_HVM)
		return image_fail(err, "stream holds an HVM guest, which is not supported yet");
	if (dhdr->type != STREAM_X86_PV)
		return image_fail(err, "stream holds an unknown kind of guest (%u)", dhdr->type);
	if (dhdr->page_shift != XC_PAGE_SHIFT)
		return image_fail(err, "stream has pages of 2^%u bytes", dhdr->page_shift);
	return 0;
}
