/* SPDX-License-Identifier: GPL-2.0-only */
/* Branches to thunks made indirect at boot (x86/thunk.h). */
#include <hv/lib.h>
#include <x86/layout.h>
#include <x86/thunk.h>

#define OP_CALL 0xe8
#define OP_JMP 0xe9
#define OP_JCC_FIRST 0x0f	/* 0x0f 0x80 + condition */
#define OP_JCC 0x80
#define OP_JCC_SHORT 0x70
#define OP_INT3 0xcc
#define PREFIX_CS 0x2e		/* means nothing here (APM vol. 3, 1.2.4), and is no instruction of its own */
#define REX_B 0x41
#define BRANCH_LEN 5
#define JCC_LEN 6
#define JCC_SHORT_LEN 2

/* CALL (digit 2) or JMP (digit 4) by register: 0xff and ModRM (SDM vol. 2). */
static unsigned int by_register(u8 *out, unsigned int digit, unsigned int reg)
{
	unsigned int n = 0;

	if (reg >= 8)
		out[n++] = REX_B;
	out[n++] = 0xff;
	out[n++] = (u8)(0xc0 | digit << 3 | (reg & 7));
	return n;
}

unsigned int thunk_site_build(u8 out[THUNK_SITE_MAX], const u8 *site, unsigned int reg)
{
	memset(out, OP_INT3, THUNK_SITE_MAX);
	switch (site[0]) {
	case OP_CALL:		/* its return address stays where it is: prefixes fill up in front */
		memset(out, PREFIX_CS, BRANCH_LEN);
		by_register(out + BRANCH_LEN - (reg >= 8 ? 3 : 2), 2, reg);
		return BRANCH_LEN;
	case OP_JMP:
		by_register(out, 4, reg);
		return BRANCH_LEN;
	case OP_JCC_FIRST:	/* around the jump on the opposite condition */
		if ((site[1] & 0xf0) != OP_JCC)
			return 0;
		out[0] = (u8)(OP_JCC_SHORT | ((site[1] & 0xf) ^ 1));
		out[1] = JCC_LEN - JCC_SHORT_LEN;
		by_register(out + JCC_SHORT_LEN, 4, reg);
		return JCC_LEN;
	}
	return 0;
}

#ifndef HV_HOST_TEST
extern const u8 thunks_start[];
extern const u32 thunk_site_count;	/* 0 in the first of the two links */
extern const u32 thunk_sites[];		/* where displacements are: offsets from the image's start */

init_fn void thunks_remove(void)
{
	for (unsigned int i = 0; i < thunk_site_count; i++) {
		u8 *field = (u8 *)HV_IMAGE_START + thunk_sites[i], code[THUNK_SITE_MAX];
		u8 *site = field[-1] == OP_CALL || field[-1] == OP_JMP ? field - 1 : field - 2;
		unsigned int len;
		s32 rel;

		memcpy(&rel, field, sizeof(rel));
		len = thunk_site_build(code, site, (unsigned int)((field + sizeof(rel) + rel - thunks_start) >> THUNK_SHIFT));
		if (!len)
			panic("The branch at %p cannot be made indirect", (void *)site);
		memcpy(site, code, len);
	}
}
#endif
