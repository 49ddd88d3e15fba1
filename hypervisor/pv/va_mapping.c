// SPDX-License-Identifier: GPL-2.0-only
/* Walking the running guest's tables, and update_va_mapping. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include "owner.h"
#include "pagetable.h"

/*
 * The L1 table for @va under @root.  Other vCPUs may free tables while we look: every frame number is checked
 * before it is followed, and what is found only says where to look, never what is allowed.
 */
static bool walk_to_l1(struct page_info *root, unsigned long va, u64 *frame)
{
	u64 f = page_to_mfn(root).m, e;

	if (unlikely(va >= HV_VIRT_START && va < HV_VIRT_END))
		return false;
	e = READ_ONCE(((u64 *)mfn_to_virt(mfn(f)))[l4_index(va)]);
	if (unlikely(!(e & PTE_P) || !mfn_valid(pte_mfn(e))))
		return false;
	e = READ_ONCE(((u64 *)mfn_to_virt(pte_mfn(e)))[l3_index(va)]);
	if (unlikely(!(e & PTE_P) || !mfn_valid(pte_mfn(e))))
		return false;
	e = READ_ONCE(((u64 *)mfn_to_virt(pte_mfn(e)))[l2_index(va)]);
	if (unlikely((e & (PTE_P | PTE_PS)) != PTE_P || !mfn_valid(pte_mfn(e))))
		return false;
	*frame = pte_mfn(e).m;
	return true;
}

static struct page_info *root_of(const struct vcpu *v)
{
	return v->arch.kernel_mode ? v->arch.pv.guest_table : v->arch.pv.guest_table_user;
}

struct page_info *pv_get_l1_table(struct vcpu *v, unsigned long va)
{
	struct page_info *pg, *root = root_of(v);
	u64 f, x;

	if (unlikely(!root) || !walk_to_l1(root, va, &f))
		return NULL;
	pg = mfn_to_page(mfn(f));
	if (unlikely(!get_page(pg, v->domain)))
		return NULL;
	/* Only if it is one and in use: nothing is validated here. */
	x = READ_ONCE(pg->type_info);
	do {
		if (unlikely((x & (PGT_TYPE_MASK | PGT_VALIDATED)) != (PGT_L1 | PGT_VALIDATED) ||
			     !((x + 1) & PGT_COUNT_MASK))) {
			put_page(pg);
			return NULL;
		}
	} while (unlikely(!try_cmpxchg(&pg->type_info, &x, x + 1)));
	return pg;
}

static u64 walk_l1e(struct page_info *root, unsigned long va)
{
	u64 f;

	if (!root || !walk_to_l1(root, va, &f))
		return 0;
	return READ_ONCE(((u64 *)mfn_to_virt(mfn(f)))[l1_index(va)]);
}

u64 pv_walk_l1e(const struct vcpu *v, unsigned long va) { return walk_l1e(root_of(v), va); }
u64 pv_walk_kernel_l1e(const struct vcpu *v, unsigned long va) { return walk_l1e(v->arch.pv.guest_table, va); }

struct page_info *pv_page_from_va(struct vcpu *v, unsigned long va, bool write)
{
	u64 e = pv_walk_l1e(v, va);
	struct page_info *pg;

	if ((e & (PTE_P | (write ? PTE_W : 0))) != (PTE_P | (write ? PTE_W : 0)))
		return NULL;
	pg = get_page_from_frame(pte_mfn(e).m, v->domain);
	if (pg && write && get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return NULL;
	}
	return pg;
}

static int flush_after(struct domain *d, unsigned long va, unsigned long flags)
{
	unsigned long where = flags & ~(unsigned long)UVMF_FLUSHTYPE_MASK;
	unsigned long what = flags & UVMF_FLUSHTYPE_MASK;
	cpumask_t cpus = d->dirty_cpus;

	if (what != UVMF_TLB_FLUSH && what != UVMF_INVLPG)
		return 0;
	if (where == UVMF_LOCAL) {
		if (what == UVMF_TLB_FLUSH)
			flush_tlb_local();
		else
			flush_tlb_one_local(va);
		return 0;
	}
	if (where != UVMF_ALL && !pv_vcpumask_to_cpus(d, where, &cpus))
		return -EFAULT;
	if (what == UVMF_TLB_FLUSH)
		flush_tlb_mask(&cpus);
	else
		flush_tlb_one_mask(&cpus, va);
	return 0;
}

static long update_va(struct vcpu *v, unsigned long va, u64 val, unsigned long flags, struct domain *owner)
{
	struct page_info *pg = pv_get_l1_table(v, va);
	int rc, rc2;
	u64 *p;

	if (!pg)
		return -EINVAL;
	p = (u64 *)page_to_virt(pg) + l1_index(va);
	rc = pv_mod_l1e(p, READ_ONCE(*p), val, v->domain, owner, PTE_REPLACE);
	if (unlikely(rc == -EAGAIN))
		rc = -EBUSY;
	put_page_and_type(pg);
	rc2 = flush_after(v->domain, va, flags);
	return rc ? rc : rc2;
}

long do_update_va_mapping(unsigned long va, unsigned long val, unsigned long flags)
{
	struct vcpu *v = current;

	return update_va(v, va, val, flags, v->domain);
}

long do_update_va_mapping_otherdomain(unsigned long va, unsigned long val, unsigned long flags, unsigned long dom)
{
	struct vcpu *v = current;
	struct domain *owner = pv_get_owner((domid_t)dom);
	long rc;

	if (!owner)
		return -ESRCH;
	rc = pv_may_act_on(v->domain, owner) ? update_va(v, va, val, flags, owner) : -EPERM;
	pv_put_owner(owner);
	return rc;
}
