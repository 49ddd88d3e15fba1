/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables under attack: extremes, double unmaps, page tables as grants, frames of others, entries that
 * change under the hypervisor's feet, handles raced for by two vCPUs.  The domain grants to itself.
 */
#include "attack.h"
#include "smp.h"

#define NR_REFS 512

static volatile struct grant_entry_v1 entries[NR_REFS] __attribute__((aligned(4096)));	/* mapped over the table */
static volatile u8 data_page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 other_page[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile u8 map_page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 table_page[PAGE_SIZE] __attribute__((aligned(4096)));
#define self own_domid()

static void offer(u32 ref, u64 frame, u16 flags)
{
	entries[ref].flags = 0;
	barrier();
	entries[ref].frame = (u32)frame;
	entries[ref].domid = self;
	barrier();
	entries[ref].flags = flags;
}

static int map(u64 addr, u32 ref, u32 flags, domid_t dom, u32 *handle)
{
	struct gnttab_map_grant_ref m = { .host_addr = addr, .flags = flags, .ref = ref, .dom = dom, .status = 77 };

	if (H3(grant_table_op, GNTTABOP_map_grant_ref, &m, 1))
		return 99;
	*handle = m.handle;
	return m.status;
}

static int unmap(u32 handle, u64 addr)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = addr, .handle = handle, .status = 77 };

	/* Device mappings, all of one page here, are undone by their bus address. */
	if (!addr)
		u.dev_bus_addr = virt_to_mfn((void *)data_page) << 12;
	if (H3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1))
		return 99;
	return u.status;
}

static u64 map_va(void) { return (u64)map_page; }

/* The page that a grant was mapped over has no frame of its own meanwhile. */
static bool restore_map_page(void)
{
	static u64 mfn;

	if (!mfn)
		mfn = virt_to_mfn((void *)map_page);
	return !set_va((void *)map_page, mfn << 12 | PTE_FLAGS, UVMF_INVLPG);
}

static bool setup(void)
{
	struct gnttab_setup_table st = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct gnttab_set_version v = { 1 };
	static xen_pfn_t frame;

	H3(grant_table_op, GNTTABOP_set_version, &v, 1);
	st.frame_list.p = &frame;
	WANT(H3(grant_table_op, GNTTABOP_setup_table, &st, 1), 0);
	WANT(st.status, GNTST_okay);
	WANT(set_va((void *)entries, frame << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	return restore_map_page();
}

/* The table, and a page table that nobody shall get by a grant. */
static bool prepare(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = virt_to_mfn(table_page) };

	make_readonly(table_page);
	WANT(H4(mmuext_op, &op, 1, 0, DOMID_SELF), 0);
	return setup();
}

static bool bad_pointers(void)
{
	for (u32 cmd = 0; cmd <= GNTTABOP_swap_grant_ref; cmd++)
		for (u32 i = 0; i < ARRAY_SIZE(bad_addresses); i++)
			WANT(H3(grant_table_op, cmd, bad_addresses[i], 1), cmd == GNTTABOP_dump_table ? eNOSYS : eFAULT);
	return true;
}

static bool counts_and_commands(void)
{
	static const u32 unknown[] = { GNTTABOP_dump_table, 13, 14, 100, 4095, 4096, 0x7fffffff, ~0U };

	/* Bits 12 and up are not part of the command. */
	for (u32 i = 0; i < ARRAY_SIZE(unknown); i++)
		WANT(H3(grant_table_op, unknown[i], data_page, 1), unknown[i] >> 12 ? eINVAL : eNOSYS);
	for (u32 cmd = 0; cmd <= GNTTABOP_swap_grant_ref; cmd++) {
		WANT(H3(grant_table_op, cmd, data_page, 0x80000000), eINVAL);
		WANT(H3(grant_table_op, cmd, data_page, ~0U), eINVAL);
	}
	WANT(H3(grant_table_op, GNTTABOP_map_grant_ref, 0, 0), 0);
	/* A batch that runs out of the address space. */
	WANT(H3(grant_table_op, GNTTABOP_map_grant_ref, ~0UL - 4095, 0x7fffffff), eFAULT);
	return true;
}

static bool tables_of_others(void)
{
	struct gnttab_setup_table st = { .dom = 0x7fff, .nr_frames = 1 };
	struct gnttab_query_size q = { .dom = 0x7ff3 };
	struct gnttab_get_version v = { .dom = 0x7000 };

	WANT(H3(grant_table_op, GNTTABOP_setup_table, &st, 1), 0);
	WANT(st.status, GNTST_bad_domain);
	WANT(H3(grant_table_op, GNTTABOP_query_size, &q, 1), 0);
	WANT(q.status, GNTST_bad_domain);
	WANT(H3(grant_table_op, GNTTABOP_get_version, &v, 1), eSRCH);
	st.dom = DOMID_SELF;
	st.nr_frames = ~0U;
	WANT(H3(grant_table_op, GNTTABOP_setup_table, &st, 1), 0);
	WANT(st.status, GNTST_general_error);
	return true;
}

static bool references(void)
{
	static const u32 bad[] = { 512, 513, 0xffff, 0x7fffffff, 0x80000000, ~0U };
	u32 h;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT(map(map_va(), bad[i], GNTMAP_host_map, self, &h), GNTST_bad_gntref);
	WANT_TRUE(map(map_va(), 100, GNTMAP_host_map, self, &h) < 0);	/* nothing offered */
	offer(100, virt_to_mfn((void *)data_page), GTF_permit_access);
	WANT(map(map_va(), 100, GNTMAP_host_map, 0x7fff, &h), GNTST_bad_domain);
	WANT(map(map_va(), 100, 0, self, &h), GNTST_bad_gntref);
	entries[100].domid = 0x1234;
	WANT_TRUE(map(map_va(), 100, GNTMAP_host_map, self, &h) < 0);
	WANT(entries[100].flags, GTF_permit_access);
	return true;
}

static bool addresses(void)
{
	static const u64 bad[] = { 0x1000, 0xffff800000000000, 0xffff808000000000, 0xffff828000100000,
				   0x0000800000000000, ~0UL };
	u32 h;

	offer(100, virt_to_mfn((void *)data_page), GTF_permit_access);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT_TRUE(map(bad[i], 100, GNTMAP_host_map, self, &h) < 0);
	WANT(entries[100].flags, GTF_permit_access);
	/* Machine addresses of page-table entries that are none: data, the hypervisor, nowhere, unaligned. */
	WANT_TRUE(map(virt_to_mfn((void *)data_page) << 12, 100, GNTMAP_host_map | GNTMAP_contains_pte, self, &h) < 0);
	WANT_TRUE(map(0x200000, 100, GNTMAP_host_map | GNTMAP_contains_pte, self, &h) < 0);
	WANT_TRUE(map(1UL << 46, 100, GNTMAP_host_map | GNTMAP_contains_pte, self, &h) < 0);
	WANT_TRUE(map(~0UL, 100, GNTMAP_host_map | GNTMAP_contains_pte, self, &h) < 0);
	WANT_TRUE(map(pte_maddr((void *)data_page, 2), 100, GNTMAP_host_map | GNTMAP_contains_pte, self, &h) < 0);
	WANT_TRUE(map(pte_maddr((void *)data_page, 4), 100, GNTMAP_host_map | GNTMAP_contains_pte, self, &h) < 0);
	WANT(entries[100].flags, GTF_permit_access);
	return true;
}

static bool frames(void)
{
	u64 bad[] = { 0, 0x200, 0xfee00, 0x100000, 0xffffffff, virt_to_mfn((void *)start_info->pt_base),
		      virt_to_mfn(table_page) };
	u32 h;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		offer(101, bad[i], GTF_permit_access);
		WANT_TRUE(map(map_va(), 101, GNTMAP_host_map, self, &h) < 0);
		WANT(entries[101].flags, GTF_permit_access);
	}
	return true;
}

static void write_mapped(void *p) { *(volatile u8 *)p = 0x5a; }

static bool read_only(void)
{
	u32 h;

	offer(102, virt_to_mfn((void *)data_page), GTF_permit_access | GTF_readonly);
	WANT_TRUE(map(map_va(), 102, GNTMAP_host_map, self, &h) < 0);
	WANT(map(map_va(), 102, GNTMAP_host_map | GNTMAP_readonly, self, &h), GNTST_okay);
	data_page[5] = 1;
	WANT(map_page[5], 1);
	WANT(try_run(write_mapped, (void *)map_page), 14);
	/* The page tables will not do it either. */
	WANT_TRUE(set_va((void *)map_page, virt_to_mfn((void *)data_page) << 12 | PTE_FLAGS, UVMF_INVLPG) <= 0);
	restore_map_page();
	WANT_TRUE(unmap(h, map_va()) < 0);	/* not mapped there any more; the handle stays for ever */
	WANT(map(map_va(), 102, GNTMAP_host_map | GNTMAP_readonly, self, &h), GNTST_okay);
	WANT(unmap(h, map_va()), GNTST_okay);
	return restore_map_page();
}

static bool double_unmap(void)
{
	u32 h, h2;

	offer(103, virt_to_mfn((void *)data_page), GTF_permit_access);
	WANT(map(map_va(), 103, GNTMAP_host_map, self, &h), GNTST_okay);
	WANT(entries[103].flags, GTF_permit_access | GTF_reading | GTF_writing);
	WANT_TRUE(unmap(h, (u64)other_page) < 0);
	WANT_TRUE(unmap(h + 1, map_va()) < 0);
	WANT(unmap(h, map_va()), GNTST_okay);
	WANT(unmap(h, map_va()), GNTST_bad_handle);
	WANT(unmap(~0U, map_va()), GNTST_bad_handle);
	WANT(map(0, 103, GNTMAP_device_map, self, &h), GNTST_okay);
	{
		struct gnttab_unmap_grant_ref u = { .handle = h, .dev_bus_addr = 0x1000, .status = 77 };

		WANT(H3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1), 0);
		WANT_TRUE(u.status < 0);
		u.dev_bus_addr = 0;
		WANT(H3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1), 0);
		WANT(u.status, GNTST_okay);		/* nothing was asked for */
		WANT(entries[103].flags, GTF_permit_access | GTF_reading | GTF_writing);
	}
	WANT(unmap(h, 0), GNTST_okay);
	WANT(unmap(0x7fffffff, 0), GNTST_bad_handle);
	WANT(entries[103].flags, GTF_permit_access);
	/* After the unmap nothing is left in the TLB. */
	WANT(try_run(write_mapped, (void *)map_page), 14);
	restore_map_page();
	/* Twice mapped, twice unmapped, in any order. */
	WANT(map(map_va(), 103, GNTMAP_host_map, self, &h), GNTST_okay);
	WANT(map((u64)other_page, 103, GNTMAP_host_map, self, &h2), GNTST_okay);
	WANT(unmap(h, map_va()), GNTST_okay);
	WANT(entries[103].flags, GTF_permit_access | GTF_reading | GTF_writing);
	WANT(unmap(h2, (u64)other_page), GNTST_okay);
	WANT(entries[103].flags, GTF_permit_access);
	return restore_map_page();
}

/* The guest asks for no flush: the hypervisor must have seen to it that the unmapped page is out of reach. */
static bool stale_unmap(void)
{
	u32 h;

	offer(107, virt_to_mfn((void *)data_page), GTF_permit_access);
	for (u32 i = 0; i < 20; i++) {
		WANT(map(map_va(), 107, GNTMAP_host_map, self, &h), GNTST_okay);
		write_mapped((void *)map_page);
		WANT(unmap(h, map_va()), GNTST_okay);
		WANT(try_run(write_mapped, (void *)map_page), 14);
	}
	return restore_map_page();
}

/* Changing the entry does not change what is mapped. */
static bool revoked_while_mapped(void)
{
	u32 h, h2;

	offer(104, virt_to_mfn((void *)data_page), GTF_permit_access);
	restore_map_page();
	WANT(map(map_va(), 104, GNTMAP_host_map, self, &h), GNTST_okay);
	offer(104, virt_to_mfn(table_page), GTF_permit_access);
	WANT(map((u64)other_page, 104, GNTMAP_host_map | GNTMAP_readonly, self, &h2), GNTST_okay);
	data_page[9] = 0x77;
	WANT(map_page[9], 0x77);
	WANT(unmap(h2, (u64)other_page), GNTST_okay);
	WANT(unmap(h, map_va()), GNTST_okay);
	return restore_map_page();
}

static int copy(struct gnttab_copy c)
{
	c.status = 77;
	return H3(grant_table_op, GNTTABOP_copy, &c, 1) ? 99 : c.status;
}

static bool copies(void)
{
	struct gnttab_copy c = { .source = { .domid = DOMID_SELF }, .dest = { .domid = DOMID_SELF }, .len = 8 };
	u64 bad[] = { virt_to_mfn((void *)start_info->pt_base), virt_to_mfn(table_page), 0xfee00, 0x200, ~0UL, 1UL << 40 };
	static const u16 lens[] = { 4097, 0x8000, 0xffff };

	c.source.u.gmfn = virt_to_mfn((void *)data_page);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		c.dest.u.gmfn = bad[i];
		WANT_TRUE(copy(c) < 0);
	}
	c.dest.u.gmfn = virt_to_mfn((void *)data_page);
	for (u32 i = 0; i < ARRAY_SIZE(lens); i++) {
		c.len = lens[i];
		WANT(copy(c), GNTST_bad_copy_arg);
	}
	c.len = 8;
	c.source.offset = 4089;
	WANT(copy(c), GNTST_bad_copy_arg);
	c.source.offset = 0xfffc;
	WANT(copy(c), GNTST_bad_copy_arg);
	c.source.offset = 0;
	c.dest.domid = 0x7fff;
	WANT_TRUE(copy(c) < 0);
	c.dest.domid = DOMID_SELF;
	c.flags = 0xffff;
	c.dest.u.ref = ~0U;
	WANT_TRUE(copy(c) < 0);
	/* Overlapping within a page. */
	c.flags = 0;
	c.dest.u.gmfn = virt_to_mfn((void *)data_page);
	c.len = 4000;
	c.dest.offset = 17;
	WANT(copy(c), GNTST_okay);
	return true;
}

static bool transfers(void)
{
	struct gnttab_transfer t = { .mfn = virt_to_mfn((void *)data_page), .domid = 0x7fff, .ref = 1, .status = 77 };
	u64 bad[] = { ~0UL, 1UL << 40, 0xfee00, 0x200, virt_to_mfn((void *)start_info->pt_base),
		      virt_to_mfn((void *)data_page), foreign_frame() };

	WANT(H3(grant_table_op, GNTTABOP_transfer, &t, 1), 0);
	WANT_TRUE(t.status < 0);
	t.domid = peer_domid() != DOMID_INVALID ? peer_domid() : self;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		t.mfn = bad[i];
		t.status = 77;
		WANT(H3(grant_table_op, GNTTABOP_transfer, &t, 1), 0);
		WANT_TRUE(t.status < 0);
	}
	return true;
}

static bool versions(void)
{
	static const u32 bad[] = { 0, 3, 0x7fffffff, ~0U };
	struct gnttab_set_version v;
	u32 h;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		v.version = bad[i];
		WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), eINVAL);
	}
	offer(105, virt_to_mfn((void *)data_page), GTF_permit_access);
	WANT(map(map_va(), 105, GNTMAP_host_map, self, &h), GNTST_okay);
	v.version = 2;
	WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), eBUSY);
	WANT(unmap(h, map_va()), GNTST_okay);
	for (u32 i = 0; i < 50; i++) {
		v.version = 1 + (i & 1);
		WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), 0);
	}
	v.version = 1;
	WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), 0);
	return restore_map_page();
}

/* A status frame that is mapped keeps version 2 as it is: all of it. */
static bool version_with_status_mapped(void)
{
	struct gnttab_setup_table st = { .dom = DOMID_SELF, .nr_frames = 16 };
	struct gnttab_get_status_frames gs = { .dom = DOMID_SELF, .nr_frames = 2 };
	struct gnttab_set_version v = { 2 };
	static xen_pfn_t frames[16];
	static u64 status[2];
	u32 h;

	st.frame_list.p = frames;
	gs.frame_list.p = status;
	WANT(H3(grant_table_op, GNTTABOP_setup_table, &st, 1), 0);
	WANT(st.status, GNTST_okay);
	WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), 0);
	WANT(H3(grant_table_op, GNTTABOP_get_status_frames, &gs, 1), 0);
	WANT(gs.status, GNTST_okay);
	WANT(set_va((void *)map_page, status[0] << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	v.version = 1;
	WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), eBUSY);
	WANT(v.version, 2);
	/* The last entry's status lies in the other one. */
	WANT(set_va((void *)entries, frames[15] << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	{
		volatile grant_entry_v2_t *e = (volatile grant_entry_v2_t *)entries + 255;

		e->full_page.frame = virt_to_mfn((void *)data_page);
		e->hdr.domid = self;
		barrier();
		e->hdr.flags = GTF_permit_access;
	}
	WANT(map((u64)other_page, 16 * 256 - 1, GNTMAP_host_map, self, &h), GNTST_okay);
	WANT(unmap(h, (u64)other_page), GNTST_okay);
	WANT_TRUE(restore_map_page());
	v.version = 1;
	WANT(H3(grant_table_op, GNTTABOP_set_version, &v, 1), 0);
	WANT(set_va((void *)entries, frames[0] << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	return true;
}

static bool handle_exhaustion(void)
{
	static u32 handles[70000];
	u32 n;

	offer(106, virt_to_mfn((void *)data_page), GTF_permit_access);
	/* The original counts the pins of an entry in 8 bits, and stops half-way; Domain 0 may have more handles. */
	for (n = 0; n < ARRAY_SIZE(handles); n++)
		if (map(0, 106, GNTMAP_device_map, self, &handles[n]) != GNTST_okay)
			break;
	WANT_TRUE(n >= 128 && (n < ARRAY_SIZE(handles) || is_privileged()));
	while (n--)
		WANT(unmap(handles[n], 0), GNTST_okay);
	WANT(entries[106].flags, GTF_permit_access);
	return true;
}

/* ---- two vCPUs ---- */

static void scribble_entries(void)
{
	u32 ref = 200 + (next_random() & 7);
	u32 r = next_random();

	((volatile u32 *)&entries[ref])[r & 1] = r & 2 ? r : (u32)virt_to_mfn((void *)data_page);
	entries[ref].domid = self;
	entries[ref].flags = (u16)(GTF_permit_access | (r >> 8 & 0x1c));
}

static bool racing_entries(void)
{
	struct gnttab_copy c = { .dest = { .domid = DOMID_SELF }, .len = 64, .flags = GNTCOPY_source_gref };
	u32 h;

	if (!smp_start(scribble_entries))
		return true;
	c.source.domid = self;
	c.dest.u.gmfn = virt_to_mfn(other_page);
	for (u32 i = 0; i < 20000; i++) {
		u32 ref = 200 + (i & 7);

		if (map(map_va(), ref, GNTMAP_host_map | (i & 8 ? GNTMAP_readonly : 0), self, &h) == GNTST_okay)
			WANT(unmap(h, map_va()), GNTST_okay);
		c.source.u.ref = ref;
		copy(c);
	}
	smp_end();
	return restore_map_page();
}

static volatile u32 race_handle = ~0U;
static volatile u64 race_unmapped;

static void unmap_too(void)
{
	u32 h = race_handle;

	if (h != ~0U && unmap(h, 0) == GNTST_okay)
		race_unmapped++;
	/* Guess what comes next. */
	unmap(next_random() & 3, 0);
}

/* Each mapping is given back exactly once, whoever does it. */
static bool racing_unmaps(void)
{
	if (!smp_start(unmap_too))
		return true;
	offer(210, virt_to_mfn((void *)data_page), GTF_permit_access);
	for (u32 i = 0; i < 1000; i++) {
		u32 h;

		WANT(map(0, 210, GNTMAP_device_map, self, &h), GNTST_okay);
		race_handle = h;
		unmap(h, 0);
		race_handle = ~0U;
	}
	smp_end();
	WANT(entries[210].flags, GTF_permit_access);
	return true;
}

static bool random_calls(void)
{
	static u64 arg[8];

	for (u32 i = 0; i < 20000; i++) {
		u32 cmd = next_random() % 13;

		if (cmd == GNTTABOP_set_version || cmd == GNTTABOP_setup_table || cmd == GNTTABOP_dump_table ||
		    cmd == GNTTABOP_get_status_frames)
			continue;
		for (u32 j = 0; j < ARRAY_SIZE(arg); j++)
			arg[j] = next_random() & 1 ? next_random() % 512 : (u64)next_random() << 32 | next_random();
		H3(grant_table_op, cmd, arg, 1);
	}
	return true;
}

static const struct attack attacks[] = {
	{ "grant-setup", setup },
	{ "grant-bad-pointers", bad_pointers },
	{ "grant-counts-and-commands", counts_and_commands },
	{ "grant-tables-of-others", tables_of_others },
	{ "grant-references", references },
	{ "grant-addresses", addresses },
	{ "grant-frames", frames },
	{ "grant-versions", versions },
	{ "grant-version-with-status-mapped", version_with_status_mapped },
	{ "grant-read-only", read_only },
	{ "grant-double-unmap", double_unmap },
	{ "grant-revoked-while-mapped", revoked_while_mapped },
	{ "grant-copies", copies },
	{ "grant-transfers", transfers },
	{ "grant-handle-exhaustion", handle_exhaustion },
	{ "grant-stale-unmap", stale_unmap },
	{ "grant-racing-entries", racing_entries },
	{ "grant-racing-unmaps", racing_unmaps },
	{ "grant-random-calls", random_calls },
};

ATTACK_GROUP(grants, attacks, prepare);
