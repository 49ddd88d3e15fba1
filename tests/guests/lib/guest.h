/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PV micro-guest's world: hypercalls, console, page tables, traps. Each guest is one C file with
 * guest_main(); its outcome is a last line on the console, GUEST-RESULT PASS, FAIL or SKIP.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/memory.h>
#include <xen/version.h>
#include <xen/callback.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

#define PAGE_SIZE 4096UL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define barrier() __asm__ volatile("" ::: "memory")

extern start_info_t *start_info;
extern shared_info_t *shared_info;	/* mapped by guest_start */
extern char hypercall_page[];
void guest_main(void);

void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
__attribute__((noreturn)) void guest_exit(const char *result);
/* Says so and counts where it is not as expected. */
void is(const char *what, long got, long want);
extern u32 complaints;
__attribute__((noreturn)) void guest_shutdown(unsigned int reason);
void *memset(void *d, int c, size_t n);
void *memcpy(void *d, const void *s, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
bool cmdline_has(const char *word);
/* Text behind "key=" on the command line into @buf; false if absent. */
bool cmdline_get(const char *key, char *buf, size_t n);
/* A hexadecimal number behind "key=". */
u64 cmdline_number(const char *key, u64 otherwise);
static inline bool is_dom0(void) { return start_info->flags & SIF_INITDOMAIN; }

/* ---- hypercalls, by SYSCALL directly: arguments may be anything, that is the point ---- */
static inline long hypercall(unsigned long nr, unsigned long a1, unsigned long a2, unsigned long a3,
			     unsigned long a4, unsigned long a5)
{
	register unsigned long r10 __asm__("r10") = a4, r8 __asm__("r8") = a5;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
			 : "0"(nr) : "rcx", "r11", "memory");
	return ret;
}
#define H0(n) hypercall(__HYPERVISOR_##n, 0, 0, 0, 0, 0)
#define H1(n, a) hypercall(__HYPERVISOR_##n, (unsigned long)(a), 0, 0, 0, 0)
#define H2(n, a, b) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), 0, 0, 0)
#define H3(n, a, b, c) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), 0, 0)
#define H4(n, a, b, c, d) hypercall(__HYPERVISOR_##n, (unsigned long)(a), (unsigned long)(b), (unsigned long)(c), \
				    (unsigned long)(d), 0)

/* ---- memory: the initial mapping is linear from VIRT_BASE ---- */
#define VIRT_BASE 0xffffffff80000000UL
#define PTE_P 1UL
#define PTE_W 2UL
#define PTE_U 4UL
#define PTE_A 0x20UL
#define PTE_D 0x40UL
#define PTE_PS 0x80UL
#define PTE_NX (1UL << 63)
#define PTE_FLAGS (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define PTE_FRAME 0x000ffffffffff000UL
#define m2p ((const u64 *)0xffff800000000000UL)
static inline u64 virt_to_pfn(const void *v) { return ((u64)v - VIRT_BASE) >> 12; }
static inline u64 pfn_to_mfn(u64 pfn) { return ((u64 *)start_info->mfn_list)[pfn]; }
static inline u64 virt_to_mfn(const void *v) { return pfn_to_mfn(virt_to_pfn(v)); }
static inline u64 virt_to_maddr(const void *v) { return virt_to_mfn(v) << 12 | ((u64)v & 4095); }
static inline void *mfn_to_virt(u64 mfn) { return (void *)(VIRT_BASE + (m2p[mfn] << 12)); }
/* Entry of @va at @level (1..4) in the current page tables, as a guest virtual address (read-only). */
u64 *pte_of(const void *va, int level);
/* Machine address of that entry. */
u64 pte_maddr(const void *va, int level);
int mmu_update_one(u64 ptr, u64 val);
int set_va(const void *va, u64 pte, unsigned long flags);	/* update_va_mapping */
void *alloc_page(void);		/* zeroed, from the free end of the initial mapping */
int make_readonly(void *page);
int make_writable(void *page);

/* ---- traps ---- */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax, error_code;
	u64 rip, cs, rflags, rsp, ss;
};
/* What the handlers see beside the CPU's own vectors: a return that failed, a system call of user mode. */
#define VECTOR_FAILSAFE 0x1fa
#define VECTOR_SYSCALL 0x1fb
/* As a frame shows a guest kernel's code segment: RPL 3 would mean user mode. */
#define KERNEL_CS_FRAME 0xe030
#define KERNEL_CS 0xe033
#define KERNEL_SS 0xe02b
/* A fault at an address range registered by TRY() continues behind it. */
struct try_state { u64 resume, rsp, rbp, rbx, r12, r13, r14, r15; };
extern struct try_state *try_now;
extern volatile u32 trap_vector, trap_error;
extern volatile u64 trap_cr2;
extern volatile u64 trap_count, event_count;
extern void (*trap_hook)(struct trap_frame *f, u32 vector);
extern void (*event_hook)(void);
/* The trap table, event and failsafe callbacks that a guest starts with. */
void guest_set_traps(void);
/* A callback for NMIs that counts them. */
extern char guest_nmi[];
extern volatile u32 guest_nmis;
/* Runs fn(arg); returns -1 when it ended without a fault, else the vector. */
int try_run(void (*fn)(void *), void *arg);

/* ---- time ---- */
static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) :: "memory");
	return (u64)hi << 32 | lo;
}

/* Nanoseconds since the machine started, by the clock that is shared with a vCPU. */
static inline __attribute__((always_inline)) u64 time_of(const volatile struct vcpu_time_info *t)
{
	u64 delta, ns;
	u32 version;

	do {
		version = t->version;
		barrier();
		delta = rdtsc() - t->tsc_timestamp;
		delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
		ns = t->system_time + (u64)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
		barrier();
	} while ((version & 1) || version != t->version);
	return ns;
}

/* By our first vCPU's. */
u64 system_time(void);

#endif
