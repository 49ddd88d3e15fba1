/* SPDX-License-Identifier: GPL-2.0-only */
/* Atomics on plain integers through the compiler's builtins; x86 gives them full order. */
#ifndef HV_ATOMIC_H
#define HV_ATOMIC_H

#include <hv/types.h>
#include <hv/compiler.h>

#define atomic_add_return(p, n) __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST)
#define atomic_sub_return(p, n) __atomic_sub_fetch(p, n, __ATOMIC_SEQ_CST)
#define atomic_fetch_or(p, n) __atomic_fetch_or(p, n, __ATOMIC_SEQ_CST)
#define atomic_fetch_and(p, n) __atomic_fetch_and(p, n, __ATOMIC_SEQ_CST)
#define atomic_inc(p) ((void)__atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST))
#define atomic_dec(p) ((void)__atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST))
#define atomic_dec_and_test(p) (__atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST) == 0)
#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)

/* Returns the value seen; equal to @old when the exchange took place. */
#define cmpxchg(p, old, new) ({ \
	__typeof__(*(p)) cx_old_ = (old); \
	__atomic_compare_exchange_n(p, &cx_old_, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
	cx_old_; })
/* True when *p was *@oldp and became @new; else *@oldp is what was seen. */
#define try_cmpxchg(p, oldp, new) \
	__atomic_compare_exchange_n(p, oldp, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb() barrier()	/* x86: loads are not reordered with loads */
#define smp_wmb() barrier()	/* x86: stores are not reordered with stores */

/* Bit operations on arrays of unsigned long. */
#define BITS_PER_LONG 64
#define BITS_TO_LONGS(n) DIV_ROUND_UP(n, BITS_PER_LONG)

static inline bool test_bit(unsigned int nr, const volatile void *addr)
{
	return ((const volatile u32 *)addr)[nr / 32] >> (nr % 32) & 1;
}

#define HV_BITOP(name, insn) \
static inline bool name(unsigned int nr, volatile void *addr) \
{ \
	bool old_; \
	__asm__ volatile("lock " insn " %2, %1" \
			 : "=@ccc"(old_), "+m"(((volatile u32 *)addr)[nr / 32]) : "Ir"(nr % 32) : "memory"); \
	return old_; \
}
HV_BITOP(test_and_set_bit, "btsl")
HV_BITOP(test_and_clear_bit, "btrl")
HV_BITOP(test_and_change_bit, "btcl")
static inline void set_bit(unsigned int nr, volatile void *addr) { (void)test_and_set_bit(nr, addr); }
static inline void clear_bit(unsigned int nr, volatile void *addr) { (void)test_and_clear_bit(nr, addr); }
static inline void __set_bit(unsigned int nr, void *addr) { ((u32 *)addr)[nr / 32] |= 1U << (nr % 32); }
static inline void __clear_bit(unsigned int nr, void *addr) { ((u32 *)addr)[nr / 32] &= ~(1U << (nr % 32)); }

#endif
