/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <hv/hypercall.h>
#include <hv/nodemask.h>
#include <hv/percpu.h>
#include <hv/spinlock.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include "domain_ids.h"
#include "host_frames.h"

/* The hypervisor's lib.h and the host's stdio.h disagree about names: declare what is used. */
void *calloc(unsigned long n, unsigned long size);
void *aligned_alloc(unsigned long align, unsigned long size);
void exit(int) __attribute__((noreturn));
int vprintf(const char *fmt, va_list ap);
int fflush(void *);

struct cpu_info fake_cpu_info[FAKE_CPUS];
unsigned int fake_cpu;
char *host_directmap;
struct page_info *host_frame_table;
u64 *host_m2p;
u64 max_page = HOST_FRAMES;
struct domain *dom_xen, *dom_io, *hardware_domain, *idle_domain;
struct domain host_domain[2];
static struct domain special[2];
struct vcpu host_vcpu[2];
struct vcpu *host_vcpu_array[2][1];
cpumask_t cpu_online_map = { { 1 } }, cpu_present_map = { { 1 } };
unsigned int nr_cpus = 1, nr_nodes = 1;
u64 tlb_clock = 1;
u64 host_flushes, host_cache_flushes;
__thread u64 host_seed = 88172645463325252ULL;
unsigned int host_threads = 1;
unsigned int host_preempt_every;
bool host_quiet;

void host_fail(const char *file, int line, const char *what)
{
	host_quiet = false;
	printk("%s:%d: failed: %s (seed %llu)\n", file, line, what, (unsigned long long)host_seed);
	fflush(0);
	__builtin_trap();
}

void printk(const char *fmt, ...)
{
	va_list ap;

	if (host_quiet)
		return;
	va_start(ap, fmt);
	vprintf(*fmt == 1 ? fmt + 2 : fmt, ap);
	va_end(ap);
}

void bug(const char *file, int line, const char *what) { host_fail(file, line, what); }
bool spin_trylock(spinlock_t *l) { return !__atomic_exchange_n(&l->both, 1, __ATOMIC_ACQUIRE); }
void spin_lock(spinlock_t *l)
{
	while (!spin_trylock(l))
		CHECK(host_threads > 1);
}
void spin_lock_nested(spinlock_t *l) { spin_lock(l); }
void spin_unlock(spinlock_t *l) { CHECK(l->both); __atomic_store_n(&l->both, 0, __ATOMIC_RELEASE); }
void read_lock(rwlock_t *l) { }
void read_unlock(rwlock_t *l) { }
void write_lock(rwlock_t *l) { }
void write_unlock(rwlock_t *l) { }
void clear_page(void *p) { memset(p, 0, PAGE_SIZE); }
void copy_page(void *d, const void *s) { memcpy(d, s, PAGE_SIZE); }
bool frame_chunk_valid(mfn_t f) { return f.m < HOST_FRAMES; }
unsigned int host_frames_a_node, host_cpu_node;
unsigned int mfn_to_node(mfn_t f) { return host_frames_a_node ? (unsigned int)f.m / host_frames_a_node : 0; }
unsigned int cpu_to_node(unsigned int cpu) { return host_cpu_node; }
void domain_put(struct domain *d) { CHECK(atomic_sub_return(&d->refcnt, 1) + 1); }
void flush_tlb_mask(const cpumask_t *m) { atomic_inc(&host_flushes); atomic_inc(&tlb_clock); }
void flush_tlb_all(void) { host_flushes++; tlb_clock++; }
void flush_tlb_local(void) { host_flushes++; tlb_clock++; }
void flush_cache_page(const void *page) { host_cache_flushes++; }
void tlb_filter(cpumask_t *mask, u16 stamp) { }

bool hypercall_preempt_check(void)
{
	static __thread unsigned int n;

	return host_preempt_every && ++n % host_preempt_every == 0;
}

u64 host_random(void)
{
	host_seed ^= host_seed << 13;
	host_seed ^= host_seed >> 7;
	host_seed ^= host_seed << 17;
	return host_seed;
}

static void domain_make(struct domain *d, domid_t id)
{
	d->id = id;
	d->is_pv = true;
	d->refcnt = 1;
	d->max_pages = ~0ULL;
	spin_init(&d->page_alloc_lock, LOCK_PAGE_ALLOC);
	page_list_init(&d->pages);
	page_list_init(&d->hv_pages);
	by_id[id] = d;
}

void host_frames_init(void)
{
	host_directmap = aligned_alloc(PAGE_SIZE, HOST_FRAMES * PAGE_SIZE);
	host_frame_table = calloc(HOST_FRAMES, sizeof(*host_frame_table));
	host_m2p = calloc(HOST_FRAMES, sizeof(*host_m2p));
	for (u64 i = 0; i < HOST_FRAMES; i++)
		host_frame_table[i].count_info = (u64)PAGE_OWNER_HOLE << PGC_OWNER_SHIFT;
	for (unsigned int i = 0; i < 2; i++) {
		domain_make(&host_domain[i], (domid_t)i);
		host_vcpu_array[i][0] = &host_vcpu[i];
		host_domain[i].vcpu = host_vcpu_array[i];
		host_domain[i].max_vcpus = 1;
		host_vcpu[i].domain = &host_domain[i];
	}
	domain_make(&special[0], DOMID_XEN);
	domain_make(&special[1], DOMID_IO);
	dom_xen = &special[0];
	dom_io = &special[1];
}

void host_heap_init(void) { heap_add_range(mfn(16), HOST_FRAMES - 16, 0); }
