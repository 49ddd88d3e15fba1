// SPDX-License-Identifier: GPL-2.0-only
/*
 * ELF64 images and their Xen notes.  The image comes from a file on the operator's disk, not from a
 * guest, but may be truncated or garbled; each number is checked before it is used.
 */
#include <hv/elf.h>
#include <hv/lib.h>
#include <public/features.h>

struct elf64_ehdr {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
_Static_assert(sizeof(struct elf64_ehdr) == 64, "ELF-64");

struct elf64_phdr { u32 type, flags; u64 offset, vaddr, paddr, filesz, memsz, align; };
_Static_assert(sizeof(struct elf64_phdr) == 56, "ELF-64");

struct elf64_shdr { u32 name, type; u64 flags, addr, offset, size; u32 link, info; u64 addralign, entsize; };
_Static_assert(sizeof(struct elf64_shdr) == 64, "ELF-64");

struct elf_note_hdr { u32 namesz, descsz, type; };

#define PT_LOAD		1
#define PT_NOTE		4
#define SHT_NOTE	7
#define PF_X		1
#define PF_W		2
/* No kernel is near it; keeps every sum below far from wrapping. */
#define MAX_PADDR	(1ULL << 40)
#define UNSET		(~0ULL)

static bool in_image(const struct elf_kernel *k, u64 off, u64 n)
{
	return off <= k->len && n <= k->len - off;
}

/* Names of features as the FEATURES note spells them. */
static const struct { const char *name; u8 bit; } feature_names[] = {
	{ "writable_page_tables", XENFEAT_writable_page_tables },
	{ "writable_descriptor_tables", XENFEAT_writable_descriptor_tables },
	{ "auto_translated_physmap", XENFEAT_auto_translated_physmap },
	{ "supervisor_mode_kernel", XENFEAT_supervisor_mode_kernel },
	{ "pae_pgdir_above_4gb", XENFEAT_pae_pgdir_above_4gb },
	{ "mmu_pt_update_preserve_ad", XENFEAT_mmu_pt_update_preserve_ad },
	{ "highmem_assist", XENFEAT_highmem_assist },
	{ "gnttab_map_avail_bits", XENFEAT_gnttab_map_avail_bits },
	{ "hvm_callback_vector", XENFEAT_hvm_callback_vector },
	{ "hvm_safe_pvclock", XENFEAT_hvm_safe_pvclock },
	{ "hvm_pirqs", XENFEAT_hvm_pirqs },
	{ "dom0", XENFEAT_dom0 },
};

/* "name|!required|..." ; a required feature nobody knows cannot be had. */
static int parse_features(struct elf_kernel *k, const char *s, size_t n, const char **why)
{
	while (n) {
		const char *bar = memchr(s, '|', n);
		size_t len = bar ? (size_t)(bar - s) : n, skip = len + (bar != NULL);
		bool must = len && *s == '!', known = false;

		for (size_t i = 0; i < ARRAY_SIZE(feature_names); i++) {
			const char *name = feature_names[i].name;

			if (strlen(name) != len - must || memcmp(name, s + must, len - must))
				continue;
			known = true;
			k->supported |= 1U << feature_names[i].bit;
			if (must)
				k->required |= 1U << feature_names[i].bit;
		}
		if (must && !known) {
			*why = "its FEATURES note requires a feature that is not known";
			return -EINVAL;
		}
		s += skip;
		n -= skip;
	}
	return 0;
}

/* Numeric notes are 4 or 8 bytes; other sizes read as 0. */
static u64 note_number(const u8 *desc, u32 size)
{
	u64 v = 0;

	if (size == 4 || size == 8)
		memcpy(&v, desc, size);
	return v;
}

static void note_string(char dst[16], const u8 *desc, u32 size)
{
	size_t n = strnlen((const char *)desc, min(size, 15U));

	memcpy(dst, desc, n);
	dst[n] = '\0';
}

static int take_note(struct elf_kernel *k, u32 type, const u8 *desc, u32 size, const char **why)
{
	u64 v = note_number(desc, size);

	if (type < 64)
		k->notes_seen |= 1ULL << type;
	switch (type) {
	case XEN_ELFNOTE_ENTRY: k->virt_entry = v; break;
	case XEN_ELFNOTE_HYPERCALL_PAGE: k->virt_hypercall = v; break;
	case XEN_ELFNOTE_VIRT_BASE: k->virt_base = v; break;
	case XEN_ELFNOTE_PADDR_OFFSET: k->paddr_offset = v; break;
	case XEN_ELFNOTE_HV_START_LOW: k->hv_start_low = v; break;
	case XEN_ELFNOTE_INIT_P2M: k->init_p2m = v; break;
	case XEN_ELFNOTE_MOD_START_PFN: k->unmapped_initrd = v != 0; break;
	case XEN_ELFNOTE_SUPPORTED_FEATURES: k->supported |= (u32)v; break;
	case XEN_ELFNOTE_PHYS32_ENTRY: k->phys_entry = (u32)v; break;
	case XEN_ELFNOTE_XEN_VERSION: note_string(k->xen_version, desc, size); break;
	case XEN_ELFNOTE_GUEST_OS: note_string(k->guest_os, desc, size); break;
	case XEN_ELFNOTE_GUEST_VERSION: note_string(k->guest_version, desc, size); break;
	case XEN_ELFNOTE_LOADER: note_string(k->loader, desc, size); break;
	case XEN_ELFNOTE_PAE_MODE:	/* of 32-bit kernels; kept for messages only */
		break;
	case XEN_ELFNOTE_FEATURES:
		return parse_features(k, (const char *)desc, strnlen((const char *)desc, size), why);
	case XEN_ELFNOTE_L1_MFN_VALID:
		if (size >= 16) {
			memcpy(&k->l1_mfn_mask, desc, 8);
			memcpy(&k->l1_mfn_value, desc + 8, 8);
		} else if (size == 8) {
			u32 w[2];

			memcpy(w, desc, 8);
			k->l1_mfn_mask = w[0];
			k->l1_mfn_value = w[1];
		}
		break;
	default:
		break;		/* unknown notes say nothing to us */
	}
	return 0;
}

static int walk_notes(struct elf_kernel *k, u64 off, u64 size, unsigned int *found, const char **why)
{
	if (!in_image(k, off, size)) {
		*why = "its notes lie outside the image (truncated?)";
		return -EINVAL;
	}
	while (size >= sizeof(struct elf_note_hdr)) {
		struct elf_note_hdr h;
		u64 name, desc, total;

		memcpy(&h, k->img + off, sizeof(h));
		name = off + sizeof(h);
		desc = name + ROUND_UP((u64)h.namesz, 4);
		total = desc + ROUND_UP((u64)h.descsz, 4) - off;
		if (desc + h.descsz - off > size) {
			*why = "a note runs past its segment";
			return -EINVAL;
		}
		if (h.namesz == 4 && !memcmp(k->img + name, "Xen", 4)) {
			int rc = take_note(k, h.type, k->img + desc, h.descsz, why);

			if (rc)
				return rc;
			++*found;
		}
		if (total >= size)
			break;
		off += total;
		size -= total;
	}
	return 0;
}

static int add_segment(struct elf_kernel *k, const struct elf64_phdr *ph, const char **why)
{
	if (!ph->memsz)
		return 0;
	if (k->nr_segments == ELF_MAX_SEGMENTS || ph->filesz > ph->memsz || !in_image(k, ph->offset, ph->filesz) ||
	    ph->paddr > MAX_PADDR || ph->memsz > MAX_PADDR) {
		*why = "a segment lies outside the image or memory (truncated?)";
		return -EINVAL;
	}
	k->seg[k->nr_segments++] = (struct elf_segment){
		.paddr = ph->paddr, .offset = ph->offset, .filesz = ph->filesz, .memsz = ph->memsz,
		.exec = ph->flags & PF_X, .write = ph->flags & PF_W,
	};
	k->pstart = min(k->pstart, ph->paddr);
	k->pend = max(k->pend, ph->paddr + ph->memsz);
	return 0;
}

static int walk_headers(struct elf_kernel *k, const struct elf64_ehdr *eh, unsigned int *notes, const char **why)
{
	if (!in_image(k, eh->phoff, (u64)eh->phnum * sizeof(struct elf64_phdr))) {
		*why = "its program headers lie outside the image (truncated?)";
		return -EINVAL;
	}
	for (unsigned int i = 0; i < eh->phnum; i++) {
		struct elf64_phdr ph;
		int rc = 0;

		memcpy(&ph, k->img + eh->phoff + i * sizeof(ph), sizeof(ph));
		if (ph.type == PT_LOAD)
			rc = add_segment(k, &ph, why);
		else if (ph.type == PT_NOTE)
			rc = walk_notes(k, ph.offset, ph.filesz, notes, why);
		if (rc)
			return rc;
	}
	return 0;
}

static const char *section_name(const struct elf_kernel *k, const struct elf64_shdr *strtab, u32 off)
{
	if (!in_image(k, strtab->offset, strtab->size) || off >= strtab->size ||
	    !memchr(k->img + strtab->offset + off, 0, strtab->size - off))
		return "";
	return (const char *)k->img + strtab->offset + off;
}

/* Kernels without PT_NOTE keep notes in sections; still older ones have a string section instead. */
static int walk_sections(struct elf_kernel *k, const struct elf64_ehdr *eh, unsigned int *notes, const char **why)
{
	struct elf64_shdr strtab = { 0 }, sh;

	if (eh->shentsize != sizeof(sh) || !in_image(k, eh->shoff, (u64)eh->shnum * sizeof(sh)))
		return 0;
	if (eh->shstrndx < eh->shnum)
		memcpy(&strtab, k->img + eh->shoff + eh->shstrndx * sizeof(sh), sizeof(sh));
	for (unsigned int i = 0; i < eh->shnum; i++) {
		int rc = 0;

		memcpy(&sh, k->img + eh->shoff + i * sizeof(sh), sizeof(sh));
		if (sh.type == SHT_NOTE)
			rc = walk_notes(k, sh.offset, sh.size, notes, why);
		else if (!strcmp(section_name(k, &strtab, sh.name), "__xen_guest"))
			*why = "it has only the __xen_guest section of Xen 3 kernels, no notes: not supported";
		if (rc)
			return rc;
	}
	return 0;
}

/* Virtual addresses of everything, once notes and segments are known. */
static int derive(struct elf_kernel *k, u64 entry, const char **why)
{
	*why = "its notes contradict its segments";
	if (!k->nr_segments)
		return -EINVAL;
	if (k->virt_base == UNSET)
		k->virt_base = 0;
	if (k->paddr_offset == UNSET)
		k->paddr_offset = elf_has_note(k, XEN_ELFNOTE_VIRT_BASE) ? 0 : k->virt_base;
	k->virt_offset = k->virt_base - k->paddr_offset;
	k->virt_start = k->pstart + k->virt_offset;
	k->virt_end = k->pend + k->virt_offset;
	if (k->virt_entry == UNSET)
		k->virt_entry = entry;
	if (k->virt_start >= k->virt_end || k->virt_entry < k->virt_start || k->virt_entry >= k->virt_end)
		return -EINVAL;
	if (k->virt_hypercall != UNSET &&
	    (!IS_ALIGNED(k->virt_hypercall, PAGE_SIZE) || k->virt_hypercall < k->virt_start ||
	     k->virt_hypercall > k->virt_end - PAGE_SIZE))
		return -EINVAL;
	*why = "";
	return 0;
}

int elf_kernel_parse(struct elf_kernel *k, const void *img, size_t len, const char **why)
{
	struct elf64_ehdr eh;
	unsigned int notes = 0;
	int rc;

	*k = (struct elf_kernel){
		.img = img, .len = len, .pstart = UNSET, .virt_base = UNSET, .paddr_offset = UNSET,
		.virt_entry = UNSET, .virt_hypercall = UNSET, .init_p2m = UNSET, .hv_start_low = UNSET,
	};
	*why = "not an ELF64 image for x86-64";
	if (len < sizeof(eh))
		return -ENOEXEC;
	memcpy(&eh, img, sizeof(eh));
	/* Class 64, little endian, executable or shared. */
	if (memcmp(eh.ident, "\177ELF\2\1", 6) || eh.machine != EM_X86_64 || (eh.type != 2 && eh.type != 3) ||
	    eh.phentsize != sizeof(struct elf64_phdr))
		return -ENOEXEC;
	*why = "";
	rc = walk_headers(k, &eh, &notes, why);
	if (!rc && !notes) {
		*why = "it has no Xen notes (a kernel without Xen support?)";
		rc = walk_sections(k, &eh, &notes, why);
		if (!rc && !notes)
			return -ENODATA;
	}
	return rc ? rc : derive(k, eh.entry, why);
}

int elf_kernel_check_pv(const struct elf_kernel *k, bool dom0, u64 hv_start, const char **why)
{
	/* The string form lists what a kernel wants; only the numeric note says what it can do. */
	bool lists_features = elf_has_note(k, XEN_ELFNOTE_SUPPORTED_FEATURES);

	if (!elf_has_note(k, XEN_ELFNOTE_VIRT_BASE) && !elf_has_note(k, XEN_ELFNOTE_ENTRY)) {
		*why = "it has no PV entry point (PVH only?)";
		return -EINVAL;
	}
	if (elf_has_note(k, XEN_ELFNOTE_LOADER) && strcmp(k->loader, "generic")) {
		*why = "its LOADER note asks for a loader other than \"generic\"";
		return -EINVAL;
	}
	if (dom0 && lists_features && !(k->supported >> XENFEAT_dom0 & 1)) {
		*why = "it is built without support for being the initial domain";
		return -EINVAL;
	}
	/* A PV kernel lives above or below the hypervisor's range, or ends where it starts. */
	if (k->hv_start_low != UNSET && k->hv_start_low > hv_start) {
		*why = "its HV_START_LOW note wants addresses that the hypervisor uses";
		return -EINVAL;
	}
	return 0;
}
