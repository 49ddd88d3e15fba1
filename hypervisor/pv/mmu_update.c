// SPDX-License-Identifier: GPL-2.0-only
/* mmu_update: batches of writes to page-table entries and to the M2P. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include <x86/current.h>
#include <x86/uaccess.h>
#include "owner.h"
#include "pagetable.h"

/* In count: this is a restart, *pdone holds what was done before. */
#define COUNT_RESTART	BIT64(31)
#define PREEMPT_EVERY	16U		/* entries */

/* The table that entries go to: kept across entries, since guests fill one table at a time. */
struct table_ref {
	u64 frame;
	struct page_info *pg;		/* with an existence and a type reference, or NULL */
	u64 *p;
	unsigned int level;		/* 0: a data page */
};

struct update {
	struct vcpu *v;
	struct domain *pt_owner, *pg_owner;
	struct table_ref table;
};

static noinline_fn void table_last_put(struct update *u, struct page_info *pg)
{
	if (put_page_type_preemptible(pg))
		pv_finish_later(u->v, pg);
}

static always_inline void table_drop(struct update *u)
{
	struct page_info *pg = u->table.pg;

	if (!pg)
		return;
	u->table.pg = NULL;
	if (unlikely(!page_table_put(pg)))
		table_last_put(u, pg);
	page_ref_put(pg);
}

/* Not a table in use: one to be validated once more, or a data page. */
static noinline_fn int table_take_slow(struct update *u, u64 frame, struct page_info *pg)
{
	u64 type = READ_ONCE(pg->type_info) & PGT_TYPE_MASK;
	int rc;

	if (type == PGT_NONE || type > PGT_L4 || !(READ_ONCE(pg->type_info) & PGT_COUNT_MASK))
		type = PGT_WRITABLE;
	rc = get_page_type_preemptible(pg, type);
	if (rc) {
		put_page(pg);
		return rc;
	}
	u->table = (struct table_ref){ frame, pg, page_to_virt(pg), type == PGT_WRITABLE ? 0 : table_level(type) };
	return 0;
}

static always_inline int table_take(struct update *u, u64 frame)
{
	struct page_info *pg;

	table_drop(u);
	pg = get_page_from_frame(frame, u->pt_owner);
	if (unlikely(!pg))
		return -EINVAL;
	if (unlikely(!page_table_get(pg, PGT_L1)))
		return table_take_slow(u, frame, pg);
	u->table = (struct table_ref){ frame, pg, mfn_to_virt(mfn(frame)), 1 };
	return 0;
}

static always_inline int update_pte(struct update *u, u64 ptr, u64 val, enum pte_write how)
{
	u64 frame = ptr >> PAGE_SHIFT, *p;
	int rc;

	if (unlikely(ptr & 4))
		return -EINVAL;
	if (unlikely(!u->table.pg || u->table.frame != frame)) {
		rc = table_take(u, frame);
		if (rc)
			return rc;
	}
	p = (u64 *)((char *)u->table.p + (ptr & ~PAGE_MASK & ~7UL));
	if (likely(u->table.level == 1))
		return pv_mod_l1e(p, READ_ONCE(*p), val, u->pt_owner, u->pg_owner, how);
	if (u->table.level)
		return pv_mod_table_entry(p, val, u->table.pg, u->table.level, u->v, how);
	WRITE_ONCE(*p, val);
	pv_wrote_frame(u->pt_owner, u->table.pg);
	return 0;
}

static int update_m2p(struct update *u, u64 ptr, u64 val)
{
	struct page_info *pg = get_page_from_frame(ptr >> PAGE_SHIFT, u->pg_owner);

	if (!pg)
		return -EINVAL;
	set_gpfn_from_mfn(page_to_mfn(pg), val);
	put_page(pg);
	return 0;
}

static always_inline int update_one(struct update *u, u64 ptr, u64 val)
{
	unsigned int cmd = ptr & 3;

	if (likely(cmd == MMU_NORMAL_PT_UPDATE || cmd == MMU_PT_UPDATE_NO_TRANSLATE))
		return update_pte(u, ptr & ~3ULL, val, PTE_REPLACE);
	if (cmd == MMU_PT_UPDATE_PRESERVE_AD)
		return update_pte(u, ptr & ~3ULL, val, PTE_KEEP_AD);
	return update_m2p(u, ptr & ~3ULL, val);
}

/* Entries [0, count), an array outside of the hypervisor's range: how many were done; *rc why it stopped. */
static always_inline unsigned long update_all(struct update *u, unsigned long ureqs, unsigned long count, int *rc)
{
	unsigned long done;

	for (done = 0; done < count;) {
		u64 ptr, val;

		if (unlikely(!get_user_u64(&ptr, ureqs) || !get_user_u64(&val, ureqs + 8))) {
			*rc = -EFAULT;
			break;
		}
		*rc = update_one(u, ptr, val);
		if (unlikely(*rc))
			break;
		ureqs += sizeof(struct mmu_update);
		done++;
		if (unlikely(u->v->arch.pv.old_guest_table) ||
		    (unlikely(done % PREEMPT_EVERY == 0) && done < count && hypercall_preempt_check())) {
			*rc = -ERESTART;
			break;
		}
	}
	if (unlikely(*rc == -EAGAIN))
		*rc = -EBUSY;		/* two vCPUs at one entry: as the ABI has it */
	return done;
}

/* Who the call is about; 0 or -errno with nothing held. */
static noinline_fn int find_owners(struct update *u, unsigned long dom)
{
	struct domain *self = u->v->domain;
	u16 pt = (u16)(dom >> 16);

	if (pt) {			/* the tables are another domain's: its id plus one */
		u->pt_owner = pv_get_owner(self, (domid_t)(pt - 1));
		if (!u->pt_owner)
			return -EINVAL;
	}
	u->pg_owner = pv_get_owner(self, (domid_t)dom);
	if (!u->pg_owner) {
		pv_put_owner(self, u->pt_owner);
		return -ESRCH;
	}
	if (u->pt_owner->is_pv && pv_may_act_on(self, u->pt_owner) && pv_may_act_on(self, u->pg_owner))
		return 0;
	pv_put_owner(self, u->pt_owner);
	pv_put_owner(self, u->pg_owner);
	return -EPERM;
}

/*
 * One entry of an L1 table of the caller's own, which is what guests write most.  False: it is something else
 * or not in order, and nothing was done.
 */
static always_inline bool update_single(struct vcpu *v, unsigned long ureq, long *result)
{
	struct domain *d = v->domain;
	struct page_info *pg;
	enum pte_write how;
	u64 ptr, val, *p;
	int rc;

	if (unlikely(!guest_va_ok(ureq, sizeof(struct mmu_update)) || !get_user_u64(&ptr, ureq) ||
		     !get_user_u64(&val, ureq + 8)) || (ptr & 5))
		return false;
	how = ptr & MMU_PT_UPDATE_PRESERVE_AD ? PTE_KEEP_AD : PTE_REPLACE;
	pg = get_page_from_frame(ptr >> PAGE_SHIFT, d);
	if (unlikely(!pg))
		return false;
	if (unlikely(!page_table_get(pg, PGT_L1))) {
		page_ref_put(pg);
		return false;
	}
	p = (u64 *)((char *)mfn_to_virt(mfn(ptr >> PAGE_SHIFT)) + (ptr & ~PAGE_MASK & ~7UL));
	rc = pv_mod_l1e(p, READ_ONCE(*p), val, d, d, how);
	page_table_release(pg);
	*result = unlikely(rc == -EAGAIN) ? -EBUSY : rc;
	return true;
}

static noinline_fn long update_many(unsigned long ureqs, unsigned long count_arg, unsigned long pdone, unsigned long dom)
{
	struct vcpu *v = current;
	struct update u = { .v = v, .pt_owner = v->domain };
	u32 before = 0, count = (u32)count_arg, total;
	unsigned long done = 0;
	int rc = pv_finish_pending(v);

	if (unlikely(rc == -ERESTART))
		return hypercall_continue(4, ureqs, (unsigned long)count, pdone, dom);
	if (unlikely(count & COUNT_RESTART)) {
		count &= ~(u32)COUNT_RESTART;
		if (pdone && !arg_read(&before, pdone))
			return -EFAULT;
	}
	if (unlikely(!guest_va_ok(ureqs, count * sizeof(struct mmu_update))))
		return -EFAULT;
	if (likely(dom == DOMID_SELF))
		u.pg_owner = v->domain;
	else
		rc = find_owners(&u, dom);
	if (likely(!rc)) {
		done = update_all(&u, ureqs, count, &rc);
		table_drop(&u);
		pv_put_owner(v->domain, u.pt_owner);
		pv_put_owner(v->domain, u.pg_owner);
		/* A table that this call let go of must be free for other uses when it returns. */
		if (!rc && unlikely(v->arch.pv.old_guest_table))
			rc = -ERESTART;
	}
	/* On each error: Linux goes on behind the entry that failed, and a count from another call leads it astray. */
	total = before + (u32)done;
	if (pdone && !arg_write(pdone, &total))
		pdone = 0;		/* the ABI keeps silent about it; a restart must not read it either */
	if (rc == -ERESTART)
		return hypercall_continue(4, ureqs + done * sizeof(struct mmu_update),
					  (count - done) | COUNT_RESTART, pdone, dom);
	return rc;
}

long do_mmu_update(unsigned long ureqs, unsigned long count, unsigned long pdone, unsigned long dom)
{
	struct vcpu *v = current;
	long rc;

	if (likely((u32)count == 1 && dom == DOMID_SELF && !pdone) && likely(!v->arch.pv.old_guest_table) &&
	    update_single(v, ureqs, &rc))
		return rc;
	return update_many(ureqs, count, pdone, dom);
}
