// SPDX-License-Identifier: GPL-2.0-only
/* mmu_update: batches of writes to page-table entries and to the M2P. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include <x86/current.h>
#include "owner.h"
#include "pagetable.h"

/* In count: this is a restart, *pdone holds what was done before. */
#define COUNT_RESTART	BIT64(31)
#define BATCH		32U

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

static void table_drop(struct update *u)
{
	struct page_info *pg = u->table.pg;

	if (!pg)
		return;
	u->table.pg = NULL;
	if (put_page_type_preemptible(pg))
		pv_finish_later(u->v, pg);
	put_page(pg);
}

static noinline_fn int table_take(struct update *u, u64 frame)
{
	struct page_info *pg;
	u64 type;
	int rc;

	table_drop(u);
	pg = get_page_from_frame(frame, u->pt_owner);
	if (!pg)
		return -EINVAL;
	type = READ_ONCE(pg->type_info) & PGT_TYPE_MASK;
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

static int update_pte(struct update *u, u64 ptr, u64 val, enum pte_write how)
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

static int update_one(struct update *u, const struct mmu_update *r)
{
	unsigned int cmd = r->ptr & 3;

	if (likely(cmd == MMU_NORMAL_PT_UPDATE || cmd == MMU_PT_UPDATE_NO_TRANSLATE))
		return update_pte(u, r->ptr & ~3ULL, r->val, PTE_REPLACE);
	if (cmd == MMU_PT_UPDATE_PRESERVE_AD)
		return update_pte(u, r->ptr & ~3ULL, r->val, PTE_KEEP_AD);
	return update_m2p(u, r->ptr & ~3ULL, r->val);
}

/* Entries [0, count): how many were done; *rc why it stopped. */
static unsigned long update_all(struct update *u, unsigned long ureqs, unsigned long count, int *rc)
{
	struct mmu_update batch[BATCH];
	unsigned long done = 0;

	for (*rc = 0; done < count && !*rc;) {
		unsigned int n = (unsigned int)min(count - done, (unsigned long)BATCH), i;

		if (!copy_from_guest_raw(batch, ureqs + done * sizeof(batch[0]), n * sizeof(batch[0]))) {
			*rc = -EFAULT;
			break;
		}
		for (i = 0; i < n; i++) {
			*rc = update_one(u, &batch[i]);
			if (unlikely(*rc))
				break;
			if (unlikely(u->v->arch.pv.old_guest_table)) {
				i++;
				*rc = -ERESTART;
				break;
			}
		}
		done += i;
		if (!*rc && done < count && hypercall_preempt_check())
			*rc = -ERESTART;
	}
	if (*rc == -EAGAIN)
		*rc = -EBUSY;	/* two vCPUs at one entry: as the ABI has it */
	return done;
}

/* Who the call is about; 0 or -errno with nothing held. */
static int find_owners(struct update *u, unsigned long dom)
{
	struct domain *self = u->v->domain;
	u16 pt = (u16)(dom >> 16);

	if (pt) {			/* the tables are another domain's: its id plus one */
		u->pt_owner = pv_get_owner((domid_t)(pt - 1));
		if (!u->pt_owner)
			return -EINVAL;
	}
	u->pg_owner = pv_get_owner((domid_t)dom);
	if (!u->pg_owner) {
		pv_put_owner(u->pt_owner);
		return -ESRCH;
	}
	if (u->pt_owner->is_pv && pv_may_act_on(self, u->pt_owner) && pv_may_act_on(self, u->pg_owner))
		return 0;
	pv_put_owner(u->pt_owner);
	pv_put_owner(u->pg_owner);
	return -EPERM;
}

long do_mmu_update(unsigned long ureqs, unsigned long count_arg, unsigned long pdone, unsigned long dom)
{
	struct vcpu *v = current;
	struct update u = { .v = v, .pt_owner = v->domain };
	u32 before = 0, count = (u32)count_arg, total;
	unsigned long done;
	int rc = pv_finish_pending(v);

	if (unlikely(rc == -ERESTART))
		return hypercall_continue(4, ureqs, (unsigned long)count, pdone, dom);
	if (unlikely(count & COUNT_RESTART)) {
		count &= ~(u32)COUNT_RESTART;
		if (pdone && !arg_read(&before, pdone))
			return -EFAULT;
	}
	if (!guest_range_ok(ureqs, 0, count, sizeof(struct mmu_update)))
		return -EFAULT;
	rc = find_owners(&u, dom);
	if (rc)
		return rc;
	done = update_all(&u, ureqs, count, &rc);
	table_drop(&u);
	pv_put_owner(u.pt_owner);
	pv_put_owner(u.pg_owner);
	/* A table that this call let go of must be free for other uses when it returns. */
	if (!rc && unlikely(v->arch.pv.old_guest_table))
		rc = -ERESTART;
	total = before + (u32)done;
	if (pdone && !arg_write(pdone, &total))
		rc = -EFAULT;
	if (rc == -ERESTART)
		return hypercall_continue(4, ureqs + done * sizeof(struct mmu_update),
					  (count - done) | COUNT_RESTART, pdone, dom);
	return rc;
}
