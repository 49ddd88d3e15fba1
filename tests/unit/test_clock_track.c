/* SPDX-License-Identifier: GPL-2.0-only */
/* System time kept to a platform clock: a simulated machine whose TSC is not what it was measured to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/lib.h>
#include <x86/clock_track.h>

#define SEC 1000000000ULL
#define HPET_HZ 100000000ULL
#define PM_HZ 3579545ULL

static struct machine { u64 ns, tsc; double tsc_hz; u64 hz, mask; } m;
static struct clock_track track;

static struct clock_sample sample(void)
{
	unsigned __int128 counts = (unsigned __int128)m.ns * m.hz / SEC;

	return (struct clock_sample){ (u64)counts & m.mask, m.tsc };
}

static void pass(double seconds)
{
	m.ns += (u64)(seconds * SEC);
	m.tsc += (u64)(seconds * m.tsc_hz);
}

static s_time_t shown(const struct cpu_time *l)
{
	return l->ns_base + (s_time_t)scale_delta(m.tsc - l->tsc_base, &l->scale);
}

/* A machine that believes in @khz, and whose TSC starts anywhere. */
static void boot(double tsc_hz, u64 khz, u64 hz, u64 mask, bool steady)
{
	struct cpu_time line = { .tsc_base = 77777, .ns_base = 0, .scale = scale_from_khz(khz) };

	m = (struct machine){ .ns = 12345678901ULL, .tsc = 77777, .tsc_hz = tsc_hz, .hz = hz, .mask = mask };
	pass(0.25);
	clock_track_start(&track, hz, mask, steady, &line, sample());
}

/* Steps once a second; the line never jumps nor leans by more than it may. */
static s_time_t run(unsigned int seconds)
{
	s_time_t error = 0;

	for (unsigned int i = 0; i < seconds; i++) {
		struct cpu_time before;

		pass(1.0);
		before = track.line;
		assert_true(clock_track_step(&track, sample()));
		assert_true(llabs((long long)(shown(&track.line) - shown(&before))) <= 1);
		error = track.error;
	}
	return error;
}

static void wrong_rate_is_found(void **state)
{
	static const s64 off_ppm[] = { -300, -40, 0, 3, 150 };

	for (size_t i = 0; i < ARRAY_SIZE(off_ppm); i++) {
		s_time_t start;
		u64 ns;

		boot(2300e6 * (1 + (double)off_ppm[i] / 1e6), 2300000, HPET_HZ, 0xffffffff, true);
		run(60);
		start = shown(&track.line);
		ns = m.ns;
		assert_true(llabs((long long)run(60)) < 2000);
		assert_true(llabs((long long)((shown(&track.line) - start) - (s_time_t)(m.ns - ns))) < 2000);
	}
}

static void changing_rate_is_followed(void **state)
{
	boot(2000e6, 2000000, PM_HZ, 0xffffff, false);
	run(20);
	for (int i = 0; i < 4; i++) {
		m.tsc_hz = i % 2 ? 2000e6 : 1999e6;
		assert_true(llabs((long long)run(90)) < 20000);
	}
}

static void narrow_clocks_wrap(void **state)
{
	boot(3000e6, 3000100, PM_HZ, 0xffffff, true);	/* wraps every 4.7 s */
	assert_true(llabs((long long)run(600)) < 5000);
	assert_int_equal(track.resyncs, 0);
}

static void lost_clock_changes_nothing(void **state)
{
	struct cpu_time before;
	s_time_t at;

	boot(2300e6, 2300000, HPET_HZ, 0xffffffff, true);
	run(10);
	m.tsc += (u64)(30 * m.tsc_hz);		/* the platform clock stood still */
	before = track.line;
	at = shown(&before);
	assert_false(clock_track_step(&track, sample()));
	assert_memory_equal(&before, &track.line, sizeof(before));
	assert_int_equal(track.resyncs, 1);
	assert_true(llabs((long long)run(30)) < 2000);
	assert_true(shown(&track.line) > at);
}

static void jump_is_worked_off_slowly(void **state)
{
	struct cpu_time before;

	boot(2300e6 * 1.00004, 2300000, HPET_HZ, 0xffffffff, true);
	run(20);
	m.ns += SEC / 2;			/* the TSC was held up for half a second */
	run(10);
	for (int i = 0; i < 20; i++) {
		s64 lean;

		before = track.line;
		run(1);
		lean = shown(&before) - before.ns_base - (s64)SEC;
		assert_true(lean > 199000 && lean < 201000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_rate_is_found), cmocka_unit_test(changing_rate_is_followed),
		cmocka_unit_test(narrow_clocks_wrap), cmocka_unit_test(lost_clock_changes_nothing),
		cmocka_unit_test(jump_is_worked_off_slowly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
