/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of PV guests: page tables that guests see and the hypervisor checks (pv/mm*.c, pv/pagetable*.c).
 *
 * Who holds what.  A reference taken on behalf of something is undone by that thing:
 *  - a present leaf entry: existence reference on its frame, and a WRITABLE type reference if it is writable;
 *  - a present L2..L4 entry: existence and type reference (PGT_L1..PGT_L3) on the lower table;
 *  - the pinned bit, and each root of a vCPU: existence and type reference on the table;
 *  - a PARTIAL table (validation or release was preempted): one existence reference on itself and the type
 *    count of 1; entries below its cursor hold their references, the others do not.
 *
 * Restart.  A *_preemptible getter that returns -ERESTART took nothing; call it again.  A putter always
 * consumes the caller's reference; -ERESTART only says that the table is left PARTIAL and somebody should
 * finish it: hand it to pv_finish_later().  Every MMU hypercall first calls pv_finish_pending().
 */
#ifndef PV_MM_H
#define PV_MM_H

#include <hv/page.h>
#include <hv/types.h>
#include <public/xen.h>

struct vcpu;
struct domain;
struct cpu_user_regs;
struct mmuext_op;

/* Boot, before the first domain: what this CPU's page tables cannot hold. */
void pv_mm_init(void);

/* Page-table types, with preemption.  0, -EINVAL, -ERESTART (see above). */
int get_page_type_preemptible(struct page_info *pg, u64 type) must_check;
int get_page_and_type_preemptible(struct page_info *pg, struct domain *d, u64 type) must_check;
int put_page_type_preemptible(struct page_info *pg) must_check;
int put_page_and_type_preemptible(struct page_info *pg) must_check;
void pv_finish_later(struct vcpu *v, struct page_info *pg);
int pv_finish_pending(struct vcpu *v) must_check;	/* 0 or -ERESTART */

/*
 * Page faults (x86/traps.c, with interrupts as the guest had them, after the hypervisor's own fixups).
 * True: handled, run the guest on.  @regs is the faulting frame, guest or hypervisor; error_code is valid.
 * Covers: the descriptor windows (an LDT page not mapped yet; also for hypervisor frames, e.g. IRET or a
 * selector load), writes to page tables mapped read-only, writes to read-only MMIO, spurious faults.
 */
bool pv_fixup_page_fault(struct vcpu *v, unsigned long addr, struct cpu_user_regs *regs);
/* Only the LDT window; for faults taken in the hypervisor. */
bool pv_fixup_window_fault(struct vcpu *v, unsigned long addr);
/* Is @addr inside this CPU's descriptor window?  If not fixed up, the guest gets #GP for the selector. */
bool pv_in_descriptor_window(unsigned long addr);

/*
 * Roots.  v is current or paused.  Frame numbers come from the guest.
 * 0, -EINVAL and other errors of validation, -ERESTART (call again after the guest had its chance).
 */
int pv_set_kernel_root(struct vcpu *v, u64 frame) must_check;	/* MMUEXT_NEW_BASEPTR; loads it if v is current */
int pv_set_user_root(struct vcpu *v, u64 frame) must_check;	/* MMUEXT_NEW_USER_BASEPTR; 0: none */
int pv_write_cr3(struct vcpu *v, unsigned long val) must_check;	/* emulated mov to CR3 */
int pv_drop_roots(struct vcpu *v) must_check;			/* vCPU reset or teardown */
/* Switches between guest kernel and guest user: flips kernel_mode, loads the other root. */
void pv_toggle_root(struct vcpu *v);
/* Loads the root for v's mode on this CPU, with a full flush; the context switch's. */
void pv_load_root(struct vcpu *v);

/* Descriptor tables. */
int pv_set_gdt(struct vcpu *v, const u64 *frames, unsigned int entries) must_check;
void pv_destroy_gdt(struct vcpu *v);
int pv_set_ldt(struct vcpu *v, unsigned long base, unsigned int entries) must_check;
/* Drops all LDT mappings of v (v is current or not running); true if there were any. */
bool pv_invalidate_ldt(struct vcpu *v);
/* Context switch, interrupts off: this CPU's window shows next's tables.  No flush: load CR3 afterwards. */
void pv_load_descriptor_windows(struct vcpu *next);
/* Makes a descriptor safe (DPL, type, code and data and call gates only); false: refuse. */
bool pv_check_descriptor(const struct domain *d, u64 *desc);
/* Reads descriptor @sel of v (current) from its GDT or LDT for emulation; false: no such. */
bool pv_read_descriptor(struct vcpu *v, u16 sel, u64 *desc);

/* Guest mappings. */
/* The L1 entry that maps @va in v's current root; 0 if none.  For emulation and debugging. */
u64 pv_walk_l1e(const struct vcpu *v, unsigned long va);

/* guest_kind operations of mm, but for those that hv/guest_kind.h names. */
int pv_physmap_add(struct domain *d, u64 g, mfn_t m, unsigned int order);
int pv_physmap_remove(struct domain *d, u64 g, mfn_t m, unsigned int order);
/* Domain 0's and the toolstack's teardown: all tables released, all pages given back.  0 or -ERESTART. */
int pv_relinquish_memory(struct domain *d) must_check;

/* A frame that its owner gives up loses its pin; v (current) finishes what was preempted. */
void pv_drop_pin(struct vcpu *v, struct page_info *pg);

/* An entry of @root was written: CPUs that run on copies of it are told (pv/xpti.h). */
void pv_root_changed(const struct domain *d, mfn_t root);

/* Hypercalls. */
long do_mmu_update(unsigned long ureqs, unsigned long count, unsigned long pdone, unsigned long dom);
long do_mmuext_op(unsigned long uops, unsigned long count, unsigned long pdone, unsigned long dom);
long do_update_va_mapping(unsigned long va, unsigned long val, unsigned long flags);
long do_update_va_mapping_otherdomain(unsigned long va, unsigned long val, unsigned long flags,
				      unsigned long dom);
long do_set_gdt(unsigned long frame_list, unsigned long entries);
long do_update_descriptor(unsigned long maddr, unsigned long desc);
long do_memory_op(unsigned long cmd, unsigned long arg);

#endif
