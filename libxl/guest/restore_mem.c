// SPDX-License-Identifier: LGPL-2.1-only
/* Memory of a guest that is restored: pages, types, frame list. */
#include <sys/mman.h>
#include <unistd.h>

#include "restore.h"

#define LARGE_ORDER 9
#define LARGE_PAGES (1U << LARGE_ORDER)
#define COMING      (NO_FRAME - 1)	/* a frame */

/* The first ones are the pages of one aligned piece that a hypervisor can give as a whole. */
static bool is_large(const xen_pfn_t *frames, unsigned int n)
{
	if (n < LARGE_PAGES || frames[0] % LARGE_PAGES)
		return false;
	for (unsigned int i = 1; i < LARGE_PAGES; i++)
		if (frames[i] != frames[0] + i)
			return false;
	return true;
}

/* Frames for pages, in place of their numbers: in large pieces where there are any, which takes a fraction of the time. */
static int give_frames(struct restore *r, xen_pfn_t *frames, unsigned int n)
{
	unsigned int run;

	for (; n; frames += run, n -= run) {
		if (is_large(frames, n) && xc_domain_populate_physmap(r->xch, r->domid, 1, LARGE_ORDER, 0, frames) == 1) {
			for (run = 1; run < LARGE_PAGES; run++)
				frames[run] = frames[0] + run;
			continue;
		}
		for (run = 1; run < n && !is_large(frames + run, n - run); run++)
			;
		if (xc_domain_populate_physmap_exact(r->xch, r->domid, run, 0, 0, frames))
			return restore_fail(r, "the host has no memory for its pages");
	}
	return 0;
}

/* Give frames to those of the pages that have none yet. */
static int populate(struct restore *r, const uint64_t *pfns, unsigned int n)
{
	xen_pfn_t frames[BATCH_PAGES];
	uint64_t which[BATCH_PAGES];
	unsigned int want = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (r->p2m[pfns[i]] != NO_FRAME)
			continue;
		/* A page may be named twice: mark it. */
		r->p2m[pfns[i]] = COMING;
		frames[want] = pfns[i];
		which[want++] = pfns[i];
	}
	if (!want)
		return 0;
	if (r->populated + want > r->max_pages) {
		errno = E2BIG;
		return restore_fail(r, "the stream has more memory than the domain's limit of %llu pages",
				    (unsigned long long)r->max_pages);
	}
	if (give_frames(r, frames, want))
		return -1;
	for (unsigned int i = 0; i < want; i++) {
		if (frames[i] >= COMING) {
			errno = EOVERFLOW;
			return restore_fail(r, "the host's frame 0x%llx is beyond 16 TiB", (unsigned long long)frames[i]);
		}
		r->p2m[which[i]] = (uint32_t)frames[i];
	}
	r->populated += want;
	return 0;
}

static bool to_mfn(void *arg, uint64_t pfn, uint64_t *mfn)
{
	const struct restore *r = arg;

	if (pfn >= r->nr_pfns || r->p2m[pfn] == NO_FRAME)
		return false;
	*mfn = r->p2m[pfn];
	return true;
}

/* Page tables may name pages whose contents come later in the stream: they need frames now. */
static int populate_targets(struct restore *r, const uint64_t *table, unsigned int level)
{
	uint64_t pfns[512];
	unsigned int n = 0;

	for (unsigned int i = 0; i < 512; i++) {
		const uint64_t pfn = (table[i] & STREAM_PTE_FRAME) >> XC_PAGE_SHIFT;

		if (!(table[i] & STREAM_PTE_PRESENT) || (level == 4 && i >= 256 && i <= 271))
			continue;
		if (pfn >= r->nr_pfns)
			return restore_fail(r, "a page table names page 0x%llx, beyond the guest's memory",
					    (unsigned long long)pfn);
		pfns[n++] = pfn;
	}
	return populate(r, pfns, n);
}

static int localise(struct restore *r, uint64_t *table, unsigned int level)
{
	struct image_err err = { 0 };

	if (populate_targets(r, table, level))
		return -1;
	if (page_table_xlat(table, table, level, to_mfn, r, &err))
		return restore_fail(r, "%s", err.text);
	return 0;
}

/* Compare instead of writing; differences are told, not fatal: the stream's maker asked for it. */
static int verify_page(struct restore *r, uint64_t pfn, uint32_t type, const void *have)
{
	uint64_t page[512];

	if (restore_read(r, page, sizeof(page)))
		return -1;
	if (page_table_level(type) && localise(r, page, page_table_level(type)))
		return -1;
	if (memcmp(page, have, sizeof(page)))
		xc_warn(r->xch, "verify of domain %u: page 0x%llx (type 0x%x) differs", r->domid,
			(unsigned long long)pfn, type);
	return 0;
}

/* Marks those pages, of what comes next in the stream, that lie in holes of its file. */
static void find_holes(struct restore *r, bool *hole, unsigned int n)
{
	const off_t start = lseek(r->fd, 0, SEEK_CUR), end = start + ((off_t)n << XC_PAGE_SHIFT);
	off_t from, to = start;

	/* No stream ends in a hole: one that does is cut off, which reading will tell. */
	while (start >= 0 && (from = lseek(r->fd, to, SEEK_HOLE)) >= 0 && from < end &&
	       (to = lseek(r->fd, from, SEEK_DATA)) >= 0)
		for (off_t i = (from - start + XC_PAGE_SIZE - 1) >> XC_PAGE_SHIFT;
		     i < n && start + ((i + 1) << XC_PAGE_SHIFT) <= to; i++)
			hole[i] = true;
	lseek(r->fd, start, SEEK_SET);
	errno = 0;
}

/* Which pages need neither be read nor mapped: zeros, for frames that have been nothing else. Returns how many are left. */
static unsigned int leave_out_zeros(struct restore *r, const uint64_t *pfns, bool *zero, unsigned int n)
{
	unsigned int left = n;

	if (r->skips_holes && !r->verify)
		find_holes(r, zero, n);
	for (unsigned int i = 0; i < n; i++) {
		zero[i] &= !(r->pages[pfns[i]] & PAGE_LOADED) && !page_table_level(restore_type(r, pfns[i]));
		if (!zero[i])
			r->pages[pfns[i]] |= PAGE_LOADED;
		left -= zero[i];
	}
	return left;
}

/* Pages from the first one on that are zeros and left out, or else plain ones. */
static unsigned int alike(const struct restore *r, const uint64_t *pfns, const bool *zero, unsigned int n)
{
	unsigned int run = 1;

	while (run < n && zero[run] == zero[0] && !page_table_level(restore_type(r, pfns[run])))
		run++;
	return run;
}

static int skip(struct restore *r, unsigned int pages)
{
	return lseek(r->fd, (off_t)pages << XC_PAGE_SHIFT, SEEK_CUR) < 0 ? restore_fail(r, "cannot read the stream") : 0;
}

/* Pages that are not left out are mapped in a row. */
static int load_pages(struct restore *r, const uint64_t *pfns, const bool *zero, unsigned int n, char *page)
{
	for (unsigned int i = 0, run; i < n; i += run) {
		const uint32_t type = restore_type(r, pfns[i]);
		size_t size = XC_PAGE_SIZE;
		int rc;

		run = 1;
		if (zero[i]) {
			run = alike(r, pfns + i, zero + i, n - i);
			size = 0;
			rc = skip(r, run);
		} else if (r->verify) {
			rc = verify_page(r, pfns[i], type, page);
		} else if (page_table_level(type)) {
			rc = restore_read(r, page, size) || localise(r, (uint64_t *)page, page_table_level(type)) ? -1 : 0;
		} else {
			run = alike(r, pfns + i, zero + i, n - i);
			size = (size_t)run << XC_PAGE_SHIFT;
			rc = restore_read(r, page, size);
		}
		if (rc)
			return -1;
		page += size;
	}
	return 0;
}

/* Numbers and types of a batch; pages with contents are sorted out into data. */
static int read_numbers(struct restore *r, uint32_t count, uint64_t *data, unsigned int *nr_data)
{
	uint64_t list[BATCH_PAGES], present[BATCH_PAGES];
	unsigned int nr_present = 0;

	if (restore_read(r, list, count * sizeof(list[0])))
		return -1;
	errno = 0;
	*nr_data = 0;
	for (uint32_t i = 0; i < count; i++) {
		const uint64_t pfn = list[i] & PAGE_DATA_PFN_MASK;
		const uint32_t type = (uint32_t)(list[i] >> PAGE_DATA_TYPE_SHIFT) & XEN_DOMCTL_PFINFO_LTAB_MASK;

		if (pfn >= r->nr_pfns || !page_type_valid(type))
			return restore_fail(r, "page 0x%llx of type 0x%x is beyond the guest's memory, or of no known type",
					    (unsigned long long)pfn, type);
		if (!r->verify)
			restore_set_type(r, pfn, type);
		if (page_is_present(type))
			present[nr_present++] = pfn;
		if (page_has_data(type))
			data[(*nr_data)++] = pfn;
	}
	return populate(r, present, nr_present);
}

int restore_pages(struct restore *r, uint32_t length)
{
	struct rec_page_data head;
	uint64_t data[BATCH_PAGES];
	xen_pfn_t frames[BATCH_PAGES];
	bool zero[BATCH_PAGES] = { false };
	unsigned int n, mapped;
	uint64_t expect;
	char *map = NULL;
	int rc;

	if (!r->p2m)
		return restore_fail(r, "pages come before the frame list");
	if (length < sizeof(head) || restore_read(r, &head, sizeof(head)))
		return restore_fail(r, "a record of pages is too short");
	if (!head.count || head.count > BATCH_PAGES || length < sizeof(head) + head.count * sizeof(uint64_t))
		return restore_fail(r, "a record of %u pages in %u bytes is wrong", head.count, length);
	if (read_numbers(r, head.count, data, &n))
		return -1;
	expect = sizeof(head) + head.count * sizeof(uint64_t) + ((uint64_t)n << XC_PAGE_SHIFT);
	if (length != expect)
		return restore_fail(r, "a record of %u pages has %u bytes instead of %llu", head.count, length,
				    (unsigned long long)expect);
	if (!n)
		return 0;
	mapped = leave_out_zeros(r, data, zero, n);
	for (unsigned int i = 0, k = 0; i < n; i++)
		if (!zero[i])
			frames[k++] = r->p2m[data[i]];
	if (mapped)
		map = xenforeignmemory_map(r->xch->fmem, r->domid, PROT_READ | PROT_WRITE, mapped, frames, NULL);
	if (mapped && !map)
		return restore_fail(r, "cannot map its memory");
	rc = load_pages(r, data, zero, n, map);
	if (map)
		munmap(map, (size_t)mapped << XC_PAGE_SHIFT);
	xc_report_progress_step(r->xch, r->populated, r->max_pages);
	return rc;
}

/* --- at the end */

int restore_pin(struct restore *r)
{
	static const unsigned int cmd[] = { 0, MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE,
					    MMUEXT_PIN_L4_TABLE };
	struct mmuext_op pin[BATCH_PAGES];
	unsigned int n = 0;

	for (uint64_t pfn = 0; pfn < r->nr_pfns; pfn++) {
		const uint32_t type = restore_type(r, pfn);
		const unsigned int level = page_table_level(type);

		if (level && type & XEN_DOMCTL_PFINFO_LPINTAB) {
			memset(&pin[n], 0, sizeof(pin[n]));
			pin[n].cmd = cmd[level];
			pin[n++].arg1.mfn = r->p2m[pfn];
		}
		if (n == BATCH_PAGES || (n && pfn + 1 == r->nr_pfns)) {
			if (xc_mmuext_op(r->xch, pin, n, r->domid))
				return restore_fail(r, "the hypervisor refuses its page tables");
			n = 0;
		}
	}
	return 0;
}

/* The guest's own list, in pages of the guest's. */
int restore_write_p2m(struct restore *r)
{
	for (uint64_t at = 0; at < r->nr_p2m_pfns; at += BATCH_PAGES) {
		const uint64_t left = r->nr_p2m_pfns - at, n = left < BATCH_PAGES ? left : BATCH_PAGES;
		const uint64_t first = at * P2M_PER_PAGE, rest = r->nr_pfns - first;
		const uint64_t entries = rest < n * P2M_PER_PAGE ? rest : n * P2M_PER_PAGE;
		xen_pfn_t frames[BATCH_PAGES], *map;

		for (uint64_t i = 0; i < n; i++) {
			const uint64_t pfn = r->p2m_pfns[at + i];

			if (r->p2m[pfn] == NO_FRAME || page_table_level(restore_type(r, pfn)))
				return restore_fail(r, "page 0x%llx of the frame list is missing, or a page table",
						    (unsigned long long)pfn);
			frames[i] = r->p2m[pfn];
		}
		map = xenforeignmemory_map(r->xch->fmem, r->domid, PROT_READ | PROT_WRITE, n, frames, NULL);
		if (!map)
			return restore_fail(r, "cannot map its frame list");
		for (uint64_t i = 0; i < entries; i++)
			map[i] = r->p2m[first + i] == NO_FRAME ? INVALID_MFN : r->p2m[first + i];
		memset(map + entries, 0xff, (n * P2M_PER_PAGE - entries) * sizeof(*map));
		munmap(map, n << XC_PAGE_SHIFT);
	}
	return 0;
}
