// SPDX-License-Identifier: GPL-2.0-only
/* Walking the running guest's tables, and update_va_mapping. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include <x86/uaccess.h>
#include "owner.h"
#include "pagetable.h"

/* An entry of a table found by its frame's address; false if there is no memory there, or it is not present. */
static always_inline bool read_entry(u64 table, unsigned int index, u64 *e)
{
	return get_user_u64(e, DIRECTMAP_START + (table & PTE_ADDR) + index * 8) && (*e & PTE_P);
}

/*
 * The L1 table for @va under @root.  Other vCPUs may free tables while we look, so what is read may be
 * anything: reads that fault are caught, and what is found only says where to look, never what is allowed.
 */
static always_inline bool walk_to_l1(struct page_info *root, unsigned long va, u64 *frame)
{
	u64 e;

	if (unlikely(!guest_va_ok(va, 8)) || !read_entry(mfn_to_paddr(page_to_mfn(root)), l4_index(va), &e) ||
	    !read_entry(e, l3_index(va), &e) || !read_entry(e, l2_index(va), &e) || unlikely(e & PTE_PS))
		return false;
	*frame = pte_mfn(e).m;
	return *frame < max_page;
}

static struct page_info *root_of(const struct vcpu *v)
{
	return v->arch.kernel_mode ? v->arch.pv.guest_table : v->arch.pv.guest_table_user;
}

static always_inline struct page_info *get_l1_table(struct vcpu *v, unsigned long va)
{
	struct page_info *pg, *root = root_of(v);
	u64 f;

	if (unlikely(!root) || !walk_to_l1(root, va, &f))
		return NULL;
	pg = mfn_to_page(mfn(f));
	if (unlikely(!page_ref_get(pg, v->domain->id)))
		return NULL;
	/* Only if it is one and in use: nothing is validated here. */
	if (likely(page_table_get(pg, PGT_L1)))
		return pg;
	page_ref_put(pg);
	return NULL;
}

struct page_info *pv_get_l1_table(struct vcpu *v, unsigned long va) { return get_l1_table(v, va); }

static u64 walk_l1e(struct page_info *root, unsigned long va)
{
	u64 f, e;

	return root && walk_to_l1(root, va, &f) && read_entry(f << PAGE_SHIFT, l1_index(va), &e) ? e : 0;
}

u64 pv_walk_l1e(const struct vcpu *v, unsigned long va) { return walk_l1e(root_of(v), va); }
u64 pv_walk_kernel_l1e(const struct vcpu *v, unsigned long va) { return walk_l1e(v->arch.pv.guest_table, va); }

static always_inline int flush_after(struct domain *d, unsigned long va, unsigned long flags)
{
	unsigned long where = flags & ~(unsigned long)UVMF_FLUSHTYPE_MASK;
	unsigned long what = flags & UVMF_FLUSHTYPE_MASK;
	cpumask_t cpus;

	if (what != UVMF_TLB_FLUSH && what != UVMF_INVLPG)
		return 0;
	if (where == UVMF_LOCAL) {
		if (what == UVMF_TLB_FLUSH)
			flush_tlb_local();
		else
			flush_tlb_one_local(va);
		return 0;
	}
	cpus = d->dirty_cpus;
	if (where != UVMF_ALL && !pv_vcpumask_to_cpus(d, where, &cpus))
		return -EFAULT;
	if (what == UVMF_TLB_FLUSH)
		flush_tlb_mask(&cpus);
	else
		flush_tlb_one_mask(&cpus, va);
	return 0;
}

static always_inline long update_va(struct vcpu *v, unsigned long va, u64 val, unsigned long flags, struct domain *owner)
{
	struct page_info *pg = get_l1_table(v, va);
	int rc, rc2;
	u64 *p;

	if (!pg)
		return -EINVAL;
	p = (u64 *)page_to_virt(pg) + l1_index(va);
	rc = pv_mod_l1e(p, READ_ONCE(*p), val, v->domain, owner, PTE_REPLACE);
	if (unlikely(rc == -EAGAIN))
		rc = -EBUSY;
	page_table_release(pg);
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
	struct domain *owner = pv_get_owner(v->domain, (domid_t)dom);
	long rc;

	if (!owner)
		return -ESRCH;
	rc = pv_may_act_on(v->domain, owner) ? update_va(v, va, val, flags, owner) : -EPERM;
	pv_put_owner(v->domain, owner);
	return rc;
}
