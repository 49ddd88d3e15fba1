/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Indirect branches.  What an attacker taught the branch predictor must not lead the hypervisor to code of their choice, so
 * the compiler makes each indirect branch of C code a direct one to a thunk for the register that holds the target
 * (gcc and clang agree on their names).  A thunk branches by a return whose prediction is known: a retpoline (Intel,
 * "Retpoline: A Branch Target Injection Mitigation"; AMD, "Software Techniques for Managing Speculation", G-5).
 * Where the machine needs none, branches are made indirect again at boot, in place.
 */
#ifndef X86_THUNK_H
#define X86_THUNK_H

#define THUNK_SHIFT 5		/* one thunk each 32 bytes, in the order of the registers' numbers */

#ifdef __ASSEMBLY__
/* In place of `jmp *\reg`; changes nothing but memory below RSP. */
.macro RETPOLINE reg
	ALT_SITE
	call 762f
761:	pause
	lfence
	jmp 761b
	ALT_WITH SPEC_THUNK_LFENCE
	lfence
	jmp *%\reg
	ALT_WITH_END
762:	movq %\reg, (%rsp)
	ret
.endm
#else
#include <hv/types.h>

#define THUNK_SITE_MAX 6

/*
 * What stands at @site, a call, jump or conditional jump to the thunk of register number @reg, as an indirect one of the
 * same length and of no more instructions that run.  The length in bytes; 0: it is none of them.
 */
unsigned int thunk_site_build(u8 out[THUNK_SITE_MAX], const u8 *site, unsigned int reg);
/* Boot CPU, alone, before the image gets its rights and alternatives_apply(): makes all of them indirect. */
void thunks_remove(void);
#endif

#endif
