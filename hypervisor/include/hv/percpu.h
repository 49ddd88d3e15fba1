/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-CPU variables: DEFINE_PER_CPU puts one in .percpu; each CPU's copy of that section lies
 * cpu_info.percpu_offset further.  CPU 0 uses the linked copy until percpu_init().
 */
#ifndef HV_PERCPU_H
#define HV_PERCPU_H

#include <hv/compiler.h>
#include <hv/cpumask.h>
#ifdef HV_HOST_TEST
#define DEFINE_PER_CPU(type, name) type percpu_##name
#define DECLARE_PER_CPU(type, name) extern type percpu_##name
#define per_cpu(name, cpu) (*({ (void)(cpu); &percpu_##name; }))
#define this_cpu(name) percpu_##name
#else
#include <x86/current.h>
#define DEFINE_PER_CPU(type, name) section_of(".percpu") type percpu_##name
#define DECLARE_PER_CPU(type, name) extern type percpu_##name
extern unsigned long percpu_offset[NR_CPUS];
#define per_cpu_ptr_off(name, off) ((__typeof__(percpu_##name) *)((char *)&percpu_##name + (off)))
#define per_cpu(name, cpu) (*per_cpu_ptr_off(name, percpu_offset[cpu]))
#define this_cpu(name) (*per_cpu_ptr_off(name, get_cpu_info()->percpu_offset))
#endif
#endif
