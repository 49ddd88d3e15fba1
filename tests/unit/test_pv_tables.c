// SPDX-License-Identifier: GPL-2.0-only
/* What a PV guest registers with the hypervisor: callbacks, trap tables, descriptor tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake/fake.h"
#include "fake/guest.h"
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <public/callback.h>
#include <public/nmi.h>
#include <pv/mm.h>
#include <x86/desc.h>
#include <x86/flushtlb.h>
#include "pv/pagetable.h"

#define BEYOND	0x0000800000000000UL	/* not canonical */
#define KERNEL	0xffffffff81000000UL

static struct vcpu *v0, *v1;
static struct trap_info traps[2][256];
static u64 window[512];
static u64 ldt_pte;

void domain_crash(struct domain *d, const char *fmt, ...) { d->is_shutting_down = true; }
void pv_toggle_root(struct vcpu *v) { }
bool pv_publish_areas(struct vcpu *v) { return true; }
void put_page_and_type(struct page_info *pg) { put_page_type(pg); put_page(pg); }
u64 *cpu_window_pte(unsigned int cpu, unsigned int page) { return &window[page]; }
u64 *cpu_gdt_page(unsigned int cpu) { return window; }
void cpu_load_ldt(unsigned int entries) { }
void flush_tlb_local(void) { }
void flush_tlb_mask(const cpumask_t *cpus) { }
void pv_mark_dirty(struct domain *d, mfn_t m) { }
u64 pv_walk_kernel_l1e(const struct vcpu *v, unsigned long va) { return ldt_pte; }

/* The calls come from vCPU 0 of domain 1; tables are given to its vCPU 1, which runs nowhere. */
static int start(void **state)
{
	fake_guests_start(2, 2);
	fake_run_as(1, 0);
	v0 = fake_domains[1]->vcpu[0];
	v1 = fake_domains[1]->vcpu[1];
	memset(traps, 0, sizeof(traps));
	v0->arch.pv.traps = traps[0];
	v1->arch.pv.traps = traps[1];
	ldt_pte = 0;
	return 0;
}

static int stop(void **state)
{
	assert_int_equal(fake_page_refs(), 0);
	fake_guests_stop();
	return 0;
}

/* ---- callbacks ---- */

static long reg(unsigned int type, unsigned int flags, unsigned long address)
{
	struct callback_register r = { .type = (u16)type, .flags = (u16)flags, .address = address };

	return do_callback_op(CALLBACKOP_register, (unsigned long)&r);
}

static long unreg(unsigned int type)
{
	struct callback_unregister u = { .type = (u16)type };

	return do_callback_op(CALLBACKOP_unregister, (unsigned long)&u);
}

static void each_type_has_its_place(void **state)
{
	struct pv_vcpu *pv = &v0->arch.pv;
	const struct { unsigned int type; unsigned long *at; bool *masks; } types[] = {
		{ CALLBACKTYPE_failsafe, &pv->failsafe_callback, &pv->failsafe_cb_disables },
		{ CALLBACKTYPE_syscall, &pv->syscall_callback, &pv->syscall_cb_disables },
		{ CALLBACKTYPE_syscall32, &pv->syscall32_callback, &pv->syscall32_disables },
		{ CALLBACKTYPE_sysenter, &pv->sysenter_callback, &pv->sysenter_disables },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_int_equal(reg(types[i].type, CALLBACKF_mask_events, KERNEL + i), 0);
		assert_int_equal(*types[i].at, KERNEL + i);
		assert_true(*types[i].masks);
		assert_int_equal(reg(types[i].type, 0, 0x7fffffffffffUL), 0);
		assert_int_equal(*types[i].at, 0x7fffffffffffUL);
		assert_false(*types[i].masks);
		assert_int_equal(reg(types[i].type, 0, BEYOND), -EINVAL);
		assert_int_equal(*types[i].at, 0x7fffffffffffUL);
		assert_int_equal(unreg(types[i].type), -EINVAL);
	}
	/* Event channels are always masked on entry. */
	assert_int_equal(reg(CALLBACKTYPE_event, 0, KERNEL), 0);
	assert_int_equal(pv->event_callback, KERNEL);
	assert_true(pv->event_cb_disables);
	assert_int_equal(unreg(CALLBACKTYPE_event), -EINVAL);
	assert_int_equal(v1->arch.pv.event_callback, 0);
}

static void nmis(void **state)
{
	struct xennmi_callback cb = { .handler_address = KERNEL + 8 };

	assert_int_equal(reg(CALLBACKTYPE_nmi, 0, KERNEL), 0);
	assert_int_equal(traps[0][2].address, KERNEL);
	assert_int_equal(traps[0][2].vector, 2);
	assert_int_equal(TI_GET_IF(&traps[0][2]), 4);
	assert_int_equal(unreg(CALLBACKTYPE_nmi), 0);
	assert_int_equal(traps[0][2].address, 0);
	assert_int_equal(do_nmi_op(XENNMI_register_callback, (unsigned long)&cb), 0);
	assert_int_equal(traps[0][2].address, KERNEL + 8);
	assert_int_equal(do_nmi_op(XENNMI_unregister_callback, 0), 0);
	assert_int_equal(traps[0][2].address, 0);
	assert_int_equal(do_nmi_op(XENNMI_register_callback, 8), -EFAULT);
	assert_int_equal(do_nmi_op(7, 0), -ENOSYS);
	cb.handler_address = BEYOND;
	assert_int_equal(do_nmi_op(XENNMI_register_callback, (unsigned long)&cb), -EINVAL);
	cb.handler_address = KERNEL;
	fake_run_as(1, 1);		/* the machine's NMIs are the first vCPU's */
	assert_int_equal(do_nmi_op(XENNMI_register_callback, (unsigned long)&cb), -EINVAL);
	assert_int_equal(traps[1][2].address, 0);
}

static void callbacks_that_are_none(void **state)
{
	const struct vcpu before = *v0;

	/* 3 is sysenter of interface versions that no 64-bit kernel speaks; 6 has no meaning. */
	for (unsigned int type = 0; type < 300; type++) {
		if (type < 8 && type != 3 && type != 6)
			continue;
		assert_int_equal(reg(type, 0, KERNEL), -ENOSYS);
		assert_int_equal(unreg(type), -ENOSYS);
	}
	assert_int_equal(do_callback_op(CALLBACKOP_register, 8), -EFAULT);
	assert_int_equal(do_callback_op(CALLBACKOP_unregister, 8), -EFAULT);
	assert_int_equal(do_callback_op(2, 8), -ENOSYS);
	assert_int_equal(do_callback_op(-1, 8), -ENOSYS);
	for (int i = 0; i < 3; i++)
		assert_int_equal(do_set_callbacks(i == 0 ? BEYOND : 0, i == 1 ? BEYOND : 0, i == 2 ? BEYOND : 0), -EINVAL);
	assert_memory_equal(v0, &before, sizeof(before));
	assert_int_equal(do_set_callbacks(KERNEL, KERNEL + 1, KERNEL + 2), 0);
	assert_int_equal(do_set_callbacks(KERNEL, KERNEL + 1, 0), 0);		/* 0: system calls stay where they are */
	assert_int_equal(v0->arch.pv.syscall_callback, KERNEL + 2);
}

static void trap_tables(void **state)
{
	struct trap_info t[4] = {
		{ .vector = 14, .flags = 4, .cs = 0xe030, .address = KERNEL },
		{ .vector = 255, .flags = 3, .cs = 0xe033, .address = KERNEL + 1 },
		{ .vector = 3, .address = BEYOND },
	};

	assert_int_equal(do_set_trap_table((unsigned long)t), -EINVAL);
	assert_int_equal(traps[0][3].address, 0);
	t[2].address = 0;
	assert_int_equal(do_set_trap_table((unsigned long)t), 0);
	assert_int_equal(traps[0][14].address, KERNEL);
	assert_int_equal(traps[0][14].cs, 0xe033);	/* nothing of a guest's is below ring 3 */
	assert_int_equal(traps[0][255].address, KERNEL + 1);
	assert_int_equal(do_set_trap_table(8), -EFAULT);
	fake_preempt = true;
	assert_int_equal(do_set_trap_table((unsigned long)t), HYPERCALL_AGAIN);
	assert_int_equal(fake_continue[0], (unsigned long)t);
	assert_int_equal(do_set_trap_table(0), 0);
	assert_int_equal(traps[0][14].address, 0);
}

/* ---- descriptors ---- */

static const struct { u64 desc; bool ok; const char *what; } descriptors[] = {
	{ 0, true, "null" },
	{ 0x00cf9a000000ffff, true, "32-bit code of ring 0" },
	{ 0x00cffa000000ffff, true, "32-bit code of ring 3" },
	{ 0x00affb000000ffff, true, "64-bit code of ring 3" },
	{ 0x00cf92000000ffff, true, "data of ring 0" },
	{ 0x00cfb6000000ffff, true, "expand-down data of ring 1" },
	{ 0x00009e0000001000, true, "conforming code" },
	{ 0xff00f2ffffff1234, true, "data based in the hypervisor's slots: 64-bit segments have no base" },
	{ 0x00000000ffff8080, true, "upper half of a wide descriptor" },
	{ 0x0000800000000000, true, "reserved type 0" },
	{ 0x0000810000000000, false, "16-bit TSS" },
	{ 0x0000820000000067, false, "LDT" },
	{ 0x0000e20000000067, false, "LDT of ring 3" },
	{ 0x0000830000000000, false, "busy 16-bit TSS" },
	{ 0x0000840000080000, false, "16-bit call gate" },
	{ 0x0000850000080000, false, "task gate" },
	{ 0x0000860000080000, false, "16-bit interrupt gate" },
	{ 0x0000870000080000, false, "16-bit trap gate" },
	{ 0x0000880000000000, false, "reserved type 8" },
	{ 0x0000890000000067, false, "TSS" },
	{ 0x00008a0000000000, false, "reserved type 10" },
	{ 0x00008b0000000067, false, "busy TSS" },
	{ 0x0000ec0000081000, false, "call gate of ring 3" },
	{ 0x00008d0000000000, false, "reserved type 13" },
	{ 0x0000ee0000081000, false, "interrupt gate" },
	{ 0x0000ef0000081000, false, "trap gate" },
};
#define PRESENT (1ULL << 47)

static void which_descriptors(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		u64 d = descriptors[i].desc, absent = d & ~PRESENT;

		if (pv_check_descriptor(v0->domain, &d) != descriptors[i].ok)
			fail_msg("%s", descriptors[i].what);
		if (descriptors[i].ok && d & PRESENT && d & 1ULL << 44)
			assert_true(d == (descriptors[i].desc | 3ULL << 45));
		else
			assert_true(d == descriptors[i].desc);
		/* What is not present cannot be loaded, whatever it is. */
		d = absent;
		assert_true(pv_check_descriptor(v0->domain, &d));
		assert_true(d == absent);
	}
}

static void whole_pages(void **state)
{
	u64 *p = fake_mem(fake_frame(1, 0));
	struct page_info *pg = mfn_to_page(mfn(fake_frame(1, 0)));

	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		memset(p, 0, PAGE_SIZE);
		p[511] = descriptors[i].desc;
		p[0] = 0x00cf92000000ffff;
		assert_int_equal(pv_validate_segdesc(pg), descriptors[i].ok ? 0 : -EINVAL);
		assert_true(p[0] == 0x00cff2000000ffff);
	}
}

static void one_descriptor(void **state)
{
	u64 frame = fake_frame(1, 5), *p = fake_mem(frame);
	struct page_info *pg = mfn_to_page(mfn(frame));

	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		p[3] = 42;
		assert_int_equal(do_update_descriptor(frame << PAGE_SHIFT | 24, descriptors[i].desc),
				 descriptors[i].ok ? 0 : -EINVAL);
		assert_int_equal(p[3] == 42, !descriptors[i].ok);
	}
	p[3] = 42;
	assert_int_equal(do_update_descriptor(frame << PAGE_SHIFT | 28, 0), -EINVAL);		/* not at its place */
	assert_int_equal(do_update_descriptor(fake_frame(0, 5) << PAGE_SHIFT, 0), -EINVAL);	/* another's frame */
	assert_int_equal(do_update_descriptor(~7UL, 0), -EINVAL);
	/* In a table in use it may be changed; in a page table not. */
	pg->type_info = PGT_SEGDESC | PGT_VALIDATED | 1;
	assert_int_equal(do_update_descriptor(frame << PAGE_SHIFT | 24, 0), 0);
	assert_int_equal(p[3], 0);
	pg->type_info = PGT_L1 | PGT_VALIDATED | 1;
	assert_int_equal(do_update_descriptor(frame << PAGE_SHIFT | 24, 1), -EINVAL);
	assert_int_equal(p[3], 0);
	pg->type_info = 0;
}

static void gdts(void **state)
{
	u64 f[PV_GDT_FRAMES + 1], foreign[2] = { fake_frame(1, 20), fake_frame(0, 1) };
	u64 desc;

	for (unsigned int i = 0; i <= PV_GDT_FRAMES; i++)
		f[i] = fake_frame(1, i);
	assert_int_equal(pv_set_gdt(v1, f, PV_GDT_FRAMES * 512 + 1), -EINVAL);
	assert_int_equal(pv_set_gdt(v1, f, PV_GDT_FRAMES * 512), 0);
	assert_int_equal(fake_page_refs(), 2 * PV_GDT_FRAMES);
	assert_int_equal(pv_set_gdt(v1, f, 513), 0);		/* the old ones are let go */
	assert_int_equal(v1->arch.pv.nr_gdt_frames, 2);
	assert_int_equal(fake_page_refs(), 4);
	/* A frame that is not its own: nothing changes. */
	assert_int_equal(pv_set_gdt(v1, foreign, 1024), -EINVAL);
	assert_int_equal(fake_page_refs(), 4);
	mfn_to_page(mfn(fake_frame(1, 30)))->type_info = PGT_WRITABLE | 1;
	foreign[1] = fake_frame(1, 30);
	assert_int_equal(pv_set_gdt(v1, foreign, 1024), -EINVAL);
	mfn_to_page(mfn(fake_frame(1, 30)))->type_info = 0;
	assert_int_equal(v1->arch.pv.gdt_frame[0].m, f[0]);
	((u64 *)fake_mem(f[1]))[1] = 77;
	assert_true(pv_read_descriptor(v1, 513 << 3, &desc));
	assert_int_equal(desc, 77);
	assert_false(pv_read_descriptor(v1, 1024 << 3, &desc));
	assert_true(pv_read_descriptor(v1, FIRST_RESERVED_GDT_ENTRY << 3, &desc));	/* the hypervisor's page */
	pv_destroy_gdt(v1);
	assert_int_equal(v1->arch.pv.nr_gdt_frames, 0);
	pv_destroy_gdt(v1);
	assert_false(pv_read_descriptor(v1, 8, &desc));
	assert_int_equal(do_set_gdt((unsigned long)f, PV_GDT_FRAMES * 512 + 1), -EINVAL);
	assert_int_equal(do_set_gdt(8, 512), -EFAULT);
}

static void ldts(void **state)
{
	u64 desc;

	assert_int_equal(pv_set_ldt(v1, 0x1000, PV_LDT_FRAMES * 512 + 1), -EINVAL);
	assert_int_equal(pv_set_ldt(v1, 0x1008, 1), -EINVAL);
	assert_int_equal(pv_set_ldt(v1, HV_VIRT_START, 1), -EINVAL);
	assert_int_equal(pv_set_ldt(v1, HV_VIRT_END - PAGE_SIZE, 512), -EINVAL);
	assert_int_equal(pv_set_ldt(v1, HV_VIRT_START - PAGE_SIZE, 513), -EINVAL);
	assert_int_equal(pv_set_ldt(v1, HV_VIRT_END, 512), 0);
	assert_int_equal(pv_set_ldt(v1, 0x1000, 600), 0);
	assert_int_equal(v1->arch.pv.nr_ldt_pages, 2);
	/* Selectors by the guest's own mapping: absent, another's frame, its own. */
	assert_false(pv_read_descriptor(v1, 8 | 4, &desc));
	ldt_pte = fake_frame(0, 1) << PAGE_SHIFT | 1;
	assert_false(pv_read_descriptor(v1, 8 | 4, &desc));
	ldt_pte = fake_frame(1, 1) << PAGE_SHIFT | 1;
	((u64 *)fake_mem(fake_frame(1, 1)))[1] = 99;
	assert_true(pv_read_descriptor(v1, 8 | 4, &desc));
	assert_int_equal(desc, 99);
	assert_false(pv_read_descriptor(v1, 600 << 3 | 4, &desc));
}

/* A page of the LDT is mapped at the first fault, and goes when it must. */
static void ldt_faults(void **state)
{
	unsigned long at = cpu_window(0) + CPU_WINDOW_LDT_PAGE * PAGE_SIZE;

	assert_int_equal(pv_set_ldt(v1, 0x1000, 600), 0);
	assert_true(pv_in_descriptor_window(at));
	assert_false(pv_in_descriptor_window(at + PV_LDT_FRAMES * PAGE_SIZE));
	assert_false(pv_fixup_window_fault(v1, at));			/* not mapped by the guest */
	ldt_pte = fake_frame(0, 1) << PAGE_SHIFT | 1;
	assert_false(pv_fixup_window_fault(v1, at));			/* another's */
	ldt_pte = fake_frame(1, 1) << PAGE_SHIFT | 1;
	assert_false(pv_fixup_window_fault(v1, at + 2 * PAGE_SIZE));	/* beyond its end */
	assert_false(pv_fixup_window_fault(v1, at - 1));
	assert_true(pv_fixup_window_fault(v1, at + PAGE_SIZE));
	assert_int_equal(v1->arch.pv.ldt_mapped, 2);
	assert_int_equal((window[CPU_WINDOW_LDT_PAGE + 1] & ~(1ULL << 63)) >> PAGE_SHIFT, fake_frame(1, 1));
	assert_int_equal(fake_page_refs(), 2);
	assert_true(pv_fixup_window_fault(v1, at + PAGE_SIZE));		/* a fault from before */
	assert_int_equal(fake_page_refs(), 2);
	pv_ldt_mapping_gone(v1);
	assert_int_equal(v1->arch.pv.ldt_mapped, 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(each_type_has_its_place), TEST(nmis), TEST(callbacks_that_are_none), TEST(trap_tables),
		TEST(which_descriptors), TEST(whole_pages), TEST(one_descriptor), TEST(gdts), TEST(ldts),
		TEST(ldt_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
