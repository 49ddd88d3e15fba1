// SPDX-License-Identifier: GPL-2.0-only
/* mmuext_op: pins, roots, flushes, the LDT, whole pages. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <pv/mm.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include <x86/processor.h>
#include <x86/uaccess.h>
#include "owner.h"
#include "pagetable.h"

#define COUNT_RESTART	BIT64(31)

struct ext {
	struct vcpu *v;
	struct domain *d, *owner;	/* caller's; of the frames */
	const struct mmuext_op *op;
};

static int pin(struct ext *x)
{
	u64 type = table_type(x->op->cmd - MMUEXT_PIN_L1_TABLE + 1);
	struct page_info *pg = get_page_from_frame(x->op->arg1.mfn, x->owner);
	u64 old;
	int rc;

	if (!pg || !x->owner->is_pv) {
		if (pg)
			put_page(pg);
		return -EINVAL;
	}
	rc = get_page_type_preemptible(pg, type);
	if (rc) {
		if (rc != -ERESTART && (READ_ONCE(pg->type_info) & PGT_PARTIAL))
			pv_finish_later(x->v, pg);
		put_page(pg);
		return rc;
	}
	old = atomic_fetch_or(&pg->type_info, PGT_PINNED);
	if (!(old & PGT_PINNED)) {
		/* A domain that dies meanwhile may have looked for pins already. */
		if (likely(!READ_ONCE(x->owner->dying)) ||
		    !(atomic_fetch_and(&pg->type_info, ~PGT_PINNED) & PGT_PINNED))
			return 0;
		rc = 0;
	} else {
		printk(LOG_G_INFO "d%u: frame %#llx is pinned already\n", x->owner->id,
		       (unsigned long long)x->op->arg1.mfn);
		rc = -EINVAL;
	}
	pv_finish_if_preempted(x->v, make_pte(page_to_mfn(pg), PTE_P), put_page_type_preemptible(pg));
	put_page(pg);
	return rc;
}

static int unpin(struct ext *x)
{
	struct page_info *pg = get_page_from_frame(x->op->arg1.mfn, x->owner);

	if (!pg)
		return -EINVAL;
	if (!(atomic_fetch_and(&pg->type_info, ~PGT_PINNED) & PGT_PINNED)) {
		put_page(pg);
		printk(LOG_G_INFO "d%u: frame %#llx is not pinned\n", x->owner->id,
		       (unsigned long long)x->op->arg1.mfn);
		return -EINVAL;
	}
	if (put_page_type_preemptible(pg))
		pv_finish_later(x->v, pg);
	put_page(pg);			/* the pin's own */
	put_page(pg);
	return 0;
}

static int clear_frame(struct ext *x)
{
	struct page_info *pg = get_page_from_frame(x->op->arg1.mfn, x->owner);

	if (!pg)
		return -EINVAL;
	if (get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return -EINVAL;
	}
	clear_page(page_to_virt(pg));
	pv_wrote_frame(x->owner, pg);
	put_page_and_type(pg);
	return 0;
}

static int copy_frame(struct ext *x)
{
	struct page_info *src = get_page_from_frame(x->op->arg2.src_mfn, x->owner), *dst = NULL;
	int rc = -EINVAL;

	if (src)
		dst = get_page_from_frame(x->op->arg1.mfn, x->owner);
	if (dst && !get_page_type(dst, PGT_WRITABLE)) {
		copy_page(page_to_virt(dst), page_to_virt(src));
		pv_wrote_frame(x->owner, dst);
		put_page_type(dst);
		rc = 0;
	}
	if (dst)
		put_page(dst);
	if (src)
		put_page(src);
	return rc;
}

static always_inline bool in_guest_half(unsigned long va)
{
	return va < HV_VIRT_START || va >= HV_VIRT_END;
}

static int flush_some(struct ext *x, bool all_addresses, bool multi)
{
	unsigned long va = x->op->arg1.linear_addr;
	cpumask_t cpus = x->d->dirty_cpus;

	if (multi && !pv_vcpumask_to_cpus(x->d, (unsigned long)x->op->arg2.vcpumask.p, &cpus))
		return -EINVAL;
	if (all_addresses)
		flush_tlb_mask(&cpus);
	else if (in_guest_half(va))
		flush_tlb_one_mask(&cpus, va);
	return 0;
}

static bool may_flush_caches(const struct domain *d)
{
	return (d->iomem_caps && !rangeset_empty(d->iomem_caps)) ||
	       (d->arch.ioport_caps && !rangeset_empty(d->arch.ioport_caps));
}

/* The less frequent operations on the caller's own vCPUs. */
static int own(struct ext *x)
{
	switch (x->op->cmd) {
	case MMUEXT_TLB_FLUSH_MULTI:
		return flush_some(x, true, true);
	case MMUEXT_INVLPG_MULTI:
		return flush_some(x, false, true);
	case MMUEXT_TLB_FLUSH_ALL:
		return flush_some(x, true, false);
	case MMUEXT_INVLPG_ALL:
		return flush_some(x, false, false);
	case MMUEXT_SET_LDT:
		return pv_set_ldt(x->v, x->op->arg1.linear_addr, x->op->arg2.nr_ents);
	case MMUEXT_FLUSH_CACHE:
		if (!may_flush_caches(x->d))
			return -EACCES;
		wbinvd();
		return 0;
	case MMUEXT_FLUSH_CACHE_GLOBAL:
		if (!may_flush_caches(x->d))
			return -EACCES;
		flush_cache_mask(&cpu_online_map);
		return 0;
	}
	return -ENOSYS;
}

static noinline_fn int ext_one(struct ext *x)
{
	switch (x->op->cmd) {
	case MMUEXT_PIN_L1_TABLE ... MMUEXT_PIN_L4_TABLE:
		return pin(x);
	case MMUEXT_UNPIN_TABLE:
		return unpin(x);
	case MMUEXT_CLEAR_PAGE:
		return clear_frame(x);
	case MMUEXT_COPY_PAGE:
		return copy_frame(x);
	case MMUEXT_MARK_SUPER:
	case MMUEXT_UNMARK_SUPER:
		return -EOPNOTSUPP;
	case 14:			/* never given out */
		return -ENOSYS;
	}
	if (x->op->cmd > MMUEXT_UNMARK_SUPER)
		return -ENOSYS;
	return x->d == x->owner ? own(x) : -EPERM;
}

static always_inline bool read_op(struct mmuext_op *op, unsigned long at)
{
	u64 w[3];

	_Static_assert(sizeof(*op) == sizeof(w), "ABI");
	if (!get_user_u64(&w[0], at) || !get_user_u64(&w[1], at + 8) || !get_user_u64(&w[2], at + 16))
		return false;
	op->cmd = (u32)w[0];
	op->arg1.mfn = w[1];
	op->arg2.src_mfn = w[2];
	return true;
}

/* The most frequent operations, which need neither a frame nor another CPU. */
static always_inline bool is_local_flush(unsigned int cmd)
{
	return cmd == MMUEXT_TLB_FLUSH_LOCAL || cmd == MMUEXT_INVLPG_LOCAL;
}

static always_inline int local_flush(const struct mmuext_op *op)
{
	if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL)
		flush_tlb_local();
	else if (likely(in_guest_half(op->arg1.linear_addr)))
		flush_tlb_one_local(op->arg1.linear_addr);
	return 0;
}

static always_inline int ext_op(struct ext *x)
{
	if (likely(x->d == x->owner)) {
		if (is_local_flush(x->op->cmd))
			return local_flush(x->op);
		/* Each switch of processes makes these two. */
		if (x->op->cmd == MMUEXT_NEW_BASEPTR)
			return pv_set_kernel_root(x->v, x->op->arg1.mfn);
		if (x->op->cmd == MMUEXT_NEW_USER_BASEPTR)
			return pv_set_user_root(x->v, x->op->arg1.mfn);
	}
	return ext_one(x);
}

/* Who the call is about; 0 or -errno with nothing held. */
static int find_owner(struct ext *x, unsigned long dom)
{
	x->owner = pv_get_owner(x->d, (domid_t)dom);
	if (!x->owner)
		return -ESRCH;
	if (pv_may_act_on(x->d, x->owner))
		return 0;
	pv_put_owner(x->d, x->owner);
	return -EPERM;
}

/* Operations [0, count), an array outside of the hypervisor's range: how many were done; *rc why it stopped. */
static always_inline unsigned int ext_all(struct ext *x, unsigned long uops, unsigned int count, int *rc)
{
	struct mmuext_op op;
	unsigned int i;

	x->op = &op;
	for (i = 0; i < count; i++) {
		if (x->v->arch.pv.old_guest_table || (i && hypercall_preempt_check())) {
			*rc = -ERESTART;
			break;
		}
		if (unlikely(!read_op(&op, uops + i * sizeof(op)))) {
			*rc = -EFAULT;
			break;
		}
		*rc = ext_op(x);
		if (unlikely(*rc))
			break;
	}
	return i;
}

long do_mmuext_op(unsigned long uops, unsigned long count_arg, unsigned long pdone, unsigned long dom)
{
	struct vcpu *v = current;
	struct ext x = { .v = v, .d = v->domain };
	u32 before = 0, count = (u32)count_arg, done = 0, total;
	struct mmuext_op op;
	int rc;

	if (likely(count == 1 && dom == DOMID_SELF && !pdone) && likely(guest_va_ok(uops, sizeof(op))) &&
	    likely(read_op(&op, uops)) && is_local_flush(op.cmd) && !v->arch.pv.old_guest_table)
		return local_flush(&op);
	rc = pv_finish_pending(v);
	if (unlikely(rc == -ERESTART))
		return hypercall_continue(4, uops, (unsigned long)count, pdone, dom);
	if (unlikely(count & COUNT_RESTART)) {
		count &= ~(u32)COUNT_RESTART;
		if (pdone && !arg_read(&before, pdone))
			return -EFAULT;
	}
	if (unlikely(!guest_va_ok(uops, count * sizeof(struct mmuext_op))))
		return -EFAULT;
	rc = find_owner(&x, dom);
	if (likely(!rc)) {
		done = ext_all(&x, uops, count, &rc);
		pv_put_owner(x.d, x.owner);
		/* A table that this call let go of must be free for other uses when it returns. */
		if (!rc && unlikely(v->arch.pv.old_guest_table))
			rc = -ERESTART;
	}
	total = before + done;
	if (pdone && !arg_write(pdone, &total))
		pdone = 0;		/* the ABI keeps silent about it; a restart must not read it either */
	if (rc == -ERESTART)
		return hypercall_continue(4, uops + done * sizeof(struct mmuext_op), (count - done) | COUNT_RESTART,
					  pdone, dom);
	return rc;
}
