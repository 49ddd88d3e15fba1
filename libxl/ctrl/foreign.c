// SPDX-License-Identifier: LGPL-2.1-only
/* Pages and page tables of other domains. */
#include <sys/mman.h>

#define XC_BUILDING_COMPAT_MAP_FOREIGN_API
#include "ctrl_internal.h"
#include <xen/sys/privcmd.h>

void *xc_map_foreign_pages(xc_interface *xch, uint32_t dom, int prot, const xen_pfn_t *arr, int num)
{
	if (num < 0) {
		errno = EINVAL;
		return NULL;
	}
	return xenforeignmemory_map(xch->fmem, dom, prot, (size_t)num, arr, NULL);
}

void *xc_map_foreign_bulk(xc_interface *xch, uint32_t dom, int prot, const xen_pfn_t *arr, int *err,
			  unsigned int num)
{
	return xenforeignmemory_map(xch->fmem, dom, prot, num, arr, err);
}

void *xc_map_foreign_range(xc_interface *xch, uint32_t dom, int size, int prot, unsigned long mfn)
{
	const size_t num = ((size_t)size + XC_PAGE_SIZE - 1) >> XC_PAGE_SHIFT;
	xen_pfn_t *arr;
	void *p;
	int saved;

	if (size <= 0) {
		errno = EINVAL;
		return NULL;
	}
	arr = malloc(num * sizeof(*arr));
	if (!arr)
		return NULL;
	for (size_t i = 0; i < num; i++)
		arr[i] = mfn + i;
	p = xenforeignmemory_map(xch->fmem, dom, prot, num, arr, NULL);
	saved = errno;
	free(arr);
	errno = saved;
	return p;
}

void *xc_map_foreign_ranges(xc_interface *xch, uint32_t dom, size_t size, int prot, size_t chunksize,
			    struct privcmd_mmap_entry *entries, int nentries)
{
	const size_t per = chunksize >> XC_PAGE_SHIFT;
	xen_pfn_t *arr = malloc((size_t)nentries * per * sizeof(*arr));
	void *p;
	int saved;

	if (!arr)
		return NULL;
	for (size_t i = 0; i < (size_t)nentries; i++)
		for (size_t j = 0; j < per; j++)
			arr[i * per + j] = entries[i].mfn + j;
	p = xenforeignmemory_map(xch->fmem, dom, prot, (size_t)nentries * per, arr, NULL);
	saved = errno;
	free(arr);
	errno = saved;
	return p;
}

int xc_copy_to_domain_page(xc_interface *xch, uint32_t domid, unsigned long dst_pfn, const char *src_page)
{
	void *p = xc_map_foreign_range(xch, domid, XC_PAGE_SIZE, PROT_WRITE, dst_pfn);

	if (!p)
		return -1;
	memcpy(p, src_page, XC_PAGE_SIZE);
	munmap(p, XC_PAGE_SIZE);
	return 0;
}

int xc_clear_domain_pages(xc_interface *xch, uint32_t domid, unsigned long dst_pfn, int num)
{
	const size_t size = (size_t)num * XC_PAGE_SIZE;
	void *p = xc_map_foreign_range(xch, domid, (int)size, PROT_WRITE, dst_pfn);

	if (!p)
		return -1;
	memset(p, 0, size);
	munmap(p, size);
	return 0;
}

void *xc_memalign(xc_interface *xch, size_t alignment, size_t size)
{
	void *p = NULL;
	int rc = posix_memalign(&p, alignment, size);

	if (!rc)
		return p;
	errno = rc;
	return NULL;
}

/* --- batches of page-table writes */

struct xc_mmu *xc_alloc_mmu_updates(xc_interface *xch, unsigned int subject)
{
	struct xc_mmu *mmu = calloc(1, sizeof(*mmu));

	if (mmu)
		mmu->subject = subject;
	return mmu;
}

int xc_flush_mmu_updates(xc_interface *xch, struct xc_mmu *mmu)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(mmu->updates, (size_t)mmu->idx * sizeof(mmu->updates[0]),
					    XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (!mmu->idx)
		return 0;
	if (xc_bounce_all(xch, all, 1))
		return -1;
	rc = xencall4(xch->xcall, __HYPERVISOR_mmu_update, (unsigned long)b.hbuf, (uint64_t)mmu->idx, 0,
		      mmu->subject);
	if (rc < 0)
		xc_fail(xch, XC_INTERNAL_ERROR, "a batch of %d page-table writes failed", mmu->idx);
	mmu->idx = 0;
	xc_unbounce_all(xch, all, 1);
	return rc < 0 ? -1 : 0;
}

int xc_add_mmu_update(xc_interface *xch, struct xc_mmu *mmu, unsigned long long ptr, unsigned long long val)
{
	mmu->updates[mmu->idx].ptr = ptr;
	mmu->updates[mmu->idx].val = val;
	return ++mmu->idx == MAX_MMU_UPDATES ? xc_flush_mmu_updates(xch, mmu) : 0;
}

int xc_get_pfn_type_batch(xc_interface *xch, uint32_t dom, unsigned int num, xen_pfn_t *arr)
{
	DOMCTL(d, getpageframeinfo3, dom);
	xc_hypercall_buffer_t b = XC_BOUNCE(arr, num * sizeof(*arr), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (xc_bounce_all(xch, all, 1))
		return -1;
	d.u.getpageframeinfo3.num = num;
	set_handle(d.u.getpageframeinfo3.array, b);
	return xc_domctl_with(xch, &d, &b);
}

/* A frame of the domain that lies below 4 GiB, in the place of mfn: by exchange. */
unsigned long xc_make_page_below_4G(xc_interface *xch, uint32_t domid, unsigned long mfn)
{
	xen_pfn_t old = mfn, new;

	if (xc_domain_decrease_reservation_exact(xch, domid, 1, 0, &old))
		return 0;
	if (xc_domain_increase_reservation_exact(xch, domid, 1, 0, XENMEMF_address_bits(32), &new))
		return 0;
	return new;
}

/* --- walk of a guest's page tables: 4-level, or the 3-level ones of 32-bit PAE guests */

#define PTE_PRESENT   1ULL
#define PTE_PSE       (1ULL << 7)
#define PTE_ADDR_MASK 0x000ffffffffff000ULL

static int read_entry(xc_interface *xch, uint32_t dom, uint64_t table, unsigned int index, uint64_t *pte)
{
	uint64_t *map = xc_map_foreign_range(xch, dom, XC_PAGE_SIZE, PROT_READ, table >> XC_PAGE_SHIFT);

	if (!map)
		return -1;
	*pte = map[((table & ~XC_PAGE_MASK) >> 3) + index];
	munmap(map, XC_PAGE_SIZE);
	return 0;
}

static int root_of(xc_interface *xch, uint32_t dom, int vcpu, uint64_t *table, unsigned int *levels)
{
	vcpu_guest_context_any_t ctx;
	unsigned int width;

	if (xc_domain_get_guest_width(xch, dom, &width) || xc_vcpu_getcontext(xch, dom, (uint32_t)vcpu, &ctx))
		return -1;
	if (width == 8) {
		*table = ctx.x64.ctrlreg[3] & PTE_ADDR_MASK;
		*levels = 4;
	} else {
		*table = (uint64_t)xen_cr3_to_pfn_x86_32(ctx.x32.ctrlreg[3]) << XC_PAGE_SHIFT;
		*levels = 3;
	}
	return 0;
}

unsigned long xc_translate_foreign_address(xc_interface *xch, uint32_t dom, int vcpu, unsigned long long virt)
{
	uint64_t table, pte;
	unsigned int levels, shift;
	xc_dominfo_t info;

	if (xc_domain_getinfo(xch, dom, 1, &info) != 1 || info.domid != dom) {
		errno = ESRCH;
		return 0;
	}
	/* HVM guests may run unpaged, 2-level or 5-level: not covered. */
	if (info.hvm) {
		errno = EOPNOTSUPP;
		return 0;
	}
	if (root_of(xch, dom, vcpu, &table, &levels))
		return 0;
	for (; levels; levels--) {
		shift = XC_PAGE_SHIFT + 9 * (levels - 1);
		if (read_entry(xch, dom, table, (unsigned int)(virt >> shift) & 511, &pte))
			return 0;
		if (!(pte & PTE_PRESENT)) {
			errno = EADDRNOTAVAIL;
			return 0;
		}
		table = pte & PTE_ADDR_MASK;
		if (levels == 1 || ((levels == 2 || levels == 3) && (pte & PTE_PSE))) {
			table &= ~((1ULL << shift) - 1);
			return (table >> XC_PAGE_SHIFT) + ((virt & ((1ULL << shift) - 1)) >> XC_PAGE_SHIFT);
		}
	}
	return 0;
}

int xc_set_broken_page_p2m(xc_interface *xch, uint32_t domid, unsigned long pfn)
{
	DOMCTL(d, set_broken_page_p2m, domid);

	d.u.set_broken_page_p2m.pfn = pfn;
	return xc_do_domctl(xch, &d);
}
