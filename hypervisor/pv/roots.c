// SPDX-License-Identifier: GPL-2.0-only
/* The page-table roots of a vCPU. */
#include <hv/domain.h>
#include <hv/lib.h>
#include <hv/page_ref.h>
#include <pv/mm.h>
#include <pv/xpti.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include <x86/spec_ctrl.h>
#include "pagetable.h"

static u64 root_for_mode(const struct vcpu *v)
{
	return v->arch.kernel_mode ? v->arch.cr3_kernel : v->arch.cr3_user;
}

void pv_load_root(struct vcpu *v)
{
	load_cr3_flush(root_for_mode(v));
	if (unlikely(spec_on(SPEC_XPTI)))
		xpti_follow(v, root_for_mode(v));
}

void pv_toggle_root(struct vcpu *v)
{
	v->arch.kernel_mode ^= KERNEL_MODE;
	load_cr3(root_for_mode(v));
	if (unlikely(spec_on(SPEC_XPTI)))
		xpti_follow(v, root_for_mode(v));
}

static noinline_fn int take_root_slow(struct vcpu *v, struct page_info *pg)
{
	int rc = get_page_type_preemptible(pg, PGT_L4);

	if (!rc)
		return 0;
	if (rc != -ERESTART && (READ_ONCE(pg->type_info) & PGT_PARTIAL))
		pv_finish_later(v, pg);
	put_page(pg);
	return rc;
}

/* A root with existence and type reference; 0, -EINVAL, -ERESTART. */
static always_inline int take_root(struct vcpu *v, u64 frame, struct page_info **root)
{
	struct page_info *pg = get_page_from_frame(frame, v->domain);

	if (unlikely(!pg))
		return -EINVAL;
	*root = pg;
	return likely(page_table_get(pg, PGT_L4)) ? 0 : take_root_slow(v, pg);
}

static noinline_fn int drop_root_slow(struct vcpu *v, struct page_info *pg)
{
	int rc = put_page_type_preemptible(pg);

	if (rc)
		pv_finish_later(v, pg);
	put_page(pg);
	return rc;
}

/* -ERESTART: the rest of its release is remembered. */
static always_inline int drop_root(struct vcpu *v, struct page_info *pg)
{
	if (!pg)
		return 0;
	if (unlikely(!page_table_put(pg)))
		return drop_root_slow(v, pg);
	page_ref_put(pg);
	return 0;
}

/* The M2P's slot: guest kernels see the table; their users do not where the guest asked so. */
static void show_m2p(struct domain *d, struct page_info *root, bool show)
{
	u64 *slot = (u64 *)page_to_virt(root) + HV_FIRST_SLOT, want = show ? hv_l4[HV_FIRST_SLOT] : 0;

	if (!(d->vm_assist & BIT64(VMASST_TYPE_m2p_strict)) || READ_ONCE(*slot) == want)
		return;
	WRITE_ONCE(*slot, want);
	pv_root_changed(d, page_to_mfn(root));
}

int pv_set_kernel_root(struct vcpu *v, u64 frame)
{
	struct page_info *new, *old = v->arch.pv.guest_table;
	int rc;

	if (old && v->arch.cr3_kernel >> PAGE_SHIFT == frame) {
		if (v == current)
			pv_load_root(v);
		return 0;
	}
	rc = take_root(v, frame, &new);
	if (rc)
		return rc;
	/* Its linear addresses mean something else now; the load below flushes. */
	if (unlikely(READ_ONCE(v->arch.pv.ldt_mapped)))
		pv_invalidate_ldt(v);
	show_m2p(v->domain, new, true);
	v->arch.pv.guest_table = new;
	v->arch.cr3_kernel = frame << PAGE_SHIFT;
	if (unlikely(!v->arch.pv.guest_table_user))
		v->arch.cr3_user = v->arch.cr3_kernel;
	if (v == current)
		pv_load_root(v);
	(void)drop_root(v, old);
	return 0;
}

int pv_set_user_root(struct vcpu *v, u64 frame)
{
	struct page_info *new = NULL, *old = v->arch.pv.guest_table_user;
	int rc;

	if (old && v->arch.cr3_user >> PAGE_SHIFT == frame)
		return 0;
	if (frame) {
		rc = take_root(v, frame, &new);
		if (rc)
			return rc;
		show_m2p(v->domain, new, false);
	}
	v->arch.pv.guest_table_user = new;
	v->arch.cr3_user = new ? frame << PAGE_SHIFT : v->arch.cr3_kernel;
	if (v == current && !v->arch.kernel_mode)
		pv_load_root(v);
	(void)drop_root(v, old);
	return 0;
}

/* -ERESTART: the instruction runs again, after whatever could not wait; each turn does some of the work. */
int pv_write_cr3(struct vcpu *v, unsigned long val)
{
	int rc = pv_finish_pending(v);

	if (!rc)
		rc = pv_set_kernel_root(v, xen_cr3_to_pfn(val & PTE_ADDR));
	return rc ? rc : pv_finish_pending(v);
}

int pv_drop_roots(struct vcpu *v)
{
	struct page_info **root[] = { &v->arch.pv.guest_table, &v->arch.pv.guest_table_user };

	ASSERT(v != current);
	for (unsigned int i = 0; i < ARRAY_SIZE(root); i++) {
		struct page_info *pg;

		if (pv_finish_pending(v))
			return -ERESTART;
		pg = *root[i];
		*root[i] = NULL;
		(void)drop_root(v, pg);
	}
	v->arch.cr3_kernel = v->arch.cr3_user = 0;
	return pv_finish_pending(v);
}

void pv_root_changed(const struct domain *d, mfn_t root)
{
	if (unlikely(d->arch.isolated))
		xpti_root_changed(d, root);
}
