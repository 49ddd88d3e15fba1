/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs that say something about the machine, on a machine whose MSRs all hold SECRET. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/domain.h>
#include <hv/lib.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/platform.h>
#include <x86/processor.h>

#define SECRET 0x1234567890abcdefULL

static bool machine_has;
struct cpu_id boot_cpu = { .vendor = CPU_VENDOR_INTEL };

bool rdmsr_safe(u32 msr, u64 *v)
{
	if (machine_has)
		*v = SECRET;
	return machine_has;
}

static struct cpu_policy policy;
static struct domain guest, dom0 = { .is_hardware = true };
static struct vcpu vg = { .domain = &guest }, v0 = { .domain = &dom0 };

static int begin(void **state)
{
	guest.arch.policy_ro = dom0.arch.policy_ro = &policy;
	policy.platform_info = 0;
	machine_has = true;
	return 0;
}

static u64 value(struct vcpu *v, u32 msr)
{
	u64 val = 42;

	assert_true(pv_read_platform_msr(v, msr, &val));
	return val;
}

/* No MSR at all shows an unprivileged guest what this machine has. */
static void guests_see_no_machine(void **state)
{
	for (u32 msr = 0; msr < 0x2000; msr++) {
		u64 val = 0;

		assert_false(pv_read_platform_msr(&vg, msr, &val) && val == SECRET);
		assert_false(pv_read_platform_msr(&vg, 0xc0010000 + msr, &val) && val == SECRET);
	}
	assert_int_equal(value(&vg, MSR_UCODE_REV), 0);
	assert_int_equal(value(&vg, MSR_MISC_ENABLE), 0x1801);
	assert_int_equal(value(&v0, MSR_UCODE_REV), SECRET);
	assert_int_equal(value(&v0, MSR_MISC_ENABLE), SECRET);
	machine_has = false;
	assert_int_equal(value(&v0, MSR_MISC_ENABLE), 0x1801);
	boot_cpu.vendor = CPU_VENDOR_AMD;
	assert_int_equal(value(&vg, MSR_MISC_ENABLE), 0);
	boot_cpu.vendor = CPU_VENDOR_INTEL;
}

/* The platform's info is the policy's for everybody; faulting is taken only where that offers it. */
static void cpuid_faulting_is_the_policys(void **state)
{
	struct vcpu *both[] = { &vg, &v0 };

	for (unsigned int i = 0; i < ARRAY_SIZE(both); i++) {
		struct vcpu *v = both[i];

		policy.platform_info = 0;
		assert_int_equal(value(v, MSR_PLATFORM_INFO), 0);
		assert_false(pv_write_platform_msr(v, MSR_MISC_FEATURES_ENABLES, 1));
		assert_true(pv_write_platform_msr(v, MSR_MISC_FEATURES_ENABLES, 0));
		policy.platform_info = PLATFORM_INFO_CPUID_FAULT;
		assert_int_equal(value(v, MSR_PLATFORM_INFO), 1U << 31);
		assert_false(pv_write_platform_msr(v, MSR_MISC_FEATURES_ENABLES, 3));
		assert_int_equal(v->arch.msr_misc_features, 0);
		assert_true(pv_write_platform_msr(v, MSR_MISC_FEATURES_ENABLES, 1));
		assert_int_equal(value(v, MSR_MISC_FEATURES_ENABLES), 1);
		assert_true(pv_write_platform_msr(v, MSR_MISC_FEATURES_ENABLES, 0));
		assert_int_equal(v->arch.msr_misc_features, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(guests_see_no_machine, begin),
		cmocka_unit_test_setup(cpuid_faulting_is_the_policys, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
