// SPDX-License-Identifier: GPL-2.0-only
/* The kernel loader's ELF and note parser: a kernel like Linux's, made here, whole and damaged. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/elf.h>
#include <hv/lib.h>
#include <public/features.h>

#define IMG_SIZE 8192
#define PHOFF 64
#define NOTES 512
#define HV_START 0xffff800000000000ULL

static u8 img[IMG_SIZE];
static size_t note_end;

static void put(size_t off, u64 v, size_t n) { memcpy(img + off, &v, n); }

static void phdr(unsigned int i, u32 type, u64 off, u64 paddr, u64 filesz, u64 memsz)
{
	size_t p = PHOFF + i * 56;

	put(p, type, 4);
	put(p + 4, 7, 4);
	put(p + 8, off, 8);
	put(p + 24, paddr, 8);
	put(p + 32, filesz, 8);
	put(p + 40, memsz, 8);
}

static void note(u32 type, const void *desc, u32 size)
{
	put(note_end, 4, 4);
	put(note_end + 4, size, 4);
	put(note_end + 8, type, 4);
	memcpy(img + note_end + 12, "Xen", 4);
	memcpy(img + note_end + 16, desc, size);
	note_end += 16 + ROUND_UP(size, 4);
	phdr(2, 4, NOTES, 0, note_end - NOTES, note_end - NOTES);
}

static void note_u64(u32 type, u64 v) { note(type, &v, 8); }

static void start(void)
{
	memset(img, 0, sizeof(img));
	memcpy(img, "\177ELF\2\1\1", 7);
	put(16, 2, 2);
	put(18, 62, 2);
	put(24, 0x1000000, 8);
	put(32, PHOFF, 8);
	put(54, 56, 2);
	put(56, 3, 2);
	phdr(0, 1, 4096, 0x1000000, 4096, 0x200000);
	phdr(1, 1, 4096, 0x1200000, 100, 0x1000);
	note_end = NOTES;
	phdr(2, 4, NOTES, 0, 0, 0);
}

static void linux_like(void)
{
	u32 feat = 1U << XENFEAT_dom0 | 1U << XENFEAT_writable_page_tables;

	start();
	note(XEN_ELFNOTE_GUEST_OS, "linux", 6);
	note(XEN_ELFNOTE_XEN_VERSION, "xen-3.0", 8);
	note_u64(XEN_ELFNOTE_VIRT_BASE, 0xffffffff80000000);
	note_u64(XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	note_u64(XEN_ELFNOTE_ENTRY, 0xffffffff81000100);
	note(XEN_ELFNOTE_FEATURES, "!writable_page_tables", 22);
	note(XEN_ELFNOTE_SUPPORTED_FEATURES, &feat, 4);
	note(XEN_ELFNOTE_LOADER, "generic", 8);
	note_u64(XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff81001000);
	note_u64(XEN_ELFNOTE_HV_START_LOW, HV_START);
	note_u64(XEN_ELFNOTE_MOD_START_PFN, 1);
	note_u64(XEN_ELFNOTE_PADDR_OFFSET, 0);
}

static int parse(struct elf_kernel *k, const char **why)
{
	return elf_kernel_parse(k, img, sizeof(img), why);
}

static void whole(void **state)
{
	struct elf_kernel k;
	const char *why;

	linux_like();
	assert_int_equal(parse(&k, &why), 0);
	assert_int_equal(k.nr_segments, 2);
	assert_true(k.virt_start == 0xffffffff81000000 && k.virt_end == 0xffffffff81201000);
	assert_true(k.virt_entry == 0xffffffff81000100 && k.virt_hypercall == 0xffffffff81001000);
	assert_true(k.init_p2m == 0x8000000000 && k.unmapped_initrd);
	assert_string_equal(k.guest_os, "linux");
	assert_string_equal(k.xen_version, "xen-3.0");
	assert_true(k.required == 1U << XENFEAT_writable_page_tables);
	assert_int_equal(elf_kernel_check_pv(&k, true, HV_START, &why), 0);
	assert_int_equal(elf_kernel_check_pv(&k, true, HV_START - 4096, &why), -EINVAL);
}

static void refused(void **state)
{
	struct elf_kernel k;
	const char *why;

	start();
	assert_int_equal(parse(&k, &why), -ENODATA);
	assert_non_null(strstr(why, "no Xen notes"));
	linux_like();
	note(XEN_ELFNOTE_FEATURES, "!no_such_thing", 15);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	note_u64(XEN_ELFNOTE_ENTRY, 0x1000);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	note_u64(XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff81200800);
	assert_int_equal(parse(&k, &why), -EINVAL);
	note_u64(XEN_ELFNOTE_HYPERCALL_PAGE, 0xffffffff81201000);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	note(XEN_ELFNOTE_LOADER, "special", 8);
	assert_int_equal(parse(&k, &why), 0);
	assert_int_equal(elf_kernel_check_pv(&k, true, HV_START, &why), -EINVAL);
	start();
	note_u64(XEN_ELFNOTE_PHYS32_ENTRY, 0x1000000);
	note_u64(XEN_ELFNOTE_PADDR_OFFSET, 0);
	assert_int_equal(parse(&k, &why), 0);
	assert_int_equal(elf_kernel_check_pv(&k, true, HV_START, &why), -EINVAL);
	/* Only a string section, as kernels for Xen 3.0.0 had it. */
	start();
	put(40, 2048, 8);
	put(58, 64, 2);
	put(60, 2, 2);
	put(62, 1, 2);
	put(2048, 1, 4);
	put(2048 + 64 + 24, 3000, 8);
	put(2048 + 64 + 32, 20, 8);
	memcpy(img + 3001, "__xen_guest", 12);
	assert_int_equal(parse(&k, &why), -ENODATA);
	assert_non_null(strstr(why, "__xen_guest"));
	linux_like();
	img[4] = 1;
	assert_int_equal(parse(&k, &why), -ENOEXEC);
	linux_like();
	phdr(0, 1, 4096, 0x1000000, 4097, 0x200000);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	phdr(0, 1, 0xfffffffffffff000, 0x1000000, 4096, 4096);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	phdr(0, 1, 4096, 0xfffffffffffff000, 100, 0x10000);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	put(NOTES + 4, 0xffffffff, 4);
	assert_int_equal(parse(&k, &why), -EINVAL);
	linux_like();
	put(NOTES, 0xffffffff, 4);
	assert_int_equal(parse(&k, &why), -EINVAL);
}

static void damaged(void **state)
{
	u32 seed = 99;
	const char *why;

	for (int i = 0; i < 200000; i++) {
		struct elf_kernel *k = malloc(sizeof(*k));
		size_t len = i & 1 ? IMG_SIZE : seed % IMG_SIZE;
		u8 *copy = malloc(len + 1);

		linux_like();
		for (int n = 0; n < 3; n++) {
			seed = seed * 1664525 + 1013904223;
			img[(seed >> 8) % (note_end + 8)] = (u8)(seed >> 24);
		}
		memcpy(copy, img, len);
		if (elf_kernel_parse(k, copy, len, &why) == 0)
			for (unsigned int s = 0; s < k->nr_segments; s++)
				assert_true(k->seg[s].offset <= len && k->seg[s].filesz <= len - k->seg[s].offset);
		free(copy);
		free(k);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(refused),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
