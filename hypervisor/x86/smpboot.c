/* SPDX-License-Identifier: GPL-2.0-only */
/* Starting the other CPUs (MultiProcessor Specification B.4; SDM 3A 9.4). */
#include <hv/boot.h>
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/timer.h>
#include <x86/apic.h>
#include <x86/cpu.h>
#include <x86/idle.h>
#include <x86/irq.h>
#include <x86/layout.h>
#include <x86/machine.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>
#include <x86/smp.h>
#include <x86/time.h>
#include <x86/traps.h>

#define AP_TIMEOUT_MS 2000

extern char trampoline_start[], trampoline_end[];
extern u32 trampoline_cr3;
extern u64 boot_l4[];
unsigned long ap_boot_stack, ap_boot_cr3;	/* read by ap_entry */
static u32 ap_state;				/* 0 not there, 1 runs, 2 is through */
static unsigned int max_cpus init_data = NR_CPUS;

int idle_vcpu_create(unsigned int cpu);
noreturn_fn void start_secondary(void);

static int init_fn opt_maxcpus(const char *v)
{
	const char *end;

	max_cpus = (unsigned int)simple_strtoull(v, &end, 0);
	max_cpus = max(max_cpus, 1U);
	return *end || end == v ? -EINVAL : 0;
}
CMDLINE_PARAM("maxcpus", opt_maxcpus);

static int init_fn opt_nosmp(const char *v)
{
	int b = parse_bool(v);

	if (b > 0)
		max_cpus = 1;
	return b < 0 ? -EINVAL : 0;
}
CMDLINE_PARAM("nosmp", opt_nosmp);

/* Dense ids: the boot CPU is 0, the others follow in the MADT's order. */
init_fn void smp_assign_ids(void)
{
	u32 self = apic_id_here();

	cpu_apicid[0] = self;
	for (u32 i = 0; i < machine.madt.nr_cpus && nr_cpus < max_cpus; i++) {
		if (machine.madt.cpu[i].apic_id == self)
			continue;
		if (!x2apic_on && machine.madt.cpu[i].apic_id > 0xfe)
			continue;
		cpu_apicid[nr_cpus++] = machine.madt.cpu[i].apic_id;
	}
	for (unsigned int c = 0; c < nr_cpus; c++)
		cpumask_set_cpu(c, &cpu_present_map);
	cpumask_set_cpu(0, &cpu_online_map);
	cpu_topology_init(nr_cpus);
}

static init_fn paddr_t place_trampoline(void)
{
	/* The highest page of conventional memory that the memory map gives as RAM. */
	for (paddr_t pa = 0x9f000; pa >= 0x1000; pa -= PAGE_SIZE) {
		if (!e820_range_is(&machine_e820, pa, pa + PAGE_SIZE, E820_RAM))
			continue;
		memcpy(paddr_to_virt(pa), trampoline_start, (size_t)(trampoline_end - trampoline_start));
		*(u32 *)((char *)paddr_to_virt(pa) + ((char *)&trampoline_cr3 - trampoline_start)) =
			(u32)image_to_paddr(boot_l4);
		return pa;
	}
	return 0;
}

static init_fn bool prepare_stack(unsigned int cpu)
{
	char *stack = alloc_hv_pages(STACK_ORDER, 0);
	struct cpu_info *ci;

	if (!stack)
		return false;
	memset(stack, 0, STACK_SIZE);
	ci = (struct cpu_info *)(stack + STACK_SIZE - CPU_INFO_SIZE);
	ci->cpu = cpu;
	ci->percpu_offset = percpu_offset[cpu];
	ap_boot_stack = (unsigned long)ci;
	ap_boot_cr3 = virt_to_paddr(hv_l4);
	return true;
}

static init_fn bool wait_for(u32 state)
{
	s_time_t end = now() + MILLISECS(AP_TIMEOUT_MS);

	while (READ_ONCE(ap_state) < state)
		if (now() > end)
			return false;
	return true;
}

static init_fn bool start_one(unsigned int cpu, paddr_t trampoline)
{
	u32 id = cpu_apicid[cpu];

	if (!prepare_stack(cpu))
		return false;
	if (idle_vcpu_create(cpu) || sched_cpu_up(cpu)) {
		printk("CPU %u: no memory for its idle vCPU\n", cpu);
		return false;
	}
	WRITE_ONCE(ap_state, 0);
	apic_icr(id, APIC_DM_INIT | APIC_ICR_ASSERT | APIC_ICR_LEVEL);
	udelay(200);
	apic_icr(id, APIC_DM_INIT | APIC_ICR_LEVEL);
	udelay(10000);
	for (unsigned int i = 0; i < 2 && !READ_ONCE(ap_state); i++) {
		apic_icr(id, APIC_DM_STARTUP | (u32)(trampoline >> 12));
		udelay(300);
	}
	if (!wait_for(1))
		return false;
	time_sync_boot_side();
	return wait_for(2);
}

init_fn void smp_start_cpus(void)
{
	paddr_t trampoline = place_trampoline();
	s_time_t t0 = now();

	if (!trampoline) {
		printk("No conventional memory for the start of other CPUs: they stay off\n");
		return;
	}
	for (unsigned int cpu = 1; cpu < nr_cpus; cpu++) {
		if (start_one(cpu, trampoline))
			continue;
		printk(LOG_ERR "CPU %u (APIC id %u) did not start\n", cpu, cpu_apicid[cpu]);
		nr_cpus = cpu;	/* ids stay dense; those after it are not tried */
		for (unsigned int c = cpu; c < NR_CPUS; c++)
			cpumask_clear_cpu(c, &cpu_present_map);
	}
	printk("%u CPUs run, %ld ms after the first look for them\n", cpumask_weight(&cpu_online_map), (long)((now() - t0) / 1000000));
}

noreturn_fn void start_secondary(void)
{
	unsigned int cpu = smp_processor_id();

	cpu_setup(cpu);
	WRITE_ONCE(ap_state, 1);
	apic_setup(cpu);
	time_init_ap();
	apic_timer_setup(cpu);
	softirq_cpu_init();
	timer_cpu_init(cpu);
	cpumask_set_cpu(cpu, &cpu_online_map);
	WRITE_ONCE(ap_state, 2);
	local_irq_enable();
	idle_loop_start();
}
