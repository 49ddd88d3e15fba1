// SPDX-License-Identifier: LGPL-2.1-only
/* The domain's frames, mapped into the builder. */
#include <sys/mman.h>

#include "guest_internal.h"

void *xc_dom_boot_domU_map(struct xc_dom_image *dom, xen_pfn_t pfn, xen_pfn_t count)
{
	const xen_pfn_t *frames = xc_dom_translated(dom) ? NULL : dom->pv_p2m + pfn;
	xen_pfn_t *own = NULL;
	void *p;

	if (!frames) {
		own = malloc(count * sizeof(*own));
		if (!own) {
			dom_fail(dom, XC_OUT_OF_MEMORY, "no memory to map the domain's pages");
			return NULL;
		}
		for (xen_pfn_t i = 0; i < count; i++)
			own[i] = pfn + i;
		frames = own;
	}
	p = xenforeignmemory_map(dom->xch->fmem, dom->guest_domid, PROT_READ | PROT_WRITE, count, frames, NULL);
	if (!p)
		dom_fail(dom, XC_INTERNAL_ERROR, "cannot map %llu frames of domain %u from 0x%llx: %s",
			 (unsigned long long)count, dom->guest_domid, (unsigned long long)pfn, strerror(errno));
	free(own);
	return p;
}

static struct xc_dom_phys *find(struct xc_dom_image *dom, xen_pfn_t pfn)
{
	struct xc_dom_phys *phys;

	for (phys = dom->phys_pages; phys; phys = phys->next)
		if (pfn >= phys->first && pfn - phys->first < phys->count)
			return phys;
	return NULL;
}

void *xc_dom_pfn_to_ptr_retcount(struct xc_dom_image *dom, xen_pfn_t pfn, xen_pfn_t count,
				 xen_pfn_t *count_out)
{
	struct xc_dom_phys *phys = find(dom, pfn);
	xen_pfn_t left;

	*count_out = 0;
	if (phys) {
		left = phys->first + phys->count - pfn;
		if (count > left) {
			errno = EINVAL;
			dom_fail(dom, XC_INTERNAL_ERROR, "frames from 0x%llx are mapped in part already",
				 (unsigned long long)pfn);
			return NULL;
		}
		*count_out = count ? count : left;
		return (char *)phys->ptr + ((pfn - phys->first) << XC_PAGE_SHIFT);
	}
	if (!count)
		return NULL;
	if (pfn >= dom->total_pages || count > dom->total_pages - pfn) {
		errno = EINVAL;
		dom_fail(dom, XC_INTERNAL_ERROR, "frames 0x%llx to 0x%llx are beyond the domain's memory",
			 (unsigned long long)pfn, (unsigned long long)(pfn + count));
		return NULL;
	}
	phys = calloc(1, sizeof(*phys));
	if (!phys) {
		dom_fail(dom, XC_OUT_OF_MEMORY, "no memory to map the domain's pages");
		return NULL;
	}
	phys->first = pfn;
	phys->count = count;
	phys->ptr = xc_dom_boot_domU_map(dom, pfn, count);
	if (!phys->ptr) {
		free(phys);
		return NULL;
	}
	dom->alloc_domU_map += count << XC_PAGE_SHIFT;
	phys->next = dom->phys_pages;
	dom->phys_pages = phys;
	*count_out = count;
	return phys->ptr;
}

void *xc_dom_pfn_to_ptr(struct xc_dom_image *dom, xen_pfn_t first, xen_pfn_t count)
{
	xen_pfn_t got;

	return xc_dom_pfn_to_ptr_retcount(dom, first, count, &got);
}

void *xc_dom_vaddr_to_ptr(struct xc_dom_image *dom, xen_vaddr_t vaddr, size_t *safe_region_out)
{
	const uint64_t off = vaddr - dom->parms->virt_base;
	xen_pfn_t got;
	char *p;

	*safe_region_out = 0;
	p = xc_dom_pfn_to_ptr_retcount(dom, off >> XC_PAGE_SHIFT, 0, &got);
	if (!p)
		return NULL;
	*safe_region_out = (got << XC_PAGE_SHIFT) - (off & ~XC_PAGE_MASK);
	return p + (off & ~XC_PAGE_MASK);
}

static void unmap(struct xc_dom_phys *phys)
{
	munmap(phys->ptr, phys->count << XC_PAGE_SHIFT);
	free(phys);
}

void xc_dom_unmap_one(struct xc_dom_image *dom, xen_pfn_t pfn)
{
	struct xc_dom_phys **link, *phys = find(dom, pfn);

	if (!phys)
		return;
	for (link = &dom->phys_pages; *link != phys; link = &(*link)->next)
		;
	*link = phys->next;
	unmap(phys);
}

void xc_dom_unmap_all(struct xc_dom_image *dom)
{
	struct xc_dom_phys *phys;

	while ((phys = dom->phys_pages)) {
		dom->phys_pages = phys->next;
		unmap(phys);
	}
}
