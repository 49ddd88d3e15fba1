/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/atomic.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/softirq.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include <x86/processor.h>

/* Starts at 1, so that a CPU that never flushed (time 0) is older than every stamp. */
u64 tlb_clock = 1;
static DEFINE_PER_CPU(u64, tlb_time);

/* A tick before the flush: a stamp taken from now on may be newer than it, one taken before is older. */
static u64 flush_begin(void) { return atomic_add_return(&tlb_clock, 1); }
static void flush_end(u64 t) { WRITE_ONCE(this_cpu(tlb_time), t); }

/* An interrupt in the middle that flushes too does no harm: it leaves an older time than it could. */
void flush_tlb_local(void)
{
	u64 t = flush_begin(), cr4 = get_cpu_info()->cr4;

	if (cr4 & X86_CR4_PGE) {		/* SDM 3A 4.10.4.1: changing PGE drops all entries */
		write_cr4(cr4 & ~(u64)X86_CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
	flush_end(t);
}

void load_cr3_flush(u64 cr3)
{
	unsigned long flags = local_irq_save();
	u64 t = flush_begin(), cr4 = get_cpu_info()->cr4;

	if (cr4 & X86_CR4_PGE) {
		/* The new root comes while global entries are off: nothing of the old one gets in again. */
		write_cr4(cr4 & ~(u64)X86_CR4_PGE);
		write_cr3(cr3);
		write_cr4(cr4);
	} else {
		write_cr3(cr3);
	}
	flush_end(t);
	local_irq_restore(flags);
}

void tlb_filter(cpumask_t *mask, u16 stamp)
{
	u64 clock = READ_ONCE(tlb_clock);
	u64 since = clock - (u16)((u16)clock - stamp);	/* newest time with these low bits */
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (READ_ONCE(per_cpu(tlb_time, cpu)) > since)
			cpumask_clear_cpu(cpu, mask);
}

static void do_flush(void *unused) { flush_tlb_local(); }
static void do_flush_one(void *va) { invlpg((unsigned long)va); }
static void do_flush_cache(void *unused) { wbinvd(); }

/* This CPU alone needs no IPI, and boot has nothing else to send one with. */
/* Online CPUs of @mask besides this one. Most often there are none, and few machines have more than 64. */
static inline bool others_in(const cpumask_t *mask, unsigned int self)
{
	cpumask_t others;

	if (likely(nr_cpus <= BITS_PER_LONG))
		return mask->bits[0] & cpu_online_map.bits[0] & ~(1UL << self);
	cpumask_and(&others, mask, &cpu_online_map);
	cpumask_clear_cpu(self, &others);
	return !cpumask_empty(&others);
}

static noinline_fn void on_others(const cpumask_t *mask, unsigned int self, void (*fn)(void *), void *data)
{
	cpumask_t others;

	cpumask_and(&others, mask, &cpu_online_map);
	cpumask_clear_cpu(self, &others);
	smp_call_function(&others, fn, data);
}

static void on_cpus(const cpumask_t *mask, void (*fn)(void *), void *data)
{
	unsigned int self = smp_processor_id();

	if (cpumask_test_cpu(self, mask))
		fn(data);
	if (unlikely(others_in(mask, self)))
		on_others(mask, self, fn, data);
}

void flush_tlb_mask(const cpumask_t *mask) { on_cpus(mask, do_flush, NULL); }
void flush_tlb_one_mask(const cpumask_t *mask, unsigned long va) { on_cpus(mask, do_flush_one, (void *)va); }
void flush_cache_page(const void *page) { clflush_page(page); }
void flush_cache_mask(const cpumask_t *mask) { on_cpus(mask, do_flush_cache, NULL); }

void flush_tlb_all(void)
{
	cpumask_t all = cpu_online_map;

	cpumask_set_cpu(smp_processor_id(), &all);	/* early boot: not in the map yet */
	flush_tlb_mask(&all);
}
