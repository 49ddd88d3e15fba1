/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways back into the guest: frames of IRET and SYSRET, handlers, callbacks, stacks. */
#include "attack.h"
#include "user.h"

#define FAILSAFE VECTOR_FAILSAFE
#define HV_CS 0xe008
#define HV_DS 0xe010

static u8 data[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 stack[4 * PAGE_SIZE] __attribute__((aligned(4096)));

/* ---- the iret hypercall ---- */

static struct iret_context frame;
static u64 seen_flags, seen_cs;

extern char landing[];
__asm__(".pushsection .text\n"
	"landing: pushfq\n"
	"	popq seen_flags_of_landing\n"
	"	movl %cs, %eax\n"
	"	movq %rax, seen_cs_of_landing\n"
	"	ud2\n"
	".popsection\n"
	".pushsection .bss\n"
	".p2align 3\n"
	"seen_flags_of_landing: .quad 0\n"
	"seen_cs_of_landing: .quad 0\n"
	".popsection\n");
extern volatile u64 seen_flags_of_landing, seen_cs_of_landing;

static void go(void *p) { iret_to(p); }

/* A CPU may notice an address that is not canonical in the return, or when it fetches there. */
static bool refused(int v) { return v == FAILSAFE || v == 13; }

/* Returns by @frame; the vector that ended it: 6 when it got to landing. */
static int iret(void)
{
	int v = try_run(go, &frame);

	seen_flags = seen_flags_of_landing;
	seen_cs = seen_cs_of_landing;
	return v;
}

/* Events masked: the console daemon sends one when it has read a line, and its upcall would come before what is tried. */
static void good_frame(void)
{
	frame = (struct iret_context){ .rip = (u64)landing, .cs = KERNEL_CS_FRAME, .rflags = 2,
				       .rsp = (u64)(stack + sizeof(stack)), .ss = KERNEL_SS };
}

static bool iret_rip(void)
{
	static const u64 bad[] = { 1UL << 47, 1UL << 63, 0xffff7fffffffffff, 0x8000000000000000 };

	good_frame();
	WANT(iret(), 6);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		good_frame();
		frame.rip = bad[i];
		WANT_TRUE(refused(iret()));
	}
	/* Into the hypervisor's own code: it goes there, and faults as the guest. */
	good_frame();
	frame.rip = 0xffff82d040200000;
	WANT(iret(), 14);
	return true;
}

static bool iret_selectors(void)
{
	static const u16 cs[] = { HV_CS, 0, 8, HV_DS, 0xe040, 0xffff & ~3, 4 };
	static const u16 ss[] = { HV_CS, 8, 0xe040, 0xfff8, 4 };

	for (u32 i = 0; i < ARRAY_SIZE(cs); i++) {
		good_frame();
		frame.cs = cs[i];
		WANT(iret(), FAILSAFE);
	}
	for (u32 i = 0; i < ARRAY_SIZE(ss); i++) {
		good_frame();
		frame.ss = ss[i];
		WANT(iret(), FAILSAFE);
	}
	/* What the hypervisor would run in: the guest gets there in ring 3, or not at all. */
	good_frame();
	WANT(iret(), 6);
	WANT(seen_cs & 3, 3);
	return true;
}

static bool iret_flags(void)
{
	static const u64 flags[] = { 3UL << 12, 1UL << 14, 1UL << 17, 1UL << 16, 3UL << 19, 1UL << 21, ~0UL & ~0x100UL,
				     ~0UL << 32 };

	/* By either way that an iret takes. */
	for (u32 i = 0; i < 2 * ARRAY_SIZE(flags); i++) {
		good_frame();
		frame.rflags = flags[i / 2];
		frame.flags = i % 2 ? VGCF_IN_SYSCALL : 0;
		WANT(iret(), 6);
		WANT(seen_flags & (3UL << 12 | 1UL << 17), 0);	/* IOPL, VM */
		WANT(seen_flags & 0x200, 0x200);		/* IF */
	}
	return H2(xen_version, XENVER_version, 0) > 0;
}

static bool iret_frame_at(u64 rsp)
{
	iret_to((void *)rsp);
	return false;
}
static bool iret_no_frame(void) { return iret_frame_at(0x7000000000); }
static bool iret_hv_frame(void)
{
	good_frame();
	return iret_frame_at(hypervisors_view(&frame));
}
static bool iret_wrapped_frame(void) { return iret_frame_at(~0UL - 31); }
/* It begins on a page that is there and ends on one that is not. */
static bool iret_partial_frame(void)
{
	set_va(stack, 0, UVMF_INVLPG);
	return iret_frame_at((u64)stack - 16);
}

static bool iret_to_user_without_root(void)
{
	good_frame();
	frame.cs = USER_CS;
	iret_to(&frame);
}

static bool iret_without_failsafe(void)
{
	struct callback_register r = { .type = CALLBACKTYPE_failsafe };

	H2(callback_op, CALLBACKOP_register, &r);
	good_frame();
	frame.cs = HV_CS;
	iret_to(&frame);
}

/* The failsafe callback's frame would go where nothing can be written. */
static bool failsafe_bad_stack(void)
{
	good_frame();
	frame.cs = HV_CS;
	frame.rsp = hypervisors_view(stack) + PAGE_SIZE;
	iret_to(&frame);
}

/* ---- SYSRET ---- */

/* One page at the very end of the lower half, whose last instruction is SYSCALL: RIP behind it is not canonical. */
static u8 top_page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 top_l1[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 top_l2[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 top_l3[PAGE_SIZE] __attribute__((aligned(4096)));
#define TOP_PAGE 0x00007ffffffff000UL

static void jump(void *at)
{
	__asm__ volatile("movl $17, %%eax\n xorl %%edi, %%edi\n xorl %%esi, %%esi\n jmp *%0"
			 : : "r"(at) : "rax", "rcx", "rdi", "rsi", "r11", "memory");
}

static bool map_top(void)
{
	((u64 *)top_l1)[511] = virt_to_mfn(top_page) << 12 | PTE_FLAGS;
	((u64 *)top_l2)[511] = virt_to_mfn(top_l1) << 12 | PTE_FLAGS;
	((u64 *)top_l3)[511] = virt_to_mfn(top_l2) << 12 | PTE_FLAGS;
	make_readonly(top_l1);
	make_readonly(top_l2);
	make_readonly(top_l3);
	return !mmu_update_one(virt_to_maddr((u64 *)start_info->pt_base + 255), virt_to_mfn(top_l3) << 12 | PTE_FLAGS);
}

static bool sysret_noncanonical(void)
{
	top_page[4094] = 0x0f;
	top_page[4095] = 0x05;
	WANT_TRUE(map_top());
	for (u32 i = 0; i < 5; i++)
		WANT_TRUE(refused(try_run(jump, (void *)(TOP_PAGE + 4094))));
	return H2(xen_version, XENVER_version, 0) > 0;
}

/* ---- handlers and callbacks ---- */

static bool handler_addresses(void)
{
	static const u64 bad[] = { 1UL << 47, 1UL << 63, 0xffff7fffffffffff, 0x1234567812345678 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		trap_info_t t[2] = { { 6, 0, KERNEL_CS, bad[i] } };
		struct callback_register r = { .address = bad[i] };

		WANT(H1(set_trap_table, t), eINVAL);
		for (u32 type = CALLBACKTYPE_event; type <= CALLBACKTYPE_syscall32; type++) {
			r.type = (u16)type;
			WANT(H2(callback_op, CALLBACKOP_register, &r), eINVAL);
		}
		WANT(H3(set_callbacks, bad[i], 0, 0), eINVAL);
		WANT(H3(set_callbacks, 0, bad[i], 0), eINVAL);
		WANT(H3(set_callbacks, 0, 0, bad[i]), eINVAL);
	}
	return true;
}

static void ud2(void *p) { (void)p; __asm__ volatile("ud2"); }

static bool no_handler(void)
{
	H1(set_trap_table, 0);
	ud2(NULL);
	return false;
}

/* A handler in the hypervisor's range: its fetch faults, again and again, until the stack is at its end. */
static bool handler_in_hypervisor(void)
{
	trap_info_t t[3] = { { 6, 0, KERNEL_CS, 0xffff82d040200000 }, { 14, 0, KERNEL_CS, 0xffff82d040200000 } };

	H1(set_trap_table, t);
	ud2(NULL);
	return false;
}

static void __attribute__((noreturn)) trap_with_stack(u64 rsp)
{
	__asm__ volatile("movq %0, %%rsp\n ud2" : : "r"(rsp));
	__builtin_unreachable();
}

static bool stack_in_hypervisor(void) { trap_with_stack(hypervisors_view(stack) + PAGE_SIZE); }
static bool stack_in_nothing(void) { trap_with_stack(0x7000000000); }
static bool stack_noncanonical(void) { trap_with_stack(1UL << 50); }
static bool stack_at_hypervisors_end(void) { trap_with_stack(0xffff880000000020); }

static bool stack_in_page_table(void)
{
	u64 *l1 = (u64 *)((u64)pte_of(data, 1) & ~4095UL);

	trap_with_stack((u64)l1 + PAGE_SIZE);
}

/* What user mode does, and the kernel's stack for it. */
static void user_ud2(void) { __asm__ volatile("ud2"); }
static void user_syscall(void) { __asm__ volatile("syscall" : : : "rcx", "r11", "memory"); }
static void user_touch(void) { *(volatile u8 *)0x7000000000; }

static void __attribute__((noreturn)) user_mode(void (*code)(void), u64 kernel_stack)
{
	struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR, .arg1.mfn = virt_to_mfn((void *)start_info->pt_base) };

	H4(mmuext_op, &op, 1, 0, DOMID_SELF);
	H2(stack_switch, HV_DS, kernel_stack);
	good_frame();
	frame.cs = USER_CS;
	frame.rip = (u64)code;
	iret_to(&frame);
}

static u64 forbidden_stack(void) { return hypervisors_view(stack) + PAGE_SIZE; }
static bool kernel_stack_in_hypervisor(void) { user_mode(user_ud2, forbidden_stack()); }
static bool syscall_stack_in_hypervisor(void) { user_mode(user_syscall, forbidden_stack()); }
static bool syscall_stack_in_nothing(void) { user_mode(user_syscall, 0x7000000000); }
static bool touch_stack_in_hypervisor(void) { user_mode(user_touch, forbidden_stack()); }
static bool touch_stack_in_nothing(void) { user_mode(user_touch, 0x7000000000); }

/* A page for the frame's upper half only: what has been stored of it is no harm, and it is not stored by halves twice. */
static bool syscall_stack_ends(void)
{
	set_va(stack, 0, UVMF_INVLPG);
	user_mode(user_syscall, (u64)stack + PAGE_SIZE + 16);
}

static bool syscall_no_handler(void)
{
	struct callback_register r = { .type = CALLBACKTYPE_syscall };

	H2(callback_op, CALLBACKOP_register, &r);
	user_mode(user_syscall, (u64)(stack + sizeof(stack) - PAGE_SIZE));
}

static bool touch_no_handler(void)
{
	H1(set_trap_table, 0);
	user_mode(user_touch, (u64)(stack + sizeof(stack) - PAGE_SIZE));
}

static bool double_fault(void)
{
	/* The handler for page faults lies where nothing is; its own fault needs it again. */
	trap_info_t t[2] = { { 14, 0, KERNEL_CS, 0x7000000000 } };

	H1(set_trap_table, t);
	*(volatile u8 *)0x7000000000 = 1;
	return false;
}

static const struct attack attacks[] = {
	{ "iret-rip", iret_rip },
	{ "iret-selectors", iret_selectors },
	{ "iret-flags", iret_flags },
	{ "iret-no-frame", iret_no_frame },
	{ "iret-frame-in-hypervisor", iret_hv_frame },
	{ "iret-frame-wrapped", iret_wrapped_frame },
	{ "iret-frame-unmapped", iret_partial_frame },
	{ "iret-user-without-root", iret_to_user_without_root },
	{ "iret-without-failsafe", iret_without_failsafe },
	{ "iret-failsafe-bad-stack", failsafe_bad_stack },
	{ "sysret-noncanonical", sysret_noncanonical },
	{ "handler-addresses", handler_addresses },
	{ "handler-none", no_handler },
	{ "handler-in-hypervisor", handler_in_hypervisor },
	{ "handler-double-fault", double_fault },
	{ "stack-in-hypervisor", stack_in_hypervisor },
	{ "stack-at-hypervisors-end", stack_at_hypervisors_end },
	{ "stack-in-nothing", stack_in_nothing },
	{ "stack-noncanonical", stack_noncanonical },
	{ "stack-in-page-table", stack_in_page_table },
	{ "stack-of-kernel-in-hypervisor", kernel_stack_in_hypervisor },
	{ "user-syscall-stack-in-hypervisor", syscall_stack_in_hypervisor },
	{ "user-syscall-stack-in-nothing", syscall_stack_in_nothing },
	{ "user-syscall-stack-ends", syscall_stack_ends },
	{ "user-syscall-no-handler", syscall_no_handler },
	{ "user-touch-stack-in-hypervisor", touch_stack_in_hypervisor },
	{ "user-touch-stack-in-nothing", touch_stack_in_nothing },
	{ "user-touch-no-handler", touch_no_handler },
};
ATTACK_GROUP(returns, attacks, NULL);
