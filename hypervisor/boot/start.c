/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which the hypervisor comes to life. */
#include <hv/boot.h>
#include <hv/bootmem.h>
#include <hv/cmdline.h>
#include <hv/console.h>
#include <hv/lib.h>
#include <hv/event.h>
#include <hv/grant.h>
#include <hv/heap.h>
#include <hv/domain.h>
#include <hv/keyhandler.h>
#include <hv/kexec.h>
#include <hv/rangeset.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/timer.h>
#include <pv/dom0.h>
#include <pv/mm.h>
#include <x86/acpi.h>
#include <x86/apic.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/current.h>
#include <x86/extable.h>
#include <x86/fpu.h>
#include <x86/idle.h>
#include <x86/irq.h>
#include <x86/irq_guest.h>
#include <x86/layout.h>
#include <x86/numa.h>
#include <x86/pci.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>
#include <x86/smp.h>
#include <x86/spec_ctrl.h>
#include <x86/time.h>
#include <x86/traps.h>

void domains_init(void);

const char *saved_cmdline = "";

static init_fn void show_memory_map(void)
{
	printk("Memory map by %s, Multiboot %u:\n", boot_info.loader_name, boot_info.protocol);
	for (u32 i = 0; i < machine_e820.nr; i++) {
		const struct e820_entry *e = &machine_e820.e[i];

		printk("  [%016lx, %016lx] (%s)\n", (unsigned long)e->addr,
		       (unsigned long)(e->addr + e->size - 1), e820_type_name(e->type));
	}
}

static init_fn void memory_init(void)
{
	bootmem_init(&boot_info.e820);
	boot_reserve(image_paddr, image_paddr + (u64)(image_end - image_start));
	for (u32 i = 0; i < boot_info.nr_modules; i++)
		boot_reserve(boot_info.module[i].start, boot_info.module[i].start + boot_info.module[i].size);
	crash_area_reserve(&boot_info.e820);
	pgtable_init();
}

/* Everything about the machine that the rest stands on: tables, CPUs' ids, clocks, interrupts. */
static init_fn void platform_init(void)
{
	if (!acpi_init())
		panic("ACPI gives no CPUs or no IO-APIC: this machine is too old, or its firmware hides them");
	pic_off();
	apic_init_boot();
	apic_setup(0);
	smp_ipi_init();
	smp_assign_ids();
	numa_init();
}

static init_fn void clocks_and_irqs_init(void)
{
	irq_init();
	time_init_early();
	apic_timer_calibrate();
	apic_timer_setup(0);
}

/* Not among the memory that it frees. */
static noinline_fn noreturn_fn void boot_finish(void)
{
	free_init_memory();
	console_endboot();
	idle_loop_start();
}

init_fn void start_hypervisor(u32 magic, paddr_t info)
{
	wrmsr(MSR_PAT, PAT_VALUE);
	multiboot_parse(magic, info);
	saved_cmdline = boot_info.cmdline;
	cmdline_parse(boot_info.cmdline);
	console_init();
	printk("Xen version %s (Xenolith %s), %s build\n", "4.17.0", XENOLITH_VERSION,
	       IS_ENABLED(HV_DEBUG) ? "debug" : "release");
	printk("Command line: %s\n", saved_cmdline);
	if (boot_info.damage)
		panic("The boot loader (%s) handed over damaged information: %s", boot_info.loader_name,
		      boot_info.damage);
	if (!e820_sanitise(&boot_info.e820))
		panic("The boot loader (%s) gave no memory map: use one that speaks Multiboot", boot_info.loader_name);
	machine_e820 = boot_info.e820;
	show_memory_map();
	cpu_identify();
	extable_sort();
	idt_build();
	spec_ctrl_init();
	hypercall_entries_init();
	memory_init();
	platform_init();
	bootmem_to_heap();
	printk("Memory: %lu MiB free, frames below %#lx\n", (unsigned long)(heap_free_pages() >> 8),
	       (unsigned long)max_page);
	cpu_policies_init();
	percpu_init(nr_cpus);
	cpu_setup(0);
	fpu_check_lazy();
	clocks_and_irqs_init();
	irq_guest_init();
	softirq_cpu_init();
	nmi_init();
	timer_cpu_init(0);
	keyhandler_init();
	rangesets_init();
	timer_keys_init();
	sched_keys_init();
	evtchn_keys_init();
	gnttab_keys_init();
	domain_keys_init();
	pv_mm_init();
	domains_init();
	crash_notes_init();
	sched_init();
	local_irq_enable();
	console_init_irq();
	smp_start_cpus();
	time_track_init();
	pci_init();
	register_keyhandler('i', irq_dump, "interrupts and who takes them", false);
	dom0_create();
	boot_finish();
}
