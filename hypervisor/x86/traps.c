/* SPDX-License-Identifier: GPL-2.0-only */
/* Entry points of a CPU, exceptions taken inside the hypervisor, register dumps. */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <pv/mm.h>
#include <x86/asm_offsets.h>
#include <x86/current.h>
#include <x86/extable.h>
#include <x86/processor.h>
#include <x86/spec_ctrl.h>
#include <x86/traps.h>

#define SYSCALL_STUB_SIZE 64

/* Called from entry.S */
void do_hv_exception(struct cpu_user_regs *regs);
void do_ist_exception(struct cpu_user_regs *regs);
struct cpu_user_regs *ist_move_guest_frame(const struct cpu_user_regs *regs);

extern const u8 syscall_stubs[], syscall32_stubs[], sysenter_entry[], hypercall_full_frame[], hypercall_iret[],
	hypercall_iret_lean[];
struct syscall_line { u64 scratch; struct cpu_user_regs *regs; u64 spare[6]; };
extern struct syscall_line syscall_cpu[NR_CPUS];

/* Where the short way calls: the handler itself, or hypercall_full_frame, which calls pv_hypercall_full[]. */
hypercall_fn *pv_hypercall_entry[KERNEL_MODE] read_mostly;
hypercall_fn *pv_hypercall_full[KERNEL_MODE] read_mostly;

static long no_such_hypercall(unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e)
{
	return -ENOSYS;
}

init_fn void hypercall_entries_init(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pv_hypercall_entry); i++) {
		hypercall_fn *fn = pv_hypercalls[i].fn ? pv_hypercalls[i].fn : no_such_hypercall;

		pv_hypercall_full[i] = fn;
		pv_hypercall_entry[i] = pv_hypercalls[i].full_frame ?
			(hypercall_fn *)(unsigned long)hypercall_full_frame : fn;
	}
	pv_hypercall_entry[__HYPERVISOR_iret] =
		(hypercall_fn *)(unsigned long)(spec_on(SPEC_LEAN) ? hypercall_iret_lean : hypercall_iret);
}

void traps_cpu_init(unsigned int cpu)
{
	BUG_ON((syscall32_stubs - syscall_stubs) < (long)NR_CPUS * SYSCALL_STUB_SIZE);
	/* SYSRET: CS = base + 16 (64-bit), SS = base + 8; SYSCALL: CS and SS + 8 of the hypervisor (APM vol. 2, 6.1.1) */
	wrmsr(MSR_STAR, (u64)SEL_USER_CS32 << 48 | (u64)SEL_HV_CS << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_stubs + cpu * SYSCALL_STUB_SIZE);
	wrmsr(MSR_CSTAR, (u64)syscall32_stubs + cpu * SYSCALL_STUB_SIZE);
	wrmsr(MSR_SFMASK, X86_RFLAGS_VM | X86_RFLAGS_RF | X86_RFLAGS_NT | X86_RFLAGS_DF | X86_RFLAGS_IF |
	      X86_RFLAGS_TF | X86_RFLAGS_AC | X86_RFLAGS_IOPL);
	if (wrmsr_safe(MSR_SYSENTER_CS, SEL_HV_CS)) {
		wrmsr(MSR_SYSENTER_ESP, (u64)&syscall_cpu[cpu]);
		wrmsr(MSR_SYSENTER_EIP, (u64)sysenter_entry);
	}
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}

void entry_set_regs(unsigned int cpu, struct cpu_user_regs *regs)
{
	syscall_cpu[cpu].regs = regs;
}

static const char *const trap_names[32] = {
	[TRAP_DE] = "divide error", [TRAP_DB] = "debug", [TRAP_NMI] = "NMI", [TRAP_BP] = "breakpoint",
	[TRAP_OF] = "overflow", [TRAP_BR] = "bound range", [TRAP_UD] = "invalid opcode",
	[TRAP_NM] = "device not available", [TRAP_DF] = "double fault", [TRAP_TS] = "invalid TSS",
	[TRAP_NP] = "segment not present", [TRAP_SS] = "stack segment", [TRAP_GP] = "general protection",
	[TRAP_PF] = "page fault", [TRAP_MF] = "x87", [TRAP_AC] = "alignment check",
	[TRAP_MC] = "machine check", [TRAP_XM] = "SIMD", [TRAP_VE] = "virtualization", [TRAP_CP] = "control protection",
};

void fatal_trap(const struct cpu_user_regs *regs)
{
	unsigned int vec = regs->entry_vector;

	panic_at(regs, "%s (vector %u, error code %#x, CR2 %#lx) in the hypervisor",
		 vec < 32 && trap_names[vec] ? trap_names[vec] : "exception", vec, regs->error_code,
		 (unsigned long)read_cr2());
}

void do_hv_exception(struct cpu_user_regs *regs)
{
	unsigned long cr2 = regs->entry_vector == TRAP_PF ? read_cr2() : 0, to;

	if (regs->entry_vector == TRAP_PF && pv_in_descriptor_window(cr2) && pv_fixup_window_fault(current, cr2))
		return;
	to = extable_search(regs->rip);
	if (likely(to)) {
		regs->rip = to;
		return;
	}
	fatal_trap(regs);
}

struct cpu_user_regs *ist_move_guest_frame(const struct cpu_user_regs *regs)
{
	struct cpu_user_regs *to = &current->arch.regs;

	memcpy(to, regs, offsetof(struct cpu_user_regs, es));
	return to;
}

void do_ist_exception(struct cpu_user_regs *regs)
{
	switch (regs->entry_vector) {
	case TRAP_NMI:
		nmi_handle(regs);
		return;
	case TRAP_DB:
		/*
		 * A guest can make one fire on the first instruction of an entry (single step or data
		 * breakpoint held back by MOV SS, SDM vol. 3, 6.8.3). It means nothing here.
		 */
		regs->rflags &= ~X86_RFLAGS_TF;
		__asm__ volatile("mov %0, %%dr6" : : "r"(0xffff0ff0UL));
		return;
	}
	fatal_trap(regs);
}

void show_registers(const struct cpu_user_regs *r)
{
	bool guest = r->cs & 3;
	const struct vcpu *v = current;

	if (v)
		printk(LOG_ERR "CPU %u, %s, running d%u v%u\n", smp_processor_id(),
		       guest ? "guest" : "hypervisor", v->domain->id, v->id);
	printk(LOG_ERR "rip %04x:%016lx rflags %016lx\n", r->cs, (unsigned long)r->rip, (unsigned long)r->rflags);
	printk(LOG_ERR "rsp %04x:%016lx vector %#x error %#x\n", r->ss, (unsigned long)r->rsp,
	       r->entry_vector, r->error_code);
	printk(LOG_ERR "rax %016lx rbx %016lx rcx %016lx\n", (unsigned long)r->rax, (unsigned long)r->rbx, (unsigned long)r->rcx);
	printk(LOG_ERR "rdx %016lx rsi %016lx rdi %016lx\n", (unsigned long)r->rdx, (unsigned long)r->rsi, (unsigned long)r->rdi);
	printk(LOG_ERR "rbp %016lx r8  %016lx r9  %016lx\n", (unsigned long)r->rbp, (unsigned long)r->r8, (unsigned long)r->r9);
	printk(LOG_ERR "r10 %016lx r11 %016lx r12 %016lx\n", (unsigned long)r->r10, (unsigned long)r->r11, (unsigned long)r->r12);
	printk(LOG_ERR "r13 %016lx r14 %016lx r15 %016lx\n", (unsigned long)r->r13, (unsigned long)r->r14, (unsigned long)r->r15);
	printk(LOG_ERR "cr0 %016lx cr3 %016lx cr4 %016lx\n", (unsigned long)read_cr0(), (unsigned long)read_cr3(),
	       (unsigned long)read_cr4());
}

void capture_registers(struct cpu_user_regs *r)
{
	memset(r, 0, sizeof(*r));
	__asm__ volatile("mov %%rbx, %[rbx]\n mov %%rbp, %[rbp]\n mov %%r12, %[r12]\n mov %%r13, %[r13]\n"
			 "mov %%r14, %[r14]\n mov %%r15, %[r15]\n pushf\n pop %[flags]\n"
			 "mov %%cs, %[cs]\n mov %%ss, %[ss]\n"
			 : [rbx] "=m"(r->rbx), [rbp] "=m"(r->rbp), [r12] "=m"(r->r12), [r13] "=m"(r->r13),
			   [r14] "=m"(r->r14), [r15] "=m"(r->r15), [flags] "=m"(r->rflags),
			   [cs] "=m"(r->cs), [ss] "=m"(r->ss));
	r->rip = (u64)__builtin_return_address(0);
	r->rsp = (u64)__builtin_frame_address(0) + 16;	/* behind the saved frame pointer and the return address */
}
