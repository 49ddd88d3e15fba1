/* SPDX-License-Identifier: GPL-2.0-only */
/* Identification and set-up of processors. */
#include <hv/bootmem.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <pv/xpti.h>
#include <x86/cpu.h>
#include <x86/cpu_policy.h>
#include <x86/desc.h>
#include <x86/fpu.h>
#include <x86/layout.h>
#include <x86/pgtable.h>
#include <x86/platform.h>
#include <x86/processor.h>
#include <x86/sections.h>
#include <x86/smp.h>
#include <x86/spec_ctrl.h>
#include <x86/traps.h>

struct cpu_id boot_cpu read_mostly;
u64 hv_cr4 read_mostly;
unsigned long percpu_offset[NR_CPUS];
DEFINE_PER_CPU(struct tss64 *, cpu_tss);
static DEFINE_PER_CPU(u64 *, gdt_page);
static struct { u64 lo, hi; } idt[256] aligned_to(4096);
struct cpu_topology cpu_topology[NR_CPUS];
static unsigned int thread_shift, package_shift;

static void identify(struct cpu_id *c)
{
	struct cpuid_regs r = cpuid(0);
	char vendor[13] = { 0 };
	u32 leaf7[4];

	c->max_leaf = r.eax;
	memcpy(vendor, &r.ebx, 4);
	memcpy(vendor + 4, &r.edx, 4);
	memcpy(vendor + 8, &r.ecx, 4);
	c->vendor = !strcmp(vendor, "GenuineIntel") ? CPU_VENDOR_INTEL :
		    !strcmp(vendor, "AuthenticAMD") ? CPU_VENDOR_AMD :
		    !strcmp(vendor, "HygonGenuine") ? CPU_VENDOR_HYGON : CPU_VENDOR_OTHER;
	r = cpuid(1);
	c->stepping = r.eax & 15;
	c->family = r.eax >> 8 & 15;
	c->model = r.eax >> 4 & 15;
	if (c->family >= 6)
		c->model |= r.eax >> 12 & 0xf0;
	if (c->family == 15)
		c->family += r.eax >> 20 & 0xff;
	c->leaf1_ecx = r.ecx;
	c->leaf1_edx = r.edx;
	if (c->max_leaf >= 7) {
		cpuid_count(7, 0, leaf7);
		c->leaf7_ebx = leaf7[1];
		c->leaf7_ecx = leaf7[2];
		c->leaf7_edx = leaf7[3];
	}
	c->max_ext_leaf = cpuid(0x80000000).eax;
	r = cpuid(0x80000001);
	c->ext1_ecx = r.ecx;
	c->ext1_edx = r.edx;
	for (u32 i = 0; i < 3 && c->max_ext_leaf >= 0x80000004; i++) {
		r = cpuid(0x80000002 + i);
		memcpy(c->name + 16 * i, &r, 16);
	}
	c->leaf_apm_edx = c->max_ext_leaf >= 0x80000007 ? cpuid(0x80000007).edx : 0;
	r.eax = c->max_ext_leaf >= 0x80000008 ? cpuid(0x80000008).eax : 0x3024;
	c->paddr_bits = (u8)r.eax;
	c->vaddr_bits = (u8)(r.eax >> 8);
}

/* The bits of an APIC id: thread within core, core within package (SDM 3A 9.9.3; AMD's leaf 0x80000008). */
static init_fn void topology_shifts(void)
{
	u32 r[4];

	if (boot_cpu.max_leaf >= 0xb) {
		cpuid_count(0xb, 0, r);
		if (r[1] & 0xffff) {
			thread_shift = r[0] & 31;
			cpuid_count(0xb, 1, r);
			package_shift = r[0] & 31;
			return;
		}
	}
	if (CPU_HAS(leaf1_edx, 28)) {
		unsigned int threads = cpuid(1).ebx >> 16 & 0xff, cores = 1;

		if (boot_cpu.vendor == CPU_VENDOR_INTEL && boot_cpu.max_leaf >= 4) {
			cpuid_count(4, 0, r);
			cores = (r[0] >> 26) + 1;
		} else if (boot_cpu.max_ext_leaf >= 0x80000008) {
			cores = (cpuid(0x80000008).ecx & 0xff) + 1;
		}
		package_shift = threads > 1 ? fls64(threads - 1) : 0;
		thread_shift = threads > cores && cores ? fls64(threads / cores - 1) : 0;
	}
}

static int opt_global_pages init_data = -1;

static int init_fn opt_global_pages_fn(const char *v)
{
	opt_global_pages = parse_bool(v);
	return opt_global_pages < 0 ? -EINVAL : 0;
}
CMDLINE_PARAM("global-pages", opt_global_pages_fn);

/*
 * Whether the hypervisor's and PV guests' user pages outlive a load of CR3. To drop these too takes two writes of CR4 at each
 * guest's switch of processes. A host may intercept single bits of CR4 by VMX (SDM 3C 24.6.6), but with SVM the whole register
 * only (APM vol. 2, 15.8), and does: there they cost a virtual machine more than they save.
 */
static bool init_fn has_global_pages(void)
{
	return opt_global_pages >= 0 ? opt_global_pages : !(cpu_is_amd && cpu_has_hypervisor);
}

init_fn void cpu_identify(void)
{
	identify(&boot_cpu);
	topology_shifts();
	hv_cr4 = X86_CR4_PAE | X86_CR4_PSE | X86_CR4_DE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;
	if (has_global_pages())
		hv_cr4 |= X86_CR4_PGE;
	if (cpu_has_mce)
		hv_cr4 |= X86_CR4_MCE;
	if (cpu_has_xsave)
		hv_cr4 |= X86_CR4_OSXSAVE;
	if (cpu_has_smep)
		hv_cr4 |= X86_CR4_SMEP;
	printk("CPU: %s, family %u model %u stepping %u\n", boot_cpu.name, boot_cpu.family, boot_cpu.model,
	       boot_cpu.stepping);
}

init_fn void cpu_topology_init(unsigned int nr)
{
	for (unsigned int c = 0; c < nr; c++) {
		cpu_topology[c].core = cpu_apicid[c] >> thread_shift;
		cpu_topology[c].socket = cpu_apicid[c] >> package_shift;
	}
}

unsigned int cpu_to_core(unsigned int cpu) { return cpu_topology[cpu].core; }
unsigned int cpu_to_socket(unsigned int cpu) { return cpu_topology[cpu].socket; }

void cpu_siblings(unsigned int cpu, u32 *threads, u32 *cores)
{
	unsigned int i, same_socket = 0;

	*threads = 0;
	for_each_online_cpu(i) {
		*threads += cpu_to_core(i) == cpu_to_core(cpu);
		same_socket += cpu_to_socket(i) == cpu_to_socket(cpu);
	}
	*threads = max(*threads, 1U);
	*cores = max(same_socket / *threads, 1U);
}

init_fn void percpu_init(unsigned int nr)
{
	size_t size = (size_t)(percpu_end - percpu_start);

	for (unsigned int c = 1; c < nr; c++) {
		char *area = alloc_hv_pages(order_from_bytes(size), 0);

		if (!area)
			panic("No memory for CPU %u's variables", c);
		memset(area, 0, PAGE_SIZE << order_from_bytes(size));
		percpu_offset[c] = (unsigned long)area - (unsigned long)percpu_start;
	}
}

u64 *cpu_gdt_page(unsigned int cpu)
{
	return per_cpu(gdt_page, cpu);
}

static void gdt_build(unsigned int cpu)
{
	u64 *g = alloc_hv_page();
	unsigned long stack = (unsigned long)get_cpu_info() & ~(STACK_SIZE - 1);
	unsigned long at = cpu_window(cpu) + (CPU_WINDOW_GDT_PAGE + GDT_RESERVED_PAGE) * PAGE_SIZE;
	struct tss64 *tss = (void *)((char *)g + GDT_RESERVED_SIZE);

	if (!g || hv_map_pages(at, virt_to_mfn(g), 1, PTE_HV_RW & ~PTE_G, false))
		panic("No memory for CPU %u's descriptor table", cpu);
	per_cpu(cpu_tss, cpu) = tss;
	per_cpu(gdt_page, cpu) = g;
	g[(HV_CS & 0xfff) / 8] = 0x00af9b000000ffff;
	g[(HV_DS & 0xfff) / 8] = 0x00cf93000000ffff;
	g[(USER_CS32 & 0xfff) / 8] = 0x00cffb000000ffff;
	g[(USER_DS & 0xfff) / 8] = 0x00cff3000000ffff;
	g[(USER_CS64 & 0xfff) / 8] = 0x00affb000000ffff;
	g[(CPU_LIMIT_SELECTOR & 0xfff) / 8] = 0x0040f10000000000 | cpu;
	tss->iomap_base = sizeof(*tss);	/* past the limit: no port is allowed */
	tss->rsp[0] = (unsigned long)get_cpu_info();
	for (unsigned int i = 0; i < NR_IST; i++)
		tss->ist[i] = stack + (i + 1) * PAGE_SIZE;
	set_system_desc(&g[(TSS_SELECTOR & 0xfff) / 8], at + GDT_RESERVED_SIZE, sizeof(*tss) - 1, DESC_TSS);
	if (spec_on(SPEC_XPTI))
		xpti_cpu_init(cpu, (char *)stack, idt);
}

static DEFINE_PER_CPU(unsigned int, ldt_entries);

void cpu_load_ldt(unsigned int entries)
{
	unsigned int cpu = smp_processor_id();

	if (!entries) {
		if (unlikely(this_cpu(ldt_entries)))
			lldt(0);
		this_cpu(ldt_entries) = 0;
		return;
	}
	this_cpu(ldt_entries) = entries;
	set_system_desc(&cpu_gdt_page(cpu)[(LDT_SELECTOR & 0xfff) / 8],
			cpu_window(cpu) + CPU_WINDOW_LDT_PAGE * PAGE_SIZE, entries * 8 - 1, DESC_LDT);
	lldt(LDT_SELECTOR);
}

/* Loads our GDT; CS changes with a far return. */
static void gdt_load(unsigned int cpu)
{
	struct desc_ptr p = { GDT_RESERVED_BASE + GDT_RESERVED_SIZE - 1, cpu_window(cpu) };

	lgdt(&p);
	__asm__ volatile("mov %0, %%ss\n\t"
			 "mov %0, %%ds\n\t"
			 "mov %0, %%es\n\t"
			 "mov %1, %%fs\n\t"
			 "mov %1, %%gs\n\t"
			 "pushq %2\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n\t"
			 "1:"
			 : : "r"(HV_DS), "r"(0), "i"(HV_CS) : "rax", "memory");
	lldt(0);
	ltr(TSS_SELECTOR);
}

/* SDM 3A 7.14: 64-bit interrupt gates. */
init_fn void idt_build(void)
{
	for (unsigned int v = 0; v < 256; v++) {
		unsigned long at = (unsigned long)idt_stub_table[v];
		u64 ist = v == TRAP_DF ? IST_DF : v == TRAP_NMI ? IST_NMI : v == TRAP_MC ? IST_MC :
			  v == TRAP_DB ? IST_DB : 0;
		u64 dpl = v == TRAP_BP || v == TRAP_OF || v == 0x80 ? DESC_DPL3 : 0;

		idt[v].lo = (at & 0xffff) | (u64)HV_CS << 16 | ist << 32 | DESC_TYPE(0xe) | DESC_PRESENT | dpl |
			    (at >> 16 & 0xffff) << 48;
		idt[v].hi = at >> 32;
	}
}

static void check_like_boot_cpu(unsigned int cpu)
{
	struct cpu_id c = { 0 };

	identify(&c);
	if ((c.leaf1_ecx & boot_cpu.leaf1_ecx & ~BIT64(27)) != (boot_cpu.leaf1_ecx & ~BIT64(27)) ||
	    (c.leaf1_edx & boot_cpu.leaf1_edx) != boot_cpu.leaf1_edx ||
	    (c.leaf7_ebx & boot_cpu.leaf7_ebx) != boot_cpu.leaf7_ebx ||
	    (c.ext1_edx & boot_cpu.ext1_edx) != boot_cpu.ext1_edx)
		printk(LOG_WARN "CPU %u lacks features of the boot CPU: guests may fail on it\n", cpu);
}

void cpu_setup(unsigned int cpu)
{
	const struct desc_ptr idtr = { sizeof(idt) - 1, (unsigned long)idt };

	wrmsr(MSR_PAT, PAT_VALUE);
	write_cr0(X86_CR0_PG | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP | X86_CR0_PE);
	write_cr4(hv_cr4);
	get_cpu_info()->cr4 = hv_cr4;
	/* Sets CR0.TS: a vCPU that found it clear would use the FPU unnoticed, and its state be lost. */
	fpu_cpu_init();
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	gdt_build(cpu);
	gdt_load(cpu);
	lidt(&idtr);
	if (cpu)
		check_like_boot_cpu(cpu);
	traps_cpu_init(cpu);
	spec_ctrl_cpu_init();
	cpuid_faulting_cpu_init();
}
