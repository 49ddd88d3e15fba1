/* SPDX-License-Identifier: GPL-2.0-only */
/* The page heap, the object pool and frame references: random use, then nothing is missing. */
#include "../../../hypervisor/mm/heap_core.h"
#include "host_frames.h"

#define SLOTS 200

static void check_lists(void)
{
	u64 free = 0, dirty = 0;

	for (u64 i = 0; i < HOST_FRAMES; i++) {
		free += !!(frame_table[i].count_info & PGC_FREE);
		dirty += (frame_table[i].count_info & (PGC_FREE | PGC_SCRUB)) == (PGC_FREE | PGC_SCRUB);
	}
	CHECK(free == heap_free_pages());
	CHECK(dirty == heap_scrub_pages());
}

static void test_buddies_merge(void)
{
	struct { struct page_info *pg; unsigned int order; } slot[SLOTS] = { 0 };
	u64 before = heap_free_pages();

	for (unsigned int n = 0; n < 20000; n++) {
		unsigned int i = host_random() % SLOTS;

		if (slot[i].pg) {
			free_domheap_pages(slot[i].pg, slot[i].order);
			slot[i].pg = NULL;
			continue;
		}
		slot[i].order = host_random() % 6;
		unsigned int bits = host_random() % 4 ? 0 : 23 + host_random() % 3;
		slot[i].pg = alloc_domheap_pages(NULL, slot[i].order, MEMF_BITS(bits));
		if (!slot[i].pg)
			continue;
		u64 m = page_to_mfn(slot[i].pg).m;

		CHECK(!(m & ((1u << slot[i].order) - 1)));
		CHECK(!bits || ((m + (1u << slot[i].order)) << PAGE_SHIFT) <= 1ULL << bits);
		for (u64 k = 0; k < PAGE_SIZE << slot[i].order; k += 512)
			CHECK(!((char *)page_to_virt(slot[i].pg))[k]);
		memset(page_to_virt(slot[i].pg), 0x5a, PAGE_SIZE << slot[i].order);
		if (n % 16 == 0)
			heap_scrub_some();
		if (n % 1000 == 0)
			check_lists();
	}
	for (unsigned int i = 0; i < SLOTS; i++)
		if (slot[i].pg)
			free_domheap_pages(slot[i].pg, slot[i].order);
	CHECK(heap_free_pages() == before);
	while (heap_scrub_pages())
		heap_scrub_some();
	check_lists();
	/* all merged again: the largest aligned chunk is there */
	struct page_info *big = alloc_domheap_pages(NULL, 11, 0);

	CHECK(big);
	free_domheap_pages(big, 11);
}

static void test_claims(void)
{
	struct domain *d = &host_domain[1];
	u64 all = heap_free_pages();

	CHECK(heap_set_claim(d, all + 1) == -ENOMEM);
	CHECK(heap_set_claim(d, all) == 0);
	CHECK(heap_set_claim(d, 5) == -EINVAL);
	CHECK(heap_outstanding_claims() == all);
	CHECK(!alloc_domheap_pages(NULL, 0, 0));
	struct page_info *pg = alloc_domheap_pages(d, 3, 0);

	CHECK(pg && d->tot_pages == 8 && d->refcnt == 2);
	CHECK(heap_outstanding_claims() == all - 8);
	CHECK(heap_set_claim(d, 0) == 0 && heap_outstanding_claims() == 0);
	for (unsigned int i = 0; i < 8; i++)
		CHECK(page_drop_allocated(&pg[i]));
	CHECK(d->tot_pages == 0 && d->refcnt == 1 && heap_free_pages() == all);
	d->max_pages = 4;
	CHECK(!alloc_domheap_pages(d, 3, 0));
	d->max_pages = ~0ULL;
	d->dying = DOMDYING_DYING;
	CHECK(!alloc_domheap_pages(d, 0, 0) && heap_set_claim(d, 1) == -EINVAL && heap_set_claim(d, 0) == 0);
	d->dying = DOMDYING_ALIVE;
	CHECK(heap_free_pages() == all);
}

static void test_references(void)
{
	struct domain *d = &host_domain[0], *e = &host_domain[1];
	struct page_info *pg = alloc_domheap_pages(d, 0, 0);

	CHECK(get_page(pg, d) && !get_page(pg, e));
	CHECK(page_drop_allocated(pg) && !page_drop_allocated(pg));
	CHECK(d->tot_pages == 1);
	put_page(pg);
	CHECK(d->tot_pages == 0 && !get_page(pg, d) && !page_owner(pg));
	/* overflow */
	pg = alloc_domheap_pages(d, 0, 0);
	pg->count_info |= PGC_COUNT_MASK;
	CHECK(!get_page(pg, d) && !get_page_again(pg));
	pg->count_info = (pg->count_info & ~PGC_COUNT_MASK) | 1;
	CHECK(page_drop_allocated(pg));
	/* shared hypervisor page */
	void *v = alloc_hv_page();

	share_hv_page_with_guest(v, d, SHARE_RW);
	CHECK(d->refcnt == 2 && get_page(virt_to_page(v), d));
	CHECK(unshare_hv_page_with_guest(v, d) == -EBUSY);
	put_page(virt_to_page(v));
	CHECK(unshare_hv_page_with_guest(v, d) == 0 && d->refcnt == 1 && !get_page(virt_to_page(v), d));
	CHECK(unshare_hv_page_with_guest(v, d) == 0);
	free_hv_page(v);
}

/* Takes all memory; how many flushes that cost. */
static u64 flushes_to_take_all(void)
{
	struct page_info *list = NULL, *pg;
	u64 before = host_flushes;

	while ((pg = alloc_domheap_pages(NULL, 0, 0)) != NULL) {
		*(struct page_info **)page_to_virt(pg) = list;
		list = pg;
	}
	while ((pg = list) != NULL) {
		list = *(struct page_info **)page_to_virt(pg);
		free_domheap_pages(pg, 0);
	}
	return host_flushes - before;
}

/* A page that a guest could map is known to TLBs: by whatever way it comes back, somebody flushes first. */
static void test_flush_before_reuse(void)
{
	struct domain *d = &host_domain[0];
	struct page_info *pg;
	u64 flushes;
	void *v;

	(void)flushes_to_take_all();
	CHECK(flushes_to_take_all() == 0);
	pg = alloc_domheap_pages(d, 0, 0);
	CHECK(page_drop_allocated(pg) && flushes_to_take_all() == 1);
	pg = alloc_domheap_pages(d, 0, 0);	/* before it is wiped, or it could be written to again */
	CHECK(page_drop_allocated(pg));
	for (flushes = host_flushes; heap_scrub_pages();)
		heap_scrub_some();
	CHECK(host_flushes == flushes + 1 && flushes_to_take_all() == 0);

	v = alloc_hv_page();			/* a grant status frame when the version changes */
	share_hv_page_with_guest(v, d, SHARE_RW);
	CHECK(unshare_hv_page_with_guest(v, d) == 0);
	free_hv_page(v);
	CHECK(flushes_to_take_all() == 1);

	v = alloc_hv_page();			/* the guest lets go of it, the hypervisor later */
	share_hv_page_with_guest(v, d, SHARE_RW);
	CHECK(page_drop_allocated(virt_to_page(v)));
	release_hv_page(v, d);
	CHECK(flushes_to_take_all() == 1);

	v = alloc_hv_page();			/* the hypervisor first, while somebody maps it */
	share_hv_page_with_guest(v, d, SHARE_RW);
	CHECK(get_page(virt_to_page(v), d));
	release_hv_page(v, d);
	CHECK(page_owner(virt_to_page(v)) == d);
	put_page(virt_to_page(v));
	CHECK(flushes_to_take_all() == 1);
	CHECK(d->refcnt == 1);
}

static void test_pool(void)
{
	struct { unsigned char *p; size_t size; unsigned char tag; } slot[SLOTS] = { 0 };
	u64 before = heap_free_pages();

	CHECK(!hv_zalloc_array(~0UL / 2, 3));
	for (unsigned int n = 0; n < 40000; n++) {
		unsigned int i = host_random() % SLOTS;

		if (slot[i].p) {
			for (size_t k = 0; k < slot[i].size; k++)
				CHECK(slot[i].p[k] == slot[i].tag);
			hv_free(slot[i].p);
			slot[i].p = NULL;
			continue;
		}
		slot[i].size = 1 + host_random() % (n % 10 ? 700 : 20000);
		slot[i].tag = (unsigned char)host_random();
		slot[i].p = hv_zalloc(slot[i].size);
		CHECK(slot[i].p);
		CHECK(!((unsigned long)slot[i].p & (slot[i].size >= 64 ? 63 : 15)));
		for (size_t k = 0; k < slot[i].size; k++)
			CHECK(!slot[i].p[k]);
		memset(slot[i].p, slot[i].tag, slot[i].size);
	}
	for (unsigned int i = 0; i < SLOTS; i++)
		hv_free(slot[i].p);
	CHECK(before - heap_free_pages() <= 14);	/* one slab a size may stay */
}

int main(void)
{
	host_frames_init();
	host_heap_init();
	test_buddies_merge();
	test_claims();
	test_references();
	test_flush_before_reuse();
	test_pool();
	check_lists();
	printk("heap: ok\n");
	return 0;
}
