/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/softirq.h>
#include <hv/timer.h>
#include <x86/apic.h>
#include <x86/cpu.h>
#include <x86/irq.h>
#include <x86/machine.h>
#include <x86/pgtable.h>
#include <x86/platform_clock.h>
#include <x86/processor.h>
#include <x86/smp.h>
#include <x86/time.h>

#define TIMER_CALIBRATE_MS 20

bool x2apic_on read_mostly;
static volatile char *apic_mem read_mostly;
static u64 timer_khz read_mostly;		/* count-down rate with divisor 1 */
static bool use_deadline read_mostly;
static struct time_scale ns_to_count read_mostly;
static bool x2apic_wanted init_data = false;

static int init_fn opt_x2apic(const char *v)
{
	int b = parse_bool(v);

	x2apic_wanted = b > 0;
	return b < 0 ? -EINVAL : 0;
}
CMDLINE_PARAM("x2apic", opt_x2apic);

u32 apic_read(u32 reg)
{
	if (x2apic_on)
		return (u32)rdmsr(MSR_X2APIC_BASE + (reg >> 4));
	return mmio_read32(apic_mem + reg);
}

void apic_write(u32 reg, u32 v)
{
	if (x2apic_on)
		wrmsr(MSR_X2APIC_BASE + (reg >> 4), v);
	else
		mmio_write32(apic_mem + reg, v);
}

u32 apic_id_here(void)
{
	return x2apic_on ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_icr(u32 apic_id, u32 cmd)
{
	unsigned long flags;

	if (x2apic_on) {
		/* Unlike the memory-mapped store, the MSR's is not ordered after earlier stores (SDM 3A 10.12.3). */
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2APIC_BASE + (APIC_ICR >> 4), (u64)apic_id << 32 | cmd);
		return;
	}
	flags = local_irq_save();
	while (apic_read(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
	apic_write(APIC_ICR2, apic_id << 24);
	apic_write(APIC_ICR, cmd);
	local_irq_restore(flags);
}

static void spurious_interrupt(struct cpu_user_regs *regs)
{
	/* No EOI: it is not in service (SDM 3A 10.9). */
}

static void error_interrupt(struct cpu_user_regs *regs)
{
	u32 esr;

	apic_write(APIC_ESR, 0);
	esr = apic_read(APIC_ESR);
	apic_eoi();
	if (esr)
		printk(LOG_WARN "APIC error %#x on CPU %u\n", esr, smp_processor_id());
}

static void timer_interrupt(struct cpu_user_regs *regs)
{
	apic_eoi();
	raise_softirq(SOFTIRQ_TIMER);
}

init_fn void apic_init_boot(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	if (cpu_has_x2apic && (x2apic_wanted || base & APIC_BASE_EXTD)) {
		x2apic_on = true;
	} else {
		apic_mem = device_map(machine.madt.lapic_addr, PAGE_SIZE);
		if (!apic_mem)
			panic("No memory to map the local APIC");
	}
	set_direct_apic_vector(VECTOR_SPURIOUS, spurious_interrupt);
	set_direct_apic_vector(VECTOR_ERROR, error_interrupt);
	set_direct_apic_vector(VECTOR_TIMER, timer_interrupt);
}

/* By ACPI's number; ~0 is all CPUs. */
static bool is_this_cpu(u32 acpi_id)
{
	u32 self = apic_id_here();

	for (u32 i = 0; i < machine.madt.nr_cpus; i++)
		if (machine.madt.cpu[i].apic_id == self && machine.madt.cpu[i].acpi_id == acpi_id)
			return true;
	return acpi_id == ~0U;
}

static void setup_lints(unsigned int cpu)
{
	/*
	 * LINT0 carried the PIC, which is off; NMI sources are where the MADT says, LINT1 by default. The boot CPU
	 * alone takes them: of several, the first would quiet the source, and the others would find no reason.
	 */
	u32 lint[2] = { APIC_LVT_MASKED, cpu ? APIC_LVT_MASKED : APIC_DM_NMI };

	for (u32 i = 0; !cpu && i < machine.madt.nr_nmis; i++) {
		const struct madt_nmi *n = &machine.madt.nmi[i];

		if (n->lint < 2 && is_this_cpu(n->acpi_id))
			lint[n->lint] = APIC_DM_NMI;
	}
	apic_write(APIC_LVT0, lint[0]);
	apic_write(APIC_LVT1, lint[1]);
}

void apic_setup(unsigned int cpu)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (x2apic_on)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_EXTD);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SPIV, APIC_SPIV_ENABLE | VECTOR_SPURIOUS);
	setup_lints(cpu);
	apic_write(APIC_LVTERR, VECTOR_ERROR);
	apic_write(APIC_ESR, 0);
	/* Whatever firmware left in service would block its class for ever. */
	for (unsigned int i = 8; i--; )
		for (u32 v = apic_read(APIC_ISR + i * 0x10); v; v &= v - 1)
			apic_eoi();
}

/* Virtual wire mode (MultiProcessor Specification 3.6.2.2): the PIC comes through LINT0, NMI through LINT1. */
void apic_hand_over(void)
{
	apic_write(APIC_TMICT, 0);
	apic_write(APIC_LVTT, APIC_LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_LVTERR, APIC_LVT_MASKED | VECTOR_ERROR);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SPIV, APIC_SPIV_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_LVT0, APIC_DM_EXTINT);
	apic_write(APIC_LVT1, APIC_DM_NMI);
}

static u64 read_timer_count(void)
{
	return apic_read(APIC_TMCCT);
}

init_fn void apic_timer_calibrate(void)
{
	struct clock_sample a, b;

	apic_write(APIC_TDCR, APIC_TDCR_DIV1);
	apic_write(APIC_LVTT, APIC_LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TMICT, ~0U);
	a = clock_sample(read_timer_count);
	while (rdtsc_ordered() - a.tsc < tsc_khz * (u64)TIMER_CALIBRATE_MS)
		cpu_relax();
	b = clock_sample(read_timer_count);
	timer_khz = (a.count - b.count) * tsc_khz / (b.tsc - a.tsc);
	apic_write(APIC_TMICT, 0);
	if (!timer_khz)
		panic("The local APIC's timer does not count");
	use_deadline = cpu_has_tsc_deadline;
	ns_to_count = scale_to_khz(use_deadline ? tsc_khz : timer_khz);
	printk("APIC timer: %lu kHz%s\n", (unsigned long)timer_khz, use_deadline ? ", TSC deadline mode" : "");
}

void apic_timer_setup(unsigned int cpu)
{
	apic_write(APIC_TDCR, APIC_TDCR_DIV1);
	apic_write(APIC_LVTT, VECTOR_TIMER | (use_deadline ? APIC_LVTT_DEADLINE : 0));
	/* The mode must be set before the MSR is written (SDM 3A 10.5.4.1). */
	__asm__ volatile("mfence" ::: "memory");
}

bool arch_reprogram_timer(s_time_t expires)
{
	s_time_t delta;
	u64 count;

	if (expires == TIME_NEVER) {
		if (use_deadline)
			wrmsr(MSR_TSC_DEADLINE, 0);
		else
			apic_write(APIC_TMICT, 0);
		return true;
	}
	delta = expires - now();
	if (delta <= 0)
		return false;
	count = scale_delta((u64)min(delta, (s_time_t)4 * NSEC_PER_SEC), &ns_to_count) + 1;
	if (use_deadline)
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + count);
	else
		apic_write(APIC_TMICT, (u32)min(count, 0xffffffffUL));
	return true;
}
