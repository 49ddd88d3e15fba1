/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptor tables: gates and system segments, ring 0, tables that are written behind the hypervisor's back. */
#include "attack.h"

static u64 gdt[512] __attribute__((aligned(4096)));
static u64 ldt[512] __attribute__((aligned(4096)));
static u8 data[PAGE_SIZE] __attribute__((aligned(4096)));

/* SDM vol. 3, 3.4.5 and 3.5 */
#define CODE64_DPL0	0x00af9a000000ffffUL
#define DATA_DPL3	0x00cff2000000ffffUL
#define TSS_AVAILABLE	0x0000890000000067UL
#define TSS_BUSY	0x00008b0000000067UL
#define LDT_DESC	0x0000820000000067UL
#define CALL_GATE	0x0000ec00e0080000UL	/* 64-bit, ring 3 may use it, to the hypervisor's code segment */
#define INT_GATE	0x0000ee00e0080000UL
#define TRAP_GATE	0x0000ef00e0080000UL
#define TASK_GATE	0x0000e50000080000UL

static const u64 evil[] = { TSS_AVAILABLE, TSS_BUSY, LDT_DESC, CALL_GATE, INT_GATE, TRAP_GATE, TASK_GATE };

static void plain(u64 *page)
{
	make_writable(page);
	memset(page, 0, PAGE_SIZE);
}

static long load_gdt(unsigned int entries)
{
	u64 f = virt_to_mfn(gdt);

	return H2(set_gdt, &f, entries);
}

static long set_ldt(u64 base, u32 entries)
{
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = base, .arg2.nr_ents = entries };

	return H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}

static bool gdt_gates(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(evil); i++)
		for (u32 at = 0; at < 512; at += 511) {
			plain(gdt);
			gdt[at] = evil[i];
			make_readonly(gdt);
			WANT(load_gdt(512), eINVAL);
		}
	return true;
}

static bool gdt_ring0(void)
{
	plain(gdt);
	gdt[3] = CODE64_DPL0;
	gdt[4] = CODE64_DPL0 & ~(8UL << 40);	/* data */
	make_readonly(gdt);
	WANT(load_gdt(512), 0);
	/* They are there, for ring 3. */
	WANT(gdt[3] >> 45 & 3, 3);
	WANT(gdt[4] >> 45 & 3, 3);
	return load_gdt(0) == 0;
}

/* A table in use cannot be written; one that can be written is no table. */
static bool gdt_writable(void)
{
	u64 f = virt_to_mfn(data);

	WANT(H2(set_gdt, &f, 512), eINVAL);
	plain(gdt);
	make_readonly(gdt);
	WANT(load_gdt(512), 0);
	WANT(make_writable(gdt), eBUSY);
	WANT(load_gdt(0), 0);
	WANT(make_writable(gdt), 0);
	return true;
}

static bool gdt_frames(void)
{
	u64 bad[] = { foreign_frame(), 0x200, 0xfee00, ~0UL, 1UL << 40, pte_maddr(data, 1) >> 12, pte_maddr(data, 4) >> 12 };
	u64 two[2] = { virt_to_mfn(gdt) };

	plain(gdt);
	make_readonly(gdt);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		WANT(H2(set_gdt, &bad[i], 512), eINVAL);
		two[1] = bad[i];
		WANT(H2(set_gdt, two, 1024), eINVAL);
	}
	return make_writable(gdt) == 0;		/* the first of two was let go of */
}

static bool gdt_limits(void)
{
	static u64 frames[64];
	static const u32 sizes[] = { 7169, 8192, 0x10000, 0x7fffffff, 0x80000000, ~0U };

	plain(gdt);
	make_readonly(gdt);
	for (u32 i = 0; i < ARRAY_SIZE(frames); i++)
		frames[i] = virt_to_mfn(gdt);
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		WANT(H2(set_gdt, frames, sizes[i]), eINVAL);
	return true;
}

static bool update_gates(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(evil); i++)
		WANT(H2(update_descriptor, virt_to_maddr(data), evil[i]), eINVAL);
	for (u32 off = 1; off < 8; off++)
		WANT(H2(update_descriptor, virt_to_maddr(data) + off, 0), eINVAL);
	return true;
}

static bool update_frames(void)
{
	u64 at[] = { pte_maddr(data, 1), pte_maddr(data, 4), foreign_frame() << 12, 0x200000, 0xfee00000, 1UL << 52, ~7UL };

	for (u32 i = 0; i < ARRAY_SIZE(at); i++)
		WANT(H2(update_descriptor, at[i], 0), eINVAL);
	return true;
}

static bool ldt_extremes(void)
{
	WANT(set_ldt((u64)data + 8, 16), eINVAL);
	WANT(set_ldt((u64)data, 8193), eINVAL);
	WANT(set_ldt((u64)data, ~0U), eINVAL);
	WANT(set_ldt(0xffff800000000000, 8192), eINVAL);
	WANT(set_ldt(0xffff87fffffff000, 1), eINVAL);
	WANT(set_ldt(0xffff830000000000, 16), eINVAL);
	WANT(set_ldt(0xffff7ffffffff000, 8192), eINVAL);	/* runs into the hypervisor's range */
	return set_ldt(0, 0) == 0;
}

static void load_selector(void *sel) { __asm__ volatile("movl %k0, %%ds" : : "r"(sel)); }

/* An LDT where there is nothing, in a page table, in memory that is writable or holds gates. */
static bool ldt_bad_pages(void)
{
	WANT(set_ldt(0x7000000000, 512), 0);
	WANT(try_run(load_selector, (void *)7), 13);
	WANT(set_ldt((u64)pte_of(data, 1) & ~4095UL, 512), 0);
	WANT(try_run(load_selector, (void *)7), 13);
	plain(ldt);
	ldt[0] = DATA_DPL3;
	WANT(set_ldt((u64)ldt, 512), 0);
	WANT(try_run(load_selector, (void *)7), 13);		/* writable */
	for (u32 i = 0; i < ARRAY_SIZE(evil); i++) {
		set_ldt(0, 0);
		plain(ldt);
		ldt[3] = evil[i];
		make_readonly(ldt);
		WANT(set_ldt((u64)ldt, 512), 0);
		WANT(try_run(load_selector, (void *)(3 << 3 | 7)), 13);
		WANT(make_writable(ldt), 0);	/* it never became one */
	}
	return set_ldt(0, 0) == 0;
}

static struct { u32 offset; u16 selector; } __attribute__((packed)) gate_pointer = { 0, 3 << 3 | 7 };
static void call_gate(void *arg)
{
	(void)arg;
	__asm__ volatile("lcall *%0" : : "m"(gate_pointer) : "memory");
}

extern volatile u64 ring_reached;	/* the CS that the gate led to */
extern char gate_target[];
__asm__(".pushsection .text\n"
	"gate_target: movl %cs, %eax\n"
	"	movq %rax, ring_reached\n"
	"	lretq\n"
	".popsection\n"
	".pushsection .bss\n"
	"	.p2align 3\n"
	"ring_reached: .quad 0\n"
	".popsection\n");

/* Through a call gate of the LDT to the hypervisor's own ring. */
static bool ldt_call_gate(void)
{
	u64 target = (u64)gate_target;

	plain(ldt);
	ldt[3] = CALL_GATE | (target & 0xffff) | (target >> 16 & 0xffff) << 48;
	ldt[4] = target >> 32;
	make_readonly(ldt);
	WANT(set_ldt((u64)ldt, 512), 0);
	WANT(try_run(call_gate, NULL), 13);
	WANT(ring_reached, 0);
	return set_ldt(0, 0) == 0;
}

/* The LDT's page leaves its address while a selector of it is loaded: it is free for other uses. */
static bool ldt_unmapped(void)
{
	plain(ldt);
	ldt[0] = DATA_DPL3;
	make_readonly(ldt);
	WANT(set_ldt((u64)ldt, 512), 0);
	WANT(try_run(load_selector, (void *)7), -1);
	WANT(make_writable(ldt), eBUSY);
	WANT(set_va(ldt, 0, UVMF_INVLPG), 0);
	WANT(make_writable(ldt), 0);
	ldt[0] = CALL_GATE;
	WANT(try_run(load_selector, (void *)7), 13);
	WANT(try_run(load_selector, (void *)0), -1);
	return set_ldt(0, 0) == 0;
}

static const struct attack attacks[] = {
	{ "descriptor-gdt-gates", gdt_gates },
	{ "descriptor-gdt-ring0", gdt_ring0 },
	{ "descriptor-gdt-writable", gdt_writable },
	{ "descriptor-gdt-frames", gdt_frames },
	{ "descriptor-gdt-limits", gdt_limits },
	{ "descriptor-update-gates", update_gates },
	{ "descriptor-update-frames", update_frames },
	{ "descriptor-ldt-extremes", ldt_extremes },
	{ "descriptor-ldt-bad-pages", ldt_bad_pages },
	{ "descriptor-ldt-call-gate", ldt_call_gate },
	{ "descriptor-ldt-unmapped", ldt_unmapped },
};
ATTACK_GROUP(descriptors, attacks, NULL);
