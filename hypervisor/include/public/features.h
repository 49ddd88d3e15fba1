/* SPDX-License-Identifier: MIT */
/*
 * Bits that XENVER_get_features reports and that a kernel may ask for in its ELF notes
 * (XEN_ELFNOTE_FEATURES, "name" or "!name" for required).
 * Direction: most tell the guest what the hypervisor does for it; supported and required ones are
 * also what a kernel declares.
 */
#ifndef __XEN_PUBLIC_FEATURES_H__
#define __XEN_PUBLIC_FEATURES_H__

/* A guest need not write-protect page tables: the hypervisor shadows or translates. */
#define XENFEAT_writable_page_tables 0

/* Likewise for GDT and LDT frames. */
#define XENFEAT_writable_descriptor_tables 1

/* Guest frame numbers are translated; no P2M of the guest's own. */
#define XENFEAT_auto_translated_physmap 2

/* The kernel runs in ring 0. */
#define XENFEAT_supervisor_mode_kernel 3

/* 32-bit: the top page table may lie above 4 GiB. */
#define XENFEAT_pae_pgdir_above_4gb 4

/* MMU_PT_UPDATE_PRESERVE_AD works. */
#define XENFEAT_mmu_pt_update_preserve_ad 5

/* MMUEXT_CLEAR_PAGE and COPY_PAGE work. */
#define XENFEAT_highmem_assist 6

/* Available bits of a page-table entry pass through grant maps. */
#define XENFEAT_gnttab_map_avail_bits 7

/* An event upcall may be a vector (HVM_PARAM_CALLBACK_IRQ). */
#define XENFEAT_hvm_callback_vector 8

/* PV time is usable in HVM guests. */
#define XENFEAT_hvm_safe_pvclock 9

/* HVM guests may route physical interrupts through events. */
#define XENFEAT_hvm_pirqs 10

/* The domain may be Domain 0. */
#define XENFEAT_dom0 11

/* XENMEMF_vnode is understood. */
#define XENFEAT_memory_op_vnode_supported 13
#define XENFEAT_ARM_SMCCC_supported       14

/* Linux PVH tolerates an RSDP anywhere. */
#define XENFEAT_linux_rsdp_unrestricted 15
#define XENFEAT_not_direct_mapped       16
#define XENFEAT_direct_mapped           17
#define XENFEAT_NR_SUBMAPS              1
#endif
