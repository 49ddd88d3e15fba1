/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The privileged instructions that are emulated for PV guests, in 64-bit mode.  Pure: bytes in, what they say out.
 * Whether the guest may, and what then happens, pv/emul_priv.c knows.
 */
#ifndef PV_PRIV_DECODE_H
#define PV_PRIV_DECODE_H

#include <hv/types.h>

#define PRIV_INSN_MAX 15

enum priv_op {
	PRIV_IN, PRIV_OUT, PRIV_INS, PRIV_OUTS, PRIV_CLI, PRIV_STI, PRIV_CLTS, PRIV_WBINVD, PRIV_READ_CR, PRIV_WRITE_CR,
	PRIV_READ_DR, PRIV_WRITE_DR, PRIV_RDMSR, PRIV_WRMSR, PRIV_RDTSC, PRIV_RDTSCP, PRIV_CPUID, PRIV_XSETBV,
	NR_PRIV_OPS
};

struct priv_insn {
	enum priv_op op;
	u8 len;			/* of the whole instruction */
	u8 size;		/* of what goes through a port: 1, 2 or 4 */
	u8 seg;			/* segment prefix or 0 */
	bool rep, addr32;
	bool port_in_dx;
	u8 port;		/* when !port_in_dx */
	u8 special;		/* number of the control or debug register */
	u8 gpr;			/* the other register of the move */
};

/* Decodes @n bytes; false: not one of these, or cut off. */
bool priv_decode(const u8 *bytes, unsigned int n, struct priv_insn *in);

#endif
