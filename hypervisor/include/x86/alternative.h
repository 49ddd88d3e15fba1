/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code that is chosen once, at boot.  A record names some instructions ("site"), a feature, and bytes that take
 * their place where the feature is on; where it is off nothing is touched, so that what is absent costs nothing.
 * In assembler:
 *
 *	ALT_SITE
 *	sti				(5 bytes or more)
 *	cmpq $63, %rax
 *	ALT_JMP FEATURE, elsewhere	or ALT_CALL; ALT_NOP takes the site away
 *
 * A site is entered at its first byte only, and `elsewhere` does what the site did where that is still wanted.
 */
#ifndef X86_ALTERNATIVE_H
#define X86_ALTERNATIVE_H

#ifdef __ASSEMBLY__
.macro ALT_SITE
771:
.endm
.macro ALT_RECORD feature
	.pushsection .init.alternatives, "a"
	.p2align 2
	.long 771b - .
	.long 773f - .
	.short \feature
	.byte 772b - 771b
	.byte 774f - 773f
	.popsection
.endm
.macro ALT_JMP feature, target
772:
	ALT_RECORD \feature
	.pushsection .init.alt_code, "ax"
773:	jmp \target
774:
	.popsection
.endm
.macro ALT_CALL feature, target
772:
	ALT_RECORD \feature
	.pushsection .init.alt_code, "ax"
773:	call \target
774:
	.popsection
.endm
.macro ALT_NOP feature
772:
	ALT_RECORD \feature
	.pushsection .init.alt_code, "ax"
773:
774:
	.popsection
.endm
/* Up to ALT_WITH_END stands what takes the site's place: no jump, nothing that depends on its address. */
.macro ALT_WITH feature
772:
	ALT_RECORD \feature
	.pushsection .init.alt_code, "ax"
773:
.endm
.macro ALT_WITH_END
774:
	.popsection
.endm
#else
#include <hv/types.h>

/* Both offsets count from the field that holds them. */
struct alternative { s32 site, with; u16 feature; u8 len, with_len; };
_Static_assert(sizeof(struct alternative) == 12, "ALT_RECORD lays it out");

#define ALT_MAX_LEN 32

/*
 * What @len bytes at @site become: the @with_len bytes at @with, a jump or call among them led to where it led
 * from there, then no-operations, as few as do.  False: it does not fit, or the displacement cannot be told.
 */
bool alternative_build(u8 *out, const u8 *site, unsigned int len, const u8 *with, unsigned int with_len) must_check;
/* Boot CPU, alone, before the image gets its rights: @features are bits 0 to 63. */
void alternatives_apply(u64 features);
#endif

#endif
