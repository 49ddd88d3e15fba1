/* SPDX-License-Identifier: GPL-2.0-only */
/* Privileged instructions and register bits, named as in SDM vol. 3, chapter 2, and vol. 4. */
#ifndef X86_PROCESSOR_H
#define X86_PROCESSOR_H

#include <hv/compiler.h>
#include <hv/types.h>

#define X86_RFLAGS_CF BIT64(0)
#define X86_RFLAGS_TF BIT64(8)
#define X86_RFLAGS_IF BIT64(9)
#define X86_RFLAGS_DF BIT64(10)
#define X86_RFLAGS_IOPL (BIT64(12) | BIT64(13))
#define X86_RFLAGS_NT BIT64(14)
#define X86_RFLAGS_RF BIT64(16)
#define X86_RFLAGS_VM BIT64(17)
#define X86_RFLAGS_AC BIT64(18)

#define X86_CR0_PE BIT64(0)
#define X86_CR0_MP BIT64(1)
#define X86_CR0_EM BIT64(2)
#define X86_CR0_TS BIT64(3)
#define X86_CR0_ET BIT64(4)
#define X86_CR0_NE BIT64(5)
#define X86_CR0_WP BIT64(16)
#define X86_CR0_AM BIT64(18)
#define X86_CR0_NW BIT64(29)
#define X86_CR0_CD BIT64(30)
#define X86_CR0_PG BIT64(31)

#define X86_CR4_VME BIT64(0)
#define X86_CR4_TSD BIT64(2)
#define X86_CR4_DE BIT64(3)
#define X86_CR4_PSE BIT64(4)
#define X86_CR4_PAE BIT64(5)
#define X86_CR4_MCE BIT64(6)
#define X86_CR4_PGE BIT64(7)
#define X86_CR4_PCE BIT64(8)
#define X86_CR4_OSFXSR BIT64(9)
#define X86_CR4_OSXMMEXCPT BIT64(10)
#define X86_CR4_UMIP BIT64(11)
#define X86_CR4_FSGSBASE BIT64(16)
#define X86_CR4_PCIDE BIT64(17)
#define X86_CR4_OSXSAVE BIT64(18)
#define X86_CR4_SMEP BIT64(20)
#define X86_CR4_SMAP BIT64(21)

#define MSR_TSC 0x10
#define MSR_APIC_BASE 0x1b
#define MSR_SYSENTER_CS 0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_PAT 0x277
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_CSTAR 0xc0000083
#define MSR_SFMASK 0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX 0xc0000103
#define EFER_SVME	0x00001000
#define EFER_FFXSE	0x00004000
#define MSR_PLATFORM_ID		0x00000017
#define APIC_BASE_BSP		0x00000100
#define APIC_BASE_EXTD		0x00000400
#define APIC_BASE_ENABLE	0x00000800
#define MSR_FEATURE_CONTROL	0x0000003a
#define MSR_TSC_ADJUST		0x0000003b
#define MSR_SPEC_CTRL		0x00000048
#define MSR_PRED_CMD		0x00000049
#define MSR_UCODE_REV		0x0000008b
#define MSR_PLATFORM_INFO	0x000000ce
#define MSR_MTRR_CAP		0x000000fe
#define MSR_ARCH_CAPABILITIES	0x0000010a
#define MSR_FLUSH_CMD		0x0000010b
#define MSR_MISC_FEATURES_ENABLES 0x00000140
#define MISC_FEATURES_CPUID_FAULT BIT64(0)
#define MSR_MCG_CAP		0x00000179
#define MSR_MCG_STATUS		0x0000017a
#define MSR_PERF_STATUS		0x00000198
#define MSR_PERF_CTL		0x00000199
#define MSR_MISC_ENABLE		0x000001a0
#define MSR_DEBUGCTL		0x000001d9
#define MSR_MTRR_PHYSBASE(n)	(0x00000200 + 2 * (n))
#define MSR_MTRR_PHYSMASK(n)	(0x00000201 + 2 * (n))
#define MSR_MTRR_DEF_TYPE	0x000002ff
#define MSR_TSC_DEADLINE	0x000006e0
#define MSR_X2APIC_BASE		0x00000800
#define MSR_XSS			0x00000da0
#define MSR_K8_SYSCFG		0xc0010010
#define MSR_K8_HWCR		0xc0010015
#define HWCR_TSC_FREQ_SEL	BIT64(24)
#define HWCR_CPUID_USER_DIS	BIT64(35)

/* The attribute table that the ABI shows to guests: WB WT UC- UC WC WP UC UC. */
#define PAT_VALUE		0x050100070406
#define EFER_SCE BIT64(0)
#define EFER_LME BIT64(8)
#define EFER_LMA BIT64(10)
#define EFER_NXE BIT64(11)

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}
static inline void wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}
/* False if the MSR does not exist or takes no such value. */
bool rdmsr_safe(u32 msr, u64 *v) must_check;
bool wrmsr_safe(u32 msr, u64 v) must_check;

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}
/* Not before earlier loads are done (SDM vol. 2, RDTSC). */
static inline u64 rdtsc_ordered(void)
{
	__asm__ volatile("lfence" ::: "memory");
	return rdtsc();
}

static inline void cpuid_count(u32 leaf, u32 sub, u32 out[4])
{
	__asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "0"(leaf), "2"(sub));
}

struct cpuid_regs { u32 eax, ebx, ecx, edx; };
static inline struct cpuid_regs cpuid(u32 leaf)
{
	u32 r[4];

	cpuid_count(leaf, 0, r);
	return (struct cpuid_regs){ r[0], r[1], r[2], r[3] };
}

#define CR_ACCESSORS(n) \
static inline u64 read_cr##n(void) { u64 v; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)); return v; } \
static inline void write_cr##n(u64 v) { __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); }
CR_ACCESSORS(0)
CR_ACCESSORS(2)
CR_ACCESSORS(3)
CR_ACCESSORS(4)

static inline void invlpg(unsigned long va) { __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory"); }
/* Writes back and drops a page's cache lines, on all CPUs; lines of 64 bytes or more, and of 32 at least. */
static inline void clflush_page(const void *page)
{
	for (unsigned int i = 0; i < 4096; i += 32)
		__asm__ volatile("clflush %0" : : "m"(((const char *)page)[i]));
	__asm__ volatile("mfence" ::: "memory");
}
static inline void wbinvd(void) { __asm__ volatile("wbinvd" ::: "memory"); }
static inline void swapgs(void) { __asm__ volatile("swapgs" ::: "memory"); }
static inline void clts(void) { __asm__ volatile("clts" ::: "memory"); }
static inline void local_irq_enable(void) { __asm__ volatile("sti" ::: "memory"); }
static inline void local_irq_disable(void) { __asm__ volatile("cli" ::: "memory"); }
static inline void safe_halt(void) { __asm__ volatile("sti; hlt" ::: "memory"); }
static inline void halt(void) { __asm__ volatile("hlt" ::: "memory"); }
static inline void cpu_relax(void) { __asm__ volatile("pause" ::: "memory"); }
static inline unsigned long read_rflags(void)
{
	unsigned long f;

	__asm__ volatile("pushfq; popq %0" : "=r"(f));
	return f;
}
static inline bool local_irq_is_enabled(void) { return read_rflags() & X86_RFLAGS_IF; }
static inline unsigned long local_irq_save(void)
{
	unsigned long f = read_rflags();

	local_irq_disable();
	return f;
}
static inline void local_irq_restore(unsigned long f)
{
	if (f & X86_RFLAGS_IF)
		local_irq_enable();
	else
		local_irq_disable();
}

static inline u8 inb(u16 p) { u8 v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(p)); return v; }
static inline u16 inw(u16 p) { u16 v; __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(p)); return v; }
static inline u32 inl(u16 p) { u32 v; __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(p)); return v; }
static inline void outb(u8 v, u16 p) { __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(p)); }
static inline void outw(u16 v, u16 p) { __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(p)); }
static inline void outl(u32 v, u16 p) { __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(p)); }

static inline u32 mmio_read32(const volatile void *p) { return *(const volatile u32 *)p; }
static inline void mmio_write32(volatile void *p, u32 v) { *(volatile u32 *)p = v; }

struct desc_ptr { u16 limit; u64 base; } __attribute__((packed));
static inline void lgdt(const struct desc_ptr *p) { __asm__ volatile("lgdt %0" : : "m"(*p)); }
static inline void lidt(const struct desc_ptr *p) { __asm__ volatile("lidt %0" : : "m"(*p)); }
static inline void ltr(u16 sel) { __asm__ volatile("ltr %0" : : "rm"(sel)); }
static inline void lldt(u16 sel) { __asm__ volatile("lldt %0" : : "rm"(sel)); }

#endif
