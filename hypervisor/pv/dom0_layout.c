// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where things lie in a new Domain 0: the order that the ABI gives for the initial mapping is kernel, ramdisk,
 * frame list, start_info, page tables, stack, then at least 512 KiB up to a 4 MiB boundary.  Kernels that
 * say so have the frame list at an address of its own (INIT_P2M) and the ramdisk not mapped at all
 * (MOD_START_PFN).  Pure.
 */
#include <hv/elf.h>
#include <hv/lib.h>
#include <pv/dom0.h>
#include <x86/layout.h>

#define L1_SPAN_SHIFT	21
#define L2_SPAN_SHIFT	30
#define L3_SPAN_SHIFT	39
#define REGION_ALIGN	(4096ULL * 1024 >> PAGE_SHIFT)
#define REGION_SLACK	(512ULL * 1024 >> PAGE_SHIFT)

/* Tables of levels 1 to 3 that map @pages at @va. */
static u64 tables_below_root(u64 va, u64 pages)
{
	static const unsigned int shifts[] = { L1_SPAN_SHIFT, L2_SPAN_SHIFT, L3_SPAN_SHIFT };
	u64 last = va + (pages << PAGE_SHIFT) - 1, n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(shifts); i++)
		n += (last >> shifts[i]) - (va >> shifts[i]) + 1;
	return n;
}

/* Page tables need room that itself must be mapped: grows until it fits. */
static void place_tables(struct dom0_layout *l, u64 pfn)
{
	u64 nr = 0, want = 1;

	l->start_info_pfn = pfn;
	l->pt_pfn = pfn + 1;
	while (nr < want) {
		nr = want;
		l->stack_pfn = l->pt_pfn + nr;
		l->map_end = ROUND_UP(l->stack_pfn + 1 + REGION_SLACK, REGION_ALIGN);
		want = 1 + tables_below_root(l->virt_base, l->map_end);
		if (l->p2m_outside)
			want += tables_below_root(l->p2m_va, l->p2m_pages);
	}
	l->nr_pt = nr;
}

static bool range_ok(u64 va, u64 pages)
{
	u64 end = va + (pages << PAGE_SHIFT) - 1;

	/* Both ends canonical and in the same half; the hypervisor's slots are 256..271. */
	if ((u64)((s64)(va << 16) >> 16) != va || (u64)((s64)(end << 16) >> 16) != end || (va ^ end) >> 63 || end < va)
		return false;
	return end < HV_VIRT_START || va >= HV_VIRT_END;
}

int dom0_layout(struct dom0_layout *l, const struct elf_kernel *k, u64 nr_pages, u64 initrd_len, const char **why)
{
	u64 pfn, behind;

	*l = (struct dom0_layout){ .virt_base = k->virt_base, .nr_pages = nr_pages };
	l->initrd_pages = DIV_ROUND_UP(initrd_len, PAGE_SIZE);
	l->initrd_mapped = !k->unmapped_initrd && l->initrd_pages;
	l->p2m_pages = DIV_ROUND_UP(nr_pages * sizeof(u64), PAGE_SIZE);
	l->p2m_outside = elf_has_note(k, XEN_ELFNOTE_INIT_P2M);

	*why = "its segments lie below its PADDR_OFFSET";
	if (k->pstart < k->paddr_offset || !IS_ALIGNED(k->virt_base, REGION_ALIGN << PAGE_SHIFT))
		return -EINVAL;
	l->kernel_end = pfn = DIV_ROUND_UP(k->pend - k->paddr_offset, PAGE_SIZE);
	if (l->initrd_mapped) {
		l->initrd_pfn = pfn;
		pfn += l->initrd_pages;
	}
	if (l->p2m_outside) {
		l->p2m_va = k->init_p2m;
	} else {
		l->p2m_pfn = pfn;
		l->p2m_va = dom0_va(l, pfn);
		pfn += l->p2m_pages;
	}
	place_tables(l, pfn);
	behind = l->map_end;
	if (l->p2m_outside) {
		l->p2m_pfn = behind;
		behind += l->p2m_pages;
	}
	if (l->initrd_pages && !l->initrd_mapped) {
		l->initrd_pfn = behind;
		behind += l->initrd_pages;
	}
	*why = "Domain 0's memory is too small for its kernel and ramdisk: raise dom0_mem=";
	if (behind > nr_pages)
		return -ENOSPC;
	*why = "its virtual addresses reach into the hypervisor's or wrap";
	if (!range_ok(l->virt_base, l->map_end) ||
	    (l->p2m_outside && (!IS_ALIGNED(l->p2m_va, PAGE_SIZE) || !range_ok(l->p2m_va, l->p2m_pages))))
		return -EINVAL;
	*why = "";
	return 0;
}
