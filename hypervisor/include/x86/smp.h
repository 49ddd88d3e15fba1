/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_SMP_H
#define X86_SMP_H

#include <hv/cpumask.h>

void smp_assign_ids(void);	/* boot: CPU ids from the MADT */
/* Boot: starts all CPUs that ACPI lists, as far as maxcpus and nosmp allow. */
void smp_start_cpus(void);
/* The other CPUs stop for good (reboot, panic). Works with interrupts off. */
void smp_stop_others(void);

void smp_ipi_init(void);
void smp_send_kick(unsigned int cpu);	/* an interrupt that does nothing: the exit path runs softirqs */
void send_ipi(unsigned int cpu, u8 vector);
void send_ipi_mask(const cpumask_t *mask, u8 vector);

extern u32 cpu_apicid[NR_CPUS];		/* by CPU id */
unsigned int apicid_to_cpu(u32 apicid);	/* NR_CPUS if none */

/* APIC id, and ACPI processor id in the upper half; false: no such CPU. VCPUOP_get_physid. */
bool arch_physid(unsigned int cpu, u64 *id);

/* Topology by CPUID. */
struct cpu_topology { u32 core, socket; };
extern struct cpu_topology cpu_topology[NR_CPUS];
/* Ids unique in the machine. */
unsigned int cpu_to_core(unsigned int cpu);
unsigned int cpu_to_socket(unsigned int cpu);
/* Online CPUs that share @cpu's core, and such cores of its socket; at least 1 each. */
void cpu_siblings(unsigned int cpu, u32 *threads, u32 *cores);
/* VCPUOP_get_physid: APIC id, and ACPI id << 32. False if there is no such CPU. */
bool arch_physid(unsigned int cpu, u64 *id);

#endif
