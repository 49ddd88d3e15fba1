/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF64 kernels with Xen notes (public/elfnote.h).  Pure: looks at the image only, and after
 * elf_kernel_parse() every offset and length in struct elf_kernel has been checked against it.
 */
#ifndef HV_ELF_H
#define HV_ELF_H

#include <hv/compiler.h>
#include <hv/types.h>
#include <public/elfnote.h>

#define EM_386		3
#define EM_X86_64	62
#define ELF_MAX_SEGMENTS 32

struct elf_segment {
	u64 paddr, offset, filesz, memsz;
	bool exec, write;
};

struct elf_kernel {
	const u8 *img;
	size_t len;
	unsigned int nr_segments;
	struct elf_segment seg[ELF_MAX_SEGMENTS];
	u64 pstart, pend;		/* extent of the segments, as their headers' physical addresses have it */

	/* From the notes; defaults where there is none. */
	u64 notes_seen;			/* bit per XEN_ELFNOTE_* below 64 */
	u64 virt_base, paddr_offset, virt_entry, virt_hypercall, init_p2m, hv_start_low;
	u64 l1_mfn_mask, l1_mfn_value;
	u32 phys_entry;			/* PHYS32_ENTRY */
	bool unmapped_initrd;		/* MOD_START_PFN */
	u32 supported, required;	/* XENFEAT_* bits */
	char guest_os[16], guest_version[16], loader[16], xen_version[16];

	/* Derived: the kernel in its own virtual addresses. */
	u64 virt_offset;		/* virtual address of physical address 0 */
	u64 virt_start, virt_end;
};

/* 0, -ENOEXEC (not an ELF64 image for x86-64), -EINVAL (damaged or contradictory), -ENODATA (no Xen notes). */
int elf_kernel_parse(struct elf_kernel *k, const void *img, size_t len, const char **why) must_check;
static inline bool elf_has_note(const struct elf_kernel *k, unsigned int note) { return k->notes_seen >> note & 1; }
/* Can it run as a PV guest (@dom0: as the initial domain) of a hypervisor that starts at @hv_start? 0 or -EINVAL. */
int elf_kernel_check_pv(const struct elf_kernel *k, bool dom0, u64 hv_start, const char **why) must_check;

#endif
