/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions: each form with all of its fields, cut off at each byte, with each prefix; then random
 * bytes, which end where their memory ends.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/lib.h>
#include "../../hypervisor/pv/priv_decode.h"

struct form {
	u8 n, bytes[8];
	struct priv_insn is;	/* but for its length, which is n */
};

#define F(...) { sizeof((u8[]){ __VA_ARGS__ }), { __VA_ARGS__ },
static const struct form forms[] = {
	F(0xe4, 0x71) { .op = PRIV_IN, .size = 1, .port = 0x71 } },
	F(0xe5, 0x71) { .op = PRIV_IN, .size = 4, .port = 0x71 } },
	F(0xe6, 0xff) { .op = PRIV_OUT, .size = 1, .port = 0xff } },
	F(0x66, 0xe7, 0x80) { .op = PRIV_OUT, .size = 2, .port = 0x80 } },
	F(0xec) { .op = PRIV_IN, .size = 1, .port_in_dx = true } },
	F(0x66, 0xed) { .op = PRIV_IN, .size = 2, .port_in_dx = true } },
	F(0xee) { .op = PRIV_OUT, .size = 1, .port_in_dx = true } },
	F(0xef) { .op = PRIV_OUT, .size = 4, .port_in_dx = true } },
	F(0x48, 0xef) { .op = PRIV_OUT, .size = 4, .port_in_dx = true } },
	F(0x6c) { .op = PRIV_INS, .size = 1 } },
	F(0xf3, 0x6d) { .op = PRIV_INS, .size = 4, .rep = true } },
	F(0xf2, 0x66, 0x6d) { .op = PRIV_INS, .size = 2, .rep = true } },
	F(0x6e) { .op = PRIV_OUTS, .size = 1 } },
	F(0x67, 0xf3, 0x6f) { .op = PRIV_OUTS, .size = 4, .rep = true, .addr32 = true } },
	F(0x64, 0x6f) { .op = PRIV_OUTS, .size = 4, .seg = 0x64 } },
	F(0x3e, 0x65, 0x6e) { .op = PRIV_OUTS, .size = 1, .seg = 0x65 } },	/* the last one counts */
	F(0xfa) { .op = PRIV_CLI } },
	F(0xfb) { .op = PRIV_STI } },
	F(0x0f, 0x06) { .op = PRIV_CLTS } },
	F(0x0f, 0x08) { .op = PRIV_WBINVD } },
	F(0x0f, 0x09) { .op = PRIV_WBINVD } },
	F(0x0f, 0x20, 0xc0) { .op = PRIV_READ_CR } },
	F(0x0f, 0x20, 0xdb) { .op = PRIV_READ_CR, .special = 3, .gpr = 3 } },
	F(0x0f, 0x20, 0x1b) { .op = PRIV_READ_CR, .special = 3, .gpr = 3 } },		/* mod says nothing */
	F(0x44, 0x0f, 0x20, 0xc7) { .op = PRIV_READ_CR, .special = 8, .gpr = 7 } },
	F(0x41, 0x0f, 0x22, 0xe7) { .op = PRIV_WRITE_CR, .special = 4, .gpr = 15 } },
	F(0x4f, 0x0f, 0x22, 0xe0) { .op = PRIV_WRITE_CR, .special = 12, .gpr = 8 } },
	F(0x41, 0x66, 0x0f, 0x22, 0xe0) { .op = PRIV_WRITE_CR, .special = 4, .gpr = 0 } },	/* the REX is void */
	F(0x0f, 0x21, 0xf9) { .op = PRIV_READ_DR, .special = 7, .gpr = 1 } },
	F(0x49, 0x0f, 0x23, 0xca) { .op = PRIV_WRITE_DR, .special = 1, .gpr = 10 } },
	F(0x0f, 0x30) { .op = PRIV_WRMSR } },
	F(0x0f, 0x31) { .op = PRIV_RDTSC } },
	F(0x0f, 0x32) { .op = PRIV_RDMSR } },
	F(0x0f, 0x01, 0xf9) { .op = PRIV_RDTSCP } },
	F(0x0f, 0x01, 0xd1) { .op = PRIV_XSETBV } },
	F(0x0f, 0xa2) { .op = PRIV_CPUID } },
	F(0x2e, 0x48, 0x0f, 0xa2) { .op = PRIV_CPUID, .seg = 0x2e } },
};

static bool same(const struct priv_insn *a, const struct priv_insn *b)
{
	return a->op == b->op && a->len == b->len && a->size == b->size && a->seg == b->seg && a->rep == b->rep &&
	       a->addr32 == b->addr32 && a->port_in_dx == b->port_in_dx && a->port == b->port &&
	       a->special == b->special && a->gpr == b->gpr;
}

/* Of memory that ends with the last byte: ASan sees who reads on. */
static bool decode(const u8 *bytes, unsigned int n, struct priv_insn *in)
{
	u8 *exactly = malloc(n ? n : 1);
	bool ok;

	memcpy(exactly, bytes, n);
	ok = priv_decode(exactly, n, in);
	free(exactly);
	return ok;
}

static void each_form(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		struct priv_insn want = forms[i].is, in;
		u8 more[16] = { 0 };

		want.len = forms[i].n;
		assert_true(decode(forms[i].bytes, forms[i].n, &in));
		if (!same(&in, &want))
			fail_msg("form %u is taken for something else", i);
		for (unsigned int n = 0; n < forms[i].n; n++)
			assert_false(decode(forms[i].bytes, n, &in));
		/* What comes behind it does not matter. */
		memcpy(more, forms[i].bytes, forms[i].n);
		memset(more + forms[i].n, 0xff, sizeof(more) - forms[i].n);
		assert_true(decode(more, sizeof(more), &in) && same(&in, &want));
	}
}

static void lock_is_refused(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++) {
		struct priv_insn in;
		u8 bytes[9] = { 0xf0 };

		memcpy(bytes + 1, forms[i].bytes, forms[i].n);
		assert_false(decode(bytes, forms[i].n + 1U, &in));
	}
}

/* As long as an instruction may be, and one byte more (SDM vol. 2, 2.3.11). */
static void length_is_limited(void **state)
{
	u8 bytes[PRIV_INSN_MAX + 1];
	struct priv_insn in;

	memset(bytes, 0x66, sizeof(bytes));
	bytes[PRIV_INSN_MAX - 1] = 0xec;
	assert_true(decode(bytes, sizeof(bytes), &in));
	assert_int_equal(in.len, PRIV_INSN_MAX);
	bytes[PRIV_INSN_MAX - 1] = 0x66;
	bytes[PRIV_INSN_MAX] = 0xec;
	assert_false(decode(bytes, sizeof(bytes), &in));
}

/* No other opcode is one of these, so that nothing else is ever emulated. */
static void nothing_else(void **state)
{
	static const u8 plain[] = { 0x6c, 0x6d, 0x6e, 0x6f, 0xe4, 0xe5, 0xe6, 0xe7, 0xec, 0xed, 0xee, 0xef, 0xfa, 0xfb };
	static const u8 after_0f[] = { 0x06, 0x08, 0x09, 0x20, 0x21, 0x22, 0x23, 0x30, 0x31, 0x32, 0xa2 };
	struct priv_insn in;

	for (unsigned int op = 0; op < 256; op++) {
		u8 one[4] = { (u8)op, 0, 0, 0 }, two[4] = { 0x0f, (u8)op, 0xc0, 0 }, group[4] = { 0x0f, 0x01, (u8)op, 0 };
		bool prefix = op == 0x66 || op == 0x67 || op == 0xf2 || op == 0xf3;

		if (!prefix)
			assert_int_equal(decode(one, sizeof(one), &in), !!memchr(plain, (int)op, sizeof(plain)));
		assert_int_equal(decode(two, sizeof(two), &in), !!memchr(after_0f, (int)op, sizeof(after_0f)));
		assert_int_equal(decode(group, sizeof(group), &in), op == 0xd1 || op == 0xf9);
	}
	/* Debug registers past the eighth. */
	assert_false(decode((u8[]){ 0x44, 0x0f, 0x21, 0xc0 }, 4, &in));
	assert_false(decode((u8[]){ 0x44, 0x0f, 0x23, 0xc0 }, 4, &in));
}

/* Opcodes that matter come more often than chance has them. */
static void random_bytes(void **state)
{
	static const u8 likely[] = { 0x0f, 0x66, 0x67, 0xf0, 0xf3, 0x48, 0x64, 0x01, 0x20, 0x22, 0x21, 0xe4, 0xec, 0x6c };
	unsigned int taken = 0;

	srandom(1);
	for (unsigned int round = 0; round < 1000000; round++) {
		unsigned int n = (unsigned int)random() % (PRIV_INSN_MAX + 2);
		struct priv_insn in;
		u8 bytes[PRIV_INSN_MAX + 2];

		for (unsigned int i = 0; i < n; i++)
			bytes[i] = (u8)(random() & 1 ? likely[(unsigned long)random() % sizeof(likely)] : random());
		if (!decode(bytes, n, &in))
			continue;
		taken++;
		assert_in_range(in.len, 1, min(n, (unsigned int)PRIV_INSN_MAX));
		assert_true(in.op < NR_PRIV_OPS && in.gpr < 16 && in.special < 16);
		assert_true(in.op > PRIV_OUTS || in.size == 1 || in.size == 2 || in.size == 4);
	}
	assert_true(taken > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form), cmocka_unit_test(lock_is_refused), cmocka_unit_test(length_is_limited),
		cmocka_unit_test(nothing_else), cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests_name("privileged instructions", tests, NULL, NULL);
}
