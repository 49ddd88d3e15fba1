/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables that reach what is not the guest's: the hypervisor, another domain, page tables as data; linear
 * and recursive tables; translations that outlive their mapping.
 */
#include "attack.h"
#include "smp.h"

static u8 data[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 other[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 table_page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 second_page[PAGE_SIZE] __attribute__((aligned(4096)));

static u64 entry(const void *page, u64 flags) { return virt_to_mfn(page) << 12 | flags; }
static u64 table_mfn(const void *va, int level) { return pte_maddr(va, level) >> 12; }

static long mmuext(u32 cmd, u64 mfn)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };

	return H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

/* Maps frame @mfn at data, by the call's result; data comes back. */
static long map_at_data(u64 mfn, u64 flags)
{
	long rc = set_va(data, mfn << 12 | flags, UVMF_INVLPG);

	if (!rc)
		set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return rc;
}

static void touch(void *p) { (void)*(volatile u8 *)p; }
static void poke(void *p) { *(volatile u8 *)p = 0x66; }
static void store(void *p) { *(volatile u64 *)p = foreign_frame() << 12 | PTE_FLAGS; }

/* ---- frames of others ---- */

static bool map_hypervisor(void)
{
	static const u64 image[] = { 0x200, 0x201, 0x210 };

	for (u32 i = 0; i < ARRAY_SIZE(image); i++) {
		WANT(map_at_data(image[i], PTE_P | PTE_U), eBUSY);
		WANT(map_at_data(image[i], PTE_FLAGS), eBUSY);
	}
	return true;
}

static bool map_foreign(void)
{
	u64 f = foreign_frame();
	mmu_update_t u = { pte_maddr(data, 1), f << 12 | PTE_P | PTE_U };

	WANT(map_at_data(f, PTE_P | PTE_U), eBUSY);
	WANT(map_at_data(f, PTE_FLAGS), eBUSY);
	WANT(H4(mmu_update, &u, 1, 0, DOMID_SELF), eBUSY);
	u.val |= PTE_W;
	WANT(H4(mmu_update, &u, 1, 0, DOMID_SELF), eBUSY);
	/* In a table that is validated as a whole. */
	((u64 *)table_page)[7] = f << 12 | PTE_P | PTE_U;
	make_readonly(table_page);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table_page)), eBUSY);
	return true;
}

/* Naming another domain, or one of the special ones, as the frames' or the tables' owner. */
static bool foreign_domid(void)
{
	u64 f = foreign_frame();
	domid_t ids[] = { DOMID_XEN, peer_domid() };
	mmu_update_t u = { pte_maddr(data, 1), f << 12 | PTE_P | PTE_U };

	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		if (ids[i] == DOMID_INVALID)
			continue;
		WANT(H4(update_va_mapping_otherdomain, data, f << 12 | PTE_P | PTE_U, UVMF_INVLPG, ids[i]), ePERM);
		WANT(H4(mmu_update, &u, 1, 0, ids[i]), ePERM);
		WANT(H4(mmu_update, &u, 1, 0, (u64)(ids[i] + 1U) << 16 | DOMID_SELF), ePERM);
	}
	return true;
}

static bool map_mmio(void)
{
	/* Local APIC, IO-APIC, HPET, VGA, a PCI hole, beyond all memory. */
	static const u64 frames[] = { 0xfee00, 0xfec00, 0xfed00, 0xa0, 0xb8, 0xe0000, 1UL << 27 };

	for (u32 i = 0; i < ARRAY_SIZE(frames); i++) {
		WANT(map_at_data(frames[i], PTE_P | PTE_U), ePERM);
		WANT(map_at_data(frames[i], PTE_FLAGS), ePERM);
		WANT(H4(update_va_mapping_otherdomain, data, frames[i] << 12 | PTE_FLAGS, UVMF_INVLPG, DOMID_IO), ePERM);
	}
	return true;
}

static bool cache_attributes(void)
{
	static const u64 flags[] = { 0x08, 0x10, 0x18, 0x80, 0x98 };	/* PWT, PCD, PAT */

	for (u32 i = 0; i < ARRAY_SIZE(flags); i++)
		WANT(map_at_data(virt_to_mfn(data), PTE_FLAGS | flags[i]), eINVAL);
	return true;
}

static bool machine_to_phys(void)
{
	u64 f = foreign_frame(), before = m2p[f];
	mmu_update_t u = { f << 12 | MMU_MACHPHYS_UPDATE, 7 };

	WANT(H4(mmu_update, &u, 1, 0, DOMID_SELF), eINVAL);
	u.ptr = 0x200000 | MMU_MACHPHYS_UPDATE;
	WANT(H4(mmu_update, &u, 1, 0, DOMID_SELF), eINVAL);
	u.ptr = ~4095UL | MMU_MACHPHYS_UPDATE;
	WANT(H4(mmu_update, &u, 1, 0, DOMID_SELF), eINVAL);
	WANT(m2p[f], before);
	WANT(try_run(poke, (void *)&m2p[f]), 14);
	WANT(m2p[f], before);
	return true;
}

/* The hypervisor's own range, straight: frame table, direct map, image, stacks, M2P's writable view. */
static bool hypervisor_addresses(void)
{
	static const u64 at[] = {
		0xffff808000000000, 0xffff810000000000, 0xffff818000000000, 0xffff820000000000, 0xffff828000000000,
		0xffff82d040000000, 0xffff82d040200000, 0xffff830000000000, 0xffff830000200000, 0xffff838000000000,
		0xffff84fffffff000, 0xffff87ffffffffff,
	};

	for (u32 i = 0; i < ARRAY_SIZE(at); i++) {
		WANT(try_run(touch, (void *)at[i]), 14);
		WANT(try_run(poke, (void *)at[i]), 14);
		WANT(set_va((void *)at[i], entry(data, PTE_FLAGS), 0), eINVAL);
	}
	/* Every page of the first and the last 4 MiB of each slot: mapped or not, none may be seen. */
	for (u64 slot = 0xffff808000000000; slot < 0xffff880000000000; slot += 1UL << 39)
		for (u64 off = 0; off < 4 << 20; off += PAGE_SIZE) {
			WANT(try_run(touch, (void *)(slot + off)), 14);
			WANT(try_run(touch, (void *)(slot + (1UL << 39) - PAGE_SIZE - off)), 14);
		}
	return true;
}

/* ---- page tables as data ---- */

static bool tables_writable(void)
{
	for (int level = 1; level <= 4; level++)
		WANT(map_at_data(table_mfn(data, level), PTE_FLAGS), eBUSY);
	WANT(map_at_data(table_mfn(data, 4), PTE_P | PTE_U), 0);
	return true;
}

static bool upgrade_to_writable(void)
{
	u64 *e = pte_of(data, 1), f = table_mfn(data, 1);

	/* Read-only first, then only the one bit changes: by call and by a store. */
	WANT(set_va(data, f << 12 | PTE_P | PTE_U, UVMF_INVLPG), 0);
	WANT(set_va(data, f << 12 | PTE_FLAGS, UVMF_INVLPG), eBUSY);
	WANT(*e & PTE_W, 0);
	WANT(try_run(store, data + ((u64)e & 4095)), 14);
	return !set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
}

/* Stores to page tables through their read-only mapping are carried out only when they are harmless. */
static bool emulated_writes(void)
{
	u64 *l1 = pte_of(data, 1), was = *l1;

	WANT(try_run(store, l1), 14);
	WANT(*l1, was);
	WANT(try_run(store, pte_of(data, 2)), 14);
	WANT(try_run(store, pte_of(data, 3)), 14);
	WANT(try_run(store, pte_of(data, 4)), 14);
	/* A store of half an entry that makes it another frame's. */
	WANT(try_run(poke, (u8 *)l1 + 5), 14);
	WANT(*l1, was);
	return true;
}

/* Even the right value: only entries of the lowest level are the hypervisor's to write for us. */
static u64 same_value;
static void store_same(void *p) { *(volatile u64 *)p = same_value; }
static bool emulated_upper_write(void)
{
	for (int level = 2; level <= 4; level++) {
		same_value = *pte_of(data, level);
		WANT(try_run(store_same, pte_of(data, level)), 14);
	}
	return true;
}

/* ---- upper levels ---- */

static u64 root_slot(unsigned int slot) { return table_mfn(data, 4) << 12 | slot * 8; }
static u64 l2_slot(unsigned int slot) { return table_mfn(data, 2) << 12 | slot * 8; }
static long set_and_clear(u64 at, u64 val)
{
	long rc = mmu_update_one(at, val);

	if (!rc)
		mmu_update_one(at, 0);
	return rc;
}

static bool root_hv_slots(void)
{
	memset(table_page, 0, PAGE_SIZE);
	make_readonly(table_page);
	for (unsigned int slot = 256; slot <= 271; slot++) {
		WANT(mmu_update_one(root_slot(slot), 0), eINVAL);
		WANT(mmu_update_one(root_slot(slot), entry(table_page, PTE_FLAGS)), eINVAL);
	}
	WANT(set_and_clear(root_slot(272), entry(table_page, PTE_FLAGS)), 0);
	return true;
}

static bool wrong_levels(void)
{
	WANT(set_and_clear(root_slot(300), table_mfn(data, 1) << 12 | PTE_FLAGS), eINVAL);
	WANT(set_and_clear(root_slot(300), table_mfn(data, 2) << 12 | PTE_FLAGS), eINVAL);
	WANT(set_and_clear(root_slot(300), entry(other, PTE_FLAGS)), eINVAL);
	WANT(set_and_clear(root_slot(300), foreign_frame() << 12 | PTE_FLAGS), eINVAL);
	WANT(set_and_clear(l2_slot(200), entry(other, PTE_FLAGS)), eINVAL);
	WANT(set_and_clear(l2_slot(200), table_mfn(data, 3) << 12 | PTE_FLAGS), eINVAL);
	WANT(set_and_clear(l2_slot(200), table_mfn(data, 4) << 12 | PTE_P | PTE_U), eINVAL);
	WANT(set_and_clear(root_slot(300), table_mfn(data, 3) << 12 | PTE_FLAGS), 0);
	return true;
}

static bool large_pages(void)
{
	memset(table_page, 0, PAGE_SIZE);
	make_readonly(table_page);
	WANT(set_and_clear(l2_slot(200), 0x200000 | PTE_FLAGS | PTE_PS), eINVAL);
	WANT(set_and_clear(l2_slot(200), entry(data, PTE_FLAGS | PTE_PS) & ~0x1ff000UL), eINVAL);
	WANT(set_and_clear(l2_slot(200), entry(table_page, PTE_FLAGS | PTE_PS)), eINVAL);
	WANT(set_and_clear(table_mfn(data, 3) << 12 | 100 * 8, entry(table_page, PTE_FLAGS | PTE_PS)), eINVAL);
	return true;
}

/* ---- linear and recursive tables ---- */

static bool linear_writable(void)
{
	WANT(set_and_clear(root_slot(300), table_mfn(data, 4) << 12 | PTE_FLAGS), eINVAL);
	WANT(set_and_clear(l2_slot(200), table_mfn(data, 2) << 12 | PTE_FLAGS), eINVAL);
	return true;
}

/* The root names itself read-only: its tables are seen as memory, and stay read-only in it. */
static bool linear_readonly(void)
{
	u64 window = 300UL << 39 | 0xffff000000000000, l4 = window | 300UL << 30 | 300UL << 21 | 300UL << 12;

	WANT(mmu_update_one(root_slot(300), table_mfn(data, 4) << 12 | PTE_P | PTE_U), 0);
	WANT(((u64 *)l4)[300] & PTE_FRAME, table_mfn(data, 4) << 12);
	WANT(try_run(poke, (void *)l4), 14);
	/* The hypervisor's tables have places in that window too; they are not the guest's to see. */
	for (u64 slot = 257; slot <= 271; slot++)
		WANT(try_run(touch, (void *)(l4 - (300UL << 12) + (slot << 12))), 14);
	WANT(mmu_update_one(root_slot(300), 0), 0);
	WANT(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0), 0);
	WANT(try_run(touch, (void *)l4), 14);
	return true;
}

static bool pin_l2(void *page, u64 e)
{
	make_writable(page);
	memset(page, 0, PAGE_SIZE);
	*(u64 *)page = e;
	make_readonly(page);
	return !mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(page));
}

/* A linear table of a linear table: chains have no end that validation could find. */
static bool linear_chain(void)
{
	static u8 third_page[PAGE_SIZE] __attribute__((aligned(4096)));

	WANT_TRUE(pin_l2(table_page, 0));
	WANT_TRUE(pin_l2(second_page, entry(table_page, PTE_P | PTE_U)));
	WANT_TRUE(!pin_l2(third_page, entry(second_page, PTE_P | PTE_U)));
	/* Nor the other way round: who is named gets no linear entry. */
	WANT(mmu_update_one(virt_to_mfn(table_page) << 12 | 8, entry(second_page, PTE_P | PTE_U)), eINVAL);
	WANT(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(second_page)), 0);
	WANT(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table_page)), 0);
	WANT(make_writable(table_page), 0);
	return true;
}

/* More linear entries than their counter has room for. */
#define COUNTER_MAX 0x7fff
static bool linear_overflow(void)
{
	u64 named, *t = NULL;
	u32 n = 0;

	WANT_TRUE(pin_l2(table_page, 0));
	named = entry(table_page, PTE_P | PTE_U);
	for (; n < COUNTER_MAX; n++) {
		if (!(n & 511)) {
			t = alloc_page();
			make_readonly(t);
			WANT(mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(t)), 0);
		}
		WANT(mmu_update_one(virt_to_maddr(t) | (n & 511) * 8, named), 0);
	}
	WANT(mmu_update_one(virt_to_maddr(t) | (n & 511) * 8, named), eINVAL);
	return true;
}

static bool recursive_l1(void)
{
	u64 *t = (u64 *)table_page;

	t[0] = entry(table_page, PTE_FLAGS);
	make_readonly(table_page);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table_page)), eBUSY);
	WANT(make_writable(table_page), 0);
	t[0] = entry(table_page, PTE_P | PTE_U);
	make_readonly(table_page);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table_page)), 0);
	WANT(mmu_update_one(virt_to_mfn(table_page) << 12, entry(table_page, PTE_FLAGS)), eBUSY);
	WANT(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table_page)), 0);
	/* Two tables that would map each other writable. */
	make_writable(table_page);
	t[0] = entry(second_page, PTE_FLAGS);
	make_readonly(second_page);
	make_readonly(table_page);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table_page)), 0);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(second_page)), eINVAL);
	return true;
}

/* ---- stale translations ---- */

/* An address of our own whose mapping may go. */
static u8 window[PAGE_SIZE] __attribute__((aligned(4096)));

#define SPARE 32		/* pages that a test gives away */

/* The page behind window, its first byte written, then unmapped without asking for any flush. */
static u64 unmap_unflushed(bool writable)
{
	u64 f = virt_to_mfn(window);

	*(volatile u8 *)window = 1;
	memset(window, 0, PAGE_SIZE);
	if (!writable) {
		set_va(window, f << 12 | PTE_P | PTE_U | PTE_A, UVMF_INVLPG);
		(void)*(volatile u8 *)window;
	}
	set_va(window, 0, UVMF_NONE);
	return f;
}

/* The page becomes a page table: nobody may have a writable translation of it any more. */
static bool stale_writable(void)
{
	u64 f = unmap_unflushed(true);

	WANT(mmuext(MMUEXT_PIN_L1_TABLE, f), 0);
	WANT(try_run(poke, window), 14);
	WANT(mmuext(MMUEXT_UNPIN_TABLE, f), 0);
	return true;
}

static volatile bool held, go, wrote;
static void hold_then_write(void)
{
	if (!go) {
		(void)*(volatile u8 *)window;
		*(volatile u8 *)window = 0;
		held = true;
		return;
	}
	*(volatile u64 *)(window + 8) = 0x1234567;
	wrote = true;
}

/* The same when the other vCPU holds the translation; its store must fault, and it has no handler: it dies. */
static bool stale_smp(void)
{
	u64 f = virt_to_mfn(window);

	memset(window, 0, PAGE_SIZE);
	WANT_TRUE(smp_start(hold_then_write));
	while (!held)
		__asm__ volatile("pause");
	WANT(set_va(window, 0, UVMF_NONE), 0);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, f), 0);
	go = true;
	while (!wrote)
		__asm__ volatile("pause");
	printk("  the other vCPU wrote to a page table\n");
	return false;
}

/* Given back to the heap and taken again: a read-only translation of the first life must be gone. */
static bool stale_returned(void)
{
	u64 f = unmap_unflushed(false), got = 0;
	xen_pfn_t frame = f;
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };

	r.extent_start.p = &frame;
	WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 1);
	/* The heap may have others to give first; we may only take as many as we gave. */
	for (u32 i = 0; i < SPARE; i++) {
		u8 *p = alloc_page();

		frame = virt_to_mfn(p);
		set_va(p, 0, UVMF_NONE);
		WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 1);
	}
	(void)*(volatile u8 *)data;
	for (u32 i = 0; i <= SPARE && got != f; i++) {
		WANT(H2(memory_op, XENMEM_increase_reservation, &r), 1);
		got = frame;
	}
	if (got != f) {
		printk("  the heap keeps the frame: nothing to see\n");
		return true;
	}
	WANT(try_run(touch, window), 14);
	return true;
}

/* An upper table goes: translations through it go as well. */
static bool stale_upper(void)
{
	u64 far = 0x600000000000, *l1 = (u64 *)table_page, *l2 = (u64 *)second_page;
	u8 *l3 = alloc_page();
	u64 slot = root_slot(far >> 39 & 511);

	l1[0] = entry(other, PTE_FLAGS);
	l2[0] = entry(table_page, PTE_FLAGS);
	((u64 *)l3)[0] = entry(second_page, PTE_FLAGS);
	make_readonly(table_page);
	make_readonly(second_page);
	make_readonly(l3);
	WANT(mmu_update_one(slot, entry(l3, PTE_FLAGS)), 0);
	*(volatile u8 *)far = 1;
	WANT(other[0], 1);
	other[0] = 0;
	WANT(mmu_update_one(slot, 0), 0);
	/* What they mapped becomes a table: the old way to it must not work. */
	WANT(make_readonly(other), 0);
	WANT(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(other)), 0);
	WANT(try_run(poke, (void *)far), 14);
	WANT(make_writable(table_page), 0);
	WANT(make_writable(second_page), 0);
	return true;
}

static const struct attack attacks[] = {
	{ "table-map-hypervisor", map_hypervisor },
	{ "table-map-foreign", map_foreign },
	{ "table-foreign-domid", foreign_domid },
	{ "table-map-mmio", map_mmio },
	{ "table-cache-attributes", cache_attributes },
	{ "table-machine-to-phys", machine_to_phys },
	{ "table-hypervisor-addresses", hypervisor_addresses },
	{ "table-tables-writable", tables_writable },
	{ "table-upgrade-to-writable", upgrade_to_writable },
	{ "table-emulated-writes", emulated_writes },
	{ "table-emulated-upper-write", emulated_upper_write },
	{ "table-root-hypervisor-slots", root_hv_slots },
	{ "table-wrong-levels", wrong_levels },
	{ "table-large-pages", large_pages },
	{ "table-linear-writable", linear_writable },
	{ "table-linear-readonly", linear_readonly },
	{ "table-linear-chain", linear_chain },
	{ "table-linear-overflow", linear_overflow },
	{ "table-recursive-l1", recursive_l1 },
	{ "stale-writable", stale_writable },
	{ "stale-other-vcpu", stale_smp },
	{ "stale-returned", stale_returned },
	{ "stale-upper-table", stale_upper },
};
ATTACK_GROUP(tables, attacks, NULL);
