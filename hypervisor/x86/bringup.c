/* SPDX-License-Identifier: GPL-2.0-only */
/* Stand-ins (weak) for functions that have not landed: each line goes as the real one comes. */

/* Functions of any type that are not there yet: -ENOSYS. */
#define MISSING(f) __asm__(".pushsection .text\n.weak " #f "\n" #f ": movq $-38, %rax\nret\n.popsection");
MISSING(do_exception)
MISSING(do_machine_check)
MISSING(do_nmi)
