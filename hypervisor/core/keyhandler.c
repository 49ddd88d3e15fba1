/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/console.h>
#include <hv/cpumask.h>
#include <hv/keyhandler.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <hv/timer.h>
#include <x86/backtrace.h>
#include <x86/current.h>
#include <x86/shutdown.h>

static struct keyhandler { keyhandler_fn *fn; const char *what; bool irq; } table[128];
static unsigned char pending_key;
static struct tasklet key_tasklet;

void register_keyhandler(unsigned char key, keyhandler_fn *fn, const char *what, bool irq)
{
	ASSERT(key < ARRAY_SIZE(table) && !table[key].fn);
	table[key] = (struct keyhandler){ fn, what, irq };
}

void keyhandler_run(unsigned char key)
{
	if (key < ARRAY_SIZE(table) && table[key].fn) {
		printk("Debug key %c: %s\n", key, table[key].what);
		table[key].fn(key, NULL);
	}
}

static void run_pending(void *unused)
{
	keyhandler_run(xchg(&pending_key, 0));
}

void keyhandler_press(unsigned char key, struct cpu_user_regs *regs)
{
	if (key >= ARRAY_SIZE(table) || !table[key].fn)
		return;
	if (table[key].irq) {
		table[key].fn(key, regs);
		return;
	}
	pending_key = key;
	tasklet_schedule(&key_tasklet);
}

static void show_help(unsigned char key, struct cpu_user_regs *regs)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].fn)
			printk("  %c  %s\n", (char)i, table[i].what);
}

static void reboot_key(unsigned char key, struct cpu_user_regs *regs)
{
	printk("Rebooting on request of the console\n");
	machine_restart(0);
}

static void show_time(unsigned char key, struct cpu_user_regs *regs)
{
	s_time_t t = now();

	printk("System time %ld.%09ld s, %u CPUs online\n", (long)(t / NSEC_PER_SEC), (long)(t % NSEC_PER_SEC),
	       cpumask_weight(&cpu_online_map));
}

static bool level_of_guests;	/* whose threshold '+' and '-' move */

static void set_level(unsigned char key, struct cpu_user_regs *regs)
{
	static int levels[2] = { 2, 1 };
	int *level = &levels[level_of_guests];

	*level = key == '+' ? min(*level + 1, 4) : max(*level - 1, 0);
	console_set_loglevel(*level, *level, level_of_guests);
}

static void toggle_level(unsigned char key, struct cpu_user_regs *regs)
{
	level_of_guests = !level_of_guests;
	printk("'+' and '-' move the log level of %s\n", level_of_guests ? "guests" : "the hypervisor");
}

static void show_stack_here(void *unused)
{
	printk("CPU%u:\n", smp_processor_id());
	backtrace_show((unsigned long)__builtin_frame_address(0), 0);
}

static void dump_registers(unsigned char key, struct cpu_user_regs *regs)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		cpumask_t one = { { 0 } };

		cpumask_set_cpu(cpu, &one);
		smp_call_function(&one, show_stack_here, NULL);
	}
}

static void crash_key(unsigned char key, struct cpu_user_regs *regs)
{
	kexec_crash(regs);
	printk("No crash kernel is loaded\n");
}

init_fn void keyhandler_init(void)
{
	tasklet_init(&key_tasklet, run_pending, NULL);
	register_keyhandler('h', show_help, "lists these keys", false);
	register_keyhandler('R', reboot_key, "restarts the machine", true);
	register_keyhandler('t', show_time, "system time", false);
	register_keyhandler('+', set_level, "more messages", false);
	register_keyhandler('-', set_level, "fewer messages", false);
	register_keyhandler('G', toggle_level, "whose messages + and - are about", false);
	register_keyhandler('d', dump_registers, "where each CPU is", false);
	register_keyhandler('C', crash_key, "starts the crash kernel", true);
}
