// SPDX-License-Identifier: GPL-2.0-only
/* domctls about a domain's CPU policy and TSC. */
#include <hv/control.h>
#include <hv/heap.h>
#include <hv/sched.h>
#include <x86/cpu_policy.h>
#include <x86/time.h>

long policy_copy_out(const struct cpu_policy *p, const struct policy_out *out)
{
	xen_cpuid_leaf_t *l;
	xen_msr_entry_t m[POLICY_MAX_MSRS];
	unsigned int nr, room;
	long rc = 0;

	if (!out->leaves) {
		*out->nr_leaves = POLICY_MAX_LEAVES;
	} else {
		l = hv_new_array(xen_cpuid_leaf_t, POLICY_MAX_LEAVES);
		if (!l)
			return -ENOMEM;
		room = *out->nr_leaves;
		nr = policy_to_leaves(p, l, POLICY_MAX_LEAVES);
		*out->nr_leaves = nr;
		if (nr > room)
			rc = -ENOBUFS;
		else if (!copy_to_guest_raw((unsigned long)out->leaves, l, nr * sizeof(*l)))
			rc = -EFAULT;
		hv_free(l);
	}
	if (rc)
		return rc;
	if (!out->msrs) {
		*out->nr_msrs = POLICY_MAX_MSRS;
		return 0;
	}
	room = *out->nr_msrs;
	nr = policy_to_msrs(p, m, POLICY_MAX_MSRS);
	*out->nr_msrs = nr;
	if (nr > room)
		return -ENOBUFS;
	return copy_to_guest_raw((unsigned long)out->msrs, m, nr * sizeof(*m)) ? 0 : -EFAULT;
}

long domctl_get_cpu_policy(struct domctl_call *c)
{
	struct xen_domctl_cpu_policy *o = &c->op->u.cpu_policy;
	const struct policy_out out = { &o->nr_leaves, &o->nr_msrs, o->leaves.p, o->msrs.p };

	c->copy_back = true;
	return policy_copy_out(c->d->arch.policy_ro, &out);
}

/* The new policy out of the caller's records on top of the old one; nothing changes on an error. */
static long read_policy(struct xen_domctl_cpu_policy *o, struct cpu_policy *p, xen_cpuid_leaf_t *l)
{
	xen_msr_entry_t m[POLICY_MAX_MSRS];
	long rc;

	if (o->nr_leaves > POLICY_MAX_LEAVES || o->nr_msrs > POLICY_MAX_MSRS)
		return -E2BIG;
	if ((o->nr_leaves && !guest_read_n(l, o->leaves, 0, o->nr_leaves)) ||
	    (o->nr_msrs && !guest_read_n(m, o->msrs, 0, o->nr_msrs)))
		return -EFAULT;
	rc = policy_from_leaves(p, l, o->nr_leaves, &o->err_leaf, &o->err_subleaf);
	if (!rc)
		rc = policy_from_msrs(p, m, o->nr_msrs, &o->err_msr);
	if (!rc)
		rc = policy_compatible(p, &pv_max_policy, &o->err_leaf, &o->err_subleaf);
	return rc;
}

long domctl_set_cpu_policy(struct domctl_call *c)
{
	struct xen_domctl_cpu_policy *o = &c->op->u.cpu_policy;
	xen_cpuid_leaf_t *l;
	struct cpu_policy *p;
	long rc = -ENOMEM;

	if (c->d->has_run)
		return -EEXIST;
	o->err_leaf = o->err_subleaf = o->err_msr = ~0U;
	l = hv_new_array(xen_cpuid_leaf_t, POLICY_MAX_LEAVES);
	p = hv_new(struct cpu_policy);
	if (l && p) {
		*p = *c->d->arch.policy_ro;
		rc = read_policy(o, p, l);
		if (!rc) {
			policy_limit(p, &pv_max_policy);
			*c->d->arch.policy = *p;
			domain_policy_changed(c->d);
		}
	}
	hv_free(p);
	hv_free(l);
	c->copy_back = rc != 0;
	return rc;
}

/* ---- TSC ---- */

enum { TSC_DEFAULT, TSC_ALWAYS_EMULATE, TSC_NEVER_EMULATE };

/*
 * By default the TSC is the CPU's where that counts evenly on all CPUs and in all states, and at the rate
 * that the guest was started with; else reading it is emulated.  Domain 0 always has the CPU's.
 */
static void set_tsc(struct domain *d, u32 mode, u64 elapsed, u32 khz, u32 incarnation)
{
	bool same_rate = !khz || khz == tsc_khz;

	d->arch.tsc_mode = (u8)mode;
	d->arch.tsc_incarnation = incarnation;
	d->arch.tsc_khz = khz ? khz : tsc_khz;
	d->arch.vtsc_offset = (u64)now() - elapsed;
	d->arch.vtsc = !d->is_hardware && mode != TSC_NEVER_EMULATE &&
		       (mode == TSC_ALWAYS_EMULATE || !tsc_is_invariant || !same_rate);
}

void domain_tsc_init(struct domain *d)
{
	set_tsc(d, TSC_DEFAULT, 0, 0, 0);
}

long domctl_gettscinfo(struct domctl_call *c)
{
	struct xen_domctl_tsc_info *t = &c->op->u.tsc_info;
	const struct arch_domain *a = &c->d->arch;

	*t = (struct xen_domctl_tsc_info){ .tsc_mode = a->tsc_mode, .incarnation = a->tsc_incarnation };
	if (a->tsc_mode != TSC_NEVER_EMULATE) {
		t->elapsed_nsec = (u64)now() - a->vtsc_offset;
		t->gtsc_khz = a->tsc_khz;
	}
	c->copy_back = true;
	return 0;
}

long domctl_settscinfo(struct domctl_call *c)
{
	const struct xen_domctl_tsc_info *t = &c->op->u.tsc_info;

	if (t->tsc_mode > TSC_NEVER_EMULATE)
		return -EINVAL;
	domain_pause(c->d);
	set_tsc(c->d, t->tsc_mode, t->elapsed_nsec, t->gtsc_khz, t->incarnation);
	domain_unpause(c->d);
	return 0;
}
