/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backtraces without frame pointers or unwind tables: every word of the stack that points into code just
 * behind a call is printed. Left-overs of returned calls may appear; nothing is missing.
 */
#include <hv/lib.h>
#include <x86/backtrace.h>
#include <x86/current.h>
#include <x86/layout.h>
#include <x86/sections.h>

#define MAX_LINES 40

/* E8 rel32, or FF /2 in its 2, 3, 6 and 7 byte forms (SDM 2A, CALL). */
static bool follows_call(unsigned long ret)
{
	const u8 *p = (const u8 *)ret;

	if (!is_image_text(ret) || !is_image_text(ret - 7))
		return false;
	if (p[-5] == 0xe8)
		return true;
	return (p[-2] == 0xff && (p[-1] & 0x38) == 0x10) || (p[-3] == 0xff && (p[-2] & 0x38) == 0x10) ||
	       (p[-6] == 0xff && (p[-5] & 0x38) == 0x10) || (p[-7] == 0xff && (p[-6] & 0x38) == 0x10);
}

void backtrace_show(unsigned long sp, unsigned long pc)
{
	unsigned long top = (sp | (STACK_SIZE - 1)) + 1 - CPU_INFO_SIZE;
	unsigned int lines = 0;

	printk("Call trace:\n");
	if (pc)
		printk("  %p %pS\n", (void *)pc, (void *)pc);
	for (sp = ROUND_UP(sp, 8UL); sp < top && lines < MAX_LINES; sp += 8) {
		unsigned long w = *(const unsigned long *)sp;

		if (!follows_call(w))
			continue;
		printk("  %p %pS\n", (void *)w, (void *)w);
		lines++;
	}
}
