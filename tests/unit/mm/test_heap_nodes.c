/* SPDX-License-Identifier: GPL-2.0-only */
/* From which of three nodes the heap takes: the one that is asked for, the domain's, this CPU's. */
#include "../../../hypervisor/mm/heap_core.h"
#include "host_frames.h"

#define NODES 3U
#define A_NODE 1024U

static struct domain *const d = &host_domain[0];
static struct page_info *taken[NODES * A_NODE];
static unsigned int nr_taken;

static unsigned int node_of(const struct page_info *pg)
{
	return pg ? mfn_to_node(page_to_mfn(pg)) : NODES;
}

static unsigned int take(unsigned int flags)
{
	struct page_info *pg = alloc_domheap_pages(d, 0, flags);

	if (pg)
		taken[nr_taken++] = pg;
	return node_of(pg);
}

static void give_all_back(void)
{
	while (nr_taken)
		page_drop_allocated(taken[--nr_taken]);
}

static u64 take_all_of(unsigned int node)
{
	u64 n = heap_free_pages_node(node);

	for (u64 i = 0; i < n; i++)
		CHECK(take(MEMF_NODE(node) | MEMF_EXACT_NODE) == node);
	CHECK(heap_free_pages_node(node) == 0);
	return n;
}

static void the_node_that_is_asked_for(void)
{
	u64 before[NODES];

	for (unsigned int n = 0; n < NODES; n++)
		before[n] = heap_free_pages_node(n);
	d->node_affinity = 1ULL << 0;		/* the caller's word goes before the domain's */
	CHECK(take(MEMF_NODE(2)) == 2 && take(MEMF_NODE(1)) == 1);
	take_all_of(2);
	CHECK(take(MEMF_NODE(2) | MEMF_EXACT_NODE) == NODES);
	CHECK(take(MEMF_NODE(2)) == 0);		/* not exactly: the domain's is next */
	CHECK(heap_free_pages_node(1) == before[1] - 1);
	give_all_back();
	for (unsigned int n = 0; n < NODES; n++)
		CHECK(heap_free_pages_node(n) == before[n]);	/* each page went home */
}

static void the_domains_nodes(void)
{
	host_cpu_node = 0;
	d->node_affinity = 1ULL << 1;
	CHECK(take(0) == 1);
	d->node_affinity = 1ULL << 1 | 1ULL << 2;
	host_cpu_node = 2;
	CHECK(take(0) == 2);			/* of the domain's, this CPU's */
	take_all_of(2);
	CHECK(take(0) == 1);
	take_all_of(1);
	CHECK(take(0) == 0);			/* a preference, not a limit */
	give_all_back();
}

static void this_cpus_node(void)
{
	d->node_affinity = ~0ULL;
	for (unsigned int n = 0; n < NODES; n++) {
		void *p;

		host_cpu_node = n;
		CHECK(take(0) == n);
		p = alloc_hv_page();
		CHECK(node_of(virt_to_page(p)) == n);
		free_hv_pages(p, 0);
	}
	take_all_of(2);
	CHECK(take(0) < 2);
	give_all_back();
}

int main(void)
{
	host_frames_init();
	nr_nodes = NODES;
	host_frames_a_node = A_NODE;
	for (unsigned int n = 0; n < NODES; n++)
		heap_add_range(mfn(n * A_NODE + 16), A_NODE - 16, n);
	the_node_that_is_asked_for();
	the_domains_nodes();
	this_cpus_node();
	printk("heap by node: ok\n");
	return 0;
}
