/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Privileged instructions of PV guest kernels, found at RIP after a #GP (or #UD for forced CPUID).
 *
 * The bytes are decoded first (pv/priv_decode.c), then a table by operation performs.  What is not decoded is not
 * emulated: the guest gets its #GP.
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
#include "priv_decode.h"

#define FORCED_CPUID_LEN 7
#define CPUID_LEN 2

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

/* As many bytes as can be read at @rip: the instruction may end just before an unmapped page. */
static unsigned int read_code(u8 *bytes, unsigned long rip)
{
	unsigned int to_page_end = (unsigned int)(PAGE_SIZE - (rip & ~PAGE_MASK));

	if (copy_from_guest_raw(bytes, rip, PRIV_INSN_MAX))
		return PRIV_INSN_MAX;
	if (to_page_end < PRIV_INSN_MAX && copy_from_guest_raw(bytes, rip, to_page_end))
		return to_page_end;
	return 0;
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

static enum emul_result emul_in_out(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	unsigned int bytes = in->size, port = in->port_in_dx ? (u16)r->rdx : in->port;
	u64 mask = GENMASK(bytes * 8 - 1, 0);

	if (!guest_io_okay(v, port, bytes))
		return EMUL_FAULT;
	if (in->op == PRIV_OUT) {
		pv_port_write(v->domain, port, bytes, (u32)(r->rax & mask));
	} else {
		u32 val = pv_port_read(v->domain, port, bytes);

		r->rax = bytes == 4 ? val : (r->rax & ~mask) | val;
	}
	return EMUL_DONE;
}

/* INS and OUTS: one element at a time, REP by running the instruction again. */
static enum emul_result emul_string_io(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	bool out = in->op == PRIV_OUTS;
	unsigned int bytes = in->size, port = (u16)r->rdx;
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

static enum emul_result emul_read_cr(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	unsigned long *to = pv_gpr(r, in->gpr);

	switch (in->special) {
	case 0:
		*to = (v->arch.pv.ctrlreg[0] & X86_CR0_TS) | (read_cr0() & ~X86_CR0_TS);
		return EMUL_DONE;
	case 2:
		*to = v->arch.pv.ctrlreg[2];
		return EMUL_DONE;
	case 3:
		*to = v->arch.cr3_kernel & ~(PAGE_SIZE - 1);
		return EMUL_DONE;
	case 4:
		*to = v->arch.pv.ctrlreg[4];
		return EMUL_DONE;
	}
	return EMUL_FAULT;
}

static enum emul_result emul_write_cr(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	unsigned long val = *pv_gpr(r, in->gpr);
	int rc;

	switch (in->special) {
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

static enum emul_result emul_read_dr(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	*pv_gpr(r, in->gpr) = (unsigned long)do_get_debugreg(in->special);
	return EMUL_DONE;
}

static enum emul_result emul_write_dr(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	return pv_set_debugreg(v, in->special, *pv_gpr(r, in->gpr)) ? EMUL_FAULT : EMUL_DONE;
}

/* ---- the rest ---- */

static enum emul_result emul_clts(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	do_fpu_taskswitch(0);
	return EMUL_DONE;
}

static enum emul_result emul_cpuid(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
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

static enum emul_result emul_rdmsr(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	u64 val;

	if (!pv_read_msr(v, (u32)r->rcx, &val))
		return EMUL_FAULT;
	r->rax = (u32)val;
	r->rdx = val >> 32;
	return EMUL_DONE;
}

static enum emul_result emul_wrmsr(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	return pv_write_msr(v, (u32)r->rcx, (u64)(u32)r->rdx << 32 | (u32)r->rax) ? EMUL_DONE : EMUL_FAULT;
}

static enum emul_result emul_rdtsc(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	u64 t = pv_read_tsc(v);

	/* The guest kernel keeps its users from it, not itself. */
	if (!v->arch.kernel_mode && (v->arch.pv.ctrlreg[4] & X86_CR4_TSD))
		return EMUL_FAULT;
	r->rax = (u32)t;
	r->rdx = t >> 32;
	return EMUL_DONE;
}

static enum emul_result emul_rdtscp(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	if (emul_rdtsc(v, r, in) != EMUL_DONE)
		return EMUL_FAULT;
	r->rcx = (u32)v->arch.msr_tsc_aux;
	return EMUL_DONE;
}

static enum emul_result emul_xsetbv(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	if ((u32)r->rcx != 0 || !(v->arch.pv.ctrlreg[4] & X86_CR4_OSXSAVE))
		return EMUL_FAULT;
	return fpu_set_xcr0(v, (u64)(u32)r->rdx << 32 | (u32)r->rax) ? EMUL_FAULT : EMUL_DONE;
}

/* Caches are coherent for everything a guest may touch; who owns devices may need the real thing. */
static enum emul_result emul_wbinvd(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	if (v->domain->is_hardware)
		wbinvd();
	return EMUL_DONE;
}

/* CLI, STI: meaningless here; allowed when the virtual IOPL permits. */
static enum emul_result emul_set_if(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in)
{
	return v->arch.pv.iopl >> 12 < (v->arch.kernel_mode ? 1U : 3U) ? EMUL_FAULT : EMUL_DONE;
}

typedef enum emul_result emul_fn(struct vcpu *v, struct cpu_user_regs *r, const struct priv_insn *in);
struct emul_row { emul_fn *fn; bool user; };

static const struct emul_row rows[NR_PRIV_OPS] = {
	[PRIV_IN] = { emul_in_out, true },
	[PRIV_OUT] = { emul_in_out, true },
	[PRIV_INS] = { emul_string_io, true },
	[PRIV_OUTS] = { emul_string_io, true },
	[PRIV_CLI] = { emul_set_if, true },
	[PRIV_STI] = { emul_set_if, true },
	[PRIV_CLTS] = { emul_clts, false },
	[PRIV_WBINVD] = { emul_wbinvd, false },
	[PRIV_READ_CR] = { emul_read_cr, false },
	[PRIV_WRITE_CR] = { emul_write_cr, false },
	[PRIV_READ_DR] = { emul_read_dr, false },
	[PRIV_WRITE_DR] = { emul_write_dr, false },
	[PRIV_RDMSR] = { emul_rdmsr, false },
	[PRIV_WRMSR] = { emul_wrmsr, false },
	[PRIV_RDTSC] = { emul_rdtsc, true },
	[PRIV_RDTSCP] = { emul_rdtscp, true },
	[PRIV_CPUID] = { emul_cpuid, true },
	[PRIV_XSETBV] = { emul_xsetbv, false },
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
	u8 bytes[PRIV_INSN_MAX];
	struct priv_insn in;

	if (v->arch.kernel_mode && !is_code64(v, r))
		return false;
	if (!priv_decode(bytes, read_code(bytes, r->rip), &in))
		return false;
	if (!rows[in.op].user && !v->arch.kernel_mode)
		return false;
	switch (rows[in.op].fn(v, r, &in)) {
	case EMUL_DONE:
		retire(v, r, in.len);
		return true;
	case EMUL_AGAIN:
		return true;
	case EMUL_FAULT:
		break;
	}
	return false;
}

/* Forced emulation (ABI: XEN_EMULATE_PREFIX): ud2 "xen" cpuid. */
bool pv_emulate_forced_cpuid(struct vcpu *v, struct cpu_user_regs *r)
{
	bool here = guest_in_place(r->rip, FORCED_CPUID_LEN);
	u32 first, rest;

	/* ud2 'x' 'e' | 'n' cpuid: two overlapping words, 7 bytes in all */
	if (!guest_copy_item_from(here, &first, r->rip, sizeof(first)) || first != 0x65780b0f ||
	    !guest_copy_item_from(here, &rest, r->rip + 3, sizeof(rest)) || rest != 0xa20f6e65)
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
