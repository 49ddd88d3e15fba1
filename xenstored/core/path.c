// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store.h"

/* Letters of which names are made. */
static bool name_char(unsigned char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
	       ch == '-' || ch == '_' || ch == '@';
}

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

bool path_valid(const struct store *s, const char *path)
{
	size_t len = strlen(path);

	if (path[0] != '/' || len > STORE_ABS_PATH_MAX - 1)
		return false;
	/* What a path may measure is counted from the home that it lies in, whoever asks. */
	if (len - home_prefix(path) > s->quota[QUOTA_PATH_MAX])
		return false;
	if (len == 1)
		return true;
	for (size_t i = 1; i < len; i++)
		if (path[i] == '/' ? path[i - 1] == '/' : !name_char((unsigned char)path[i]))
			return false;
	return path[len - 1] != '/';
}

size_t path_absolute(const struct client *c, const char *path, char out[STORE_ABS_PATH_MAX + 1])
{
	int n;

	/* '@' marks a special watch, which has no place in the tree. */
	if (path[0] == '@')
		return 0;
	if (path[0] == '/')
		n = snprintf(out, STORE_ABS_PATH_MAX + 1, "%s", path);
	else
		n = snprintf(out, STORE_ABS_PATH_MAX + 1, "/local/domain/%" PRIu32 "/%s",
			     c->dom->domid, path);
	return n < 0 || (size_t)n > STORE_ABS_PATH_MAX ? 0 : (size_t)n;
}
