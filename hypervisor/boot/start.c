/* SPDX-License-Identifier: GPL-2.0-only */
/* The order in which the hypervisor comes to life. */
#include <hv/boot.h>
#include <hv/bootmem.h>
#include <hv/cmdline.h>
#include <hv/console.h>
#include <hv/lib.h>
#include <x86/current.h>
#include <x86/layout.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>

const char *saved_cmdline = "";

static init_fn void show_memory_map(void)
{
	printk("Memory map by %s:\n", boot_info.loader_name);
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
	pgtable_init();
}

init_fn void start_hypervisor(u32 magic, paddr_t info)
{
	wrmsr(MSR_PAT, PAT_VALUE);
	multiboot_parse(magic, info);
	saved_cmdline = boot_info.cmdline;
	cmdline_parse(boot_info.cmdline);
	console_init();
	printk("Xenolith %s (Xen ABI 4.17), %s\n", XENOLITH_VERSION, IS_ENABLED(HV_DEBUG) ? "debug" : "release");
	printk("Command line: %s\n", saved_cmdline);
	if (!e820_sanitise(&boot_info.e820))
		panic("The boot loader (%s) gave no memory map: use one that speaks Multiboot", boot_info.loader_name);
	machine_e820 = boot_info.e820;
	show_memory_map();
	memory_init();
	printk("Up to %lu MiB\n", (unsigned long)(max_page >> 8));
	panic("Nothing further yet");
}
