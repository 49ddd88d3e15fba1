/* SPDX-License-Identifier: GPL-2.0-only */
/* GNTTABOP_copy: the hypervisor moves bytes between frames of two domains, each named by a grant or a gfn. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <x86/current.h>

#include "gnttab.h"

/* One end of a copy, kept from one operation of a batch to the next while it names the same thing. */
struct end {
	bool open, write, by_ref;
	struct gnttab_copy_ptr ptr;
	struct domain *d;		/* whose frame or table it is; referenced */
	struct active_grant *act;	/* by_ref: pinned */
	struct domain *via;		/* transitive: the domain whose entry led on; referenced */
	struct active_grant *via_act;
	u32 ref, via_ref;
	struct page_info *pg;		/* not by_ref: referenced */
	mfn_t frame;
	unsigned int start, limit;	/* bytes of the frame that may be touched */
};

static void end_close(struct end *e)
{
	if (!e->open)
		return;
	if (e->act) {
		spin_lock(&e->d->grant->lock);
		gnt_unpin(e->d->grant, e->ref, e->act, e->write);
		spin_unlock(&e->d->grant->lock);
	}
	if (e->via_act) {
		spin_lock(&e->via->grant->lock);
		gnt_unpin(e->via->grant, e->via_ref, e->via_act, e->write);
		spin_unlock(&e->via->grant->lock);
		domain_put(e->via);
	}
	if (e->pg) {
		if (e->write) {
			e->d->kind->mark_dirty(e->d, e->frame);
			put_page_type(e->pg);
		}
		put_page(e->pg);
	}
	domain_put(e->d);
	*e = (struct end){ 0 };
}

/* One hop: pins @ref of @d for @who. */
static int pin_ref(struct domain *d, u32 ref, u16 who, bool write, struct active_grant **a)
{
	int rc;

	if (d->dying || !d->grant)
		return GNTST_bad_domain;
	spin_lock(&d->grant->lock);
	rc = gnt_pin(d->grant, ref, who, write, false, a);
	spin_unlock(&d->grant->lock);
	return rc;
}

static void unpin_ref(struct domain *d, u32 ref, bool write, struct active_grant *a)
{
	spin_lock(&d->grant->lock);
	gnt_unpin(d->grant, ref, a, write);
	spin_unlock(&d->grant->lock);
}

static int open_by_ref(struct end *e, u16 who)
{
	int rc = pin_ref(e->d, e->ptr.u.ref, who, e->write, &e->act);

	if (rc != GNTST_okay)
		return rc;
	e->ref = e->ptr.u.ref;
	if (e->act->trans_domid != DOMID_INVALID) {
		struct domain *next = domain_get(e->act->trans_domid);
		struct active_grant *a;

		rc = next ? pin_ref(next, e->act->trans_ref, e->d->id, e->write, &a) : GNTST_bad_domain;
		if (rc == GNTST_okay && a->trans_domid != DOMID_INVALID) {
			unpin_ref(next, e->act->trans_ref, e->write, a);	/* one hop only */
			rc = GNTST_general_error;
		}
		if (rc != GNTST_okay) {
			unpin_ref(e->d, e->ref, e->write, e->act);
			e->act = NULL;
			if (next)
				domain_put(next);
			return rc;
		}
		e->via = e->d;
		e->via_act = e->act;
		e->via_ref = e->ref;
		e->d = next;
		e->ref = e->via_act->trans_ref;
		e->act = a;
	}
	e->frame = mfn(e->act->frame);
	e->start = e->act->start;
	e->limit = e->act->start + e->act->length;
	return GNTST_okay;
}

static int open_by_frame(struct end *e)
{
	e->pg = e->d->kind->gfn_to_page(e->d, e->ptr.u.gmfn, e->write);
	if (!e->pg)
		return GNTST_bad_page;
	if (e->write && get_page_type(e->pg, PGT_WRITABLE)) {
		put_page(e->pg);
		e->pg = NULL;
		return GNTST_bad_page;
	}
	e->frame = page_to_mfn(e->pg);
	e->start = 0;
	e->limit = PAGE_SIZE;
	return GNTST_okay;
}

static bool same_end(const struct end *e, const struct gnttab_copy_ptr *p, bool by_ref)
{
	return e->open && e->by_ref == by_ref && e->ptr.domid == p->domid &&
	       (by_ref ? e->ptr.u.ref == p->u.ref : e->ptr.u.gmfn == p->u.gmfn);
}

static int end_open(struct end *e, const struct gnttab_copy_ptr *p, bool by_ref, bool write)
{
	int rc;

	if (same_end(e, p, by_ref))
		return GNTST_okay;
	end_close(e);
	/* Frames may be named directly only in one's own memory. */
	if (!by_ref && p->domid != DOMID_SELF)
		return GNTST_permission_denied;
	*e = (struct end){ .by_ref = by_ref, .write = write, .ptr = *p, .d = domain_get_any(p->domid) };
	if (!e->d)
		return GNTST_bad_domain;
	rc = by_ref ? open_by_ref(e, current->domain->id) : open_by_frame(e);
	if (rc != GNTST_okay) {
		domain_put(e->d);
		*e = (struct end){ 0 };
		return rc;
	}
	e->open = true;
	return GNTST_okay;
}

static bool in_bounds(const struct end *e, unsigned int off, unsigned int len)
{
	return off >= e->start && off + len <= e->limit;
}

static int copy_one(const struct gnttab_copy *op, struct end *src, struct end *dst)
{
	int rc;

	if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	rc = end_open(src, &op->source, op->flags & GNTCOPY_source_gref, false);
	if (rc != GNTST_okay)
		return rc;
	rc = end_open(dst, &op->dest, op->flags & GNTCOPY_dest_gref, true);
	if (rc != GNTST_okay)
		return rc;
	if (!in_bounds(src, op->source.offset, op->len) || !in_bounds(dst, op->dest.offset, op->len))
		return GNTST_general_error;
	memmove((char *)mfn_to_virt(dst->frame) + op->dest.offset,
		(const char *)mfn_to_virt(src->frame) + op->source.offset, op->len);
	return GNTST_okay;
}

int gnttab_copy_ops(unsigned long uop, unsigned int count, unsigned int *done)
{
	struct end src = { 0 }, dst = { 0 };
	struct gnttab_copy op;
	int rc = 0;

	for (; *done < count; ++*done, uop += sizeof(op)) {
		s16 status;

		if (*done && hypercall_preempt_check())
			break;
		if (!arg_read(&op, uop)) {
			rc = -EFAULT;
			break;
		}
		status = (s16)copy_one(&op, &src, &dst);
		if (status != GNTST_okay) {
			end_close(&src);
			end_close(&dst);
		}
		if (!copy_to_guest_raw(uop + offsetof(struct gnttab_copy, status), &status, sizeof(status))) {
			rc = -EFAULT;
			break;
		}
	}
	end_close(&src);
	end_close(&dst);
	return rc;
}
