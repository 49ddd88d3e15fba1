// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of granted frames in the running PV guest: one leaf entry, named by the address it maps or by its
 * own machine address.  The entry holds references of its own, so a guest that overwrites it harms nobody.
 */
#include <hv/domain.h>
#include <hv/lib.h>
#include <public/grant_table.h>
#include <pv/mm.h>
#include <x86/current.h>
#include "pagetable.h"

/* A leaf entry, its table held with existence and type reference. */
struct slot { struct page_info *table; u64 *p; };

static bool slot_of_va(u64 va, struct slot *s)
{
	s->table = pv_get_l1_table(current, va);
	if (!s->table)
		return false;
	s->p = (u64 *)page_to_virt(s->table) + l1_index(va);
	return true;
}

static bool slot_of_pte(u64 maddr, struct slot *s)
{
	s->table = maddr & 7 ? NULL : get_page_from_frame(maddr >> PAGE_SHIFT, current->domain);
	if (!s->table)
		return false;
	if ((READ_ONCE(s->table->type_info) & (PGT_TYPE_MASK | PGT_VALIDATED)) != (PGT_L1 | PGT_VALIDATED) ||
	    get_page_type(s->table, PGT_L1)) {
		put_page(s->table);
		return false;
	}
	s->p = (u64 *)((char *)page_to_virt(s->table) + (maddr & ~PAGE_MASK));
	return true;
}

static bool slot_get(u64 addr, unsigned int flags, struct slot *s)
{
	return flags & GNTMAP_contains_pte ? slot_of_pte(addr, s) : slot_of_va(addr, s);
}

static void slot_put(const struct slot *s) { put_page_and_type(s->table); }

static u64 grant_pte(mfn_t m, unsigned int flags, u64 cache)
{
	u64 avail = (u64)(flags >> _GNTMAP_guest_avail0 & 7) << 9;	/* the ABI's three bits: PTE_AVAIL */

	return pv_adjust_l1e(make_pte(m, PTE_P | PTE_A | PTE_D | avail | (cache & PTE_CACHE) |
				      (flags & GNTMAP_readonly ? 0 : PTE_W) |
				      (flags & GNTMAP_application_map ? PTE_U : 0)));
}

static int write_slot(const struct slot *s, u64 new)
{
	u64 old = READ_ONCE(*s->p);

	if (!pv_commit(s->p, &old, new, PTE_REPLACE))
		return GNTST_general_error;
	if (old & PTE_P)
		pv_put_l1e(old, current->domain);
	return GNTST_okay;
}

int pv_grant_map(u64 addr, mfn_t m, unsigned int flags, u64 cache)
{
	struct page_info *pg = mfn_to_page(m);
	u64 e = grant_pte(m, flags, cache);
	struct slot s;
	int rc;

	if (!mfn_valid(m))
		return GNTST_general_error;
	if (!slot_get(addr, flags, &s))
		return flags & GNTMAP_contains_pte ? GNTST_general_error : GNTST_bad_virt_addr;
	if (!get_page_again(pg)) {
		slot_put(&s);
		return GNTST_general_error;
	}
	if ((e & PTE_W) && get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		slot_put(&s);
		return GNTST_general_error;
	}
	rc = write_slot(&s, e);
	if (rc != GNTST_okay)
		pv_put_l1e(e, current->domain);
	slot_put(&s);
	return rc;
}

/* Takes the entry at @va away together with the references it holds: they go with the value. */
static int take_entry(u64 va, u64 *e)
{
	struct slot s;
	bool ok;

	if (!slot_of_va(va, &s))
		return GNTST_general_error;
	*e = READ_ONCE(*s.p);
	ok = pv_commit(s.p, e, 0, PTE_REPLACE);
	slot_put(&s);
	return ok ? GNTST_okay : GNTST_general_error;
}

int pv_grant_unmap(u64 addr, mfn_t m, unsigned int flags, u64 new_addr)
{
	struct slot s;
	u64 e, with = 0;
	int rc;

	if (new_addr && (flags & GNTMAP_contains_pte))
		return GNTST_general_error;
	if (!slot_get(addr, flags, &s))
		return GNTST_general_error;
	e = READ_ONCE(*s.p);
	if (!(e & PTE_P) || !mfn_eq(pte_mfn(e), m)) {
		printk(LOG_G_WARN "d%u: entry %#llx is no mapping of granted frame %#llx\n", current->domain->id,
		       (unsigned long long)e, (unsigned long long)m.m);
		slot_put(&s);
		return GNTST_general_error;
	}
	rc = new_addr ? take_entry(new_addr, &with) : GNTST_okay;
	if (rc == GNTST_okay) {
		if (!pv_commit(s.p, &e, with, PTE_REPLACE)) {
			if (with & PTE_P)
				pv_put_l1e(with, current->domain);
			rc = GNTST_general_error;
		} else {
			pv_put_l1e(e, current->domain);
		}
	}
	slot_put(&s);
	return rc;
}
