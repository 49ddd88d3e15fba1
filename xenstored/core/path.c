// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

/* What a path is made of: letters of names, and the slash. */
#define NAME  1
#define SLASH 2

static const uint8_t kinds[256] = {
	['-'] = NAME, ['/'] = SLASH, ['0' ... '9'] = NAME, ['@' ... 'Z'] = NAME, ['_'] = NAME,
	['a' ... 'z'] = NAME,
};

/* Length of "/local/domain/<number>/" at the start of a path, or 0. */
static size_t home_prefix(const char *path)
{
	static const char home[] = "/local/domain/";
	const size_t len = sizeof(home) - 1;
	size_t digits;

	if (strncmp(path, home, len))
		return 0;
	digits = strspn(path + len, "0123456789");
	if (!digits || digits > 5 || path[len + digits] != '/')
		return 0;
	return len + digits + 1;
}

bool path_is_long(const struct store *s, const char *path)
{
	size_t len = strlen(path);

	return len > s->quota[QUOTA_PATH_MAX] && len - home_prefix(path) > s->quota[QUOTA_PATH_MAX];
}

bool path_valid(const char *path)
{
	size_t len = strlen(path);
	uint8_t before = 0;

	if (path[0] != '/' || len > STORE_ABS_PATH_MAX - 1)
		return false;
	for (const uint8_t *p = (const uint8_t *)path; *p; p++) {
		uint8_t kind = kinds[*p];

		if (!kind || (kind & before & SLASH))
			return false;
		before = kind;
	}
	return len == 1 || before != SLASH;
}

size_t path_absolute(const struct client *c, const char *path, char out[STORE_ABS_PATH_MAX + 1])
{
	size_t len = strlen(path);
	int n;

	/* '@' marks a special watch, which has no place in the tree. */
	if (path[0] == '@')
		return 0;
	if (path[0] == '/') {
		if (len > STORE_ABS_PATH_MAX)
			return 0;
		memcpy(out, path, len + 1);
		return len;
	}
	n = snprintf(out, STORE_ABS_PATH_MAX + 1, "/local/domain/%" PRIu32 "/%s", c->dom->domid, path);
	return n < 0 || (size_t)n > STORE_ABS_PATH_MAX ? 0 : (size_t)n;
}
