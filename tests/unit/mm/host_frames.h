/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine for the pure cores of memory: frames, their page_info, the M2P, two domains, no hardware. */
#ifndef TESTS_HOST_FRAMES_H
#define TESTS_HOST_FRAMES_H

#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/page.h>

#define HOST_FRAMES 4096U

extern struct domain host_domain[2];
extern struct vcpu host_vcpu[2];
extern struct vcpu *host_vcpu_array[2][1];
extern unsigned int host_preempt_every;		/* 0: never; n: each n-th preemption check says yes */
extern u64 host_flushes, host_cache_flushes;
extern bool host_quiet;				/* no printk */

void host_frames_init(void);
extern unsigned int host_frames_a_node;		/* so many belong to each node, 0: all to node 0 */
extern unsigned int host_cpu_node;
/* Gives frames 16.. to the heap, as boot would. */
void host_heap_init(void);
/* Pseudo-random numbers that repeat. */
u64 host_random(void);
extern __thread u64 host_seed;
extern unsigned int host_threads;			/* more than one: locks may be waited for */

#define CHECK(c) do { \
	if (!(c)) \
		host_fail(__FILE__, __LINE__, #c); \
} while (0)
void host_fail(const char *file, int line, const char *what) __attribute__((noreturn));

#endif
