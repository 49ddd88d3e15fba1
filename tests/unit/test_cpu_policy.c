// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU policies against what the original made of the same CPUID: QEMU's qemu64, as xen-cpuid -p printed it
 * there, and an invented CPU with AVX-512.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/lib.h>
#include <x86/cpu_policy.h>
#include <public/arch-x86/cpufeatureset.h>

struct record { u32 leaf, sub, a, b, c, d; };

#define NS XEN_CPUID_NO_SUBLEAF
static const struct record qemu64_raw[] = {
	{ 0, NS, 0xd, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 1, NS, 0x60fb1, 0x20800, 0x80002001, 0x178bfbfd },
	{ 5, NS, 0, 0, 3, 0 },
	{ 0xb, 0, 0, 1, 0x100, 0 },
	{ 0xb, 1, 1, 2, 0x201, 0 },
	{ 0x80000000, NS, 0x8000000a, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 0x80000001, NS, 0x60fb1, 0, 7, 0x2193fbfd },
	{ 0x80000002, NS, 0x554d4551, 0x72695620, 0x6c617574, 0x55504320 },
	{ 0x80000003, NS, 0x72657620, 0x6e6f6973, 0x352e3220, 0x2b },
	{ 0x80000005, NS, 0x1ff01ff, 0x1ff01ff, 0x40020140, 0x40020140 },
	{ 0x80000006, NS, 0, 0x42004200, 0x2008140, 0x808140 },
	{ 0x80000008, NS, 0x3028, 0, 0x1001, 0 },
	{ 0x8000000a, NS, 1, 0x10, 0, 1 },
};
static const struct record qemu64_default[] = {
	{ 0, NS, 0xd, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 1, NS, 0x60fb1, 0x20800, 0x80002001, 0x1789c3f5 },
	{ 0x80000000, NS, 0x80000021, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 0x80000001, NS, 0x60fb1, 0, 3, 0x20100800 },
	{ 0x80000002, NS, 0x554d4551, 0x72695620, 0x6c617574, 0x55504320 },
	{ 0x80000003, NS, 0x72657620, 0x6e6f6973, 0x352e3220, 0x2b },
	{ 0x80000005, NS, 0x1ff01ff, 0x1ff01ff, 0x40020140, 0x40020140 },
	{ 0x80000006, NS, 0, 0x42004200, 0x2008140, 0x808140 },
	{ 0x80000008, NS, 0x3028, 0, 0x1001, 0 },
	{ 0x80000021, NS, 4, 0, 0, 0 },
};
static const struct record qemu64_max[] = {
	{ 0, NS, 0xd, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 1, NS, 0x60fb1, 0x20800, 0x80202001, 0x1789c3f5 },
	{ 7, 0, 2, 0, 0, 0 },
	{ 0x80000000, NS, 0x80000021, 0x68747541, 0x444d4163, 0x69746e65 },
	{ 0x80000001, NS, 0x60fb1, 0, 3, 0x20100800 },
	{ 0x80000002, NS, 0x554d4551, 0x72695620, 0x6c617574, 0x55504320 },
	{ 0x80000003, NS, 0x72657620, 0x6e6f6973, 0x352e3220, 0x2b },
	{ 0x80000005, NS, 0x1ff01ff, 0x1ff01ff, 0x40020140, 0x40020140 },
	{ 0x80000006, NS, 0, 0x42004200, 0x2008140, 0x808140 },
	{ 0x80000008, NS, 0x3028, 0, 0x1001, 0 },
	{ 0x80000021, NS, 0x24, 0, 0, 0 },
};
/* All features there are, state components up to PKRU. */
static const struct record full_raw[] = {
	{ 0, NS, 0x16, 0x756e6547, 0x6c65746e, 0x49656e69 },
	{ 1, NS, 0x50654, 0x40800, 0xffffffff, 0xffffffff },
	{ 4, 0, 0x121, 1, 2, 3 }, { 4, 1, 0x122, 1, 2, 3 }, { 4, 2, 0, 0, 0, 0 },
	{ 7, 0, 1, 0xffffffff, 0xffffffff, 0xffffffff },
	{ 0xd, 0, 0x2ff, 0x340, 0xa88, 0 },
	{ 0xd, 1, 0xf, 0x340, 0x100, 0 },
	{ 0xd, 2, 0x100, 0x240, 0, 0 }, { 0xd, 3, 0x40, 0x3c0, 0, 0 }, { 0xd, 4, 0x40, 0x400, 0, 0 },
	{ 0xd, 5, 0x40, 0x440, 0, 0 }, { 0xd, 6, 0x200, 0x480, 0, 0 }, { 0xd, 7, 0x400, 0x680, 0, 0 },
	{ 0xd, 8, 0x80, 0, 1, 0 }, { 0xd, 9, 8, 0xa80, 0, 0 },
	{ 0x80000000, NS, 0x80000008, 0, 0, 0 },
	{ 0x80000001, NS, 0, 0, 0x121, 0x2c100800 },
	{ 0x80000007, NS, 0, 0, 0, 0x100 },
	{ 0x80000008, NS, 0x302e, 0xffffffff, 0, 0 },
};

static const struct record *source;
static size_t source_nr;

static void fake_cpuid(u32 leaf, u32 sub, u32 out[4])
{
	memset(out, 0, 16);
	for (size_t i = 0; i < source_nr; i++) {
		const struct record *r = &source[i];

		if (r->leaf == leaf && (r->sub == NS || r->sub == sub)) {
			out[0] = r->a;
			out[1] = r->b;
			out[2] = r->c;
			out[3] = r->d;
		}
	}
}

static struct cpu_policy read_from(const struct record *r, size_t nr)
{
	struct cpu_policy p;

	source = r;
	source_nr = nr;
	policy_read(&p, fake_cpuid);
	return p;
}
#define READ(r) read_from(r, ARRAY_SIZE(r))

/* The records are all leaves of the policy that are not zero. */
static void is_same(const struct cpu_policy *p, const struct record *want, size_t nr)
{
	xen_cpuid_leaf_t l[POLICY_MAX_LEAVES];
	unsigned int n = policy_to_leaves(p, l, POLICY_MAX_LEAVES);
	size_t at = 0;

	assert_true(n <= POLICY_MAX_LEAVES);
	for (unsigned int i = 0; i < n; i++) {
		if (!(l[i].a | l[i].b | l[i].c | l[i].d))
			continue;
		if (at >= nr || memcmp(&l[i], &want[at], sizeof(l[i])))
			fail_msg("leaf %08x:%08x is %08x %08x %08x %08x", l[i].leaf, l[i].subleaf, l[i].a, l[i].b,
				 l[i].c, l[i].d);
		at++;
	}
	assert_int_equal(at, nr);
}

static void like_the_original(void **state)
{
	struct cpu_policy raw = READ(qemu64_raw), host = raw, def, max;
	u32 fs[POLICY_NR_WORDS];

	is_same(&raw, qemu64_raw, ARRAY_SIZE(qemu64_raw));
	policy_make_host(&host, true);
	policy_features(&host, fs);
	assert_true(fs[0] == 0x178bf3fd && fs[1] == 0x80002001 && fs[2] == 0x2193fbfd && fs[3] == 7 && fs[11] == 4);
	policy_make_pv(&def, &host, POLICY_PV_DEFAULT);
	policy_make_pv(&max, &host, POLICY_PV_MAX);
	is_same(&def, qemu64_default, ARRAY_SIZE(qemu64_default));
	is_same(&max, qemu64_max, ARRAY_SIZE(qemu64_max));
}

static void state_components(void **state)
{
	struct cpu_policy host = READ(full_raw), def;
	u32 fs[POLICY_NR_WORDS];

	policy_make_host(&host, false);
	policy_make_pv(&def, &host, POLICY_PV_DEFAULT);
	/* No MPX, no PKU for PV. */
	assert_true(policy_xcr0(&def) == 0xe7);
	assert_int_equal(def.xstate[0].c, 0xa80);
	assert_int_equal(policy_xstate_size(&def, 7), 0x340);
	assert_int_equal(policy_xstate_size(&def, 3), 576);
	assert_int_equal(policy_xstate_size(&def, ~0ULL), 0xa80);
	assert_int_equal(def.basic[0].a, 0xd);
	assert_false(policy_has(&def, XEN_X86_FEATURE_ITSC));
	/* Without AVX nothing of it stays. */
	policy_features(&def, fs);
	fs[1] &= ~(1U << 28);
	policy_set_features(&def, fs);
	policy_limit(&def, &host);
	assert_true(policy_xcr0(&def) == 3);
	assert_false(policy_has(&def, XEN_X86_FEATURE_AVX2) || policy_has(&def, XEN_X86_FEATURE_AVX512F) ||
		     policy_has(&def, XEN_X86_FEATURE_AVX512_4VNNIW) || policy_has(&def, XEN_X86_FEATURE_VAES));
	assert_true(policy_has(&def, XEN_X86_FEATURE_SSE4_2));
}

static void records(void **state)
{
	struct cpu_policy host = READ(full_raw), back = { 0 };
	xen_cpuid_leaf_t l[POLICY_MAX_LEAVES];
	xen_msr_entry_t m[POLICY_MAX_MSRS], bad = { 0xce, 0, 1 };
	u32 leaf, sub, msr;
	unsigned int n;

	policy_make_host(&host, false);
	host.arch_caps = 0x123;
	n = policy_to_leaves(&host, l, POLICY_MAX_LEAVES);
	assert_int_equal(policy_to_leaves(&host, l, 0), n);
	assert_int_equal(policy_to_leaves(&host, l, POLICY_MAX_LEAVES), n);
	assert_int_equal(policy_to_msrs(&host, m, POLICY_MAX_MSRS), 2);
	assert_int_equal(policy_from_leaves(&back, l, n, &leaf, &sub), 0);
	assert_int_equal(policy_from_msrs(&back, m, 2, &msr), 0);
	assert_memory_equal(&back, &host, sizeof(back));
	assert_int_equal(policy_compatible(&back, &host, &leaf, &sub), 0);
	back.ext[0].a++;
	assert_int_equal(policy_compatible(&back, &host, &leaf, &sub), -EINVAL);
	assert_int_equal(leaf, 0x80000000);
	for (u32 i = 0; i < 4; i++) {
		static const u32 out[4][2] = { { 0xe, NS }, { 7, 3 }, { 0xd, 63 }, { 0x80000022, NS } };

		l[0].leaf = out[i][0];
		l[0].subleaf = out[i][1];
		assert_int_equal(policy_from_leaves(&back, l, 1, &leaf, &sub), -ERANGE);
		assert_true(leaf == out[i][0] && sub == out[i][1]);
	}
	l[0].leaf = 1;
	l[0].subleaf = 0;
	assert_int_equal(policy_from_leaves(&back, l, 1, &leaf, &sub), -ERANGE);
	assert_int_equal(policy_from_msrs(&back, &bad, 1, &msr), -EOVERFLOW);
	bad.idx = 0x10;
	assert_int_equal(policy_from_msrs(&back, &bad, 1, &msr), -ERANGE);
	bad.flags = 1;
	assert_int_equal(policy_from_msrs(&back, &bad, 1, &msr), -EINVAL);
}

/* What the machine can make fault, guests may; a policy from elsewhere gains nothing by saying more. */
static void faulting(void **state)
{
	struct cpu_policy host = READ(full_raw), def, max;

	host.platform_info = PLATFORM_INFO_CPUID_FAULT;
	policy_make_host(&host, false);
	policy_make_pv(&def, &host, POLICY_PV_DEFAULT);
	policy_make_pv(&max, &host, POLICY_PV_MAX);
	assert_int_equal(def.platform_info, PLATFORM_INFO_CPUID_FAULT);
	assert_int_equal(max.platform_info, PLATFORM_INFO_CPUID_FAULT);
	host.platform_info = 0;
	policy_make_pv(&max, &host, POLICY_PV_MAX);
	policy_limit(&def, &max);
	assert_int_equal(def.platform_info, 0);
}

static void lookups(void **state)
{
	struct cpu_policy host = READ(full_raw);
	struct cpuid_leaf l;

	policy_make_host(&host, false);
	l = policy_leaf(&host, 0x16, 0);
	assert_true(!(l.a | l.b | l.c | l.d));
	l = policy_leaf(&host, 7, 2);
	assert_true(!(l.a | l.b | l.c | l.d));
	l = policy_leaf(&host, 1, 77);
	assert_true(l.a == 0x50654);
	l = policy_leaf(&host, 0xd, 200);
	assert_true(!(l.a | l.b | l.c | l.d));
	l = policy_leaf(&host, 0x80000008, 5);
	assert_true(l.a == 0x302e);
	l = policy_leaf(&host, 0x80000009, 0);
	assert_true(!(l.a | l.b | l.c | l.d));
	l = policy_leaf(&host, 0x20000000, 0);
	assert_true(!(l.a | l.b | l.c | l.d));
	l = policy_leaf(&host, 0xffffffff, 0);
	assert_true(!(l.a | l.b | l.c | l.d));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_the_original),
		cmocka_unit_test(state_components),
		cmocka_unit_test(records),
		cmocka_unit_test(faulting),
		cmocka_unit_test(lookups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
