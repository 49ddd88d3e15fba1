/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants between the child and Domain 0, which writes the child's table too. */
#include "calls.h"

static volatile grant_entry_v1_t childs[512] __attribute__((aligned(4096)));	/* mapped over its table */
static volatile u8 mapped[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile u8 elsewhere[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));

#define REF 9

static void offer(u32 ref, u64 frame, u16 flags)
{
	childs[ref].frame = (u32)frame;
	childs[ref].domid = 0;
	barrier();
	childs[ref].flags = flags;
}

static bool acquire(void)
{
	xen_pfn_t f = 0;
	struct xen_mem_acquire_resource r = {
		.domid = child(), .type = XENMEM_resource_grant_table, .id = XENMEM_resource_grant_table_id_shared,
	};

	WANT(H2(memory_op, XENMEM_acquire_resource, &r), 0);
	WANT(r.nr_frames, 4);
	r.nr_frames = 1;
	r.frame_list.p = &f;
	WANT(H2(memory_op, XENMEM_acquire_resource, &r), 0);
	WANT(map_foreign((void *)childs, child(), f), 0);
	offer(REF, child_frame(CHILD_SCRATCH_FRAME), GTF_permit_access);
	return true;
}

static int map(struct gnttab_map_grant_ref *m)
{
	*m = (struct gnttab_map_grant_ref){ .host_addr = (u64)mapped, .flags = GNTMAP_host_map, .ref = REF, .dom = child() };
	return H3(grant_table_op, GNTTABOP_map_grant_ref, m, 1) ? 99 : m->status;
}

static bool map_and_unmap(void)
{
	struct gnttab_map_grant_ref m;
	struct gnttab_unmap_grant_ref u = { .host_addr = (u64)mapped };

	WANT(map(&m), GNTST_okay);
	child_scratch[100] = 0x77;
	barrier();
	WANT(mapped[100], 0x77);
	mapped[101] = 0x78;
	barrier();
	WANT(child_scratch[101], 0x78);
	WANT(childs[REF].flags, GTF_permit_access | GTF_reading | GTF_writing);
	u.handle = m.handle;
	WANT(H3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1), 0);
	WANT(u.status, GNTST_okay);
	WANT(childs[REF].flags, GTF_permit_access);
	return !make_writable((void *)mapped);
}

/* The entry of @elsewhere moves to where the grant was. */
static bool unmap_and_replace(void)
{
	struct gnttab_map_grant_ref m;
	struct gnttab_unmap_and_replace u = { .host_addr = (u64)mapped, .new_addr = (u64)elsewhere };

	elsewhere[5] = 0x55;
	WANT(map(&m), GNTST_okay);
	u.handle = m.handle;
	WANT(H3(grant_table_op, GNTTABOP_unmap_and_replace, &u, 1), 0);
	WANT(u.status, GNTST_okay);
	WANT(mapped[5], 0x55);
	WANT(*pte_of((void *)elsewhere, 1), 0);
	WANT(childs[REF].flags, GTF_permit_access);
	WANT(make_writable((void *)mapped), 0);
	return !make_writable((void *)elsewhere);
}

static bool copy(void)
{
	struct gnttab_copy c = {
		.source = { .u.ref = REF, .domid = child(), .offset = 64 }, .len = 16, .flags = GNTCOPY_source_gref,
		.dest = { .u.gmfn = virt_to_mfn(page), .domid = DOMID_SELF, .offset = 128 },
	};

	memset(child_scratch + 64, 0x3c, 16);
	memset(page, 0, PAGE_SIZE);
	WANT(H3(grant_table_op, GNTTABOP_copy, &c, 1), 0);
	WANT(c.status, GNTST_okay);
	WANT_TRUE(page[127] == 0 && page[128] == 0x3c && page[143] == 0x3c && page[144] == 0);
	return true;
}

/* One of our frames becomes the child's. */
static bool transfer(void)
{
	u8 *mine = alloc_page();
	struct gnttab_transfer t = { .mfn = virt_to_mfn(mine), .domid = child(), .ref = REF + 1 };
	domid_t id = child();
	long before = H2(memory_op, XENMEM_current_reservation, &id);

	mine[9] = 0x99;
	offer(REF + 1, 0, GTF_accept_transfer);
	WANT(set_va(mine, 0, UVMF_INVLPG), 0);
	WANT(H3(grant_table_op, GNTTABOP_transfer, &t, 1), 0);
	WANT(t.status, GNTST_okay);
	WANT(childs[REF + 1].flags, GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
	WANT(childs[REF + 1].frame, t.mfn);
	WANT(H2(memory_op, XENMEM_current_reservation, &id), before + 1);
	WANT(map_foreign((void *)mapped, child(), t.mfn), 0);
	WANT(mapped[9], 0x99);
	return unmap_foreign((void *)mapped);
}

/* ---- our own table ---- */

static bool setup(void)
{
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 2 };
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	xen_pfn_t f[2] = { 0 };

	s.frame_list.p = f;
	WANT(H3(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
	WANT(s.status, GNTST_okay);
	WANT_TRUE(f[0] && f[1] && f[0] != f[1]);
	WANT(H3(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
	WANT(q.status, GNTST_okay);
	WANT_TRUE(q.nr_frames >= 2 && q.max_nr_frames >= q.nr_frames);
	return true;
}

static bool is_version(u32 which)
{
	struct gnttab_set_version s = { which };
	struct gnttab_get_version g = { .dom = DOMID_SELF };

	WANT(H3(grant_table_op, GNTTABOP_set_version, &s, 1), 0);
	WANT(s.version, which);
	WANT(H3(grant_table_op, GNTTABOP_get_version, &g, 1), 0);
	WANT(g.version, which);
	return true;
}

static bool version(void)
{
	struct gnttab_get_status_frames s = { .dom = DOMID_SELF, .nr_frames = 1 };
	u64 f = 0;

	WANT_TRUE(is_version(2));
	s.frame_list.p = &f;
	WANT(H3(grant_table_op, GNTTABOP_get_status_frames, &s, 1), 0);
	WANT(s.status, GNTST_okay);
	WANT_TRUE(f);
	return is_version(1);
}

static bool swap(void)
{
	volatile grant_entry_v1_t *mine = (void *)mapped;
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct gnttab_swap_grant_ref w = { .ref_a = 20, .ref_b = 21 };
	xen_pfn_t f = 0;

	s.frame_list.p = &f;
	WANT(H3(grant_table_op, GNTTABOP_setup_table, &s, 1), 0);
	WANT(set_va((void *)mapped, f << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	mine[20].frame = 0x2020;
	mine[21].frame = 0x2121;
	WANT(H3(grant_table_op, GNTTABOP_swap_grant_ref, &w, 1), 0);
	WANT(w.status, GNTST_okay);
	WANT_TRUE(mine[20].frame == 0x2121 && mine[21].frame == 0x2020);
	return !make_writable((void *)mapped);
}

/* The child's table is needed no longer. */
static bool release(void) { return unmap_foreign((void *)childs); }

static const struct call calls[] = {
	{ "memory_op", "XENMEM_acquire_resource", acquire },
	{ "memory_op.acquire_resource", "XENMEM_resource_grant_table", acquire },
	{ "grant_table_op", "GNTTABOP_map_grant_ref", map_and_unmap },
	{ "grant_table_op", "GNTTABOP_unmap_grant_ref", map_and_unmap },
	{ "grant_table_op", "GNTTABOP_unmap_and_replace", unmap_and_replace },
	{ "grant_table_op", "GNTTABOP_copy", copy },
	{ "grant_table_op", "GNTTABOP_transfer", transfer },
	{ "hypercall", "__HYPERVISOR_grant_table_op", release },
	{ "grant_table_op", "GNTTABOP_setup_table", setup },
	{ "grant_table_op", "GNTTABOP_query_size", setup },
	{ "grant_table_op", "GNTTABOP_set_version", version },
	{ "grant_table_op", "GNTTABOP_get_version", version },
	{ "grant_table_op", "GNTTABOP_get_status_frames", version },
	{ "grant_table_op", "GNTTABOP_swap_grant_ref", swap },
};
CALL_LIST(grant, calls);
