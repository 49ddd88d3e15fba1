/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files that keep guests' page tables safe. */
#ifndef PV_PAGETABLE_H
#define PV_PAGETABLE_H

#include <hv/domain.h>
#include <hv/page_ref.h>
#include <pv/mm.h>
#include <x86/pgtable.h>

struct vcpu;

static inline unsigned int table_level(u64 type) { return (unsigned int)(type >> 60); }
static inline u64 table_type(unsigned int level) { return (u64)level << 60; }

/*
 * Called on a busy table (mm/page_type.c).  Entries below *cursor hold references.  Validation goes up to
 * 512, release down to 0; 0 done, -ERESTART preempted (at least one entry was done), else the entry's error.
 */
int pv_validate_table(struct page_info *pg, u64 type, unsigned int *cursor, bool preemptible) must_check;
int pv_release_table(struct page_info *pg, u64 type, unsigned int *cursor, bool preemptible) must_check;
int pv_validate_segdesc(struct page_info *pg) must_check;
/* Takes on what is left of a preempted release or of an abandoned validation; 0 or -ERESTART. */
int page_finish_partial(struct page_info *pg) must_check;

/* Software bit of a leaf entry: set by us for pages that only the guest's kernel may reach (ABI: bit 52). */
#define PTE_GUEST_KERNEL	BIT64(52)
#define PTE_CACHE		(PTE_PWT | PTE_PCD | PTE_PAT)
/* Physical-address bits that the CPU does not have; set at boot. */
extern u64 pte_reserved;
/* Bits that may change in an entry without a look at the frame's references. */
#define PTE_HARMLESS		(PTE_NX | GENMASK(62, 52) | PTE_AVAIL | PTE_G | PTE_D | PTE_A | PTE_U)

/* Flags of a present leaf entry as written for a 64-bit guest. */
static inline u64 pv_adjust_l1e(u64 e)
{
	if (!(e & PTE_P))
		return e;
	if (!(e & PTE_U))
		return e | PTE_GUEST_KERNEL | PTE_U;
	/* User pages stay in the TLB when the guest enters its kernel. */
	return e & PTE_GUEST_KERNEL ? e : e | PTE_G;
}

/* What pv_get_l1e leaves to a closer look: device memory, refusals, cache attributes. */
int pv_get_l1e_slow(u64 *e, struct domain *d, struct domain *owner) must_check;
void pv_put_l1e_slow(u64 e, struct domain *d);

/*
 * References that the present leaf entry *pe needs, for a table of @d with frames of @owner.  *pe becomes what
 * is to be written: a 64-bit guest runs its kernel and its users in ring 3 both.  0, -EINVAL, -EPERM, -EBUSY.
 */
static always_inline int pv_get_l1e(u64 *pe, struct domain *d, struct domain *owner)
{
	u64 e = *pe, f = pte_mfn(e).m, again;
	struct page_info *pg = mfn_to_page(mfn(f));
	int rc;

	if (unlikely(e & (pte_reserved | PTE_CACHE)) || unlikely(f >= max_page) ||
	    unlikely(!page_ref_get(pg, owner->id)))
		goto slow;
	if ((e & PTE_W) && unlikely(page_writable_get(pg))) {
		page_ref_put(pg);
		goto slow;
	}
	*pe = pv_adjust_l1e(e);
	return 0;
slow:
	again = e;		/* so that the entry itself may stay in a register */
	rc = pv_get_l1e_slow(&again, d, owner);
	*pe = again;
	return rc;
}

/* A present leaf entry of a table of @d goes. */
static always_inline void pv_put_l1e(u64 e, struct domain *d)
{
	u64 f = pte_mfn(e).m;
	struct page_info *pg = mfn_to_page(mfn(f));

	/* RAM that is mapped has a reference; anything else has none. */
	if (unlikely(f >= max_page) || unlikely(!(u32)READ_ONCE(pg->count_info)))
		return;
	if (e & PTE_W)
		page_writable_put(pg);
	else if (unlikely(READ_ONCE(pg->type_info) >> 60 == PGT_SEGDESC >> 60))
		pv_put_l1e_slow(e, d);
	page_ref_put(pg);
}
/* An entry of level 2 to 4: 0, -EINVAL, -ERESTART. */
int pv_get_table_entry(u64 e, struct page_info *table, unsigned int level, struct domain *d,
		       bool preemptible) must_check;
int pv_put_table_entry(u64 e, struct page_info *table, unsigned int level, bool preemptible) must_check;

enum pte_write {
	PTE_REPLACE,	/* what the CPU set in A and D meanwhile is overwritten */
	PTE_KEEP_AD,	/* A and D stay as they are in memory */
	PTE_EXACT,	/* the entry must be as the caller saw it, to the bit */
};

/*
 * The commit function: all entries that a guest changes are written here.  *old is what the caller saw; the
 * CPU may have set A and D since, nothing else may have changed.  False: the entry changed, nothing written.
 */
static always_inline bool pv_commit(u64 *ptr, u64 *old, u64 new, enum pte_write how)
{
	u64 seen = *old, may = how == PTE_EXACT ? 0 : PTE_A | PTE_D;

	do {
		if (unlikely((seen ^ *old) & ~may))
			return false;
		if (how == PTE_KEEP_AD)
			new |= seen & (PTE_A | PTE_D);
	} while (unlikely(!__atomic_compare_exchange_n(ptr, &seen, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)));
	*old = seen;
	return true;
}

/*
 * Changes of live tables; the caller holds a type reference on the table.  @old: the entry as the caller saw
 * it; -EAGAIN: it is another one now.  v takes what is left to finish.
 */
int pv_mod_l1e(u64 *ptr, u64 old, u64 new, struct domain *d, struct domain *owner, enum pte_write how) must_check;
int pv_mod_table_entry(u64 *ptr, u64 new, struct page_info *table, unsigned int level, struct vcpu *v,
		       enum pte_write how) must_check;

/* The table behind entry @e of @v's domain: remembered if a failure left it PARTIAL. */
void pv_note_partial(struct vcpu *v, u64 e);
/* @rc of a putter of what @e names. */
static inline void pv_finish_if_preempted(struct vcpu *v, u64 e, int rc)
{
	if (unlikely(rc))
		pv_note_partial(v, e);
}

/* The hypervisor wrote to a frame of @d by its own mapping of it (rule: hv/guest_kind.h). */
static always_inline void pv_wrote_frame(struct domain *d, const struct page_info *pg)
{
	if (unlikely(d->dirty_log))
		pv_mark_dirty(d, page_to_mfn(pg));
}

/* MMIO that nobody but us may write (MSI-X tables, MMCONFIG): frames. */
extern struct rangeset *mmio_ro_ranges;
bool pv_mmio_is_ro(u64 f);
/* The leaf entry of the guest kernel's root for @va, 0 if none. */
u64 pv_walk_kernel_l1e(const struct vcpu *v, unsigned long va);
/* The L1 table that maps @va for the running guest, with existence and type reference; NULL: none. */
struct page_info *pv_get_l1_table(struct vcpu *v, unsigned long va);
/* The guest address of a descriptor table of v's domain was unmapped: its window must show nothing stale. */
void pv_ldt_mapping_gone(struct vcpu *v);

/* Frame @f of @d with an existence reference, or NULL. */
static always_inline struct page_info *get_page_from_frame(u64 f, const struct domain *d)
{
	struct page_info *pg = mfn_to_page(mfn(f));

	return likely(f < max_page) && page_ref_get(pg, d->id) ? pg : NULL;
}

#endif
