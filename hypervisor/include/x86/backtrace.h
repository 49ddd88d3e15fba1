/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef X86_BACKTRACE_H
#define X86_BACKTRACE_H

/* Prints the code addresses found on the stack from @sp to its top; @pc first if not 0. */
void backtrace_show(unsigned long sp, unsigned long pc);

#endif
