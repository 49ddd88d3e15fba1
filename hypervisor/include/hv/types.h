/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Basic types of the hypervisor.  Frame numbers and addresses of different
 * spaces are distinct one-member structs: mixing them does not compile, and
 * they cost nothing at run time.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef long ssize_t;

typedef u64 paddr_t;		/* machine physical address, bytes */
typedef s64 s_time_t;		/* system time since boot, nanoseconds */

/* Machine frame number: index of a 4 KiB frame of the real machine. */
typedef struct { u64 m; } mfn_t;
/* Guest frame number: for PV the same number as the mfn, for p2m kinds guest-physical. */
typedef struct { u64 g; } gfn_t;

#define INVALID_MFN_RAW (~0ULL)
static inline mfn_t mfn(u64 n) { return (mfn_t){ n }; }
static inline gfn_t gfn(u64 n) { return (gfn_t){ n }; }
#define INVALID_MFN mfn(INVALID_MFN_RAW)
#define INVALID_GFN gfn(INVALID_MFN_RAW)
static inline bool mfn_eq(mfn_t a, mfn_t b) { return a.m == b.m; }
static inline bool gfn_eq(gfn_t a, gfn_t b) { return a.g == b.g; }
static inline mfn_t mfn_add(mfn_t a, u64 n) { return mfn(a.m + n); }

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PADDR_BITS 52

static inline paddr_t mfn_to_paddr(mfn_t f) { return f.m << PAGE_SHIFT; }
static inline mfn_t paddr_to_mfn(paddr_t p) { return mfn(p >> PAGE_SHIFT); }

#endif
