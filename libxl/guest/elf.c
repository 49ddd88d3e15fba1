// SPDX-License-Identifier: LGPL-2.1-only
/* ELF executables for x86: program headers and where their notes are. */
#include <elf.h>
#include <string.h>

#include "image.h"

static bool inside(const struct image_span *file, uint64_t offset, uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

bool elf_magic_ok(struct image_span in)
{
	return in.size >= EI_NIDENT && !memcmp(in.data, ELFMAG, SELFMAG);
}

/* The headers of both classes, in the wide form. */
struct headers {
	uint64_t phoff, shoff;
	unsigned int phnum, phentsize, shnum, shentsize;
};

static int read_ehdr(struct elf_image *elf, struct headers *h, struct image_err *err)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;

	if (elf->is64) {
		if (elf->file.size < sizeof(e64))
			return image_fail(err, "ELF file is cut off in its header");
		memcpy(&e64, elf->file.data, sizeof(e64));
		*h = (struct headers){ e64.e_phoff, e64.e_shoff,     e64.e_phnum,
				       e64.e_phentsize, e64.e_shnum, e64.e_shentsize };
		elf->machine = e64.e_machine;
		elf->entry = e64.e_entry;
	} else {
		if (elf->file.size < sizeof(e32))
			return image_fail(err, "ELF file is cut off in its header");
		memcpy(&e32, elf->file.data, sizeof(e32));
		*h = (struct headers){ e32.e_phoff, e32.e_shoff,     e32.e_phnum,
				       e32.e_phentsize, e32.e_shnum, e32.e_shentsize };
		elf->machine = e32.e_machine;
		elf->entry = e32.e_entry;
	}
	if (h->phentsize < (elf->is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		return image_fail(err, "ELF program headers of %u bytes are too small", h->phentsize);
	if (!inside(&elf->file, h->phoff, (uint64_t)h->phnum * h->phentsize))
		return image_fail(err, "ELF file is cut off: %u program headers at offset %llu, file of %zu bytes",
				  h->phnum, (unsigned long long)h->phoff, elf->file.size);
	return 0;
}

static Elf64_Phdr read_phdr(const struct elf_image *elf, const struct headers *h, unsigned int i)
{
	const uint8_t *p = elf->file.data + h->phoff + (uint64_t)i * h->phentsize;
	Elf64_Phdr wide = { 0 };
	Elf32_Phdr narrow;

	if (elf->is64) {
		memcpy(&wide, p, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, p, sizeof(narrow));
	wide.p_type = narrow.p_type;
	wide.p_flags = narrow.p_flags;
	wide.p_offset = narrow.p_offset;
	wide.p_paddr = narrow.p_paddr;
	wide.p_filesz = narrow.p_filesz;
	wide.p_memsz = narrow.p_memsz;
	return wide;
}

static int add_segment(struct elf_image *elf, const Elf64_Phdr *ph, struct image_err *err)
{
	if (!ph->p_memsz)
		return 0;
	if (elf->nr_segs == ELF_MAX_SEGS)
		return image_fail(err, "ELF file has more than %d segments", ELF_MAX_SEGS);
	if (ph->p_filesz > ph->p_memsz || ph->p_paddr + ph->p_memsz < ph->p_paddr)
		return image_fail(err, "ELF segment %u has impossible sizes", elf->nr_segs);
	if (!inside(&elf->file, ph->p_offset, ph->p_filesz))
		return image_fail(err, "ELF file is cut off: segment of %llu bytes at offset %llu, file of %zu bytes",
				  (unsigned long long)ph->p_filesz, (unsigned long long)ph->p_offset, elf->file.size);
	elf->segs[elf->nr_segs++] =
		(struct elf_seg){ ph->p_paddr, ph->p_memsz, ph->p_offset, ph->p_filesz };
	return 0;
}

static void add_note(struct elf_image *elf, uint64_t offset, uint64_t size)
{
	if (elf->nr_notes < ELF_MAX_NOTES && size && inside(&elf->file, offset, size))
		elf->notes[elf->nr_notes++] = (struct image_span){ elf->file.data + offset, size };
}

/* Kernels of old have notes in sections only. */
static void section_notes(struct elf_image *elf, const struct headers *h)
{
	const unsigned int need = elf->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	Elf64_Shdr s64;
	Elf32_Shdr s32;

	if (h->shentsize < need || !inside(&elf->file, h->shoff, (uint64_t)h->shnum * h->shentsize))
		return;
	for (unsigned int i = 0; i < h->shnum; i++) {
		const uint8_t *p = elf->file.data + h->shoff + (uint64_t)i * h->shentsize;

		if (elf->is64) {
			memcpy(&s64, p, sizeof(s64));
			if (s64.sh_type == SHT_NOTE)
				add_note(elf, s64.sh_offset, s64.sh_size);
		} else {
			memcpy(&s32, p, sizeof(s32));
			if (s32.sh_type == SHT_NOTE)
				add_note(elf, s32.sh_offset, s32.sh_size);
		}
	}
}

int elf_image_parse(struct elf_image *elf, struct image_span file, struct image_err *err)
{
	struct headers h = { 0 };

	memset(elf, 0, sizeof(*elf));
	elf->file = file;
	if (!elf_magic_ok(file))
		return image_fail(err, "neither an ELF file nor a bzImage");
	if (file.data[EI_DATA] != ELFDATA2LSB ||
	    (file.data[EI_CLASS] != ELFCLASS64 && file.data[EI_CLASS] != ELFCLASS32))
		return image_fail(err, "ELF file is not for x86 (class %u, byte order %u)", file.data[EI_CLASS],
				  file.data[EI_DATA]);
	elf->is64 = file.data[EI_CLASS] == ELFCLASS64;
	if (read_ehdr(elf, &h, err))
		return -1;
	for (unsigned int i = 0; i < h.phnum; i++) {
		Elf64_Phdr ph = read_phdr(elf, &h, i);

		if (ph.p_type == PT_LOAD && add_segment(elf, &ph, err))
			return -1;
		if (ph.p_type == PT_NOTE)
			add_note(elf, ph.p_offset, ph.p_filesz);
	}
	if (!elf->nr_notes)
		section_notes(elf, &h);
	if (!elf->nr_segs)
		return image_fail(err, "ELF file has nothing to load");
	return 0;
}
