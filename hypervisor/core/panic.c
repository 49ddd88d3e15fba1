/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/console.h>
#include <hv/cpumask.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/backtrace.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/shutdown.h>

void (*panic_show_vcpu)(void);	/* set by domain/: prints the running domain and vCPU */
static u32 panicking;		/* the CPU that does, + 1 */

static noreturn_fn void stop_for_good(void)
{
	cpumask_clear_cpu(smp_processor_id(), &cpu_online_map);	/* nobody waits for it */
	for (;;)
		halt();
}

void panic_begin(void)
{
	static unsigned int depth;
	u32 self = smp_processor_id() + 1, was;

	local_irq_disable();
	was = cmpxchg(&panicking, 0, self);
	if (was && was != self)
		stop_for_good();	/* let the first message stand */
	/* A trap's report ends in panic(), so twice is in order; more is a fault of the report or the reset itself. */
	if (++depth > 4)
		stop_for_good();
	if (depth > 2)
		machine_crashed();
	spin_debug_disable();
	console_force_unlock();
	console_start_sync();
}

noreturn_fn void panic(const char *fmt, ...)
{
	char buf[256];
	__builtin_va_list ap;

	panic_begin();
	__builtin_va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	__builtin_va_end(ap);
	printk("\n");
	printk("****************************************\n");
	printk("Panic on CPU %u:\n", smp_processor_id());
	printk("%s\n", buf);
	printk("****************************************\n");
	if (panic_show_vcpu)
		panic_show_vcpu();
	backtrace_show((unsigned long)__builtin_frame_address(0), 0);
	printk("\n");
	machine_crashed();
}

noreturn_fn void bug(const char *file, int line, const char *what)
{
	panic("%s at %s:%d", what, file, line);
}
