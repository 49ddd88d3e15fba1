// SPDX-License-Identifier: LGPL-2.1-only
/* The Linux boot header (Documentation of the x86 boot protocol, 2.08 and later). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "image.h"

#define BOOT_SETUP_SECTS    0x1f1
#define BOOT_MAGIC          0x202 /* "HdrS" */
#define BOOT_VERSION        0x206
#define BOOT_PAYLOAD_OFFSET 0x248
#define BOOT_PAYLOAD_LENGTH 0x24c
#define BOOT_HEADER_END     0x250
#define SECTOR              512

int image_fail(struct image_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -1;
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int bzimage_payload(struct image_span in, struct image_span *payload, struct image_err *err)
{
	uint32_t version, setup, offset, length;

	if (in.size < BOOT_HEADER_END || memcmp(in.data + BOOT_MAGIC, "HdrS", 4))
		return 0;
	version = in.data[BOOT_VERSION] | (uint32_t)in.data[BOOT_VERSION + 1] << 8;
	if (version < 0x208)
		return image_fail(err, "bzImage of boot protocol %u.%02u has no payload fields (2.08 is needed)",
				  version >> 8, version & 0xff);
	/* 0 sectors mean 4, by the protocol's history; the boot sector comes on top. */
	setup = in.data[BOOT_SETUP_SECTS] ? in.data[BOOT_SETUP_SECTS] : 4;
	setup = (setup + 1) * SECTOR;
	offset = le32(in.data + BOOT_PAYLOAD_OFFSET);
	length = le32(in.data + BOOT_PAYLOAD_LENGTH);
	if (setup > in.size || offset > in.size - setup || length > in.size - setup - offset || length < 8)
		return image_fail(err, "bzImage is cut off or damaged: payload of %u bytes at %u, file of %zu",
				  length, setup + offset, in.size);
	payload->data = in.data + setup + offset;
	payload->size = length;
	return 1;
}
