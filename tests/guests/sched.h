/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains for Domain 0 to watch: each vCPU spins, or sleeps by its timer and notes how late it woke. */
#ifndef SCHED_TEST_H
#define SCHED_TEST_H

#include "tools.h"
#include "attack.h"

#define MS 1000000UL
#define MAX_VCPUS 4
#define MAX_DELAYS 512

/* A page that a vCPU shares with Domain 0; its stack is behind. */
struct vcpu_page {
	volatile u64 turns;			/* of its loop, in all */
	volatile u64 turns_on[2];		/* by the physical CPU that it found itself on */
	u64 period;				/* how long it sleeps; 0: never */
	u32 work;				/* turns of its loop between two sleeps */
	volatile u32 sleeps;
	struct vcpu_runstate_info runstate;	/* registered, thus up to date when it runs */
	u32 delay[MAX_DELAYS];			/* ns */
};

struct dom {
	domid_t id;				/* 0: this place is free */
	u32 vcpus;
	u64 before[MAX_VCPUS], ran[MAX_VCPUS];	/* ns of CPU time, in the last measure() */
	struct vcpu_page *page[MAX_VCPUS];
};

/* What a vCPU executes: this function alone is copied to it, so no calls, and no data of ours. */
typedef void child_fn(struct vcpu_page *p, shared_info_t *s, u32 vcpu);

/* What a domain is to be like: 0 is the default of weight, cap, affinity (a mask of CPUs) and code. */
struct dom_plan { u32 vcpus, weight, cap, cpus, prefers; u64 period; u32 work; child_fn *code; };

/* NULL (and a line why): there is none. It runs. */
struct dom *start(struct dom_plan plan);
void end_all(void);

bool set_weight(const struct dom *d, u32 weight);
bool set_cap(const struct dom *d, u32 cap);
bool set_affinity(domid_t id, u32 vcpu, u32 flag, u32 cpus);
bool get_vcpu(const struct dom *d, u32 vcpu, struct xen_domctl_getvcpuinfo *info);

/* Lets everybody run for so long; ran[] of each domain and the time that it really was. 0: failed. */
u64 measure(u64 ns);
/* CPU time of all of a domain's vCPUs in the last measure(), or of all domains for NULL; 10000 is one whole CPU. */
u64 share(const struct dom *d, u64 elapsed);

void sort(u32 *numbers, u32 n);
/* Instead of the tests, for bench/rows.py: what switches and wake-ups cost, what neighbours take, what many are given. */
bool costs(void);
bool isolation(void);
bool many(void);

#endif
