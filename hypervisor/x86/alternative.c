/* SPDX-License-Identifier: GPL-2.0-only */
/* Patching code at boot (x86/alternative.h). */
#include <hv/lib.h>
#include <x86/alternative.h>
#include <x86/processor.h>

#define OP_CALL 0xe8
#define OP_JMP 0xe9
#define REL32_LEN 5
#define NOP_MAX 9

/* No-operations of 1 to 9 bytes (SDM vol. 2, NOP, table "Recommended Multi-Byte Sequence"). */
static const u8 nops[NOP_MAX][NOP_MAX] = {
	{ 0x90 },
	{ 0x66, 0x90 },
	{ 0x0f, 0x1f, 0x00 },
	{ 0x0f, 0x1f, 0x40, 0x00 },
	{ 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	{ 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	{ 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
	{ 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
	{ 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
};

static bool move_displacement(u8 *out, s64 distance)
{
	s32 rel;
	s64 moved;

	memcpy(&rel, out + 1, sizeof(rel));
	moved = rel + distance;
	rel = (s32)moved;
	memcpy(out + 1, &rel, sizeof(rel));
	return rel == moved;
}

bool alternative_build(u8 *out, const u8 *site, unsigned int len, const u8 *with, unsigned int with_len)
{
	if (len > ALT_MAX_LEN || with_len > len)
		return false;
	memcpy(out, with, with_len);
	if (with_len && (with[0] == OP_CALL || with[0] == OP_JMP) &&
	    (with_len != REL32_LEN || !move_displacement(out, (s64)((unsigned long)with - (unsigned long)site))))
		return false;
	for (unsigned int at = with_len, n; at < len; at += n) {
		n = min(len - at, (unsigned int)NOP_MAX);
		memcpy(out + at, nops[n - 1], n);
	}
	return true;
}

#ifndef HV_HOST_TEST
extern const struct alternative alternatives_start[], alternatives_end[];

static void *from_field(const s32 *field) { return (char *)(unsigned long)field + *field; }

init_fn void alternatives_apply(u64 features)
{
	for (const struct alternative *a = alternatives_start; a < alternatives_end; a++) {
		u8 *site = from_field(&a->site), code[ALT_MAX_LEN];

		if (!(features & BIT64(a->feature)))
			continue;
		if (!alternative_build(code, site, a->len, from_field(&a->with), a->with_len))
			panic("Code at %p cannot be replaced by %u bytes", (void *)site, a->with_len);
		memcpy(site, code, a->len);
	}
	/* What was fetched before must not be run: a serializing instruction (SDM vol. 3, 8.1.3). */
	(void)cpuid(0);
}
#endif
