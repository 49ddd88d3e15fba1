// SPDX-License-Identifier: GPL-2.0-only
/* CPUID as the hypervisor emulates it for this PV guest, by the forced-emulation prefix; natively without. */
#include <stdio.h>
#include <string.h>

static void dump(unsigned int leaf, unsigned int sub, int forced)
{
	unsigned int a = leaf, b = 0, c = sub, d = 0;

	if (forced)
		__asm__ volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	else
		__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (a | b | c | d)
		printf("cpuid %08x:%02x -> %08x %08x %08x %08x\n", leaf, sub, a, b, c, d);
}

int main(int argc, char **argv)
{
	int forced = !(argc > 1 && !strcmp(argv[1], "native"));
	static const unsigned int ranges[][2] = {
		{ 0, 0x24 }, { 0x40000000, 0x40000006 }, { 0x40000100, 0x40000101 }, { 0x80000000, 0x80000022 },
	};

	for (unsigned int r = 0; r < 4; r++)
		for (unsigned int l = ranges[r][0]; l <= ranges[r][1]; l++)
			for (unsigned int s = 0; s < (l == 0xd ? 64 : l == 4 || l == 7 || l == 0xb || l == 0x40000003 ? 4 : 1); s++)
				dump(l, s, forced);
	return 0;
}
