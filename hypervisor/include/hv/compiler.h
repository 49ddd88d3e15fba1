/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_COMPILER_H
#define HV_COMPILER_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define must_check __attribute__((warn_unused_result))
#define noreturn_fn __attribute__((noreturn))
#define always_inline inline __attribute__((always_inline))
#define noinline_fn __attribute__((noinline))
#define cold_fn __attribute__((cold))
#define packed_struct __attribute__((packed))
#define aligned_to(n) __attribute__((aligned(n)))
#define section_of(s) __attribute__((section(s)))
#define maybe_unused __attribute__((unused))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define fallthrough __attribute__((fallthrough))

/* Code and data that are freed once boot is over. */
#ifdef HV_HOST_TEST
#define init_fn
#define init_data
#define init_bss
#define init_rodata
#define read_mostly
#else
#define init_fn section_of(".init.text") cold_fn
#define init_data section_of(".init.data")
#define init_bss section_of(".bss.init")	/* begins as zeros, which the image need not hold */
#define init_rodata section_of(".init.rodata")
#define read_mostly section_of(".data.read_mostly")
#endif

/* Loops over asm goto: clang leaves them as they are. */
#ifdef __clang__
#define UNROLL(n)
#else
#define UNROLL__PRAGMA(x) _Pragma(#x)
#define UNROLL(n) UNROLL__PRAGMA(GCC unroll n)
#endif

#define barrier() __asm__ volatile("" ::: "memory")
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define min(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ROUND_UP(n, a) (((n) + (a) - 1) & ~((__typeof__(n))(a) - 1))
#define ROUND_DOWN(n, a) ((n) & ~((__typeof__(n))(a) - 1))
#define BIT64(n) (1ULL << (n))
#define GENMASK(hi, lo) ((~0ULL >> (63 - (hi))) & (~0ULL << (lo)))
#define IS_ALIGNED(v, a) (((v) & ((a) - 1)) == 0)

/* IS_ENABLED(HV_DEBUG): 1 if the build defines HV_DEBUG as 1, else 0; no #ifdef in functions. */
#define IS_ENABLED__ARG_1 0,
#define IS_ENABLED__PICK(ignored, val, ...) val
#define IS_ENABLED__TRY(arg1_or_junk) IS_ENABLED__PICK(arg1_or_junk 1, 0)
#define IS_ENABLED__VAL(v) IS_ENABLED__TRY(IS_ENABLED__ARG_##v)
#define IS_ENABLED(opt) IS_ENABLED__VAL(opt)

#endif
