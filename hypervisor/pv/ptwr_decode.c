// SPDX-License-Identifier: GPL-2.0-only
#include <hv/lib.h>
#include "ptwr_decode.h"

/* RFLAGS (SDM 1 3.4.3) */
#define FL_CF BIT64(0)
#define FL_PF BIT64(2)
#define FL_AF BIT64(4)
#define FL_ZF BIT64(6)
#define FL_SF BIT64(7)
#define FL_DF BIT64(10)
#define FL_OF BIT64(11)
#define FL_ARITH (FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF)

struct cursor { const u8 *p, *end; bool cut; u8 rex; bool opsize; };

static u8 take(struct cursor *c)
{
	if (c->p == c->end) {
		c->cut = true;
		return 0;
	}
	return *c->p++;
}

static u64 take_imm(struct cursor *c, unsigned int bytes)
{
	u64 v = 0;

	for (unsigned int i = 0; i < bytes; i++)
		v |= (u64)take(c) << (8 * i);
	/* Immediates are sign-extended to the operand's size. */
	return bytes == 1 ? (u64)(s64)(s8)v : bytes == 2 ? (u64)(s64)(s16)v : bytes == 4 ? (u64)(s64)(s32)v : v;
}

/* Skips ModRM with its SIB and displacement; false for a register operand.  Returns the reg field by @reg. */
static bool take_modrm(struct cursor *c, u8 *reg, u8 *digit)
{
	u8 m = take(c), mod = m >> 6, rm = m & 7, base = rm;

	*digit = m >> 3 & 7;
	*reg = *digit | (c->rex & 4 ? 8 : 0);
	if (mod == 3)
		return false;
	if (rm == 4)
		base = take(c) & 7;
	if (mod == 1)
		take(c);
	else if (mod == 2 || (mod == 0 && base == 5))
		take_imm(c, 4);
	return true;
}

static u8 wide(const struct cursor *c) { return c->rex & 8 ? 8 : c->opsize ? 2 : 4; }

static bool finish_reg(const struct cursor *c, struct ptwr_insn *in, u8 reg)
{
	in->has_imm = false;
	in->high_byte = in->size == 1 && !c->rex && reg >= 4;
	in->reg = in->high_byte ? reg - 4 : reg;
	return true;
}

static bool finish_imm(struct cursor *c, struct ptwr_insn *in, unsigned int bytes)
{
	in->has_imm = true;
	in->imm = take_imm(c, bytes);
	return true;
}

static const enum ptwr_op alu_op[8] = {
	PTWR_ADD, PTWR_OR, PTWR_ADC, PTWR_SBB, PTWR_AND, PTWR_SUB, PTWR_XOR, PTWR_XOR /* CMP: never asked for */
};

static bool decode_two_byte(struct cursor *c, struct ptwr_insn *in)
{
	u8 op = take(c), reg, digit;

	if (op != 0xa3 && !take_modrm(c, &reg, &digit))
		return false;
	in->size = wide(c);
	switch (op) {
	case 0xab: in->op = PTWR_BTS; return finish_reg(c, in, reg);
	case 0xb3: in->op = PTWR_BTR; return finish_reg(c, in, reg);
	case 0xbb: in->op = PTWR_BTC; return finish_reg(c, in, reg);
	case 0xba:
		if (digit < 5)
			return false;
		in->op = digit == 5 ? PTWR_BTS : digit == 6 ? PTWR_BTR : PTWR_BTC;
		return finish_imm(c, in, 1);
	case 0xb0: case 0xb1:
		in->op = PTWR_CMPXCHG;
		in->size = op & 1 ? in->size : 1;
		return finish_reg(c, in, reg);
	case 0xc0: case 0xc1:
		in->op = PTWR_XADD;
		in->size = op & 1 ? in->size : 1;
		return finish_reg(c, in, reg);
	case 0xc3:			/* MOVNTI */
		in->op = PTWR_MOV;
		return in->size != 2 && finish_reg(c, in, reg);
	}
	return false;
}

static bool decode_one_byte(struct cursor *c, struct ptwr_insn *in, u8 op)
{
	u8 reg, digit;

	in->size = op & 1 ? wide(c) : 1;
	if (op == 0xaa || op == 0xab || op == 0xa4 || op == 0xa5) {
		in->op = op & 0xe ? (op >= 0xaa ? PTWR_STOS : PTWR_MOVS) : PTWR_MOVS;
		return true;
	}
	if (op < 0x40 && (op & 7) < 2 && op >> 3 != 7) {	/* ALU r/m, r */
		in->op = alu_op[op >> 3];
		return take_modrm(c, &reg, &digit) && finish_reg(c, in, reg);
	}
	switch (op) {
	case 0x80: case 0x81: case 0x83:
		if (!take_modrm(c, &reg, &digit) || digit == 7)
			return false;
		in->op = alu_op[digit];
		return finish_imm(c, in, op == 0x81 ? min(in->size, (u8)4) : 1);
	case 0x86: case 0x87:
		in->op = PTWR_XCHG;
		return take_modrm(c, &reg, &digit) && finish_reg(c, in, reg);
	case 0x88: case 0x89:
		in->op = PTWR_MOV;
		return take_modrm(c, &reg, &digit) && finish_reg(c, in, reg);
	case 0xc6: case 0xc7:
		in->op = PTWR_MOV;
		return take_modrm(c, &reg, &digit) && digit == 0 && finish_imm(c, in, min(in->size, (u8)4));
	case 0xf6: case 0xf7:
		if (!take_modrm(c, &reg, &digit) || (digit != 2 && digit != 3))
			return false;
		in->op = digit == 2 ? PTWR_NOT : PTWR_NEG;
		return true;
	case 0xfe: case 0xff:
		if (!take_modrm(c, &reg, &digit) || digit > 1)
			return false;
		in->op = digit ? PTWR_DEC : PTWR_INC;
		return true;
	}
	return false;
}

bool ptwr_decode(const u8 *bytes, unsigned int n, struct ptwr_insn *in)
{
	struct cursor c = { bytes, bytes + min(n, (unsigned int)PTWR_INSN_MAX), false, 0, false };
	bool ok;
	u8 b;

	memset(in, 0, sizeof(*in));
	for (;;) {
		b = take(&c);
		if (b == 0x66)
			c.opsize = true;
		else if (b == 0xf0)
			in->lock = true;
		else if (b == 0xf2 || b == 0xf3)
			in->rep = true;
		else if (b != 0x2e && b != 0x36 && b != 0x3e && b != 0x26 && b != 0x64 && b != 0x65)
			break;			/* segment overrides change nothing here; 0x67 is not expected */
		if (c.cut)
			return false;
	}
	if ((b & 0xf0) == 0x40) {
		c.rex = b;
		b = take(&c);
	}
	ok = b == 0x0f ? decode_two_byte(&c, in) : decode_one_byte(&c, in, b);
	in->len = (u8)(c.p - bytes);
	if (in->lock && (in->op == PTWR_MOV || in->op == PTWR_STOS || in->op == PTWR_MOVS))
		return false;			/* #UD */
	return ok && !c.cut;
}

/* Bytes of an operand in memory from its ModRM on; 0: a register. */
static always_inline unsigned int operand_length(u8 modrm, u8 sib)
{
	unsigned int mod = modrm >> 6, rm = modrm & 7, n = rm == 4 ? 2 : 1;

	if (mod == 3)
		return 0;
	if (mod == 1)
		return n + 1;
	return mod == 2 || (rm == 4 ? sib & 7 : rm) == 5 ? n + 4 : n;
}

/* MOV and XCHG of a 64-bit register (REX.W 89, 87), and LOCK AND of a byte with a constant (80 /4). */
bool ptwr_decode_quick(u64 w, struct ptwr_insn *in)
{
	u8 rex = (u8)w, op = (u8)(w >> 8), modrm = (u8)(w >> 16);
	unsigned int at = 2, operand;

	if (rex == 0xf0) {
		if ((op & 0xf0) == 0x40)
			at = 3;
		modrm = (u8)(w >> 8 * at);
		operand = operand_length(modrm, (u8)(w >> 8 * (at + 1)));
		if ((u8)(w >> 8 * (at - 1)) != 0x80 || (modrm >> 3 & 7) != 4 || !operand || at + operand > 7)
			return false;
		*in = (struct ptwr_insn){ .op = PTWR_AND, .size = 1, .lock = true, .has_imm = true,
					  .len = (u8)(at + operand + 1), .imm = (u64)(s64)(s8)(w >> 8 * (at + operand)) };
		return true;
	}
	operand = operand_length(modrm, (u8)(w >> 24));
	if ((rex & 0xf8) != 0x48 || (op != 0x87 && op != 0x89) || !operand)
		return false;
	*in = (struct ptwr_insn){ .op = op == 0x87 ? PTWR_XCHG : PTWR_MOV, .size = 8, .len = (u8)(at + operand),
				  .reg = (u8)((modrm >> 3 & 7) | (rex & 4 ? 8 : 0)) };
	return true;
}

#define REG(name) offsetof(struct cpu_user_regs, name)
u64 *ptwr_gpr(struct cpu_user_regs *r, u8 n)
{
	static const u8 at[16] = { REG(rax), REG(rcx), REG(rdx), REG(rbx), REG(rsp), REG(rbp), REG(rsi), REG(rdi),
				   REG(r8), REG(r9), REG(r10), REG(r11), REG(r12), REG(r13), REG(r14), REG(r15) };

	return (u64 *)((char *)r + at[n & 15]);
}
#undef REG

static u64 mask_of(u8 size) { return size == 8 ? ~0ULL : (1ULL << (size * 8)) - 1; }

static void set_gpr(struct cpu_user_regs *r, u8 n, u8 size, bool high, u64 v)
{
	u64 *p = ptwr_gpr(r, n);

	if (high)
		*p = (*p & ~0xff00ULL) | (v & 0xff) << 8;
	else if (size == 4)
		*p = (u32)v;			/* 32-bit results clear the upper half (SDM 1 3.4.1.1) */
	else
		*p = (*p & ~mask_of(size)) | (v & mask_of(size));
}

/* Flags of a result, with the carry, overflow and auxiliary bits that the caller found. */
static void set_flags(struct cpu_user_regs *r, u64 res, u8 size, u64 cf_of_af, u64 keep)
{
	u64 f = cf_of_af;

	res &= mask_of(size);
	f |= res ? 0 : FL_ZF;
	f |= res >> (size * 8 - 1) & 1 ? FL_SF : 0;
	f |= __builtin_parity((unsigned int)(res & 0xff)) ? 0 : FL_PF;
	r->rflags = (r->rflags & ~(FL_ARITH & ~keep)) | (f & ~keep);
}

static u64 add(struct cpu_user_regs *r, u64 a, u64 b, u64 carry, u8 size, u64 keep)
{
	u64 m = mask_of(size), sign = 1ULL << (size * 8 - 1), res;

	a &= m;
	b &= m;
	res = (a + b + carry) & m;
	set_flags(r, res, size, (res < a || (carry && res == a) ? FL_CF : 0) |
		  ((a ^ res) & (b ^ res) & sign ? FL_OF : 0) | ((a ^ b ^ res) & 0x10 ? FL_AF : 0), keep);
	return res;
}

static u64 sub(struct cpu_user_regs *r, u64 a, u64 b, u64 borrow, u8 size, u64 keep)
{
	u64 m = mask_of(size), sign = 1ULL << (size * 8 - 1), res;

	a &= m;
	b &= m;
	res = (a - b - borrow) & m;
	set_flags(r, res, size, (a < b || (borrow && a == b) ? FL_CF : 0) |
		  ((a ^ b) & (a ^ res) & sign ? FL_OF : 0) | ((a ^ b ^ res) & 0x10 ? FL_AF : 0), keep);
	return res;
}

static u64 logic(struct cpu_user_regs *r, u64 res, u8 size)
{
	set_flags(r, res, size, 0, 0);
	return res;
}

static void step_string(const struct ptwr_insn *in, struct cpu_user_regs *r)
{
	u64 delta = r->rflags & FL_DF ? -(u64)in->size : in->size;

	r->rdi += delta;
	if (in->op == PTWR_MOVS)
		r->rsi += delta;
	if (in->rep && --r->rcx)
		r->rip -= in->len;		/* another turn */
}

bool ptwr_execute(const struct ptwr_insn *in, struct cpu_user_regs *regs, u64 old, u64 src_mem, u64 *new)
{
	u64 m = mask_of(in->size), src = in->has_imm ? in->imm : *ptwr_gpr(regs, in->reg) >> (in->high_byte ? 8 : 0);
	u64 carry = regs->rflags & FL_CF ? 1 : 0, bit = 1ULL << (src & (in->size * 8U - 1));

	old &= m;
	src &= m;
	regs->rip += in->len;
	switch (in->op) {
	case PTWR_MOV: *new = src; break;
	case PTWR_STOS: *new = regs->rax; step_string(in, regs); break;
	case PTWR_MOVS: *new = src_mem; step_string(in, regs); break;
	case PTWR_XCHG:
		*new = src;
		set_gpr(regs, in->reg, in->size, in->high_byte, old);
		break;
	case PTWR_CMPXCHG:
		*new = src;
		sub(regs, regs->rax, old, 0, in->size, 0);
		if ((regs->rax & m) == old)
			break;
		set_gpr(regs, 0, in->size, false, old);
		return false;
	case PTWR_XADD:
		*new = add(regs, old, src, 0, in->size, 0);
		set_gpr(regs, in->reg, in->size, in->high_byte, old);
		break;
	case PTWR_ADD: *new = add(regs, old, src, 0, in->size, 0); break;
	case PTWR_ADC: *new = add(regs, old, src, carry, in->size, 0); break;
	case PTWR_SUB: *new = sub(regs, old, src, 0, in->size, 0); break;
	case PTWR_SBB: *new = sub(regs, old, src, carry, in->size, 0); break;
	case PTWR_OR: *new = logic(regs, old | src, in->size); break;
	case PTWR_AND: *new = logic(regs, old & src, in->size); break;
	case PTWR_XOR: *new = logic(regs, old ^ src, in->size); break;
	case PTWR_INC: *new = add(regs, old, 1, 0, in->size, FL_CF); break;
	case PTWR_DEC: *new = sub(regs, old, 1, 0, in->size, FL_CF); break;
	case PTWR_NEG: *new = sub(regs, 0, old, 0, in->size, 0); break;
	case PTWR_NOT: *new = ~old; break;
	case PTWR_BTS: case PTWR_BTR: case PTWR_BTC:
		regs->rflags = (regs->rflags & ~FL_CF) | (old & bit ? FL_CF : 0);
		*new = in->op == PTWR_BTS ? old | bit : in->op == PTWR_BTR ? old & ~bit : old ^ bit;
		break;
	}
	*new &= m;
	return true;
}
