/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of attempts: each is one function that tries something a guest must not get away with, and says
 * whether it ended as documented.  The guest lives on; that it does, and that the machine does, is the test.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "guest.h"

struct attack { const char *name; bool (*fn)(void); };

/* Errors as the ABI has them (errno.h's numbers). */
enum { ePERM = -1, eNOENT = -2, eSRCH = -3, eNXIO = -6, eFAULT = -14, eBUSY = -16, eEXIST = -17, eINVAL = -22, eNOSPC = -28,
       eNOSYS = -38, eTIME = -62, eOPNOTSUPP = -95 };

/* Addresses that no argument may lie at: the hypervisor's tables, image and direct map, holes, both ends. */
static const unsigned long bad_addresses[] = {
	0, 0x10, 0x0000800000000000, 0x00007ffffffffffc, 0xffff7fffffffffff, 0xffff800000000000, 0xffff808000000000,
	0xffff808000000000 - 4, 0xffff810000000000, 0xffff818000000000, 0xffff828000000000, 0xffff828000100000,
	0xffff87fffffffffc, ~0UL, ~0UL - 3, ~0UL - 15,
};

#define WANT(expr, value) do { \
	long got_ = (long)(expr); \
	if (got_ != (long)(value)) { \
		printk("  %s: %d, not %d\n", #expr, (int)got_, (int)(value)); \
		return false; \
	} \
} while (0)
#define WANT_TRUE(expr) do { if (!(expr)) { printk("  not so: %s\n", #expr); return false; } } while (0)

static inline bool run_attacks(const struct attack *a, unsigned int n)
{
	unsigned int failed = 0;

	for (unsigned int i = 0; i < n; i++) {
		bool ok = a[i].fn();

		printk("ATTACK %s %s\n", a[i].name, ok ? "ok" : "FAIL");
		failed += !ok;
	}
	if (failed) {
		printk("%u of %u attacks ended otherwise than documented\n", failed, n);
		guest_exit("FAIL");
	}
	return true;
}

static inline u32 next_random(void)
{
	static u32 x = 0x12345678;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

#endif
