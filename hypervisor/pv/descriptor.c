// SPDX-License-Identifier: GPL-2.0-only
/* Guests' descriptor tables: what may be in them, and their place in the CPU's window. */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <pv/mm.h>
#include <x86/current.h>
#include <x86/desc.h>
#include <x86/flushtlb.h>
#include <x86/processor.h>
#include "pagetable.h"

#define ENTRIES_PER_PAGE	512U
#define MAX_GDT_ENTRIES		(PV_GDT_FRAMES * ENTRIES_PER_PAGE)
#define MAX_LDT_ENTRIES		(PV_LDT_FRAMES * ENTRIES_PER_PAGE)
/* Writable, since the CPU sets descriptors' accessed bit; not global, so that loading a root flushes it. */
#define PTE_WINDOW		(PTE_P | PTE_W | PTE_A | PTE_D | PTE_NX)

/* SDM 3A 3.4.5 */
#define DESC_TYPE_MASK		GENMASK(43, 40)
#define DESC_S			BIT64(44)	/* code or data */
#define DESC_DPL_MASK		GENMASK(46, 45)

/* Window pages of this CPU that show something: bit per page, GDT from 0, LDT from CPU_WINDOW_LDT_PAGE. */
static DEFINE_PER_CPU(u32, window_used);
static DEFINE_PER_CPU(u64 *, window_ptes);	/* where they are mapped; NULL: not asked yet */

static u64 *own_window(void)
{
	u64 **ptes = &this_cpu(window_ptes);

	if (unlikely(!*ptes))
		*ptes = cpu_window_pte(smp_processor_id(), 0);
	return *ptes;
}

/*
 * A present descriptor is code or data for ring 3, or of type 0, which nothing can load (the upper half of a
 * wide descriptor looks so).  Gates, TSS and LDT descriptors would reach the hypervisor's segments.
 */
bool pv_check_descriptor(const struct domain *d, u64 *desc)
{
	if (!(*desc & DESC_PRESENT))
		return true;
	if (*desc & DESC_S) {
		*desc |= DESC_DPL_MASK;		/* guest kernels run in ring 3 as well */
		return true;
	}
	return !(*desc & DESC_TYPE_MASK);
}

int pv_validate_segdesc(struct page_info *pg)
{
	const struct domain *d = page_owner(pg);
	u64 *p = page_to_virt(pg);

	for (unsigned int i = 0; i < ENTRIES_PER_PAGE; i++) {
		u64 desc = p[i];

		if (!pv_check_descriptor(d, &desc))
			return -EINVAL;
		if (desc != p[i])
			p[i] = desc;
	}
	return 0;
}

static void load_windows(struct vcpu *next)
{
	struct pv_vcpu *pv = &next->arch.pv;
	u64 *pte = own_window();
	u32 want = (u32)(BIT64(pv->nr_gdt_frames) - 1) | pv->ldt_mapped << CPU_WINDOW_LDT_PAGE;
	u32 change = want | this_cpu(window_used);

	while (change) {
		unsigned int i = (unsigned int)__builtin_ctz(change);
		mfn_t f = i < CPU_WINDOW_LDT_PAGE ? pv->gdt_frame[i] : pv->ldt_frame[i - CPU_WINDOW_LDT_PAGE];

		change &= change - 1;
		WRITE_ONCE(pte[i], want >> i & 1 ? make_pte(f, PTE_WINDOW) : 0);
	}
	this_cpu(window_used) = want;
	cpu_load_ldt(pv->ldt_ents);
}

void pv_load_descriptor_windows(struct vcpu *next)
{
	if (likely(!READ_ONCE(next->arch.pv.ldt_mapped))) {
		load_windows(next);
		return;
	}
	spin_lock(&next->arch.pv.ldt_lock);	/* another vCPU may be taking its LDT pages away */
	load_windows(next);
	spin_unlock(&next->arch.pv.ldt_lock);
}

/* After a change of the running vCPU's tables. */
static void reload(struct vcpu *v)
{
	unsigned long flags;

	if (v != current)
		return;
	flags = local_irq_save();
	pv_load_descriptor_windows(v);
	local_irq_restore(flags);
	flush_tlb_local();
}

static void put_frames(mfn_t *f, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		put_page_and_type(mfn_to_page(f[i]));
}

void pv_destroy_gdt(struct vcpu *v)
{
	unsigned int nr = v->arch.pv.nr_gdt_frames;

	v->arch.pv.nr_gdt_frames = 0;
	if (!nr)
		return;
	reload(v);
	put_frames(v->arch.pv.gdt_frame, nr);
}

int pv_set_gdt(struct vcpu *v, const u64 *frames, unsigned int entries)
{
	unsigned int nr = DIV_ROUND_UP(entries, ENTRIES_PER_PAGE);
	mfn_t new[PV_GDT_FRAMES], old[PV_GDT_FRAMES];
	unsigned int nr_old = v->arch.pv.nr_gdt_frames;

	if (entries > MAX_GDT_ENTRIES)
		return -EINVAL;
	for (unsigned int i = 0; i < nr; i++) {
		struct page_info *pg = get_page_from_frame(frames[i], v->domain);

		if (!pg || get_page_type(pg, PGT_SEGDESC)) {
			if (pg)
				put_page(pg);
			put_frames(new, i);
			return -EINVAL;
		}
		new[i] = page_to_mfn(pg);
	}
	memcpy(old, v->arch.pv.gdt_frame, sizeof(old));
	memcpy(v->arch.pv.gdt_frame, new, nr * sizeof(new[0]));
	v->arch.pv.nr_gdt_frames = (u16)nr;
	reload(v);
	put_frames(old, nr_old);
	return 0;
}

long do_set_gdt(unsigned long frame_list, unsigned long entries_arg)
{
	unsigned int entries = (unsigned int)entries_arg;
	u64 frames[PV_GDT_FRAMES];

	if (entries > MAX_GDT_ENTRIES)
		return -EINVAL;
	if (!copy_from_guest_raw(frames, frame_list, DIV_ROUND_UP(entries, ENTRIES_PER_PAGE) * sizeof(frames[0])))
		return -EFAULT;
	return pv_set_gdt(current, frames, entries);
}

long do_update_descriptor(unsigned long maddr, unsigned long desc_arg)
{
	struct domain *d = current->domain;
	struct page_info *pg;
	u64 desc = desc_arg, type;
	long rc = -EINVAL;

	if ((maddr & 7) || !pv_check_descriptor(d, &desc))
		return -EINVAL;
	pg = get_page_from_frame(maddr >> PAGE_SHIFT, d);
	if (!pg)
		return -EINVAL;
	/* In use as a descriptor table, or it must be plain memory. */
	type = READ_ONCE(pg->type_info);
	type = (type & (PGT_TYPE_MASK | PGT_VALIDATED)) == (PGT_SEGDESC | PGT_VALIDATED) ? PGT_SEGDESC : PGT_WRITABLE;
	if (!get_page_type(pg, type)) {
		WRITE_ONCE(*(u64 *)((char *)page_to_virt(pg) + (maddr & ~PAGE_MASK)), desc);
		pv_wrote_frame(d, pg);
		put_page_type(pg);
		rc = 0;
	}
	put_page(pg);
	return rc;
}

/*
 * The LDT lies at a linear address of the guest's; its pages come into the window one by one, as the CPU
 * asks for them, and go when that address's mapping changes.
 */
bool pv_invalidate_ldt(struct vcpu *v)
{
	mfn_t frames[PV_LDT_FRAMES];
	u32 mapped;

	spin_lock(&v->arch.pv.ldt_lock);
	mapped = v->arch.pv.ldt_mapped;
	v->arch.pv.ldt_mapped = 0;
	if (mapped) {
		memcpy(frames, v->arch.pv.ldt_frame, sizeof(frames));
		if (v->is_running || v == current) {
			u64 *pte = cpu_window_pte(v->processor, CPU_WINDOW_LDT_PAGE);

			for (unsigned int i = 0; i < PV_LDT_FRAMES; i++)
				WRITE_ONCE(pte[i], 0);
		}
	}
	spin_unlock(&v->arch.pv.ldt_lock);
	for (u32 left = mapped; left; left &= left - 1)
		put_page_and_type(mfn_to_page(frames[__builtin_ctz(left)]));
	return mapped;
}

void pv_ldt_mapping_gone(struct vcpu *v)
{
	cpumask_t cpus;

	if (!READ_ONCE(v->arch.pv.ldt_mapped) || !pv_invalidate_ldt(v))
		return;
	cpumask_clear(&cpus);
	cpumask_set_cpu(v->processor, &cpus);
	flush_tlb_mask(&cpus);
}

int pv_set_ldt(struct vcpu *v, unsigned long base, unsigned int entries)
{
	if (entries > MAX_LDT_ENTRIES || !IS_ALIGNED(base, PAGE_SIZE) ||
	    (entries && base < HV_VIRT_END && base + entries * 8UL > HV_VIRT_START))
		return -EINVAL;
	if (v->arch.pv.ldt_ents == entries && v->arch.pv.ldt_base == base)
		return 0;
	pv_invalidate_ldt(v);
	v->arch.pv.ldt_base = base;
	v->arch.pv.ldt_ents = entries;
	v->arch.pv.nr_ldt_pages = (u16)DIV_ROUND_UP(entries, ENTRIES_PER_PAGE);
	reload(v);
	return 0;
}

bool pv_in_descriptor_window(unsigned long addr)
{
	unsigned long w = cpu_window(smp_processor_id());

	return addr >= w && addr < w + CPU_WINDOW_DESC_PAGES * PAGE_SIZE;
}

bool pv_fixup_window_fault(struct vcpu *v, unsigned long addr)
{
	unsigned long off = addr - cpu_window(smp_processor_id()) - CPU_WINDOW_LDT_PAGE * PAGE_SIZE;
	unsigned int i = (unsigned int)(off >> PAGE_SHIFT);
	struct pv_vcpu *pv = &v->arch.pv;
	struct page_info *pg;
	u64 e;

	if (off >= PV_LDT_FRAMES * PAGE_SIZE || i >= pv->nr_ldt_pages)
		return false;
	e = pv_walk_kernel_l1e(v, pv->ldt_base + (off & PAGE_MASK));
	pg = e & PTE_P ? get_page_from_frame(pte_mfn(e).m, v->domain) : NULL;
	if (!pg)
		return false;
	if (get_page_type(pg, PGT_SEGDESC)) {
		put_page(pg);
		return false;
	}
	spin_lock(&pv->ldt_lock);
	if (pv->ldt_mapped >> i & 1) {
		spin_unlock(&pv->ldt_lock);	/* mapped meanwhile: the fault was stale */
		put_page_and_type(pg);
		return true;
	}
	pv->ldt_frame[i] = page_to_mfn(pg);
	pv->ldt_mapped |= 1U << i;
	WRITE_ONCE(own_window()[CPU_WINDOW_LDT_PAGE + i], make_pte(page_to_mfn(pg), PTE_WINDOW));
	this_cpu(window_used) |= 1U << (CPU_WINDOW_LDT_PAGE + i);
	spin_unlock(&pv->ldt_lock);
	/* The mapping that we came by may have gone between the walk and now: then so must this. */
	if (unlikely((pv_walk_kernel_l1e(v, pv->ldt_base + (off & PAGE_MASK)) ^ e) & (PTE_ADDR | PTE_P)))
		pv_ldt_mapping_gone(v);
	return true;
}

bool pv_read_descriptor(struct vcpu *v, u16 sel, u64 *desc)
{
	unsigned int index = sel >> 3;
	struct page_info *pg;
	u64 e;

	if (!(sel & 4)) {
		if (index >= v->arch.pv.nr_gdt_frames * ENTRIES_PER_PAGE) {
			if (index < MAX_GDT_ENTRIES || index >= MAX_GDT_ENTRIES + ENTRIES_PER_PAGE)
				return false;
			*desc = cpu_gdt_page(smp_processor_id())[index - MAX_GDT_ENTRIES];
			return true;
		}
		*desc = ((u64 *)mfn_to_virt(v->arch.pv.gdt_frame[index / ENTRIES_PER_PAGE]))[index % ENTRIES_PER_PAGE];
		return true;
	}
	if (index >= v->arch.pv.ldt_ents)
		return false;
	e = pv_walk_kernel_l1e(v, v->arch.pv.ldt_base + index * 8UL);
	pg = e & PTE_P ? get_page_from_frame(pte_mfn(e).m, v->domain) : NULL;
	if (!pg)
		return false;
	*desc = READ_ONCE(((u64 *)page_to_virt(pg))[index % ENTRIES_PER_PAGE]);
	put_page(pg);
	return true;
}
