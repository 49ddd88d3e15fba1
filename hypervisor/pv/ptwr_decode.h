/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions with which guest kernels write page-table entries that they see read-only, in 64-bit mode.
 * Pure: bytes and registers in, what to write and what else changes out.  The address is not computed: the
 * page fault said where the write goes.
 */
#ifndef PV_PTWR_DECODE_H
#define PV_PTWR_DECODE_H

#include <hv/types.h>
#include <public/xen.h>

#define PTWR_INSN_MAX 15

enum ptwr_op {
	PTWR_MOV, PTWR_XCHG, PTWR_CMPXCHG, PTWR_XADD, PTWR_ADD, PTWR_OR, PTWR_ADC, PTWR_SBB, PTWR_AND, PTWR_SUB,
	PTWR_XOR, PTWR_BTS, PTWR_BTR, PTWR_BTC, PTWR_INC, PTWR_DEC, PTWR_NOT, PTWR_NEG, PTWR_STOS, PTWR_MOVS,
};

struct ptwr_insn {
	enum ptwr_op op;
	u8 len;			/* of the whole instruction */
	u8 size;		/* of the operand: 1, 2, 4 or 8 */
	bool lock, rep, has_imm;
	u8 reg;			/* source register number when !has_imm */
	bool high_byte;		/* AH, CH, DH, BH */
	u64 imm;
};

/* Decodes @n bytes; false: not one of these, or cut off. */
bool ptwr_decode(const u8 *bytes, unsigned int n, struct ptwr_insn *in);
/* The same for what kernels write most entries with, all of it within the 8 bytes @w; false: ptwr_decode may know it. */
bool ptwr_decode_quick(u64 w, struct ptwr_insn *in);
/* The register that is numbered so in an instruction. */
u64 *ptwr_gpr(struct cpu_user_regs *r, u8 n);
/*
 * With the operand in memory now @old: *new what it becomes; true if it is to be written.  regs gets flags,
 * result registers and RIP as after the instruction (one turn of a REP): apply them once the write is done.
 */
bool ptwr_execute(const struct ptwr_insn *in, struct cpu_user_regs *regs, u64 old, u64 src_mem, u64 *new);

#endif
