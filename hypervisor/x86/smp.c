/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls between CPUs. */
#include <hv/atomic.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <x86/apic.h>
#include <x86/irq.h>
#include <x86/machine.h>
#include <x86/processor.h>
#include <x86/smp.h>

cpumask_t cpu_online_map;
cpumask_t cpu_present_map;
unsigned int nr_cpus = 1;
u32 cpu_apicid[NR_CPUS];

/* One call at a time in the machine; fields are written under call_lock, read by those in call_mask. */
static spinlock_t call_lock = SPINLOCK_INIT(LOCK_NONE);
static struct { void (*fn)(void *); void *data; cpumask_t waiting; } call;

unsigned int apicid_to_cpu(u32 apicid)
{
	for (unsigned int c = 0; c < nr_cpus; c++)
		if (cpu_apicid[c] == apicid)
			return c;
	return NR_CPUS;
}

bool arch_physid(unsigned int cpu, u64 *id)
{
	if (!cpu_online(cpu))
		return false;
	for (u32 i = 0; i < machine.madt.nr_cpus; i++)
		if (machine.madt.cpu[i].apic_id == cpu_apicid[cpu]) {
			*id = cpu_apicid[cpu] | (u64)machine.madt.cpu[i].acpi_id << 32;
			return true;
		}
	return false;
}

void send_ipi(unsigned int cpu, u8 vector)
{
	apic_icr(cpu_apicid[cpu], APIC_DM_FIXED | APIC_ICR_ASSERT | vector);
}

void send_ipi_mask(const cpumask_t *mask, u8 vector)
{
	unsigned int cpu, self = smp_processor_id();

	for_each_cpu(cpu, mask)
		if (cpu != self)
			send_ipi(cpu, vector);
}

void smp_send_kick(unsigned int cpu)
{
	send_ipi(cpu, VECTOR_EVENT_CHECK);
}

static void event_check_interrupt(struct cpu_user_regs *regs)
{
	/* To have come is all: softirqs run on the way out. */
	apic_eoi();
}

static void run_call(unsigned int cpu)
{
	if (!cpumask_test_cpu(cpu, &call.waiting))
		return;
	call.fn(call.data);
	smp_mb();
	cpumask_clear_cpu(cpu, &call.waiting);
}

static void call_function_interrupt(struct cpu_user_regs *regs)
{
	apic_eoi();
	run_call(smp_processor_id());
}

/*
 * Two CPUs may call each other at once, so a CPU that waits for its turn still answers: by the interrupt, or
 * by looking itself when interrupts are off (the switch to a vCPU whose selectors lie in an LDT page that
 * must become a descriptor table first).  Only then, or an answer could be given twice, the second time to
 * the next call.
 */
static void call_on(const cpumask_t *mask, void (*fn)(void *), void *data)
{
	unsigned int self = smp_processor_id();
	bool look = !local_irq_is_enabled();
	unsigned long flags;
	cpumask_t others;

	cpumask_and(&others, mask, &cpu_online_map);
	cpumask_clear_cpu(self, &others);
	while (!spin_trylock(&call_lock)) {
		if (look)
			run_call(self);
		cpu_relax();
	}
	call.fn = fn;
	call.data = data;
	call.waiting = others;
	smp_mb();
	send_ipi_mask(&others, VECTOR_CALL_FUNCTION);
	if (cpumask_test_cpu(self, mask)) {
		flags = local_irq_save();
		fn(data);
		local_irq_restore(flags);
	}
	while (!cpumask_empty(&call.waiting)) {
		cpu_relax();
		barrier();
	}
	spin_unlock(&call_lock);
}

void smp_call_function(const cpumask_t *mask, void (*fn)(void *), void *data)
{
	unsigned int self = smp_processor_id();
	unsigned long flags;

	if (cpumask_weight(mask) == 1 && cpumask_test_cpu(self, mask)) {
		flags = local_irq_save();
		fn(data);
		local_irq_restore(flags);
		return;
	}
	call_on(mask, fn, data);
}

/* ---- the end ---- */

static bool stopping;

static void stop_cpu_interrupt(struct cpu_user_regs *regs)
{
	local_irq_disable();
	cpumask_clear_cpu(smp_processor_id(), &cpu_online_map);
	for (;;)
		halt();
}

void smp_stop_others(void)
{
	unsigned int cpu, self = smp_processor_id();

	if (xchg(&stopping, true) || cpumask_weight(&cpu_online_map) < 2)
		return;
	/* NMI would reach CPUs with interrupts off, but a wedged one does no harm that a reset does not cure. */
	for_each_online_cpu(cpu)
		if (cpu != self)
			send_ipi(cpu, VECTOR_STOP);
	for (unsigned int i = 0; i < 10000000 && cpumask_weight(&cpu_online_map) > 1; i++)
		cpu_relax();
}

init_fn void smp_ipi_init(void)
{
	set_direct_apic_vector(VECTOR_EVENT_CHECK, event_check_interrupt);
	set_direct_apic_vector(VECTOR_CALL_FUNCTION, call_function_interrupt);
	set_direct_apic_vector(VECTOR_STOP, stop_cpu_interrupt);
}
