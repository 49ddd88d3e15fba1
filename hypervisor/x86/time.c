/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time is the TSC, scaled. All CPUs share one scale and one base as long as their TSCs agree, which
 * is checked when a CPU starts; one that disagrees has its difference taken off.  Once a second the boot CPU
 * compares with the platform clock and bends the line; the others take it over by SOFTIRQ_TIME.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <x86/clock_track.h>
#include <x86/cpu.h>
#include <x86/current.h>
#include <x86/platform_clock.h>
#include <x86/processor.h>
#include <x86/time.h>

#define CALIBRATE_MS 50U
#define TRACK_PERIOD (1 * NSEC_PER_SEC)

u32 tsc_khz read_mostly;
bool tsc_is_invariant read_mostly;
static DEFINE_PER_CPU(struct cpu_time, cpu_time);
static DEFINE_PER_CPU(s64, tsc_behind);	/* the boot CPU's TSC less this one's */
static bool time_runs read_mostly;
static bool keeps_to_platform_clock init_data;
static struct clock_track track;		/* track_lock */
static spinlock_t track_lock = SPINLOCK_INIT(LOCK_LEAF);
static struct timer track_timer;

static always_inline s_time_t ns_at(u64 tsc)
{
	const struct cpu_time *t = &this_cpu(cpu_time);

	/* A TSC just below the base (another CPU's, read earlier) gives a time just below, not a wrap. */
	if ((s64)(tsc - t->tsc_base) < 0)
		return t->ns_base - (s_time_t)scale_delta(t->tsc_base - tsc, &t->scale);
	return t->ns_base + (s_time_t)scale_delta(tsc - t->tsc_base, &t->scale);
}

s_time_t tsc_to_ns(u64 tsc) { return ns_at(tsc); }

s_time_t now(void)
{
	return likely(time_runs) ? ns_at(rdtsc()) : 0;
}

void udelay(unsigned long us)
{
	u64 t0, ticks;

	if (!tsc_khz) {
		/* Before calibration: a write to the POST port takes about a microsecond on an ISA bus. */
		for (; us; us--)
			outb(0, 0x80);
		return;
	}
	t0 = rdtsc_ordered();
	ticks = us * tsc_khz / 1000 + 1;
	while (rdtsc_ordered() - t0 < ticks)
		cpu_relax();
}

init_fn void time_init_early(void)
{
	struct cpu_time *t = &per_cpu(cpu_time, 0);

	platform_clock_init();
	tsc_khz = (u32)(platform_clock_measure_tsc(min(CALIBRATE_MS, (unsigned int)(platform_clock.mask * 500 /
									platform_clock.hz))) /
			min(CALIBRATE_MS, (unsigned int)(platform_clock.mask * 500 / platform_clock.hz)));
	if (!tsc_khz)
		panic("The time stamp counter does not count");
	tsc_is_invariant = cpu_has_invariant_tsc;
	t->scale = scale_from_khz(tsc_khz);
	t->tsc_base = rdtsc();
	t->ns_base = 0;
	time_runs = true;
	wallclock_init();
	keeps_to_platform_clock = !platform_clock_is_tsc(tsc_khz);
	printk("Clock: %s at %lu Hz, TSC %u.%03u MHz%s\n", platform_clock.name,
	       (unsigned long)platform_clock.hz, tsc_khz / 1000, tsc_khz % 1000,
	       tsc_is_invariant ? ", invariant" : "");
}

/* ---- kept to the platform clock ---- */

/* The line as this CPU is to see it; where it would lie below what was read already, it starts there. */
static void take_line(const struct cpu_time *line)
{
	struct cpu_time *t = &this_cpu(cpu_time), next = *line;
	unsigned long flags = local_irq_save();
	s_time_t shown;
	u64 tsc;

	next.tsc_base -= (u64)this_cpu(tsc_behind);
	tsc = rdtsc_ordered();
	shown = tsc_to_ns(tsc);
	if (next.ns_base + (s_time_t)scale_delta(tsc - next.tsc_base, &next.scale) < shown) {
		next.tsc_base = tsc;
		next.ns_base = shown;
	}
	*t = next;
	local_irq_restore(flags);
}

/* SOFTIRQ_TIME */
static void line_changed(void)
{
	unsigned long flags = spin_lock_irqsave(&track_lock);
	struct cpu_time line = track.line;

	spin_unlock_irqrestore(&track_lock, flags);
	take_line(&line);
	if (!is_idle_vcpu(current)) {
		vcpu_time_publish(current);
		current->domain->kind->refresh_areas(current);
	}
}

static void track_step(void *unused)
{
	unsigned long flags = spin_lock_irqsave(&track_lock);
	bool bent = clock_track_step(&track, clock_sample(platform_clock.read));
	bool first = track.resyncs == 1;

	spin_unlock_irqrestore(&track_lock, flags);
	if (bent)
		cpumask_raise_softirq(&cpu_online_map, SOFTIRQ_TIME);
	else if (first)
		printk(LOG_WARN "%s and TSC are more than a second apart: one stood still, time goes on by the TSC\n",
		       platform_clock.name);
	set_timer(&track_timer, now() + TRACK_PERIOD);
}

init_fn void time_track_init(void)
{
	if (!keeps_to_platform_clock)
		return;
	/* What wraps within two periods cannot be watched at leisure. */
	if (platform_clock.mask / platform_clock.hz < 2 * TRACK_PERIOD / NSEC_PER_SEC) {
		printk(LOG_WARN "The %s wraps too soon to be followed: time goes on by the TSC as measured\n",
		       platform_clock.name);
		return;
	}
	clock_track_start(&track, platform_clock.hz, platform_clock.mask, tsc_is_invariant, &this_cpu(cpu_time),
			  clock_sample(platform_clock.read));
	open_softirq(SOFTIRQ_TIME, line_changed);
	init_timer(&track_timer, track_step, NULL, smp_processor_id());
	set_timer(&track_timer, now() + TRACK_PERIOD);
}

/* ---- another CPU's TSC against the boot CPU's ---- */

#define SYNC_ROUNDS 64
#define SYNC_GOOD_NS 2000	/* a round this short settles it */
static volatile u64 sync_tsc;		/* boot CPU: its TSC; 0: not answered yet */
static volatile u32 sync_ask, sync_done;

/* Boot CPU, while @cpu comes up; returns when that is through. */
void time_sync_boot_side(void)
{
	sync_done = 0;
	for (u32 served = 0; !sync_done; ) {
		if (sync_ask != served) {
			served = sync_ask;
			sync_tsc = rdtsc_ordered();
		}
		cpu_relax();
	}
	sync_ask = 0;
	sync_tsc = 0;
}

/* The answer lies between question and its arrival: the tightest round bounds the difference best. */
void time_init_ap(void)
{
	struct cpu_time *t = &this_cpu(cpu_time);
	u64 best = ~0ULL;
	s64 diff = 0;

	*t = per_cpu(cpu_time, 0);
	for (u32 i = 1; i <= SYNC_ROUNDS; i++) {
		u64 t0, t1, theirs;

		sync_tsc = 0;
		t0 = rdtsc_ordered();
		sync_ask = i;
		while (!(theirs = sync_tsc))
			cpu_relax();
		t1 = rdtsc_ordered();
		if (t1 - t0 < best) {
			best = t1 - t0;
			diff = (s64)(theirs - (t0 + (t1 - t0) / 2));
			if (theirs >= t0 && theirs <= t1)
				diff = 0;
		}
		if (best < (u64)tsc_khz * SYNC_GOOD_NS / 1000000 || (!diff && i > 4))
			break;
	}
	sync_done = 1;
	if (diff) {
		this_cpu(tsc_behind) = diff;
		t->tsc_base -= (u64)diff;
		printk(LOG_INFO "CPU %u: TSC differs by %ld ticks, corrected\n", smp_processor_id(), (long)diff);
	}
}

/* ---- guests' time ---- */

/* What RDTSC shows in a domain whose TSC is emulated: its own rate, counted from its own start. */
u64 domain_guest_tsc(const struct domain *d, s_time_t t)
{
	struct time_scale s = scale_to_khz(d->arch.tsc_khz ? d->arch.tsc_khz : tsc_khz);
	s_time_t since = t - (s_time_t)d->arch.vtsc_offset;

	return since > 0 ? scale_delta((u64)since, &s) : 0;
}

static void fill_time(const struct vcpu *v, struct vcpu_time_info *out)
{
	const struct domain *d = v->domain;
	const struct cpu_time *t = &this_cpu(cpu_time);

	if (d->arch.vtsc) {
		struct time_scale s = scale_from_khz(d->arch.tsc_khz ? d->arch.tsc_khz : tsc_khz);
		s_time_t at = now();

		out->tsc_timestamp = domain_guest_tsc(d, at);
		out->system_time = (u64)at;
		out->tsc_to_system_mul = s.mul_frac;
		out->tsc_shift = s.shift;
	} else {
		out->tsc_timestamp = t->tsc_base;
		out->system_time = (u64)t->ns_base;
		out->tsc_to_system_mul = t->scale.mul_frac;
		out->tsc_shift = t->scale.shift;
	}
}

/* The version is odd while the fields change (ABI), readers then retry. */
static noinline_fn void write_time(struct vcpu *v)
{
	struct vcpu_time_info *u = &v->vcpu_info->time, n;
	u32 odd = (u->version | 1);

	fill_time(v, &n);
	WRITE_ONCE(u->version, odd);
	barrier();
	u->tsc_timestamp = n.tsc_timestamp;
	u->system_time = n.system_time;
	u->tsc_to_system_mul = n.tsc_to_system_mul;
	u->tsc_shift = n.tsc_shift;
	barrier();
	WRITE_ONCE(u->version, odd + 1);
}

/* @v runs here, or nowhere. */
void vcpu_time_publish(struct vcpu *v)
{
	const struct vcpu_time_info *u = &v->vcpu_info->time;
	const struct cpu_time *t = &this_cpu(cpu_time);

	if (unlikely(v->domain->arch.vtsc) || !u->version || u->tsc_timestamp != t->tsc_base ||
	    u->tsc_to_system_mul != t->scale.mul_frac)
		write_time(v);
}

bool vcpu_time_copy(const struct vcpu *v)
{
	unsigned long area = READ_ONCE(v->time_guest);

	return likely(!area) || copy_to_guest_raw(area, &v->vcpu_info->time, sizeof(v->vcpu_info->time));
}
