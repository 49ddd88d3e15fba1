// SPDX-License-Identifier: GPL-2.0-only
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

/* Strings fill the body to the last byte, each with its NUL: how many, or 0. */
static unsigned int strings_in(const char *p, size_t len)
{
	const char *end = p + len;
	unsigned int n = 0;

	if (!len || p[len - 1])
		return 0;
	for (; p < end; n++)
		p = (const char *)memchr(p, 0, (size_t)(end - p)) + 1;
	return n;
}

static void split(struct request *r, const char *p, unsigned int n)
{
	r->strs = n;
	for (unsigned int i = 0; i < n && i < REQUEST_STRINGS; i++) {
		r->str[i] = p;
		p += strlen(p) + 1;
	}
}

/* The body's first string as a path; special watches only where the operation knows them. */
static int decode_path(struct request *r, bool special)
{
	r->special = -1;
	r->shown = r->body;
	if (!memchr(r->body, 0, r->len))
		return EINVAL;
	if (special && r->body[0] == '@') {
		size_t n = strlen(r->body);

		if (n > STORE_REL_PATH_MAX)
			return EINVAL;
		memcpy(r->path, r->body, n + 1);
		r->special = special_by_name(r->path);
		return 0;
	}
	if (!path_absolute(r->c, r->body, r->path) || !path_valid(r->path))
		return EINVAL;
	if (!path_is_long(r->s, r->path))
		return 0;
	quota_tell(r->s, r->c->dom, QUOTA_PATH_MAX, r->path, "refused");
	return EINVAL;
}

/* Numbers are read as the original reads them: leading digits, nothing means 0. */
static uint32_t number(const char *str)
{
	return (uint32_t)strtol(str, NULL, 10);
}

static int decode_numbers(struct request *r, unsigned int min, unsigned int max)
{
	unsigned int n = strings_in(r->body, r->len);

	if (n < min || n > max)
		return EINVAL;
	split(r, r->body, n);
	r->domid = number(r->str[0]);
	return 0;
}

static int decode_path_strings(struct request *r, unsigned int min, unsigned int max, bool special)
{
	unsigned int n = strings_in(r->body, r->len);
	size_t first;

	if (n < 1 + min || n > 1 + max)
		return EINVAL;
	first = strlen(r->body) + 1;
	split(r, r->body + first, n - 1);
	return decode_path(r, special);
}

static int decode_flag(struct request *r)
{
	if (strings_in(r->body, r->len) != 1 || (strcmp(r->body, "T") && strcmp(r->body, "F")))
		return EINVAL;
	r->flag = r->body[0] == 'T';
	return 0;
}

static int decode_data(struct request *r)
{
	const char *end = r->len ? memchr(r->body, 0, r->len) : NULL;

	if (!end)
		return EINVAL;
	r->data = end + 1;
	r->data_len = r->len - (size_t)(end + 1 - r->body);
	return decode_path(r, false);
}

int request_decode(struct request *r, enum args args)
{
	int err;

	switch (args) {
	case ARGS_NONE:
		return 0;
	case ARGS_PATH:
		return decode_path_strings(r, 0, 0, false);
	case ARGS_PATH_DATA:
		return decode_data(r);
	case ARGS_PATH_STRINGS:
		return decode_path_strings(r, 1, UINT32_MAX - 1, true);
	case ARGS_PATH_STRING:
		return decode_path_strings(r, 1, 1, false);
	case ARGS_WATCH:
		return decode_path_strings(r, 1, 1, true);
	case ARGS_FLAG:
		return decode_flag(r);
	case ARGS_DOMID:
		return decode_numbers(r, 1, 1);
	case ARGS_TWO_DOMIDS:
		err = decode_numbers(r, 2, REQUEST_STRINGS);
		if (!err)
			r->domid2 = number(r->str[1]);
		return err;
	case ARGS_INTRODUCE:
		err = decode_numbers(r, 3, 3);
		if (!err) {
			r->gfn = strtoull(r->str[1], NULL, 10);
			r->port = number(r->str[2]);
		}
		return err;
	case ARGS_STRINGS:
		r->strs = strings_in(r->body, r->len);
		if (!r->strs || r->strs > REQUEST_STRINGS)
			return EINVAL;
		split(r, r->body, r->strs);
		return 0;
	}
	return EINVAL;
}
