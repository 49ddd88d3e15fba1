/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 loads another kernel: what is refused, what is given back, and then a small program in the hypervisor's
 * place.  "start=64" and "start=32" on the command line choose the mode in which that begins, "start=crash" has it in
 * the memory kept for a crash kernel and Domain 0 crash, "start=key" the same by the debug key; the program itself says
 * how the test ended.
 */
#include "tools.h"
#include "smp.h"
#include <xen/kexec.h>

#define EM_386 3
#define EM_X86_64 62
#define BIG_SIZE (4UL << 20)
#define TAIL_SIZE (64UL << 10)		/* behind it, to be zeroed */
/* Where the program goes: the hypervisor's first page, as QEMU loads it; its data behind the hypervisor. */
#define PROGRAM 0x200000UL
#define DATA 0x1000000UL

enum { eNOENT = -2, eFAULT = -14, eBUSY = -16, eINVAL = -22, eADDRNOTAVAIL = -99, eRANGE = -34 };

static u64 big[BIG_SIZE / 8] __attribute__((aligned(4096)));
static u8 window[PAGE_SIZE] __attribute__((aligned(4096)));
static xen_kexec_range_t crash;

static xen_kexec_range_t range_of(int range, int nr, long want)
{
	xen_kexec_range_t r = { .range = range, .nr = nr };

	is("get_range", H2(kexec_op, KEXEC_CMD_kexec_get_range, &r), want);
	return r;
}

static long typed(unsigned int cmd, u8 type)
{
	xen_kexec_status_t op = { .type = type };

	return H2(kexec_op, cmd, &op);
}
static long status_of(u8 type) { return typed(KEXEC_CMD_kexec_status, type); }
static long unload(u8 type) { return typed(KEXEC_CMD_kexec_unload, type); }

static u64 free_pages(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_physinfo);

	is("physinfo", sysctl(op), 0);
	return op->u.physinfo.free_pages;
}

struct segment { const void *buf; u64 buf_size, dest, size; };

static long load(u8 type, u16 arch, u64 entry, u32 nr, const struct segment *s)
{
	xen_kexec_segment_t seg[32];
	xen_kexec_load_t op = { .type = type, .arch = arch, .nr_segments = nr, .segments.h.p = seg, .entry_maddr = entry };

	for (u32 i = 0; i < nr && i < ARRAY_SIZE(seg); i++) {
		seg[i].buf._pad = (u64)s[i].buf;
		seg[i].buf_size = s[i].buf_size;
		seg[i].dest_maddr = s[i].dest;
		seg[i].dest_size = s[i].size;
	}
	return H2(kexec_op, KEXEC_CMD_kexec_load, &op);
}
#define LOAD(type, arch, entry, ...) ({ \
	const struct segment s_[] = { __VA_ARGS__ }; \
	load(type, arch, entry, ARRAY_SIZE(s_), s_); })
#define IS(expr, want) is(#expr, expr, want)

/* ---- each operation ---- */

static void get_range(void)
{
	xen_kexec_range_t xen = range_of(KEXEC_RANGE_MA_XEN, 0, 0), cpu0 = range_of(KEXEC_RANGE_MA_CPU, 0, 0),
			  cpu1 = range_of(KEXEC_RANGE_MA_CPU, 1, 0), info = range_of(KEXEC_RANGE_MA_VMCOREINFO, 0, 0);

	crash = range_of(KEXEC_RANGE_MA_CRASH, 0, 0);
	IS(crash.size, 32 << 20);
	is("the hypervisor is elsewhere", xen.start + xen.size <= crash.start || xen.start >= crash.start + crash.size, 1);
	is("its place", (long)xen.start, PROGRAM);
	/* A register note and the control registers; the first has what the machine is besides. */
	IS(cpu1.size, 12 + 8 + 336 + 12 + 4 + 32);
	IS(cpu0.size, (long)cpu1.size + 12 + 4 + 80);
	is("notes of their own", cpu0.start != cpu1.start && info.start != cpu0.start && info.size > 64, 1);
	range_of(KEXEC_RANGE_MA_CPU, 2, eRANGE);
	range_of(KEXEC_RANGE_MA_CPU, -1, eRANGE);
	range_of(KEXEC_RANGE_MA_CPU, 1 << 30, eRANGE);
	range_of(KEXEC_RANGE_MA_XENHEAP, 0, eINVAL);
	range_of(KEXEC_RANGE_MA_EFI_MEMMAP, 0, eINVAL);
	range_of(7, 0, eINVAL);
	range_of(-1, 0, eINVAL);
}

static void load_refused(void)
{
	const u64 at = crash.start, end = crash.start + crash.size, page = PAGE_SIZE;
	struct segment many[17];

	IS(LOAD(2, EM_X86_64, at, { big, page, at, page }), eINVAL);
	IS(LOAD(KEXEC_TYPE_CRASH, 183, at, { big, page, at, page }), eINVAL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at + 16, { big, page, at + 16, page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, 100, at, 100 }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, 2 * page, at, page }), eINVAL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at - page, { big, page, at - page, page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, end - page, { big, page, end - page, 2 * page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, PROGRAM, { big, page, PROGRAM, page }), eADDRNOTAVAIL);
	/* All of memory but a page, which an addition would take for less than nothing. */
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, page, at, -page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, page, at, page }, { NULL, 0, -page, 2 * page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, page, at, page }, { NULL, 0, 1UL << 40, page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, page, at, 2 * page }, { big, page, at + page, page }), eINVAL);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at + page, { big, page, at, page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_X86_64, 0xa0000, { big, page, 0xa0000, page }), eADDRNOTAVAIL);
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_X86_64, 1UL << 30, { big, page, 1UL << 30, page }), eADDRNOTAVAIL);
	for (u32 i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct segment){ big, page, at + i * page, page };
	IS(load(KEXEC_TYPE_CRASH, EM_X86_64, at, 17, many), eINVAL);
	IS(load(KEXEC_TYPE_CRASH, EM_X86_64, at, ~0U, many), eINVAL);
	IS(H2(kexec_op, KEXEC_CMD_kexec_load, 0x10), eFAULT);
	IS(status_of(KEXEC_TYPE_CRASH), 0);
}

/* Memory goes back, whatever came of the load: one that fails half-way takes nothing with it. */
static void load_and_unload(void)
{
	const u64 before = free_pages(), at = crash.start, page = PAGE_SIZE;

	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, at, { big, BIG_SIZE, at, BIG_SIZE + TAIL_SIZE }, { NULL, 0, 0, 1 << 20 }), 0);
	IS(status_of(KEXEC_TYPE_CRASH), 1);
	IS(status_of(KEXEC_TYPE_DEFAULT), 0);
	IS(LOAD(KEXEC_TYPE_CRASH, EM_386, at, { big, page, at, page }), 0);
	IS(LOAD(2, EM_386, at, { big, page, at, page }), eINVAL);
	IS(status_of(KEXEC_TYPE_CRASH), 1);
	IS(unload(KEXEC_TYPE_CRASH), 0);
	IS(status_of(KEXEC_TYPE_CRASH), 0);
	IS(unload(KEXEC_TYPE_CRASH), 0);
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_X86_64, DATA, { big, BIG_SIZE, DATA, BIG_SIZE + TAIL_SIZE }), 0);
	is("memory taken, in MiB", (long)((before - free_pages()) >> 8), BIG_SIZE >> 20);
	IS(status_of(KEXEC_TYPE_DEFAULT), 1);
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_X86_64, DATA, { (void *)0x1000, page, DATA, page }), eFAULT);
	is("what was loaded before it", status_of(KEXEC_TYPE_DEFAULT), 1);
	IS(unload(KEXEC_TYPE_DEFAULT), 0);
	is("a page behind the last", set_va(window, 0, UVMF_INVLPG), 0);
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_X86_64, DATA, { big, page, DATA, page }, { window, page, DATA + page, page }), eFAULT);
	is("that page again", set_va(window, virt_to_mfn(window) << 12 | PTE_FLAGS, UVMF_INVLPG), 0);
	IS(status_of(KEXEC_TYPE_DEFAULT), 0);
	/* Going on with what was not begun. */
	IS(H2(kexec_op, KEXEC_CMD_kexec_load | 1UL << 31, big), eINVAL);
	is("pages that are gone", (long)(before - free_pages()), 0);
}

static void status(void)
{
	IS(status_of(2), eINVAL);
	IS(status_of(255), eINVAL);
	IS(H2(kexec_op, KEXEC_CMD_kexec_status, 0x10), eFAULT);
	IS(unload(2), eINVAL);
}

static void unload_v1(void)
{
	xen_kexec_load_v1_t op = { .type = KEXEC_TYPE_CRASH };

	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, crash.start, { big, PAGE_SIZE, crash.start, PAGE_SIZE }), 0);
	IS(H2(kexec_op, KEXEC_CMD_kexec_unload_v1, &op), 0);
	IS(status_of(KEXEC_TYPE_CRASH), 0);
	op.type = -1;
	IS(H2(kexec_op, KEXEC_CMD_kexec_unload_v1, &op), eINVAL);
	IS(H2(kexec_op, KEXEC_CMD_kexec_load_v1, &op), eINVAL);
	IS(H2(kexec_op, 7, &op), eINVAL);
}

static long crash_key(void)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_debug_keys);

	op->u.debug_keys.keys.p = "C";
	op->u.debug_keys.nr_keys = 1;
	return sysctl(op);
}

/* What a crash kernel will run is nobody's to write. */
static void crash_memory(void)
{
	is("a map of it", set_va(window, crash.start | PTE_FLAGS, UVMF_INVLPG) != 0, 1);
}

/* ---- the program ---- */

/*
 * At PROGRAM, or wherever the crash area begins: checks that its data are there and what follows them is zero, writes a
 * line to the serial port and powers off by QEMU's register.  Nothing may be expected of registers or a stack.  Of its
 * two forms the one of 32 bits has addresses put in, the other finds its own.
 */
extern char program64[], program64_parameters[], program64_end[];
extern char program32[], program32_end[];
struct parameters { u32 data, end, zeros_end, note, rip_low, rip_high; };

__asm__(".section .rodata\n"
	".balign 16\n"
	"program64:\n"
	"	leaq program64_parameters(%rip), %rbx\n"
	"	movl (%rbx), %esi\n"
	"	xorl %eax, %eax\n"
	"1:	cmpl 4(%rbx), %esi\n"
	"	jae 2f\n"
	"	cmpq %rax, (%rsi)\n"
	"	jne 8f\n"
	"	incq %rax\n"
	"	addq $8, %rsi\n"
	"	jmp 1b\n"
	"2:	cmpl 8(%rbx), %esi\n"
	"	jae 3f\n"
	"	cmpq $0, (%rsi)\n"
	"	jne 8f\n"
	"	addq $8, %rsi\n"
	"	jmp 2b\n"
	/* Of a crash: where the other CPU was, by its note. */
	"3:	movl 12(%rbx), %esi\n"
	"	testl %esi, %esi\n"
	"	jz 4f\n"
	"	movq 20 + 240(%rsi), %rax\n"
	"	movslq 16(%rbx), %rcx\n"
	"	movslq 20(%rbx), %rdx\n"
	"	cmpq %rcx, %rax\n"
	"	jb 8f\n"
	"	cmpq %rdx, %rax\n"
	"	jae 8f\n"
	"4:	leaq 10f(%rip), %rsi\n"
	"	jmp 9f\n"
	"8:	leaq 11f(%rip), %rsi\n"
	"9:	movl $0x3f8, %edx\n"
	"5:	movb (%rsi), %al\n"
	"	testb %al, %al\n"
	"	jz 6f\n"
	"	outb %al, %dx\n"
	"	incq %rsi\n"
	"	jmp 5b\n"
	"6:	movl $0x604, %edx\n"
	"	movl $0x2000, %eax\n"
	"	outw %ax, %dx\n"
	"7:	hlt\n"
	"	jmp 7b\n"
	"10:	.asciz \"GUEST-RESULT PASS\\n\"\n"
	"11:	.asciz \"GUEST-RESULT FAIL\\n\"\n"
	"	.balign 8\n"
	"program64_parameters: .fill 6, 4, 0\n"
	"program64_end:\n"
	"	.code32\n"
	"	.balign 16\n"
	"program32:\n"
	"	movl %cr0, %eax\n"
	"	testl %eax, %eax\n"
	"	js 8f\n"			/* paging */
	"	movl $0x1000000, %esi\n"	/* DATA */
	"	movl 4(%esi), %eax\n"
	"	cmpl $0, %eax\n"
	"	jne 8f\n"
	"	cmpl $1, 8(%esi)\n"
	"	jne 8f\n"
	"	movl $0x200000 + 10f - program32, %esi\n"
	"	jmp 9f\n"
	"8:	movl $0x200000 + 11f - program32, %esi\n"
	"9:	movl $0x3f8, %edx\n"
	"5:	movb (%esi), %al\n"
	"	testb %al, %al\n"
	"	jz 6f\n"
	"	outb %al, %dx\n"
	"	incl %esi\n"
	"	jmp 5b\n"
	"6:	movl $0x604, %edx\n"
	"	movl $0x2000, %eax\n"
	"	outw %ax, %dx\n"
	"7:	hlt\n"
	"	jmp 7b\n"
	"10:	.asciz \"GUEST-RESULT PASS\\n\"\n"
	"11:	.asciz \"GUEST-RESULT FAIL\\n\"\n"
	"program32_end:\n"
	"	.code64\n"
	"	.text\n");

static u8 program[PAGE_SIZE] __attribute__((aligned(4096)));

static struct parameters *copy_program(u64 data)
{
	struct parameters *p = (struct parameters *)(program + (program64_parameters - program64));

	memcpy(program, program64, (size_t)(program64_end - program64));
	*p = (struct parameters){ .data = (u32)data, .end = (u32)(data + BIG_SIZE),
				  .zeros_end = (u32)(data + BIG_SIZE + TAIL_SIZE) };
	return p;
}

static void kexec_64(void)
{
	xen_kexec_exec_t op = { .type = KEXEC_TYPE_DEFAULT };

	copy_program(DATA);
	IS(H2(kexec_op, KEXEC_CMD_kexec, &op), eNOENT);
	op.type = 2;
	IS(H2(kexec_op, KEXEC_CMD_kexec, &op), eINVAL);
	op.type = KEXEC_TYPE_DEFAULT;
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_X86_64, PROGRAM, { big, BIG_SIZE, DATA, BIG_SIZE + TAIL_SIZE },
		{ program, PAGE_SIZE, PROGRAM, PAGE_SIZE }), 0);
	if (!complaints)
		H2(kexec_op, KEXEC_CMD_kexec, &op);
}

static void kexec_32(void)
{
	xen_kexec_exec_t op = { .type = KEXEC_TYPE_DEFAULT };

	memcpy(program, program32, (size_t)(program32_end - program32));
	IS(LOAD(KEXEC_TYPE_DEFAULT, EM_386, PROGRAM, { big, PAGE_SIZE, DATA, PAGE_SIZE },
		{ program, PAGE_SIZE, PROGRAM, PAGE_SIZE }), 0);
	if (!complaints)
		H2(kexec_op, KEXEC_CMD_kexec, &op);
}

/* vCPU 1 goes round here, on CPU 1 (dom0_vcpus_pin). */
extern char spin_start[], spin_end[];
static volatile u32 spins;
__attribute__((noinline)) static void spin(void)
{
	__asm__ volatile("spin_start: movl $1, %0\n1: pause\n jmp 1b\nspin_end:" : "=m"(spins));
}

static void crash_64(void)
{
	const u64 data = crash.start + PAGE_SIZE;
	xen_kexec_range_t note = range_of(KEXEC_RANGE_MA_CPU, 1, 0);
	struct parameters *p = copy_program(data);

	is("vCPU 1 starts", smp_start(spin), 1);
	while (!spins)
		barrier();
	p->note = (u32)note.start;
	p->rip_low = (u32)(u64)spin_start;
	p->rip_high = (u32)(u64)spin_end;
	IS(LOAD(KEXEC_TYPE_CRASH, EM_X86_64, crash.start, { big, BIG_SIZE, data, BIG_SIZE + TAIL_SIZE },
		{ program, PAGE_SIZE, crash.start, PAGE_SIZE }, { NULL, 0, note.start & ~4095UL, 2 * PAGE_SIZE }), 0);
	if (complaints)
		return;
	if (cmdline_has("start=key"))
		crash_key();
	guest_shutdown(SHUTDOWN_crash);
}

static const struct { const char *group, *name; void (*fn)(void); } calls[] = {
	{ "kexec_op", "KEXEC_CMD_kexec_get_range", get_range },
	{ "kexec_op", "KEXEC_CMD_kexec_load", load_refused },
	{ "kexec_op", "KEXEC_CMD_kexec_unload", load_and_unload },
	{ "kexec_op", "KEXEC_CMD_kexec_status", status },
	{ "kexec_op", "KEXEC_CMD_kexec_unload_v1", unload_v1 },
};
/* These do not come back. */
static const struct { const char *group, *name; void (*fn)(void); } starts[] = {
	{ "kexec_op", "KEXEC_CMD_kexec", kexec_64 },
	{ "kexec_op", "KEXEC_CMD_kexec", kexec_32 },
	{ "kexec_op", "KEXEC_CMD_kexec", crash_64 },
};

void guest_main(void)
{
	for (u64 i = 0; i < ARRAY_SIZE(big); i++)
		big[i] = i;
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i].fn();
	crash_memory();
	is("the key without a crash kernel", crash_key(), 0);
	if (!complaints)
		starts[cmdline_has("start=32") ? 1 : cmdline_has("start=64") ? 0 : 2].fn();
	guest_exit("FAIL");
}
