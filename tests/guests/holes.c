/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine with more memory than fits below 4 GiB: no table of the hypervisor has anything where there is none, devices
 * in the hole can be used all the same.  Expects 5 GiB (tests/system/holes-guest.sh), of which QEMU puts 3 below the hole.
 */
#include "tools.h"

#define MEMORY_PAGES (5UL << 18)
#define CHUNKS 6			/* GiB, up to the end of RAM */
#define HOLE 3
#define HOLE_FRAME 0xd0000UL
#define IO_APIC_FRAME 0xfec00UL
#define PCI_FRAME 0xfe000UL		/* somewhere where QEMU's devices are */
#define BYTES_PER_FRAME 32		/* frame table and M2P */
#define REST_BYTES (5UL << 20)

static u8 window[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile u64 seen;

static void read_m2p(void *frame)
{
	seen = ((volatile u64 *)MACH2PHYS_VIRT_START)[(u64)frame];
}

static void table_has_holes(void)
{
	xen_pfn_t pieces[CHUNKS + 2] = { 0 };
	struct xen_machphys_mfn_list l = { .max_extents = ARRAY_SIZE(pieces), .extent_start.p = pieces };

	is("machphys_mfn_list", H2(memory_op, XENMEM_machphys_mfn_list, &l), 0);
	is("pieces of the table", l.nr_extents, CHUNKS);
	is("the hole's piece is the one before", (long)pieces[HOLE], (long)pieces[HOLE - 1]);
	is("the next one is its own", pieces[HOLE + 1] == pieces[HOLE], 0);
	is("an entry of memory", try_run(read_m2p, (void *)virt_to_mfn(window)), -1);
	is("its frame", (long)seen, (long)virt_to_pfn(window));
	is("an entry of the hole", try_run(read_m2p, (void *)HOLE_FRAME), 14);
}

static void devices_in_hole(void)
{
	mmu_update_t u = { .ptr = HOLE_FRAME << 12 | MMU_MACHPHYS_UPDATE, .val = 1 };
	u64 own = virt_to_mfn(window) << 12 | PTE_FLAGS;

	is("a device's page", set_va(window, PCI_FRAME << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	is("a read of it", *(volatile u32 *)window, *(volatile u32 *)window);
	is("the page back", set_va(window, own, UVMF_INVLPG), 0);
	is("the interrupt controller's page", set_va(window, IO_APIC_FRAME << 12 | PTE_FLAGS, UVMF_INVLPG) != 0, 1);
	is("an entry of the table for the hole", H4(mmu_update, &u, 1, 0, DOMID_SELF) != 0, 1);
}

static void tables_are_small(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_physinfo);
	u64 taken, frames;

	is("physinfo", sysctl(op), 0);
	frames = MEMORY_PAGES;
	taken = (frames - op->u.physinfo.free_pages - start_info->nr_pages) * PAGE_SIZE;
	printk("  %lu KiB are neither free nor Domain 0's\n", taken >> 10);
	is("memory taken is within bounds", taken > frames * BYTES_PER_FRAME + REST_BYTES, 0);
}

void guest_main(void)
{
	table_has_holes();
	devices_in_hole();
	tables_are_small();
	guest_exit(complaints ? "FAIL" : "PASS");
}
