/* SPDX-License-Identifier: GPL-2.0-only */
/* Pins, type references and frames given away: once too often, as something else, at the wrong time, by two. */
#include "attack.h"
#include "smp.h"

static u8 table_page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 data[PAGE_SIZE] __attribute__((aligned(4096)));

static u64 entry(const void *page, u64 flags) { return virt_to_mfn(page) << 12 | flags; }
static u64 table_mfn(const void *va, int level) { return pte_maddr(va, level) >> 12; }

static long mmuext2(u32 cmd, u64 mfn, u64 arg2)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn, .arg2.src_mfn = arg2 };

	return H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}
static long mmuext(u32 cmd, u64 mfn) { return mmuext2(cmd, mfn, 0); }
static long pin(u32 level) { return mmuext(MMUEXT_PIN_L1_TABLE + level - 1, virt_to_mfn(table_page)); }
static long unpin(void) { return mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table_page)); }

static void empty_table(void)
{
	make_writable(table_page);
	memset(table_page, 0, PAGE_SIZE);
	make_readonly(table_page);
}

static bool pin_foreign(void)
{
	u64 frames[] = { foreign_frame(), 0x200, 0xfee00, ~0UL >> 12, 1UL << 40 };

	for (u32 i = 0; i < ARRAY_SIZE(frames); i++) {
		for (u32 cmd = MMUEXT_PIN_L1_TABLE; cmd <= MMUEXT_PIN_L4_TABLE; cmd++)
			WANT(mmuext(cmd, frames[i]), eINVAL);
		WANT(mmuext(MMUEXT_UNPIN_TABLE, frames[i]), eINVAL);
	}
	return true;
}

static bool pin_writable(void)
{
	make_writable(table_page);
	memset(table_page, 0, PAGE_SIZE);
	for (u32 level = 1; level <= 4; level++)
		WANT(pin(level), eINVAL);
	table_page[0] = 0;
	return true;
}

static bool pin_twice(void)
{
	empty_table();
	WANT(pin(1), 0);
	WANT(pin(1), eINVAL);
	WANT(pin(1), eINVAL);
	WANT(unpin(), 0);
	WANT(make_writable(table_page), 0);	/* exactly one reference was taken and given back */
	return true;
}

static bool unpin_unpinned(void)
{
	empty_table();
	WANT(unpin(), eINVAL);
	WANT(pin(1), 0);
	WANT(unpin(), 0);
	WANT(unpin(), eINVAL);
	/* A table in use that was never pinned, and plain data. */
	WANT(mmuext(MMUEXT_UNPIN_TABLE, table_mfn(data, 1)), eINVAL);
	WANT(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(data)), eINVAL);
	data[0] = 1;
	return true;
}

static bool pin_as_another(void)
{
	empty_table();
	WANT(pin(1), 0);
	for (u32 level = 2; level <= 4; level++)
		WANT(pin(level), eINVAL);
	WANT(make_writable(table_page), eBUSY);
	WANT(unpin(), 0);
	WANT(pin(4), 0);
	WANT(pin(1), eINVAL);
	WANT(unpin(), 0);
	return make_writable(table_page) == 0;
}

/* A validation that fails at its last entry gives all back that it took: the frames are free to go. */
static bool refused_validation(void)
{
	u64 *t = (u64 *)table_page;
	xen_pfn_t in = virt_to_mfn(data), out = virt_to_pfn(data);
	struct xen_memory_exchange x = {
		.in = { .extent_start.p = &in, .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .extent_start.p = &out, .nr_extents = 1, .domid = DOMID_SELF },
	};

	make_writable(table_page);
	for (u32 i = 0; i < 511; i++)
		t[i] = entry(data, PTE_P | PTE_U);
	t[511] = foreign_frame() << 12 | PTE_P | PTE_U;
	make_readonly(table_page);
	for (u32 i = 0; i < 20; i++)
		WANT(pin(1), eBUSY);
	WANT(make_writable(table_page), 0);
	set_va(data, 0, UVMF_INVLPG);
	WANT(H2(memory_op, XENMEM_exchange, &x), 0);
	return set_va(data, out << 12 | PTE_FLAGS, UVMF_INVLPG) == 0;
}

/* Whole pages cleared and copied over page tables and over what is not ours. */
static bool clear_and_copy(void)
{
	u64 bad[] = { virt_to_mfn(table_page), table_mfn(data, 1), table_mfn(data, 4), foreign_frame(), 0x200,
		      1UL << 40 };

	empty_table();
	WANT(pin(1), 0);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		WANT(mmuext(MMUEXT_CLEAR_PAGE, bad[i]), eINVAL);
		WANT(mmuext2(MMUEXT_COPY_PAGE, bad[i], virt_to_mfn(data)), eINVAL);
	}
	WANT(mmuext2(MMUEXT_COPY_PAGE, virt_to_mfn(data), foreign_frame()), eINVAL);
	WANT(mmuext2(MMUEXT_COPY_PAGE, virt_to_mfn(data), 0x200), eINVAL);
	return unpin() == 0;
}

static bool roots(void)
{
	u64 bad[] = { virt_to_mfn(data), table_mfn(data, 1), table_mfn(data, 3), foreign_frame(), 0x200, 0xfee00,
		      ~0UL >> 12, 1UL << 40 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		WANT(mmuext(MMUEXT_NEW_BASEPTR, bad[i]), eINVAL);
		WANT(mmuext(MMUEXT_NEW_USER_BASEPTR, bad[i]), eINVAL);
	}
	/* An empty root is a root: switching to it leaves nothing mapped, not even this code; as a user's it is fine. */
	empty_table();
	WANT(mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(table_page)), 0);
	WANT(make_writable(table_page), eBUSY);
	WANT(mmuext(MMUEXT_NEW_USER_BASEPTR, 0), 0);
	return make_writable(table_page) == 0;
}

/* The last page table that maps the code goes while it runs: the domain has no stack to hear of it. */
static bool empty_root(void)
{
	empty_table();
	mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(table_page));
	return false;
}

static long exchange(u64 frame)
{
	xen_pfn_t in = frame, out = 0;
	struct xen_memory_exchange x = {
		.in = { .extent_start.p = &in, .nr_extents = 1, .domid = DOMID_SELF },
		.out = { .extent_start.p = &out, .nr_extents = 1, .domid = DOMID_SELF },
	};

	return H2(memory_op, XENMEM_exchange, &x);
}

static long give_back(u64 frame)
{
	xen_pfn_t f = frame;
	struct xen_memory_reservation r = { .extent_start.p = &f, .nr_extents = 1, .domid = DOMID_SELF };

	return H2(memory_op, XENMEM_decrease_reservation, &r);
}

/* Frames in use as tables, mapped, or somebody else's are not exchanged. */
static bool exchange_in_use(void)
{
	u64 bad[] = { virt_to_mfn(data), virt_to_mfn(table_page), table_mfn(data, 1), table_mfn(data, 4),
		      foreign_frame(), 0x200, 0xfee00, start_info->shared_info >> 12, 1UL << 40 };

	empty_table();
	WANT(pin(1), 0);
	data[5] = 0x55;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT(exchange(bad[i]), eINVAL);
	WANT(data[5], 0x55);
	return unpin() == 0;
}

/* Pages of ours given back while they are tables or mapped live on until the last use ends; others' are not ours. */
static bool give_back_in_use(void)
{
	WANT(give_back(foreign_frame()), 0);
	WANT(give_back(0x200), 0);
	WANT(give_back(0xfee00), 0);
	WANT(give_back(1UL << 40), 0);
	empty_table();
	WANT(pin(2), 0);
	WANT(give_back(virt_to_mfn(table_page)), 1);	/* takes the pin along */
	WANT(unpin(), eINVAL);
	WANT(give_back(virt_to_mfn(table_page)), 1);	/* gone but for the mapping: not twice */
	WANT(table_page[0], 0);
	WANT(set_va(table_page, 0, UVMF_INVLPG), 0);
	WANT(give_back(virt_to_mfn(table_page)), 0);
	return true;
}

/* As many pages as the domain may have, and no more. */
static bool too_much_memory(void)
{
	static xen_pfn_t frames[512];
	struct xen_memory_reservation r = { .extent_start.p = frames, .nr_extents = 512, .domid = DOMID_SELF };
	domid_t self = DOMID_SELF;
	long have = H2(memory_op, XENMEM_current_reservation, &self), most = H2(memory_op, XENMEM_maximum_reservation, &self);
	long got = 0, n;

	WANT_TRUE(have > 0 && most >= have && most < 1L << 32);
	while ((n = H2(memory_op, XENMEM_increase_reservation, &r)) > 0 && got <= most)
		got += n;
	WANT(got, most - have);
	WANT(H2(memory_op, XENMEM_current_reservation, &self), most);
	return true;
}

/* ---- two vCPUs at one frame ---- */

static void pin_and_unpin(void)
{
	pin(1 + (next_random() & 1));
	unpin();
}

static bool pin_race(void)
{
	empty_table();
	WANT_TRUE(smp_start(pin_and_unpin));
	for (u32 i = 0; i < 30000; i++) {
		u32 what = i % 5;

		if (what == 0)
			make_writable(table_page);
		else if (what == 1)
			make_readonly(table_page);
		else if (what == 2)
			pin(1);
		else if (what == 3)
			unpin();
		else
			mmu_update_one(virt_to_mfn(table_page) << 12, 0);
	}
	smp_end();
	while (!unpin())
		;
	/* All references came back: it can be data, and leave. */
	WANT(make_writable(table_page), 0);
	memset(table_page, 0, PAGE_SIZE);
	WANT(set_va(table_page, 0, UVMF_INVLPG), 0);
	WANT(exchange(virt_to_mfn(table_page)), 0);
	return true;
}

static u64 race_slot;
static void remap(void)
{
	mmu_update_one(race_slot, entry(data, PTE_FLAGS));
	mmu_update_one(race_slot, entry(data, PTE_P | PTE_U));
	mmu_update_one(race_slot, 0);
}

/* Both change one entry of one table: each reference is put as often as it was taken. */
static bool entry_race(void)
{
	static u8 target[PAGE_SIZE] __attribute__((aligned(4096)));

	empty_table();
	WANT(pin(1), 0);
	race_slot = virt_to_mfn(table_page) << 12 | 8;
	WANT_TRUE(smp_start(remap));
	for (u32 i = 0; i < 30000; i++) {
		mmu_update_one(race_slot, entry(target, i & 1 ? PTE_FLAGS : PTE_P | PTE_U));
		mmu_update_one(race_slot, i & 2 ? entry(data, PTE_FLAGS) : 0);
	}
	smp_end();
	WANT(mmu_update_one(race_slot, 0), 0);
	WANT(unpin(), 0);
	WANT(set_va(target, 0, UVMF_INVLPG), 0);
	WANT(exchange(virt_to_mfn(target)), 0);
	WANT(set_va(data, 0, UVMF_INVLPG), 0);
	WANT(exchange(virt_to_mfn(data)), 0);
	return true;
}

static const struct attack attacks[] = {
	{ "pin-foreign", pin_foreign },
	{ "pin-writable", pin_writable },
	{ "pin-twice", pin_twice },
	{ "pin-unpin-unpinned", unpin_unpinned },
	{ "pin-as-another", pin_as_another },
	{ "pin-refused-validation", refused_validation },
	{ "pin-clear-and-copy", clear_and_copy },
	{ "pin-roots", roots },
	{ "pin-empty-root", empty_root },
	{ "pin-exchange-in-use", exchange_in_use },
	{ "pin-give-back-in-use", give_back_in_use },
	{ "pin-too-much-memory", too_much_memory },
	{ "pin-race", pin_race },
	{ "pin-entry-race", entry_race },
};
ATTACK_GROUP(pins, attacks, NULL);
