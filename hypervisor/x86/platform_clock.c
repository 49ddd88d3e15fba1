/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The platform clock: a counter of known rate that is independent of CPUs. HPET, else the ACPI PM timer,
 * else the PIT; it calibrates the TSC and disciplines it. With clocksource=tsc it only does the first.
 */
#include <hv/lib.h>
#include <x86/cpu.h>
#include <x86/machine.h>
#include <x86/pgtable.h>
#include <x86/platform_clock.h>
#include <x86/processor.h>
#include <x86/time.h>

#define PM_TIMER_HZ	3579545ULL	/* ACPI 6.4 4.8.3.3 */
#define PIT_HZ		1193182ULL
#define PIT_CH2		0x42
#define PIT_MODE	0x43
#define PIT_GATE	0x61

/* IA-PC HPET 1.0a 2.3 */
#define HPET_ID		0x000
#define HPET_PERIOD	0x004
#define HPET_CONFIG	0x010
#define HPET_ENABLE	BIT64(0)
#define HPET_COUNTER	0x0f0
#define HPET_MAX_PERIOD_FS 100000000U

static volatile char *hpet;

static u64 hpet_read(void) { return mmio_read32(hpet + HPET_COUNTER); }
static u64 pmtimer_read(void) { return inl(machine.fadt.pm_timer); }

/* Channel 2 counts down from 65535 over and over, unheard. */
static u64 pit_read(void)
{
	u8 lo, hi;

	outb(0x80, PIT_MODE);
	lo = inb(PIT_CH2);
	hi = inb(PIT_CH2);
	return (u16)~(hi << 8 | lo);
}

struct platform_clock platform_clock read_mostly;

static init_fn bool init_hpet(void)
{
	u32 period;

	if (!machine.hpet.addr)
		return false;
	hpet = device_map(machine.hpet.addr, 1024);
	if (!hpet)
		return false;
	period = mmio_read32(hpet + HPET_PERIOD);
	if (mmio_read32(hpet + HPET_ID) == ~0U || !period || period > HPET_MAX_PERIOD_FS)
		return false;
	mmio_write32(hpet + HPET_CONFIG, (mmio_read32(hpet + HPET_CONFIG) & ~3U) | (u32)HPET_ENABLE);
	platform_clock = (struct platform_clock){ "HPET", hpet_read, 1000000000000000ULL / period, 0xffffffff };
	return true;
}

static init_fn bool init_pmtimer(void)
{
	u64 a;

	if (!machine.fadt.pm_timer)
		return false;
	a = pmtimer_read();
	for (unsigned int i = 0; i < 10000 && pmtimer_read() == a; i++)
		;
	if (pmtimer_read() == a)
		return false;
	platform_clock = (struct platform_clock){ "ACPI PM timer", pmtimer_read, PM_TIMER_HZ,
						  machine.fadt.pm_timer_32 ? 0xffffffff : 0xffffff };
	return true;
}

static init_fn bool init_pit(void)
{
	outb((u8)((inb(PIT_GATE) & ~2) | 1), PIT_GATE);
	outb(0xb4, PIT_MODE);
	outb(0xff, PIT_CH2);
	outb(0xff, PIT_CH2);
	platform_clock = (struct platform_clock){ "PIT", pit_read, PIT_HZ, 0xffff };
	return true;
}

/* In the order in which they are tried. TSC: none of its own, see platform_clock_is_tsc(). */
static const struct clock_source { const char *name; bool (*init)(void); } sources[] init_rodata = {
	{ "hpet", init_hpet }, { "acpi", init_pmtimer }, { "pit", init_pit }, { "tsc", NULL },
};
static const struct clock_source *wanted init_data;

static int init_fn opt_clocksource(const char *v)
{
	for (const struct clock_source *s = sources; s < sources + ARRAY_SIZE(sources); s++)
		if (!strcmp(s->name, v)) {
			wanted = s;
			return 0;
		}
	printk(LOG_WARN "clocksource=%s: the clocks are hpet, acpi, pit and tsc\n", v);
	return -EINVAL;
}
CMDLINE_PARAM("clocksource", opt_clocksource);

init_fn void platform_clock_init(void)
{
	if (wanted && wanted->init && wanted->init())
		return;
	for (const struct clock_source *s = sources; s < sources + ARRAY_SIZE(sources); s++)
		if (s != wanted && s->init && s->init())
			break;
	if (wanted && wanted->init)
		printk(LOG_WARN "clocksource=%s: this machine has none that counts, using the %s\n", wanted->name,
		       platform_clock.name);
}

init_fn bool platform_clock_is_tsc(u32 khz)
{
	if (!wanted || wanted->init)
		return false;
	if (!cpu_has_invariant_tsc) {
		printk(LOG_WARN "clocksource=tsc: the TSC of this CPU may change its rate or stop, using the %s\n",
		       platform_clock.name);
		return false;
	}
	platform_clock = (struct platform_clock){ "TSC", rdtsc_ordered, khz * 1000ULL, ~0ULL };
	return true;
}

/* Counter and TSC of one moment: the best of some tries, since an SMI or a host may come between the two reads. */
struct clock_sample clock_sample(u64 (*read)(void))
{
	struct clock_sample best = { 0, 0 };
	u64 least = ~0ULL;

	for (unsigned int i = 0; i < 8; i++) {
		u64 before = rdtsc_ordered(), c = read(), after = rdtsc_ordered();

		if (after - before < least) {
			least = after - before;
			best = (struct clock_sample){ c, before + least / 2 };
		}
	}
	return best;
}

/* TSC ticks in @ms milliseconds of the platform clock (which must not wrap within). */
init_fn u64 platform_clock_measure_tsc(unsigned int ms)
{
	u64 want = platform_clock.hz * ms / 1000, ticks;
	struct clock_sample a = clock_sample(platform_clock.read), b;

	do {
		b = clock_sample(platform_clock.read);
		ticks = (b.count - a.count) & platform_clock.mask;
	} while (ticks < want);
	return (b.tsc - a.tsc) * want / ticks;
}
