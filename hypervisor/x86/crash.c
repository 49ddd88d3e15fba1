/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last moments before another kernel: the other CPUs are stopped by NMIs, as one may be stuck with interrupts off,
 * and interrupt controllers are left as firmware leaves them. Nothing here takes a lock: whoever held one is stopped.
 */
#include <hv/atomic.h>
#include <hv/cpumask.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <x86/apic.h>
#include <x86/crash_notes.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/smp.h>
#include <x86/time.h>
#include <x86/traps.h>

#define STOP_MS 1000

static u32 crasher;		/* the CPU that goes on, + 1 */
static cpumask_t stopped;

static noreturn_fn void stop_for_good(void)
{
	local_irq_disable();
	for (;;)
		halt();
}

void crash_stop_here(const struct cpu_user_regs *regs)
{
	unsigned int cpu = smp_processor_id();

	if (likely(!READ_ONCE(crasher)) || crasher == cpu + 1)
		return;
	crash_notes_save(cpu, regs);
	cpumask_set_cpu(cpu, &stopped);
	stop_for_good();
}

/* One CPU's way out: false if this one is on it already, as when what follows has a fault of its own. */
static bool i_go_on(void)
{
	u32 self = smp_processor_id() + 1, was = cmpxchg(&crasher, 0, self);

	local_irq_disable();
	if (was && was != self)
		stop_for_good();	/* its NMI finds this one here, too */
	return !was;
}

static void stop_others(void)
{
	unsigned int self = smp_processor_id();

	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		if (cpu != self)
			apic_icr(cpu_apicid[cpu], APIC_DM_NMI | APIC_ICR_ASSERT);
	for (unsigned int ms = 0; ms < STOP_MS && cpumask_weight(&stopped) + 1 < nr_cpus; ms++)
		udelay(1000);
	if (cpumask_weight(&stopped) + 1 < nr_cpus)
		printk(LOG_ERR "%u CPUs do not stop\n", nr_cpus - 1 - cpumask_weight(&stopped));
}

static noreturn_fn void leave(const struct kexec_image *image)
{
	ioapic_hand_over();
	apic_hand_over();
	kexec_image_start(image);
}

void kexec_crash(const struct cpu_user_regs *regs)
{
	const struct kexec_image *image = kexec_loaded(KEXEC_TYPE_CRASH);
	struct cpu_user_regs here;

	if (!image || !i_go_on())
		return;
	if (!regs) {
		capture_registers(&here);
		regs = &here;
	}
	crash_notes_save(smp_processor_id(), regs);
	stop_others();
	crash_notes_finish();
	printk("The crash kernel starts\n");
	leave(image);
}

static void reboot_here(void *image)
{
	if (!i_go_on())
		panic("Another kernel is started twice");
	stop_others();
	printk("The other kernel starts\n");
	leave(image);
}

noreturn_fn void kexec_reboot(const struct kexec_image *image)
{
	cpumask_t boot_cpu_only = { { 0 } };

	cpumask_set_cpu(0, &boot_cpu_only);
	smp_call_function(&boot_cpu_only, reboot_here, (void *)image);
	BUG();
}
