/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways into the hypervisor and back under attack: flags that SYSENTER leaves as they were, INT 0x80 that the guest
 * did not ask for, iret inside a multicall, NMIs.  SYSENTER in 64-bit mode needs a CPU that calls itself Intel's.
 */
#include "attack.h"
#include "smp.h"

#define FLAG_TF 0x100UL		/* traps on the hypervisor's first instruction, and is lost there */
#define FLAG_IF 0x200UL
#define FLAG_DF 0x400UL
#define FLAG_NT 0x4000UL
#define FLAG_AC 0x40000UL

enum entered { NOT_YET, BY_SYSENTER, BY_FAILSAFE, BY_TRAP };
volatile u32 entered, nmi_count, nmi_depth, nmi_nested;
volatile u64 entry_rflags;
static u64 trap_rip;
static u8 kernel_stack[2 * PAGE_SIZE] __attribute__((aligned(16)));
u8 user_stack[PAGE_SIZE] __attribute__((aligned(16)));

extern char user_sysenter[], user_int80[], sysenter_landing[], failsafe_landing[], back_from_user[], nmi_landing[];
extern char trap_gp[];

/* Landing points: what came in is noted, the kernel stack given up, and run_user() returns. */
__asm__(".pushsection .text\n"
	".globl user_sysenter, user_int80, sysenter_landing, failsafe_landing, back_from_user, nmi_landing\n"
	"user_sysenter: pushfq\n"
	"	orq %rdi, (%rsp)\n"
	"	popfq\n"
	"	sysenter\n"
	"	ud2\n"
	"user_int80: int $0x80\n"
	"	ud2\n"
	"sysenter_landing: cld\n"
	"	movl $1, entered\n"
	"	movq 32(%rsp), %rax\n"		/* RCX, R11, RIP, CS, RFLAGS */
	"	movq %rax, entry_rflags\n"
	"	jmp back_from_user\n"
	"failsafe_landing: cld\n"
	"	movl $2, entered\n"
	"	jmp back_from_user\n"
	"nmi_landing: movq 0(%rsp), %rcx\n"
	"	movq 8(%rsp), %r11\n"
	"	addq $16, %rsp\n"
	"	incl nmi_count\n"
	"	incl nmi_depth\n"
	"	cmpq $block_window, (%rsp)\n"
	"	jb 3f\n"
	"	cmpq $block_window_end, (%rsp)\n"
	"	jae 3f\n"
	"	movq $block_window_end, (%rsp)\n"
	"3:	cmpl $1, nmi_depth\n"
	"	je 2f\n"
	"	movl $1, nmi_nested\n"
	"2:\n"
	"	cmpl $1, nmi_again\n"
	"	jne 1f\n"
	"	movl $0, nmi_again\n"
	"	pushq %rax; pushq %rcx; pushq %rdx; pushq %rsi; pushq %rdi; pushq %r11\n"
	"	movl $24, %eax\n"		/* vcpu_op(send_nmi, 0, NULL): waits until this one has returned */
	"	movl $11, %edi\n"
	"	xorl %esi, %esi\n"
	"	xorl %edx, %edx\n"
	"	syscall\n"
	"	popq %r11; popq %rdi; popq %rsi; popq %rdx; popq %rcx; popq %rax\n"
	"1:	decl nmi_depth\n"
	"	pushq $0\n"
	"	jmp hypercall_page + 23 * 32\n"
	".popsection\n");
volatile u32 nmi_again;

/* Runs @fn in guest user mode, with @arg, until something enters the kernel. */
static u32 __attribute__((noinline)) run_user(const char *fn, u64 arg)
{
	static u64 saved_rsp __attribute__((used));

	entered = NOT_YET;
	__asm__ volatile("pushq %%rbp\n"
			 "pushq %%rbx\n"
			 "movq %%rsp, %c4\n"
			 "pushq $0xe02b\n"
			 "pushq %2\n"
			 "pushq $2\n"		/* events masked */
			 "pushq $0xe033\n"
			 "pushq %1\n"
			 "pushq $0\n"		/* no VGCF_IN_SYSCALL */
			 "pushq $0; pushq $0; pushq $0\n"
			 "movl $23, %%eax\n"
			 "syscall\n"
			 "back_from_user:\n"
			 "movq %c4, %%rsp\n"
			 "popq %%rbx\n"
			 "popq %%rbp\n"
			 : "+D"(arg) : "S"(fn), "d"(user_stack + sizeof(user_stack)), "m"(saved_rsp), "i"(&saved_rsp)
			 : "rax", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	return entered;
}

static void user_trap(struct trap_frame *f, u32 vector)
{
	(void)vector;
	entered = BY_TRAP;
	trap_rip = f->rip;
	__asm__ volatile("jmp back_from_user");
}

static long callback(u16 type, const char *address)
{
	struct callback_register r = { .type = type, .address = (unsigned long)address };

	return H2(callback_op, CALLBACKOP_register, &r);
}

static bool handlers_ready(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR, .arg1.mfn = virt_to_mfn((void *)start_info->pt_base) };

	WANT(H4(mmuext_op, &op, 1, 0, DOMID_SELF), 0);
	WANT(H2(stack_switch, 0xe02b, kernel_stack + sizeof(kernel_stack)), 0);
	WANT(callback(CALLBACKTYPE_sysenter, sysenter_landing), 0);
	WANT(callback(CALLBACKTYPE_failsafe, failsafe_landing), 0);
	trap_hook = user_trap;
	return true;
}

/* Whatever user mode left in RFLAGS, the hypervisor works with its own, and the handler is reached. */
static bool sysenter_flags(void)
{
	static const u64 flags[] = { 0, FLAG_DF, FLAG_NT, FLAG_AC, FLAG_DF | FLAG_NT | FLAG_AC,
				     FLAG_TF, FLAG_TF | FLAG_DF | FLAG_NT | FLAG_AC };

	for (u32 round = 0; round < 200; round++)
		for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
			u32 how = run_user(user_sysenter, flags[i]);

			if (how == BY_TRAP && trap_vector == 6) {
				printk("  no SYSENTER on this CPU\n");
				return true;
			}
			WANT(how, BY_SYSENTER);
			WANT(entry_rflags & (FLAG_DF | FLAG_NT | FLAG_AC), flags[i] & ~FLAG_TF);
		}
	return true;
}

/* A kernel without a handler, and one whose handler user mode may not call: #GP, as with a closed gate. */
static bool int80_unasked(void)
{
	trap_info_t table[3] = { { .vector = 13, .cs = 0xe033, .address = (unsigned long)trap_gp },
				 { .vector = 0x80, .flags = 1, .cs = 0xe033, .address = (unsigned long)sysenter_landing } };

	for (u32 with_gate = 0; with_gate < 2; with_gate++) {
		table[1].address = with_gate ? (unsigned long)sysenter_landing : 0;
		WANT(H1(set_trap_table, 0), 0);
		WANT(H1(set_trap_table, table), 0);
		WANT(run_user(user_int80, 0), BY_TRAP);
		WANT(trap_vector, 13);
		WANT(trap_error, 0x402);
		WANT(trap_rip, (u64)user_int80);
	}
	table[1].flags = 3;
	WANT(H1(set_trap_table, table), 0);
	WANT(run_user(user_int80, 0), BY_SYSENTER);
	guest_set_traps();
	WANT(callback(CALLBACKTYPE_failsafe, failsafe_landing), 0);
	return true;
}

/* The iret is the last entry that counts; RAX and all other registers are those of its frame. */
static bool iret_in_multicall(void)
{
	static multicall_entry_t list[3];
	u64 rax;

	for (u32 i = 0; i < 1000; i++) {
		list[0] = (multicall_entry_t){ .op = __HYPERVISOR_xen_version, .result = 77 };
		list[1] = (multicall_entry_t){ .op = __HYPERVISOR_iret };
		list[2] = (multicall_entry_t){ .op = __HYPERVISOR_xen_version, .result = 99 };
		__asm__ volatile("movq %%rsp, %%rbx\n"
				 "pushq $0xe02b\n"
				 "pushq %%rbx\n"
				 "pushq $2\n"
				 "pushq $0xe030\n"
				 "leaq 1f(%%rip), %%rax\n"
				 "pushq %%rax\n"
				 "pushq $0\n"
				 "pushq $0; pushq $0; pushq $0x1234\n"
				 "movl %3, %%eax\n"
				 "movl $3, %%esi\n"
				 "movl $0x55, %%ebp\n"
				 "syscall\n"
				 "ud2\n"
				 "1: cmpl $0x55, %%ebp\n"
				 "je 2f\n"
				 "xorl %%eax, %%eax\n"
				 "2:\n"
				 : "=a"(rax) : "D"(list), "m"(list), "i"(__HYPERVISOR_multicall)
				 : "rbx", "rbp", "rcx", "r11", "rsi", "rdx", "r8", "r9", "r10", "memory", "cc");
		WANT(rax, 0x1234);
		WANT(list[0].result, 4 << 16 | 17);
		WANT(list[2].result, 99);
	}
	return true;
}

/* What a call returns never looks like the hypervisor's own mark for calls that it makes again. */
static bool debug_register_marks(void)
{
	static const u64 values[] = { 0xffffffff80010000, 0xffffffff80010001, 0x7fff0000 };

	for (u32 i = 0; i < ARRAY_SIZE(values); i++) {
		long rc = H2(set_debugreg, 0, values[i]);

		WANT_TRUE(rc == 0 || rc == eINVAL);
		WANT(H1(get_debugreg, 0), rc ? 0 : values[i]);
		WANT(H2(set_debugreg, 0, 0), 0);
	}
	return true;
}

static bool nmi_to_self(void)
{
	WANT(callback(CALLBACKTYPE_nmi, nmi_landing), 0);
	for (u32 i = 0; i < 1000; i++) {
		u32 before = nmi_count;

		nmi_again = i & 1;	/* another one, sent by the handler */
		WANT(H3(vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
		WANT(nmi_count, before + 1 + (i & 1));
		WANT(nmi_nested, 0);
	}
	return true;
}

/*
 * Blocks unless nmi_count is no longer @before. An NMI cannot be held off between the look and the call: its handler
 * leads one that comes there past the call.
 */
static void __attribute__((noinline)) block_until_nmi(u32 before)
{
	long op = __HYPERVISOR_sched_op, cmd = SCHEDOP_block;

	__asm__ volatile("block_window:\n"
			 "cmpl %[before], nmi_count\n"
			 "jne block_window_end\n"
			 "syscall\n"
			 "block_window_end:\n"
			 : "+a"(op), "+D"(cmd) : [before] "r"(before), "S"(0L) : "rcx", "r11", "memory", "cc");
}

static volatile bool about_to_block;

static void wake_by_nmi(void)
{
	if (!about_to_block)
		return;
	about_to_block = false;
	for (u32 i = next_random() % 600; i--; )
		__asm__ volatile("pause");
	H3(vcpu_op, VCPUOP_send_nmi, 0, 0);
}

/* Sent at any moment around a block, an NMI ends it. As often as goes in ten seconds: each round waits for another CPU. */
static bool nmi_against_block(void)
{
	u64 end = system_time() + 10000000000;
	u32 rounds;

	WANT(callback(CALLBACKTYPE_nmi, nmi_landing), 0);
	if (!smp_start(wake_by_nmi))
		return true;
	shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
	for (rounds = 0; rounds < 3000 && system_time() < end; rounds++) {
		u32 before = nmi_count;

		about_to_block = true;
		while (nmi_count == before)
			block_until_nmi(before);
	}
	printk("  %u rounds\n", rounds);
	smp_end();
	return true;
}

static volatile bool spinning_for_nmi;

static void nmi_when_spinning(void)
{
	if (spinning_for_nmi) {
		spinning_for_nmi = false;
		H3(vcpu_op, VCPUOP_send_nmi, 0, 0);
	}
}

/* It reaches a vCPU that runs and calls nobody. */
static bool nmi_against_running(void)
{
	WANT(callback(CALLBACKTYPE_nmi, nmi_landing), 0);
	if (!smp_start(nmi_when_spinning))
		return true;
	for (u32 i = 0; i < 300; i++) {
		u32 before = nmi_count;

		spinning_for_nmi = true;
		while (nmi_count == before)
			__asm__ volatile("pause");
	}
	smp_end();
	return true;
}

static const struct attack attacks[] = {
	{ "entry-sysenter-flags", sysenter_flags },
	{ "entry-int80-unasked", int80_unasked },
	{ "entry-iret-in-multicall", iret_in_multicall },
	{ "entry-debug-register-marks", debug_register_marks },
	{ "nmi-to-self", nmi_to_self },
	{ "nmi-against-block", nmi_against_block },
	{ "nmi-against-running", nmi_against_running },
};

ATTACK_GROUP(entry, attacks, handlers_ready);
