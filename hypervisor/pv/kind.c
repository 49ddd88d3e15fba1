/* SPDX-License-Identifier: GPL-2.0-only */
/* The PV guest kind: its row of operations, creation and release of a PV domain. */
#include <hv/domain.h>
#include <hv/guest_kind.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <x86/guest_context.h>
#include <pv/dom0.h>
#include <pv/emul.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <pv/vcpu.h>
#include <public/domctl.h>
#include <x86/spec_ctrl.h>
#include <x86/uaccess.h>

static int pv_domain_init(struct domain *d, const struct xen_domctl_createdomain *cfg)
{
	if (cfg && cfg->arch.emulation_flags)
		return -EINVAL;		/* emulated devices are for HVM */
	d->arch.pv_nx = true;
	d->arch.isolated = spec_isolates(d->is_hardware);
	return 0;
}

static void pv_domain_free(struct domain *d) { hv_free(d->arch.e820); }

static size_t pv_copy_from(void *dst, unsigned long src, size_t len)
{
	return guest_va_ok(src, len) ? raw_copy_guest(dst, (const void *)src, len) : len;
}

static size_t pv_copy_to(unsigned long dst, const void *src, size_t len)
{
	return guest_va_ok(dst, len) ? raw_copy_guest((void *)dst, src, len) : len;
}

static struct page_info *pv_hold_page(struct domain *d, u64 g)
{
	struct page_info *pg = pv_gfn_to_page(d, g, true);

	if (pg && get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return NULL;
	}
	return pg;
}

static void pv_release_page(struct domain *d, struct page_info *pg)
{
	pv_mark_dirty(d, page_to_mfn(pg));
	put_page_and_type(pg);
}

const struct guest_kind pv_guest_kind = {
	.name = "pv",
	.domain_init = pv_domain_init,
	.relinquish = pv_relinquish_memory,
	.domain_free = pv_domain_free,
	.vcpu_init = pv_vcpu_init,
	.vcpu_free = pv_vcpu_free,
	.ctxt_from = pv_ctxt_from,
	.ctxt_to = pv_ctxt_to,
	.resume = pv_resume,
	.copy_from = pv_copy_from,
	.copy_to = pv_copy_to,
	.hypercalls = pv_hypercalls,
	.gfn_to_page = pv_gfn_to_page,
	.hold_page = pv_hold_page,
	.release_page = pv_release_page,
	.physmap_add = pv_physmap_add,
	.physmap_remove = pv_physmap_remove,
	.grant_map = pv_grant_map,
	.grant_unmap = pv_grant_unmap,
	.set_context = pv_set_context,
	.get_context = pv_get_context,
	.set_ext_context = pv_set_ext_context,
	.get_ext_context = pv_get_ext_context,
	.fill_hypercall_page = pv_fill_hypercall_page,
	.physdev_op = pv_physdev_op,
	.refresh_areas = pv_refresh_areas,
	.event_deliverable = pv_event_deliverable,
	.mark_dirty = pv_mark_dirty,
};
