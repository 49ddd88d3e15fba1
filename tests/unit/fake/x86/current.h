/* SPDX-License-Identifier: GPL-2.0-only */
/* Host stand-in for x86/current.h: the test says which CPU it is and which vCPU runs there. */
#ifndef X86_CURRENT_H
#define X86_CURRENT_H

#include <hv/types.h>

struct vcpu;

struct cpu_info {
	struct vcpu *curr;
	u32 cpu;
	u32 softirq_pending;
};
#define FAKE_CPUS 8
extern struct cpu_info fake_cpu_info[FAKE_CPUS];
extern unsigned int fake_cpu;

static inline struct cpu_info *get_cpu_info(void) { return &fake_cpu_info[fake_cpu]; }
#define current (get_cpu_info()->curr)
#define smp_processor_id() fake_cpu

#endif
