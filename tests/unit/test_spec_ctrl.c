/* SPDX-License-Identifier: GPL-2.0-only */
/* Which mitigations real CPUs get, what the command line makes of that, and the bytes that patching writes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <hv/lib.h>
#include <x86/alternative.h>
#include <x86/spec_ctrl.h>
#include <x86/thunk.h>

#define F(x) BIT64(SPEC_##x)
#define INTEL CPU_VENDOR_INTEL
#define AMD CPU_VENDOR_AMD
/* CPUID 7 EDX of Intel's CPUs with the microcode of 2018 and of 2019: IBRSB, STIBP, SSBD, L1D_FLUSH; and MD_CLEAR */
#define EDX_2018 0x9c000000U
#define EDX_2019 0x9c000400U
#define EDX_CAPS 0xbc000400U

/* Facts of machines as their vendors' documents and public CPUID dumps give them. */
static const struct { const char *name; struct spec_facts f; u64 want, msr; bool meltdown; } machines[] = {
	{ "QEMU qemu64", { AMD, 15, 107, false, false, 0, 0, 0, 0 }, F(ENTRY) | F(RSB) | F(THUNK), 0, false },
	{ "QEMU Skylake-Server-v1", { INTEL, 6, 0x55, true, true, 0, 0, 0, 0 },
	  F(ENTRY) | F(EXIT) | F(LEAN) | F(XPTI) | F(BHB) | F(EAGER_FPU) | F(THUNK), 0, true },
	{ "Atom 330 (Bonnell)", { INTEL, 6, 0x1c, false, false, 0, 0, 0, 0 }, 0, 0, false },
	{ "Core 2 E8400 (Penryn), no microcode", { INTEL, 6, 0x17, false, false, 0, 0, 0, 0 },
	  F(ENTRY) | F(EXIT) | F(XPTI) | F(RSB) | F(BHB) | F(EAGER_FPU) | F(THUNK), 0, true },
	{ "Xeon E5 v3 (Haswell-EP), 2018", { INTEL, 6, 0x3f, true, false, EDX_2018, 0, 0, 0 },
	  F(ENTRY) | F(EXIT) | F(LEAN) | F(XPTI) | F(BHB) | F(IBPB) | F(EAGER_FPU) | F(THUNK), 0, true },
	/* the same of a hypervisor that moves guests to newer ones */
	{ "Xeon E5 v3 with RSBA", { INTEL, 6, 0x3f, true, false, EDX_CAPS, 0, 0, ARCH_CAPS_RSBA },
	  F(ENTRY) | F(EXIT) | F(XPTI) | F(BHB) | F(MSR) | F(VERW) | F(IBPB) | F(EAGER_FPU), SPEC_CTRL_IBRS, true },
	{ "Xeon Gold 61xx (Skylake-SP), 2019", { INTEL, 6, 0x55, true, true, EDX_2019, 0, 0, 0 },
	  F(ENTRY) | F(EXIT) | F(XPTI) | F(BHB) | F(MSR) | F(VERW) | F(IBPB) | F(EAGER_FPU), SPEC_CTRL_IBRS, true },
	/* RDCL_NO, IBRS_ALL, SKIP_L1DFL_VMENTRY, MDS_NO, TSX_CTRL; TSX on: TAA */
	{ "Xeon Gold 62xx (Cascade Lake), TSX on", { INTEL, 6, 0x55, true, true, EDX_CAPS, 0, 0, 0xab },
	  F(ENTRY) | F(EXIT) | F(BHB) | F(EIBRS) | F(VERW) | F(IBPB) | F(EAGER_FPU), SPEC_CTRL_IBRS, false },
	{ "Xeon Gold 62xx (Cascade Lake), TSX off", { INTEL, 6, 0x55, true, false, EDX_CAPS, 0, 0, 0xab },
	  F(ENTRY) | F(BHB) | F(EIBRS) | F(IBPB) | F(EAGER_FPU), SPEC_CTRL_IBRS, false },
	/* as before with TAA_NO, MISC_PACKAGE, FB_CLEAR */
	{ "Xeon Gold 63xx (Ice Lake-SP), 2022", { INTEL, 6, 0x6a, true, true, EDX_CAPS, 0, 0, 0x20d6b },
	  F(ENTRY) | F(EXIT) | F(BHB) | F(EIBRS) | F(VERW) | F(IBPB) | F(EAGER_FPU), SPEC_CTRL_IBRS, false },
	/* no buffers to clear, BHI_CTRL */
	{ "Xeon 84xx (Sapphire Rapids)", { INTEL, 6, 0x8f, true, true, EDX_CAPS, 0x1f, 0, 0x6d6b & ~0x20000ULL },
	  F(EIBRS) | F(BHI_DIS) | F(IBPB) | F(EAGER_FPU), SPEC_CTRL_IBRS | SPEC_CTRL_BHI_DIS_S, false },
	{ "Ryzen 1800X (Zen), 2018", { AMD, 0x17, 1, true, false, 0, 0, 0x1000, 0 }, F(IBPB) | F(THUNK), 0, false },
	{ "EPYC 7xx2 (Zen 2)", { AMD, 0x17, 0x31, true, false, 0, 0, 0x0110d000, 0 },
	  F(IBPB) | F(THUNK), 0, false },
	{ "EPYC 9xx4 (Zen 4)", { AMD, 0x19, 0x11, true, false, 0, 0, 0x01fdd000, 0 },
	  F(EIBRS) | F(IBPB), SPEC_CTRL_IBRS, false },
	{ "Hygon C86 7185", { CPU_VENDOR_HYGON, 0x18, 0, true, false, 0, 0, 0x1000, 0 }, F(IBPB) | F(THUNK), 0,
	  false },
};

static const struct spec_options as_needed = SPEC_OPTIONS_DEFAULT;

static void choices(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(machines); i++) {
		struct spec_choice c = spec_choose(&machines[i].f, &as_needed);

		if (c.features != machines[i].want || c.spec_ctrl != machines[i].msr || c.meltdown != machines[i].meltdown)
			fail_msg("%s: features %#llx, wanted %#llx; SPEC_CTRL %#llx; meltdown %d", machines[i].name,
				 (unsigned long long)c.features, (unsigned long long)machines[i].want,
				 (unsigned long long)c.spec_ctrl, c.meltdown);
	}
}

static struct spec_options parsed(const char *list, int rc)
{
	struct spec_options o = SPEC_OPTIONS_DEFAULT;

	assert_int_equal(spec_parse(&o, list), rc);
	return o;
}

static u64 features_with(unsigned int machine, const char *list)
{
	struct spec_options o = parsed(list, 0);

	return spec_choose(&machines[machine].f, &o).features;
}

#define HASWELL 4
#define SKYLAKE_2019 6
#define ZEN_2 12
#define ISOLATION (F(ENTRY) | F(EXIT) | F(LEAN) | F(XPTI))

static void options(void **state)
{
	struct spec_options o;

	for (unsigned int i = 0; i < ARRAY_SIZE(machines); i++) {
		assert_int_equal(features_with(i, "no"), 0);
		assert_int_equal(features_with(i, "yes"), machines[i].want);
		assert_int_equal(features_with(i, ""), machines[i].want);
	}
	assert_int_equal(features_with(SKYLAKE_2019, "xen=no"), F(IBPB) | F(EAGER_FPU) | ISOLATION);
	assert_int_equal(features_with(SKYLAKE_2019, "pv=0"), F(IBPB) | F(EAGER_FPU) | ISOLATION);
	assert_int_equal(features_with(SKYLAKE_2019, "bhb-entry=no,no-ibrs,md-clear=0,no-ibpb,eager-fpu=off"),
			 ISOLATION | F(THUNK));
	assert_int_equal(features_with(SKYLAKE_2019, "no-msr-sc") & (F(MSR) | F(SSBD)), 0);
	assert_int_equal(features_with(SKYLAKE_2019, "ssbd") & F(SSBD), F(SSBD));
	assert_int_equal(features_with(SKYLAKE_2019, "rsb=1") & F(RSB), F(RSB));
	assert_int_equal(features_with(SKYLAKE_2019, "verw=pv=no") & F(VERW), 0);
	assert_int_equal(features_with(SKYLAKE_2019, "verw=hvm=no") & F(VERW), F(VERW));
	/* A switch for what the CPU has not got does nothing. */
	assert_int_equal(features_with(0, "ssbd,ibrs,ibpb,bhi-dis-s"), machines[0].want);
	assert_int_equal(features_with(0, "bti-thunk=retpoline,l1d-flush=no,gds-mit"), machines[0].want);
	/* Where branches go indirectly, IBRS keeps them apart, if there is one. */
	assert_int_equal(features_with(0, "bti-thunk=jmp"), machines[0].want & ~F(THUNK));
	assert_int_equal(features_with(0, "bti-thunk=lfence"), machines[0].want | F(THUNK_LFENCE));
	assert_int_equal(features_with(HASWELL, "bti-thunk=jmp") & (F(MSR) | F(THUNK)), F(MSR));
	assert_int_equal(features_with(HASWELL, "bti-thunk=jmp,no-ibrs") & (F(MSR) | F(THUNK)), 0);
	assert_int_equal(features_with(HASWELL, "ibrs") & (F(MSR) | F(THUNK)), F(MSR));
	assert_int_equal(features_with(SKYLAKE_2019, "bti-thunk=retpoline") & (F(MSR) | F(THUNK)), F(THUNK));
	assert_int_equal(features_with(ZEN_2, "ibrs=1") & (F(MSR) | F(THUNK)), F(MSR));
	(void)parsed("bti-thunk=maybe", -EINVAL);
	(void)parsed("bti-thunk", -EINVAL);
	/* What is no option is refused, what stands beside it is taken. */
	o = parsed("nonsense,no-rsb", -EINVAL);
	assert_int_equal(o.rsb, 0);
	(void)parsed("rsb=perhaps", -EINVAL);
	(void)parsed("a-name-that-is-longer-than-any-option-could-ever-be=1", -EINVAL);
}

static void xpti(void **state)
{
	static const struct { const char *list; int rc; s8 dom0, domu; } cases[] = {
		{ "no", 0, 0, 0 }, { "yes", 0, 1, 1 }, { "default", 0, -1, -1 }, { "dom0=no", 0, 0, -1 },
		{ "no-dom0,domu=1", 0, 0, 1 }, { "domu=maybe", -EINVAL, -1, -1 }, { "guests=1", -EINVAL, -1, -1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec_options o = SPEC_OPTIONS_DEFAULT;

		assert_int_equal(spec_parse_xpti(&o, cases[i].list), cases[i].rc);
		assert_int_equal(o.xpti_dom0, cases[i].dom0);
		assert_int_equal(o.xpti_domu, cases[i].domu);
	}
}

/* The option decides, for each kind of domain; where it says nothing, the CPU does. */
static void isolation(void **state)
{
	static const struct { unsigned int machine; const char *list; bool dom0, domu; } cases[] = {
		{ SKYLAKE_2019, "default", true, true }, { SKYLAKE_2019, "dom0=no", false, true },
		{ SKYLAKE_2019, "domu=no", true, false }, { SKYLAKE_2019, "no", false, false },
		{ 0, "default", false, false }, { 0, "yes", true, true }, { 0, "domu", false, false },
		{ 0, "domu=yes", false, true },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec_options o = SPEC_OPTIONS_DEFAULT;
		struct spec_choice c;

		(void)spec_parse_xpti(&o, cases[i].list);
		c = spec_choose(&machines[cases[i].machine].f, &o);
		assert_int_equal(c.xpti_dom0, cases[i].dom0);
		assert_int_equal(c.xpti_domu, cases[i].domu);
		assert_int_equal(!!(c.features & F(XPTI)), cases[i].dom0 || cases[i].domu);
	}
}

/* A jump written at @with (32 bytes past the site) still leads to where it led. */
static void patched_bytes(void **state)
{
	u8 memory[64] = { 0 }, out[ALT_MAX_LEN];
	const u8 jump[5] = { 0xe9, 0x10, 0, 0, 0 }, call[5] = { 0xe8, 0xf0, 0xff, 0xff, 0xff };
	const u8 moved_jump[8] = { 0xe9, 0x30, 0, 0, 0, 0x0f, 0x1f, 0x00 }, moved_call[5] = { 0xe8, 0x10, 0, 0, 0 };
	const u8 nop11[11] = { 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0x66, 0x90 };

	memcpy(memory + 32, jump, sizeof(jump));
	assert_true(alternative_build(out, memory, 8, memory + 32, 5));
	assert_memory_equal(out, moved_jump, 8);
	memcpy(memory + 32, call, sizeof(call));
	assert_true(alternative_build(out, memory, 5, memory + 32, 5));
	assert_memory_equal(out, moved_call, 5);
	assert_true(alternative_build(out, memory, 11, memory + 32, 0));
	assert_memory_equal(out, nop11, 11);
	assert_false(alternative_build(out, memory, 4, memory + 32, 5));
	assert_false(alternative_build(out, memory, ALT_MAX_LEN + 1, memory + 32, 5));
	assert_false(alternative_build(out, memory, 8, memory + 32, 6));	/* a jump and more: not ours */
}

/* `call *%rax`, `jmp *%r11`, `js` around a jump: read off an assembler's listing. */
static void branches(void **state)
{
	static const struct { u8 site[6]; unsigned int reg, len; u8 want[6]; } cases[] = {
		{ { 0xe8, 1, 2, 3, 4 }, 0, 5, { 0x2e, 0x2e, 0x2e, 0xff, 0xd0 } },
		{ { 0xe8, 1, 2, 3, 4 }, 11, 5, { 0x2e, 0x2e, 0x41, 0xff, 0xd3 } },
		{ { 0xe9, 1, 2, 3, 4 }, 6, 5, { 0xff, 0xe6, 0xcc, 0xcc, 0xcc } },
		{ { 0xe9, 1, 2, 3, 4 }, 15, 5, { 0x41, 0xff, 0xe7, 0xcc, 0xcc } },
		{ { 0x0f, 0x88, 1, 2, 3, 4 }, 2, 6, { 0x79, 0x04, 0xff, 0xe2, 0xcc, 0xcc } },
		{ { 0x0f, 0x85, 1, 2, 3, 4 }, 8, 6, { 0x74, 0x04, 0x41, 0xff, 0xe0, 0xcc } },
		{ { 0x0f, 0x05 }, 0, 0, { 0 } }, { { 0x90 }, 0, 0, { 0 } },
	};
	u8 out[THUNK_SITE_MAX];

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(thunk_site_build(out, cases[i].site, cases[i].reg), cases[i].len);
		assert_memory_equal(out, cases[i].want, cases[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices), cmocka_unit_test(options), cmocka_unit_test(xpti),
		cmocka_unit_test(isolation),
		cmocka_unit_test(patched_bytes), cmocka_unit_test(branches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
