/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of attempts: each is one function that tries something a guest must not get away with, and says
 * whether it ended as documented.  The guest lives on; that it does, and that the machine does, is the test.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include "guest.h"

struct attack { const char *name; bool (*fn)(void); };

/* The files of attacks: their tables, in the order in which all of them run. */
struct attack_group {
	const char *name;
	const struct attack *attacks;
	unsigned int n;
	bool (*prepare)(void);		/* what each of them needs, once; or NULL */
};
#define ATTACK_GROUP(id, table, first) \
	const struct attack_group id##_group = { #id, table, ARRAY_SIZE(table), first }

/* Not every boot has a second vCPU. */
static inline bool one_vcpu(void) { return H3(vcpu_op, VCPUOP_is_up, 1, 0) < 0; }
/* Domain 0 with its privileges; a test build may take them away and leave its place. */
bool is_privileged(void);
/* The domain that watches, or any other; DOMID_INVALID: there is none. */
static inline domid_t peer_domid(void) { return (domid_t)cmdline_number("peer", DOMID_INVALID); }
/* A frame that is not ours and never will be: the watcher's, or one of the M2P's. */
u64 foreign_frame(void);
domid_t own_domid(void);

/* Errors as the ABI has them (errno.h's numbers). */
enum { ePERM = -1, eACCES = -13, eNOMEM = -12, eNODEV = -19, e2BIG = -7, eNOENT = -2, eSRCH = -3, eNXIO = -6, eFAULT = -14, eBUSY = -16, eEXIST = -17, eINVAL = -22, eNOSPC = -28,
       eNOSYS = -38, eTIME = -62, eOPNOTSUPP = -95 };

/* Addresses that no argument may lie at: the hypervisor's tables, image and direct map, holes, both ends. */
static const unsigned long bad_addresses[] = {
	0, 0x10, 0x0000800000000000, 0x00007ffffffffffc, 0xffff7fffffffffff, 0xffff800000000000, 0xffff808000000000,
	0xffff808000000000 - 4, 0xffff810000000000, 0xffff818000000000, 0xffff828000000000, 0xffff828000100000,
	0xffff87fffffffffc, ~0UL, ~0UL - 3, ~0UL - 15,
};

/* Where the hypervisor sees a page of ours: in its own range, and writable if only it did not look. */
static inline u64 hypervisors_view(const void *p) { return 0xffff828000000000 + virt_to_maddr(p); }

#define WANT(expr, value) do { \
	long got_ = (long)(expr); \
	if (got_ != (long)(value)) { \
		printk("  %s: %d, not %d\n", #expr, (int)got_, (int)(value)); \
		return false; \
	} \
} while (0)
#define WANT_TRUE(expr) do { if (!(expr)) { printk("  not so: %s\n", #expr); return false; } } while (0)

static inline u32 next_random(void)
{
	static u32 x = 0x12345678;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

#endif
