/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, pointers and lengths of hypercalls: out of range, in the hypervisor's memory, around the end. */
#include "attack.h"
#include "smp.h"
#include <xen/physdev.h>
#include <xen/nmi.h>
#include <xen/hvm/hvm_op.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 hole[PAGE_SIZE] __attribute__((aligned(4096)));

#define HV_START 0xffff800000000000UL
#define HV_END	 0xffff880000000000UL

static bool unknown_numbers(void)
{
	static const u64 nr[] = { 11, 27, 31, 43, 50, 55, 63, 64, 65, 100, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff,
				  1UL << 32, 1UL << 40, ~0UL, 1UL << 63, 0x8000000000000011UL, 0x100000011UL };

	for (u32 i = 0; i < ARRAY_SIZE(nr); i++)
		WANT(hypercall(nr[i], (u64)page, (u64)page, 1, DOMID_SELF, 0), eNOSYS);
	return true;
}

static bool unknown_commands(void)
{
	static const u32 cmd[] = { 48, 100, 0xfff, 0x7fffffff, 0x80000000, ~0U };

	for (u32 i = 0; i < ARRAY_SIZE(cmd); i++) {
		struct mmuext_op op = { .cmd = cmd[i] };

		WANT(H4(mmuext_op, &op, 1, 0, DOMID_SELF), eNOSYS);
		WANT(H2(sched_op, cmd[i], page), eNOSYS);
		WANT(H3(vcpu_op, cmd[i], 0, page), eNOSYS);
		WANT(H2(event_channel_op, cmd[i], page), eNOSYS);
		WANT(H2(physdev_op, cmd[i], page), eNOSYS);
		WANT(H2(xen_version, cmd[i], page), eNOSYS);
		WANT(H2(callback_op, cmd[i], page), eNOSYS);
		WANT(H2(nmi_op, cmd[i], page), eNOSYS);
		WANT(H3(console_io, cmd[i], 1, page), eNOSYS);
		WANT_TRUE(H2(hvm_op, cmd[i], page) < 0);
		WANT_TRUE(H2(vm_assist, cmd[i], 0) < 0);
		WANT_TRUE(H2(vm_assist, VMASST_CMD_enable, cmd[i]) < 0);
		WANT_TRUE(H2(set_debugreg, cmd[i], 0) < 0);
		WANT_TRUE(H2(get_debugreg, cmd[i], 0) < 0);
		WANT_TRUE(H2(set_segment_base, cmd[i], 0) < 0);
		if ((cmd[i] & 63) > XENMEM_populate_physmap)	/* these tell by their count */
			WANT_TRUE(H2(memory_op, cmd[i] & 63, 0xffff830000000000) < 0);
	}
	for (u32 i = 0; i < ARRAY_SIZE(cmd); i++)
		WANT(H3(grant_table_op, cmd[i], page, 1), cmd[i] >> 12 ? eINVAL : eNOSYS);
	return true;
}

/* Where each argument is read or written: every address of the table, and what lies there afterwards. */
static bool bad_pointers(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		u64 a = bad_addresses[i];

		if (a)		/* 0 clears the table */
			WANT(H1(set_trap_table, a), eFAULT);
		WANT(H2(set_gdt, a, 512), eFAULT);
		WANT(H4(mmu_update, a, 1, 0, DOMID_SELF), eFAULT);
		WANT(H4(mmuext_op, a, 1, 0, DOMID_SELF), eFAULT);
		WANT(H2(multicall, a, 1), eFAULT);
		WANT(H3(console_io, CONSOLEIO_write, 16, a), eFAULT);
		WANT(H2(callback_op, CALLBACKOP_register, a), eFAULT);
		WANT(H2(callback_op, CALLBACKOP_unregister, a), eFAULT);
		WANT(H2(nmi_op, XENNMI_register_callback, a), eFAULT);
		WANT(H2(hvm_op, HVMOP_get_time, a), eFAULT);
		WANT(H2(xen_version, XENVER_extraversion, a), eFAULT);
		WANT(H2(xen_version, XENVER_compile_info, a), eFAULT);
		WANT(H2(xen_version, XENVER_capabilities, a), eFAULT);
		WANT(H2(xen_version, XENVER_platform_parameters, a), eFAULT);
		WANT(H2(xen_version, XENVER_get_features, a), eFAULT);
		WANT(H2(memory_op, XENMEM_exchange, a), eFAULT);
		WANT(H2(memory_op, XENMEM_current_reservation, a), eFAULT);
		WANT(H2(memory_op, XENMEM_machphys_mfn_list, a), eFAULT);
		WANT(H2(memory_op, XENMEM_machphys_mapping, a), eFAULT);
		WANT(H2(memory_op, XENMEM_add_to_physmap, a), eFAULT);
		WANT(H2(memory_op, XENMEM_memory_map, a), eFAULT);
		WANT(H2(memory_op, XENMEM_increase_reservation, a), 0);	/* tells by its count */
		WANT(H2(physdev_op, PHYSDEVOP_eoi, a), eFAULT);
		WANT(H2(physdev_op, PHYSDEVOP_irq_status_query, a), eFAULT);
		WANT(H2(physdev_op, PHYSDEVOP_set_iopl, a), eFAULT);
		WANT(H2(physdev_op, PHYSDEVOP_set_iobitmap, a), eFAULT);
		WANT(H2(physdev_op, PHYSDEVOP_pirq_eoi_gmfn_v2, a), eFAULT);
		WANT(H2(physdev_op, PHYSDEVOP_map_pirq, a), eFAULT);
	}
	return true;
}

/* The pointer inside the argument. */
static bool inner_pointers(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		struct xen_machphys_mfn_list l = { .max_extents = 1, .extent_start.p = (void *)bad_addresses[i] };
		struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF,
						    .extent_start.p = (void *)bad_addresses[i] };
		struct gnttab_setup_table st = { .dom = DOMID_SELF, .nr_frames = 1,
						 .frame_list.p = (void *)bad_addresses[i] };
		struct sched_poll poll = { .nr_ports = 1, .ports.p = (void *)bad_addresses[i] };
		struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_MULTI, .arg2.vcpumask.p = (void *)bad_addresses[i] };

		WANT(H2(memory_op, XENMEM_machphys_mfn_list, &l), eFAULT);
		WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 0);
		WANT(H2(memory_op, XENMEM_populate_physmap, &r), 0);
		WANT(H3(grant_table_op, GNTTABOP_setup_table, &st, 1), 0);
		WANT(st.status, GNTST_bad_virt_addr);
		WANT(H2(sched_op, SCHEDOP_poll, &poll), eFAULT);
		WANT(H4(mmuext_op, &op, 1, 0, DOMID_SELF), eINVAL);
	}
	return true;
}

/* Arrays that begin in the guest's memory and run into the hypervisor's, or around the end of all addresses. */
static bool wrap_around(void)
{
	WANT(H4(mmu_update, HV_START - 16, 2, 0, DOMID_SELF), eFAULT);
	WANT(H4(mmu_update, HV_START - (1UL << 34), 0x7fffffff, 0, DOMID_SELF), eFAULT);
	WANT(H4(mmuext_op, HV_START - 24, 2, 0, DOMID_SELF), eFAULT);
	WANT(H4(mmuext_op, HV_START - (1UL << 34), 0x7fffffff, 0, DOMID_SELF), eFAULT);
	WANT(H3(console_io, CONSOLEIO_write, 0x80000000, HV_START - 16), eFAULT);
	WANT(H3(console_io, CONSOLEIO_write, ~0U, ~0UL - 16), eFAULT);
	WANT(H1(set_trap_table, HV_START - 8), eFAULT);
	return true;
}

static bool wrap_exchange(void)
{
	struct xen_memory_exchange x = { .in = { .domid = DOMID_SELF }, .out = { .domid = DOMID_SELF } };
	xen_pfn_t f = 0;

	x.in.extent_start.p = x.out.extent_start.p = &f;
	x.in.nr_extents = x.out.nr_extents = 1UL << 62;
	x.in.extent_order = x.out.extent_order = 3;
	WANT(H2(memory_op, XENMEM_exchange, &x), eINVAL);
	x.in.extent_order = x.out.extent_order = 64;
	WANT(H2(memory_op, XENMEM_exchange, &x), ePERM);
	x.in.extent_order = x.out.extent_order = 0;
	x.in.nr_extents = x.out.nr_extents = 1UL << 61;		/* times 8 is 0 */
	WANT(H2(memory_op, XENMEM_exchange, &x), eFAULT);
	x.in.nr_extents = 1;
	x.out.nr_extents = 1;
	x.nr_exchanged = 2;
	WANT(H2(memory_op, XENMEM_exchange, &x), eINVAL);
	x.nr_exchanged = ~0UL;
	WANT(H2(memory_op, XENMEM_exchange, &x), eINVAL);
	x.nr_exchanged = 0;
	x.in.extent_order = 1;
	x.out.nr_extents = 2;
	x.in.extent_start.p = (xen_pfn_t *)&f;
	f = ~0UL;						/* the second frame is number 0 */
	WANT(H2(memory_op, XENMEM_exchange, &x), eINVAL);
	return true;
}

static bool wrap_reservation(void)
{
	struct xen_memory_reservation r = { .domid = DOMID_SELF };
	xen_pfn_t f = ~0UL - 1;
	static const u64 nr[] = { ~0UL, 1UL << 61, 1UL << 32, 1UL << 26, (1UL << 26) + 1 };
	static const u32 orders[] = { 10, 19, 31, 52, 63, 64, 65, ~0U };

	r.extent_start.p = &f;
	for (u32 op = XENMEM_increase_reservation; op <= XENMEM_decrease_reservation; op++) {
		for (u32 i = 0; i < ARRAY_SIZE(nr); i++) {
			r.nr_extents = nr[i];
			WANT(H2(memory_op, op, &r), 0);
		}
		r.nr_extents = 1;
		for (u32 i = 0; i < ARRAY_SIZE(orders); i++) {
			r.extent_order = orders[i];
			WANT(H2(memory_op, op, &r), 0);
		}
		r.extent_order = 0;
		/* A restart that never began: beyond the last extent. */
		WANT(H2(memory_op, op | 5UL << 6, &r), 5);
	}
	r.extent_order = 2;
	WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 0);
	r.extent_order = 0;
	/* There is room for 4 MiB: a guest may have no more than 2 MiB in one piece. */
	for (u64 pfn = start_info->nr_pages - 1024; pfn < start_info->nr_pages; pfn++) {
		f = pfn_to_mfn(pfn);
		WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 1);
	}
	r.extent_order = 10;
	WANT(H2(memory_op, XENMEM_increase_reservation, &r), 0);
	r.extent_order = 9;
	WANT(H2(memory_op, XENMEM_increase_reservation, &r), 1);
	return true;
}

/* Restart counts that the hypervisor keeps in the arguments, made up. */
static bool forged_restarts(void)
{
	mmu_update_t u = { ~0UL, 0 };
	u32 done = ~0U;

	WANT(H4(mmu_update, &u, 0x80000001, 0, DOMID_SELF), eINVAL);
	WANT(H4(mmu_update, &u, 0x80000000, &done, DOMID_SELF), 0);
	WANT(done, ~0U);
	WANT(H4(mmu_update, &u, 0x80000001, 0xffff830000000000, DOMID_SELF), eFAULT);
	for (u32 cmd = 0; cmd < 32; cmd++)
		if (cmd != XENMEM_increase_reservation && cmd != XENMEM_decrease_reservation &&
		    cmd != XENMEM_populate_physmap)
			WANT_TRUE(H2(memory_op, cmd | 0x7ffffffUL << 6, 0xffff830000000000) < 0);
	return true;
}

/* The count of what was done, with one left from another call: a guest's kernel goes on from there. */
static bool stale_counts(void)
{
	static const struct { domid_t owner; int rc; } to[] = { { 0x6fff, eSRCH }, { DOMID_INVALID, eSRCH }, { DOMID_XEN, ePERM } };
	mmu_update_t u = { ~0UL, 0 };
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	u32 done;

	for (u32 i = 0; i < ARRAY_SIZE(to); i++) {
		done = 90;
		WANT(H4(mmu_update, &u, 1, &done, to[i].owner), to[i].rc);
		WANT(done, 0);
		done = 90;
		WANT(H4(mmuext_op, &op, 1, &done, to[i].owner), to[i].rc);
		WANT(done, 0);
	}
	/* The tables' owner stands in the upper half, plus one. */
	done = 90;
	WANT(H4(mmu_update, &u, 1, &done, 0x7000UL << 16 | DOMID_SELF), eINVAL);
	WANT(done, 0);
	return true;
}

/* ---- multicall ---- */

static bool multicall_recursion(void)
{
	static multicall_entry_t list[3];

	/* A list that contains itself. */
	for (u32 i = 0; i < ARRAY_SIZE(list); i++) {
		list[i].op = __HYPERVISOR_multicall;
		list[i].args[0] = (u64)list;
		list[i].args[1] = ARRAY_SIZE(list);
	}
	WANT(H2(multicall, list, ARRAY_SIZE(list)), 0);
	for (u32 i = 0; i < ARRAY_SIZE(list); i++)
		WANT(list[i].result, eINVAL);
	return true;
}

static bool multicall_numbers(void)
{
	static const u64 nr[] = { 64, 65, 11, 63, 1UL << 32, ~0UL, 1UL << 63, 0x100000011UL };
	multicall_entry_t e;

	for (u32 i = 0; i < ARRAY_SIZE(nr); i++) {
		memset(&e, 0, sizeof(e));
		e.op = nr[i];
		WANT(H2(multicall, &e, 1), 0);
		WANT(e.result, eNOSYS);
	}
	return true;
}

static bool multicall_lengths(void)
{
	static multicall_entry_t list[4];

	WANT(H2(multicall, HV_START - 64, 2), eFAULT);
	WANT(H2(multicall, HV_START - (1UL << 37), ~0U), eFAULT);
	WANT(H2(multicall, ~0UL - 63, 1), eFAULT);
	WANT(H2(multicall, ~0UL - 127, ~0U), eFAULT);
	/* The result goes into a page that is read-only. */
	memset(hole, 0, PAGE_SIZE);
	((multicall_entry_t *)hole)->op = __HYPERVISOR_xen_version;
	make_readonly(hole);
	WANT(H2(multicall, hole, 1), eFAULT);
	make_writable(hole);
	/* One entry unmaps the list's own page. */
	memset(hole, 0, PAGE_SIZE);
	((multicall_entry_t *)hole)->op = __HYPERVISOR_update_va_mapping;
	((multicall_entry_t *)hole)->args[0] = (u64)hole;
	((multicall_entry_t *)hole)->args[2] = UVMF_INVLPG;
	WANT(H2(multicall, hole, 2), eFAULT);
	make_writable(hole);
	list[0].op = __HYPERVISOR_xen_version;
	WANT(H2(multicall, list, 0), 0);
	return true;
}

static volatile multicall_entry_t shared_list[8];
static void rewrite_list(void)
{
	/* None that takes our own handlers away, and none at all. */
	static const u8 numbers[] = { __HYPERVISOR_xen_version, __HYPERVISOR_memory_op, __HYPERVISOR_physdev_op, 11, 63 };
	u32 r = next_random();

	((volatile u64 *)shared_list)[r % (sizeof(shared_list) / 8)] =
		r & 0x100 ? numbers[next_random() % ARRAY_SIZE(numbers)] : (u64)page;
}

static bool multicall_rewritten(void)
{
	WANT_TRUE(smp_start(rewrite_list));
	for (u32 i = 0; i < 20000; i++) {
		for (u32 j = 0; j < ARRAY_SIZE(shared_list); j++) {
			shared_list[j].op = i & 1 ? __HYPERVISOR_xen_version : __HYPERVISOR_memory_op;
			shared_list[j].args[0] = i & 1 ? (u64)XENVER_extraversion : (u64)XENMEM_current_reservation;
			shared_list[j].args[1] = (u64)page;
		}
		H2(multicall, shared_list, ARRAY_SIZE(shared_list));
	}
	smp_end();
	return true;
}

/* ---- any call with any arguments ---- */

static u64 random_argument(void)
{
	u64 r = (u64)next_random() << 32 | next_random();

	switch (r % 7) {
	case 0: return r >> 40 & 63;
	case 1: return (u64)page + (r >> 20 & 0x7ff);
	case 2: return bad_addresses[(r >> 20) % ARRAY_SIZE(bad_addresses)];
	case 3: return DOMID_SELF;
	case 4: return (u64)hole;
	case 5: return HV_START + (r >> 17);
	default: return r;
	}
}

/* Calls that end the domain, take its handlers or its descriptor tables away, or sleep. */
static bool spares_us(u32 nr)
{
	return nr != __HYPERVISOR_set_trap_table && nr != __HYPERVISOR_set_gdt && nr != __HYPERVISOR_set_callbacks &&
	       nr != __HYPERVISOR_iret && nr != __HYPERVISOR_console_io && nr != __HYPERVISOR_sched_op && nr != __HYPERVISOR_sched_op_compat &&
	       nr != __HYPERVISOR_callback_op && nr != __HYPERVISOR_nmi_op && nr != __HYPERVISOR_vcpu_op &&
	       nr != __HYPERVISOR_set_segment_base && nr != __HYPERVISOR_stack_switch &&
	       nr != __HYPERVISOR_update_va_mapping && nr != __HYPERVISOR_mmu_update && nr != __HYPERVISOR_mmuext_op &&
	       nr != __HYPERVISOR_multicall && nr != __HYPERVISOR_memory_op && nr != __HYPERVISOR_set_debugreg &&
	       nr != __HYPERVISOR_update_va_mapping_otherdomain && nr != __HYPERVISOR_update_descriptor &&
	       nr != __HYPERVISOR_grant_table_op && nr != __HYPERVISOR_event_channel_op;
}

static bool random_calls(void)
{
	for (u32 i = 0; i < 40000; i++) {
		u32 nr = next_random() % 64;

		for (u32 j = 0; j < PAGE_SIZE / 4; j += 37)
			((u32 *)page)[j] = next_random();
		if (spares_us(nr))
			hypercall(nr, random_argument(), random_argument(), random_argument(), random_argument(),
				  random_argument());
	}
	return true;
}

static const struct attack attacks[] = {
	{ "argument-unknown-numbers", unknown_numbers },
	{ "argument-unknown-commands", unknown_commands },
	{ "argument-bad-pointers", bad_pointers },
	{ "argument-inner-pointers", inner_pointers },
	{ "argument-wrap-around", wrap_around },
	{ "argument-wrap-exchange", wrap_exchange },
	{ "argument-wrap-reservation", wrap_reservation },
	{ "argument-forged-restarts", forged_restarts },
	{ "argument-stale-counts", stale_counts },
	{ "argument-random-calls", random_calls },
	{ "multicall-recursion", multicall_recursion },
	{ "multicall-numbers", multicall_numbers },
	{ "multicall-lengths", multicall_lengths },
	{ "multicall-rewritten", multicall_rewritten },
};
ATTACK_GROUP(arguments, attacks, NULL);
