/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception table: an instruction of the hypervisor that may fault, and where to go on then.  Entries are two
 * self-relative 32-bit distances, sorted at boot.
 */
#ifndef X86_EXTABLE_H
#define X86_EXTABLE_H

#ifdef __ASSEMBLY__
#define EXTABLE(from, to) \
	.pushsection .extable, "a"; .balign 4; .long from - .; .long to - .; .popsection
#else
#include <hv/types.h>
#define EXTABLE(from, to) \
	".pushsection .extable, \"a\"\n .balign 4\n .long " #from " - .\n .long " #to " - .\n .popsection\n"

struct extable_entry { s32 from, to; };
extern struct extable_entry __extable_start[], __extable_end[];
void extable_sort(void);
/* Address to continue at, or 0. */
unsigned long extable_search(unsigned long rip);
#endif
#endif
