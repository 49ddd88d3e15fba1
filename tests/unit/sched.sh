#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
HVTEST_CFLAGS="-include steps.h" exec sh "$(dirname "$0")/hvtest.sh" test_sched.c core/otree.c core/pheap.c core/softirq.c core/timer.c \
	lib/bitmap.c lib/parse.c sched/affinity.c sched/core.c sched/credit2.c sched/credit2_cap.c \
	sched/credit2_place.c sched/credit2_queue.c sched/ops.c sched/pool.c sched/timers.c \
	tests/unit/fake/fake.c tests/unit/fake/sched_sim.c
