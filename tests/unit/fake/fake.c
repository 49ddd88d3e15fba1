/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"
#include <hv/heap.h>
#include <hv/keyhandler.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <x86/current.h>
#include <x86/smp.h>

struct cpu_info fake_cpu_info[FAKE_CPUS];
unsigned int fake_cpu, fake_kicks[8];
s_time_t fake_now, fake_programmed[8];
char fake_log[4096];
long fake_alloc_fail_after = -1, fake_allocs, fake_locks;
cpumask_t cpu_online_map, cpu_present_map;
unsigned int nr_cpus;

void fake_reset(unsigned int cpus)
{
	memset(fake_cpu_info, 0, sizeof(fake_cpu_info));
	memset(fake_kicks, 0, sizeof(fake_kicks));
	cpumask_clear(&cpu_online_map);
	for (unsigned int c = 0; c < cpus; c++) {
		fake_cpu_info[c].cpu = c;
		fake_programmed[c] = TIME_NEVER;
		cpumask_set_cpu(c, &cpu_online_map);
	}
	cpu_present_map = cpu_online_map;
	nr_cpus = cpus;
	fake_cpu = 0;
	fake_now = 0;
	fake_log[0] = 0;
	fake_alloc_fail_after = -1;
}

s_time_t now(void) { return fake_now; }

bool arch_reprogram_timer(s_time_t expires)
{
	fake_programmed[fake_cpu] = expires;
	return expires > fake_now;
}

void smp_send_kick(unsigned int cpu) { fake_kicks[cpu]++; }

void register_keyhandler(unsigned char key, keyhandler_fn *fn, const char *what, bool irq) { }

void printk(const char *fmt, ...)
{
	size_t used = strlen(fake_log);
	va_list ap;

	va_start(ap, fmt);
	(vsnprintf)(fake_log + used, sizeof(fake_log) - used, fmt, ap);
	va_end(ap);
}

void panic(const char *fmt, ...)
{
	fprintf(stderr, "panic: %s\n", fmt);
	abort();
}

void bug(const char *file, int line, const char *what)
{
	fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
	abort();
}

/* One thread: a lock that is taken twice, or released without being held, is a bug. */
void spin_lock(spinlock_t *l)
{
	if (l->both)
		bug(__FILE__, __LINE__, "lock taken twice");
	l->both = 1;
	fake_locks++;
}
void spin_lock_nested(spinlock_t *l) { spin_lock(l); }
bool spin_trylock(spinlock_t *l)
{
	if (l->both)
		return false;
	l->both = 1;
	fake_locks++;
	return true;
}
void spin_unlock(spinlock_t *l)
{
	if (!l->both)
		bug(__FILE__, __LINE__, "unlock of a free lock");
	l->both = 0;
	fake_locks--;
}
unsigned long spin_lock_irqsave(spinlock_t *l) { spin_lock(l); return 0x200; }
void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags) { spin_unlock(l); }
void read_lock(rwlock_t *l) { l->cnts++; }
void read_unlock(rwlock_t *l) { l->cnts--; }
void write_lock(rwlock_t *l) { spin_lock(&l->wlock); }
void write_unlock(rwlock_t *l) { spin_unlock(&l->wlock); }

static bool fake_alloc_fails(void)
{
	if (fake_alloc_fail_after < 0)
		return false;
	return fake_alloc_fail_after-- == 0 ? (fake_alloc_fail_after = 0, true) : false;
}

void *hv_zalloc(size_t size)
{
	if (fake_alloc_fails())
		return NULL;
	fake_allocs++;
	return calloc(1, size);
}
void *hv_zalloc_array(size_t size, size_t n) { return hv_zalloc(size * n); }
void hv_free(void *p)
{
	if (p)
		fake_allocs--;
	free(p);
}
