/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoders for compressed Domain 0 kernels.  Pure: they touch only the buffers given, never read past
 * the source nor write past the destination, and end on any input.  The whole output lies in one flat
 * buffer, which doubles as the history window; so nothing is copied twice.
 */
#ifndef HV_DECODE_H
#define HV_DECODE_H

#include <hv/compiler.h>
#include <hv/types.h>

enum decode_format {
	DECODE_UNKNOWN,
	DECODE_ELF,		/* not compressed */
	DECODE_GZIP,
	DECODE_XZ,
	DECODE_ZSTD,
	DECODE_LZ4,		/* legacy frame, as Linux's build makes it */
	DECODE_BZIP2,		/* recognised, to be refused by name */
	DECODE_LZMA,
	DECODE_LZO,
};

struct decode_job {
	const u8 *src;
	size_t src_len;
	u8 *dst;
	size_t dst_cap;
	void *work;		/* DECODE_WORK_SIZE bytes, 16-byte aligned; contents do not matter */
	size_t out_len;		/* result */
	const char *why;	/* what is wrong, when an error is returned */
};
#define DECODE_WORK_SIZE (64 * 1024)

enum decode_format decode_detect(const u8 *src, size_t len);
const char *decode_format_name(enum decode_format f);
/* 0, -EINVAL (damaged input), -ENOSPC (output does not fit), -EOPNOTSUPP (no decoder, or option not known). */
int decode_run(enum decode_format f, struct decode_job *job) must_check;

/* Linux bzImage: where the payload lies. All offsets are checked against @len. */
struct bzimage {
	const u8 *payload;
	size_t payload_len;	/* without the appended size word, where the format has one */
	enum decode_format format;
	u32 unpacked_len;	/* as the image says; a hint until decoded */
	u16 protocol;
};
/* 0, -ENOEXEC (no bzImage at all), -EINVAL (one, but damaged or too old): @why says so. */
int bzimage_parse(const u8 *img, size_t len, struct bzimage *out, const char **why) must_check;

#endif
