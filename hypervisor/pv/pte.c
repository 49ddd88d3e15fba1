// SPDX-License-Identifier: GPL-2.0-only
/* Single entries: the references they hold, and changes of live ones. */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <pv/mm.h>
#include "pagetable.h"

u64 pte_reserved read_mostly;
__attribute__((weak)) struct rangeset *mmio_ro_ranges;

/* Who may touch devices may say how its mappings are cached. */
static bool may_set_cache(const struct domain *d)
{
	return (d->iomem_caps && !rangeset_empty(d->iomem_caps)) ||
	       (d->arch.ioport_caps && !rangeset_empty(d->arch.ioport_caps));
}

static bool may_map_io(const struct domain *d, u64 f)
{
	return d->iomem_caps && rangeset_contains_range(d->iomem_caps, f, f);
}

bool pv_mmio_is_ro(u64 f)
{
	return mmio_ro_ranges && rangeset_contains_range(mmio_ro_ranges, f, f);
}

/* Frames that are no RAM carry no references: only who may have them counts. */
static noinline_fn int get_io_l1e(u64 *e, struct domain *d, struct domain *owner)
{
	u64 f = pte_mfn(*e).m;

	if ((owner != dom_io && !may_map_io(owner, f)) || (owner != d && !may_map_io(d, f))) {
		printk(LOG_G_WARN "d%u: no permission to map I/O frame %#llx\n", d->id, (unsigned long long)f);
		return -EPERM;
	}
	if ((*e & PTE_W) && pv_mmio_is_ro(f))
		*e &= ~PTE_W;
	*e = pv_adjust_l1e(*e);
	return 0;
}

static noinline_fn int refuse_l1e(u64 e, const struct domain *d, const struct domain *owner)
{
	printk(LOG_G_WARN "d%u: entry %#llx refused: no such frame of d%u for it\n", d->id,
	       (unsigned long long)e, owner->id);
	return -EBUSY;
}

int pv_get_l1e_slow(u64 *pe, struct domain *d, struct domain *owner)
{
	u64 e = *pe, f = pte_mfn(e).m;
	struct page_info *pg = mfn_to_page(mfn(f));

	if (f == PTE_ADDR >> PAGE_SHIFT)	/* what a guest's failed look-up in the M2P makes */
		return -EINVAL;
	if (e & pte_reserved)		/* an address that no domain may have, or a flag that the CPU has not */
		return e & pte_reserved & PTE_ADDR ? -EPERM : -EINVAL;
	if ((e & PTE_CACHE) && !may_set_cache(d))
		return -EINVAL;
	if (!mfn_valid(mfn(f)))
		return get_io_l1e(pe, d, owner);
	if (!get_page(pg, owner))
		return refuse_l1e(e, d, owner);
	if ((e & PTE_W) && get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return refuse_l1e(e, d, owner);
	}
	if ((e & PTE_CACHE) && (e & PTE_W))
		atomic_fetch_or(&pg->count_info, PGC_UNCACHED);
	*pe = pv_adjust_l1e(e);
	return 0;
}

/* A descriptor table's linear address goes away: what CPUs show of it was taken through that address. */
void pv_put_l1e_slow(u64 e, struct domain *d)
{
	struct page_info *pg = mfn_to_page(pte_mfn(e));
	struct vcpu *v;

	if (!(READ_ONCE(pg->type_info) & PGT_VALIDATED) || page_owner_id(pg) != d->id)
		return;
	for_each_vcpu(d, v)
		pv_ldt_mapping_gone(v);
}

int pv_mod_l1e(u64 *ptr, u64 old, u64 new, struct domain *d, struct domain *owner, enum pte_write how)
{
	int rc;

	if (!(new & PTE_P)) {
		if (!pv_commit(ptr, &old, new, how))
			return -EAGAIN;
		if (old & PTE_P)
			pv_put_l1e(old, d);
		return 0;
	}
	if ((old & PTE_P) && !((old ^ new) & ~PTE_HARMLESS) && !(new & pte_reserved))
		return pv_commit(ptr, &old, pv_adjust_l1e(new), how) ? 0 : -EAGAIN;
	/* The old entry's references are no help in taking the new ones: another vCPU may take them with it. */
	rc = pv_get_l1e(&new, d, owner);
	if (unlikely(rc))
		return rc;
	if (unlikely(!pv_commit(ptr, &old, new, how))) {
		pv_put_l1e(new, d);
		return -EAGAIN;
	}
	if (old & PTE_P)
		pv_put_l1e(old, d);
	return 0;
}

int pv_mod_table_entry(u64 *ptr, u64 new, struct page_info *table, unsigned int level, struct vcpu *v,
		       enum pte_write how)
{
	unsigned int slot = ((unsigned long)ptr & ~PAGE_MASK) / sizeof(*ptr);
	struct domain *d = page_owner(table);
	u64 old = READ_ONCE(*ptr);
	bool same;
	int rc;

	if (level == 4 && slot >= HV_FIRST_SLOT && slot <= HV_LAST_SLOT) {
		printk(LOG_G_WARN "d%u: write to the hypervisor's root slot %u refused\n", d->id, slot);
		return -EINVAL;
	}
	same = (old & new & PTE_P) && !((old ^ new) & ~(PTE_HARMLESS & ~PTE_G)) && !(new & pte_reserved);
	if (!same) {
		rc = pv_get_table_entry(new, table, level, d, true);
		if (rc) {
			pv_note_partial(v, new);
			return rc;
		}
	}
	if (new & PTE_P)
		new |= PTE_U;
	if (!pv_commit(ptr, &old, new, how)) {
		if (!same)
			pv_finish_if_preempted(v, new, pv_put_table_entry(new, table, level, true));
		return -EAGAIN;
	}
	if (level == 4)
		pv_root_changed(d, page_to_mfn(table));
	if (!same && (old & PTE_P))
		pv_finish_if_preempted(v, old, pv_put_table_entry(old, table, level, true));
	return 0;
}

/* Remembers a table that some work left PARTIAL, until this vCPU's next hypercall on memory. */
void pv_finish_later(struct vcpu *v, struct page_info *pg)
{
	/* One is enough: what is not remembered is found when the domain goes, or by the frame's next user. */
	if (v->arch.pv.old_guest_table || !get_page_again(pg))
		return;
	v->arch.pv.old_guest_table = pg;
}

void pv_note_partial(struct vcpu *v, u64 e)
{
	struct page_info *pg = e & PTE_P ? get_page_from_frame(pte_mfn(e).m, v->domain) : NULL;

	if (!pg)
		return;
	if (READ_ONCE(pg->type_info) & PGT_PARTIAL)
		pv_finish_later(v, pg);
	put_page(pg);
}

int pv_finish_pending(struct vcpu *v)
{
	struct page_info *pg = v->arch.pv.old_guest_table;

	if (likely(!pg))
		return 0;
	if (page_finish_partial(pg))
		return -ERESTART;
	v->arch.pv.old_guest_table = NULL;
	put_page(pg);
	return 0;
}
