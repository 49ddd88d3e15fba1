/* SPDX-License-Identifier: GPL-2.0-only */
/* GNTTABOP_copy: the hypervisor moves bytes between frames of two domains, each named by a grant or a gfn. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <x86/current.h>

#include "gnttab.h"
#include "pin.h"

/* One end of a copy, kept from one operation of a batch to the next while it names the same thing. */
struct end {
	struct domain *d;		/* whose frame or table it is, held; NULL: closed */
	bool write, by_ref;
	domid_t domid;			/* as the operation named it */
	u64 name;			/* so too: the grant or the frame */
	struct page_info *pg;		/* !by_ref: referenced */
	struct active_grant *act;	/* by_ref: pinned */
	u32 ref, via_ref;
	struct domain *via;		/* transitive: the domain whose entry led on, held; NULL: none did */
	struct active_grant *via_act;
	mfn_t frame;
	unsigned int start, limit;	/* bytes of the frame that may be touched */
};

/* The caller's own domain runs: it needs no reference. */
static struct domain *hold(domid_t id)
{
	struct domain *self = current->domain;

	return id == DOMID_SELF || id == self->id ? self : domain_get(id);
}

static void let_go(struct domain *d)
{
	if (d != current->domain)
		domain_put(d);
}

static noinline_fn void unpin_ref(struct domain *d, u32 ref, bool write, struct active_grant *a)
{
	spin_lock(&d->grant->lock);
	gnt_unpin_any(d->grant, ref, a, write);
	spin_unlock(&d->grant->lock);
}

static always_inline void close_grant(struct end *e)
{
	struct grant_table *t = e->d->grant;

	spin_lock(&t->lock);
	gnt_unpin(t, e->ref, e->act, e->write);
	spin_unlock(&t->lock);
	if (unlikely(e->via)) {
		unpin_ref(e->via, e->via_ref, e->write, e->via_act);
		let_go(e->via);
	}
	let_go(e->d);
	e->d = NULL;
}

static always_inline void close_frame(struct end *e)
{
	if (e->write) {
		KIND_CALL(e->d, mark_dirty, e->d, e->frame);
		page_writable_put(e->pg);
	}
	page_ref_put(e->pg);
	let_go(e->d);
	e->d = NULL;
}

static always_inline void end_close(struct end *e)
{
	if (e->d)
		e->by_ref ? close_grant(e) : close_frame(e);
}

static noinline_fn void close_early(struct end *e) { end_close(e); }

/* One hop: pins @ref of @d for @who. */
static always_inline int pin_ref(struct domain *d, u32 ref, u16 who, bool write, struct active_grant **a)
{
	int rc;

	if (unlikely(d->dying || !d->grant))
		return GNTST_bad_domain;
	spin_lock(&d->grant->lock);
	rc = gnt_pin(d->grant, ref, who, write, false, a);
	spin_unlock(&d->grant->lock);
	return rc;
}

/* The entry of @d that is pinned leads on to another domain's: one hop only. */
static noinline_fn int follow(struct end *e, struct domain *d, struct active_grant *act)
{
	struct domain *next = hold(act->trans_domid);
	struct active_grant *a;
	int rc = next ? pin_ref(next, act->trans_ref, d->id, e->write, &a) : GNTST_bad_domain;

	if (rc == GNTST_okay && a->trans_domid != DOMID_INVALID) {
		unpin_ref(next, act->trans_ref, e->write, a);
		rc = GNTST_general_error;
	}
	if (rc != GNTST_okay) {
		if (next)
			let_go(next);
		return rc;
	}
	e->via = d;
	e->via_act = act;
	e->via_ref = e->ref;
	e->d = next;
	e->ref = act->trans_ref;
	e->act = a;
	return GNTST_okay;
}

static always_inline int open_grant(struct end *e, domid_t domid, u32 ref, bool write)
{
	struct domain *d = hold(domid);
	struct active_grant *act;
	int rc;

	if (unlikely(!d))
		return GNTST_bad_domain;
	rc = pin_ref(d, ref, current->domain->id, write, &act);
	if (unlikely(rc != GNTST_okay)) {
		let_go(d);
		return rc;
	}
	e->d = d;
	e->write = write;
	e->ref = ref;
	e->act = act;
	e->via = NULL;
	if (unlikely(act->trans_domid != DOMID_INVALID)) {
		rc = follow(e, d, act);
		if (rc != GNTST_okay) {
			unpin_ref(d, ref, write, act);
			let_go(d);
			e->d = NULL;
			return rc;
		}
	}
	e->frame = mfn(e->act->frame);
	e->start = e->act->start;
	e->limit = e->act->start + e->act->length;
	return GNTST_okay;
}

/* Frames may be named directly only in one's own memory. */
static always_inline int open_frame(struct end *e, domid_t domid, u64 gmfn, bool write)
{
	struct domain *d = current->domain;
	struct page_info *pg;

	if (unlikely(domid != DOMID_SELF))
		return GNTST_permission_denied;
	pg = KIND_CALL(d, gfn_to_page, d, gmfn, write);
	if (unlikely(!pg))
		return GNTST_bad_page;
	if (write && unlikely(page_writable_get(pg))) {
		page_ref_put(pg);
		return GNTST_bad_page;
	}
	e->d = d;
	e->write = write;
	e->pg = pg;
	e->frame = page_to_mfn(pg);
	e->start = 0;
	e->limit = PAGE_SIZE;
	return GNTST_okay;
}

static always_inline int end_open(struct end *e, const struct gnttab_copy_ptr *p, bool by_ref, bool write)
{
	u64 name = by_ref ? p->u.ref : p->u.gmfn;

	if (e->d) {
		if (e->by_ref == by_ref && e->domid == p->domid && e->name == name)
			return GNTST_okay;
		close_early(e);
	}
	e->by_ref = by_ref;
	e->domid = p->domid;
	e->name = name;
	return by_ref ? open_grant(e, p->domid, (u32)name, write) : open_frame(e, p->domid, name, write);
}

static bool in_bounds(const struct end *e, unsigned int off, unsigned int len)
{
	return off >= e->start && off + len <= e->limit;
}

static always_inline int copy_one(const struct gnttab_copy *op, struct end *src, struct end *dst)
{
	int rc;

	if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	rc = end_open(src, &op->source, op->flags & GNTCOPY_source_gref, false);
	if (unlikely(rc != GNTST_okay))
		return rc;
	rc = end_open(dst, &op->dest, op->flags & GNTCOPY_dest_gref, true);
	if (rc != GNTST_okay)
		return rc;
	if (!in_bounds(src, op->source.offset, op->len) || !in_bounds(dst, op->dest.offset, op->len))
		return GNTST_general_error;
	if (op->len == PAGE_SIZE)
		copy_page(mfn_to_virt(dst->frame), mfn_to_virt(src->frame));
	else
		memmove((char *)mfn_to_virt(dst->frame) + op->dest.offset,
			(const char *)mfn_to_virt(src->frame) + op->source.offset, op->len);
	return GNTST_okay;
}

/* What is answered: the status, and the padding beside it as it was read. */
#define ANSWER offsetof(struct gnttab_copy, status)

long gnttab_copy_ops(unsigned long uop, unsigned int count)
{
	struct end src, dst;
	bool in_place = guest_in_place(uop, (size_t)count * sizeof(struct gnttab_copy));
	unsigned int left = count;
	struct gnttab_copy op;
	int rc = 0;

	src.d = dst.d = NULL;
	for (; left; left--, uop += sizeof(op)) {
		if (left != count && hypercall_preempt_check())
			break;
		if (!guest_copy_item_from(in_place, &op, uop, sizeof(op))) {
			rc = -EFAULT;
			break;
		}
		op.status = (s16)copy_one(&op, &src, &dst);
		if (unlikely(op.status != GNTST_okay)) {
			close_early(&src);
			close_early(&dst);
		}
		if (!guest_copy_item_to(in_place, uop + ANSWER, &op.status, sizeof(op) - ANSWER)) {
			rc = -EFAULT;
			break;
		}
	}
	end_close(&src);
	end_close(&dst);
	return gnt_batch_end(GNTTABOP_copy, uop, left, rc);
}
