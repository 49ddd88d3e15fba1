// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults that are not the guest's to handle: its kernel wrote a page-table entry through a read-only
 * mapping, or a register of MMIO that it may only read.
 */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
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

static bool read_movs_source(const struct ptwr_insn *in, const struct cpu_user_regs *regs, u64 *val)
{
	*val = 0;
	return in->op != PTWR_MOVS || copy_from_guest_raw(val, regs->rsi, in->size);
}

/* Registers and flags after the instruction; RIP too. TF's trap after an emulated write is not delivered. */
static void commit_regs(struct cpu_user_regs *regs, const struct cpu_user_regs *after)
{
	*regs = *after;
	regs->rflags &= ~(u64)(1 << 16);	/* RF ends with the instruction */
}

/* True: done, or the guest may try again; false: its fault. */
static bool write_l1e(struct vcpu *v, struct page_info *pg, unsigned long addr, const struct ptwr_insn *in,
		      struct cpu_user_regs *regs)
{
	unsigned int shift = (addr & 7) * 8;
	u64 *p = (u64 *)((char *)page_to_virt(pg) + (addr & ~PAGE_MASK & ~7UL));
	u64 mask = in->size == 8 ? ~0ULL : (1ULL << (in->size * 8)) - 1, old, new, src;
	struct cpu_user_regs after = *regs;
	int rc;

	if ((addr & (in->size - 1U)) || !read_movs_source(in, regs, &src))
		return false;
	old = READ_ONCE(*p);
	if (!ptwr_execute(in, &after, old >> shift & mask, src, &new)) {
		commit_regs(regs, &after);	/* a failed compare writes nothing */
		return true;
	}
	new = (old & ~(mask << shift)) | new << shift;
	/* Another vCPU's change, or A and D set by a CPU, must not be lost: then run it again. */
	rc = pv_mod_l1e(p, old, new, v->domain, v->domain, PTE_EXACT);
	if (rc == -EAGAIN)
		return true;
	if (rc) {
		printk(LOG_G_INFO "d%uv%u: write of %#llx to a page table at %#lx refused (%d)\n", v->domain->id, v->id,
		       (unsigned long long)new, addr, rc);
		return false;
	}
	commit_regs(regs, &after);
	return true;
}

static bool write_page_table(struct vcpu *v, u64 e, unsigned long addr, struct cpu_user_regs *regs)
{
	struct page_info *pg = get_page_from_frame(pte_mfn(e).m, v->domain);
	struct ptwr_insn in;
	u8 bytes[PTWR_INSN_MAX];
	u64 x;
	bool ok = false;

	if (!pg)
		return false;
	x = READ_ONCE(pg->type_info);
	do {
		if ((x & (PGT_TYPE_MASK | PGT_VALIDATED)) != (PGT_L1 | PGT_VALIDATED) || !((x + 1) & PGT_COUNT_MASK)) {
			put_page(pg);
			return false;
		}
	} while (!try_cmpxchg(&pg->type_info, &x, x + 1));
	if (ptwr_decode(bytes, fetch_insn(regs, bytes), &in))
		ok = write_l1e(v, pg, addr, &in, regs);
	put_page_and_type(pg);
	return ok;
}

/* Writes to what Domain 0 may only read: MSI-X tables' are dropped, configuration space's are looked at. */
static bool write_ro_mmio(struct vcpu *v, u64 e, unsigned long addr, struct cpu_user_regs *regs)
{
	struct cpu_user_regs after = *regs;
	struct ptwr_insn in;
	u8 bytes[PTWR_INSN_MAX];
	u64 new;

	if (!pv_mmio_is_ro(pte_mfn(e).m) || !ptwr_decode(bytes, fetch_insn(regs, bytes), &in) || in.op != PTWR_MOV)
		return false;
	(void)ptwr_execute(&in, &after, 0, 0, &new);
	pci_guest_mmio_write(v->domain, (pte_mfn(e).m << PAGE_SHIFT) | (addr & ~PAGE_MASK), new, in.size);
	commit_regs(regs, &after);
	return true;
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
