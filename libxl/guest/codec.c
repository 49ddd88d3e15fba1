// SPDX-License-Identifier: LGPL-2.1-only
/* Which format an image is packed in. */
#include <string.h>

#include "image.h"

static const struct {
	enum image_codec codec;
	const char *name;
	uint8_t len;
	uint8_t magic[6];
} formats[] = {
	{ CODEC_GZIP, "gzip", 2, { 0x1f, 0x8b } },
	{ CODEC_BZIP2, "bzip2", 3, { 'B', 'Z', 'h' } },
	{ CODEC_XZ, "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 } },
	{ CODEC_LZMA, "lzma", 3, { 0x5d, 0, 0 } },
	{ CODEC_LZ4, "lz4", 4, { 0x02, 0x21, 0x4c, 0x18 } }, /* the legacy frame, as Linux packs */
	{ CODEC_ZSTD, "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd } },
};

#define NR_FORMATS (sizeof(formats) / sizeof(formats[0]))

enum image_codec image_codec_of(struct image_span in)
{
	for (size_t i = 0; i < NR_FORMATS; i++)
		if (in.size >= formats[i].len && !memcmp(in.data, formats[i].magic, formats[i].len))
			return formats[i].codec;
	return CODEC_NONE;
}

const char *image_codec_name(enum image_codec codec)
{
	for (size_t i = 0; i < NR_FORMATS; i++)
		if (formats[i].codec == codec)
			return formats[i].name;
	return "none";
}

/* A hint comes from the file: believe it within reason. */
bool image_hint_ok(struct image_span in, size_t hint, size_t max)
{
	return hint && hint <= (max ? max : SIZE_MAX / 2) && hint / 256 <= in.size;
}
