/* SPDX-License-Identifier: LGPL-2.1-only */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "light.h"

int libxl_uuid_is_nil(const libxl_uuid *uuid)
{
	static const libxl_uuid nil;

	return !memcmp(uuid, &nil, sizeof(nil));
}

/* Version 4, RFC 4122 section 4.4. */
void libxl_uuid_generate(libxl_uuid *uuid)
{
	if (xl_random(uuid->uuid, sizeof(uuid->uuid)))
		libxl_uuid_clear(uuid);
	uuid->uuid[6] = (uuid->uuid[6] & 0x0f) | 0x40;
	uuid->uuid[8] = (uuid->uuid[8] & 0x3f) | 0x80;
}

/* 36 characters, hyphens where they belong, and nothing after them. */
int libxl_uuid_from_string(libxl_uuid *uuid, const char *in)
{
	libxl_uuid u;
	unsigned char *b = u.uuid;
	size_t i;

	if (strlen(in) != LIBXL_UUID_FMTLEN)
		return -1;
	for (i = 0; i < LIBXL_UUID_FMTLEN; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (in[i] != '-')
				return -1;
			continue;
		}
		if (!isxdigit((unsigned char)in[i]) || !isxdigit((unsigned char)in[i + 1]))
			return -1;
		sscanf(in + i++, "%2hhx", b++);
	}
	*uuid = u;
	return 0;
}

void libxl_uuid_copy(libxl_ctx *ctx_opt, libxl_uuid *dst, const libxl_uuid *src)
{
	*dst = *src;
}

void libxl_uuid_clear(libxl_uuid *uuid)
{
	memset(uuid, 0, sizeof(*uuid));
}

int libxl_uuid_compare(const libxl_uuid *uuid1, const libxl_uuid *uuid2)
{
	return memcmp(uuid1->uuid, uuid2->uuid, sizeof(uuid1->uuid));
}

const uint8_t *libxl_uuid_bytearray_const(const libxl_uuid *uuid)
{
	return uuid->uuid;
}

uint8_t *libxl_uuid_bytearray(libxl_uuid *uuid)
{
	return uuid->uuid;
}
