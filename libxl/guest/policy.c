// SPDX-License-Identifier: LGPL-2.1-only
/*
 * CPU policies: lists of CPUID leaves and MSRs, as the hypervisor takes them. It is the
 * hypervisor that knows which combinations make sense; here leaves are read, changed and sent.
 */
#include <stdio.h>

#include <xen/arch-x86/cpuid.h>

#include "guest_internal.h"

struct xc_cpu_policy {
	xen_cpuid_leaf_t *leaves;
	uint32_t nr_leaves;
	xen_msr_entry_t *msrs;
	uint32_t nr_msrs;
};

xc_cpu_policy_t *xc_cpu_policy_init(void)
{
	return calloc(1, sizeof(struct xc_cpu_policy));
}

static void drop_lists(xc_cpu_policy_t *p)
{
	free(p->leaves);
	free(p->msrs);
	memset(p, 0, sizeof(*p));
}

void xc_cpu_policy_destroy(xc_cpu_policy_t *policy)
{
	if (!policy)
		return;
	drop_lists(policy);
	free(policy);
}

int xc_cpu_policy_get_size(xc_interface *xch, uint32_t *nr_leaves, uint32_t *nr_msrs)
{
	SYSCTL(s, get_cpu_policy);
	int rc = xc_do_sysctl(xch, &s);

	if (rc)
		return rc;
	*nr_leaves = s.u.cpu_policy.nr_leaves;
	*nr_msrs = s.u.cpu_policy.nr_msrs;
	return 0;
}

static int make_lists(xc_interface *xch, xc_cpu_policy_t *p)
{
	drop_lists(p);
	if (xc_cpu_policy_get_size(xch, &p->nr_leaves, &p->nr_msrs)) {
		xc_fail(xch, XC_INTERNAL_ERROR, "the hypervisor does not tell the size of CPU policies");
		return -1;
	}
	p->leaves = calloc(p->nr_leaves + 1, sizeof(*p->leaves));
	p->msrs = calloc(p->nr_msrs + 1, sizeof(*p->msrs));
	if (p->leaves && p->msrs)
		return 0;
	drop_lists(p);
	errno = ENOMEM;
	return -1;
}

/* Buffers for a policy, and how much of them the hypervisor has filled. */
struct policy_room {
	xc_hypercall_buffer_t leaves, msrs;
	uint32_t nr_leaves, nr_msrs;
};

static int ask_system(xc_interface *xch, uint32_t index, struct policy_room *room)
{
	SYSCTL(s, get_cpu_policy);
	int rc;

	s.u.cpu_policy.index = index;
	s.u.cpu_policy.nr_leaves = room->nr_leaves;
	s.u.cpu_policy.nr_msrs = room->nr_msrs;
	set_handle(s.u.cpu_policy.leaves, room->leaves);
	set_handle(s.u.cpu_policy.msrs, room->msrs);
	rc = xc_do_sysctl(xch, &s);
	if (rc)
		xc_fail(xch, XC_INTERNAL_ERROR, "the hypervisor does not give CPU policy %u", index);
	room->nr_leaves = s.u.cpu_policy.nr_leaves;
	room->nr_msrs = s.u.cpu_policy.nr_msrs;
	return rc;
}

static int ask_domain(xc_interface *xch, uint32_t domid, struct policy_room *room)
{
	DOMCTL(d, get_cpu_policy, domid);
	int rc;

	d.u.cpu_policy.nr_leaves = room->nr_leaves;
	d.u.cpu_policy.nr_msrs = room->nr_msrs;
	set_handle(d.u.cpu_policy.leaves, room->leaves);
	set_handle(d.u.cpu_policy.msrs, room->msrs);
	rc = xc_do_domctl(xch, &d);
	if (rc)
		xc_fail(xch, XC_INTERNAL_ERROR, "the hypervisor does not give the CPU policy of domain %u", domid);
	room->nr_leaves = d.u.cpu_policy.nr_leaves;
	room->nr_msrs = d.u.cpu_policy.nr_msrs;
	return rc;
}

static int policy_get(xc_interface *xch, xc_cpu_policy_t *p, uint32_t whose,
		      int (*ask)(xc_interface *xch, uint32_t whose, struct policy_room *room))
{
	int rc;

	if (make_lists(xch, p))
		return -1;
	struct policy_room room = {
		.leaves = XC_BOUNCE(p->leaves, p->nr_leaves * sizeof(*p->leaves), XC_BOUNCE_OUT),
		.msrs = XC_BOUNCE(p->msrs, p->nr_msrs * sizeof(*p->msrs), XC_BOUNCE_OUT),
		.nr_leaves = p->nr_leaves,
		.nr_msrs = p->nr_msrs,
	};
	xc_hypercall_buffer_t *const all[] = { &room.leaves, &room.msrs };

	if (xc_bounce_all(xch, all, 2))
		return -1;
	rc = ask(xch, whose, &room);
	xc_unbounce_all(xch, all, 2);
	if (rc)
		return rc;
	p->nr_leaves = room.nr_leaves;
	p->nr_msrs = room.nr_msrs;
	return 0;
}

int xc_cpu_policy_get_system(xc_interface *xch, unsigned int policy_idx, xc_cpu_policy_t *p)
{
	return policy_get(xch, p, policy_idx, ask_system);
}

int xc_cpu_policy_get_domain(xc_interface *xch, uint32_t domid, xc_cpu_policy_t *p)
{
	return policy_get(xch, p, domid, ask_domain);
}

int xc_set_domain_cpu_policy(xc_interface *xch, uint32_t domid, uint32_t nr_leaves, xen_cpuid_leaf_t *leaves,
			     uint32_t nr_msrs, xen_msr_entry_t *msrs, uint32_t *err_leaf_p,
			     uint32_t *err_subleaf_p, uint32_t *err_msr_p)
{
	DOMCTL(d, set_cpu_policy, domid);
	xc_hypercall_buffer_t bl = XC_BOUNCE(leaves, nr_leaves * sizeof(*leaves), XC_BOUNCE_IN);
	xc_hypercall_buffer_t bm = XC_BOUNCE(msrs, nr_msrs * sizeof(*msrs), XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &bl, &bm };
	int rc;

	if (xc_bounce_all(xch, all, 2))
		return -1;
	d.u.cpu_policy.nr_leaves = nr_leaves;
	d.u.cpu_policy.nr_msrs = nr_msrs;
	d.u.cpu_policy.err_leaf = ~0U;
	d.u.cpu_policy.err_subleaf = ~0U;
	d.u.cpu_policy.err_msr = ~0U;
	set_handle(d.u.cpu_policy.leaves, bl);
	set_handle(d.u.cpu_policy.msrs, bm);
	rc = xc_do_domctl(xch, &d);
	xc_unbounce_all(xch, all, 2);
	if (err_leaf_p)
		*err_leaf_p = d.u.cpu_policy.err_leaf;
	if (err_subleaf_p)
		*err_subleaf_p = d.u.cpu_policy.err_subleaf;
	if (err_msr_p)
		*err_msr_p = d.u.cpu_policy.err_msr;
	return rc;
}

int xc_cpu_policy_set_domain(xc_interface *xch, uint32_t domid, xc_cpu_policy_t *p)
{
	uint32_t leaf, subleaf, msr;
	int rc = xc_set_domain_cpu_policy(xch, domid, p->nr_leaves, p->leaves, p->nr_msrs, p->msrs, &leaf, &subleaf,
					  &msr);

	if (!rc)
		return 0;
	if (leaf != ~0U)
		xc_fail(xch, XC_INVALID_PARAM, "domain %u: the host cannot offer CPUID leaf 0x%x, subleaf 0x%x as asked",
			domid, leaf, subleaf);
	else if (msr != ~0U)
		xc_fail(xch, XC_INVALID_PARAM, "domain %u: the host cannot offer MSR 0x%x as asked", domid, msr);
	else
		xc_fail(xch, XC_INTERNAL_ERROR, "domain %u: CPU policy refused", domid);
	return rc;
}

int xc_cpu_policy_serialise(xc_interface *xch, const xc_cpu_policy_t *p, xen_cpuid_leaf_t *leaves,
			    uint32_t *nr_leaves, xen_msr_entry_t *msrs, uint32_t *nr_msrs)
{
	if ((leaves && *nr_leaves < p->nr_leaves) || (msrs && *nr_msrs < p->nr_msrs)) {
		errno = ENOBUFS;
		return -1;
	}
	if (leaves) {
		memcpy(leaves, p->leaves, p->nr_leaves * sizeof(*leaves));
		*nr_leaves = p->nr_leaves;
	}
	if (msrs) {
		memcpy(msrs, p->msrs, p->nr_msrs * sizeof(*msrs));
		*nr_msrs = p->nr_msrs;
	}
	return 0;
}

/* --- changes */

static xen_cpuid_leaf_t *find_leaf(const xc_cpu_policy_t *p, uint32_t leaf, uint32_t subleaf)
{
	for (uint32_t i = 0; i < p->nr_leaves; i++)
		if (p->leaves[i].leaf == leaf &&
		    (p->leaves[i].subleaf == subleaf || p->leaves[i].subleaf == XEN_CPUID_NO_SUBLEAF))
			return &p->leaves[i];
	return NULL;
}

static xen_msr_entry_t *find_msr(const xc_cpu_policy_t *p, uint32_t idx)
{
	for (uint32_t i = 0; i < p->nr_msrs; i++)
		if (p->msrs[i].idx == idx)
			return &p->msrs[i];
	return NULL;
}

int xc_cpu_policy_update_cpuid(xc_interface *xch, xc_cpu_policy_t *p, const xen_cpuid_leaf_t *leaves,
			       uint32_t nr)
{
	xen_cpuid_leaf_t *list, *at;

	for (uint32_t i = 0; i < nr; i++) {
		at = find_leaf(p, leaves[i].leaf, leaves[i].subleaf);
		if (!at) {
			list = realloc(p->leaves, (p->nr_leaves + 1) * sizeof(*list));
			if (!list)
				return -1;
			p->leaves = list;
			at = &list[p->nr_leaves++];
		}
		*at = leaves[i];
	}
	return 0;
}

int xc_cpu_policy_update_msrs(xc_interface *xch, xc_cpu_policy_t *p, const xen_msr_entry_t *msrs, uint32_t nr)
{
	xen_msr_entry_t *list, *at;

	for (uint32_t i = 0; i < nr; i++) {
		at = find_msr(p, msrs[i].idx);
		if (!at) {
			list = realloc(p->msrs, (p->nr_msrs + 1) * sizeof(*list));
			if (!list)
				return -1;
			p->msrs = list;
			at = &list[p->nr_msrs++];
		}
		*at = msrs[i];
	}
	return 0;
}

/* --- featuresets: words of feature bits, by leaf and register (public/arch-x86/cpufeatureset.h) */

enum { REG_A, REG_B, REG_C, REG_D };

static const struct {
	uint32_t leaf, subleaf;
	unsigned int reg;
} words[] = {
	{ 1, XEN_CPUID_NO_SUBLEAF, REG_D },          { 1, XEN_CPUID_NO_SUBLEAF, REG_C },
	{ 0x80000001, XEN_CPUID_NO_SUBLEAF, REG_D }, { 0x80000001, XEN_CPUID_NO_SUBLEAF, REG_C },
	{ 0xd, 1, REG_A },                           { 7, 0, REG_B },
	{ 7, 0, REG_C },                             { 0x80000007, XEN_CPUID_NO_SUBLEAF, REG_D },
	{ 0x80000008, XEN_CPUID_NO_SUBLEAF, REG_B }, { 7, 0, REG_D },
	{ 7, 1, REG_A },                             { 0x80000021, XEN_CPUID_NO_SUBLEAF, REG_A },
	{ 7, 1, REG_B },                             { 7, 2, REG_D },
	{ 7, 1, REG_C },                             { 7, 1, REG_D },
	{ 0, 0, REG_A },                             { 0, 0, REG_A }, /* of MSR_ARCH_CAPS */
	{ 0x80000021, XEN_CPUID_NO_SUBLEAF, REG_C },
};

#define MSR_ARCH_CAPS 0x10aU /* IA32_ARCH_CAPABILITIES */

uint32_t xc_get_cpu_featureset_size(void)
{
	return FEATURE_WORDS;
}

static bool is_msr_word(size_t i)
{
	return i == 16 || i == 17;
}

static uint32_t *reg_of(xen_cpuid_leaf_t *l, unsigned int reg)
{
	return reg == REG_A ? &l->a : reg == REG_B ? &l->b : reg == REG_C ? &l->c : &l->d;
}

static void apply_featureset(xc_cpu_policy_t *p, const uint32_t *featureset, unsigned int nr)
{
	xen_msr_entry_t *caps = find_msr(p, MSR_ARCH_CAPS);
	xen_cpuid_leaf_t *l;

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		l = is_msr_word(i) ? NULL : find_leaf(p, words[i].leaf, words[i].subleaf);
		if (l)
			*reg_of(l, words[i].reg) = i < nr ? featureset[i] : 0;
	}
	if (caps)
		caps->val = (nr > 16 ? featureset[16] : 0) | (nr > 17 ? (uint64_t)featureset[17] << 32 : 0);
}

int xc_get_cpu_featureset(xc_interface *xch, uint32_t index, uint32_t *nr_features, uint32_t *featureset)
{
	SYSCTL(s, get_cpu_featureset);
	xc_hypercall_buffer_t b = XC_BOUNCE(featureset, *nr_features * sizeof(*featureset), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	s.u.cpu_featureset.index = index;
	s.u.cpu_featureset.nr_features = *nr_features;
	set_handle(s.u.cpu_featureset.features, b);
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, 1);
	if (!rc)
		*nr_features = s.u.cpu_featureset.nr_features;
	return rc;
}

int xc_get_cpu_levelling_caps(xc_interface *xch, uint32_t *caps)
{
	SYSCTL(s, get_cpu_levelling_caps);
	int rc = xc_do_sysctl(xch, &s);

	if (!rc)
		*caps = s.u.cpu_levelling_caps.caps;
	return rc;
}

/* --- the policy of a new domain */

/* One digit per bit, the highest first; what others mean stands in xenctrl.h. */
static int apply_text(xc_interface *xch, const char *text, unsigned int width, uint64_t *value, uint64_t host)
{
	if (strlen(text) != width) {
		errno = EINVAL;
		xc_fail(xch, XC_INVALID_PARAM, "CPU policy text of %zu characters instead of %u", strlen(text), width);
		return -1;
	}
	for (unsigned int i = 0; i < width; i++) {
		const uint64_t bit = 1ULL << (width - 1 - i);

		switch (text[i]) {
		case 'x':
			break;
		case '1':
			*value |= bit;
			break;
		case '0':
			*value &= ~bit;
			break;
		case 'k':
		case 's':
			*value = (*value & ~bit) | (host & bit);
			break;
		default:
			errno = EINVAL;
			xc_fail(xch, XC_INVALID_PARAM, "CPU policy text has a '%c'", text[i]);
			return -1;
		}
	}
	return 0;
}

static int apply_xend(xc_interface *xch, xc_cpu_policy_t *p, const xc_cpu_policy_t *host,
		      const struct xc_xend_cpuid *xend)
{
	for (; xend && xend->leaf != XEN_CPUID_NO_SUBLEAF; xend++) {
		xen_cpuid_leaf_t *l = find_leaf(p, xend->leaf, xend->subleaf);
		xen_cpuid_leaf_t *h = find_leaf(host, xend->leaf, xend->subleaf);

		if (!l) {
			errno = EINVAL;
			xc_fail(xch, XC_INVALID_PARAM, "CPUID leaf 0x%x, subleaf 0x%x cannot be set", xend->leaf,
				xend->subleaf);
			return -1;
		}
		for (unsigned int reg = REG_A; reg <= REG_D; reg++) {
			uint64_t v = *reg_of(l, reg);

			if (!xend->policy[reg])
				continue;
			if (apply_text(xch, xend->policy[reg], 32, &v, h ? *reg_of(h, reg) : 0))
				return -1;
			*reg_of(l, reg) = (uint32_t)v;
		}
	}
	return 0;
}

static int apply_msrs(xc_interface *xch, xc_cpu_policy_t *p, const xc_cpu_policy_t *host, const struct xc_msr *msr)
{
	for (; msr && msr->index != XC_MSR_INPUT_UNUSED; msr++) {
		xen_msr_entry_t *m = find_msr(p, msr->index), *h = find_msr(host, msr->index);

		if (!m) {
			errno = EINVAL;
			xc_fail(xch, XC_INVALID_PARAM, "MSR 0x%x cannot be set", msr->index);
			return -1;
		}
		if (apply_text(xch, msr->policy, 64, &m->val, h ? h->val : 0))
			return -1;
	}
	return 0;
}

static void set_bit(xc_cpu_policy_t *p, uint32_t leaf, unsigned int reg, unsigned int bit, bool on)
{
	xen_cpuid_leaf_t *l = find_leaf(p, leaf, XEN_CPUID_NO_SUBLEAF);
	uint32_t *r = l ? reg_of(l, reg) : NULL;

	if (r)
		*r = (*r & ~(1U << bit)) | (uint32_t)on << bit;
}

int xc_cpuid_apply_policy(xc_interface *xch, uint32_t domid, bool restore, const uint32_t *featureset,
			  unsigned int nr_features, bool pae, bool itsc, bool nested_virt,
			  const struct xc_xend_cpuid *xend, const struct xc_msr *msr)
{
	xc_cpu_policy_t *p = xc_cpu_policy_init(), *host = xc_cpu_policy_init();
	xc_domaininfo_t info;
	int rc = -1;

	if (!p || !host)
		goto out;
	if (xc_domain_getinfolist(xch, domid, 1, &info) != 1 || info.domain != domid) {
		errno = ESRCH;
		goto out;
	}
	if (info.flags & XEN_DOMINF_hvm_guest) {
		errno = EOPNOTSUPP;
		xc_fail(xch, XC_INVALID_PARAM, "CPU policies of HVM guests are not supported yet");
		goto out;
	}
	if (xc_cpu_policy_get_system(xch, XEN_SYSCTL_cpu_policy_host, host) ||
	    xc_cpu_policy_get_system(xch, XEN_SYSCTL_cpu_policy_pv_default, p))
		goto out;
	if (featureset)
		apply_featureset(p, featureset, nr_features);
	set_bit(p, 0x80000007, REG_D, 8, itsc); /* invariant TSC */
	if (apply_xend(xch, p, host, xend) || apply_msrs(xch, p, host, msr))
		goto out;
	rc = xc_cpu_policy_set_domain(xch, domid, p);
out:
	xc_cpu_policy_destroy(p);
	xc_cpu_policy_destroy(host);
	return rc;
}

/* A guest fits if it is promised no leaf beyond the host's last, and no feature that it lacks. */
bool xc_cpu_policy_is_compatible(xc_interface *xch, xc_cpu_policy_t *host, xc_cpu_policy_t *guest)
{
	static const uint32_t first[] = { 0, 0x80000000 };

	for (size_t i = 0; i < ARRAY_SIZE(first); i++) {
		const xen_cpuid_leaf_t *h = find_leaf(host, first[i], XEN_CPUID_NO_SUBLEAF);
		const xen_cpuid_leaf_t *g = find_leaf(guest, first[i], XEN_CPUID_NO_SUBLEAF);

		if (g && (!h || g->a > h->a)) {
			xc_warn(xch, "guest's highest CPUID leaf 0x%x is above the host's 0x%x", g->a, h ? h->a : 0);
			return false;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		xen_cpuid_leaf_t *h = find_leaf(host, words[i].leaf, words[i].subleaf);
		xen_cpuid_leaf_t *g = find_leaf(guest, words[i].leaf, words[i].subleaf);

		if (g && !is_msr_word(i) && (*reg_of(g, words[i].reg) & ~(h ? *reg_of(h, words[i].reg) : 0))) {
			xc_warn(xch, "guest has features of CPUID leaf 0x%x, subleaf 0x%x that the host lacks",
				words[i].leaf, words[i].subleaf);
			return false;
		}
	}
	return true;
}
