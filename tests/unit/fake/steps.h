/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before a file of the hypervisor, by -include: the test hears of each atomic operation, before and after it, and
 * may let another CPU go on there.
 */
#ifndef FAKE_STEPS_H
#define FAKE_STEPS_H

#include <hv/atomic.h>

void fake_step(void);

#define STEP(what) ({ \
	fake_step(); \
	__typeof__(what) step_is_ = (what); \
	fake_step(); \
	step_is_; })
#define test_and_set_bit(nr, p) STEP(test_and_set_bit(nr, p))
#define test_and_clear_bit(nr, p) STEP(test_and_clear_bit(nr, p))
#define set_bit(nr, p) ((void)test_and_set_bit(nr, p))
#define clear_bit(nr, p) ((void)test_and_clear_bit(nr, p))
#undef atomic_inc
#define atomic_inc(p) ((void)STEP(__atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST)))
#undef atomic_dec
#define atomic_dec(p) ((void)STEP(__atomic_sub_fetch(p, 1, __ATOMIC_SEQ_CST)))
#undef smp_mb
#define smp_mb() fake_step()

#endif
