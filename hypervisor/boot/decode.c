// SPDX-License-Identifier: GPL-2.0-only
/* Which format a kernel image is in, and the bzImage header in front of it. */
#include "decode_priv.h"

struct magic { enum decode_format format; u8 len; u8 bytes[6]; };

static const struct magic magics[] = {
	{ DECODE_ELF, 4, { 0x7f, 'E', 'L', 'F' } },
	{ DECODE_GZIP, 2, { 0x1f, 0x8b } },
	{ DECODE_XZ, 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
	{ DECODE_ZSTD, 4, { 0x28, 0xb5, 0x2f, 0xfd } },
	{ DECODE_LZ4, 4, { 0x02, 0x21, 0x4c, 0x18 } },
	{ DECODE_BZIP2, 3, { 'B', 'Z', 'h' } },
	{ DECODE_LZMA, 3, { 0x5d, 0, 0 } },
	{ DECODE_LZO, 4, { 0x89, 'L', 'Z', 'O' } },
};

enum decode_format decode_detect(const u8 *src, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (len >= magics[i].len && !memcmp(src, magics[i].bytes, magics[i].len))
			return magics[i].format;
	return DECODE_UNKNOWN;
}

const char *decode_format_name(enum decode_format f)
{
	static const char *const names[] = {
		[DECODE_UNKNOWN] = "unknown", [DECODE_ELF] = "ELF", [DECODE_GZIP] = "gzip",
		[DECODE_XZ] = "xz", [DECODE_ZSTD] = "zstd", [DECODE_LZ4] = "lz4",
		[DECODE_BZIP2] = "bzip2", [DECODE_LZMA] = "lzma", [DECODE_LZO] = "lzo",
	};

	return f < ARRAY_SIZE(names) ? names[f] : "unknown";
}

int decode_run(enum decode_format f, struct decode_job *job)
{
	job->out_len = 0;
	job->why = "";
	switch (f) {
	case DECODE_GZIP: return decode_gzip(job);
	case DECODE_XZ: return decode_xz(job);
	case DECODE_ZSTD: return decode_zstd(job);
	case DECODE_LZ4: return decode_lz4(job);
	default: return decode_fail(job, -EOPNOTSUPP, "no decoder for this compression");
	}
}

/* Offsets of the setup header: Linux's Documentation/arch/x86/boot.rst. */
#define BZ_SETUP_SECTS	0x1f1
#define BZ_BOOT_FLAG	0x1fe
#define BZ_HEADER	0x202
#define BZ_VERSION	0x206
#define BZ_PAYLOAD_OFF	0x248
#define BZ_PAYLOAD_LEN	0x24c
#define BZ_HEADER_END	0x250
#define BZ_MIN_PROTOCOL	0x0208		/* first with a payload offset */

int bzimage_parse(const u8 *img, size_t len, struct bzimage *out, const char **why)
{
	u64 setup, off, plen;

	*why = "not a bzImage";
	if (len < BZ_HEADER_END || load_le16(img + BZ_BOOT_FLAG) != 0xaa55 || memcmp(img + BZ_HEADER, "HdrS", 4))
		return -ENOEXEC;
	out->protocol = (u16)load_le16(img + BZ_VERSION);
	if (out->protocol < BZ_MIN_PROTOCOL) {
		*why = "boot protocol older than 2.08, no payload offset";
		return -EINVAL;
	}
	/* 0 means 4, for loaders of the floppy age; the boot sector itself comes on top. */
	setup = ((img[BZ_SETUP_SECTS] ? img[BZ_SETUP_SECTS] : 4) + 1) * 512;
	off = setup + load_le32(img + BZ_PAYLOAD_OFF);
	plen = load_le32(img + BZ_PAYLOAD_LEN);
	if (off > len || plen > len - off || plen < 8) {
		*why = "payload lies outside the file (truncated?)";
		return -EINVAL;
	}
	out->payload = img + off;
	out->payload_len = plen;
	out->format = decode_detect(out->payload, plen);
	if (out->format == DECODE_UNKNOWN) {
		*why = "payload is in no known compression format";
		return -EINVAL;
	}
	out->unpacked_len = out->format == DECODE_ELF ? (u32)plen : load_le32(out->payload + plen - 4);
	/* gzip ends in its own length word; for the others Linux's build appends one. */
	if (out->format != DECODE_ELF && out->format != DECODE_GZIP)
		out->payload_len -= 4;
	return 0;
}
