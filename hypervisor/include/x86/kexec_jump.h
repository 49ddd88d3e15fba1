/* SPDX-License-Identifier: GPL-2.0-only */
/* What x86/kexec_jump.S and the maker of its page (x86/kexec_image.c) share. */
#ifndef X86_KEXEC_JUMP_H
#define X86_KEXEC_JUMP_H

#define KC_COPIES	0
#define KC_ENTRY	8
#define KC_MODE32	16

#define KCOPIES_NEXT	0
#define KCOPIES_NR	8
#define KCOPIES_FIRST	16

#ifndef __ASSEMBLY__
#include <hv/compiler.h>
#include <hv/types.h>

/* In the page of code, behind it. */
struct kexec_control {
	paddr_t copies;		/* the first struct kexec_copies; 0: nothing is to be copied */
	paddr_t entry;
	u64 mode32;
};
_Static_assert(offsetof(struct kexec_control, copies) == KC_COPIES && offsetof(struct kexec_control, entry) == KC_ENTRY &&
	       offsetof(struct kexec_control, mode32) == KC_MODE32, "kexec_jump.S");

/* A page. */
struct kexec_copies {
	paddr_t next;		/* 0: the last */
	u64 nr;
	struct { paddr_t to, from; } copy[255];		/* frames; from 0: zeros */
};
_Static_assert(offsetof(struct kexec_copies, next) == KCOPIES_NEXT && offsetof(struct kexec_copies, nr) == KCOPIES_NR &&
	       offsetof(struct kexec_copies, copy) == KCOPIES_FIRST && sizeof(struct kexec_copies) == PAGE_SIZE, "kexec_jump.S");

extern char kexec_code_start[], kexec_code_end[], kexec_code_data[];
static inline struct kexec_control *kexec_control_of(char *page)
{
	return (struct kexec_control *)(page + (kexec_code_data - kexec_code_start));
}

/* Loads CR3 with @root and goes on at @code, an address in it. Uses no stack. */
noreturn_fn void kexec_enter(paddr_t root, paddr_t code);
#endif
#endif
