// SPDX-License-Identifier: LGPL-2.1-only
/* The Xen notes of a kernel (public/elfnote.h), and what follows from them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xen/xen.h>
#include <xen/elfnote.h>
#include <xen/features.h>

#include "image.h"

static const char *const feature_names[32] = {
	[XENFEAT_writable_page_tables] = "writable_page_tables",
	[XENFEAT_writable_descriptor_tables] = "writable_descriptor_tables",
	[XENFEAT_auto_translated_physmap] = "auto_translated_physmap",
	[XENFEAT_supervisor_mode_kernel] = "supervisor_mode_kernel",
	[XENFEAT_pae_pgdir_above_4gb] = "pae_pgdir_above_4gb",
	[XENFEAT_hvm_callback_vector] = "hvm_callback_vector",
	[XENFEAT_dom0] = "dom0",
};

int features_parse(const char *text, uint32_t *supported, uint32_t *required, struct image_err *err)
{
	while (*text) {
		const size_t len = strcspn(text, "|, ");
		const bool must = *text == '!';
		const char *name = text + must;
		const size_t name_len = len - must;
		unsigned int i;

		for (i = 0; i < 32; i++)
			if (feature_names[i] && strlen(feature_names[i]) == name_len &&
			    !memcmp(feature_names[i], name, name_len))
				break;
		if (i < 32) {
			*supported |= 1U << i;
			if (must)
				*required |= 1U << i;
		} else if (must && required) {
			return image_fail(err, "kernel requires the unknown feature \"%.*s\"", (int)name_len, name);
		}
		text += len;
		text += *text != 0;
	}
	return 0;
}

static void copy_text(char *out, size_t size, const uint8_t *desc, size_t len)
{
	size_t n = strnlen((const char *)desc, len);

	if (n >= size)
		n = size - 1;
	memcpy(out, desc, n);
	out[n] = 0;
}

static uint64_t number(const uint8_t *desc, size_t len)
{
	uint64_t v = 0;

	if (len == 1 || len == 2 || len == 4 || len == 8)
		memcpy(&v, desc, len);
	return v;
}

static int one_note(struct elf_dom_parms *p, uint32_t type, const uint8_t *desc, size_t len,
		    struct image_err *err)
{
	char text[512];

	switch (type) {
	case XEN_ELFNOTE_ENTRY:
		p->virt_entry = number(desc, len);
		break;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		p->virt_hypercall = number(desc, len);
		break;
	case XEN_ELFNOTE_VIRT_BASE:
		p->virt_base = number(desc, len);
		break;
	case XEN_ELFNOTE_PADDR_OFFSET:
		p->paddr_offset = number(desc, len);
		break;
	case XEN_ELFNOTE_HV_START_LOW:
		p->virt_hv_start_low = number(desc, len);
		break;
	case XEN_ELFNOTE_INIT_P2M:
		p->p2m_base = number(desc, len);
		break;
	case XEN_ELFNOTE_PHYS32_ENTRY:
		p->phys_entry = number(desc, len);
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		p->unmapped_initrd = number(desc, len) != 0;
		break;
	case XEN_ELFNOTE_SUPPORTED_FEATURES:
		p->f_supported |= (uint32_t)number(desc, len);
		break;
	case XEN_ELFNOTE_XEN_VERSION:
		copy_text(p->xen_ver, sizeof(p->xen_ver), desc, len);
		break;
	case XEN_ELFNOTE_GUEST_OS:
		copy_text(p->guest_os, sizeof(p->guest_os), desc, len);
		break;
	case XEN_ELFNOTE_GUEST_VERSION:
		copy_text(p->guest_ver, sizeof(p->guest_ver), desc, len);
		break;
	case XEN_ELFNOTE_LOADER:
		copy_text(p->loader, sizeof(p->loader), desc, len);
		break;
	case XEN_ELFNOTE_BSD_SYMTAB:
		copy_text(text, sizeof(text), desc, len);
		p->bsd_symtab = !strcmp(text, "yes");
		break;
	case XEN_ELFNOTE_FEATURES:
		copy_text(text, sizeof(text), desc, len);
		return features_parse(text, &p->f_supported, &p->f_required, err);
	default:
		break; /* others are for the hypervisor, for dumps, or for 32-bit guests */
	}
	return 0;
}

struct note_head {
	uint32_t namesz, descsz, type;
};

static size_t pad4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* Notes of one area: header, name and contents, the latter two padded to 4 bytes. */
static int notes_of(struct elf_dom_parms *p, struct image_span area, struct image_err *err)
{
	struct note_head h;

	while (area.size >= sizeof(h)) {
		const uint8_t *name = area.data + sizeof(h), *desc;
		size_t left = area.size - sizeof(h);

		memcpy(&h, area.data, sizeof(h));
		if (h.namesz > left || pad4(h.namesz) > left || h.descsz > left - pad4(h.namesz))
			return image_fail(err, "ELF notes are damaged: name of %u bytes, contents of %u, %zu left",
					  h.namesz, h.descsz, left);
		desc = name + pad4(h.namesz);
		left -= pad4(h.namesz);
		if (h.namesz == 4 && !memcmp(name, "Xen", 4)) {
			p->nr_xen_notes++;
			if (one_note(p, h.type, desc, h.descsz, err))
				return -1;
		}
		if (pad4(h.descsz) >= left)
			break;
		area.data = desc + pad4(h.descsz);
		area.size = left - pad4(h.descsz);
	}
	return 0;
}

/* Kernels that give these notes give the one value that there is of each. */
static int check_names(const struct elf_dom_parms *p, struct image_err *err)
{
	if (*p->xen_ver && strncmp(p->xen_ver, "xen-3.0", strlen("xen-3.0")))
		return image_fail(err, "kernel is made for the interface \"%s\", not for \"xen-3.0\"", p->xen_ver);
	if (*p->loader && strncmp(p->loader, "generic", strlen("generic")))
		return image_fail(err, "kernel asks for the loader \"%s\", not for \"generic\"", p->loader);
	return 0;
}

static int place(const struct elf_image *elf, struct elf_dom_parms *p, struct image_err *err)
{
	uint64_t low = UINT64_MAX, high = 0;

	for (unsigned int i = 0; i < elf->nr_segs; i++) {
		if (elf->segs[i].paddr < low)
			low = elf->segs[i].paddr;
		if (elf->segs[i].paddr + elf->segs[i].memsz > high)
			high = elf->segs[i].paddr + elf->segs[i].memsz;
	}
	if (p->virt_base == PARM_UNSET)
		p->virt_base = 0;
	/* Without a note, p_paddr counts from 0. */
	if (p->paddr_offset == PARM_UNSET)
		p->paddr_offset = 0;
	p->virt_offset = p->virt_base - p->paddr_offset;
	p->virt_kstart = low + p->virt_offset;
	p->virt_kend = high + p->virt_offset;
	if (p->virt_entry == PARM_UNSET)
		p->virt_entry = elf->entry;
	if (low < p->paddr_offset || p->virt_kstart >= p->virt_kend || p->virt_kstart < p->virt_base)
		return image_fail(err, "kernel's addresses make no sense: base 0x%" PRIx64 ", start 0x%" PRIx64
				  ", end 0x%" PRIx64, p->virt_base, p->virt_kstart, p->virt_kend);
	if (p->virt_entry < p->virt_kstart || p->virt_entry >= p->virt_kend)
		return image_fail(err, "kernel's entry 0x%" PRIx64 " is outside of it (0x%" PRIx64 " to 0x%" PRIx64 ")",
				  p->virt_entry, p->virt_kstart, p->virt_kend);
	if (p->virt_hypercall != PARM_UNSET &&
	    (p->virt_hypercall & 0xfff || p->virt_hypercall < p->virt_kstart || p->virt_hypercall >= p->virt_kend))
		return image_fail(err, "kernel's hypercall page 0x%" PRIx64 " is outside of it, or no page",
				  p->virt_hypercall);
	if (p->p2m_base != PARM_UNSET && (p->p2m_base & 0xfff))
		return image_fail(err, "kernel wants its frame list at 0x%" PRIx64 ", which is no page", p->p2m_base);
	return 0;
}

int elf_notes_parse(const struct elf_image *elf, struct elf_dom_parms *parms, struct image_err *err)
{
	memset(parms, 0, sizeof(*parms));
	parms->virt_base = PARM_UNSET;
	parms->virt_entry = PARM_UNSET;
	parms->virt_hypercall = PARM_UNSET;
	parms->virt_hv_start_low = PARM_UNSET;
	parms->paddr_offset = PARM_UNSET;
	parms->p2m_base = PARM_UNSET;
	parms->phys_entry = PARM_UNSET;
	for (unsigned int i = 0; i < elf->nr_notes; i++)
		if (notes_of(parms, elf->notes[i], err))
			return -1;
	if (!parms->nr_xen_notes)
		return image_fail(err, "kernel has no Xen notes: it was built without support for Xen guests");
	return check_names(parms, err) ? -1 : place(elf, parms, err);
}
