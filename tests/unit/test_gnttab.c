/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables: every operation in both versions, hostile entries, quotas, random sequences.  After each test
 * everything is unmapped and no reference on any frame may be left.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>
#include "fake/fake.h"
#include "fake/guest.h"
#include <gnttab/gnttab.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <public/domctl.h>
#include <x86/current.h>
#include <x86/flushtlb.h>

static unsigned int flushes, maps;
static int map_result;
static bool steal_fails, assign_fails;
static void *mapped_by_guest;		/* a shared page that cannot be taken back */
static u32 version_meanwhile;		/* what the receiver of a transfer switches to in the middle of it */

void flush_tlb_mask(const cpumask_t *mask) { flushes++; }
void share_hv_page_with_guest(void *page, struct domain *d, enum share_mode mode) { }
int unshare_hv_page_with_guest(void *page, struct domain *d) { return page == mapped_by_guest ? -EBUSY : 0; }
void release_hv_page(void *page, struct domain *d) { free_hv_page(page); }
struct page_info *steal_page(struct domain *d, mfn_t f)
{
	struct page_info *pg = f.m < FAKE_FRAMES ? &host_frame_table[f.m] : NULL;

	if (steal_fails || !pg || page_owner(pg) != d || (pg->count_info & PGC_COUNT_MASK) != 1)
		return NULL;
	pg->count_info = 1;
	return pg;
}
int assign_pages(struct page_info *pg, unsigned int order, struct domain *d, unsigned int memflags)
{
	if (version_meanwhile && d != current->domain)
		assert_int_equal(gnt_set_version(d->grant, version_meanwhile), 0);
	if (assign_fails && d != current->domain)
		return -E2BIG;
	pg->count_info = (u64)d->id << PGC_OWNER_SHIFT | PGC_ALLOCATED | 1;
	return 0;
}
void free_domheap_pages(struct page_info *pg, unsigned int order) { }
void clear_page(void *page) { memset(page, 0, PAGE_SIZE); }
bool frame_chunk_valid(mfn_t f) { return f.m < FAKE_FRAMES; }

int pv_grant_map(u64 addr, mfn_t m, unsigned int flags, u64 cache)
{
	if (map_result == GNTST_okay)
		maps++;
	return map_result;
}
int pv_grant_unmap(u64 addr, mfn_t m, unsigned int flags, u64 new_addr)
{
	if (addr == 0xbad000)
		return GNTST_bad_virt_addr;
	maps--;
	return GNTST_okay;
}

static int start(void **state)
{
	fake_guests_start(3, 1);
	map_result = GNTST_okay;
	maps = flushes = 0;
	steal_fails = assign_fails = false;
	mapped_by_guest = NULL;
	version_meanwhile = 0;
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(grant_table_init(fake_domains[i], i == 2 ? 2 : 4, i == 2 ? 1 : 3, 2), 0);
	return 0;
}

static int stop(void **state)
{
	for (unsigned int i = 0; i < 3; i++) {
		fake_run_as(i, 0);
		assert_int_equal(grant_table_relinquish(fake_domains[i]), 0);
	}
	assert_int_equal(fake_page_refs(), 0);
	for (unsigned int i = 0; i < 3; i++)
		grant_table_destroy(fake_domains[i]);
	assert_int_equal(fake_allocs, 0);
	fake_guests_stop();
	return 0;
}

static long call(unsigned int cmd, void *arg, unsigned int n) { return do_grant_table_op(cmd, (unsigned long)arg, n); }

static void setup(unsigned int dom, u32 frames, u32 version)
{
	xen_pfn_t list[8];
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = frames };
	struct gnttab_set_version v = { version };

	fake_run_as(dom, 0);
	s.frame_list.p = list;
	assert_int_equal(call(GNTTABOP_setup_table, &s, 1), 0);
	assert_int_equal(s.status, GNTST_okay);
	assert_int_equal(call(GNTTABOP_set_version, &v, 1), 0);
	assert_int_equal(v.version, version);
}

static grant_entry_v1_t *v1(unsigned int dom, u32 ref) { return gnt_v1(fake_domains[dom]->grant, ref); }
static grant_entry_v2_t *v2(unsigned int dom, u32 ref) { return gnt_v2(fake_domains[dom]->grant, ref); }
static void offer(unsigned int dom, u32 ref, domid_t to, u64 frame, u16 flags)
{
	if (fake_domains[dom]->grant->version == 2) {
		*v2(dom, ref) = (grant_entry_v2_t){ .full_page = { .hdr = { flags, to }, .frame = frame } };
		return;
	}
	*v1(dom, ref) = (grant_entry_v1_t){ .flags = flags, .domid = to, .frame = (u32)frame };
}
/* Does the granter see its entry in use? */
static u16 in_use(unsigned int dom, u32 ref)
{
	const struct grant_table *t = fake_domains[dom]->grant;

	return (t->version == 2 ? *gnt_status(t, ref) : gnt_v1(t, ref)->flags) & (GTF_reading | GTF_writing);
}

static struct gnttab_map_grant_ref map_one(domid_t dom, u32 ref, u32 flags)
{
	struct gnttab_map_grant_ref m = { .host_addr = 0x1000, .flags = flags, .ref = ref, .dom = dom };

	assert_int_equal(call(GNTTABOP_map_grant_ref, &m, 1), 0);
	return m;
}
static int unmap_one(u32 handle, u64 addr)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = addr, .handle = handle };

	if (handle < MAPTRACK_PER_BLOCK && current->domain->grant->nr_maptrack_blocks) {
		const struct maptrack *m = &current->domain->grant->maptrack[0][handle];

		if (m->flags & GNTMAP_device_map)
			u.dev_bus_addr = gnt_active(fake_domains[m->domid]->grant, m->ref)->frame << PAGE_SHIFT;
	}
	assert_int_equal(call(GNTTABOP_unmap_grant_ref, &u, 1), 0);
	return u.status;
}

static void map_and_unmap(void **state)
{
	for (u32 version = 1; version <= 2; version++) {
		struct gnttab_map_grant_ref w, r;
		u64 f = fake_frame(1, 5);

		setup(1, 1, version);
		offer(1, 20, 0, f, GTF_permit_access);
		offer(1, 21, 0, f, GTF_permit_access | GTF_readonly);
		offer(1, 22, 2, f, GTF_permit_access);
		offer(1, 23, 0, fake_frame(2, 1), GTF_permit_access);	/* not its frame */
		offer(1, 24, 0, ~0U, GTF_permit_access);
		fake_run_as(0, 0);
		w = map_one(1, 20, GNTMAP_host_map);
		assert_int_equal(w.status, GNTST_okay);
		assert_int_equal(w.dev_bus_addr, f << 12);
		assert_int_equal(in_use(1, 20), GTF_reading | GTF_writing);
		r = map_one(1, 21, GNTMAP_host_map | GNTMAP_readonly);
		assert_int_equal(r.status, GNTST_okay);
		assert_int_equal(in_use(1, 21), GTF_reading);
		assert_int_not_equal(map_one(1, 21, GNTMAP_host_map).status, GNTST_okay);
		assert_int_equal(in_use(1, 21), GTF_reading);
		assert_int_not_equal(map_one(1, 22, GNTMAP_host_map).status, GNTST_okay);
		assert_int_not_equal(map_one(1, 23, GNTMAP_host_map).status, GNTST_okay);
		assert_int_not_equal(map_one(1, 24, GNTMAP_host_map).status, GNTST_okay);
		assert_int_equal(in_use(1, 23), 0);
		assert_int_not_equal(map_one(1, 25, GNTMAP_host_map).status, GNTST_okay);
		assert_int_equal(map_one(1, 100000, GNTMAP_host_map).status, GNTST_bad_gntref);
		assert_int_equal(map_one(9, 20, GNTMAP_host_map).status, GNTST_bad_domain);
		assert_int_equal(unmap_one(w.handle, 0xbad000), GNTST_bad_virt_addr);
		assert_int_equal(in_use(1, 20), GTF_reading | GTF_writing);
		flushes = 0;
		assert_int_equal(unmap_one(w.handle, 0x1000), GNTST_okay);
		assert_int_equal(flushes, 1);
		assert_int_equal(unmap_one(w.handle, 0x1000), GNTST_bad_handle);
		assert_int_equal(in_use(1, 20), 0);
		assert_int_equal(unmap_one(r.handle, 0x1000), GNTST_okay);
		assert_int_equal(unmap_one(0xffffffff, 0x1000), GNTST_bad_handle);
		assert_int_equal(fake_page_refs(), 0);
		assert_int_equal(maps, 0);
		/* What the page table refuses leaves nothing behind. */
		map_result = GNTST_bad_virt_addr;
		assert_int_equal(map_one(1, 20, GNTMAP_host_map).status, GNTST_bad_virt_addr);
		map_result = GNTST_okay;
		assert_int_equal(in_use(1, 20), 0);
		assert_int_equal(fake_page_refs(), 0);
		/* A page table in the making cannot be granted writable, but mapped read-only. */
		host_frame_table[f].type_info = PGT_L1 | 1;
		assert_int_not_equal(map_one(1, 20, GNTMAP_host_map).status, GNTST_okay);
		assert_int_equal(in_use(1, 20), 0);
		host_frame_table[f].type_info = 0;
	}
}

static void holders(void **state)
{
	struct grant_holder list[2];
	u32 handles[4];

	setup(1, 1, 1);
	for (u32 i = 0; i < 4; i++)
		offer(1, 20 + i, i == 3 ? 2 : 0, fake_frame(1, 5 + i), GTF_permit_access);
	assert_int_equal(grant_holders(fake_domains[1], list, 2), 0);
	for (u32 i = 0; i < 4; i++) {
		fake_run_as(i == 3 ? 2 : 0, 0);
		handles[i] = map_one(1, 20 + i, GNTMAP_host_map | (i == 1 ? GNTMAP_readonly : 0)).handle;
	}
	assert_int_equal(grant_holders(fake_domains[1], list, 2), 2);
	assert_int_equal(list[0].domid, 0);
	assert_int_equal(list[0].pins, 3);
	assert_int_equal(list[1].domid, 2);
	assert_int_equal(list[1].pins, 1);
	/* There is room for one alone. */
	assert_int_equal(grant_holders(fake_domains[1], list, 1), 1);
	assert_int_equal(list[0].pins, 3);
	for (u32 i = 0; i < 4; i++) {
		fake_run_as(i == 3 ? 2 : 0, 0);
		assert_int_equal(unmap_one(handles[i], 0x1000), GNTST_okay);
	}
	assert_int_equal(grant_holders(fake_domains[1], list, 2), 0);
	fake_run_as(0, 0);
}

static void batches(void **state)
{
	struct gnttab_map_grant_ref m[40];
	struct gnttab_unmap_grant_ref u[40];

	setup(1, 1, 1);
	fake_run_as(0, 0);
	for (u32 i = 0; i < 40; i++) {
		offer(1, 10 + i, 0, fake_frame(1, i), GTF_permit_access);
		m[i] = (struct gnttab_map_grant_ref){ .host_addr = 0x1000, .flags = GNTMAP_host_map, .ref = 10 + i, .dom = 1 };
	}
	assert_int_equal(call(GNTTABOP_map_grant_ref, m, 40), 0);
	for (u32 i = 0; i < 40; i++) {
		assert_int_equal(m[i].status, GNTST_okay);
		u[i] = (struct gnttab_unmap_grant_ref){ .host_addr = 0x1000, .handle = m[i].handle };
	}
	u[30].handle = m[2].handle;	/* twice in one batch */
	flushes = 0;
	assert_int_equal(call(GNTTABOP_unmap_grant_ref, u, 40), 0);
	assert_int_equal(flushes, 2);
	assert_int_equal(u[2].status, GNTST_okay);
	assert_int_equal(u[30].status, GNTST_bad_handle);
	assert_int_equal(unmap_one(m[30].handle, 0x1000), GNTST_okay);
	/* Preempted: the continuation names what is left. */
	fake_preempt = true;
	assert_int_equal(call(GNTTABOP_map_grant_ref, m, 40), HYPERCALL_AGAIN);
	assert_int_equal(fake_continue[0], GNTTABOP_map_grant_ref);
	assert_int_equal(fake_continue[1], (unsigned long)&m[1]);
	assert_int_equal(fake_continue[2], 39);
	fake_preempt = false;
	assert_int_equal(unmap_one(m[0].handle, 0x1000), GNTST_okay);
	assert_int_equal(call(GNTTABOP_map_grant_ref, NULL, 1), -14);
	assert_int_equal(call(GNTTABOP_map_grant_ref, m, 0x80000000U), -22);
	assert_int_equal(call(55, m, 1), -38);
	assert_int_equal(call(GNTTABOP_cache_flush, m, 1), -95);
}

static void quotas(void **state)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 5 };
	u32 n;

	setup(1, 1, 1);
	assert_int_equal(call(GNTTABOP_query_size, &q, 1), 0);
	assert_int_equal(q.nr_frames, 1);
	assert_int_equal(q.max_nr_frames, 4);
	assert_int_equal(call(GNTTABOP_setup_table, &s, 1), 0);
	assert_int_equal(s.status, GNTST_general_error);
	s.nr_frames = ~0U;
	assert_int_equal(call(GNTTABOP_setup_table, &s, 1), 0);
	assert_int_equal(s.status, GNTST_general_error);
	s.dom = 0;
	assert_int_equal(call(GNTTABOP_setup_table, &s, 1), 0);
	assert_int_equal(s.status, GNTST_permission_denied);
	assert_int_equal(call(GNTTABOP_setup_table, &s, 2), -22);
	/* Handles of domain 2: one block of 512. */
	offer(1, 9, 2, fake_frame(1, 0), GTF_permit_access);
	fake_run_as(2, 0);
	for (n = 0; n < 2000 && map_one(1, 9, GNTMAP_host_map).status == GNTST_okay; n++)
		;
	assert_int_equal(n, MAPTRACK_PER_BLOCK);
	assert_int_equal(map_one(1, 9, GNTMAP_host_map).status, GNTST_no_space);
	assert_non_null(strstr(fake_log, "d2"));
	assert_int_equal(unmap_one(7, 0x1000), GNTST_okay);
	assert_int_equal(map_one(1, 9, GNTMAP_host_map).handle, 7);
	assert_int_equal(in_use(1, 9), GTF_reading | GTF_writing);
}

static struct gnttab_copy copy_op(void) { return (struct gnttab_copy){ .len = 100 }; }
static int copy(struct gnttab_copy c)
{
	assert_int_equal(call(GNTTABOP_copy, &c, 1), 0);
	return c.status;
}

static void copies(void **state)
{
	for (u32 version = 1; version <= 2; version++) {
		struct gnttab_copy c = copy_op();
		char *src = fake_mem(fake_frame(1, 5)), *dst = fake_mem(fake_frame(0, 6));

		setup(1, 1, version);
		offer(1, 20, 0, fake_frame(1, 5), GTF_permit_access | GTF_readonly);
		fake_run_as(0, 0);
		for (int i = 0; i < 4096; i++) {
			src[i] = (char)(i * 7 + (int)version);
			dst[i] = 0;
		}
		c.flags = GNTCOPY_source_gref;
		c.source.domid = 1;
		c.source.u.ref = 20;
		c.source.offset = 50;
		c.dest.domid = DOMID_SELF;
		c.dest.u.gmfn = fake_frame(0, 6);
		c.dest.offset = 4000;
		c.len = 96;
		assert_int_equal(copy(c), GNTST_okay);
		assert_memory_equal(dst + 4000, src + 50, 96);
		assert_int_equal(dst[3999], 0);
		c.len = 97;
		assert_int_equal(copy(c), GNTST_bad_copy_arg);
		c.len = 0xffff;
		assert_int_equal(copy(c), GNTST_bad_copy_arg);
		c.len = 10;
		c.source.offset = 0xfff8;
		assert_int_equal(copy(c), GNTST_bad_copy_arg);
		c.source.offset = 0;
		c.dest.u.gmfn = fake_frame(1, 6);	/* not one's own */
		assert_int_not_equal(copy(c), GNTST_okay);
		c.dest.domid = 1;			/* by frame, of another domain */
		assert_int_equal(copy(c), GNTST_permission_denied);
		c.dest = c.source;			/* writing to a read-only grant */
		c.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
		assert_int_not_equal(copy(c), GNTST_okay);
		assert_int_equal(in_use(1, 20), 0);
		assert_int_equal(fake_page_refs(), 0);
	}
}

static void copies_of_v2(void **state)
{
	struct gnttab_copy c = copy_op();
	char *src = fake_mem(fake_frame(2, 5)), *dst = fake_mem(fake_frame(0, 6));

	setup(2, 1, 2);
	setup(1, 1, 2);
	*v2(2, 9) = (grant_entry_v2_t){ .sub_page = { .hdr = { GTF_permit_access | GTF_sub_page | GTF_readonly, 1 },
						      .page_off = 100, .length = 50, .frame = fake_frame(2, 5) } };
	*v2(1, 9) = (grant_entry_v2_t){ .transitive = { .hdr = { GTF_transitive, 0 }, .trans_domid = 2, .gref = 9 } };
	/* Transitive to a transitive one: one hop only. */
	*v2(2, 10) = (grant_entry_v2_t){ .transitive = { .hdr = { GTF_transitive, 1 }, .trans_domid = 1, .gref = 9 } };
	*v2(1, 10) = (grant_entry_v2_t){ .transitive = { .hdr = { GTF_transitive, 0 }, .trans_domid = 2, .gref = 10 } };
	*v2(1, 11) = (grant_entry_v2_t){ .transitive = { .hdr = { GTF_transitive, 0 }, .trans_domid = 2, .gref = 12 } };
	*v2(1, 12) = (grant_entry_v2_t){ .sub_page = { .hdr = { GTF_permit_access | GTF_sub_page, 0 },
						       .page_off = 4000, .length = 200, .frame = fake_frame(1, 5) } };
	fake_run_as(0, 0);
	memset(src, 0x5a, 4096);
	memset(dst, 0, 4096);
	c.flags = GNTCOPY_source_gref;
	c.source.domid = 1;
	c.source.u.ref = 9;
	c.source.offset = 100;
	c.dest.domid = DOMID_SELF;
	c.dest.u.gmfn = fake_frame(0, 6);
	c.len = 50;
	assert_int_equal(copy(c), GNTST_okay);
	assert_int_equal(dst[49], 0x5a);
	assert_int_equal(dst[50], 0);
	c.len = 51;
	assert_int_not_equal(copy(c), GNTST_okay);
	c.len = 50;
	c.source.offset = 99;
	assert_int_not_equal(copy(c), GNTST_okay);
	c.source.offset = 100;
	for (u32 ref = 10; ref <= 12; ref++) {
		c.source.u.ref = ref;
		assert_int_not_equal(copy(c), GNTST_okay);
	}
	assert_int_not_equal(map_one(1, 9, GNTMAP_host_map).status, GNTST_okay);
	assert_int_not_equal(map_one(1, 12, GNTMAP_host_map).status, GNTST_okay);
	assert_int_equal(fake_page_refs(), 0);
}

static void versions(void **state)
{
	struct gnttab_set_version v = { 2 };
	struct gnttab_get_version g = { .dom = DOMID_SELF };
	struct gnttab_map_grant_ref m;

	setup(1, 2, 1);
	offer(1, 1, 0, fake_frame(1, 1), GTF_permit_access);	/* reserved: survives */
	offer(1, 30, 0, fake_frame(1, 2), GTF_permit_access);
	fake_run_as(0, 0);
	m = map_one(1, 30, GNTMAP_host_map);
	fake_run_as(1, 0);
	assert_int_equal(call(GNTTABOP_set_version, &v, 1), -16);
	fake_run_as(0, 0);
	assert_int_equal(unmap_one(m.handle, 0x1000), GNTST_okay);
	fake_run_as(1, 0);
	v.version = 2;
	assert_int_equal(call(GNTTABOP_set_version, &v, 1), 0);
	assert_int_equal(call(GNTTABOP_get_version, &g, 1), 0);
	assert_int_equal(g.version, 2);
	assert_int_equal(v2(1, 1)->full_page.frame, fake_frame(1, 1));
	assert_int_equal(v2(1, 30)->hdr.flags, 0);
	v.version = 1;
	assert_int_equal(call(GNTTABOP_set_version, &v, 1), 0);
	assert_int_equal(v1(1, 1)->frame, fake_frame(1, 1));
	v.version = 3;
	assert_int_equal(call(GNTTABOP_set_version, &v, 1), -22);
	g.dom = 0;
	assert_int_equal(call(GNTTABOP_get_version, &g, 1), -1);
}

static void transfers(void **state)
{
	struct gnttab_transfer t = { .mfn = fake_frame(0, 9), .domid = 1, .ref = 40 };

	for (u32 version = 1; version <= 2; version++, t.mfn++) {
		setup(1, 1, version);
		offer(1, 40, 0, 0, GTF_accept_transfer);
		fake_run_as(0, 0);
		assign_fails = true;
		assert_int_equal(call(GNTTABOP_transfer, &t, 1), 0);
		assert_int_not_equal(t.status, GNTST_okay);
		assert_ptr_equal(page_owner(&host_frame_table[t.mfn]), fake_domains[0]);
		assign_fails = false;
		assert_int_equal(call(GNTTABOP_transfer, &t, 1), 0);
		assert_int_equal(t.status, GNTST_okay);
		assert_ptr_equal(page_owner(&host_frame_table[t.mfn]), fake_domains[1]);
		if (version == 1) {
			assert_int_equal(v1(1, 40)->frame, t.mfn);
			assert_int_equal(v1(1, 40)->flags, GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
		} else {
			assert_int_equal(v2(1, 40)->full_page.frame, t.mfn);
		}
		/* Used up, and not one's own any more. */
		assert_int_equal(call(GNTTABOP_transfer, &t, 1), 0);
		assert_int_equal(t.status, GNTST_bad_page);
		t.mfn++;
		assert_int_equal(call(GNTTABOP_transfer, &t, 1), 0);
		assert_int_equal(t.status, GNTST_bad_gntref);
		assert_ptr_equal(page_owner(&host_frame_table[t.mfn]), fake_domains[0]);
		t.domid = 0;
		assert_int_equal(call(GNTTABOP_transfer, &t, 1), 0);
		assert_int_equal(t.status, GNTST_bad_domain);
		t.domid = 1;
	}
}

/* The entry that waits is the last one of version 1: in version 2 there is none of that number. */
static void transfer_and_version(void **state)
{
	const u32 last = 4 * GNT_V1_PER_FRAME - 1;
	struct gnttab_transfer t = { .mfn = fake_frame(0, 9), .domid = 1, .ref = last };

	for (unsigned int fails = 0; fails < 2; fails++) {
		setup(1, 4, 1);
		offer(1, last, 0, 0, GTF_accept_transfer);
		fake_run_as(0, 0);
		version_meanwhile = 2;
		assign_fails = fails;
		assert_int_equal(call(GNTTABOP_transfer, &t, 1), 0);
		assert_int_equal(t.status, fails ? GNTST_no_space : GNTST_okay);
		version_meanwhile = 0;
		for (unsigned int i = 0; i < 4 * GNT_V2_PER_FRAME; i++)
			assert_int_equal(v2(1, i)->hdr.flags, 0);
		t.mfn++;
	}
}

/* Version 2 keeps all of its status frames, or none. */
static void status_mapped(void **state)
{
	struct gnttab_set_version v = { 1 };
	const u32 refs[] = { 8, 8 * GNT_V2_PER_FRAME + 8, 16 * GNT_V2_PER_FRAME - 1 };
	struct grant_table *t = fake_domains[1]->grant;
	struct gnttab_map_grant_ref m;

	grant_table_destroy(fake_domains[1]);
	assert_int_equal(grant_table_init(fake_domains[1], 16, 3, 2), 0);
	t = fake_domains[1]->grant;
	fake_run_as(1, 0);
	setup(1, 8, 2);
	assert_int_equal(t->nr_status, 1);
	/* No memory for the second status frame: no entry that would need it comes up. */
	fake_alloc_fail_after = 0;
	assert_false(gnt_grow(t, 16));
	fake_alloc_fail_after = 1;
	assert_false(gnt_grow(t, 16));
	fake_alloc_fail_after = -1;
	assert_true(t->nr_status >= t->nr_frames * GNT_V2_PER_FRAME / GNT_STATUS_PER_FRAME);
	assert_true(gnt_grow(t, 16));
	assert_int_equal(t->nr_status, 2);
	for (unsigned int i = 0; i < 2; i++) {
		mapped_by_guest = t->status[i];
		assert_int_equal(call(GNTTABOP_set_version, &v, 1), -EBUSY);
		assert_int_equal(v.version, 2);
		v.version = 1;
		assert_int_equal(t->nr_status, 2);
		for (unsigned int r = 0; r < ARRAY_SIZE(refs); r++) {
			offer(1, refs[r], 0, fake_frame(1, 1), GTF_permit_access);
			fake_run_as(0, 0);
			m = map_one(1, refs[r], GNTMAP_host_map);
			assert_int_equal(m.status, GNTST_okay);
			assert_int_equal(unmap_one(m.handle, 0x1000), GNTST_okay);
			fake_run_as(1, 0);
		}
	}
	mapped_by_guest = NULL;
	assert_int_equal(call(GNTTABOP_set_version, &v, 1), 0);
	assert_int_equal(t->nr_status, 0);
}

static void swaps(void **state)
{
	struct gnttab_swap_grant_ref s = { 11, 12, 0 };
	struct gnttab_map_grant_ref m;

	setup(1, 1, 1);
	offer(1, 11, 0, fake_frame(1, 1), GTF_permit_access);
	assert_int_equal(call(GNTTABOP_swap_grant_ref, &s, 1), 0);
	assert_int_equal(s.status, GNTST_okay);
	assert_int_equal(v1(1, 12)->frame, fake_frame(1, 1));
	fake_run_as(0, 0);
	m = map_one(1, 12, GNTMAP_host_map);
	fake_run_as(1, 0);
	assert_int_equal(call(GNTTABOP_swap_grant_ref, &s, 1), 0);
	assert_int_equal(s.status, GNTST_eagain);
	s.ref_a = ~0U;
	assert_int_equal(call(GNTTABOP_swap_grant_ref, &s, 1), 0);
	assert_int_equal(s.status, GNTST_bad_gntref);
	fake_run_as(0, 0);
	assert_int_equal(unmap_one(m.handle, 0x1000), GNTST_okay);
}

/* Handles are left mapped: teardown gives all back, in whatever order the domains go. */
static void dies_with_mappings(void **state)
{
	setup(1, 1, 1);
	for (u32 i = 0; i < 30; i++)
		offer(1, 10 + i, i % 2 ? 0 : 2, fake_frame(1, i), GTF_permit_access);
	for (u32 i = 0; i < 30; i++) {
		fake_run_as(i % 2 ? 0 : 2, 0);
		assert_int_equal(map_one(1, 10 + i, GNTMAP_host_map | (i % 3 ? 0 : GNTMAP_readonly)).status, GNTST_okay);
	}
	fake_domains[1]->dying = DOMDYING_DYING;
	fake_run_as(0, 0);
	assert_int_equal(grant_table_relinquish(fake_domains[1]), 0);
	assert_int_equal(map_one(1, 11, GNTMAP_host_map).status, GNTST_bad_domain);
	assert_true(fake_page_refs() > 0);
}

static u32 some(u32 n) { return rand() % 40 ? (u32)rand() % n : (u32)rand() * 3; }

static void random_operations(void **state)
{
	struct { u32 dom, handle; } open[64];
	unsigned int nr_open = 0;

	srand(5);
	for (unsigned int i = 0; i < 3; i++)
		setup(i, 2, 1);
	for (int i = 0; i < 150000; i++) {
		unsigned int me = (unsigned int)rand() % 3, other = (unsigned int)rand() % 3;
		struct gnttab_map_grant_ref m;
		struct gnttab_copy c = { .len = (u16)some(4100), .flags = (u16)(rand() % 4) };
		struct gnttab_set_version sv = { 1 + (u32)rand() % 2 };
		struct gnttab_swap_grant_ref sw = { some(16), some(16), 0 };
		struct gnttab_transfer tr = { .mfn = some(192), .domid = (domid_t)other, .ref = some(16) };

		fake_run_as(me, 0);
		switch (rand() % 10) {
		case 0: case 1:		/* the guest scribbles */
			((u32 *)fake_domains[me]->grant->shared[0])[rand() % 64] =
				rand() % 3 ? (u32)rand() : (u32)(rand() % 4 | (rand() % 3) << 16);
			break;
		case 2: case 3:
			offer(me, (u32)rand() % 16, (domid_t)other, fake_frame(me, (u32)rand() % 64),
			      (u16)(rand() % 8 ? GTF_permit_access : (u32)rand()));
			break;
		case 4: case 5:
			if (nr_open == ARRAY_SIZE(open))
				break;
			m = map_one((domid_t)other, some(16), (u32)rand() % 32);
			if (m.status == GNTST_okay) {
				open[nr_open].dom = me;
				open[nr_open++].handle = m.handle;
			}
			break;
		case 6:
			if (nr_open) {
				unsigned int k = (unsigned int)rand() % nr_open;

				fake_run_as(open[k].dom, 0);
				if (unmap_one(open[k].handle, 0x1000) == GNTST_okay)
					open[k] = open[--nr_open];
			}
			break;
		case 7:
			c.source.domid = rand() % 2 ? DOMID_SELF : (domid_t)other;
			c.source.u.gmfn = c.flags & GNTCOPY_source_gref ? some(16) : fake_frame(me, some(64));
			c.source.offset = (u16)some(4096);
			c.dest.domid = rand() % 2 ? DOMID_SELF : (domid_t)other;
			c.dest.u.gmfn = c.flags & GNTCOPY_dest_gref ? some(16) : fake_frame(me, some(64));
			c.dest.offset = (u16)some(4096);
			copy(c);
			break;
		case 8:
			if (rand() % 30 == 0)
				call(GNTTABOP_set_version, &sv, 1);
			else
				call(GNTTABOP_swap_grant_ref, &sw, 1);
			break;
		case 9:
			if (rand() % 10 == 0)
				call(GNTTABOP_transfer, &tr, 1);
			break;
		}
		fake_log[0] = 0;
	}
}

static void out_of_memory(void **state)
{
	for (long n = 0; n < 8; n++) {
		struct domain *d = fake_domains[2];
		int rc;

		assert_int_equal(grant_table_relinquish(d), 0);
		grant_table_destroy(d);
		fake_alloc_fail_after = n;
		rc = grant_table_init(d, 4, 4, 2);
		if (!rc) {
			struct gnttab_set_version v = { 2 };

			fake_run_as(2, 0);
			call(GNTTABOP_set_version, &v, 1);
		}
		fake_alloc_fail_after = -1;
		if (rc) {
			assert_int_equal(rc, -12);
			grant_table_destroy(d);
			assert_int_equal(grant_table_init(d, 4, 4, 2), 0);
		}
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(map_and_unmap), T(holders), T(batches), T(quotas), T(copies), T(copies_of_v2), T(versions), T(transfers),
		T(transfer_and_version), T(status_mapped), T(swaps),
		T(dies_with_mappings), T(random_operations), T(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
