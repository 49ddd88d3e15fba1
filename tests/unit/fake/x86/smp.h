/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_SMP_H
#define X86_SMP_H
#include <hv/types.h>
void smp_send_kick(unsigned int cpu);
bool arch_physid(unsigned int cpu, u64 *id);
unsigned int cpu_to_core(unsigned int cpu);
unsigned int cpu_to_socket(unsigned int cpu);
#endif
