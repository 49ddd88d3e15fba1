// SPDX-License-Identifier: GPL-2.0-only
/* What a boot loader may hand over, sane and not: nothing beyond it is read, and damage has a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <cmocka.h>
#include <hv/boot.h>
#include <hv/lib.h>
#include <x86/sections.h>

#define REACH	(1UL << 32)
#define GUARD	4096UL
#define INFO	0x10000U
#define IMAGE	0x200000U

/* A machine of 4 GiB, behind which nothing can be read; the hypervisor has 8 MiB of it from IMAGE on. */
char *host_directmap;
paddr_t image_paddr = IMAGE;
char image_start[1];
__asm__(".globl image_end\nimage_end = image_start + 0x800000");

static u8 *mem(u32 addr) { return (u8 *)host_directmap + addr; }
static u32 put_string(u32 addr, const char *s) { strcpy((char *)mem(addr), s); return addr; }

static int clean(void **state)
{
	memset(mem(0), 0, 0x200000);
	return 0;
}

static void refused(const char *why)
{
	if (!boot_info.damage || !strstr(boot_info.damage, why))
		fail_msg("want '%s', have '%s'", why, boot_info.damage ? boot_info.damage : "no damage");
}

/* ---- Multiboot 1: words at INFO by their index (specification 3.3) ---- */

enum { FLAGS, MEM_LOWER, MEM_UPPER, CMDLINE = 4, MODS_COUNT, MODS_ADDR, MMAP_LENGTH = 11, MMAP_ADDR, LOADER = 16,
       FB_ADDR = 22, FB_PITCH = 24, FB_WIDTH, FB_HEIGHT };

static u32 *mb1(void) { return (u32 *)mem(INFO); }
static void parse1(void) { multiboot_parse(MB1_BOOT_MAGIC, INFO); }

static u32 put_range(u32 at, u32 size, u64 addr, u64 len, u32 type)
{
	memcpy(mem(at), &size, 4);
	memcpy(mem(at + 4), &addr, 8);
	memcpy(mem(at + 12), &len, 8);
	memcpy(mem(at + 20), &type, 4);
	return at + 4 + size;
}

static void put_module(u32 at, u32 start, u32 end, u32 string)
{
	memcpy(mem(at), (const u32[]){ start, end, string, 0 }, 16);
}

static void one_whole(void **state)
{
	u32 *i = mb1(), end;

	*mem(0x417) = 0x20;
	i[FLAGS] = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9 | 1 << 12;
	i[MEM_LOWER] = 1;
	i[CMDLINE] = put_string(0x20000, "  xenolith.gz  com1=115200 console=com1");
	i[LOADER] = put_string(0x20100, "GRUB 2");
	i[MODS_COUNT] = 3;
	i[MODS_ADDR] = 0x21000;
	put_module(0x21000, 0x1000000, 0x1200000, put_string(0x20200, "vmlinuz root=/dev/sda"));
	put_module(0x21010, 0x1200000, 0x1300001, 0);
	put_module(0x21020, 0x1400000, 0x1400000, 0);		/* empty: as if it were not there */
	i[MMAP_ADDR] = 0x22000;
	end = put_range(0x22000, 20, 0, 0x9fc00, E820_RAM);
	end = put_range(end, 24, 0x100000, 0x7ff00000, E820_RAM);	/* of a newer kind, with attributes */
	i[MMAP_LENGTH] = put_range(end, 20, 0xfffc0000, 0x40000, E820_RESERVED) - 0x22000;
	i[FB_ADDR] = 0xe0000000;
	i[FB_PITCH] = 4096, i[FB_WIDTH] = 1024, i[FB_HEIGHT] = 768;
	memcpy(mem(INFO + 108), (const u8[]){ 32, 1, 16, 8, 8, 8, 0, 8 }, 8);
	parse1();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.protocol, 1);
	assert_int_equal(boot_info_kbd_flags(), 0x20);
	assert_string_equal(boot_info.cmdline, "com1=115200 console=com1");
	assert_string_equal(boot_info.loader_name, "GRUB 2");
	assert_int_equal(boot_info.nr_modules, 2);
	assert_string_equal(boot_info.module[0].cmdline, "root=/dev/sda");
	assert_int_equal(boot_info.module[1].size, 0x100001);
	assert_string_equal(boot_info.module[1].cmdline, "");
	assert_int_equal(boot_info.e820.nr, 3);
	assert_int_equal(boot_info.e820.e[1].size, 0x7ff00000);
	assert_int_equal(boot_info.e820.e[2].addr, 0xfffc0000);
	assert_int_equal(boot_info.e820.e[2].type, E820_RESERVED);
	assert_true(boot_info.has_fb);
	assert_int_equal(boot_info.fb.addr, 0xe0000000);
	assert_int_equal(boot_info.fb.height, 768);
	assert_int_equal(boot_info.fb.red_pos, 16);
	assert_int_equal(boot_info.fb.blue_size, 8);
}

static void one_without_a_map(void **state)
{
	u32 *i = mb1();

	i[FLAGS] = 1;
	i[MEM_LOWER] = 639;
	i[MEM_UPPER] = 0x1ffc00;
	parse1();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.e820.nr, 2);
	assert_int_equal(boot_info.e820.e[0].size, 639 << 10);
	assert_int_equal(boot_info.e820.e[1].addr, 0x100000);
	assert_int_equal(boot_info.e820.e[1].size, 0x7ff00000);
	assert_string_equal(boot_info.loader_name, "unknown");
	assert_false(boot_info.has_fb);
	multiboot_parse(0x12345678, INFO);		/* no loader that we know */
	assert_int_equal(boot_info.protocol, 0);
	assert_int_equal(boot_info.e820.nr, 0);
}

static void one_maps_that_lie(void **state)
{
	static const struct { u32 size, length; } bad[] = {
		{ 0xfffffffc, 24 },	/* round the address space, for ever */
		{ 0, 24 }, { 19, 24 }, { 21, 24 }, { 20, 23 }, { 20, 1 }, { 20, 25 }, { 20, 47 },
	};
	u32 *i = mb1();

	i[FLAGS] = 1 << 6;
	i[MMAP_ADDR] = 0x22000;
	for (size_t n = 0; n < ARRAY_SIZE(bad); n++) {
		put_range(0x22000, bad[n].size, 0, 0x9fc00, E820_RAM);
		i[MMAP_LENGTH] = bad[n].length;
		parse1();
		refused("an entry of the memory map that is cut short");
	}
	i[MMAP_ADDR] = 0xfffffff0;
	i[MMAP_LENGTH] = 24;
	parse1();
	refused("a pointer beyond 4 GiB");
	i[MMAP_ADDR] = 0x22000;
	i[MMAP_LENGTH] = 1025 * 24;
	for (u32 n = 0; n < 1025; n++)
		put_range(0x22000 + n * 24, 20, n << 12, 0x1000, E820_RAM);
	parse1();
	refused("more than 1024 ranges");
	i[MMAP_LENGTH] = 1024 * 24;
	parse1();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.e820.nr, 1024);
}

static void one_strings_without_end(void **state)
{
	u32 *i = mb1();

	i[FLAGS] = 1 << 2;
	i[CMDLINE] = 0xffffffff;
	*mem(0xffffffff) = 'x';
	parse1();
	refused("a string without an end");
	*mem(0xffffffff) = 0;
	parse1();
	assert_null(boot_info.damage);
	i[CMDLINE] = 0x20000;
	memset(mem(0x20000), 'x', 0x4000);
	parse1();
	refused("command lines of more than 8 KiB");
	*mem(0x20000 + 2 * BOOT_CMDLINE_SIZE) = 0;	/* no room for the NUL */
	parse1();
	refused("command lines of more than 8 KiB");
	*mem(0x20000 + 2 * BOOT_CMDLINE_SIZE - 1) = 0;
	*mem(0x20000) = ' ', *mem(0x20002) = ' ';
	parse1();
	assert_null(boot_info.damage);
	assert_int_equal(strlen(boot_info.cmdline), 2 * BOOT_CMDLINE_SIZE - 4);
	i[FLAGS] |= 1 << 9;				/* and nothing is left for a name */
	i[LOADER] = put_string(0x30000, "GRUB");
	parse1();
	refused("command lines of more than 8 KiB");
	assert_string_equal(boot_info.loader_name, "GRUB");
}

static void one_modules_that_lie(void **state)
{
	static const struct { u32 start[2], end[2]; const char *why; } bad[] = {
		{ { 0x1000000, 0 }, { 0xffffff, 0 }, "ends before it starts" },
		{ { 0x1000000, 0x10fffff }, { 0x1100000, 0x1200000 }, "modules that overlap" },
		{ { 0x1000000, 0x1000000 }, { 0x1100000, 0x1100000 }, "modules that overlap" },
		{ { 0x1010000, 0x1000000 }, { 0x1020000, 0x1100000 }, "modules that overlap" },
		{ { 0x1000000, IMAGE + 0x7fffff }, { 0x1100000, IMAGE + 0x800001 }, "overlaps the hypervisor" },
		{ { 0, 0x1000000 }, { 0xffffffff, 0x1000001 }, "overlaps the hypervisor" },
		{ { 0x100000, 0x1000000 }, { IMAGE, 0x1000001 }, NULL },
		{ { IMAGE + 0x800000, 0x1000000 }, { 0x1000000, 0xffffffff }, NULL },
	};
	u32 *i = mb1();

	i[FLAGS] = 1 << 3;
	i[MODS_ADDR] = 0x21000;
	i[MODS_COUNT] = 2;
	for (size_t n = 0; n < ARRAY_SIZE(bad); n++) {
		for (u32 m = 0; m < 2; m++)
			put_module(0x21000 + 16 * m, bad[n].start[m], bad[n].end[m], 0);
		parse1();
		if (bad[n].why)
			refused(bad[n].why);
		else
			assert_null(boot_info.damage);
	}
	i[MODS_COUNT] = 0xfff0000;			/* zeros: empty ones, a long time to look at */
	parse1();
	refused("more than 16 modules");
	i[MODS_COUNT] = 2;
	i[MODS_ADDR] = 0xffffffec;
	parse1();
	refused("a pointer beyond 4 GiB");
	i[MODS_ADDR] = 0x21000;
	i[MODS_COUNT] = 17;
	for (u32 m = 0; m < 17; m++)
		put_module(0x21000 + 16 * m, 0x1000000 + m * 0x1000, 0x1001000 + m * 0x1000, 0);
	parse1();
	refused("more than 16 modules");
	i[MODS_COUNT] = 16;
	parse1();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.nr_modules, 16);
}

/* ---- Multiboot 2 ---- */

static u32 total;

static void tag(u32 type, const void *body, u32 len)
{
	memcpy(mem(INFO + total), (const u32[]){ type, 8 + len }, 8);
	memcpy(mem(INFO + total + 8), body, len);
	total += ROUND_UP(8 + len, 8U);
}
#define TAG(type, ...) tag(type, (const u32[]){ __VA_ARGS__ }, sizeof((const u32[]){ __VA_ARGS__ }))

static void begin2(void)
{
	memset(mem(INFO), 0, 4096);
	total = 8;
}

/* Nothing behind the information's end may be looked at; what says where that is, is there. */
static void parse2(void)
{
	u8 *end = mem(INFO + max(total, 8U));

	memcpy(mem(INFO), &total, 4);
	ASAN_POISON_MEMORY_REGION(end, GUARD);
	multiboot_parse(MB2_BOOT_MAGIC, INFO);
	ASAN_UNPOISON_MEMORY_REGION(end, GUARD);
}

static void end2(void)
{
	tag(0, "", 0);
	parse2();
}

static const u8 rsdp[36] = "RSD PTR ";

static void two_whole(void **state)
{
	static const u8 module[] = "\0\0\0\1\0\0\x20\1vmlinuz quiet";

	begin2();
	tag(1, "xen placeholder", 16);
	tag(2, "GRUB 2.06", 10);
	tag(3, module, sizeof(module));
	TAG(4, 639, 0x100000);
	TAG(6, 24, 0, 0, 0, 0x9fc00, 0, E820_RAM, 0, 0x100000, 0, 0x7ff00000, 0, E820_RAM, 0);
	TAG(8, 0xe0000000, 0, 4096, 1024, 768, 0x0120, 0x08080810, 0x0800);
	TAG(12, 0x7f000000, 0x1);
	TAG(99, 1, 2, 3);
	tag(14, rsdp, 20);
	tag(15, rsdp, 36);
	end2();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.protocol, 2);
	assert_string_equal(boot_info.cmdline, "placeholder");
	assert_string_equal(boot_info.loader_name, "GRUB 2.06");
	assert_int_equal(boot_info.nr_modules, 1);
	assert_int_equal(boot_info.module[0].start, 0x1000000);
	assert_int_equal(boot_info.module[0].size, 0x200000);
	assert_string_equal(boot_info.module[0].cmdline, "quiet");
	assert_int_equal(boot_info.e820.nr, 2);		/* the map stands for the two sizes */
	assert_int_equal(boot_info.e820.e[0].size, 0x9fc00);
	assert_true(boot_info.has_fb);
	assert_int_equal(boot_info.fb.bpp, 32);
	assert_int_equal(boot_info.fb.type, BOOT_FB_RGB);
	assert_true(boot_info.efi_system_table == 0x17f000000);
	assert_memory_equal((const u8 *)((uintptr_t)image_start + (boot_info.rsdp - IMAGE)), rsdp, 36);
}

static void two_text_screen(void **state)
{
	begin2();
	TAG(8, 0xb8000, 0, 160, 80, 25, 0x0210);	/* ends behind the type: text has no colours' places */
	end2();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.fb.type, 2);
	assert_int_equal(boot_info.fb.red_size, 0);
	begin2();
	TAG(8, 0xe0000000, 0, 4096, 1024, 768, 0x0120, 0x08080810);
	end2();
	refused("a framebuffer tag that is cut short");
}

/* Each known tag one byte shorter than its fixed part. */
static void two_short_tags(void **state)
{
	static const struct { u32 type, least; } tags[] = {
		{ 1, 9 }, { 2, 9 }, { 3, 17 }, { 4, 16 }, { 6, 16 }, { 8, 31 }, { 12, 16 }, { 14, 28 }, { 15, 44 },
	};
	static const u8 zeros[64];

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		begin2();
		tag(tags[i].type, zeros, tags[i].least - 8 - 1);
		end2();
		refused("a tag that is cut short");
		/* And one which is whole, but not in what the information says that it has. */
		begin2();
		tag(tags[i].type, zeros, tags[i].least - 8);
		total = 8 + tags[i].least - 1;
		parse2();
		refused("a tag that is cut short");
	}
}

static void two_no_end(void **state)
{
	begin2();
	parse2();
	refused("tags without an end");
	TAG(99, 1);
	parse2();
	refused("tags without an end");
	for (total = 0; total < 8; total++) {
		parse2();
		refused("tags without an end");
	}
	begin2();
	memcpy(mem(INFO + 8), (const u32[]){ 99, 0xfffffff9 }, 8);	/* rounds up to 0 */
	total = 64;
	parse2();
	refused("a tag that is cut short");
	memcpy(mem(INFO + 8), (const u32[]){ 99, 7 }, 8);
	parse2();
	refused("a tag that is cut short");
	memcpy(mem(INFO), (const u32[]){ 0xfffffff0 }, 4);
	multiboot_parse(MB2_BOOT_MAGIC, INFO);
	refused("a pointer beyond 4 GiB");
	multiboot_parse(MB2_BOOT_MAGIC, REACH - 4);
	refused("a pointer beyond 4 GiB");
}

static void two_strings_and_maps(void **state)
{
	begin2();
	tag(1, "xen", 3);
	end2();
	refused("a string without an end");
	begin2();
	tag(3, "\0\0\0\1\0\0\x20\1x", 9);
	end2();
	refused("a string without an end");
	begin2();
	TAG(6, 23, 0, 0, 0, 0x9fc00, 0, E820_RAM, 0);
	end2();
	refused("an entry of the memory map that is cut short");
	begin2();
	TAG(6, 0xfffffff0, 0, 0, 0, 0x9fc00, 0, E820_RAM, 0);
	end2();
	refused("an entry of the memory map that is cut short");
	begin2();
	TAG(6, 24, 0, 0, 0, 0x9fc00, 0, E820_RAM);
	end2();
	refused("an entry of the memory map that is cut short");
	begin2();
	TAG(6, 28, 0, 0, 0, 0x9fc00, 0, E820_RAM, 0, 99);		/* longer entries are a later version's */
	end2();
	assert_null(boot_info.damage);
	assert_int_equal(boot_info.e820.nr, 1);
}

/* Whatever it is: no read outside, every text ends, and what is taken over makes sense. */
static void garbage(void **state)
{
	static u8 body[256];

	srand(1);
	for (int round = 0; round < 4000; round++) {
		begin2();
		for (int n = rand() % 6; n-- >= 0; ) {
			u32 len = (u32)rand() % sizeof(body);

			for (u32 i = 0; i < len; i++)
				body[i] = (u8)(rand() % 3 ? rand() % 25 : rand());
			tag((u32)rand() % 17, body, len);
		}
		if (rand() % 2)
			tag(0, "", 0);
		if (rand() % 2)
			*mem(INFO + 8 + (u32)rand() % (total - 8)) = (u8)rand();
		if (rand() % 4 == 0)
			total = (u32)rand() % total;
		parse2();
		assert_true(strlen(boot_info.cmdline) < 2 * BOOT_CMDLINE_SIZE);
		for (u32 i = 0; i < boot_info.nr_modules; i++)
			assert_true(boot_info.module[i].size && strlen(boot_info.module[i].cmdline) < 256);
	}
	for (int round = 0; round < 4000; round++) {
		for (int i = 0; i < 29; i++)
			mb1()[i] = rand() % 2 ? (u32)rand() % 0x30000 & ~3U : (u32)rand() << 1 & ~3U;
		parse1();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_whole, clean),
		cmocka_unit_test_setup(one_without_a_map, clean),
		cmocka_unit_test_setup(one_maps_that_lie, clean),
		cmocka_unit_test_setup(one_strings_without_end, clean),
		cmocka_unit_test_setup(one_modules_that_lie, clean),
		cmocka_unit_test(two_whole),
		cmocka_unit_test(two_text_screen),
		cmocka_unit_test(two_short_tags),
		cmocka_unit_test(two_no_end),
		cmocka_unit_test(two_strings_and_maps),
		cmocka_unit_test_setup(garbage, clean),
	};

	host_directmap = mmap(NULL, REACH + GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (host_directmap == MAP_FAILED || mprotect(host_directmap, REACH, PROT_READ | PROT_WRITE))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
