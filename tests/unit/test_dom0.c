// SPDX-License-Identifier: GPL-2.0-only
/* How much memory Domain 0 gets for each form of dom0_mem=, and where its parts lie. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <hv/elf.h>
#include <hv/lib.h>
#include <pv/dom0.h>
#include <public/xen.h>

#define MIB 256ULL		/* pages */

static void mem_is(const char *opt, u64 avail, u64 nr, u64 limit)
{
	struct dom0_mem m = { 0 };
	u64 got, max_pages;

	if (*opt)
		assert_int_equal(dom0_mem_parse(&m, opt), 0);
	dom0_mem_pages(&m, avail, &got, &max_pages);
	if (got != nr || (limit && max_pages != limit))
		fail_msg("dom0_mem=%s of %llu: %llu, max %llu", opt, (unsigned long long)avail,
			 (unsigned long long)got, (unsigned long long)max_pages);
}

static void memory_option(void **state)
{
	static const char *const bad[] = { "", "x", "512Q", "min:", "101%", "512M,,", "max:1G;", "50%x", "-" };

	mem_is("", 4096 * MIB, 3968 * MIB, 0xffffffff);
	mem_is("", 1024 * MIB, 960 * MIB, 0);
	mem_is("512M", 4096 * MIB, 512 * MIB, 0);
	mem_is("524288", 4096 * MIB, 512 * MIB, 0);
	mem_is("512M,max:1G", 4096 * MIB, 512 * MIB, 1024 * MIB);
	mem_is("1024M,max:1024M", 4096 * MIB, 1024 * MIB, 1024 * MIB);
	mem_is("max:600M", 4096 * MIB, 600 * MIB, 600 * MIB);
	mem_is("-1G", 4096 * MIB, 3072 * MIB, 0);
	mem_is("-8G", 4096 * MIB, 0, 0);
	mem_is("min:256M,-8G", 4096 * MIB, 256 * MIB, 0);
	mem_is("50%", 4096 * MIB, 2048 * MIB, 0);
	mem_is("25%+256M", 4096 * MIB, 1280 * MIB, 0);
	mem_is("25%-256M", 4096 * MIB, 768 * MIB, 0);
	mem_is("8G", 4096 * MIB, 4096 * MIB, 0);
	mem_is("min:6G", 4096 * MIB, 4096 * MIB, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct dom0_mem m = { 0 };

		assert_int_equal(dom0_mem_parse(&m, bad[i]), -EINVAL);
	}
}

static struct elf_kernel linux_like(void)
{
	return (struct elf_kernel){
		.pstart = 0x1000000, .pend = 0x4a00000, .virt_base = 0xffffffff80000000, .paddr_offset = 0,
		.notes_seen = 1ULL << XEN_ELFNOTE_INIT_P2M | 1ULL << XEN_ELFNOTE_VIRT_BASE,
		.init_p2m = 0x8000000000, .unmapped_initrd = true,
	};
}

static void check_order(const struct dom0_layout *l)
{
	assert_true(l->kernel_end <= l->start_info_pfn && l->start_info_pfn + 1 == l->pt_pfn);
	assert_true(l->pt_pfn + l->nr_pt == l->stack_pfn && l->stack_pfn + 1 + 128 <= l->map_end);
	assert_true(IS_ALIGNED(l->map_end, 1024) && l->map_end <= l->nr_pages);
	/* Enough L1 tables for what is mapped, and for the list at its own address. */
	assert_true(l->nr_pt >= 1 + 2 + (l->map_end + 511) / 512 + (l->p2m_outside ? 2 + (l->p2m_pages + 511) / 512 : 0));
}

static void layouts(void **state)
{
	struct elf_kernel k = linux_like();
	struct dom0_layout l;
	const char *why;

	for (u64 mb = 128; mb <= 65536; mb *= 2) {
		assert_int_equal(dom0_layout(&l, &k, mb * MIB, 20 << 20, &why), 0);
		check_order(&l);
		assert_true(l.p2m_pfn == l.map_end && l.initrd_pfn == l.p2m_pfn + l.p2m_pages && !l.initrd_mapped);
		assert_true(l.initrd_pages == 20 * MIB && l.p2m_pages == mb * MIB / 512);
	}
	k.unmapped_initrd = false;
	k.notes_seen = 1ULL << XEN_ELFNOTE_VIRT_BASE;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, (20 << 20) + 1, &why), 0);
	check_order(&l);
	assert_true(l.initrd_mapped && l.initrd_pfn == 0x4a00 && l.p2m_pfn == 0x4a00 + 20 * MIB + 1);
	assert_true(l.p2m_va == 0xffffffff80000000 + (l.p2m_pfn << 12) && l.start_info_pfn == l.p2m_pfn + l.p2m_pages);
	/* The image is linked at its virtual address. */
	k.pstart = 0xffffffff80100000;
	k.pend = 0xffffffff80200000;
	k.paddr_offset = 0xffffffff80000000;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), 0);
	assert_true(l.kernel_end == 0x200 && !l.initrd_pages);
	check_order(&l);
}

static void refused(void **state)
{
	struct elf_kernel k = linux_like();
	struct dom0_layout l;
	const char *why;

	assert_int_equal(dom0_layout(&l, &k, 64 * MIB, 0, &why), -ENOSPC);
	assert_int_equal(dom0_layout(&l, &k, 128 * MIB, 100 << 20, &why), -ENOSPC);
	assert_int_equal(dom0_layout(&l, &k, 0, 0, &why), -ENOSPC);
	k.init_p2m = 0xffff800000000000;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), -EINVAL);
	k.init_p2m = 0x00007ffffffff000;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), -EINVAL);
	k.init_p2m = 0x8000000001;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), -EINVAL);
	k = linux_like();
	k.virt_base = 0xffff870000000000;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), -EINVAL);
	k.virt_base = 0xffffffffff000000;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), -EINVAL);
	k = linux_like();
	k.paddr_offset = 0x2000000;
	assert_int_equal(dom0_layout(&l, &k, 512 * MIB, 0, &why), -EINVAL);
}

static void hypercall_page(void **state)
{
	static u8 page[4096];

	pv_fill_hypercall_page(page);
	/* push %rcx; push %r11; mov $17, %eax; syscall; pop %r11; pop %rcx; ret */
	assert_memory_equal(page + 17 * 32, "\x51\x41\x53\xb8\x11\0\0\0\x0f\x05\x41\x5b\x59\xc3\xcc", 15);
	assert_memory_equal(page + __HYPERVISOR_iret * 32, "\x51\x41\x53\x50\xb8\x17\0\0\0\x0f\x05\xcc", 12);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_option),
		cmocka_unit_test(layouts),
		cmocka_unit_test(refused),
		cmocka_unit_test(hypercall_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
