/* SPDX-License-Identifier: GPL-2.0-only */
/* Privileged instructions and registers: MSRs, control and debug registers, I/O ports, from kernel and user mode. */
#include "attack.h"
#include "user.h"
#include <xen/physdev.h>

#define DB 1
#define UD 6
#define GP 13
#define MSR_FS_BASE 0xc0000100
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_EFER 0xc0000080
#define MSR_LSTAR 0xc0000082
#define EFER_SCE_LME_LMA 0x501UL

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));

struct msr { u32 nr; u64 val; };
static void read_msr(void *p)
{
	struct msr *m = p;
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(m->nr));
	m->val = (u64)hi << 32 | lo;
}
static void write_msr(void *p)
{
	const struct msr *m = p;

	__asm__ volatile("wrmsr" : : "a"((u32)m->val), "d"((u32)(m->val >> 32)), "c"(m->nr));
}

static const struct { u32 first, last; } msr_ranges[] = {
	{ 0, 0x1000 }, { 0x40000000, 0x40000100 }, { 0xc0000000, 0xc0000200 }, { 0xc0010000, 0xc0010200 },
	{ 0xc0011000, 0xc0011040 }, { 0x7fffffff, 0x80000001 }, { 0xfffffff0, 0xffffffff },
};

static bool alive(void) { return H2(xen_version, XENVER_version, 0) > 0; }

static bool msr_reads(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(msr_ranges); i++)
		for (u32 nr = msr_ranges[i].first; nr < msr_ranges[i].last; nr++) {
			struct msr m = { nr, 0 };
			int v = try_run(read_msr, &m);

			WANT_TRUE(v == -1 || v == GP);
			/* Where the hypervisor lives is not told. */
			WANT_TRUE(v == GP || m.val < 0xffff800000000000 || m.val >= 0xffff880000000000);
		}
	return alive();
}

/* Writes are refused, or taken for the guest's own copy; the machine's registers stay. */
static bool msr_writes(void)
{
	static const u64 values[] = { 0, ~0UL, 0x1000, 0xffff830000000000 };
	/* TSC, DEBUGCTL, MTRRs, VM_CR, VM_HSAVE_PA */
	static const u32 machine[] = { 0x10, 0x1d9, 0x200, 0x201, 0x2ff, 0xc0010114, 0xc0010117 };
	struct msr efer = { MSR_EFER, 0 };

	for (u32 i = 0; i < ARRAY_SIZE(msr_ranges); i++)
		for (u32 nr = msr_ranges[i].first; nr < msr_ranges[i].last; nr++)
			for (u32 j = 0; j < ARRAY_SIZE(values); j++) {
				struct msr m = { nr, values[j] };
				int v = try_run(write_msr, &m);

				WANT_TRUE(v == -1 || v == GP);
				if (nr >= MSR_FS_BASE && nr <= MSR_KERNEL_GS_BASE)
					WANT(v, values[j] == ~0UL || values[j] < 1UL << 47 ||
						values[j] >> 47 == 0x1ffff ? -1 : GP);
			}
	for (u32 i = 0; i < ARRAY_SIZE(machine); i++) {
		struct msr m = { machine[i], 0x1800 };

		WANT(try_run(write_msr, &m), GP);
	}
	WANT_TRUE(alive());
	WANT(try_run(read_msr, &efer), -1);
	WANT(efer.val & EFER_SCE_LME_LMA, EFER_SCE_LME_LMA);
	return true;
}

/* A hypercall must still go where it went: LSTAR is the hypervisor's. */
static bool msr_syscall_target(void)
{
	struct msr m = { MSR_LSTAR, (u64)page };

	try_run(write_msr, &m);
	return alive();
}

static bool segment_bases(void)
{
	static const u64 bad[] = { 1UL << 47, 0xffff7fffffffffff, 1UL << 63, 0x0000800000000000, 0x1234567812345678 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		for (u32 which = 0; which < 3; which++)
			WANT(H2(set_segment_base, which, bad[i]), eINVAL);
		for (u32 nr = MSR_FS_BASE; nr <= MSR_KERNEL_GS_BASE; nr++) {
			struct msr m = { nr, bad[i] };

			WANT(try_run(write_msr, &m), GP);
		}
	}
	/* Any selector at all for the user's GS: what cannot be loaded becomes null. */
	for (u32 sel = 0; sel < 0x10000; sel += 5)
		WANT(H2(set_segment_base, SEGBASE_GS_USER_SEL, sel), 0);
	return H2(set_segment_base, SEGBASE_GS_USER_SEL, 0) == 0;
}

static void load_ds(void *sel) { __asm__ volatile("movl %k0, %%ds" : : "r"(sel)); }
static void load_es(void *sel) { __asm__ volatile("movl %k0, %%es" : : "r"(sel)); }
static void load_fs(void *sel) { __asm__ volatile("movl %k0, %%fs" : : "r"(sel)); }
static void load_gs(void *sel) { __asm__ volatile("movl %k0, %%gs" : : "r"(sel)); }

static u64 ldt[512] __attribute__((aligned(4096)));
#define DATA_DPL3 0x00cff2000000ffffUL

static long set_ldt(const void *base, u32 entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = (u64)base, .arg2.nr_ents = entries };

	return H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static void nap(void *ns)
{
	struct sched_poll p = { .timeout = system_time() + (u64)ns };

	H2(sched_op, SCHEDOP_poll, &p);
}

/* A selector that was good when it was loaded, and is not when the vCPU comes back to its CPU. */
static bool selector_gone(void)
{
	ldt[0] = DATA_DPL3;
	make_readonly(ldt);
	for (u32 i = 0; i < 20; i++) {
		int v;

		WANT(set_ldt(ldt, 512), 0);
		WANT(try_run(load_ds, (void *)7), -1);
		WANT(try_run(load_fs, (void *)7), -1);
		WANT(set_ldt(NULL, 0), 0);
		v = try_run(nap, (void *)2000000);
		WANT_TRUE(v == -1 || v == VECTOR_FAILSAFE);
	}
	try_run(load_ds, NULL);
	try_run(load_fs, NULL);
	return alive();
}

/* Every selector: the hypervisor's segments, TSS and LDT among them. A switch of vCPU loads them again. */
static bool selectors(void)
{
	void (*const load[])(void *) = { load_ds, load_es, load_fs, load_gs };

	for (u64 sel = 0; sel < 0x10000; sel += sel < 0xe000 ? 0x77 : 1) {
		for (u32 i = 0; i < ARRAY_SIZE(load); i++)
			try_run(load[i], (void *)sel);
		if (!(sel & 63))
			H2(sched_op, SCHEDOP_yield, 0);
	}
	for (u32 i = 0; i < ARRAY_SIZE(load); i++)
		WANT(try_run(load[i], (void *)0), -1);
	return alive();
}

/* ---- control registers ---- */

#define WRITE_CR(n) static void write_cr##n(void *v) { __asm__ volatile("mov %0, %%cr" #n : : "r"((u64)v)); }
WRITE_CR(0) WRITE_CR(2) WRITE_CR(3) WRITE_CR(4) WRITE_CR(8)
static u64 cr_value;
static void read_cr0(void *p) { (void)p; __asm__ volatile("mov %%cr0, %0" : "=r"(cr_value)); }
static void read_cr4(void *p) { (void)p; __asm__ volatile("mov %%cr4, %0" : "=r"(cr_value)); }

static bool control_registers(void)
{
	u64 cr0;

	WANT(try_run(read_cr0, NULL), -1);
	cr0 = cr_value;
	WANT(try_run(write_cr0, (void *)(cr0 & ~(1UL << 31))), GP);	/* paging off */
	WANT(try_run(write_cr0, (void *)(cr0 & ~1UL)), GP);		/* protection off */
	WANT(try_run(write_cr0, (void *)(cr0 | 1UL << 30)), GP);	/* caches off */
	WANT(try_run(write_cr0, (void *)(cr0 | 1UL << 40)), GP);
	try_run(write_cr0, (void *)(cr0 & ~(1UL << 16)));		/* write protection: may be asked for, stays on */
	WANT(try_run(read_cr0, NULL), -1);
	WANT(cr_value & 1UL << 16, 1UL << 16);
	WANT(try_run(write_cr8, (void *)15), GP);
	try_run(write_cr2, (void *)0xffff830000000000);
	return alive();
}

static bool control_cr4(void)
{
	static const u32 bits[] = { 13, 14, 17 + 5, 23, 24, 25, 31, 40, 63 };	/* VMX, SMX, keys, CET, beyond */
	u64 cr4;

	WANT(try_run(read_cr4, NULL), -1);
	cr4 = cr_value;
	for (u32 i = 0; i < ARRAY_SIZE(bits); i++)
		WANT(try_run(write_cr4, (void *)(cr4 | 1UL << bits[i])), GP);
	/* PAE and the like: the write may pass, the bit stays. */
	try_run(write_cr4, (void *)0);
	try_run(write_cr4, (void *)cr4);
	WANT(try_run(read_cr4, NULL), -1);
	WANT(cr_value, cr4);
	return alive();
}

static bool control_cr3(void)
{
	u64 bad[] = { virt_to_mfn(page), foreign_frame(), 0x200, 0xfee00, pte_maddr(page, 1) >> 12, pte_maddr(page, 3) >> 12,
		      0xfffffffff };

	page[0] = 1;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT(try_run(write_cr3, (void *)(bad[i] << 12)), GP);
	return alive();
}

/* ---- debug registers ---- */

static bool debug_addresses(void)
{
	static const u64 hv[] = { 0xffff800000000000, 0xffff82d040200000, 0xffff830000000000, 0xffff87ffffffffff };
	static const u64 noncanonical[] = { 1UL << 47, 1UL << 63, 0xffff7fffffffffff };

	for (u32 reg = 0; reg < 4; reg++) {
		for (u32 i = 0; i < ARRAY_SIZE(hv); i++)
			WANT(H2(set_debugreg, reg, hv[i]), ePERM);
		for (u32 i = 0; i < ARRAY_SIZE(noncanonical); i++)
			WANT(H2(set_debugreg, reg, noncanonical[i]), eINVAL);
	}
	return true;
}

static bool debug_control(void)
{
	/* GD; I/O breakpoints on each register. */
	static const u64 bad[] = { 1UL << 13 | 0xff, 2UL << 16 | 3, 2UL << 20 | 3, 2UL << 24 | 3, 2UL << 28 | 3 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT(H2(set_debugreg, 7, bad[i]), ePERM);
	WANT(H2(set_debugreg, 7, ~0UL << 32), 0);
	WANT(H1(get_debugreg, 7), 0x400);
	WANT_TRUE(H2(set_debugreg, 8, 0) < 0);
	WANT_TRUE(H2(set_debugreg, ~0U, 0) < 0);
	return true;
}

/* Breakpoints on what the hypervisor touches for us: our own stack, a hypercall's argument. */
static bool debug_on_arguments(void)
{
	u64 fired = trap_count;

	for (u32 kind = 1; kind <= 3; kind += 2) {	/* writes; reads and writes */
		WANT(H2(set_debugreg, 0, page), 0);
		WANT(H2(set_debugreg, 7, 0x400 | 1 | kind << 16 | 3UL << 18), 0);
		H2(xen_version, XENVER_extraversion, page);
		H2(memory_op, XENMEM_current_reservation, page);
		H3(console_io, CONSOLEIO_write, 0, page);
	}
	WANT(H2(set_debugreg, 7, 0x400), 0);
	WANT(trap_count, fired);
	return alive();
}

/* The trap comes after the instruction behind POPF (SDM vol. 3, 17.3.1.4). */
static void step_into_syscall(void *p)
{
	(void)p;
	__asm__ volatile("movl $17, %%eax\n xorl %%edi, %%edi\n xorl %%esi, %%esi\n"
			 "pushfq\n orq $0x100, (%%rsp)\n popfq\n syscall\n nop\n"
			 : : : "rax", "rcx", "rdi", "rsi", "r11", "memory");
}

/* A breakpoint that MOV SS holds back until the first instruction of the hypervisor's entry (CVE-2018-8897). */
static u32 stack_selector = KERNEL_SS;
static void mov_ss_syscall(void *p)
{
	(void)p;
	__asm__ volatile("movl $17, %%eax\n xorl %%edi, %%edi\n xorl %%esi, %%esi\n"
			 "movw %0, %%ss\n syscall\n"
			 : : "m"(stack_selector) : "rax", "rcx", "rdi", "rsi", "r11", "memory");
}

static bool debug_single_step(void)
{
	for (u32 i = 0; i < 100; i++)
		WANT(try_run(step_into_syscall, NULL), DB);
	return alive();
}

static bool debug_mov_ss(void)
{
	WANT(H2(set_debugreg, 0, &stack_selector), 0);
	WANT(H2(set_debugreg, 7, 0x400 | 1 | 3UL << 16 | 3UL << 18), 0);
	for (u32 i = 0; i < 10; i++)
		try_run(mov_ss_syscall, NULL);
	WANT(H2(set_debugreg, 7, 0x400), 0);
	return alive();
}

/* ---- other instructions ---- */

#define INSN(name, code) static void name(void *p) { __asm__ volatile(code : "+a"(p) : : "rcx", "rdx", "memory"); }
INSN(i_hlt, "hlt") INSN(i_lgdt, "lgdt (%%rax)") INSN(i_lidt, "lidt (%%rax)") INSN(i_lldt, "lldt %%ax")
INSN(i_ltr, "ltr %%ax") INSN(i_lmsw, "lmsw %%ax") INSN(i_invd, "invd")
INSN(i_invlpg, "invlpg (%%rax)") INSN(i_swapgs, "swapgs") INSN(i_sysret, "sysretq") INSN(i_sysexit, "sysexitl")
INSN(i_vmcall, "vmcall") INSN(i_vmmcall, "vmmcall") INSN(i_vmrun, "vmrun") INSN(i_clgi, "clgi") INSN(i_stgi, "stgi")
INSN(i_vmxoff, "vmxoff") INSN(i_monitor, "monitor") INSN(i_mwait, "mwait") INSN(i_rsm, "rsm")
INSN(i_xsetbv, "xorl %%ecx, %%ecx\n xsetbv") INSN(i_iretq0, "pushq $0xe010\n pushq %%rsp\n pushfq\n pushq $0xe008\n pushq $0\n iretq")
INSN(i_far_jump, "pushq $0xe008\n pushq $0\n lretq") INSN(i_int_8, "int $8")
INSN(i_int_20, "int $0x20") INSN(i_int_ff, "int $0xff")

/* The guest hears of each by a fault; none has an effect. */
static bool instructions(void)
{
	static void (*const insn[])(void *) = {
		i_hlt, i_lgdt, i_lidt, i_lldt, i_ltr, i_lmsw, i_invlpg, i_swapgs, i_sysret, i_sysexit, i_vmcall,
		i_vmmcall, i_vmrun, i_clgi, i_stgi, i_vmxoff, i_monitor, i_mwait, i_rsm, i_xsetbv, i_iretq0, i_far_jump,
		i_int_8, i_int_20, i_int_ff,
	};

	for (u32 i = 0; i < ARRAY_SIZE(insn); i++) {
		int v = try_run(insn[i], page);

		if (v != UD && v != GP) {
			printk("  instruction %u: %d, error code %x\n", i, v, trap_error);
			return false;
		}
	}
	/* Caches are not the guest's to drop; a kernel that tries is humoured. */
	WANT(try_run(i_invd, page), -1);
	return alive();
}

/* The same from user mode, and what only the guest's kernel may do. */
static void u_rdmsr(void) { struct msr m = { MSR_EFER, 0 }; read_msr(&m); }
static void u_wrmsr(void) { struct msr m = { MSR_FS_BASE, 0 }; write_msr(&m); }
static void u_cr0(void) { read_cr0(NULL); }
static void u_cr3(void) { write_cr3((void *)1); }
static void u_dr(void) { __asm__ volatile("mov %%rax, %%dr0" : : "a"(0)); }
static void u_hlt(void) { i_hlt(NULL); }
static void u_clts(void) { __asm__ volatile("clts"); }
static void u_wbinvd(void) { __asm__ volatile("wbinvd"); }
static void u_in(void) { __asm__ volatile("inb $0x80, %%al" : : : "rax"); }
static void u_cli(void) { __asm__ volatile("cli"); }
static void u_rdtsc(void) { rdtsc(); }

#define CR4_TSD (1UL << 2)
#define CR4_OSXSAVE (1UL << 18)

static bool user_instructions(void)
{
	static void (*const fn[])(void) = { u_rdmsr, u_wrmsr, u_cr0, u_cr3, u_dr, u_hlt, u_clts, u_wbinvd, u_in, u_cli,
					    u_rdtsc };

	/* The time stamp is for users unless their kernel says otherwise. */
	WANT(user_run(u_rdtsc), VECTOR_SYSCALL);
	WANT(try_run(read_cr4, NULL), -1);
	WANT(try_run(write_cr4, (void *)(cr_value | CR4_TSD)), -1);
	for (u32 i = 0; i < ARRAY_SIZE(fn); i++) {
		int v = user_run(fn[i]);

		if (v != GP) {
			printk("  from user mode, %u: %d\n", i, v);
			return false;
		}
	}
	return alive();
}

static void u_xsetbv(void) { __asm__ volatile("xsetbv" : : "a"(1), "d"(0), "c"(0)); }
static void xsetbv(void *xcr0) { __asm__ volatile("xsetbv" : : "a"((u32)(u64)xcr0), "d"(0), "c"(0)); }

/* Which state the CPU keeps is the kernel's to say; a CPU without XSAVE has nothing to say it with. */
static bool user_xsetbv(void)
{
	WANT(try_run(read_cr4, NULL), -1);
	if (try_run(write_cr4, (void *)(cr_value | CR4_OSXSAVE)) >= 0)
		return user_run(u_xsetbv) != VECTOR_SYSCALL;
	WANT(try_run(xsetbv, (void *)3), -1);
	WANT(user_run(u_xsetbv), GP);
	/* Nor may the kernel name what there is not, or leave x87 out. */
	WANT(try_run(xsetbv, (void *)2), GP);
	WANT(try_run(xsetbv, (void *)(1UL << 31 | 3)), GP);
	return alive();
}

/* ---- I/O ports ---- */

struct io { u32 port, bytes, val; };
static void port_in(void *p)
{
	struct io *io = p;

	if (io->bytes == 1)
		__asm__ volatile("inb %w1, %b0" : "=a"(io->val) : "d"(io->port));
	else if (io->bytes == 2)
		__asm__ volatile("inw %w1, %w0" : "=a"(io->val) : "d"(io->port));
	else
		__asm__ volatile("inl %w1, %0" : "=a"(io->val) : "d"(io->port));
}
static void port_out(void *p)
{
	const struct io *io = p;

	if (io->bytes == 1)
		__asm__ volatile("outb %b0, %w1" : : "a"(io->val), "d"(io->port));
	else if (io->bytes == 2)
		__asm__ volatile("outw %w0, %w1" : : "a"(io->val), "d"(io->port));
	else
		__asm__ volatile("outl %0, %w1" : : "a"(io->val), "d"(io->port));
}

static bool set_iopl(u32 iopl)
{
	struct physdev_set_iopl op = { iopl };

	return H2(physdev_op, PHYSDEVOP_set_iopl, &op) == 0;
}

/* Without the guest's own privilege every access faults; with it, nothing is there: all ones, writes lost. */
static bool port_reads(void)
{
	for (u32 port = 0; port < 0x10000; port += 251) {
		struct io io = { port, 1, 0 };

		WANT(try_run(port_in, &io), GP);
	}
	WANT_TRUE(set_iopl(1));
	for (u32 bytes = 1; bytes <= 4; bytes *= 2)
		for (u32 port = 0; port < 0x10000; port++) {
			struct io io = { port, bytes, 0 };
			u32 ones = bytes == 4 ? ~0U : (1U << bytes * 8) - 1;

			WANT(try_run(port_in, &io), -1);
			WANT(io.val & ones, ones);
		}
	return true;
}

/* Reset, keyboard controller, PIT, CMOS, DMA, ACPI and PCI among them: nothing happens to the machine. */
static bool port_writes(void)
{
	WANT_TRUE(set_iopl(3));
	for (u32 bytes = 1; bytes <= 4; bytes *= 2)
		for (u32 port = 0; port < 0x10000; port += 1) {
			struct io io = { port, bytes, port == 0xcf9 ? 6 : port == 0x64 ? 0xfe : 0x3434 };

			WANT(try_run(port_out, &io), -1);
		}
	return alive();
}

/* PCI configuration by its two ports. */
static bool port_pci(void)
{
	struct io address = { 0xcf8, 4, 0x80000000 }, data = { 0xcfc, 4, 0 };

	WANT_TRUE(set_iopl(1));
	for (u32 dev = 0; dev < 32; dev++) {
		address.val = 0x80000000 | dev << 11;
		WANT(try_run(port_out, &address), -1);
		data.val = 0;
		WANT(try_run(port_in, &data), -1);
		WANT(data.val, ~0U);
		data.val = 0xfffff000;
		WANT(try_run(port_out, &data), -1);
	}
	WANT(try_run(port_in, &address), -1);
	WANT(address.val, ~0U);
	return true;
}

static bool port_bitmap(void)
{
	static const u64 at[] = { 0xffff830000000000, 0xffff800000000000, 0x7000000000, 1UL << 47, ~0UL };
	struct physdev_set_iobitmap op = { .nr_ports = 65537 };
	struct physdev_set_iopl iopl = { 4 };

	WANT(H2(physdev_op, PHYSDEVOP_set_iopl, &iopl), eINVAL);
	WANT(H2(physdev_op, PHYSDEVOP_set_iobitmap, &op), eINVAL);
	op.nr_ports = ~0U;
	WANT(H2(physdev_op, PHYSDEVOP_set_iobitmap, &op), eINVAL);
	WANT_TRUE(set_iopl(0));
	for (u32 i = 0; i < ARRAY_SIZE(at); i++) {
		op.bitmap.p = (void *)at[i];
		op.nr_ports = 65536;
		WANT(H2(physdev_op, PHYSDEVOP_set_iobitmap, &op), 0);
		WANT(user_run(u_in), GP);
	}
	return true;
}

static const struct attack attacks[] = {
	{ "cpu-msr-reads", msr_reads },
	{ "cpu-msr-writes", msr_writes },
	{ "cpu-msr-syscall-target", msr_syscall_target },
	{ "cpu-segment-bases", segment_bases },
	{ "cpu-selectors", selectors },
	{ "cpu-selector-gone", selector_gone },
	{ "cpu-control-registers", control_registers },
	{ "cpu-control-cr4", control_cr4 },
	{ "cpu-control-cr3", control_cr3 },
	{ "cpu-debug-addresses", debug_addresses },
	{ "cpu-debug-control", debug_control },
	{ "cpu-debug-on-arguments", debug_on_arguments },
	{ "cpu-debug-single-step", debug_single_step },
	{ "cpu-debug-mov-ss", debug_mov_ss },
	{ "cpu-instructions", instructions },
	{ "cpu-user-instructions", user_instructions },
	{ "cpu-user-xsetbv", user_xsetbv },
	{ "port-reads", port_reads },
	{ "port-writes", port_writes },
	{ "port-pci", port_pci },
	{ "port-bitmap", port_bitmap },
};
ATTACK_GROUP(cpu, attacks, NULL);
