/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping other domains' grants: the handle table, GNTTABOP_map_grant_ref and the unmap operations. */
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <x86/current.h>
#include <x86/flushtlb.h>

#include "gnttab.h"
#include "pin.h"

#define UNMAP_BATCH 32
#define MAP_KINDS (GNTMAP_device_map | GNTMAP_host_map)

/* Requests begin with what the guest asks, and end with the answer: from member @m on it is written back. */
#define write_answer(in_place, uop, op, m) \
	guest_copy_item_to(in_place, (uop) + offsetof(__typeof__(*(op)), m), &(op)->m, sizeof(*(op)) - offsetof(__typeof__(*(op)), m))

/* ---- handles ---- */

static struct maptrack *track(const struct grant_table *t, u32 handle)
{
	return &t->maptrack[handle / MAPTRACK_PER_BLOCK][handle % MAPTRACK_PER_BLOCK];
}

static bool add_block(struct grant_table *t)
{
	u32 base = t->nr_maptrack_blocks * (u32)MAPTRACK_PER_BLOCK;
	struct maptrack *b;

	if (t->nr_maptrack_blocks >= t->max_maptrack_blocks) {
		printk(LOG_G_WARN "d%u: out of grant handles (max_maptrack_frames %u)\n", t->domain->id,
		       t->max_maptrack_blocks);
		return false;
	}
	b = alloc_hv_page();
	if (!b)
		return false;
	for (u32 i = 0; i < MAPTRACK_PER_BLOCK; i++)
		b[i].ref = i + 1 < MAPTRACK_PER_BLOCK ? base + i + 1 : t->maptrack_free;
	t->maptrack[t->nr_maptrack_blocks] = b;
	smp_wmb();			/* unmap_one() looks without the lock */
	WRITE_ONCE(t->nr_maptrack_blocks, t->nr_maptrack_blocks + 1);
	t->maptrack_free = base;
	return true;
}

static u32 take_handle(struct grant_table *t)
{
	u32 h;

	spin_lock(&t->lock);
	if (t->maptrack_free == MAPTRACK_END && !add_block(t)) {
		spin_unlock(&t->lock);
		return MAPTRACK_END;
	}
	h = t->maptrack_free;
	t->maptrack_free = track(t, h)->ref;
	t->mapped++;
	spin_unlock(&t->lock);
	return h;
}

static void free_handle(struct grant_table *t, u32 h)
{
	struct maptrack *m = track(t, h);

	spin_lock(&t->lock);
	m->flags = 0;
	m->ref = t->maptrack_free;
	t->maptrack_free = h;
	t->mapped--;
	spin_unlock(&t->lock);
}

/* ---- map ---- */

/* Domain of the last operation of a batch: most batches name one. */
struct peer { struct domain *d; domid_t id; };

static noinline_fn struct domain *peer_change(struct peer *p, domid_t id)
{
	if (p->d)
		domain_put(p->d);
	p->id = id;
	p->d = domain_get(id);		/* the ABI does not take DOMID_SELF here */
	return p->d;
}

static inline struct domain *peer_get(struct peer *p, struct domain *self, domid_t id)
{
	if (id == self->id)
		return self;		/* it runs: no reference needed */
	return likely(p->d && p->id == id) ? p->d : peer_change(p, id);
}

static void peer_put(struct peer *p)
{
	if (p->d)
		domain_put(p->d);
	p->d = NULL;
}

static int map_one(struct domain *ld, struct peer *peer, struct gnttab_map_grant_ref *op)
{
	bool write = !(op->flags & GNTMAP_readonly);
	struct active_grant *act;
	struct grant_table *rt;
	struct maptrack *m;
	struct domain *rd;
	u64 frame;
	u32 h;
	int rc;

	if (!(op->flags & MAP_KINDS))
		return GNTST_bad_gntref;
	rd = peer_get(peer, ld, op->dom);
	if (unlikely(!rd || rd->dying || !rd->grant))
		return GNTST_bad_domain;
	h = take_handle(ld->grant);
	if (unlikely(h == MAPTRACK_END))
		return GNTST_no_space;
	rt = rd->grant;
	spin_lock(&rt->lock);
	rc = gnt_pin(rt, op->ref, ld->id, write, true, &act);
	frame = rc == GNTST_okay ? act->frame : 0;
	spin_unlock(&rt->lock);
	if (unlikely(rc != GNTST_okay)) {
		free_handle(ld->grant, h);
		return rc;
	}
	if (op->flags & GNTMAP_host_map) {
		rc = KIND_CALL(ld, grant_map, op->host_addr, mfn(frame), op->flags, 0);
		if (unlikely(rc != GNTST_okay)) {
			spin_lock(&rt->lock);
			gnt_unpin_any(rt, op->ref, act, write);
			spin_unlock(&rt->lock);
			free_handle(ld->grant, h);
			return rc;
		}
	}
	m = track(ld->grant, h);
	m->ref = op->ref;
	m->domid = rd->id;
	/* Last: from here on another vCPU that guesses the handle may unmap it. */
	__atomic_store_n(&m->flags, (u16)(op->flags & (MAP_KINDS | GNTMAP_readonly | GNTMAP_application_map |
						       GNTMAP_contains_pte)), __ATOMIC_RELEASE);
	op->handle = h;
	op->dev_bus_addr = frame << PAGE_SHIFT;
	return GNTST_okay;
}

long gnttab_map(unsigned long uop, unsigned int count)
{
	struct domain *ld = current->domain;
	struct peer peer = { NULL, 0 };
	struct gnttab_map_grant_ref op;
	unsigned int left = count;
	int rc = 0;
	bool in_place = guest_in_place(uop, (size_t)count * sizeof(op));

	for (; left; left--, uop += sizeof(op)) {
		if (left != count && hypercall_preempt_check())
			break;
		if (!guest_copy_item_from(in_place, &op, uop, sizeof(op))) {
			rc = -EFAULT;
			break;
		}
		op.status = (s16)map_one(ld, &peer, &op);
		if (!write_answer(in_place, uop, &op, dom)) {
			rc = -EFAULT;
			break;
		}
	}
	peer_put(&peer);
	return gnt_batch_end(GNTTABOP_map_grant_ref, uop, left, rc);
}

/* ---- unmap ---- */

/* What is left to give back once the TLBs are clean. */
struct unmapped {
	struct domain *rd;		/* the granter, referenced unless it is the mapper; NULL: nothing left */
	struct active_grant *act;
	u32 handle;
	struct maptrack was;
};

static void granter_put(struct domain *ld, struct domain *rd)
{
	if (rd != ld)
		domain_put(rd);
}

/* ABI: an address of 0 leaves that half of the mapping alone; the handle goes when both are gone. */
static int unmap_one(struct domain *ld, u32 handle, u64 host_addr, u64 dev_addr, u64 new_addr, struct unmapped *u)
{
	struct grant_table *t = ld->grant;
	struct maptrack *m;
	struct domain *rd;
	int rc = GNTST_okay;

	u->rd = NULL;
	if (unlikely(handle >= READ_ONCE(t->nr_maptrack_blocks) * MAPTRACK_PER_BLOCK))
		return GNTST_bad_handle;
	m = track(t, handle);
	/* Claim the handle: of two vCPUs that unmap it, one wins. */
	u->was.flags = xchg(&m->flags, 0);
	if (unlikely(!u->was.flags))
		return GNTST_bad_handle;
	u->handle = handle;
	u->was.ref = m->ref;
	u->was.domid = m->domid;
	rd = u->was.domid == ld->id ? ld : domain_get(u->was.domid);
	BUG_ON(!rd);		/* the pin keeps a page of it, and that keeps it */
	/* Our own pin keeps the entry as it is: no lock. */
	u->act = gnt_active(rd->grant, u->was.ref);
	if (dev_addr && unlikely(dev_addr != u->act->frame << PAGE_SHIFT))
		rc = GNTST_bad_dev_addr;
	else if ((u->was.flags & GNTMAP_host_map) && host_addr) {
		rc = KIND_CALL(ld, grant_unmap, host_addr, mfn(u->act->frame), u->was.flags, new_addr);
		if (likely(rc == GNTST_okay))
			u->was.flags &= (u16)~GNTMAP_host_map;
	}
	if (rc == GNTST_okay && dev_addr)
		u->was.flags &= (u16)~GNTMAP_device_map;
	if (unlikely(u->was.flags & MAP_KINDS)) {
		/* It failed, or only one half was meant: the handle lives on. */
		__atomic_store_n(&m->flags, u->was.flags, __ATOMIC_RELEASE);
		granter_put(ld, rd);
		return rc;
	}
	u->rd = rd;
	return GNTST_okay;
}

static void unmap_finish(struct domain *ld, const struct unmapped *u)
{
	struct grant_table *t = u->rd->grant;

	spin_lock(&t->lock);
	gnt_unpin(t, u->was.ref, u->act, !(u->was.flags & GNTMAP_readonly));
	spin_unlock(&t->lock);
	granter_put(ld, u->rd);
	free_handle(ld->grant, u->handle);
}

/* The flush must cover all of a batch before the first page may get another use. */
static void unmap_batch_finish(struct domain *ld, struct unmapped *u, unsigned int n)
{
	bool flushed = false;

	for (unsigned int i = 0; i < n; i++) {
		if (!u[i].rd)
			continue;
		if (!flushed)
			flush_tlb_mask(&ld->dirty_cpus);
		flushed = true;
		unmap_finish(ld, &u[i]);
	}
}

/* The two operations' arguments differ in the name of one field, which is the new address of the second. */
_Static_assert(sizeof(struct gnttab_unmap_and_replace) == sizeof(struct gnttab_unmap_grant_ref) &&
	       offsetof(struct gnttab_unmap_and_replace, new_addr) ==
		       offsetof(struct gnttab_unmap_grant_ref, dev_bus_addr) &&
	       offsetof(struct gnttab_unmap_and_replace, handle) == offsetof(struct gnttab_unmap_grant_ref, handle) &&
	       offsetof(struct gnttab_unmap_and_replace, status) == offsetof(struct gnttab_unmap_grant_ref, status),
	       "public/grant_table.h");

static int replace_one(struct domain *ld, const struct gnttab_unmap_grant_ref *op, struct unmapped *u)
{
	u64 new_addr = op->dev_bus_addr;

	/* No new address means a plain unmap to the kind, so 0 is refused here. */
	if (new_addr && op->host_addr)
		return unmap_one(ld, op->handle, op->host_addr, 0, new_addr, u);
	u->rd = NULL;
	return GNTST_bad_virt_addr;
}

static always_inline long unmap_all(unsigned int cmd, unsigned long uop, unsigned int count)
{
	struct domain *ld = current->domain;
	struct unmapped u[UNMAP_BATCH];
	struct gnttab_unmap_grant_ref op;
	unsigned int n = 0, left = count;
	int rc = 0;
	bool in_place = guest_in_place(uop, (size_t)count * sizeof(op));

	for (; left; left--, uop += sizeof(op)) {
		if (n == UNMAP_BATCH) {
			unmap_batch_finish(ld, u, n);
			n = 0;
			if (hypercall_preempt_check())
				break;
		}
		if (!guest_copy_item_from(in_place, &op, uop, sizeof(op))) {
			rc = -EFAULT;
			break;
		}
		if (cmd == GNTTABOP_unmap_and_replace)
			op.status = (s16)replace_one(ld, &op, &u[n++]);
		else
			op.status = (s16)unmap_one(ld, op.handle, op.host_addr, op.dev_bus_addr, 0, &u[n++]);
		if (!write_answer(in_place, uop, &op, handle)) {
			rc = -EFAULT;
			break;
		}
	}
	unmap_batch_finish(ld, u, n);
	return gnt_batch_end(cmd, uop, left, rc);
}

long gnttab_unmap(unsigned long uop, unsigned int count)
{
	return unmap_all(GNTTABOP_unmap_grant_ref, uop, count);
}

long gnttab_unmap_replace(unsigned long uop, unsigned int count)
{
	return unmap_all(GNTTABOP_unmap_and_replace, uop, count);
}

/* A dying domain's mapping: the entry in its page table, if any, goes with the page table. */
bool gnt_release_handle(struct domain *d, u32 handle)
{
	struct maptrack *m = track(d->grant, handle);
	struct unmapped u = { .handle = handle, .was = *m };

	if (!m->flags)
		return false;
	m->flags = 0;
	u.rd = u.was.domid == d->id ? d : domain_get(u.was.domid);
	BUG_ON(!u.rd);
	u.act = gnt_active(u.rd->grant, u.was.ref);
	unmap_finish(d, &u);
	return true;
}
