// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Where things go in a new PV guest (public/xen.h, start of day): from pseudo-physical 0 at the
 * kernel's virtual base upwards, each part on pages of its own: kernel, ramdisk, frame list,
 * start_info, xenstore and console rings, page tables, stack. Frames are handed out in order;
 * nothing is written here.
 */
#include "guest_internal.h"

int dom_alloc_pages(struct xc_dom_image *dom, struct xc_dom_seg *seg, const char *name, uint64_t pages)
{
	if (pages > dom->total_pages || dom->pfn_alloc_end > dom->total_pages - pages) {
		errno = ENOMEM;
		return dom_fail(dom, XC_OUT_OF_MEMORY,
				"the domain's %llu MiB are too small for its kernel%s: no room for %s (%llu KiB) "
				"behind %llu KiB", (unsigned long long)dom->total_pages >> 8,
				dom->num_modules ? " and ramdisk" : "", name, (unsigned long long)pages << 2,
				(unsigned long long)dom->pfn_alloc_end << 2);
	}
	seg->pfn = dom->pfn_alloc_end;
	seg->pages = pages;
	seg->vstart = dom->parms->virt_base + (seg->pfn << XC_PAGE_SHIFT);
	seg->vend = seg->vstart + (pages << XC_PAGE_SHIFT);
	dom->pfn_alloc_end += pages;
	dom->virt_alloc_end = seg->vend;
	xc_dom_printf(dom->xch, "%-12s: 0x%llx to 0x%llx, frame 0x%llx, %llu pages", name,
		      (unsigned long long)seg->vstart, (unsigned long long)seg->vend,
		      (unsigned long long)seg->pfn, (unsigned long long)pages);
	return 0;
}

int xc_dom_alloc_segment(struct xc_dom_image *dom, struct xc_dom_seg *seg, const char *name,
			 xen_vaddr_t start, xen_vaddr_t size)
{
	uint64_t pfn;

	if (start) {
		pfn = (start - dom->parms->virt_base) >> XC_PAGE_SHIFT;
		if (start & ~XC_PAGE_MASK || start < dom->parms->virt_base || pfn < dom->pfn_alloc_end) {
			errno = EINVAL;
			return dom_fail(dom, XC_INTERNAL_ERROR, "no place for %s at 0x%llx", name,
					(unsigned long long)start);
		}
		dom->pfn_alloc_end = pfn;
	}
	return dom_alloc_pages(dom, seg, name, PAGES_OF(size));
}

xen_pfn_t xc_dom_alloc_page(struct xc_dom_image *dom, const char *name)
{
	struct xc_dom_seg seg;

	return dom_alloc_pages(dom, &seg, name, 1) ? INVALID_MFN : seg.pfn;
}
