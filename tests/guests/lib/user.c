/* SPDX-License-Identifier: GPL-2.0-only */
#include "user.h"

static u8 user_stack[2 * PAGE_SIZE] __attribute__((aligned(16)));
static u8 kernel_stack[4 * PAGE_SIZE] __attribute__((aligned(16)));

__asm__(".pushsection .text\n"
	".globl iret_to\n"
	"iret_to: movq %rdi, %rsp\n"
	"	movl $23, %eax\n"
	"	syscall\n"
	"	ud2\n"
	/* Where user code returns to. */
	".globl user_end\n"
	"user_end: syscall\n"
	"	ud2\n"
	".popsection\n");
extern char user_end[];

static void enter(void *fn)
{
	u64 *sp = (u64 *)(user_stack + sizeof(user_stack) - 8);
	struct iret_context c = { .rip = (u64)fn, .cs = USER_CS, .rflags = 0x202, .rsp = (u64)sp, .ss = USER_SS };

	*sp = (u64)user_end;
	iret_to(&c);
}

int user_run(void (*fn)(void))
{
	struct mmuext_op op = { .cmd = MMUEXT_NEW_USER_BASEPTR,
				.arg1.mfn = virt_to_mfn((void *)start_info->pt_base) };

	H4(mmuext_op, &op, 1, 0, DOMID_SELF);
	H2(stack_switch, KERNEL_SS, kernel_stack + sizeof(kernel_stack));
	return try_run(enter, (void *)fn);
}
