/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Emulated writes of page-table entries against this machine's own CPU: each instruction form runs natively on
 * a word of memory and through the decoder and executor; memory, registers and flags must agree.  Then random
 * bytes: the decoder may refuse them, and must not read past their end.
 */
#include "../../../hypervisor/pv/ptwr_decode.h"
#include "host_frames.h"

#define PROT_RWX 7
#define MAP_PRIVATE_ANON 0x22
void *mmap(void *addr, unsigned long len, int prot, int flags, int fd, long off);

struct io { u64 rax, rcx, rdx, rbx, flags; };

/* Loads io's registers and flags, runs the instruction on [rdi], stores them back. */
static const u8 prologue[] = {
	0x53, 0x48, 0x8b, 0x06, 0x48, 0x8b, 0x4e, 0x08, 0x48, 0x8b, 0x56, 0x10, 0x48, 0x8b, 0x5e, 0x18,
	0xff, 0x76, 0x20, 0x9d,
};
static const u8 epilogue[] = {
	0x9c, 0x8f, 0x46, 0x20, 0x48, 0x89, 0x06, 0x48, 0x89, 0x4e, 0x08, 0x48, 0x89, 0x56, 0x10,
	0x48, 0x89, 0x5e, 0x18, 0x5b, 0xc3,
};

#define CF 0x1ULL
#define AF 0x10ULL
#define ARITH 0x8d5ULL
#define LOGIC (ARITH & ~AF)

struct form { const char *name; u8 len, bytes[12]; u64 flags; };
/* All on [rdi]: ModRM rm = 7, mod 0; register rcx (1), bl (3), ch (5). */
static const struct form forms[] = {
	{ "mov %rcx", 3, { 0x48, 0x89, 0x0f }, ARITH },
	{ "mov %ecx", 2, { 0x89, 0x0f }, ARITH },
	{ "mov %cx", 3, { 0x66, 0x89, 0x0f }, ARITH },
	{ "mov %cl", 2, { 0x88, 0x0f }, ARITH },
	{ "mov %ch", 2, { 0x88, 0x2f }, ARITH },
	{ "mov disp8", 4, { 0x48, 0x89, 0x4f, 0x00 }, ARITH },
	{ "mov disp32", 7, { 0x48, 0x89, 0x8f, 0, 0, 0, 0 }, ARITH },
	{ "mov sib", 4, { 0x48, 0x89, 0x0c, 0x27 }, ARITH },
	{ "mov $imm32,q", 7, { 0x48, 0xc7, 0x07, 0x67, 0x45, 0x23, 0x81 }, ARITH },
	{ "mov $imm32,l", 6, { 0xc7, 0x07, 0x67, 0x45, 0x23, 0x81 }, ARITH },
	{ "mov $imm16", 5, { 0x66, 0xc7, 0x07, 0x67, 0x85 }, ARITH },
	{ "mov $imm8", 3, { 0xc6, 0x07, 0x9a }, ARITH },
	{ "movnti", 4, { 0x48, 0x0f, 0xc3, 0x0f }, ARITH },
	{ "xchg q", 3, { 0x48, 0x87, 0x0f }, ARITH },
	{ "xchg l", 2, { 0x87, 0x0f }, ARITH },
	{ "lock xchg b", 3, { 0xf0, 0x86, 0x1f }, ARITH },
	{ "cmpxchg q", 4, { 0x48, 0x0f, 0xb1, 0x0f }, ARITH },
	{ "lock cmpxchg l", 4, { 0xf0, 0x0f, 0xb1, 0x0f }, ARITH },
	{ "cmpxchg b", 3, { 0x0f, 0xb0, 0x0f }, ARITH },
	{ "lock xadd q", 5, { 0xf0, 0x48, 0x0f, 0xc1, 0x0f }, ARITH },
	{ "xadd w", 4, { 0x66, 0x0f, 0xc1, 0x0f }, ARITH },
	{ "add q", 3, { 0x48, 0x01, 0x0f }, ARITH },
	{ "add b", 2, { 0x00, 0x0f }, ARITH },
	{ "add $imm8,q", 4, { 0x48, 0x83, 0x07, 0x85 }, ARITH },
	{ "adc l", 2, { 0x11, 0x0f }, ARITH },
	{ "sbb q", 3, { 0x48, 0x19, 0x0f }, ARITH },
	{ "sub w", 3, { 0x66, 0x29, 0x0f }, ARITH },
	{ "sub $imm32,q", 7, { 0x48, 0x81, 0x2f, 0x11, 0x22, 0x33, 0x84 }, ARITH },
	{ "lock or q", 4, { 0xf0, 0x48, 0x09, 0x0f }, LOGIC },
	{ "or $imm8,b", 3, { 0x80, 0x0f, 0x42 }, LOGIC },
	{ "lock and q", 4, { 0xf0, 0x48, 0x21, 0x0f }, LOGIC },
	{ "lock andb $imm", 4, { 0xf0, 0x80, 0x27, 0xfd }, LOGIC },
	{ "and $imm8,l", 3, { 0x83, 0x27, 0xfd }, LOGIC },
	{ "xor q", 3, { 0x48, 0x31, 0x0f }, LOGIC },
	{ "lock bts $1,q", 6, { 0xf0, 0x48, 0x0f, 0xba, 0x2f, 0x01 }, CF },
	{ "lock btr $1,q", 6, { 0xf0, 0x48, 0x0f, 0xba, 0x37, 0x01 }, CF },
	{ "btc $33,q", 5, { 0x48, 0x0f, 0xba, 0x3f, 0x21 }, CF },
	{ "inc q", 3, { 0x48, 0xff, 0x07 }, ARITH },
	{ "dec b", 2, { 0xfe, 0x0f }, ARITH },
	{ "lock dec l", 3, { 0xf0, 0xff, 0x0f }, ARITH },
	{ "not q", 3, { 0x48, 0xf7, 0x17 }, ARITH },
	{ "neg q", 3, { 0x48, 0xf7, 0x1f }, ARITH },
	{ "neg b", 2, { 0xf6, 0x1f }, ARITH },
};
/* With a register bit number, kept inside of the word. */
static const struct form bit_forms[] = {
	{ "lock bts q", 5, { 0xf0, 0x48, 0x0f, 0xab, 0x0f }, CF },
	{ "lock btr q", 5, { 0xf0, 0x48, 0x0f, 0xb3, 0x0f }, CF },
	{ "btc l", 3, { 0x0f, 0xbb, 0x0f }, CF },
};

static u8 *code;

/* The quick decoder knows fewer forms, and says the same of them. */
static bool quick_agrees(const u8 *bytes)
{
	struct ptwr_insn in, quick;
	u64 w;

	memcpy(&w, bytes, sizeof(w));
	if (!ptwr_decode_quick(w, &quick))
		return false;
	CHECK(ptwr_decode(bytes, sizeof(w), &in));
	CHECK(in.op == quick.op && in.len == quick.len && in.size == quick.size && in.lock == quick.lock && !quick.rep &&
	      in.has_imm == quick.has_imm && in.reg == quick.reg && in.high_byte == quick.high_byte && in.imm == quick.imm);
	return true;
}

/* All prefixes, opcodes and operands of its forms and of their neighbours. */
static void test_quick(void)
{
	static const u8 first[] = { 0x40, 0x48, 0x49, 0x4a, 0x4c, 0x4f, 0x66, 0xf0, 0xf2, 0x89 };
	unsigned int known = 0;
	u8 b[8];

	for (unsigned int i = 0; i < ARRAY_SIZE(first); i++)
		for (unsigned int n = 0; n < 1 << 16; n++) {
			for (unsigned int k = 0; k < sizeof(b); k++)
				b[k] = (u8)host_random();
			b[0] = first[i];
			b[1] = n & 1 ? (u8)(n >> 8) : n & 2 ? 0x89 : n & 4 ? 0x87 : 0x80;
			if (n & 8)
				b[2] = n & 16 ? 0x80 : (u8)(0x20 | (b[2] & 0xc7));
			if (n & 32)
				b[3] = (u8)(0x20 | (b[3] & 0xc7));
			known += quick_agrees(b);
		}
	CHECK(known > 10000);
}

static void run_form(const struct form *f, u64 rcx_mask)
{
	u8 *p = code;
	struct ptwr_insn in;

	memcpy(p, prologue, sizeof(prologue));
	memcpy(p += sizeof(prologue), f->bytes, f->len);
	memcpy(p += f->len, epilogue, sizeof(epilogue));
	CHECK(ptwr_decode(f->bytes, f->len, &in) && in.len == f->len);
	CHECK(!ptwr_decode(f->bytes, f->len - 1U, &in));
	CHECK(ptwr_decode(f->bytes, f->len, &in));
	(void)quick_agrees(f->bytes);
	for (unsigned int n = 0; n < 400; n++) {
		u64 mem = host_random(), mine = mem, m = in.size == 8 ? ~0ULL : (1ULL << in.size * 8) - 1, new;
		struct io io = { host_random(), host_random() & rcx_mask, host_random(), host_random(),
				 0x202 | (host_random() & ARITH) };
		struct cpu_user_regs r = { .rax = io.rax, .rcx = io.rcx, .rdx = io.rdx, .rbx = io.rbx,
					   .rflags = io.flags, .rip = 0x1000 };

		if (n % 3 == 0)		/* the compare succeeds, the result is zero */
			r.rax = io.rax = mem;
		if (n % 7 == 0)
			mine = mem = n % 2 ? ~0ULL : 0;
		((void (*)(u64 *, struct io *))code)(&mem, &io);
		if (ptwr_execute(&in, &r, mine & m, 0, &new))
			mine = (mine & ~m) | new;
		if (mem != mine || io.rax != r.rax || io.rcx != r.rcx || io.rbx != r.rbx ||
		    ((io.flags ^ r.rflags) & f->flags) || r.rip != 0x1000u + f->len) {
			printk("%s: memory %llx %llx rax %llx %llx rcx %llx %llx flags %llx %llx\n", f->name,
			       (unsigned long long)mem, (unsigned long long)mine, (unsigned long long)io.rax,
			       (unsigned long long)r.rax, (unsigned long long)io.rcx, (unsigned long long)r.rcx,
			       (unsigned long long)io.flags, (unsigned long long)r.rflags);
			CHECK(false);
		}
	}
}

static void test_strings(void)
{
	static const u8 rep_stosq[] = { 0xf3, 0x48, 0xab }, movsq[] = { 0x48, 0xa5 };
	struct cpu_user_regs r = { .rax = 7, .rcx = 2, .rdi = 0x2000, .rsi = 0x3000, .rip = 0x1000, .rflags = 2 };
	struct ptwr_insn in;
	u64 new;

	CHECK(ptwr_decode(rep_stosq, 3, &in) && ptwr_execute(&in, &r, 1, 0, &new));
	CHECK(new == 7 && r.rip == 0x1000 && r.rcx == 1 && r.rdi == 0x2008);
	CHECK(ptwr_execute(&in, &r, 1, 0, &new) && r.rip == 0x1003 && r.rcx == 0 && r.rdi == 0x2010);
	r.rflags |= 0x400;
	CHECK(ptwr_decode(movsq, 2, &in) && ptwr_execute(&in, &r, 1, 99, &new));
	CHECK(new == 99 && r.rip == 0x1005 && r.rdi == 0x2008 && r.rsi == 0x2ff8);
}

/* @bytes ends where the array ends: reading on is an error that ASan sees. */
static void decode_exactly(unsigned int len)
{
	u8 bytes[len ? len : 1];
	struct ptwr_insn in;
	struct cpu_user_regs r = { .rcx = 1 };
	u64 new;

	for (unsigned int i = 0; i < len; i++)
		bytes[i] = (u8)host_random();
	if (!ptwr_decode(bytes, len, &in))
		return;
	CHECK(in.len <= len && (in.size == 1 || in.size == 2 || in.size == 4 || in.size == 8));
	(void)ptwr_execute(&in, &r, host_random(), 0, &new);
}

static void test_random_bytes(void)
{
	for (unsigned int n = 0; n < 300000; n++)
		decode_exactly(host_random() % 16);
}

int main(void)
{
	code = mmap(0, PAGE_SIZE, PROT_RWX, MAP_PRIVATE_ANON, -1, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(forms); i++)
		run_form(&forms[i], ~0ULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(bit_forms); i++)
		run_form(&bit_forms[i], 31);
	test_quick();
	test_strings();
	test_random_bytes();
	printk("page-table writes: ok\n");
	return 0;
}
