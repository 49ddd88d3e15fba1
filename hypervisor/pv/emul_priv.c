/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions of PV guest kernels, decoded at RIP after a #GP (or #UD for forced CPUID).
 *
 * One pass over prefixes and opcode into struct insn, then a table by opcode.  What is not in the table is
 * not emulated: the guest gets its #GP.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <pv/emul.h>
#include <pv/mm.h>
#include <pv/traps.h>
#include <x86/cpu_policy.h>
#include <x86/current.h>
#include <x86/fpu.h>
#include <x86/processor.h>
#include <x86/traps.h>

#define INSN_MAX 15
#define FORCED_CPUID_LEN 7
#define CPUID_LEN 2

struct insn {
	u8 bytes[INSN_MAX];
	u8 have;		/* bytes read */
	u8 len;			/* bytes used */
	u8 rex, modrm;
	bool opsize16, addr32, rep, lock, two_byte;
	u8 opcode;
	u8 seg;			/* segment prefix byte or 0 */
};

enum emul_result { EMUL_DONE, EMUL_AGAIN, EMUL_FAULT };	/* AGAIN: handled, RIP stays; FAULT: not ours */

unsigned long *pv_gpr(struct cpu_user_regs *r, unsigned int n)
{
	static const u8 at[16] = {
#define AT(x) offsetof(struct cpu_user_regs, x)
		AT(rax), AT(rcx), AT(rdx), AT(rbx), AT(rsp), AT(rbp), AT(rsi), AT(rdi),
		AT(r8), AT(r9), AT(r10), AT(r11), AT(r12), AT(r13), AT(r14), AT(r15),
#undef AT
	};

	return (unsigned long *)((char *)r + at[n & 15]);
}

static bool fetch(struct insn *in, u8 *b)
{
	if (in->len >= in->have)
		return false;
	*b = in->bytes[in->len++];
	return true;
}

/* As many bytes as can be read at @rip: the instruction may end just before an unmapped page. */
static void read_code(struct insn *in, unsigned long rip)
{
	unsigned int to_page_end = (unsigned int)(PAGE_SIZE - (rip & ~PAGE_MASK));

	in->have = 0;
	if (copy_from_guest_raw(in->bytes, rip, INSN_MAX))
		in->have = INSN_MAX;
	else if (to_page_end < INSN_MAX && copy_from_guest_raw(in->bytes, rip, to_page_end))
		in->have = (u8)to_page_end;
}

static bool decode(struct insn *in, unsigned long rip)
{
	u8 b;

	*in = (struct insn){ 0 };
	read_code(in, rip);
	for (;;) {
		if (!fetch(in, &b))
			return false;
		switch (b) {
		case 0x66: in->opsize16 = true; in->rex = 0; continue;
		case 0x67: in->addr32 = true; in->rex = 0; continue;
		case 0xf0: in->lock = true; in->rex = 0; continue;
		case 0xf2: case 0xf3: in->rep = true; in->rex = 0; continue;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65: in->seg = b; in->rex = 0; continue;
		}
		if ((b & 0xf0) == 0x40) {
			in->rex = b;
			continue;
		}
		break;
	}
	if (b == 0x0f) {
		in->two_byte = true;
		if (!fetch(in, &b))
			return false;
	}
	in->opcode = b;
	return !in->lock;
}

static unsigned int op_bytes(const struct insn *in, bool byte_form)
{
	return byte_form ? 1 : in->opsize16 ? 2 : 4;
}

/* ---- ports ---- */

static bool guest_io_okay(struct vcpu *v, unsigned int port, unsigned int bytes)
{
	const struct pv_vcpu *pv = &v->arch.pv;
	unsigned int need = v->arch.kernel_mode ? 1 : 3;
	u16 mask = 0;

	if (pv->iopl >> 12 >= need)
		return true;
	if (!pv->iobmp || port + bytes > pv->iobmp_limit)
		return false;
	/* The bitmap is the guest kernel's memory: in user mode its root has to be loaded to read it. */
	bool user = !v->arch.kernel_mode, ok;

	if (user)
		pv_toggle_mode(v);
	ok = copy_from_guest_raw(&mask, (unsigned long)pv->iobmp + port / 8, 2);
	if (user)
		pv_toggle_mode(v);
	return ok && !(mask >> (port & 7) & ((1U << bytes) - 1));
}

static enum emul_result emul_in_out(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	bool dx = in->opcode & 8, out = in->opcode & 2;
	unsigned int bytes = op_bytes(in, !(in->opcode & 1)), port = (u16)r->rdx;
	u64 mask = GENMASK(bytes * 8 - 1, 0);
	u8 imm;

	if (!dx) {
		if (!fetch(in, &imm))
			return EMUL_FAULT;
		port = imm;
	}
	if (!guest_io_okay(v, port, bytes))
		return EMUL_FAULT;
	if (out) {
		pv_port_write(v->domain, port, bytes, (u32)(r->rax & mask));
	} else {
		u32 val = pv_port_read(v->domain, port, bytes);

		r->rax = bytes == 4 ? val : (r->rax & ~mask) | val;
	}
	return EMUL_DONE;
}

/* INS and OUTS: one element at a time, REP by running the instruction again. */
static enum emul_result emul_string_io(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	bool out = in->opcode & 2;
	unsigned int bytes = op_bytes(in, !(in->opcode & 1)), port = (u16)r->rdx;
	unsigned long amask = in->addr32 ? 0xffffffffUL : ~0UL, *ptr = out ? (unsigned long *)&r->rsi : (unsigned long *)&r->rdi;
	u32 val = 0;

	if (in->rep && !(r->rcx & amask))
		return EMUL_DONE;
	if (in->seg == 0x64 || in->seg == 0x65 || !guest_io_okay(v, port, bytes))
		return EMUL_FAULT;
	if (out) {
		if (!copy_from_guest_raw(&val, *ptr & amask, bytes)) {
			pv_inject_page_fault(v, *ptr & amask, v->arch.kernel_mode ? 0 : PFEC_U);
			return EMUL_AGAIN;
		}
		pv_port_write(v->domain, port, bytes, val);
	} else {
		val = pv_port_read(v->domain, port, bytes);
		if (!copy_to_guest_raw(*ptr & amask, &val, bytes)) {
			pv_inject_page_fault(v, *ptr & amask, PFEC_W | (v->arch.kernel_mode ? 0 : PFEC_U));
			return EMUL_AGAIN;
		}
	}
	*ptr += r->rflags & X86_RFLAGS_DF ? -(unsigned long)bytes : bytes;
	if (in->rep && (--r->rcx & amask))
		return EMUL_AGAIN;
	return EMUL_DONE;
}

/* ---- control registers ---- */

static enum emul_result emul_read_cr(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u8 m;
	unsigned int cr, reg;

	if (!fetch(in, &m))
		return EMUL_FAULT;
	cr = (m >> 3 & 7) | (in->rex & 4 ? 8 : 0);
	reg = (m & 7) | (in->rex & 1 ? 8 : 0);
	switch (cr) {
	case 0:
		*pv_gpr(r, reg) = (v->arch.pv.ctrlreg[0] & X86_CR0_TS) | (read_cr0() & ~X86_CR0_TS);
		return EMUL_DONE;
	case 2:
		*pv_gpr(r, reg) = v->arch.pv.ctrlreg[2];
		return EMUL_DONE;
	case 3:
		*pv_gpr(r, reg) = v->arch.cr3_kernel & ~(PAGE_SIZE - 1);
		return EMUL_DONE;
	case 4:
		*pv_gpr(r, reg) = v->arch.pv.ctrlreg[4];
		return EMUL_DONE;
	}
	return EMUL_FAULT;
}

static enum emul_result emul_write_cr(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	unsigned long val;
	unsigned int cr;
	int rc;
	u8 m;

	if (!fetch(in, &m))
		return EMUL_FAULT;
	cr = (m >> 3 & 7) | (in->rex & 4 ? 8 : 0);
	val = *pv_gpr(r, (m & 7) | (in->rex & 1 ? 8U : 0U));
	switch (cr) {
	case 0:
		/* Only TS is the guest's. */
		if ((val ^ read_cr0()) & ~(X86_CR0_TS | X86_CR0_MP | X86_CR0_EM | X86_CR0_NE | X86_CR0_AM | X86_CR0_WP))
			return EMUL_FAULT;
		do_fpu_taskswitch(!!(val & X86_CR0_TS));
		return EMUL_DONE;
	case 2:
		v->arch.pv.ctrlreg[2] = val;
		v->vcpu_info->arch.cr2 = val;
		return EMUL_DONE;
	case 3:
		rc = pv_write_cr3(v, val);
		return rc == -ERESTART ? EMUL_AGAIN : rc ? EMUL_FAULT : EMUL_DONE;
	case 4:
		return pv_write_cr4(v, val) ? EMUL_DONE : EMUL_FAULT;
	}
	return EMUL_FAULT;
}

static enum emul_result emul_read_dr(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u8 m;

	if (!fetch(in, &m))
		return EMUL_FAULT;
	*pv_gpr(r, (m & 7) | (in->rex & 1 ? 8U : 0U)) = (unsigned long)do_get_debugreg((int)(m >> 3 & 7));
	return EMUL_DONE;
}

static enum emul_result emul_write_dr(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u8 m;

	if (!fetch(in, &m))
		return EMUL_FAULT;
	return pv_set_debugreg(v, m >> 3 & 7, *pv_gpr(r, (m & 7) | (in->rex & 1 ? 8U : 0U))) ? EMUL_FAULT : EMUL_DONE;
}

/* ---- the rest ---- */

static enum emul_result emul_clts(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	do_fpu_taskswitch(0);
	return EMUL_DONE;
}

static enum emul_result emul_cpuid(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u32 out[4];

	if (!v->arch.kernel_mode && v->arch.msr_misc_features & MISC_FEATURES_CPUID_FAULT)
		return EMUL_FAULT;
	guest_cpuid(v, (u32)r->rax, (u32)r->rcx, out);
	r->rax = out[0];
	r->rbx = out[1];
	r->rcx = out[2];
	r->rdx = out[3];
	return EMUL_DONE;
}

static enum emul_result emul_rdmsr(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u64 val;

	if (!pv_read_msr(v, (u32)r->rcx, &val))
		return EMUL_FAULT;
	r->rax = (u32)val;
	r->rdx = val >> 32;
	return EMUL_DONE;
}

static enum emul_result emul_wrmsr(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	return pv_write_msr(v, (u32)r->rcx, (u64)(u32)r->rdx << 32 | (u32)r->rax) ? EMUL_DONE : EMUL_FAULT;
}

static enum emul_result emul_rdtsc(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u64 t = pv_read_tsc(v);

	/* The guest kernel keeps its users from it, not itself. */
	if (!v->arch.kernel_mode && (v->arch.pv.ctrlreg[4] & X86_CR4_TSD))
		return EMUL_FAULT;
	r->rax = (u32)t;
	r->rdx = t >> 32;
	return EMUL_DONE;
}

/* 0f 01 group: XSETBV (d1), RDTSCP (f9), INVLPG (/7 memory) is left to the hypercall. */
static enum emul_result emul_grp7(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	u8 m;

	if (!fetch(in, &m))
		return EMUL_FAULT;
	switch (m) {
	case 0xd1:
		if (!v->arch.kernel_mode || (u32)r->rcx != 0 || !(v->arch.pv.ctrlreg[4] & X86_CR4_OSXSAVE))
			return EMUL_FAULT;
		return fpu_set_xcr0(v, (u64)(u32)r->rdx << 32 | (u32)r->rax) ? EMUL_FAULT : EMUL_DONE;
	case 0xf9:
		if (emul_rdtsc(v, r, in) != EMUL_DONE)
			return EMUL_FAULT;
		r->rcx = (u32)v->arch.msr_tsc_aux;
		return EMUL_DONE;
	}
	return EMUL_FAULT;
}

/* Caches are coherent for everything a guest may touch; who owns devices may need the real thing. */
static enum emul_result emul_wbinvd(struct vcpu *v, struct cpu_user_regs *r, struct insn *in)
{
	if (v->domain->is_hardware)
		wbinvd();
	return EMUL_DONE;
}

typedef enum emul_result emul_fn(struct vcpu *v, struct cpu_user_regs *r, struct insn *in);
struct emul_row { u8 opcode; bool two_byte, user; emul_fn *fn; };

static const struct emul_row rows[] = {
	{ 0x30, true, false, emul_wrmsr },
	{ 0x32, true, false, emul_rdmsr },
	{ 0x31, true, true, emul_rdtsc },
	{ 0x20, true, false, emul_read_cr },
	{ 0x22, true, false, emul_write_cr },
	{ 0x21, true, false, emul_read_dr },
	{ 0x23, true, false, emul_write_dr },
	{ 0x06, true, false, emul_clts },
	{ 0x01, true, true, emul_grp7 },
	{ 0x08, true, false, emul_wbinvd },
	{ 0x09, true, false, emul_wbinvd },
	{ 0xa2, true, true, emul_cpuid },
	{ 0x6c, false, true, emul_string_io }, { 0x6d, false, true, emul_string_io },
	{ 0x6e, false, true, emul_string_io }, { 0x6f, false, true, emul_string_io },
	{ 0xe4, false, true, emul_in_out }, { 0xe5, false, true, emul_in_out },
	{ 0xe6, false, true, emul_in_out }, { 0xe7, false, true, emul_in_out },
	{ 0xec, false, true, emul_in_out }, { 0xed, false, true, emul_in_out },
	{ 0xee, false, true, emul_in_out }, { 0xef, false, true, emul_in_out },
};

/* After an emulated instruction: as the CPU does for RF and single step. */
static void retire(struct vcpu *v, struct cpu_user_regs *r, unsigned int len)
{
	r->rip += len;
	r->rflags &= ~X86_RFLAGS_RF;
	if (unlikely(r->rflags & X86_RFLAGS_TF)) {
		v->arch.pv.dr[6] |= BIT64(14);		/* DR6.BS */
		pv_inject_exception(v, TRAP_DB, 0);
	}
}

#define DESC_L BIT64(53)	/* 64-bit code segment: SDM vol. 3, 5.2.1 */

static bool is_code64(struct vcpu *v, const struct cpu_user_regs *r)
{
	u64 desc;

	/* The usual selector first; secondary CPUs of Linux start on its own GDT's. */
	if (likely(r->cs == FLAT_KERNEL_CS))
		return true;
	return pv_read_descriptor(v, r->cs, &desc) && (desc & DESC_L);
}

bool pv_emulate_privileged(struct vcpu *v, struct cpu_user_regs *r)
{
	struct insn in;

	if (v->arch.kernel_mode && !is_code64(v, r))
		return false;
	if (!decode(&in, r->rip))
		return false;
	if ((in.opcode == 0xfa || in.opcode == 0xfb) && !in.two_byte) {
		/* CLI, STI: meaningless here; allowed when the virtual IOPL permits. */
		if (v->arch.pv.iopl >> 12 < (v->arch.kernel_mode ? 1U : 3U))
			return false;
		retire(v, r, in.len);
		return true;
	}
	for (const struct emul_row *row = rows; row < rows + ARRAY_SIZE(rows); row++) {
		if (row->opcode != in.opcode || row->two_byte != in.two_byte)
			continue;
		if (!row->user && !v->arch.kernel_mode)
			return false;
		switch (row->fn(v, r, &in)) {
		case EMUL_DONE:
			retire(v, r, in.len);
			return true;
		case EMUL_AGAIN:
			return true;
		case EMUL_FAULT:
			return false;
		}
	}
	return false;
}

/* Forced emulation (ABI: XEN_EMULATE_PREFIX): ud2 "xen" cpuid. */
bool pv_emulate_forced_cpuid(struct vcpu *v, struct cpu_user_regs *r)
{
	u32 first, rest;

	/* ud2 'x' 'e' | 'n' cpuid: two overlapping words, 7 bytes in all */
	if (!guest_copy_small_from(&first, r->rip, sizeof(first)) || first != 0x65780b0f ||
	    !guest_copy_small_from(&rest, r->rip + 3, sizeof(rest)) || rest != 0xa20f6e65)
		return false;
	if (emul_cpuid(v, r, NULL) == EMUL_DONE) {
		retire(v, r, FORCED_CPUID_LEN);
		return true;
	}
	/* The guest made CPUID fault in its user mode: there it faults, prefix or not. */
	r->rip += FORCED_CPUID_LEN - CPUID_LEN;
	pv_inject_exception(v, TRAP_GP, 0);
	return true;
}
