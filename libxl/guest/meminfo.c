// SPDX-License-Identifier: LGPL-2.1-only
/*
 * P2M and M2P. A guest publishes its P2M in shared_info: either p2m_cr3 and p2m_vaddr, a linear
 * list under its own page tables, or (older kernels) a tree: a page of frames, whose pages hold
 * the frames of the list. All of it is the guest's word and checked before use.
 */
#include <sys/mman.h>

#include "meminfo.h"
#include <xen/sys/privcmd.h>

/* Room for holes below 4 GiB and for most memory ballooned away. */
#define MAX_ENTRIES(pages) (((uint64_t)(pages) << 6) + (1ULL << 22))
#define PTE_PRESENT   1ULL
#define PTE_FRAME(e)  (((e) & 0x000ffffffffff000ULL) >> XC_PAGE_SHIFT)

static void *map_frames(xc_interface *xch, uint32_t domid, const xen_pfn_t *frames, size_t n)
{
	return xenforeignmemory_map(xch->fmem, domid, PROT_READ, n, frames, NULL);
}

/* Collect the frames of the n next lower tables (or pages) that entries of one table name. */
static int collect_level(xc_interface *xch, uint32_t domid, const xen_pfn_t *tables, uint64_t first_entry,
			 uint64_t n, xen_pfn_t *out)
{
	const uint64_t nr_tables = ((first_entry & 511) + n + 511) / 512;
	const uint64_t *ptes = map_frames(xch, domid, tables, nr_tables);
	uint64_t i;

	if (!ptes)
		return -1;
	for (i = 0; i < n; i++) {
		const uint64_t e = ptes[(first_entry & 511) + i];

		if (!(e & PTE_PRESENT))
			break;
		out[i] = PTE_FRAME(e);
	}
	munmap((void *)(uintptr_t)ptes, nr_tables << XC_PAGE_SHIFT);
	if (i == n)
		return 0;
	errno = ERANGE;
	xc_fail(xch, XC_INTERNAL_ERROR, "domain %u: its frame list has a hole in its page tables", domid);
	return -1;
}

/* Down from the L4 under p2m_cr3 to the frames of the linear list. */
static int linear_frames(xc_interface *xch, uint32_t domid, const shared_info_t *shared, struct pv_p2m *p2m)
{
	const uint64_t va = shared->arch.p2m_vaddr & ((1ULL << 48) - 1);
	const uint64_t last = va + (p2m->nr_frames << XC_PAGE_SHIFT) - 1;
	xen_pfn_t root = PTE_FRAME(shared->arch.p2m_cr3), *upper, *lower;
	uint64_t n;

	if (va & ~XC_PAGE_MASK || last < va || last >> 48) {
		errno = ERANGE;
		xc_fail(xch, XC_INTERNAL_ERROR, "domain %u: its frame list has an impossible address", domid);
		return -1;
	}
	upper = malloc(sizeof(*upper));
	if (!upper)
		return -1;
	*upper = root;
	for (int shift = 39; shift >= XC_PAGE_SHIFT; shift -= 9) {
		n = (last >> shift) - (va >> shift) + 1;
		lower = malloc(n * sizeof(*lower));
		if (!lower || collect_level(xch, domid, upper, va >> shift, n, lower)) {
			free(lower);
			free(upper);
			return -1;
		}
		free(upper);
		upper = lower;
	}
	p2m->frames = upper;
	return 0;
}

/* The tree: list of lists, lists, frames. */
static int tree_frames(xc_interface *xch, uint32_t domid, const shared_info_t *shared, struct pv_p2m *p2m)
{
	const uint64_t lists = (p2m->nr_frames + P2M_PER_PAGE - 1) / P2M_PER_PAGE;
	xen_pfn_t top = shared->arch.pfn_to_mfn_frame_list_list, *fll, *fl;

	if (lists > P2M_PER_PAGE) {
		errno = E2BIG;
		return -1;
	}
	fll = map_frames(xch, domid, &top, 1);
	if (!fll)
		return -1;
	fl = map_frames(xch, domid, fll, lists);
	munmap(fll, XC_PAGE_SIZE);
	if (!fl)
		return -1;
	p2m->frames = malloc(p2m->nr_frames * sizeof(*p2m->frames));
	if (p2m->frames)
		memcpy(p2m->frames, fl, p2m->nr_frames * sizeof(*fl));
	munmap(fl, lists << XC_PAGE_SHIFT);
	return p2m->frames ? 0 : -1;
}

int pv_p2m_map(xc_interface *xch, const xc_domaininfo_t *info, const shared_info_t *shared,
	       struct pv_p2m *p2m)
{
	const uint32_t domid = info->domain;
	const uint64_t entries = shared->arch.max_pfn;
	int rc;

	memset(p2m, 0, sizeof(*p2m));
	/* max_pfn is the number of entries, by its name the last of them plus one. */
	if (!entries || entries > MAX_ENTRIES(info->tot_pages)) {
		errno = ERANGE;
		xc_fail(xch, XC_INTERNAL_ERROR, "domain %u has no frame list, or an impossible one (max_pfn 0x%llx)", domid,
			(unsigned long long)entries);
		return -1;
	}
	p2m->max_pfn = entries - 1;
	p2m->nr_frames = (entries + P2M_PER_PAGE - 1) / P2M_PER_PAGE;
	rc = shared->arch.p2m_cr3 ? linear_frames(xch, domid, shared, p2m) : tree_frames(xch, domid, shared, p2m);
	if (!rc) {
		p2m->map = map_frames(xch, domid, p2m->frames, p2m->nr_frames);
		rc = p2m->map ? 0 : -1;
	}
	if (rc) {
		xc_fail(xch, XC_INTERNAL_ERROR, "domain %u: cannot map its frame list", domid);
		pv_p2m_unmap(xch, p2m);
	}
	return rc;
}

void pv_p2m_unmap(xc_interface *xch, struct pv_p2m *p2m)
{
	const int saved = errno;

	if (p2m->map)
		munmap(p2m->map, p2m->nr_frames << XC_PAGE_SHIFT);
	free(p2m->frames);
	memset(p2m, 0, sizeof(*p2m));
	errno = saved;
}

/* --- M2P, by chunks of 2 MiB */

#define M2P_CHUNK (2UL << 20)

/* max_mfn is XENMEM_maximum_ram_page's answer: one more than the last frame. */
size_t m2p_bytes(unsigned long max_mfn)
{
	return (max_mfn * sizeof(xen_pfn_t) + M2P_CHUNK - 1) & ~(M2P_CHUNK - 1);
}

xen_pfn_t *xc_map_m2p(xc_interface *xch, unsigned long max_mfn, int prot, unsigned long *mfn0)
{
	const size_t n = m2p_bytes(max_mfn) / M2P_CHUNK;
	xen_pfn_t *starts = calloc(n, sizeof(*starts)), *m2p = NULL;
	privcmd_mmap_entry_t *entries = calloc(n, sizeof(*entries));
	int saved;

	if (!starts || !entries || xc_machphys_mfn_list(xch, n, starts))
		goto out;
	for (size_t i = 0; i < n; i++)
		entries[i].mfn = starts[i];
	m2p = xc_map_foreign_ranges(xch, DOMID_XEN, n * M2P_CHUNK, prot, M2P_CHUNK, entries, (int)n);
	if (m2p && mfn0)
		*mfn0 = entries[0].mfn;
out:
	saved = errno;
	if (!m2p)
		xc_fail(xch, XC_INTERNAL_ERROR, "cannot map the hypervisor's machine-to-physical table");
	free(starts);
	free(entries);
	errno = saved;
	return m2p;
}

/* --- for tools: P2M and types of all frames */

#define TYPE_BATCH 1024U

static int fill_types(xc_interface *xch, uint32_t domid, struct xc_domain_meminfo *m)
{
	for (unsigned long i = 0; i < m->p2m_size; i += TYPE_BATCH) {
		const unsigned long left = m->p2m_size - i;
		const unsigned int n = left < TYPE_BATCH ? (unsigned int)left : TYPE_BATCH;

		memcpy(m->pfn_type + i, m->p2m_table + i, n * sizeof(*m->pfn_type));
		if (xc_get_pfn_type_batch(xch, domid, n, m->pfn_type + i))
			return -1;
	}
	return 0;
}

int xc_map_domain_meminfo(xc_interface *xch, uint32_t domid, struct xc_domain_meminfo *m)
{
	struct pv_p2m p2m = { 0 };
	xc_domaininfo_t info;
	shared_info_t *shared;
	int rc;

	if (xc_domain_getinfolist(xch, domid, 1, &info) != 1 || info.domain != domid) {
		errno = ESRCH;
		return -1;
	}
	if (info.flags & XEN_DOMINF_hvm_guest || xc_domain_get_guest_width(xch, domid, &m->guest_width))
		return -1;
	if (m->guest_width != 8) {
		errno = EOPNOTSUPP;
		return -1;
	}
	m->pt_levels = 4;
	shared = xc_map_foreign_range(xch, domid, XC_PAGE_SIZE, PROT_READ, info.shared_info_frame);
	if (!shared)
		return -1;
	rc = pv_p2m_map(xch, &info, shared, &p2m);
	munmap(shared, XC_PAGE_SIZE);
	if (rc)
		return -1;
	m->p2m_size = p2m.max_pfn + 1;
	m->p2m_table = p2m.map;
	m->p2m_frames = (unsigned int)p2m.nr_frames;
	p2m.map = NULL; /* the caller's now */
	pv_p2m_unmap(xch, &p2m);
	m->pfn_type = calloc(m->p2m_size, sizeof(*m->pfn_type));
	if (m->pfn_type && !fill_types(xch, domid, m))
		return 0;
	xc_unmap_domain_meminfo(xch, m);
	return -1;
}

int xc_unmap_domain_meminfo(xc_interface *xch, struct xc_domain_meminfo *m)
{
	const int saved = errno;

	free(m->pfn_type);
	m->pfn_type = NULL;
	if (m->p2m_table)
		munmap(m->p2m_table, (size_t)m->p2m_frames << XC_PAGE_SHIFT);
	m->p2m_table = NULL;
	errno = saved;
	return 0;
}

const char *xc_domain_get_native_protocol(xc_interface *xch, uint32_t domid)
{
	unsigned int width;

	if (xc_domain_get_guest_width(xch, domid, &width))
		return NULL;
	return width == 8 ? "x86_64-abi" : "x86_32-abi";
}

/* --- frames in and out of use */

static int offline_op(xc_interface *xch, uint32_t cmd, unsigned long start, unsigned long end, uint32_t *status)
{
	SYSCTL(s, page_offline_op);
	xc_hypercall_buffer_t b = XC_BOUNCE(status, (end - start + 1) * sizeof(*status), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (!status || end < start || end > UINT32_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	s.u.page_offline.cmd = cmd;
	s.u.page_offline.start = (uint32_t)start;
	s.u.page_offline.end = (uint32_t)end;
	set_handle(s.u.page_offline.status, b);
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_mark_page_online(xc_interface *xch, unsigned long start, unsigned long end, uint32_t *status)
{
	return offline_op(xch, sysctl_page_online, start, end, status);
}

int xc_mark_page_offline(xc_interface *xch, unsigned long start, unsigned long end, uint32_t *status)
{
	return offline_op(xch, sysctl_page_offline, start, end, status);
}

int xc_query_page_offline_status(xc_interface *xch, unsigned long start, unsigned long end, uint32_t *status)
{
	return offline_op(xch, sysctl_query_page_offline, start, end, status);
}
