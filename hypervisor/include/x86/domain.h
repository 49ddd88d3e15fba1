/* SPDX-License-Identifier: GPL-2.0-only */
/* x86 state of domains and vCPUs, and the PV kind's part of it. */
#ifndef X86_DOMAIN_H
#define X86_DOMAIN_H

#include <hv/spinlock.h>
#include <hv/types.h>
#include <public/xen.h>

struct cpu_policy;
struct page_info;
struct rangeset;

#define PV_GDT_FRAMES 14
#define PV_LDT_FRAMES 16

/* PV part of a vCPU. All fields: v. */
struct pv_vcpu {
	/* trap callbacks of the guest, index = vector */
	struct trap_info *traps;		/* 256 entries */
	unsigned long event_callback, failsafe_callback, syscall_callback, syscall32_callback, sysenter_callback;
	u16 syscall32_cs, sysenter_cs;
	bool event_cb_disables, failsafe_cb_disables, syscall_cb_disables, syscall32_disables, sysenter_disables;
	u16 nr_gdt_frames;
	u16 nr_ldt_pages;			/* LDT_ents in pages */
	u32 ldt_ents;
	unsigned long ldt_base;			/* guest linear address */
	u32 ldt_mapped;				/* bit per LDT page mapped (and typed) now */
	spinlock_t ldt_lock;
	mfn_t gdt_frame[PV_GDT_FRAMES];		/* each holds a SEGDESC type reference */
	mfn_t ldt_frame[PV_LDT_FRAMES];
	unsigned long kernel_sp, kernel_ss;	/* stack of the guest kernel, by stack_switch */
	unsigned long fs_base, gs_base_kernel, gs_base_user;	/* while not loaded */
	u16 ds, es, fs, gs;			/* selectors while not loaded */
	unsigned long ctrlreg[8];		/* guest's view: 0, 2 (fault address), 4 */
	unsigned long dr[8];			/* debug registers; 7 as asked by guest */
	unsigned int iopl;			/* virtual IOPL, << 12 */
	u8 *iobmp; u32 iobmp_limit;		/* guest address of its I/O bitmap */
	bool failsafe_pending;			/* a selector did not load when switched in */
	struct page_info *guest_table;		/* kernel root, holds a type reference */
	struct page_info *guest_table_user;	/* user root or NULL */
	struct page_info *old_guest_table;	/* a root whose release was preempted */
};

struct arch_vcpu {
	/*
	 * Entry pushes the guest's registers into regs: TSS.RSP0 is &regs.es, which must be 16-byte
	 * aligned.  A fault on the final IRETQ pushes its frame below regs.rip, down into entry_spill.
	 */
	u64 entry_spill[31];
	struct cpu_user_regs regs;		/* guest's registers while it does not run */
	u64 entry_stack;			/* top of the stack of the CPU that runs this vCPU */
	u64 full_root, isolated_root;		/* CR3 on the way from and to this vCPU, if it is isolated; 0: as it is */
	u64 kernel_mode;			/* PV: guest kernel (how many numbers hypercalls have) or guest user (0) */
	/* What keeps a change between guest kernel and guest user from being no more than that: entry.S looks at all at once. */
	union {
		struct {
			u8 nmi_pending, nmi_masked;
			u8 iopl_shown;		/* PV: VMASST_TYPE_architectural_iopl */
			u8 frame_replaced;	/* a multicall ended in iret: regs are whole, but for what C functions keep */
			u8 areas_old;		/* PV: registered run state and time, to be written when the kernel's root is loaded */
		};
		u64 detours;
	};
	u8 fpu_dirty;				/* fpu.c: its state is in the CPU */
	u64 cr3_kernel, cr3_user;		/* values to load */
	struct pv_vcpu pv;
	void *xsave;				/* XSAVE or FXSAVE area, 64-byte aligned */
	u64 xcr0, xcr0_accum;
	u64 tsc_offset;
	u64 msr_tsc_aux, msr_misc_features;
};

struct arch_domain {
	const struct cpu_policy *policy_ro;
	struct cpu_policy *policy;		/* D, while no vCPU has run */
	struct rangeset *ioport_caps;
	bool pv_nx, is_32bit, rdtscp;
	bool isolated;				/* c: runs on page tables without the hypervisor (pv/xpti.c) */
	u8 tsc_mode;				/* TSC_MODE_*: XEN_DOMCTL_settscinfo */
	bool vtsc;				/* RDTSC is emulated */
	u32 tsc_khz, tsc_incarnation;
	u64 vtsc_offset;
	u64 physaddr_bitsize;
	u8 relinquish_stage;			/* D: cursor of pv relinquish */
	struct page_info *relinquish_page;	/* where it goes on, with a reference */
	spinlock_t e820_lock;			/* LOCK_RANGESET: allocates */
	void *e820;				/* memory map of XENMEM_set_memory_map, as the ABI lays it out */
	u32 nr_e820;				/* entries; lock: e820_lock */
	void *pirq_eoi_map; bool auto_unmask;
	u32 pci_cf8;
	u32 emul_flags;
};

#endif
