// SPDX-License-Identifier: GPL-2.0-only
#include <hv/lib.h>
#include "priv_decode.h"

struct cursor { const u8 *p, *end; u8 rex; bool opsize16, lock; };

static bool take(struct cursor *c, u8 *b)
{
	if (c->p == c->end)
		return false;
	*b = *c->p++;
	return true;
}

/* Prefixes, of which only the REX right before the opcode counts as one (SDM vol. 2, 2.2.1); and the byte behind them. */
static bool take_prefixes(struct cursor *c, struct priv_insn *in, u8 *b)
{
	for (;;) {
		if (!take(c, b))
			return false;
		if (likely(*b == 0x0f))
			return true;
		switch (*b) {
		case 0x66: c->opsize16 = true; break;
		case 0x67: in->addr32 = true; break;
		case 0xf0: c->lock = true; break;
		case 0xf2: case 0xf3: in->rep = true; break;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: in->seg = *b; break;
		case 0x40 ... 0x4f: c->rex = *b; continue;
		default: return true;
		}
		c->rex = 0;
	}
}

static u8 port_size(const struct cursor *c, u8 opcode)
{
	return !(opcode & 1) ? 1 : c->opsize16 ? 2 : 4;
}

static bool one_byte(struct cursor *c, struct priv_insn *in, u8 opcode)
{
	bool out = opcode & 2;

	switch (opcode) {
	case 0x6c ... 0x6f:
		in->op = out ? PRIV_OUTS : PRIV_INS;
		in->size = port_size(c, opcode);
		return true;
	case 0xe4 ... 0xe7:
	case 0xec ... 0xef:
		in->op = out ? PRIV_OUT : PRIV_IN;
		in->size = port_size(c, opcode);
		in->port_in_dx = opcode & 8;
		return in->port_in_dx || take(c, &in->port);
	case 0xfa:
		in->op = PRIV_CLI;
		return true;
	case 0xfb:
		in->op = PRIV_STI;
		return true;
	}
	return false;
}

/* ModRM of a move to or from a special register: its mod field says nothing (SDM vol. 2, MOV). */
static bool special_move(struct cursor *c, struct priv_insn *in, enum priv_op op)
{
	u8 m;

	in->op = op;
	if (!take(c, &m))
		return false;
	in->special = (m >> 3 & 7) | (c->rex & 4 ? 8 : 0);
	in->gpr = (m & 7) | (c->rex & 1 ? 8 : 0);
	return true;
}

/* 0f 01: of all that is there, what has registers alone. INVLPG is left to the hypercall. */
static bool group_7(struct cursor *c, struct priv_insn *in)
{
	u8 m;

	if (!take(c, &m))
		return false;
	switch (m) {
	case 0xd1: in->op = PRIV_XSETBV; return true;
	case 0xf9: in->op = PRIV_RDTSCP; return true;
	}
	return false;
}

static bool two_bytes(struct cursor *c, struct priv_insn *in)
{
	u8 opcode;

	if (!take(c, &opcode))
		return false;
	switch (opcode) {
	case 0x01: return group_7(c, in);
	case 0x20: return special_move(c, in, PRIV_READ_CR);
	case 0x21: return special_move(c, in, PRIV_READ_DR) && in->special < 8;
	case 0x22: return special_move(c, in, PRIV_WRITE_CR);
	case 0x23: return special_move(c, in, PRIV_WRITE_DR) && in->special < 8;
	case 0x06: in->op = PRIV_CLTS; return true;
	case 0x08: case 0x09: in->op = PRIV_WBINVD; return true;
	case 0x30: in->op = PRIV_WRMSR; return true;
	case 0x31: in->op = PRIV_RDTSC; return true;
	case 0x32: in->op = PRIV_RDMSR; return true;
	case 0xa2: in->op = PRIV_CPUID; return true;
	}
	return false;
}

bool priv_decode(const u8 *bytes, unsigned int n, struct priv_insn *in)
{
	struct cursor c = { .p = bytes, .end = bytes + min(n, (unsigned int)PRIV_INSN_MAX) };
	u8 b;

	*in = (struct priv_insn){ 0 };
	if (!take_prefixes(&c, in, &b))
		return false;
	if (b == 0x0f ? !two_bytes(&c, in) : !one_byte(&c, in, b))
		return false;
	in->len = (u8)(c.p - bytes);
	return !c.lock;
}
