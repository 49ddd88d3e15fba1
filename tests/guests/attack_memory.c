/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attacks on page tables, descriptor tables and memory calls by a PV guest.  Each attempt gives a number (a
 * call's result, an entry as read back, or 1000 + vector of a fault); the table says what it must be.  The
 * expected numbers are those of the original, on which this guest runs as well.
 */
#include "attack.h"

#define EPERM_ -1
#define EFAULT_ -14
#define EBUSY_ -16
#define EINVAL_ -22
#define ENOSYS_ -38
#define EACCES_ -13
#define ESRCH_ -3
#define EOPNOTSUPP_ -95
#define FAULT(v) (1000 + (v))

static u8 *data, *other;		/* two mapped pages */
static u64 *table;			/* a page that becomes a table now and then; mapped read-only */

static u64 entry(const void *page, u64 flags) { return virt_to_mfn(page) << 12 | flags; }
static u64 mfn_of_table(const void *va, int level) { return pte_maddr(va, level) >> 12; }
static int mmuext(u32 cmd, u64 mfn, u64 arg2)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn, .arg2.src_mfn = arg2 };

	return (int)H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}
/* Maps frame @mfn at data with @flags and puts data back if that worked. */
static long map_at_data(u64 mfn, u64 flags)
{
	long rc = set_va(data, mfn << 12 | flags, UVMF_INVLPG);

	if (!rc)
		set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return rc;
}
static u64 read_back(u64 flags)
{
	u64 e;

	if (set_va(data, entry(data, flags), UVMF_INVLPG))
		return ~0UL;
	e = *pte_of(data, 1);
	set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return e & ~PTE_FRAME;
}
/* A page that holds nothing and may be a table. */
static u64 *fresh_table(void)
{
	make_writable(table);
	memset(table, 0, PAGE_SIZE);
	make_readonly(table);
	return table;
}

/* ---- leaf entries ---- */
static long l1_writable(void) { return map_at_data(mfn_of_table(data, 1), PTE_FLAGS); }
static long l2_writable(void) { return map_at_data(mfn_of_table(data, 2), PTE_FLAGS); }
static long l3_writable(void) { return map_at_data(mfn_of_table(data, 3), PTE_FLAGS); }
static long l4_writable(void) { return map_at_data(mfn_of_table(data, 4), PTE_FLAGS); }
static long l4_readonly(void) { return map_at_data(mfn_of_table(data, 4), PTE_P | PTE_U); }
static long hv_frame(void) { return map_at_data(0x200, PTE_FLAGS); }
static long hv_frame_ro(void) { return map_at_data(0x200, PTE_P | PTE_U); }
static long local_apic(void) { return map_at_data(0xfee00, PTE_FLAGS); }
static long reserved_bit(void) { return set_va(data, entry(data, PTE_FLAGS) | 1UL << 51, UVMF_INVLPG); }
static long no_frame(void) { return map_at_data(0xffffffffffUL, PTE_FLAGS); }
static long shared_rw(void) { return map_at_data(start_info->shared_info >> 12, PTE_FLAGS); }
static u64 m2p_frame(void)
{
	xen_pfn_t f = 0;
	struct xen_machphys_mfn_list l = { .max_extents = 1, .extent_start.p = &f };

	H2(memory_op, XENMEM_machphys_mfn_list, &l);
	return f;
}
static long m2p_as_own(void) { return map_at_data(m2p_frame(), PTE_P | PTE_U); }
static long m2p_mapping(u64 flags)
{
	long rc = H4(update_va_mapping_otherdomain, data, m2p_frame() << 12 | flags, UVMF_INVLPG, DOMID_XEN);

	if (!rc)
		set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return rc;
}
static long m2p_ro(void) { return m2p_mapping(PTE_P | PTE_U); }
static long m2p_rw(void) { return m2p_mapping(PTE_FLAGS); }

/* What a 64-bit guest reads back. */
static long back_kernel(void) { return (long)read_back(PTE_P | PTE_W | PTE_A | PTE_D); }
static long back_user(void) { return (long)read_back(PTE_P | PTE_W | PTE_A | PTE_D | PTE_U); }
static long back_kernel_global(void) { return (long)read_back(PTE_P | PTE_W | PTE_A | PTE_D | 0x100); }
static long back_avail(void) { return (long)read_back(PTE_FLAGS | 0xe00 | 0x7e0UL << 52); }
static long back_nx(void) { return (long)read_back(PTE_FLAGS | PTE_NX); }
static long back_bit52_user(void) { return (long)read_back(PTE_FLAGS | 1UL << 52); }
static long back_absent(void)
{
	u64 e;

	set_va(data, 0xabcde << 12 | 0x7fe, UVMF_INVLPG);
	e = *pte_of(data, 1);
	set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return (long)e;
}

/* ---- upper tables ---- */
static void *const far = (void *)0xffffff8000000000UL;		/* L4 slot 511's neighbourhood is ours; slot 300 is free */
static u64 slot_maddr(unsigned int slot) { return mfn_of_table(far, 4) << 12 | slot * 8; }
static long set_slot(unsigned int slot, u64 val)
{
	long rc = mmu_update_one(slot_maddr(slot), val);

	if (!rc)
		mmu_update_one(slot_maddr(slot), 0);
	return rc;
}
static u64 l4_mfn(void) { return mfn_of_table(far, 4); }
static long slot_256(void) { return set_slot(256, 0); }
static long slot_271(void) { return set_slot(271, 0); }
static long slot_272(void) { return set_slot(272, 0); }
static long linear_rw(void) { return set_slot(300, l4_mfn() << 12 | PTE_FLAGS); }
static long linear_ro(void) { return set_slot(300, l4_mfn() << 12 | PTE_P | PTE_U); }
static long l4_to_data(void) { return set_slot(300, entry(other, PTE_FLAGS)); }
static long l4_to_l1(void) { return set_slot(300, mfn_of_table(data, 1) << 12 | PTE_FLAGS); }
static long l4_to_l2(void) { return set_slot(300, mfn_of_table(data, 2) << 12 | PTE_FLAGS); }
static long l4_to_l3(void) { return set_slot(300, mfn_of_table(data, 3) << 12 | PTE_FLAGS); }
static long l4_to_hv(void) { return set_slot(300, 0x200000 | PTE_FLAGS); }
static long l4_large(void) { fresh_table(); return set_slot(300, entry(table, PTE_FLAGS | PTE_PS)); }
static long l4_nocache(void) { fresh_table(); return set_slot(300, entry(table, PTE_FLAGS | 0x10)); }
static long l4_empty_l3(void) { fresh_table(); return set_slot(300, entry(table, PTE_FLAGS)); }
static long l2_slot(u64 val)
{
	u64 at = (pte_maddr(data, 2) & ~4095UL) | 200 * 8;
	long rc = mmu_update_one(at, val);

	if (!rc)
		mmu_update_one(at, 0);
	return rc;
}
static long l2_to_writable(void) { return l2_slot(entry(other, PTE_FLAGS)); }
static long l2_large(void) { return l2_slot(0x400000 | PTE_FLAGS | PTE_PS); }
static long l2_linear_ro(void) { return l2_slot(mfn_of_table(data, 2) << 12 | PTE_P | PTE_U); }
static long l2_linear_rw(void) { return l2_slot(mfn_of_table(data, 2) << 12 | PTE_FLAGS); }
static long l2_same_l1(void) { return l2_slot(mfn_of_table(data, 1) << 12 | PTE_FLAGS); }

/* ---- pins and types ---- */
static long pin_mapped_rw(void) { return mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(other), 0); }
static long pin_cycle(u32 cmd, u64 first)
{
	long rc;

	make_writable(table);
	memset(table, 0, PAGE_SIZE);
	table[0] = first;
	make_readonly(table);
	rc = mmuext(cmd, virt_to_mfn(table), 0);
	if (!rc)
		mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0);
	return rc;
}
static long pin_empty_l1(void) { return pin_cycle(MMUEXT_PIN_L1_TABLE, 0); }
static long pin_empty_l4(void) { return pin_cycle(MMUEXT_PIN_L4_TABLE, 0); }
static long pin_bad_l1(void) { return pin_cycle(MMUEXT_PIN_L1_TABLE, 0x200000 | PTE_FLAGS); }
static long pin_l1_of_itself(void) { return pin_cycle(MMUEXT_PIN_L1_TABLE, entry(table, PTE_FLAGS)); }
static long pin_l1_of_itself_ro(void) { return pin_cycle(MMUEXT_PIN_L1_TABLE, entry(table, PTE_P | PTE_U)); }
static long pin_l2_of_itself(void) { return pin_cycle(MMUEXT_PIN_L2_TABLE, entry(table, PTE_P | PTE_U)); }
static long pin_l3_of_l1(void) { return pin_cycle(MMUEXT_PIN_L3_TABLE, mfn_of_table(data, 1) << 12 | PTE_FLAGS); }
static long pin_hv(void) { return mmuext(MMUEXT_PIN_L1_TABLE, 0x200, 0); }
static long pin_nowhere(void) { return mmuext(MMUEXT_PIN_L4_TABLE, ~0UL >> 12, 0); }
static long unpin_unpinned(void) { fresh_table(); return mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0); }
static long pinned(long (*then)(void))
{
	long rc;

	fresh_table();
	if (mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table), 0))
		return -1000;
	rc = then();
	mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0);
	return rc;
}
static long again(void) { return mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table), 0); }
static long pin_twice(void) { return pinned(again); }
static long as_l2(void) { return mmuext(MMUEXT_PIN_L2_TABLE, virt_to_mfn(table), 0); }
static long pin_other_type(void) { return pinned(as_l2); }
static long writable(void) { return make_writable(table); }
static long pinned_writable(void) { return pinned(writable); }
static long clear(void) { return mmuext(MMUEXT_CLEAR_PAGE, virt_to_mfn(table), 0); }
static long pinned_clear(void) { return pinned(clear); }
static long copy(void) { return mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(table), virt_to_mfn(other)); }
static long pinned_copy(void) { return pinned(copy); }
static long gdt_of_table(void)
{
	u64 f = virt_to_mfn(table);

	return H2(set_gdt, &f, 512);
}
static long pinned_gdt(void) { return pinned(gdt_of_table); }
static long after_unpin(void)
{
	fresh_table();
	mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table), 0);
	mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table), 0);
	return make_writable(table);
}
static long baseptr_data(void) { return mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(other), 0); }
static long baseptr_hv(void) { return mmuext(MMUEXT_NEW_BASEPTR, 0x200, 0); }
static long user_baseptr_l1(void) { return mmuext(MMUEXT_NEW_USER_BASEPTR, mfn_of_table(data, 1), 0); }
static long user_baseptr_none(void) { return mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0); }

/* ---- writes through read-only mappings ---- */
static u64 ptwr_val;
static void ptwr_store(void *at) { *(volatile u64 *)at = ptwr_val; }
static void ptwr_lock_and(void *at) { __asm__ volatile("lock andq %1, (%0)" : : "r"(at), "r"(~PTE_A) : "memory"); }
static void ptwr_btr(void *at) { __asm__ volatile("lock btrq $5, (%0)" : : "r"(at) : "memory", "cc"); }
static long ptwr(void (*fn)(void *), u64 val)
{
	int v;

	ptwr_val = val;
	v = try_run(fn, pte_of(data, 1));
	if (v < 0 && (*pte_of(data, 1) & PTE_FRAME) != (entry(data, 0) & PTE_FRAME))
		set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return v < 0 ? 0 : FAULT(v);
}
static long ptwr_good(void) { return ptwr(ptwr_store, entry(data, PTE_FLAGS)); }
static long ptwr_and(void) { return ptwr(ptwr_lock_and, 0); }
static long ptwr_bit(void) { return ptwr(ptwr_btr, 0); }
static long ptwr_table(void) { return ptwr(ptwr_store, mfn_of_table(data, 1) << 12 | PTE_FLAGS); }
static long ptwr_hv(void) { return ptwr(ptwr_store, 0x200000 | PTE_FLAGS); }
static long ptwr_l2(void)
{
	int v;

	ptwr_val = *pte_of(data, 2);
	v = try_run(ptwr_store, pte_of(data, 2));
	return v < 0 ? 0 : FAULT(v);
}
static void touch(void *at) { (void)*(volatile u8 *)at; }
static void poke(void *at) { *(volatile u8 *)at = 1; }
static long fault_of(void (*fn)(void *), u64 at)
{
	int v = try_run(fn, (void *)at);

	return v < 0 ? 0 : FAULT(v);
}
static long read_m2p(void) { return fault_of(touch, 0xffff800000000000UL); }
static long write_m2p(void) { return fault_of(poke, 0xffff800000000000UL); }
static long read_directmap(void) { return fault_of(touch, 0xffff830000000000UL); }
static long write_directmap(void) { return fault_of(poke, 0xffff830000200000UL); }
static long read_image(void) { return fault_of(touch, 0xffff82d040200000UL); }

/* ---- descriptors ---- */
static long gdt_with(u64 desc)
{
	u64 f = virt_to_mfn(table);
	long rc;

	make_writable(table);
	memset(table, 0, PAGE_SIZE);
	table[3] = desc;
	make_readonly(table);
	rc = H2(set_gdt, &f, 512);
	if (!rc)
		H2(set_gdt, &f, 0);
	return rc;
}
static long gdt_code(void) { return gdt_with(0x00af9a000000ffffUL); }
static long gdt_tss(void) { return gdt_with(0x0000890000000067UL); }
static long gdt_ldt(void) { return gdt_with(0x0000820000000067UL); }
static long gdt_int_gate(void) { return gdt_with(0x00008e0000080000UL); }
static long gdt_absent_tss(void) { return gdt_with(0x0000090000000067UL); }
static long gdt_writable(void)
{
	u64 f = virt_to_mfn(other);

	return H2(set_gdt, &f, 512);
}
static long gdt_huge(void) { return H2(set_gdt, data, 7169); }
static long gdt_bad_pointer(void) { return H2(set_gdt, 0xffff830000000000UL, 512); }
static long desc_tss(void) { return H2(update_descriptor, virt_to_maddr(other), 0x0000890000000067UL); }
static long desc_unaligned(void) { return H2(update_descriptor, virt_to_maddr(other) + 4, 0); }
static long desc_in_table(void) { return H2(update_descriptor, pte_maddr(data, 1), 0x00af9a000000ffffUL); }
static long desc_in_data(void) { return H2(update_descriptor, virt_to_maddr(other), 0x00af9a000000ffffUL); }
static long desc_hv(void) { return H2(update_descriptor, 0x200000, 0); }
static long ldt_unaligned(void) { return mmuext(MMUEXT_SET_LDT, (u64)data + 8, 16); }
static long ldt_huge(void) { return mmuext(MMUEXT_SET_LDT, (u64)data, 8193); }
static long ldt_none(void) { return mmuext(MMUEXT_SET_LDT, 0, 0); }

/* ---- arguments ---- */
static long update_bad_array(void) { return H4(mmu_update, 0xffff830000000000UL, 1, 0, DOMID_SELF); }
static long update_null(void) { return H4(mmu_update, 8, 1, 0, DOMID_SELF); }
static long update_none(void) { return H4(mmu_update, data, 0, 0, DOMID_SELF); }
static long update_hv_table(void) { return mmu_update_one(0x200000, 0); }
static long update_no_table(void) { return mmu_update_one(~0UL & ~4095UL, 0); }
static long update_m2p_foreign(void) { return mmu_update_one(0x200000 | MMU_MACHPHYS_UPDATE, 7); }
static long update_data_page(void) { return mmu_update_one(virt_to_maddr(other), 7); }
static long update_unknown_domain(void)
{
	mmu_update_t u = { virt_to_maddr(other), 0 };

	return H4(mmu_update, &u, 1, 0, 77);
}
static long update_self_by_id(void)
{
	mmu_update_t u = { virt_to_maddr(other), 0 };

	return H4(mmu_update, &u, 1, 0, own_domid());
}
static long update_bad_done(void)
{
	mmu_update_t u = { virt_to_maddr(other), 0 };

	return H4(mmu_update, &u, 1, 0xffff830000000000UL, DOMID_SELF);
}
static long va_hv(void) { return set_va((void *)0xffff830000000000UL, 0, 0); }
static long va_m2p(void) { return set_va((void *)0xffff800000000000UL, 0, 0); }
static long va_noncanonical(void) { return set_va((void *)0x8000000000000000UL, 0, 0); }
static long va_unmapped(void) { return set_va((void *)0x7000000000UL, 0, 0); }
static long ext_unknown(void) { return mmuext(99, 0, 0); }
static long ext_14(void) { return mmuext(14, 0, 0); }
static long ext_super(void) { return mmuext(MMUEXT_MARK_SUPER, virt_to_mfn(other), 0); }
static long ext_invlpg_hv(void) { return mmuext(MMUEXT_INVLPG_LOCAL, 0xffff830000000000UL, 0); }
static long ext_bad_mask(void) { return mmuext(MMUEXT_TLB_FLUSH_MULTI, 0, 0xffff830000000000UL); }
static long ext_unknown_domain(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE };

	return H4(mmuext_op, &op, 1, 0, 77);
}

/* ---- what a good guest does ---- */
/* A change of data's entry without a flush is seen after @op: the old page is not reached any more. */
static long flushed(u32 cmd, bool multi)
{
	unsigned long vcpus = 1, va = (unsigned long)data;
	struct mmuext_op op = { .cmd = cmd, .arg1.linear_addr = va };
	long rc;

	if (multi)
		op.arg2.vcpumask.p = &vcpus;
	*other = 0x55;
	*data = 0x66;
	if (mmu_update_one(pte_maddr(data, 1), entry(other, PTE_FLAGS)))
		return -1000;
	rc = (int)H4(mmuext_op, &op, 1, 0, DOMID_SELF);
	if (!rc)
		rc = *(volatile u8 *)data == 0x55 ? 0 : -1001;
	set_va(data, entry(data, PTE_FLAGS), UVMF_INVLPG);
	return rc;
}
static long flush_local(void) { return flushed(MMUEXT_TLB_FLUSH_LOCAL, false); }
static long flush_all(void) { return flushed(MMUEXT_TLB_FLUSH_ALL, false); }
static long flush_multi(void) { return flushed(MMUEXT_TLB_FLUSH_MULTI, true); }
static long invlpg_local(void) { return flushed(MMUEXT_INVLPG_LOCAL, false); }
static long invlpg_all(void) { return flushed(MMUEXT_INVLPG_ALL, false); }
static long invlpg_multi(void) { return flushed(MMUEXT_INVLPG_MULTI, true); }
static long flush_cache(void) { return mmuext(MMUEXT_FLUSH_CACHE, 0, 0); }
static long flush_caches(void) { return mmuext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0); }
static long copy_clear(void)
{
	memset(other, 7, PAGE_SIZE);
	memset(data, 8, PAGE_SIZE);
	if (mmuext(MMUEXT_COPY_PAGE, virt_to_mfn(data), virt_to_mfn(other)) || data[0] != 7 || data[4095] != 7)
		return -1000;
	if (mmuext(MMUEXT_CLEAR_PAGE, virt_to_mfn(data), 0) || data[0] || data[4095])
		return -1001;
	return other[4095] == 7 ? 0 : -1002;
}
static long update_normal(void)
{
	long rc = mmu_update_one(pte_maddr(data, 1), entry(data, PTE_P | PTE_W | PTE_U));

	return rc ? rc : (long)(*pte_of(data, 1) & (PTE_A | PTE_D | PTE_W));
}
static long update_keeps_ad(void)
{
	if (set_va(data, entry(data, PTE_P | PTE_W | PTE_U), UVMF_INVLPG))
		return -1000;
	*data = 1;
	if (mmu_update_one(pte_maddr(data, 1) | MMU_PT_UPDATE_PRESERVE_AD, entry(data, PTE_P | PTE_W | PTE_U)))
		return -1000;
	return (long)(*pte_of(data, 1) & (PTE_A | PTE_D | PTE_W));
}
static long update_no_translate(void)
{
	return mmu_update_one(pte_maddr(data, 1) | MMU_PT_UPDATE_NO_TRANSLATE, entry(data, PTE_FLAGS));
}
static long update_m2p(void)
{
	u64 mfn = virt_to_mfn(data), was = m2p[mfn];
	long rc = mmu_update_one(mfn << 12 | MMU_MACHPHYS_UPDATE, 0x1234);

	if (!rc && m2p[mfn] != 0x1234)
		rc = -1000;
	return rc ? rc : mmu_update_one(mfn << 12 | MMU_MACHPHYS_UPDATE, was);
}
static long new_root(void) { return mmuext(MMUEXT_NEW_BASEPTR, l4_mfn(), 0); }
static long user_root(void)
{
	long rc = mmuext(MMUEXT_NEW_USER_BASEPTR, l4_mfn(), 0);

	return rc ? rc : mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0);
}
/* Writes CR3 with what it reads: an emulated instruction. */
static void load_cr3(void *val)
{
	u64 cr3;

	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	__asm__ volatile("mov %0, %%cr3" : : "r"(val ? (u64)val : cr3) : "memory");
}
static long cr3_reload(void) { return fault_of(load_cr3, 0); }
static long cr3_data(void) { return fault_of(load_cr3, entry(other, 0)); }
static long ldt_good(void)
{
	long rc;
	u16 sel = 0;

	make_writable(table);
	memset(table, 0, PAGE_SIZE);
	table[2] = 0x00cff2000000ffffUL;	/* data, ring 3 */
	make_readonly(table);
	rc = mmuext(MMUEXT_SET_LDT, (u64)table, 512);
	if (rc)
		return rc;
	__asm__ volatile("mov %1, %%fs; mov %%fs, %0; mov %2, %%fs" : "=r"(sel) : "r"(2 << 3 | 7), "r"(0));
	rc = set_va(table, 0, UVMF_INVLPG);	/* its address goes: so does the CPU's view of it */
	if (!rc)
		rc = make_writable(table);
	mmuext(MMUEXT_SET_LDT, 0, 0);
	return rc ? rc : sel == (2 << 3 | 7) ? 0 : -1000;
}

/* ---- memory_op ---- */
static long reserve(unsigned int op, u64 nr, unsigned int order, u64 frame)
{
	xen_pfn_t f = frame;
	struct xen_memory_reservation r = { .extent_start.p = &f, .nr_extents = nr, .extent_order = order, .domid = DOMID_SELF };

	return H2(memory_op, op, &r);
}
static long give_hv_frame(void) { return reserve(XENMEM_decrease_reservation, 1, 0, 0x200); }
static long give_huge_order(void) { return reserve(XENMEM_decrease_reservation, 1, 63, 0); }
static long give_wrap(void) { return reserve(XENMEM_decrease_reservation, ~0UL, 0, 0); }
static long take_huge_order(void) { return reserve(XENMEM_populate_physmap, 1, 40, 0x1000); }
static long take_wrap(void) { return reserve(XENMEM_increase_reservation, ~0UL / 8, 0, 0); }
static long exchange(u64 nr_in, unsigned int o_in, u64 nr_out, unsigned int o_out, u64 frame)
{
	xen_pfn_t in = frame, out = 0;
	struct xen_memory_exchange x = {
		.in = { .extent_start.p = &in, .nr_extents = nr_in, .extent_order = o_in, .domid = DOMID_SELF },
		.out = { .extent_start.p = &out, .nr_extents = nr_out, .extent_order = o_out, .domid = DOMID_SELF },
	};

	return H2(memory_op, XENMEM_exchange, &x);
}
/* Fails at its second frame, so that the first goes back to where it was. */
static long exchange_undone(u64 frame)
{
	xen_pfn_t in[2] = { frame, 0x200 }, out = 0;
	struct xen_memory_exchange x = {
		.in = { .extent_start.p = in, .nr_extents = 2, .domid = DOMID_SELF },
		.out = { .extent_start.p = &out, .nr_extents = 1, .extent_order = 1, .domid = DOMID_SELF },
	};

	return H2(memory_op, XENMEM_exchange, &x);
}
/* What this CPU remembers of a page that was written to must not outlive the page's becoming a table. */
static long stale_write(long (*then)(u64 frame), long want)
{
	u64 frame = virt_to_mfn(data);
	long rc;

	memset(data, 0, PAGE_SIZE);
	mmu_update_one(pte_maddr(data, 1), 0);		/* no flush */
	rc = then(frame);
	if (rc == want) {
		rc = mmuext(MMUEXT_PIN_L1_TABLE, frame, 0);
		if (!rc) {
			rc = fault_of(poke, (u64)data);
			mmuext(MMUEXT_UNPIN_TABLE, frame, 0);
		}
	}
	set_va(data, frame << 12 | PTE_FLAGS, UVMF_INVLPG);
	return rc;
}
static long nothing(u64 frame) { return frame ? 0 : -1; }
static long stale_pin(void) { return stale_write(nothing, 0); }
static long stale_exchange(void) { return stale_write(exchange_undone, EINVAL_); }
/* Two frames against one of twice the size, and back; the domain has as many as before. */
static long exchange_good(void)
{
	u8 *p[2] = { alloc_page(), alloc_page() };
	xen_pfn_t in[2] = { virt_to_mfn(p[0]), virt_to_mfn(p[1]) }, out = virt_to_pfn(p[0]);
	domid_t dom = DOMID_SELF;
	long before = H2(memory_op, XENMEM_current_reservation, &dom), rc;
	struct xen_memory_exchange x = {
		.in = { .extent_start.p = in, .nr_extents = 2, .domid = DOMID_SELF },
		.out = { .extent_start.p = &out, .nr_extents = 1, .extent_order = 1, .domid = DOMID_SELF },
	};

	for (unsigned int i = 0; i < 2; i++)
		if (set_va(p[i], 0, UVMF_INVLPG))
			return -1000;
	rc = H2(memory_op, XENMEM_exchange, &x);
	if (rc)
		return rc;
	if (x.nr_exchanged != 2 || (out & 1) || m2p[out] != virt_to_pfn(p[0]) || m2p[out + 1] != virt_to_pfn(p[1]) ||
	    m2p[in[0]] == virt_to_pfn(p[0]) || H2(memory_op, XENMEM_current_reservation, &dom) != before)
		return -1001;
	for (unsigned int i = 0; i < 2; i++) {
		((u64 *)start_info->mfn_list)[virt_to_pfn(p[i])] = out + i;
		if (set_va(p[i], (out + i) << 12 | PTE_FLAGS, UVMF_INVLPG))
			return -1002;
		for (unsigned int j = 0; j < PAGE_SIZE; j++)
			if (p[i][j])
				return -1003;
		p[i][0] = 1;
	}
	/* What was given away is nobody's to map. */
	return map_at_data(in[0], PTE_P | PTE_U) == EBUSY_ || in[0] == out || in[0] == out + 1 ? 0 : -1004;
}
static long exchange_uneven(void) { return exchange(2, 0, 1, 0, 0); }
static long exchange_overflow(void) { return exchange(1UL << 62, 3, 1UL << 62, 3, 0); }
static long exchange_mapped(void) { return exchange(1, 0, 1, 0, virt_to_mfn(other)); }
static long exchange_table(void) { return exchange(1, 0, 1, 0, mfn_of_table(data, 1)); }
static long exchange_hv(void) { return exchange(1, 0, 1, 0, 0x200); }
static long memory_unknown(void) { return H2(memory_op, 63, data); }
static long memory_bad_pointer(void) { return H2(memory_op, XENMEM_exchange, 0xffff830000000000UL); }
static long physmap_self(void)
{
	struct xen_add_to_physmap p = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };

	return H2(memory_op, XENMEM_add_to_physmap, &p);
}

#define A(fn, want) { #fn, fn, want, want }
#define A_UNLIKE(fn, want, unprivileged) { #fn, fn, want, unprivileged }
static const struct attempt { const char *name; long (*fn)(void); long want, unprivileged; } attempts[] = {
	A(l1_writable, EBUSY_),
	A(l2_writable, EBUSY_),
	A(l3_writable, EBUSY_),
	A(l4_writable, EBUSY_),
	A(l4_readonly, 0),
	A(hv_frame, EBUSY_),
	A(hv_frame_ro, EBUSY_),
	A(local_apic, EPERM_),
	A(reserved_bit, EPERM_),
	A(no_frame, EINVAL_),
	A(shared_rw, 0),
	A(m2p_as_own, EBUSY_),
	A_UNLIKE(m2p_ro, 0, EPERM_),
	A_UNLIKE(m2p_rw, EBUSY_, EPERM_),
	A(back_kernel, (long)0x10000000000067UL),
	A(back_user, (long)0x167UL),
	A(back_kernel_global, (long)0x10000000000167UL),
	A(back_avail, (long)0x7e00000000000f67UL),
	A(back_nx, (long)0x8000000000000167UL),
	A(back_bit52_user, (long)0x10000000000067UL),
	A(back_absent, (long)0xffffffffabcde7feUL),
	A(slot_256, EINVAL_),
	A(slot_271, EINVAL_),
	A(slot_272, 0),
	A(linear_rw, EINVAL_),
	A(linear_ro, 0),
	A(l4_to_data, EINVAL_),
	A(l4_to_l1, EINVAL_),
	A(l4_to_l2, EINVAL_),
	A(l4_to_l3, 0),
	A(l4_to_hv, EINVAL_),
	A(l4_large, EINVAL_),
	A(l4_nocache, EINVAL_),
	A(l4_empty_l3, 0),
	A(l2_to_writable, EINVAL_),
	A(l2_large, EINVAL_),
	A(l2_linear_ro, 0),
	A(l2_linear_rw, EINVAL_),
	A(l2_same_l1, 0),
	A(pin_mapped_rw, EINVAL_),
	A(pin_empty_l1, 0),
	A(pin_empty_l4, 0),
	A(pin_bad_l1, EBUSY_),
	A(pin_l1_of_itself, EBUSY_),
	A(pin_l1_of_itself_ro, 0),
	A(pin_l2_of_itself, 0),
	A(pin_l3_of_l1, EINVAL_),
	A(pin_hv, EINVAL_),
	A(pin_nowhere, EINVAL_),
	A(unpin_unpinned, EINVAL_),
	A(pin_twice, EINVAL_),
	A(pin_other_type, EINVAL_),
	A(pinned_writable, EBUSY_),
	A(pinned_clear, EINVAL_),
	A(pinned_copy, EINVAL_),
	A(pinned_gdt, EINVAL_),
	A(after_unpin, 0),
	A(baseptr_data, EINVAL_),
	A(baseptr_hv, EINVAL_),
	A(user_baseptr_l1, EINVAL_),
	A(user_baseptr_none, 0),
	A(ptwr_good, 0),
	A(ptwr_and, 0),
	A(ptwr_bit, 0),
	A(ptwr_table, FAULT(14)),
	A(ptwr_hv, FAULT(14)),
	A(ptwr_l2, FAULT(14)),
	A(read_m2p, 0),
	A(write_m2p, FAULT(14)),
	A(read_directmap, FAULT(14)),
	A(write_directmap, FAULT(14)),
	A(read_image, FAULT(14)),
	A(gdt_code, 0),
	A(gdt_tss, EINVAL_),
	A(gdt_ldt, EINVAL_),
	A(gdt_int_gate, EINVAL_),
	A(gdt_absent_tss, 0),
	A(gdt_writable, EINVAL_),
	A(gdt_huge, EINVAL_),
	A(gdt_bad_pointer, EFAULT_),
	A(desc_tss, EINVAL_),
	A(desc_unaligned, EINVAL_),
	A(desc_in_table, EINVAL_),
	A(desc_in_data, 0),
	A(desc_hv, EINVAL_),
	A(ldt_unaligned, EINVAL_),
	A(ldt_huge, EINVAL_),
	A(ldt_none, 0),
	A(update_bad_array, EFAULT_),
	A(update_null, EFAULT_),
	A(update_none, 0),
	A(update_hv_table, EINVAL_),
	A(update_no_table, EINVAL_),
	A(update_m2p_foreign, EINVAL_),
	A(update_data_page, 0),
	A(update_unknown_domain, ESRCH_),
	A(update_self_by_id, ESRCH_),
	A(update_bad_done, 0),
	A(va_hv, EINVAL_),
	A(va_m2p, EINVAL_),
	A(va_noncanonical, EINVAL_),
	A(va_unmapped, EINVAL_),
	A(ext_unknown, ENOSYS_),
	A(ext_14, ENOSYS_),
	A(ext_super, EOPNOTSUPP_),
	A(ext_invlpg_hv, 0),
	A(ext_bad_mask, EINVAL_),
	A(ext_unknown_domain, ESRCH_),
	A(flush_local, 0),
	A(flush_all, 0),
	A(flush_multi, 0),
	A(invlpg_local, 0),
	A(invlpg_all, 0),
	A(invlpg_multi, 0),
	A_UNLIKE(flush_cache, 0, EACCES_),
	A_UNLIKE(flush_caches, 0, EACCES_),
	A(copy_clear, 0),
	A(update_normal, PTE_W),
	A(update_keeps_ad, PTE_W | PTE_A | PTE_D),
	A(update_no_translate, 0),
	A(update_m2p, 0),
	A(new_root, 0),
	A(user_root, 0),
	A(cr3_reload, 0),
	A(cr3_data, FAULT(13)),
	A(ldt_good, 0),
	A(give_hv_frame, 0),
	A(give_huge_order, 0),
	A(give_wrap, 0),
	A(take_huge_order, 0),
	A(take_wrap, 0),
	A(stale_pin, FAULT(14)),
	A(stale_exchange, FAULT(14)),
	A(exchange_good, 0),
	A(exchange_uneven, EINVAL_),
	A(exchange_overflow, EINVAL_),
	A(exchange_mapped, EINVAL_),
	A(exchange_table, EINVAL_),
	A(exchange_hv, EINVAL_),
	A(memory_unknown, ENOSYS_),
	A(memory_bad_pointer, EFAULT_),
	A(physmap_self, EACCES_),
};

static bool all_answers(void)
{
	unsigned int failed = 0;

	data = alloc_page();
	other = alloc_page();
	table = alloc_page();
	for (unsigned int i = 0; i < ARRAY_SIZE(attempts); i++) {
		long want = is_privileged() ? attempts[i].want : attempts[i].unprivileged;
		long rc = attempts[i].fn();

		if (rc != want)
			printk("  %s: %ld, not %ld\n", attempts[i].name, rc, want);
		failed += rc != want;
	}
	/* Still a sane machine: the pages are what they were. */
	*data = 1;
	*other = 2;
	return !failed;
}

static const struct attack attacks[] = {
	{ "memory-answers", all_answers },
};
ATTACK_GROUP(memory, attacks, NULL);
