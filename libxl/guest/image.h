/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Kernel images: bzImage wrapping, compression, ELF, and the Xen notes in it. All of it works on
 * buffers of untrusted bytes, keeps no state, and says in words what is wrong with an image.
 */
#ifndef GUEST_IMAGE_H
#define GUEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_ERR_LEN 160

/* A message for people; empty while nothing went wrong. */
struct image_err {
	char text[IMAGE_ERR_LEN];
	bool too_large; /* unpacked, for the limit that the caller set */
};

int image_fail(struct image_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- bzImage and compression */

enum image_codec {
	CODEC_NONE,
	CODEC_GZIP,
	CODEC_BZIP2,
	CODEC_LZMA,
	CODEC_XZ,
	CODEC_LZ4,
	CODEC_ZSTD,
};

struct image_span {
	const uint8_t *data;
	size_t size;
};

/* Where a file holds data, in order: all else is zeros. Of more parts than these the last one goes on to the end. */
#define IMAGE_MAX_PARTS 32

struct image_parts {
	unsigned int nr;
	struct {
		size_t from, to; /* to is not in it */
	} part[IMAGE_MAX_PARTS];
};

/* By the first bytes. */
enum image_codec image_codec_of(struct image_span in);
const char *image_codec_name(enum image_codec codec);

/*
 * The payload of a Linux bzImage. 1: payload is set; 0: no bzImage; -1: one, but broken.
 */
int bzimage_payload(struct image_span in, struct image_span *payload, struct image_err *err);

/*
 * Unpack to malloc'ed memory of at most max bytes; size_hint (0: none) is a first guess.
 * Bytes after the end of the compressed stream are ignored.
 */
int image_unpack(enum image_codec codec, struct image_span in, size_t size_hint, size_t max,
		 uint8_t **out, size_t *out_size, struct image_err *err);
/* Whether a size that a file announces can be that of its contents. */
bool image_hint_ok(struct image_span in, size_t hint, size_t max);
/*
 * The same into an empty file, by little memory: more than size bytes (not 0) are an error. Blocks of zeros are left out, at
 * the end as well, so the file may be shorter than used says.
 */
int image_unpack_to(enum image_codec codec, struct image_span in, int fd, size_t size, size_t *used,
		    struct image_err *err);

/* --- ELF */

#define ELF_MAX_SEGS  32
#define ELF_MAX_NOTES 16

struct elf_seg {
	uint64_t paddr;
	uint64_t memsz;
	uint64_t offset;
	uint64_t filesz; /* not above memsz */
};

struct elf_image {
	struct image_span file;
	bool is64;
	uint16_t machine;
	uint64_t entry;
	unsigned int nr_segs; /* loadable, not empty */
	struct elf_seg segs[ELF_MAX_SEGS];
	unsigned int nr_notes;
	struct image_span notes[ELF_MAX_NOTES];
};

bool elf_magic_ok(struct image_span in);
int elf_image_parse(struct elf_image *elf, struct image_span file, struct image_err *err);

/* --- notes */

#define PARM_UNSET (~0ULL)

/* What a kernel says about itself, and where it goes. */
struct elf_dom_parms {
	unsigned int nr_xen_notes;
	char guest_os[32];
	char guest_ver[32];
	char xen_ver[32];
	char loader[32];
	uint64_t virt_base;
	uint64_t virt_entry;
	uint64_t virt_hypercall;
	uint64_t virt_hv_start_low;
	uint64_t paddr_offset;
	uint64_t p2m_base;
	uint64_t phys_entry;
	bool unmapped_initrd;
	bool bsd_symtab;
	uint32_t f_supported;
	uint32_t f_required;

	/* derived: the part of the address space that the segments cover */
	uint64_t virt_offset; /* paddr + virt_offset is a virtual address */
	uint64_t virt_kstart;
	uint64_t virt_kend;
};

/* Names joined by '|', '!' in front of required ones; unknown ones are an error if required. */
int features_parse(const char *text, uint32_t *supported, uint32_t *required, struct image_err *err);

int elf_notes_parse(const struct elf_image *elf, struct elf_dom_parms *parms, struct image_err *err);

#endif
