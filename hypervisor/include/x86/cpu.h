/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processor is and can do, and its set-up. */
#ifndef X86_CPU_H
#define X86_CPU_H

#include <hv/compiler.h>
#include <hv/types.h>

enum cpu_vendor { CPU_VENDOR_OTHER, CPU_VENDOR_INTEL, CPU_VENDOR_AMD, CPU_VENDOR_HYGON };

struct cpu_id {
	enum cpu_vendor vendor;
	u32 family, model, stepping;
	u32 max_leaf, max_ext_leaf;
	char name[49];
	u8 paddr_bits, vaddr_bits;
	u32 leaf1_ecx, leaf1_edx, leaf7_ebx, leaf7_ecx, leaf7_edx, ext1_ecx, ext1_edx, leaf_apm_edx;
};
/* The boot CPU's; the others are taken to be alike, and refused if they lack any of its features. */
extern struct cpu_id boot_cpu;

/* AMD's, and Hygon's, which are AMD's but for the name. */
#define cpu_is_amd		(boot_cpu.vendor == CPU_VENDOR_AMD || boot_cpu.vendor == CPU_VENDOR_HYGON)
#define CPU_HAS(reg, bit) (!!(boot_cpu.reg & 1U << (bit)))
#define cpu_has_mce		CPU_HAS(leaf1_edx, 7)
#define cpu_has_sep		CPU_HAS(leaf1_edx, 11)
#define cpu_has_x2apic		CPU_HAS(leaf1_ecx, 21)
#define cpu_has_tsc_deadline	CPU_HAS(leaf1_ecx, 24)
#define cpu_has_xsave		CPU_HAS(leaf1_ecx, 26)
#define cpu_has_hypervisor	CPU_HAS(leaf1_ecx, 31)
#define cpu_has_fsgsbase	CPU_HAS(leaf7_ebx, 0)
#define cpu_has_smep		CPU_HAS(leaf7_ebx, 7)
#define cpu_has_smap		CPU_HAS(leaf7_ebx, 20)
#define cpu_has_page1gb		CPU_HAS(ext1_edx, 26)
#define cpu_has_rdtscp		CPU_HAS(ext1_edx, 27)
#define cpu_has_svm		CPU_HAS(ext1_ecx, 2)
#define cpu_has_vmx		CPU_HAS(leaf1_ecx, 5)
#define cpu_has_invariant_tsc	CPU_HAS(leaf_apm_edx, 8)

/* CR4 of every CPU outside a guest; cpu_info.cr4 holds what a CPU has now. */
extern u64 hv_cr4;

void cpu_identify(void);		/* boot CPU */
/* Control registers, PAT, GDT, TSS, IDT of this CPU; its per-CPU area and stack are in place. */
void cpu_setup(unsigned int cpu);
/* First thing at boot: exceptions are reported from here on. */
void idt_build(void);
/* Memory for the per-CPU areas of CPUs 1..@nr-1; CPU 0 keeps the linked one. */
void percpu_init(unsigned int nr);
void cpu_topology_init(unsigned int nr);

#endif
