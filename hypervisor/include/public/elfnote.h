/* SPDX-License-Identifier: MIT */
/*
 * ELF notes (name "Xen") by which a PV or PVH kernel tells the domain builder about itself.
 * Numbers are 4 or 8 bytes by the ELF class or size, strings NUL-terminated.
 */
#ifndef __XEN_PUBLIC_ELFNOTE_H__
#define __XEN_PUBLIC_ELFNOTE_H__

/* Free text. */
#define XEN_ELFNOTE_INFO 0

/* Virtual address of the first instruction. */
#define XEN_ELFNOTE_ENTRY 1

/* Virtual address of a page to fill with call stubs. */
#define XEN_ELFNOTE_HYPERCALL_PAGE 2

/* Virtual address of pseudo-physical 0. */
#define XEN_ELFNOTE_VIRT_BASE 3

/* What to subtract from p_paddr. */
#define XEN_ELFNOTE_PADDR_OFFSET 4

/* Interface it wants, "xen-3.0". */
#define XEN_ELFNOTE_XEN_VERSION 5

/* Name and version of the guest. */
#define XEN_ELFNOTE_GUEST_OS      6
#define XEN_ELFNOTE_GUEST_VERSION 7

/* Loader kind: "generic". */
#define XEN_ELFNOTE_LOADER 8

/* 32-bit only: "yes", "no", "bimodal". */
#define XEN_ELFNOTE_PAE_MODE 9

/* Names of features.h joined by "|"; "!" in front: required. */
#define XEN_ELFNOTE_FEATURES 10

/* "yes": load the symbol table behind the kernel. */
#define XEN_ELFNOTE_BSD_SYMTAB 11

/* Lowest virtual address the hypervisor may take, 32-bit. */
#define XEN_ELFNOTE_HV_START_LOW 12

/* Mask and value of a present L1 entry. */
#define XEN_ELFNOTE_L1_MFN_VALID 13

/* It can be told that a suspend was cancelled. */
#define XEN_ELFNOTE_SUSPEND_CANCEL 14

/* Virtual address for the initial P2M, outside of the kernel's own mapping. */
#define XEN_ELFNOTE_INIT_P2M 15

/* Non-zero: the ramdisk may stay unmapped; mod_start is a frame number then. */
#define XEN_ELFNOTE_MOD_START_PFN 16

/* Features as a bit mask. */
#define XEN_ELFNOTE_SUPPORTED_FEATURES 17

/* Physical 32-bit entry of a PVH kernel. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18
#define XEN_ELFNOTE_MAX          XEN_ELFNOTE_PHYS32_ENTRY

/* Notes of crash dumps. */
#define XEN_ELFNOTE_CRASH_INFO 0x1000001
#define XEN_ELFNOTE_CRASH_REGS 0x1000002

/* Notes of a domain's core dump. */
#define XEN_ELFNOTE_DUMPCORE_NONE           0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER         0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION    0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION 0x2000003
#endif
