// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults that are not the guest's to handle: its kernel wrote a page-table entry through a read-only
 * mapping, or a register of MMIO that it may only read.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <hv/page_ref.h>
#include <pv/mm.h>
#include <x86/platform.h>
#include <x86/traps.h>
#include <x86/uaccess.h>
#include "pagetable.h"
#include "ptwr_decode.h"

/* The bytes at RIP, as many as can be read: an instruction may end at the end of a mapping. */
static unsigned int fetch_insn(const struct cpu_user_regs *regs, u8 *buf)
{
	unsigned int first = (unsigned int)min(PAGE_SIZE - (regs->rip & ~PAGE_MASK), (u64)PTWR_INSN_MAX);

	if (copy_from_guest_raw(buf, regs->rip, PTWR_INSN_MAX))
		return PTWR_INSN_MAX;
	return copy_from_guest_raw(buf, regs->rip, first) ? first : 0;
}

static always_inline bool decode(const struct cpu_user_regs *regs, struct ptwr_insn *in)
{
	u8 bytes[PTWR_INSN_MAX];
	u64 w;

	if (likely((regs->rip & ~PAGE_MASK) <= PAGE_SIZE - sizeof(w) && guest_va_ok(regs->rip, sizeof(w))) &&
	    likely(get_user_u64(&w, regs->rip)) && likely(ptwr_decode_quick(w, in)))
		return true;
	return ptwr_decode(bytes, fetch_insn(regs, bytes), in);
}

static bool read_movs_source(const struct ptwr_insn *in, const struct cpu_user_regs *regs, u64 *val)
{
	*val = 0;
	return in->op != PTWR_MOVS || copy_from_guest_raw(val, regs->rsi, in->size);
}

/* What an instruction that writes to memory may change beside it: to be undone where the write is refused. */
struct insn_undo { u64 rip, rflags, rcx, rsi, rdi, reg; };

static always_inline struct insn_undo regs_before(struct cpu_user_regs *regs, const struct ptwr_insn *in)
{
	return (struct insn_undo){ regs->rip, regs->rflags, regs->rcx, regs->rsi, regs->rdi, *ptwr_gpr(regs, in->reg) };
}

static always_inline void regs_restore(struct cpu_user_regs *regs, const struct ptwr_insn *in, const struct insn_undo *was)
{
	regs->rip = was->rip;
	regs->rflags = was->rflags;
	regs->rcx = was->rcx;
	regs->rsi = was->rsi;
	regs->rdi = was->rdi;
	*ptwr_gpr(regs, in->reg) = was->reg;
}

/* RF ends with the instruction.  TF's trap after an emulated write is not delivered. */
static always_inline bool insn_done(struct cpu_user_regs *regs)
{
	regs->rflags &= ~(u64)(1 << 16);
	return true;
}

/* Another vCPU's change, or A and D set by a CPU, must not be lost: then the guest runs the instruction again. */
static noinline_fn bool not_written(const struct vcpu *v, u64 new, unsigned long addr, int rc)
{
	if (rc == -EAGAIN)
		return true;
	printk(LOG_G_INFO "d%uv%u: write of %#llx to a page table at %#lx refused (%d)\n", v->domain->id, v->id,
	       (unsigned long long)new, addr, rc);
	return false;
}

/* A whole entry out of a register, by MOV or XCHG, which touch nothing else. */
static always_inline bool write_whole_l1e(struct vcpu *v, u64 *p, unsigned long addr, const struct ptwr_insn *in,
					  struct cpu_user_regs *regs)
{
	u64 old = READ_ONCE(*p), *reg = ptwr_gpr(regs, in->reg);
	int rc = pv_mod_l1e(p, old, *reg, v->domain, v->domain, PTE_EXACT);

	if (unlikely(rc))
		return not_written(v, *reg, addr, rc);
	if (in->op == PTWR_XCHG)
		*reg = old;
	regs->rip += in->len;
	return insn_done(regs);
}

/* True: done, or the guest may try again; false: its fault. */
static noinline_fn bool write_l1e(struct vcpu *v, u64 *p, unsigned long addr, const struct ptwr_insn *in,
				  struct cpu_user_regs *regs)
{
	unsigned int shift = (addr & 7) * 8;
	u64 mask = in->size == 8 ? ~0ULL : (1ULL << (in->size * 8)) - 1, old, new, src;
	struct insn_undo was;
	int rc;

	if (unlikely((addr & (in->size - 1U)) || !read_movs_source(in, regs, &src)))
		return false;
	old = READ_ONCE(*p);
	was = regs_before(regs, in);
	if (!ptwr_execute(in, regs, old >> shift & mask, src, &new))
		return insn_done(regs);		/* a failed compare writes nothing */
	new = (old & ~(mask << shift)) | new << shift;
	rc = pv_mod_l1e(p, old, new, v->domain, v->domain, PTE_EXACT);
	if (likely(!rc))
		return insn_done(regs);
	regs_restore(regs, in, &was);
	return not_written(v, new, addr, rc);
}

static always_inline bool write_page_table(struct vcpu *v, u64 e, unsigned long addr, struct cpu_user_regs *regs)
{
	struct page_info *pg = get_page_from_frame(pte_mfn(e).m, v->domain);
	struct ptwr_insn in;
	bool ok;
	u64 *p;

	if (unlikely(!pg))
		return false;
	if (unlikely(!page_table_get(pg, PGT_L1))) {
		page_ref_put(pg);
		return false;
	}
	p = (u64 *)((char *)mfn_to_virt(pte_mfn(e)) + (addr & ~PAGE_MASK & ~7UL));
	if (unlikely(!decode(regs, &in)))
		ok = false;
	else if (likely(in.size == 8 && (in.op == PTWR_MOV || in.op == PTWR_XCHG) && !in.has_imm && !(addr & 7)))
		ok = write_whole_l1e(v, p, addr, &in, regs);
	else
		ok = write_l1e(v, p, addr, &in, regs);
	page_table_release(pg);
	return ok;
}

/* Writes to what Domain 0 may only read: MSI-X tables' are dropped, configuration space's are looked at. */
static bool write_ro_mmio(struct vcpu *v, u64 e, unsigned long addr, struct cpu_user_regs *regs)
{
	struct ptwr_insn in;
	u64 new;

	if (!pv_mmio_is_ro(pte_mfn(e).m) || !decode(regs, &in) || in.op != PTWR_MOV)
		return false;
	(void)ptwr_execute(&in, regs, 0, 0, &new);
	pci_guest_mmio_write(v->domain, (pte_mfn(e).m << PAGE_SHIFT) | (addr & ~PAGE_MASK), new, in.size);
	return insn_done(regs);
}

bool pv_fixup_page_fault(struct vcpu *v, unsigned long addr, struct cpu_user_regs *regs)
{
	u64 e;

	/* The CPU's own look at a descriptor is a supervisor's, at any privilege (SDM 3A 4.6.1); the guest's is its fault. */
	if (unlikely(pv_in_descriptor_window(addr)))
		return !(regs->error_code & PFEC_U) && pv_fixup_window_fault(v, addr);
	if ((regs->error_code & (PFEC_P | PFEC_W | PFEC_RSVD | PFEC_I)) != (PFEC_P | PFEC_W) ||
	    !v->arch.kernel_mode || !guest_va_ok(addr, 8))
		return false;
	e = pv_walk_l1e(v, addr);
	if ((e & (PTE_P | PTE_W)) != PTE_P)
		return false;
	if (!mfn_valid(pte_mfn(e)))
		return write_ro_mmio(v, e, addr, regs);
	return (v->domain->vm_assist & BIT64(VMASST_TYPE_writable_pagetables)) && write_page_table(v, e, addr, regs);
}
