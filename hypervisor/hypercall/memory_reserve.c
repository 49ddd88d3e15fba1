// SPDX-License-Identifier: GPL-2.0-only
/* memory_op: a domain's frames come, go, and are exchanged. */
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/mm.h>
#include <x86/current.h>
#include "memory.h"

#define MAX_ORDER_GUEST		9		/* 2 MiB at once */
#define MAX_ORDER_HARDWARE	12
#define MAX_ORDER_CONTROL	18		/* the toolstack builds guests */

unsigned int memop_max_order(const struct domain *d)
{
	return d->is_privileged ? MAX_ORDER_CONTROL : d->is_hardware ? MAX_ORDER_HARDWARE : MAX_ORDER_GUEST;
}

bool memop_flags(const struct xen_memory_reservation *r, const struct domain *d, unsigned int *memflags)
{
	unsigned int bits = XENMEMF_get_address_bits(r->mem_flags), node = XENMEMF_get_node(r->mem_flags);

	*memflags = 0;
	if (bits && bits < fls64(max_page - 1) + PAGE_SHIFT) {
		if (bits <= PAGE_SHIFT)
			return false;
		*memflags |= MEMF_BITS(bits);
	}
	/* Virtual nodes need a virtual topology, which no domain has: the flag changes nothing then. */
	if (!(r->mem_flags & XENMEMF_vnode) && node < MAX_NODES) {
		*memflags |= MEMF_NODE(node);
		if (r->mem_flags & XENMEMF_exact_node_request)
			*memflags |= MEMF_EXACT_NODE;
	}
	return true;
}

struct memop {
	struct domain *d;
	unsigned long list;		/* guest address of the frame numbers, 0: none */
	unsigned long nr;
	unsigned int order, memflags;
	unsigned long done;
	bool preempted;
};

static bool preempt(struct memop *a, unsigned long start)
{
	a->preempted = a->done != start && hypercall_preempt_check();
	return a->preempted;
}

static bool read_frame(unsigned long list, unsigned long i, u64 *f)
{
	return copy_from_guest_raw(f, list + i * sizeof(*f), sizeof(*f));
}

static bool write_frame(unsigned long list, unsigned long i, u64 f)
{
	return copy_to_guest_raw(list + i * sizeof(f), &f, sizeof(f));
}

static void increase(struct memop *a)
{
	unsigned long start = a->done;

	for (; a->done < a->nr && !preempt(a, start); a->done++) {
		struct page_info *pg = alloc_domheap_pages(a->d, a->order, a->memflags);

		if (!pg) {
			printk(LOG_G_INFO "d%u: no memory for extent %lu of %lu, order %u\n", a->d->id, a->done, a->nr,
			       a->order);
			return;
		}
		if (a->list && !write_frame(a->list, a->done, page_to_mfn(pg).m))
			return;
	}
}

static void populate(struct memop *a)
{
	unsigned long start = a->done;

	for (; a->done < a->nr && !preempt(a, start); a->done++) {
		struct page_info *pg;
		u64 gfn_;

		if (!read_frame(a->list, a->done, &gfn_) || (a->memflags & MEMF_POPULATE_ON_DEMAND))
			return;
		pg = alloc_domheap_pages(a->d, a->order, a->memflags);
		if (!pg) {
			printk(LOG_G_INFO "d%u: no memory for extent %lu of %lu, order %u (has %llu of %llu pages)\n",
			       a->d->id, a->done, a->nr, a->order, (unsigned long long)a->d->tot_pages,
			       (unsigned long long)a->d->max_pages);
			return;
		}
		if (a->d->kind->physmap_add(a->d, gfn_, page_to_mfn(pg), a->order) ||
		    !write_frame(a->list, a->done, page_to_mfn(pg).m))
			return;
	}
}

/* The domain lets go of one frame: its pin, its name in the M2P, its own reference. */
static bool remove_frame(struct domain *d, u64 f)
{
	struct page_info *pg = d->kind->gfn_to_page(d, f, false);

	if (!pg) {
		printk(LOG_G_INFO "d%u: cannot give back frame %#llx, which is not its own\n", d->id,
		       (unsigned long long)f);
		return false;
	}
	pv_drop_pin(current, pg);
	(void)d->kind->physmap_remove(d, f, page_to_mfn(pg), 0);
	page_drop_allocated(pg);
	put_page(pg);
	return true;
}

static void decrease(struct memop *a)
{
	unsigned long start = a->done;

	for (; a->done < a->nr && !preempt(a, start); a->done++) {
		u64 f;

		if (!read_frame(a->list, a->done, &f))
			return;
		for (u64 i = 0; i < 1ULL << a->order; i++)
			if (!remove_frame(a->d, f + i))
				return;
	}
}

/* Failures of these three calls are told by a count that is too small. */
long memop_reservation(unsigned int op, unsigned long start, unsigned long arg)
{
	struct xen_memory_reservation r;
	struct memop a;
	int rc;

	if (!arg_read(&r, arg) || r.nr_extents > ~0U >> MEMOP_EXTENT_SHIFT || start >= r.nr_extents)
		return (long)start;
	a = (struct memop){ .list = (unsigned long)r.extent_start.p, .nr = r.nr_extents, .order = r.extent_order,
			    .done = start };
	if (r.extent_order > memop_max_order(current->domain) ||
	    !guest_range_ok(a.list, 0, r.nr_extents, sizeof(u64)))
		return (long)start;
	a.d = domain_get_any(r.domid);
	if (!a.d)
		return (long)start;
	if (!memop_flags(&r, a.d, &a.memflags)) {
		domain_put(a.d);
		return -EINVAL;
	}
	domain_put(a.d);
	a.d = memop_domain(r.domid, &rc);
	if (!a.d)
		return (long)start;
	if (op == XENMEM_populate_physmap && (r.mem_flags & XENMEMF_populate_on_demand))
		a.memflags |= MEMF_POPULATE_ON_DEMAND;
	if (op == XENMEM_increase_reservation)
		increase(&a);
	else if (op == XENMEM_decrease_reservation)
		decrease(&a);
	else
		populate(&a);
	domain_put(a.d);
	if (a.preempted)
		return hypercall_continue(2, op | a.done << MEMOP_EXTENT_SHIFT, arg);
	return (long)a.done;
}

/* ---- exchange ---- */

struct exchange {
	struct domain *d;
	struct xen_memory_exchange x;
	unsigned int in_order, out_order;	/* extents of each per chunk, as orders */
	unsigned int memflags;
	struct page_list in, out;		/* of the chunk at hand */
};

static int check_exchange(struct exchange *e)
{
	const struct xen_memory_reservation *in = &e->x.in, *out = &e->x.out;
	unsigned int max_order = memop_max_order(current->domain);

	if (in->extent_order > max_order || out->extent_order > max_order)
		return -EPERM;
	if (e->x.nr_exchanged > in->nr_extents || in->domid != out->domid ||
	    in->nr_extents > ~0UL >> in->extent_order || out->nr_extents > ~0UL >> out->extent_order ||
	    in->nr_extents << in->extent_order != out->nr_extents << out->extent_order)
		return -EINVAL;
	if (!guest_range_ok((u64)in->extent_start.p, 0, in->nr_extents, sizeof(u64)) ||
	    !guest_range_ok((u64)out->extent_start.p, 0, out->nr_extents, sizeof(u64)))
		return -EFAULT;
	e->in_order = in->extent_order <= out->extent_order ? out->extent_order - in->extent_order : 0;
	e->out_order = in->extent_order <= out->extent_order ? 0 : in->extent_order - out->extent_order;
	return 0;
}

static int take_in(struct exchange *e, unsigned long chunk)
{
	for (unsigned long j = 0; j < 1UL << e->in_order; j++) {
		u64 f;

		if (!read_frame((unsigned long)e->x.in.extent_start.p, (chunk << e->in_order) + j, &f))
			return -EFAULT;
		for (u64 k = 0; k < 1ULL << e->x.in.extent_order; k++) {
			struct page_info *pg = page_take_counted(e->d, mfn(f + k));

			if (!pg)
				return -EINVAL;
			page_list_add_tail(&e->in, pg);
		}
	}
	return 0;
}

static int take_out(struct exchange *e)
{
	for (unsigned long j = 0; j < 1UL << e->out_order; j++) {
		struct page_info *pg = alloc_domheap_pages(e->d, e->x.out.extent_order, e->memflags | MEMF_NO_OWNER);

		if (!pg)
			return -ENOMEM;
		page_list_add_tail(&e->out, pg);
	}
	return 0;
}

static struct page_info *pop(struct page_list *l)
{
	struct page_info *pg = page_list_first(l);

	if (pg)
		page_list_del(l, pg);
	return pg;
}

/* The chunk as it was; its count never changed. */
static void undo_chunk(struct exchange *e)
{
	struct page_info *pg;

	while ((pg = pop(&e->in)) != NULL)
		(void)!page_give_counted(e->d, pg, 0);
	while ((pg = pop(&e->out)) != NULL)
		free_domheap_pages(pg, e->x.out.extent_order);
}

static int finish_chunk(struct exchange *e, unsigned long chunk)
{
	struct page_info *pg;
	int rc = 0;

	while ((pg = pop(&e->in)) != NULL) {
		set_gpfn_from_mfn(page_to_mfn(pg), INVALID_M2P_ENTRY);
		page_free_taken(pg);
	}
	for (unsigned long j = 0; (pg = pop(&e->out)) != NULL; j++) {
		unsigned long i = (chunk << e->out_order) + j;
		mfn_t m = page_to_mfn(pg);
		u64 g;

		if (!page_give_counted(e->d, pg, e->x.out.extent_order)) {
			rc = -EINVAL;		/* it dies; its count is right */
			continue;
		}
		if (!read_frame((unsigned long)e->x.out.extent_start.p, i, &g)) {
			rc = -EFAULT;
			continue;
		}
		(void)e->d->kind->physmap_add(e->d, g, m, e->x.out.extent_order);
		if (!write_frame((unsigned long)e->x.out.extent_start.p, i, m.m))
			rc = -EFAULT;
	}
	return rc;
}

long memop_exchange(unsigned long arg)
{
	const unsigned long nr_at = arg + offsetof(struct xen_memory_exchange, nr_exchanged);
	struct exchange e;
	unsigned long first, i, last;
	u64 done;
	int rc;

	if (!arg_read(&e.x, arg))
		return -EFAULT;
	rc = check_exchange(&e);
	if (rc)
		return rc;
	e.d = memop_domain(e.x.in.domid, &rc);
	if (!e.d)
		return rc;
	if (!memop_flags(&e.x.out, e.d, &e.memflags)) {
		domain_put(e.d);
		return -EINVAL;
	}
	page_list_init(&e.in);
	page_list_init(&e.out);
	rc = 0;
	first = e.x.nr_exchanged >> e.in_order;
	last = e.x.in.nr_extents >> e.in_order;
	for (i = first; i < last; i++) {
		if (i != first && hypercall_preempt_check()) {
			domain_put(e.d);
			done = i << e.in_order;
			return arg_write(nr_at, &done) ? hypercall_continue(2, (unsigned long)XENMEM_exchange, arg) : -EFAULT;
		}
		rc = take_in(&e, i);
		if (!rc)
			rc = take_out(&e);
		if (rc) {
			undo_chunk(&e);
			break;
		}
		rc = finish_chunk(&e, i);
		if (rc) {
			i++;
			break;
		}
	}
	domain_put(e.d);
	done = i << e.in_order;
	return arg_write(nr_at, &done) ? rc : -EFAULT;
}
