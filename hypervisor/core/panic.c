/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/console.h>
#include <hv/atomic.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/backtrace.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/shutdown.h>

void (*panic_show_vcpu)(void);	/* set by domain/: prints the running domain and vCPU */
static int panicking;

noreturn_fn void panic(const char *fmt, ...)
{
	char buf[256];
	__builtin_va_list ap;

	local_irq_disable();
	if (xchg(&panicking, 1)) {
		for (;;)
			halt();	/* another CPU, or a fault while panicking: let the first message stand */
	}
	spin_debug_disable();
	console_force_unlock();
	console_start_sync();
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
