/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/console.h>
#include <hv/cpumask.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/backtrace.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/shutdown.h>
#include <x86/traps.h>
#include <public/xen.h>

void (*panic_show_vcpu)(void);	/* set by domain/: prints the running domain and vCPU */
static u32 panicking;		/* the CPU that does, + 1 */

static noreturn_fn void stop_for_good(void)
{
	cpumask_clear_cpu(smp_processor_id(), &cpu_online_map);	/* nobody waits for it */
	for (;;)
		halt();
}

static void panic_begin(void)
{
	static unsigned int depth;
	u32 self = smp_processor_id() + 1, was;

	local_irq_disable();
	was = cmpxchg(&panicking, 0, self);
	if (was && was != self)
		stop_for_good();	/* let the first message stand */
	/* A fault of the report is worth a second one; what comes then is a fault of that, or of the reset itself. */
	if (++depth > 4)
		stop_for_good();
	if (depth > 2)
		machine_crashed();
	spin_debug_disable();
	console_force_unlock();
}

static noreturn_fn void die(const struct cpu_user_regs *regs, const char *fmt, __builtin_va_list ap)
{
	char buf[256];

	panic_begin();
	vsnprintf(buf, sizeof(buf), fmt, ap);
	printk("\n");
	show_registers(regs);
	backtrace_show((unsigned long)__builtin_frame_address(0), regs->rip);
	if (panic_show_vcpu)
		panic_show_vcpu();
	/* Last, so that it is what stays on a screen of 25 lines. */
	printk("\n");
	printk("Panic on CPU %u:\n", smp_processor_id());
	printk("%s\n", buf);
	kexec_crash(regs);
	machine_crashed();
}

noreturn_fn void panic(const char *fmt, ...)
{
	struct cpu_user_regs regs;
	__builtin_va_list ap;

	capture_registers(&regs);
	regs.rip = (u64)__builtin_return_address(0);
	__builtin_va_start(ap, fmt);
	die(&regs, fmt, ap);
}

noreturn_fn void panic_at(const struct cpu_user_regs *regs, const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	die(regs, fmt, ap);
}

noreturn_fn void bug(const char *file, int line, const char *what)
{
	panic("%s at %s:%d", what, file, line);
}
