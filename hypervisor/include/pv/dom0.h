/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building Domain 0.  dom0_mem.c and dom0_layout.c are pure: how much memory it gets, and where in its
 * pseudo-physical space everything lies.
 */
#ifndef PV_DOM0_H
#define PV_DOM0_H

#include <hv/compiler.h>
#include <hv/types.h>

struct domain;
struct elf_kernel;

/* Boot: makes, fills and starts Domain 0; panics with the reason when it cannot be. */
void dom0_create(void);

/* One size of dom0_mem=: bytes (may be negative: all but that much) plus a share of memory in percent. */
struct dom0_size { bool given, has_bytes; s64 bytes; u32 percent; };
struct dom0_mem { struct dom0_size nr, min, max; };

/* Text of dom0_mem=; 0 or -EINVAL. */
int dom0_mem_parse(struct dom0_mem *m, const char *s) must_check;
/* What tools know as no limit on Domain 0's pages (4.17 has an unsigned int there). */
#define DOM0_NO_LIMIT 0xffffffffULL
/*
 * Pages for a domain when @avail are free: how many at once, and its limit.  Without an option it gets all
 * but a sixteenth, of which at most 128 MiB stay with the hypervisor.
 */
void dom0_mem_pages(const struct dom0_mem *m, u64 avail, u64 *nr, u64 *max_pages);

/* Frame numbers are pseudo-physical; the region [0, map_end) is mapped at virt_base in this order. */
struct dom0_layout {
	u64 virt_base;
	u64 nr_pages;
	u64 kernel_end;
	u64 initrd_pfn, initrd_pages;	/* mapped: inside the region; else behind p2m */
	bool initrd_mapped;
	u64 p2m_pfn, p2m_pages, p2m_va;
	u64 start_info_pfn;
	u64 pt_pfn, nr_pt;
	u64 stack_pfn;
	u64 map_end;
	bool p2m_outside;		/* at its own address */
};

/* 0, -ENOSPC (does not fit into @nr_pages), -EINVAL (addresses make no sense). */
int dom0_layout(struct dom0_layout *l, const struct elf_kernel *k, u64 nr_pages, u64 initrd_len,
		const char **why) must_check;
static inline u64 dom0_va(const struct dom0_layout *l, u64 pfn) { return l->virt_base + (pfn << PAGE_SHIFT); }

/* Stubs of the hypercall page for a PV guest (4 KiB). */
void pv_fill_hypercall_page(void *page);
/* Gives @d the machine's ports, IRQs and device memory, all but the hypervisor's own. 0 or -ENOMEM. */
int dom0_permissions(struct domain *d) must_check;

#endif
