/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/lib.h>
#include <x86/acpi.h>
#include <x86/processor.h>
#include <x86/shutdown.h>
#include <x86/smp.h>
#include <x86/time.h>

#define KBC_COMMAND 0x64
#define KBC_RESET 0xfe
#define CF9 0xcf9
#define CF9_SYS_RESET 0x02
#define CF9_FULL_RESET 0x0e

bool opt_noreboot read_mostly;

static init_fn int opt_noreboot_fn(const char *v)
{
	int b = parse_bool(v);

	opt_noreboot = b > 0;
	return b < 0 ? -EINVAL : 0;
}
CMDLINE_PARAM("noreboot", opt_noreboot_fn);

noreturn_fn void machine_halt(void)
{
	smp_stop_others();
	local_irq_disable();
	for (;;)
		halt();
}

static noreturn_fn void triple_fault(void)
{
	const struct desc_ptr none = { 0, 0 };

	lidt(&none);
	__asm__ volatile("int3");
	for (;;)
		halt();
}

noreturn_fn void machine_restart(unsigned int delay_ms)
{
	smp_stop_others();
	local_irq_disable();
	udelay(delay_ms * 1000);
	if (acpi_reset())
		udelay(100000);
	/* Keyboard controller, while it takes commands; then the chipset's reset register; then brute force. */
	for (unsigned int i = 0; i < 1000 && inb(KBC_COMMAND) & 2; i++)
		udelay(50);
	outb(KBC_RESET, KBC_COMMAND);
	udelay(50000);
	outb(CF9_SYS_RESET, CF9);
	udelay(50);
	outb(CF9_FULL_RESET, CF9);
	udelay(50000);
	triple_fault();
}

noreturn_fn void machine_poweroff(void)
{
	smp_stop_others();
	local_irq_disable();
	acpi_poweroff();
	printk("The firmware gave no way to power off: halted\n");
	machine_halt();
}

noreturn_fn void machine_crashed(void)
{
	if (opt_noreboot) {
		printk("Halted, as noreboot asks: reset the machine by hand\n");
		machine_halt();
	}
	printk("The machine restarts in 5 seconds\n");
	machine_restart(5000);
}
