// SPDX-License-Identifier: GPL-2.0-only
/* What crashkernel= means, where the memory is taken, and which images are let in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake/fake.h"
#include <hv/bootmem.h>
#include <hv/elf.h>
#include <hv/kexec.h>
#include <hv/lib.h>

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* ---- crashkernel= ---- */

static const struct { const char *text; u64 ram, size; paddr_t at; bool fixed; } understood[] = {
	{ "128M", GIB, 128 * MIB, 0, false },
	{ "128M@256M", GIB, 128 * MIB, 256 * MIB, true },
	{ "0x8000000@0x10000000", GIB, 128 * MIB, 256 * MIB, true },
	{ "131072k<1G", GIB, 128 * MIB, GIB, false },
	{ "128M,below=4G", GIB, 128 * MIB, 4 * GIB, false },
	{ "128Mbelow=4G", GIB, 128 * MIB, 4 * GIB, false },
	{ "1025", GIB, 4096, 0, false },
	{ "0", GIB, 0, 0, false },
	{ "512M-2G:64M,2G-:128M", GIB, 64 * MIB, 0, false },
	{ "512M-2G:64M,2G-:128M", 2 * GIB, 128 * MIB, 0, false },
	{ "512M-2G:64M,2G-:128M", 512 * MIB - 1, 0, 0, false },
	{ "1G-:64M@128M", 8 * GIB, 64 * MIB, 128 * MIB, true },
	{ "1G-2G:64M,2G-:128M<2G", 8 * GIB, 128 * MIB, 2 * GIB, false },
	{ "1G-2G:64M,2G-:128M,below=2G", GIB, 64 * MIB, 2 * GIB, false },
	{ "1G-:64M,1G-:128M", GIB, 64 * MIB, 0, false },
};

static void parses(void **s)
{
	for (size_t i = 0; i < ARRAY_SIZE(understood); i++) {
		struct crashkernel c;

		assert_true(crashkernel_parse(understood[i].text, &c));
		assert_int_equal(crashkernel_size(&c, understood[i].ram), understood[i].size);
		assert_int_equal(c.at, understood[i].at);
		assert_int_equal(c.fixed, understood[i].fixed);
	}
}

static void refuses(void **s)
{
	static const char *const bad[] = {
		"", "M", "yes", "128M@", "128M@x", "128M@0", "128M<", "128M<0", "128M,", "128M,below", "128M,below=", "128Mx",
		"128M@1G@2G", "@256M", "-128M", ":64M", "1G:64M", "1G-:", "1G-2G:", "1G-2G", "2G-1G:64M", "1G-1G:64M",
		"1G-2G:64M,", "1G-2G:64M,2G:128M", "1G-2G:64M 2G-:1M", "0x10000000000000", "128M@0xfffffffffffff000",
		"1-2:1,2-3:1,3-4:1,4-5:1,5-6:1,6-7:1,7-8:1,8-9:1,9-10:1,10-11:1,11-12:1,12-13:1,13-14:1,14-15:1,15-16:1,16-17:1,17-:1",
	};
	static const char pieces[] = "0129MGkx@<-:,=below ";

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct crashkernel c;

		if (crashkernel_parse(bad[i], &c))
			fail_msg("'%s' was understood", bad[i]);
	}
	srand(1);
	for (int round = 0; round < 200000; round++) {
		struct crashkernel c;
		char text[24];
		size_t n = (size_t)rand() % sizeof(text);

		for (size_t i = 0; i < n; i++)
			text[i] = pieces[(size_t)rand() % (sizeof(pieces) - 1)];
		text[n < sizeof(text) ? n : n - 1] = 0;
		if (crashkernel_parse(text, &c))
			assert_in_range(c.nr, 1, CRASHKERNEL_RANGES);
	}
}

/* ---- where it is taken ---- */

/* The one row that this program's file of them has; gathered by the linker as in the image. */
__asm__(".section .init.params, \"aw\"\n.balign 8\n.globl cmdline_params_start\ncmdline_params_start:\n.previous\n");
extern const struct cmdline_param cmdline_params_start[];

/* The one range of free memory. */
static paddr_t free_start, free_end;

bool boot_try_reserve(paddr_t start, paddr_t end)
{
	return start >= free_start && start < end && end <= free_end;
}

paddr_t boot_try_alloc_below(u64 size, u64 align, paddr_t limit)
{
	paddr_t end = min(limit, free_end);

	return end >= size && ROUND_DOWN(end - size, align) >= free_start ? ROUND_DOWN(end - size, align) : 0;
}

static void reserve(const char *option, u64 start, u64 end)
{
	struct e820_map map = { 1, { { 0, end, E820_RAM } } };

	free_start = start;
	free_end = end;
	crash_area = (struct memory_range){ 0 };
	fake_log[0] = 0;
	assert_int_equal(cmdline_params_start[0].handler(option), 0);
	crash_area_reserve(&map);
}

static void places(void **s)
{
	reserve("64M", 16 * MIB, GIB);
	assert_int_equal(crash_area.start, GIB - 64 * MIB);
	assert_non_null(strstr(fake_log, "64 MiB kept at"));
	/* Devices of 32 bits are served first. */
	reserve("64M", 16 * MIB, 8 * GIB);
	assert_int_equal(crash_area.start, 4 * GIB - 64 * MIB);
	reserve("64M", 4 * GIB, 8 * GIB);
	assert_int_equal(crash_area.start, 8 * GIB - 64 * MIB);
	reserve("64M<1G", 16 * MIB, 8 * GIB);
	assert_int_equal(crash_area.start, GIB - 64 * MIB);
	reserve("64M@256M", 16 * MIB, GIB);
	assert_int_equal(crash_area.start, 256 * MIB);
	assert_int_equal(crash_area.size, 64 * MIB);
}

static void no_place(void **s)
{
	static const char *const too_much[] = { "64M@1000M", "64M@8M", "2G", "1G-:64M<32M" };

	for (size_t i = 0; i < ARRAY_SIZE(too_much); i++) {
		reserve(too_much[i], 16 * MIB, GIB);
		assert_int_equal(crash_area.size, 0);
		assert_non_null(strstr(fake_log, "no crash kernel can be loaded"));
	}
	reserve("2G-:64M", 16 * MIB, GIB);
	assert_int_equal(crash_area.size, 0);
	assert_non_null(strstr(fake_log, "asks for no memory"));
}

/* ---- images ---- */

#define CRASH 0x30000000ULL
#define PAGES(n) ((n) * 4096ULL)
static const struct e820_map ram = { 3, { { 0, 0x9f000, E820_RAM }, { 0x9f000, 0x1000, E820_RESERVED },
					  { 0x100000, GIB - 0x100000, E820_RAM } } };
static const struct kexec_room room = { { CRASH, 64 * MIB }, &ram, 4 * GIB };

static int check(u8 type, u16 arch, paddr_t entry, u32 nr, const struct kexec_segment *seg)
{
	struct kexec_plan p = { .type = type, .arch = arch, .entry = entry, .nr = nr };

	memcpy(p.segment, seg, min(nr, (u32)KEXEC_SEGMENTS) * sizeof(*seg));
	return kexec_check(&p, &room);
}
#define CHECK(type, arch, entry, ...) ({ \
	const struct kexec_segment seg_[] = { __VA_ARGS__ }; \
	check(type, arch, entry, ARRAY_SIZE(seg_), seg_); })
#define SEG(buf, buf_size, dest, size) { buf, buf_size, dest, size }

static void good_images(void **s)
{
	struct kexec_segment many[KEXEC_SEGMENTS];

	assert_int_equal(CHECK(1, EM_X86_64, CRASH, SEG(8, 5, CRASH, PAGES(1))), 0);
	assert_int_equal(CHECK(1, EM_386, CRASH + 4095, SEG(8, PAGES(1), CRASH, PAGES(1))), 0);
	assert_int_equal(CHECK(1, EM_X86_64, CRASH, SEG(8, PAGES(1), CRASH, 64 * MIB)), 0);
	/* What has no contents may be anywhere, as the first MiB that kexec-tools asks for. */
	assert_int_equal(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, PAGES(1)), SEG(0, 0, 0, MIB)), 0);
	assert_int_equal(CHECK(0, EM_X86_64, MIB, SEG(8, 1, MIB, PAGES(3)), SEG(8, 0, 0, PAGES(1))), 0);
	for (u32 i = 0; i < KEXEC_SEGMENTS; i++)
		many[i] = (struct kexec_segment)SEG(8, 1, CRASH + PAGES(i), PAGES(1));
	assert_int_equal(check(1, EM_X86_64, CRASH, KEXEC_SEGMENTS, many), 0);
}

static void bad_images(void **s)
{
	const struct kexec_segment one[KEXEC_SEGMENTS] = { SEG(8, 1, CRASH, PAGES(1)) };

	assert_int_equal(check(2, EM_X86_64, CRASH, 1, one), -EINVAL);
	assert_int_equal(check(1, 183, CRASH, 1, one), -EINVAL);
	assert_int_equal(check(1, EM_X86_64, CRASH, KEXEC_SEGMENTS + 1, one), -EINVAL);
	assert_true(check(1, EM_X86_64, CRASH, 0, one) < 0);
	assert_true(check(1, EM_X86_64, CRASH + PAGES(1), 1, one) < 0);
	assert_true(check(1, EM_X86_64, CRASH - 1, 1, one) < 0);
	/* Out of its area, by a frame and by an overflow. */
	assert_true(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH - PAGES(1), PAGES(2))) < 0);
	assert_true(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, 64 * MIB + PAGES(1))) < 0);
	assert_true(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, -PAGES(1))) < 0);
	assert_true(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, PAGES(1)), SEG(0, 0, -PAGES(1), PAGES(2))) < 0);
	assert_true(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, PAGES(1)), SEG(0, 0, 0, 5 * GIB)) < 0);
	/* Parts of frames, more than there is room for, twice the same. */
	assert_true(CHECK(1, EM_X86_64, CRASH + 16, SEG(8, 1, CRASH + 16, PAGES(1))) < 0);
	assert_true(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, 100)) < 0);
	assert_int_equal(CHECK(1, EM_X86_64, CRASH, SEG(8, PAGES(1) + 1, CRASH, PAGES(1))), -EINVAL);
	assert_int_equal(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, PAGES(2)), SEG(8, 1, CRASH + PAGES(1), PAGES(1))), -EINVAL);
	assert_int_equal(CHECK(1, EM_X86_64, CRASH, SEG(8, 1, CRASH, PAGES(2)), SEG(0, 0, CRASH, PAGES(1))), -EINVAL);
	/* Not memory: the hole above the first MiB's RAM, what the firmware keeps, and nothing at all. */
	assert_true(CHECK(0, EM_X86_64, 0x9e000, SEG(8, 1, 0x9e000, PAGES(2))) < 0);
	assert_true(CHECK(0, EM_X86_64, 0xa0000, SEG(8, 1, 0xa0000, PAGES(1))) < 0);
	assert_true(CHECK(0, EM_X86_64, 2 * GIB, SEG(8, 1, 2 * GIB, PAGES(1))) < 0);
}

/* Whatever is let in lies where it may: the contents of a crash image in its area, all in what can be mapped. */
static void any_image(void **s)
{
	static const u64 edge[] = { 0, 4096, MIB, CRASH - 4096, CRASH, CRASH + 4096, CRASH + 64 * MIB - 4096, CRASH + 64 * MIB,
				    GIB, 4 * GIB, 1ULL << 52, ~0ULL << 12, 1, ~0ULL };
	unsigned int passed = 0;

	srand(3);
	for (int round = 0; round < 300000; round++) {
		struct kexec_segment seg[3];
		u32 nr = 1 + (u32)rand() % 3;
		u8 type = (u8)(rand() & 1);
#define ANY edge[(size_t)rand() % ARRAY_SIZE(edge)]
		for (u32 i = 0; i < nr; i++)
			seg[i] = (struct kexec_segment)SEG((unsigned long)(rand() & 1), ANY, ANY, ANY);
		if (check(type, EM_X86_64, seg[0].dest, nr, seg))
			continue;
		passed++;
		for (u32 i = 0; i < nr; i++) {
			assert_true(seg[i].dest <= room.end && seg[i].size <= room.end - seg[i].dest);
			assert_true(!seg[i].buf || type != KEXEC_TYPE_CRASH ||
				    (seg[i].dest >= CRASH && seg[i].dest + seg[i].size <= CRASH + 64 * MIB));
		}
	}
	assert_true(passed > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses), cmocka_unit_test(refuses), cmocka_unit_test(places), cmocka_unit_test(no_place),
		cmocka_unit_test(good_images), cmocka_unit_test(bad_images), cmocka_unit_test(any_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
