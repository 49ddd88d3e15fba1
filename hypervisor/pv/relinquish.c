// SPDX-License-Identifier: GPL-2.0-only
/* PV bookkeeping of frames, and giving all of a dying domain's memory back. */
#include <hv/domain.h>
#include <hv/guest_kind.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include "pagetable.h"

/* For a PV guest a guest frame is a machine frame; what to know is whether it may have it. */
struct page_info *pv_gfn_to_page(struct domain *d, u64 g, bool write)
{
	struct page_info *pg = get_page_from_frame(g, d);

	if (pg && write && unlikely(d->dirty_log))
		pv_mark_dirty(d, page_to_mfn(pg));
	return pg;
}

int pv_physmap_add(struct domain *d, u64 g, mfn_t m, unsigned int order)
{
	for (u64 i = 0; i < 1ULL << order; i++)
		set_gpfn_from_mfn(mfn_add(m, i), g + i);
	return 0;
}

int pv_physmap_remove(struct domain *d, u64 g, mfn_t m, unsigned int order)
{
	for (u64 i = 0; i < 1ULL << order; i++)
		set_gpfn_from_mfn(mfn_add(m, i), INVALID_M2P_ENTRY);
	return 0;
}

/* No log can be on for PV yet. Who comes by here, hv/guest_kind.h says. */
void pv_mark_dirty(struct domain *d, mfn_t m) { }

enum { STAGE_VCPUS, STAGE_PINS, STAGE_PAGES, STAGE_SHARED, STAGE_DONE };

static int drop_vcpus(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		int rc = pv_drop_roots(v);

		if (rc)
			return rc;
		pv_destroy_gdt(v);
		pv_invalidate_ldt(v);
		v->arch.pv.ldt_ents = 0;
		v->arch.pv.nr_ldt_pages = 0;
	}
	return 0;
}

/* The pin goes, with its references, and what a preempted call left half done. */
static int drop_pin(struct page_info *pg)
{
	int rc;

	if (atomic_fetch_and(&pg->type_info, ~PGT_PINNED) & PGT_PINNED) {
		rc = put_page_type_preemptible(pg);
		put_page(pg);
		if (rc)
			return rc;
	}
	return page_finish_partial(pg);
}

void pv_drop_pin(struct vcpu *v, struct page_info *pg)
{
	if (!(READ_ONCE(pg->type_info) & PGT_PINNED))
		return;
	if (drop_pin(pg))
		pv_finish_later(v, pg);
}

/* The page after @pg (NULL: the first) on @l that still has references, with one more; NULL at the end. */
static struct page_info *next_page(struct domain *d, const struct page_list *l, struct page_info *pg)
{
	spin_lock(&d->page_alloc_lock);
	do {
		pg = pg ? page_list_next(pg) : page_list_first(l);
	} while (pg && !get_page(pg, d));
	spin_unlock(&d->page_alloc_lock);
	return pg;
}

/* Each page of @l once.  The cursor is the page to go on with: our reference keeps it on the list. */
static int for_pages(struct domain *d, const struct page_list *l, int (*fn)(struct page_info *pg))
{
	struct page_info *pg = d->arch.relinquish_page, *next;

	if (!pg)
		pg = next_page(d, l, NULL);
	for (unsigned int n = 1; pg; n++) {
		if (fn(pg) || (!(n & 63) && hypercall_preempt_check())) {
			d->arch.relinquish_page = pg;
			return -ERESTART;
		}
		next = next_page(d, l, pg);
		put_page(pg);
		pg = next;
	}
	d->arch.relinquish_page = NULL;
	return 0;
}

static int drop_page(struct page_info *pg)
{
	page_drop_allocated(pg);
	return 0;
}

int pv_relinquish_memory(struct domain *d)
{
	int rc;

	for (; d->arch.relinquish_stage < STAGE_DONE; d->arch.relinquish_stage++) {
		switch (d->arch.relinquish_stage) {
		case STAGE_VCPUS:
			spin_lock(&d->page_alloc_lock);	/* whoever gives it a page has seen that it dies */
			spin_unlock(&d->page_alloc_lock);
			(void)heap_set_claim(d, 0);
			rc = drop_vcpus(d);
			break;
		case STAGE_PINS:
			rc = for_pages(d, &d->pages, drop_pin);
			break;
		case STAGE_PAGES:
			rc = for_pages(d, &d->pages, drop_page);
			break;
		default:
			rc = for_pages(d, &d->hv_pages, drop_page);
			break;
		}
		if (rc)
			return rc;
	}
	return 0;
}
