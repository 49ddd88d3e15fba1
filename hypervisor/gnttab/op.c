/* SPDX-License-Identifier: GPL-2.0-only */
/* The grant_table_op hypercall: dispatch, preemption, and the operations on a table as a whole. */
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <x86/current.h>

#include "gnttab.h"

struct domain *gnt_target(domid_t id, int *status)
{
	const struct domain *cd = current->domain;
	struct domain *d = domain_get_any(id);

	if (!d) {
		*status = GNTST_bad_domain;
		return NULL;
	}
	if (d != cd && !cd->is_privileged) {
		domain_put(d);
		*status = GNTST_permission_denied;
		return NULL;
	}
	*status = GNTST_okay;
	return d;
}

static int write_frames(XEN_GUEST_HANDLE(xen_pfn_t) list, void *const *pages, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		xen_pfn_t f = virt_to_mfn(pages[i]).m;

		if (!guest_write_n(list, i, &f, 1))
			return GNTST_bad_virt_addr;
	}
	return GNTST_okay;
}

static long setup_table(unsigned long uop)
{
	struct gnttab_setup_table op;
	struct domain *d;
	int st;

	if (!arg_read(&op, uop))
		return -EFAULT;
	d = gnt_target(op.dom, &st);
	if (d) {
		struct grant_table *t = d->grant;

		spin_lock(&t->lock);
		if (op.nr_frames > t->max_frames || d->dying)
			st = GNTST_general_error;
		else if (op.nr_frames > t->nr_frames && !gnt_grow(t, op.nr_frames))
			st = GNTST_general_error;
		spin_unlock(&t->lock);
		/* Frames never go away while the domain lives: safe to read without the lock. */
		if (st == GNTST_okay)
			st = write_frames(op.frame_list, t->shared, op.nr_frames);
		domain_put(d);
	}
	op.status = (s16)st;
	return arg_write(uop, &op) ? 0 : -EFAULT;
}

static long query_size(unsigned long uop)
{
	struct gnttab_query_size op;
	struct domain *d;
	int st;

	if (!arg_read(&op, uop))
		return -EFAULT;
	d = gnt_target(op.dom, &st);
	if (d) {
		op.nr_frames = d->grant->nr_frames;
		op.max_nr_frames = d->grant->max_frames;
		domain_put(d);
	}
	op.status = (s16)st;
	return arg_write(uop, &op) ? 0 : -EFAULT;
}

static long set_version(unsigned long uop)
{
	struct grant_table *t = current->domain->grant;
	struct gnttab_set_version op;
	long rc;

	if (!arg_read(&op, uop))
		return -EFAULT;
	spin_lock(&t->lock);
	rc = gnt_set_version(t, op.version);
	op.version = t->version;
	spin_unlock(&t->lock);
	return arg_write(uop, &op) ? rc : -EFAULT;
}

static long get_version(unsigned long uop)
{
	struct gnttab_get_version op;
	struct domain *d;
	int st;

	if (!arg_read(&op, uop))
		return -EFAULT;
	d = gnt_target(op.dom, &st);
	if (!d)
		return st == GNTST_bad_domain ? -ESRCH : -EPERM;
	op.version = d->grant->version;
	domain_put(d);
	return arg_write(uop, &op) ? 0 : -EFAULT;
}

/* One by one under the lock: a change of version takes them away. */
static int write_status_frame(struct grant_table *t, const struct gnttab_get_status_frames *op, u32 i)
{
	bool ok;
	u64 f;

	spin_lock(&t->lock);
	ok = t->version == 2 && op->nr_frames <= t->nr_status;
	f = ok ? virt_to_mfn(t->status[i]).m : 0;
	spin_unlock(&t->lock);
	if (!ok)
		return GNTST_general_error;
	return guest_write_n(op->frame_list, i, &f, 1) ? GNTST_okay : GNTST_bad_virt_addr;
}

static long get_status_frames(unsigned long uop)
{
	struct gnttab_get_status_frames op;
	struct domain *d;
	int st;

	if (!arg_read(&op, uop))
		return -EFAULT;
	d = gnt_target(op.dom, &st);
	if (d) {
		if (d->grant->version != 2)
			st = GNTST_general_error;
		for (u32 i = 0; st == GNTST_okay && i < op.nr_frames; i++)
			st = write_status_frame(d->grant, &op, i);
		domain_put(d);
	}
	op.status = (s16)st;
	return arg_write(uop, &op) ? 0 : -EFAULT;
}

static int swap_entries(struct grant_table *t, u32 a, u32 b)
{
	struct active_grant *aa, *ab;

	if (a >= gnt_nr_entries(t) || b >= gnt_nr_entries(t))
		return GNTST_bad_gntref;
	aa = gnt_active(t, a);
	ab = gnt_active(t, b);
	if (!aa || !ab)
		return GNTST_general_error;
	if (aa->readers | aa->writers | ab->readers | ab->writers)
		return GNTST_eagain;
	if (t->version == 2) {
		grant_entry_v2_t x = *gnt_v2(t, a);

		*gnt_v2(t, a) = *gnt_v2(t, b);
		*gnt_v2(t, b) = x;
	} else {
		grant_entry_v1_t x = *gnt_v1(t, a);

		*gnt_v1(t, a) = *gnt_v1(t, b);
		*gnt_v1(t, b) = x;
	}
	return GNTST_okay;
}

static noinline_fn long swap_ops(unsigned long uop, unsigned int count)
{
	struct grant_table *t = current->domain->grant;
	struct gnttab_swap_grant_ref op;
	unsigned int left;

	for (left = count; left; left--, uop += sizeof(op)) {
		if (left != count && hypercall_preempt_check())
			break;
		if (!arg_read(&op, uop))
			return -EFAULT;
		spin_lock(&t->lock);
		op.status = (s16)swap_entries(t, op.ref_a, op.ref_b);
		spin_unlock(&t->lock);
		if (!arg_write(uop, &op))
			return -EFAULT;
	}
	return gnt_batch_end(GNTTABOP_swap_grant_ref, uop, left, 0);
}

/* Operations on arrays of requests: may be left and gone on with after the first ones. */
/* Operations on one request; more than one is -EINVAL. */
static long (*const single_ops[])(unsigned long uop) = {
	[GNTTABOP_setup_table] = setup_table,
	[GNTTABOP_query_size] = query_size,
	[GNTTABOP_set_version] = set_version,
	[GNTTABOP_get_status_frames] = get_status_frames,
	[GNTTABOP_get_version] = get_version,
};

/* ABI: the rest of the word is not the command's, and must be zero.  dump_table is not offered: debug key g. */
#define CMD_BITS 12

static noinline_fn long single_op(unsigned int cmd, unsigned long arg, unsigned int count)
{
	if (cmd >> CMD_BITS)
		return -EINVAL;
	if (cmd == GNTTABOP_cache_flush)
		return -EOPNOTSUPP;	/* for machines whose devices do not snoop */
	if (cmd >= ARRAY_SIZE(single_ops) || !single_ops[cmd])
		return -ENOSYS;
	return count == 1 ? single_ops[cmd](arg) : -EINVAL;
}

long do_grant_table_op(unsigned int cmd, unsigned long arg, unsigned int count)
{
	if (unlikely((s32)count < 0))
		return -EINVAL;
	/* Those on any number of requests. */
	switch (cmd) {
	case GNTTABOP_map_grant_ref:
		return gnttab_map(arg, count);
	case GNTTABOP_unmap_grant_ref:
		return gnttab_unmap(arg, count);
	case GNTTABOP_copy:
		return gnttab_copy_ops(arg, count);
	case GNTTABOP_unmap_and_replace:
		return gnttab_unmap_replace(arg, count);
	case GNTTABOP_transfer:
		return gnttab_transfer_ops(arg, count);
	case GNTTABOP_swap_grant_ref:
		return swap_ops(arg, count);
	default:
		return single_op(cmd, arg, count);
	}
}
