/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op and page tables: frames come and go, entries and tables change as they are told to. */
#include "calls.h"

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 other[PAGE_SIZE] __attribute__((aligned(4096)));
static u64 table[512] __attribute__((aligned(4096)));

/* ---- memory_op ---- */

static u64 extra_frame;

static bool increase(void)
{
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
	domid_t self = DOMID_SELF;
	long before = H2(memory_op, XENMEM_current_reservation, &self);

	r.extent_start.p = &extra_frame;
	/* Domain 0 owns all that it may: one frame less first. */
	extra_frame = virt_to_mfn(alloc_page());
	WANT(set_va(mfn_to_virt(extra_frame), 0, UVMF_INVLPG), 0);
	WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 1);
	WANT(H2(memory_op, XENMEM_current_reservation, &self), before - 1);
	WANT(H2(memory_op, XENMEM_increase_reservation, &r), 1);
	WANT(H2(memory_op, XENMEM_current_reservation, &self), before);
	WANT(set_va(page, extra_frame << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	page[1] = 1;
	return !make_writable(page);
}

static bool maximum_ram_page(void)
{
	domid_t self = DOMID_SELF;

	WANT_TRUE(H2(memory_op, XENMEM_maximum_ram_page, 0) > (long)virt_to_mfn(page));
	WANT_TRUE(H2(memory_op, XENMEM_maximum_reservation, &self) >= (long)start_info->nr_pages);
	return true;
}

static bool maximum_gpfn(void)
{
	domid_t self = DOMID_SELF;

	shared_info->arch.max_pfn = start_info->nr_pages;
	WANT(H2(memory_op, XENMEM_maximum_gpfn, &self), start_info->nr_pages - 1);
	return true;
}

static bool exchange(void)
{
	xen_pfn_t in = extra_frame, out = 5;
	struct xen_memory_exchange x = {
		.in = { .nr_extents = 1, .domid = DOMID_SELF }, .out = { .nr_extents = 1, .domid = DOMID_SELF },
	};

	x.in.extent_start.p = &in;
	x.out.extent_start.p = &out;
	WANT(H2(memory_op, XENMEM_exchange, &x), 0);
	WANT(x.nr_exchanged, 1);
	WANT(m2p[out], 5);
	WANT_TRUE(set_va(page, in << 12 | PTE_FLAGS, UVMF_INVLPG) < 0 || in == out);
	WANT(set_va(page, out << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	extra_frame = out;
	return !make_writable(page);
}

static bool remove_from_physmap(void)
{
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = extra_frame };

	return !H2(memory_op, XENMEM_remove_from_physmap, &r);
}

/* What a domain sees as its map is what was set for it. */
static bool memory_maps(void)
{
	static struct { u64 addr, size; u32 type; } __attribute__((packed)) e[2] = {
		{ 0, 0xa0000, 1 }, { 0x100000, 0x1000000, 2 },
	};
	struct xen_foreign_memory_map f = { .domid = child(), .map.nr_entries = 2 };
	struct xen_memory_map *ask = (void *)child_scratch;

	f.map.buffer.p = e;
	WANT(H2(memory_op, XENMEM_set_memory_map, &f), 0);
	ask->nr_entries = 8;
	ask->buffer.p = (void *)(CHILD_SCRATCH + 256);
	WANT(child_call(__HYPERVISOR_memory_op, XENMEM_memory_map, CHILD_SCRATCH, 0), 0);
	WANT(ask->nr_entries, 2);
	WANT(memcmp(child_scratch + 256, e, sizeof(e)), 0);
	return true;
}

static bool machine_memory_map(void)
{
	struct xen_memory_map m = { .nr_entries = 128 };

	m.buffer.p = page;
	WANT(H2(memory_op, XENMEM_machine_memory_map, &m), 0);
	WANT_TRUE(m.nr_entries > 3 && *(u64 *)page == 0);
	return true;
}

static bool machphys(void)
{
	struct xen_machphys_mapping m = { 0 };
	struct xen_machphys_mfn_list l = { .max_extents = 1 };
	xen_pfn_t f = 0;

	WANT(H2(memory_op, XENMEM_machphys_mapping, &m), 0);
	WANT_TRUE(m.v_start == (u64)m2p && m.max_mfn > virt_to_mfn(page));
	l.extent_start.p = &f;
	WANT(H2(memory_op, XENMEM_machphys_mfn_list, &l), 0);
	WANT_TRUE(l.nr_extents == 1 && f);
	return true;
}

static bool claim(void)
{
	struct xen_memory_reservation r = { .nr_extents = CHILD_FRAMES + 4, .domid = child() };
	struct xen_domctl *op;

	WANT(H2(memory_op, XENMEM_claim_pages, &r), 0);
	op = domctl_op(XEN_DOMCTL_getdomaininfo, child());
	WANT(domctl(op), 0);
	WANT(op->u.getdomaininfo.outstanding_pages, 4);
	r.nr_extents = 0;
	WANT(H2(memory_op, XENMEM_claim_pages, &r), 0);
	return true;
}

static bool sharing(void)
{
	return !H2(memory_op, XENMEM_get_sharing_freed_pages, 0) && !H2(memory_op, XENMEM_get_sharing_shared_pages, 0);
}

static bool reserved_device_map(void)
{
	struct xen_reserved_device_memory_map m = { .flags = XENMEM_RDM_ALL, .nr_entries = 5 };

	WANT(H2(memory_op, XENMEM_reserved_device_memory_map, &m), 0);
	WANT(m.nr_entries, 0);
	return true;
}

static const struct call calls[] = {
	{ "memory_op", "XENMEM_current_reservation", increase },
	{ "memory_op", "XENMEM_decrease_reservation", increase },
	{ "memory_op", "XENMEM_increase_reservation", increase },
	{ "memory_op", "XENMEM_maximum_ram_page", maximum_ram_page },
	{ "memory_op", "XENMEM_maximum_gpfn", maximum_gpfn },
	{ "memory_op", "XENMEM_exchange", exchange },
	{ "memory_op", "XENMEM_remove_from_physmap", remove_from_physmap },
	{ "memory_op", "XENMEM_machine_memory_map", machine_memory_map },
	{ "memory_op", "XENMEM_machphys_mapping", machphys },
	{ "memory_op", "XENMEM_machphys_mfn_list", machphys },
	{ "memory_op", "XENMEM_get_sharing_freed_pages", sharing },
	{ "memory_op", "XENMEM_get_sharing_shared_pages", sharing },
	{ "memory_op", "XENMEM_reserved_device_memory_map", reserved_device_map },
};
CALL_LIST(memory, calls);

/* With a child. */
static const struct call child_list[] = {
	{ "memory_op", "XENMEM_set_memory_map", memory_maps },
	{ "memory_op", "XENMEM_memory_map", memory_maps },
	{ "memory_op", "XENMEM_claim_pages", claim },
};
CALL_LIST(child_memory, child_list);

/* ---- page tables ---- */

static u64 entry(const void *p, u64 flags) { return virt_to_mfn(p) << 12 | flags; }
static u64 slot(void) { return pte_maddr(page, 1); }
static bool shows(const void *what) { return (*pte_of(page, 1) & PTE_FRAME) >> 12 == virt_to_mfn(what); }

static bool pt_update(u32 how)
{
	page[0] = 1;
	other[0] = 2;
	WANT(mmu_update_one(slot() | how, entry(other, PTE_FLAGS)), 0);
	WANT_TRUE(shows(other));
	WANT(H3(update_va_mapping, page, entry(other, PTE_FLAGS), UVMF_INVLPG), 0);
	WANT(page[0], 2);
	WANT(mmu_update_one(slot() | how, entry(page, PTE_FLAGS)), 0);
	WANT(H3(update_va_mapping, page, entry(page, PTE_FLAGS), UVMF_INVLPG), 0);
	WANT(page[0], 1);
	return true;
}
static bool normal_update(void) { return pt_update(MMU_NORMAL_PT_UPDATE); }
static bool no_translate(void) { return pt_update(MMU_PT_UPDATE_NO_TRANSLATE); }

/* What the CPU noted in the entry stays, whatever the new one says. */
static bool preserve_ad(void)
{
	page[0] = 1;
	WANT(*pte_of(page, 1) & (PTE_A | PTE_D), PTE_A | PTE_D);
	WANT(mmu_update_one(slot() | MMU_PT_UPDATE_PRESERVE_AD, entry(page, PTE_P | PTE_W | PTE_U)), 0);
	WANT(*pte_of(page, 1) & (PTE_A | PTE_D), PTE_A | PTE_D);
	WANT(mmu_update_one(slot(), entry(page, PTE_P | PTE_W | PTE_U)), 0);
	WANT(*pte_of(page, 1) & (PTE_A | PTE_D), 0);
	return !make_writable(page);
}

static bool machphys_update(void)
{
	u64 m = virt_to_mfn(page), pfn = m2p[m];

	WANT(mmu_update_one(m << 12 | MMU_MACHPHYS_UPDATE, 0x1234), 0);
	WANT(m2p[m], 0x1234);
	WANT(mmu_update_one(m << 12 | MMU_MACHPHYS_UPDATE, pfn), 0);
	WANT(m2p[m], pfn);
	return true;
}

static long mmuext(u32 cmd, u64 arg1, u64 arg2)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };

	return H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* A pinned table cannot be written; unpinned it can. */
static bool pin(u32 cmd)
{
	memset(table, 0, sizeof(table));
	WANT(make_readonly(table), 0);
	WANT(mmuext(cmd, virt_to_mfn(table), 0), 0);
	WANT_TRUE(make_writable(table) < 0);
	WANT(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0), 0);
	return !make_writable(table);
}
static bool pin_l1(void) { return pin(MMUEXT_PIN_L1_TABLE); }
static bool pin_l2(void) { return pin(MMUEXT_PIN_L2_TABLE); }
static bool pin_l3(void) { return pin(MMUEXT_PIN_L3_TABLE); }

/* Another root with all that is in ours. */
static bool new_root(void)
{
	const u64 *root = (const u64 *)start_info->pt_base;
	u64 far = 0;

	for (u32 i = 0; i < 512; i++)
		table[i] = i < 256 || i > 271 ? root[i] : 0;
	WANT(make_readonly(table), 0);
	WANT(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(table), 0), 0);
	__asm__ volatile("movq %%cr3, %0" : "=r"(far));
	WANT(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(root), 0), 0);
	WANT(far >> 12, virt_to_mfn(table));
	return !make_writable(table);
}

static bool new_user_root(void)
{
	WANT(mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn((void *)start_info->pt_base), 0), 0);
	WANT(mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0), 0);
	return true;
}

/*
 * The entry behind a cached translation changes; the flush makes the change seen.  Without one the old frame
 * might still be read, which nobody promises.
 */
static bool flush(u32 cmd, u64 arg1, const void *vcpus)
{
	other[0] = 2;
	page[0] = 1;
	for (u32 i = 0; i < 3; i++) {
		WANT(mmu_update_one(slot(), entry(i & 1 ? page : other, PTE_FLAGS)), 0);
		WANT(mmuext(cmd, arg1, (u64)vcpus), 0);
		WANT(*(volatile u8 *)page, i & 1 ? 1 : 2);
	}
	return !make_writable(page);
}
static const u64 vcpu_0 = 1;
static bool tlb_flush_local(void) { return flush(MMUEXT_TLB_FLUSH_LOCAL, 0, NULL); }
static bool tlb_flush_multi(void) { return flush(MMUEXT_TLB_FLUSH_MULTI, 0, &vcpu_0); }
static bool tlb_flush_all(void) { return flush(MMUEXT_TLB_FLUSH_ALL, 0, NULL); }
static bool invlpg_local(void) { return flush(MMUEXT_INVLPG_LOCAL, (u64)page, NULL); }
static bool invlpg_multi(void) { return flush(MMUEXT_INVLPG_MULTI, (u64)page, &vcpu_0); }
static bool invlpg_all(void) { return flush(MMUEXT_INVLPG_ALL, (u64)page, NULL); }
static bool flush_cache(void) { return !mmuext(MMUEXT_FLUSH_CACHE, 0, 0); }
static bool flush_cache_global(void) { return !mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0); }

static bool clear_and_copy(void)
{
	memset(page, 0x33, PAGE_SIZE);
	memset(other, 0x44, PAGE_SIZE);
	WANT(mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(page), virt_to_mfn(other)), 0);
	WANT(memcmp(page, other, PAGE_SIZE), 0);
	WANT(mmuext(MMUEXT_CLEAR_PAGE, virt_to_mfn(page), 0), 0);
	WANT_TRUE(page[0] == 0 && page[PAGE_SIZE - 1] == 0);
	return true;
}

static void load_ds(void *sel) { __asm__ volatile("movw %w0, %%ds" :: "r"(sel)); }

static bool set_ldt(void)
{
	memset(table, 0, sizeof(table));
	table[2] = 0x00cff2000000ffffUL;	/* data, ring 3: SDM vol. 3, 3.4.5 */
	WANT(make_readonly(table), 0);
	WANT(mmuext(MMUEXT_SET_LDT, (u64)table, 512), 0);
	WANT(try_run(load_ds, (void *)(2 * 8 | 7)), -1);
	load_ds(0);
	WANT(mmuext(MMUEXT_SET_LDT, 0, 0), 0);
	WANT(try_run(load_ds, (void *)(2 * 8 | 7)), 13);
	return !make_writable(table);
}

static const struct call table_list[] = {
	{ "mmu_update", "MMU_NORMAL_PT_UPDATE", normal_update },
	{ "mmu_update", "MMU_PT_UPDATE_NO_TRANSLATE", no_translate },
	{ "mmu_update", "MMU_PT_UPDATE_PRESERVE_AD", preserve_ad },
	{ "mmu_update", "MMU_MACHPHYS_UPDATE", machphys_update },
	{ "hypercall", "__HYPERVISOR_update_va_mapping", normal_update },
	{ "mmuext_op", "MMUEXT_PIN_L1_TABLE", pin_l1 },
	{ "mmuext_op", "MMUEXT_PIN_L2_TABLE", pin_l2 },
	{ "mmuext_op", "MMUEXT_PIN_L3_TABLE", pin_l3 },
	{ "mmuext_op", "MMUEXT_UNPIN_TABLE", pin_l1 },
	{ "mmuext_op", "MMUEXT_NEW_BASEPTR", new_root },
	{ "mmuext_op", "MMUEXT_NEW_USER_BASEPTR", new_user_root },
	{ "mmuext_op", "MMUEXT_TLB_FLUSH_LOCAL", tlb_flush_local },
	{ "mmuext_op", "MMUEXT_TLB_FLUSH_MULTI", tlb_flush_multi },
	{ "mmuext_op", "MMUEXT_TLB_FLUSH_ALL", tlb_flush_all },
	{ "mmuext_op", "MMUEXT_INVLPG_LOCAL", invlpg_local },
	{ "mmuext_op", "MMUEXT_INVLPG_MULTI", invlpg_multi },
	{ "mmuext_op", "MMUEXT_INVLPG_ALL", invlpg_all },
	{ "mmuext_op", "MMUEXT_FLUSH_CACHE", flush_cache },
	{ "mmuext_op", "MMUEXT_FLUSH_CACHE_GLOBAL", flush_cache_global },
	{ "mmuext_op", "MMUEXT_CLEAR_PAGE", clear_and_copy },
	{ "mmuext_op", "MMUEXT_COPY_PAGE", clear_and_copy },
	{ "mmuext_op", "MMUEXT_SET_LDT", set_ldt },
};
CALL_LIST(table, table_list);
