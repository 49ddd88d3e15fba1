// SPDX-License-Identifier: GPL-2.0-only
/*
 * libxenguest's cores that take untrusted bytes: bzImage, compression, ELF, notes; and the plan of
 * first page tables. Good images of each kind are made here, then cut and garbled: each must end
 * in success or in one sentence, under ASan and UBSan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <bzlib.h>
#include <elf.h>
#include <fcntl.h>
#include <lz4hc.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "guest_internal.h"
#include <xen/elfnote.h>

#define BASE   0xffffffff80000000ULL
#define PADDR  0x1000000ULL
#define LIMIT  (64U << 20)
#define ELF_SIZE 0x40000

/* --- a kernel */

static size_t put_note(uint8_t *at, uint32_t type, const void *desc, uint32_t len)
{
	const uint32_t head[3] = { 4, len, type };

	memcpy(at, head, sizeof(head));
	memcpy(at + 12, "Xen", 4);
	memcpy(at + 16, desc, len);
	return 16 + ((len + 3) & ~3U);
}

static size_t put_num(uint8_t *at, uint32_t type, uint64_t v)
{
	return put_note(at, type, &v, sizeof(v));
}

static size_t put_str(uint8_t *at, uint32_t type, const char *s)
{
	return put_note(at, type, s, (uint32_t)strlen(s) + 1);
}

static uint8_t *make_elf(const char *features)
{
	uint8_t *f = calloc(1, ELF_SIZE);
	Elf64_Ehdr *eh = (Elf64_Ehdr *)f;
	Elf64_Phdr *ph = (Elf64_Phdr *)(f + sizeof(*eh));
	size_t n = 0;

	assert_non_null(f);
	for (size_t i = 0x2000; i < ELF_SIZE; i++)
		f[i] = (uint8_t)(i * 2654435761u >> 13);
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_machine = EM_X86_64;
	eh->e_entry = PADDR;
	eh->e_phoff = sizeof(*eh);
	eh->e_phentsize = sizeof(*ph);
	eh->e_phnum = 3;
	ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x2000, .p_paddr = PADDR, .p_filesz = 0x10000, .p_memsz = 0x10000 };
	ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x12000, .p_paddr = PADDR + 0x10000, .p_filesz = 0x8000, .p_memsz = 0x20000 };
	n += put_str(f + 0x1000 + n, XEN_ELFNOTE_GUEST_OS, "test");
	n += put_str(f + 0x1000 + n, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	n += put_str(f + 0x1000 + n, XEN_ELFNOTE_LOADER, "generic");
	n += put_num(f + 0x1000 + n, XEN_ELFNOTE_VIRT_BASE, BASE);
	n += put_num(f + 0x1000 + n, XEN_ELFNOTE_ENTRY, BASE + PADDR + 0x100);
	n += put_num(f + 0x1000 + n, XEN_ELFNOTE_INIT_P2M, 0x8000000000ULL);
	n += put_num(f + 0x1000 + n, XEN_ELFNOTE_MOD_START_PFN, 1);
	n += put_str(f + 0x1000 + n, XEN_ELFNOTE_FEATURES, features);
	ph[2] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = 0x1000, .p_filesz = n, .p_memsz = n };
	return f;
}

/* --- packers */

static struct image_span pack(enum image_codec codec, const uint8_t *in, size_t size)
{
	const size_t room = size + size / 2 + 65536;
	uint8_t *out = malloc(room + 8);
	unsigned int bz = (unsigned int)room;
	size_t n = 0;

	assert_non_null(out);
	switch (codec) {
	case CODEC_GZIP: {
		z_stream z = { .next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)room };

		assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		n = z.total_out;
		deflateEnd(&z);
		break;
	}
	case CODEC_BZIP2:
		assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out, &bz, (char *)(uintptr_t)in, (unsigned int)size, 9, 0, 0), BZ_OK);
		n = bz;
		break;
	case CODEC_XZ:
		assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, in, size, out, &n, room), LZMA_OK);
		break;
	case CODEC_LZMA: {
		lzma_options_lzma opt;
		lzma_stream s = LZMA_STREAM_INIT;

		assert_false(lzma_lzma_preset(&opt, 1));
		assert_int_equal(lzma_alone_encoder(&s, &opt), LZMA_OK);
		s.next_in = in;
		s.avail_in = size;
		s.next_out = out;
		s.avail_out = room;
		assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
		n = s.total_out;
		lzma_end(&s);
		break;
	}
	case CODEC_LZ4: {
		const uint32_t magic = 0x184c2102;

		memcpy(out, &magic, 4);
		n = 4;
		for (size_t at = 0; at < size;) {
			const size_t part = size - at < 8 << 20 ? size - at : 8 << 20; /* a block */
			const uint32_t len = (uint32_t)LZ4_compress_HC((const char *)in + at, (char *)out + n + 4,
								       (int)part, (int)(room - n - 4), 4);

			memcpy(out + n, &len, 4);
			n += 4 + len;
			at += part;
		}
		break;
	}
	case CODEC_ZSTD:
		n = ZSTD_compress(out, room, in, size, 3);
		assert_false(ZSTD_isError(n));
		break;
	default:
		memcpy(out, in, size);
		n = size;
	}
	return (struct image_span){ out, n };
}

/* Setup sectors, header, payload, and the unpacked size behind it as the kernel's build does. */
static struct image_span make_bzimage(enum image_codec codec, const uint8_t *elf)
{
	struct image_span p = pack(codec, elf, ELF_SIZE);
	const uint32_t extra = codec == CODEC_GZIP || codec == CODEC_NONE ? 0 : 4, size = ELF_SIZE;
	const uint32_t payload = (uint32_t)p.size + extra, offset = 64;
	const size_t total = 3 * 512 + offset + payload;
	uint8_t *f = calloc(1, total);

	assert_non_null(f);
	f[0x1f1] = 2;
	memcpy(f + 0x202, "HdrS", 4);
	f[0x206] = 0x0f;
	f[0x207] = 2;
	memcpy(f + 0x248, &offset, 4);
	memcpy(f + 0x24c, &payload, 4);
	memcpy(f + 3 * 512 + offset, p.data, p.size);
	memcpy(f + total - extra, &size, extra);
	free((void *)(uintptr_t)p.data);
	return (struct image_span){ f, total };
}

/* --- the whole way, as the builder goes it */

static int parse(struct image_span in, struct elf_dom_parms *parms, struct image_err *err)
{
	struct image_span payload;
	struct elf_image elf;
	uint8_t *plain = NULL;
	size_t size;
	uint32_t hint = 0;
	int rc;

	err->text[0] = 0;
	rc = bzimage_payload(in, &payload, err);
	if (rc < 0)
		return -1;
	if (rc)
		in = payload;
	if (image_codec_of(in) != CODEC_NONE) {
		memcpy(&hint, in.data + in.size - 4, in.size >= 4 ? 4 : 0);
		if (image_unpack(image_codec_of(in), in, hint, LIMIT, &plain, &size, err))
			return -1;
		in = (struct image_span){ plain, size };
	}
	rc = elf_image_parse(&elf, in, err) || elf_notes_parse(&elf, parms, err) ? -1 : 0;
	/* What would be copied. */
	for (unsigned int i = 0; !rc && i < elf.nr_segs; i++)
		for (uint64_t k = 0; k < elf.segs[i].filesz; k += 997)
			__asm__ volatile("" : : "r"(elf.file.data[elf.segs[i].offset + k]));
	free(plain);
	return rc;
}

#ifdef FUZZ
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_dom_parms parms;
	struct image_err err;

	if (parse((struct image_span){ data, size }, &parms, &err) && !err.text[0])
		abort();
	return 0;
}
#else

static const enum image_codec codecs[] = { CODEC_NONE, CODEC_GZIP, CODEC_BZIP2, CODEC_LZMA, CODEC_XZ, CODEC_LZ4, CODEC_ZSTD };

static void good_images(void **state)
{
	uint8_t *elf = make_elf("!writable_page_tables|pae_pgdir_above_4gb");
	struct elf_dom_parms p;
	struct image_err err;

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
		struct image_span bz = make_bzimage(codecs[i], elf), raw = pack(codecs[i], elf, ELF_SIZE);

		if (parse(bz, &p, &err) || parse(raw, &p, &err))
			fail_msg("%s: %s", image_codec_name(codecs[i]), err.text);
		assert_true(p.virt_base == BASE);
		assert_true(p.virt_entry == BASE + PADDR + 0x100);
		assert_true(p.virt_kstart == BASE + PADDR);
		assert_true(p.virt_kend == BASE + PADDR + 0x30000);
		assert_true(p.p2m_base == 0x8000000000ULL);
		assert_true(p.unmapped_initrd);
		assert_int_equal(p.f_required, 1U << XENFEAT_writable_page_tables);
		assert_string_equal(p.guest_os, "test");
		free((void *)(uintptr_t)bz.data);
		free((void *)(uintptr_t)raw.data);
	}
	free(elf);
}

/* The kernel with another text in a note of its own, of the same length. */
static void note_says(const char *old, const char *new, const char *words)
{
	uint8_t *elf = make_elf("!writable_page_tables");
	uint8_t *at = memmem(elf, ELF_SIZE, old, strlen(old) + 1);
	struct elf_dom_parms p;
	struct image_err err;

	assert_non_null(at);
	memcpy(at, new, strlen(old));
	assert_int_equal(parse((struct image_span){ elf, ELF_SIZE }, &p, &err), -1);
	assert_non_null(strstr(err.text, words));
	free(elf);
}

static void errors_have_words(void **state)
{
	uint8_t *elf = make_elf("!no_such_feature");
	struct elf_dom_parms p;
	struct image_err err;

	assert_int_equal(parse((struct image_span){ elf, ELF_SIZE }, &p, &err), -1);
	assert_non_null(strstr(err.text, "no_such_feature"));
	assert_int_equal(parse((struct image_span){ elf, 0x900 }, &p, &err), -1);
	assert_non_null(strstr(err.text, "cut off"));
	assert_int_equal(parse((struct image_span){ (const uint8_t *)"hello", 5 }, &p, &err), -1);
	assert_non_null(strstr(err.text, "neither"));
	assert_int_equal(parse((struct image_span){ elf, 0 }, &p, &err), -1);
	memset(elf + 0x1000, 0, 0x1000);
	assert_int_equal(parse((struct image_span){ elf, ELF_SIZE }, &p, &err), -1);
	assert_non_null(strstr(err.text, "no Xen notes"));
	free(elf);
	note_says("xen-3.0", "xen-9.9", "interface \"xen-9.9\"");
	note_says("generic", "chimera", "loader \"chimera\"");
}

/* Fewer bytes than the decoder's limit allows must be an error, not memory without end. */
static void bombs_are_bounded(void **state)
{
	const size_t size = LIMIT + (1 << 20);
	uint8_t *zeros = calloc(1, size);
	uint8_t *out;
	size_t n;

	for (size_t i = 1; i < ARRAY_SIZE(codecs); i++) {
		struct image_err err = { 0 };
		struct image_span in = pack(codecs[i], zeros, codecs[i] == CODEC_LZ4 ? 8 << 20 : size);
		const size_t max = codecs[i] == CODEC_LZ4 ? 4 << 20 : LIMIT;

		assert_int_equal(image_unpack(codecs[i], in, 0, max, &out, &n, &err), -1);
		assert_non_null(strstr(err.text, "larger"));
		assert_true(err.too_large);
		free((void *)(uintptr_t)in.data);
	}
	free(zeros);
}

/* Into a file of exactly the size that a kernel announces; one byte less is too little. */
static void exact_fit(void **state)
{
	const size_t size = (9 << 20) + 5; /* several windows of each codec */
	uint8_t *image = malloc(size), *back = malloc(size);
	const int full = open("/dev/full", O_WRONLY);
	struct image_err err;
	size_t used;

	for (size_t i = 0; i < size; i++)
		image[i] = (uint8_t)(i >> 9 ^ i >> 3);
	for (size_t i = 1; i < ARRAY_SIZE(codecs); i++) {
		struct image_span in = pack(codecs[i], image, size);
		const int fd = memfd_create("image", 0);

		if (image_unpack_to(codecs[i], in, fd, size, &used, &err))
			fail_msg("%s: %s", image_codec_name(codecs[i]), err.text);
		assert_int_equal(used, size);
		assert_return_code(ftruncate(fd, (off_t)size), 0);	/* its last bytes are zeros */
		assert_int_equal(pread(fd, back, size, 0), size);
		assert_memory_equal(back, image, size);
		assert_int_equal(image_unpack_to(codecs[i], in, fd, size - 1, &used, &err), -1);
		assert_non_null(strstr(err.text, "larger"));
		assert_int_equal(image_unpack_to(codecs[i], in, full, size, &used, &err), -1);
		assert_non_null(strstr(err.text, "No space"));
		close(fd);
		free((void *)(uintptr_t)in.data);
	}
	close(full);
	free(back);
	free(image);
}

/* Blocks of zeros are not written, at whichever place a codec's windows begin; whatever is no whole block of them is. */
static void zeros_left_out(void **state)
{
	enum { BLOCK = 64 << 10, SIZE = (17 << 20) + 5 };
	uint8_t *image = calloc(1, SIZE), *back = malloc(SIZE);
	struct image_err err;
	struct stat st;
	size_t used;

	image[0] = 1;
	image[3 * BLOCK - 1] = 2;
	image[3 * BLOCK] = 3;
	memset(image + (9 << 20) - 1, 4, BLOCK + 2);
	for (size_t i = 1; i < ARRAY_SIZE(codecs); i++) {
		struct image_span in = pack(codecs[i], image, SIZE);
		const int fd = memfd_create("image", 0);

		if (image_unpack_to(codecs[i], in, fd, SIZE, &used, &err))
			fail_msg("%s: %s", image_codec_name(codecs[i]), err.text);
		assert_int_equal(used, SIZE);
		assert_return_code(fstat(fd, &st), 0);
		assert_int_equal(st.st_blocks * 512, 6 * BLOCK);
		assert_return_code(ftruncate(fd, SIZE), 0);
		assert_int_equal(pread(fd, back, SIZE, 0), SIZE);
		assert_memory_equal(back, image, SIZE);
		close(fd);
		free((void *)(uintptr_t)in.data);
	}
	free(back);
	free(image);
}

static uint32_t seed = 1;

static uint32_t rnd(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static void broken_images(void **state)
{
	uint8_t *elf = make_elf("!writable_page_tables");
	struct elf_dom_parms p;
	struct image_err err;

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
		struct image_span good = make_bzimage(codecs[i], elf);

		for (int round = 0; round < 150; round++) {
			/* An allocation of its own, so that reads past the end are seen. */
			size_t size = round % 3 ? good.size : rnd() % good.size;
			uint8_t *copy = malloc(size ? size : 1);

			memcpy(copy, good.data, size);
			for (int k = 0; size && round % 3 && k < 1 + round % 7; k++) {
				/* Most of the damage where headers are. */
				size_t at = rnd() % 2 ? rnd() % size : rnd() % (size < 2200 ? size : 2200);

				copy[at] = (uint8_t)rnd();
			}
			if (parse((struct image_span){ copy, size }, &p, &err) && !err.text[0])
				fail_msg("round %d of %s: an error without words", round, image_codec_name(codecs[i]));
			free(copy);
		}
		free((void *)(uintptr_t)good.data);
	}
	for (int round = 0; round < 20000; round++) {
		uint8_t *copy = malloc(ELF_SIZE);
		const size_t size = round % 4 ? ELF_SIZE : rnd() % ELF_SIZE;

		memcpy(copy, elf, ELF_SIZE);
		for (int k = 0; k < 1 + round % 5; k++)
			copy[rnd() % 2 ? rnd() % 232 : 0x1000 + rnd() % 256] = (uint8_t)(rnd() % 3 ? rnd() : 0xff);
		if (parse((struct image_span){ copy, size }, &p, &err) && !err.text[0])
			fail_msg("round %d: an error without words", round);
		free(copy);
	}
	free(elf);
}

/* --- page tables */

static uint64_t walk(const uint64_t *tables, uint64_t tables_pfn, uint64_t va)
{
	uint64_t mfn = 1000 + tables_pfn, e = 0;

	for (int shift = 39; shift >= 12; shift -= 9) {
		e = tables[(mfn - 1000 - tables_pfn) * 512 + (va >> shift & 511)];
		if (!(e & 1))
			return 0;
		mfn = (e & 0x000ffffffffff000ULL) >> 12;
	}
	return e;
}

static void check_plan(uint64_t from, uint64_t to, uint64_t p2m_va, uint64_t p2m_pages, uint64_t nr_pfns)
{
	struct pg_range r[2] = { { from, to, 0 }, { p2m_va, p2m_va + (p2m_pages << 12), nr_pfns - p2m_pages } };
	struct pg_plan plan;
	xen_pfn_t *p2m = malloc(nr_pfns * sizeof(*p2m));
	const uint64_t tables_pfn = 40;
	struct pg_fill fill = { p2m, nr_pfns, tables_pfn };
	uint64_t *tables;

	for (uint64_t i = 0; i < nr_pfns; i++)
		p2m[i] = 1000 + i;
	pg_plan_make(&plan, r, p2m_pages ? 2 : 1);
	tables = malloc(plan.tables * 4096);
	memset(tables, 0xa5, plan.tables * 4096);
	for (uint64_t i = 0; i < plan.tables; i++)
		pg_plan_write(&plan, &fill, i, tables + i * 512);
	for (uint64_t va = from, pfn = 0; va != to; va += 4096, pfn++) {
		const uint64_t e = walk(tables, tables_pfn, va);

		if (pfn >= nr_pfns) {
			assert_int_equal(e, 0);
			continue;
		}
		assert_int_equal(e >> 12, 1000 + pfn);
		assert_int_equal(e >> 1 & 1, !(pfn >= tables_pfn && pfn < tables_pfn + plan.tables));
	}
	for (uint64_t i = 0; i < p2m_pages; i++)
		assert_int_equal(walk(tables, tables_pfn, p2m_va + (i << 12)) >> 12, 1000 + nr_pfns - p2m_pages + i);
	assert_int_equal(walk(tables, tables_pfn, from - 4096), 0);
	free(tables);
	free(p2m);
}

static void page_tables(void **state)
{
	check_plan(BASE, BASE + (64 << 20), 0x8000000000ULL, 300, 20000);
	check_plan(BASE, BASE + (64 << 20), 0, 0, 5000);
	check_plan(0x200000, 0x200000 + (8 << 20), 0x40000000, 5, 4000);
	check_plan(0x1000, 0x1000 + (4 << 20), 0x600000, 700, 4000);
	check_plan(0x7ffffff000ULL, 0x7ffffff000ULL + (6 << 20), 0x8100000000ULL, 1, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_images),  cmocka_unit_test(errors_have_words),
		cmocka_unit_test(bombs_are_bounded), cmocka_unit_test(exact_fit), cmocka_unit_test(zeros_left_out),
		cmocka_unit_test(broken_images), cmocka_unit_test(page_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
