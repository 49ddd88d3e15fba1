/* SPDX-License-Identifier: GPL-2.0-only */
/* The CMOS clock and the wall clock that domains see. */
#include <hv/domain.h>
#include <hv/lib.h>
#include <hv/spinlock.h>
#include <x86/processor.h>
#include <x86/time.h>

#define RTC_INDEX	0x70
#define RTC_DATA	0x71
#define RTC_SECONDS	0x00
#define RTC_MINUTES	0x02
#define RTC_HOURS	0x04
#define RTC_DAY		0x07
#define RTC_MONTH	0x08
#define RTC_YEAR	0x09
#define RTC_STATUS_A	0x0a
#define RTC_UPDATING	0x80
#define RTC_STATUS_B	0x0b
#define RTC_24H		0x02
#define RTC_BINARY	0x04

/* wallclock_lock: the two words and their publication. */
static spinlock_t wallclock_lock = SPINLOCK_INIT(LOCK_LEAF);
static u64 wc_sec;
static u32 wc_nsec;

static init_fn u8 cmos(u8 reg)
{
	outb(reg, RTC_INDEX);
	return inb(RTC_DATA);
}

static init_fn unsigned int from_bcd(u8 v, bool binary)
{
	return binary ? v : (v >> 4) * 10U + (v & 15);
}

/* Days since 1970-01-01 of a Gregorian date; years count from March so that the leap day is last. */
static init_fn u64 days_from_date(unsigned int y, unsigned int m, unsigned int d)
{
	unsigned int era_day;

	y -= m <= 2;
	era_day = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return 365ULL * y + y / 4 - y / 100 + y / 400 + era_day - 719468;
}

static init_fn u64 read_cmos_clock(void)
{
	u8 a[6], b[6], status = cmos(RTC_STATUS_B);
	static const u8 regs[6] init_rodata = { RTC_SECONDS, RTC_MINUTES, RTC_HOURS, RTC_DAY, RTC_MONTH, RTC_YEAR };
	unsigned int v[6], hour, tries = 0;
	bool pm;

	/* Two equal readings outside an update: no field rolled over between them. */
	do {
		for (unsigned int i = 0; i < 100000 && cmos(RTC_STATUS_A) & RTC_UPDATING; i++)
			cpu_relax();
		for (unsigned int i = 0; i < 6; i++)
			a[i] = cmos(regs[i]);
		for (unsigned int i = 0; i < 6; i++)
			b[i] = cmos(regs[i]);
	} while (memcmp(a, b, sizeof(a)) && ++tries < 10);
	pm = !(status & RTC_24H) && a[2] & 0x80;
	a[2] &= 0x7f;
	for (unsigned int i = 0; i < 6; i++)
		v[i] = from_bcd(a[i], status & RTC_BINARY);
	hour = v[2];
	if (!(status & RTC_24H))
		hour = hour % 12 + (pm ? 12 : 0);
	return days_from_date(v[5] + (v[5] < 70 ? 2000 : 1900), v[4], v[3]) * 86400 + hour * 3600 + v[1] * 60 + v[0];
}

init_fn void wallclock_init(void)
{
	wc_sec = read_cmos_clock();
}

void domain_wallclock_publish(struct domain *d)
{
	struct shared_info *s = d->shared_info;
	unsigned long flags;
	u64 sec;

	if (!s)
		return;
	flags = spin_lock_irqsave(&wallclock_lock);
	sec = wc_sec + (u64)d->time_offset_seconds;
	/* Odd while it changes (ABI). */
	WRITE_ONCE(s->wc_version, s->wc_version | 1);
	barrier();
	s->wc_sec = (u32)sec;
	s->wc_nsec = wc_nsec;
	s->wc_sec_hi = (u32)(sec >> 32);
	barrier();
	WRITE_ONCE(s->wc_version, s->wc_version + 1);
	spin_unlock_irqrestore(&wallclock_lock, flags);
}

void wallclock_set(u64 sec, u32 nsec, u64 at_system_time)
{
	unsigned long flags = spin_lock_irqsave(&wallclock_lock);
	u64 t = sec * 1000000000ULL + nsec - at_system_time;
	struct domain *d;

	wc_sec = t / 1000000000ULL;
	wc_nsec = (u32)(t % 1000000000ULL);
	spin_unlock_irqrestore(&wallclock_lock, flags);
	for (d = domain_get_from(0); d; ) {
		domid_t next = (domid_t)(d->id + 1);

		domain_wallclock_publish(d);
		domain_put(d);
		d = domain_get_from(next);
	}
}
