// SPDX-License-Identifier: GPL-2.0-only
/* Range sets against a plain array of flags, by random changes. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/lib.h>
#include <hv/rangeset.h>

#define N 300

static void compare(struct rangeset *r, const bool *flag)
{
	u64 s = 0, e = 0, last = 0;
	bool seen[N] = { false };

	for (u64 from = 0; rangeset_next(r, from, &s, &e); from = e + 1) {
		assert_true(s <= e && e < N && (!from || s > last + 1));
		for (u64 i = s; i <= e; i++)
			seen[i] = true;
		last = e;
	}
	assert_memory_equal(seen, flag, sizeof(seen));
}

static void random_changes(void **state)
{
	struct rangeset *r = rangeset_new("test");
	bool flag[N] = { false };

	srand(3);
	for (int k = 0; k < 20000; k++) {
		u64 s = (u64)rand() % N, e = min(s + (u64)rand() % (k % 3 ? 4 : 60), (u64)N - 1);
		bool add = rand() & 1, all = true;

		for (u64 i = s; i <= e; i++)
			all &= flag[i];
		assert_int_equal(rangeset_contains_range(r, s, e), all);
		assert_int_equal(add ? rangeset_add_range(r, s, e) : rangeset_remove_range(r, s, e), 0);
		for (u64 i = s; i <= e; i++)
			flag[i] = add;
		if (!(k % 50))
			compare(r, flag);
	}
	rangeset_free(r);
}

static void edges(void **state)
{
	struct rangeset *r = rangeset_new("test");
	u64 s, e;

	assert_true(rangeset_empty(r));
	assert_int_equal(rangeset_add_range(r, 5, 4), -EINVAL);
	assert_int_equal(rangeset_add_range(r, 0, ~0ULL), 0);
	assert_int_equal(rangeset_add_range(r, ~0ULL, ~0ULL), 0);
	assert_true(rangeset_contains_range(r, 0, ~0ULL));
	assert_int_equal(rangeset_remove_range(r, 0, 9), 0);
	assert_int_equal(rangeset_remove_range(r, ~0ULL, ~0ULL), 0);
	assert_true(rangeset_next(r, 0, &s, &e) && s == 10 && e == ~0ULL - 1);
	assert_false(rangeset_next(r, ~0ULL, &s, &e));
	assert_false(rangeset_contains_range(r, 20, 12));
	assert_int_equal(rangeset_remove_range(r, 0, ~0ULL), 0);
	assert_true(rangeset_empty(r));
	rangeset_free(r);
	rangeset_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes),
		cmocka_unit_test(edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
