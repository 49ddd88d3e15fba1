/* SPDX-License-Identifier: LGPL-2.1-only */
/* The small value types: defbool, string lists, MAC addresses, generation ids. */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "light.h"

void libxl_defbool_set(libxl_defbool *db, bool b)
{
	db->val = b ? 1 : -1;
}

void libxl_defbool_unset(libxl_defbool *db)
{
	db->val = 0;
}

bool libxl_defbool_is_default(libxl_defbool db)
{
	return !db.val;
}

void libxl_defbool_setdefault(libxl_defbool *db, bool b)
{
	if (!db->val)
		libxl_defbool_set(db, b);
}

/* Asking before a default was chosen is a bug in the caller. */
bool libxl_defbool_val(libxl_defbool db)
{
	assert(db.val);
	return db.val > 0;
}

const char *libxl_defbool_to_string(libxl_defbool b)
{
	return b.val > 0 ? "True" : b.val < 0 ? "False" : "<default>";
}

static int list_length(char *const *list)
{
	int n = 0;

	while (list && list[n])
		n++;
	return n;
}

static void list_free(char **list, int n)
{
	int i;

	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

static char **list_copy(char *const *src, int n)
{
	char **dst;
	int i;

	if (!src)
		return NULL;
	dst = xl_zalloc(((size_t)n + 1) * sizeof(*dst));
	for (i = 0; i < n; i++)
		dst[i] = xl_strdup(src[i]);
	return dst;
}

int libxl_string_list_length(const libxl_string_list *sl)
{
	return sl ? list_length(*sl) : 0;
}

void libxl_string_list_dispose(libxl_string_list *sl)
{
	if (!sl)
		return;
	list_free(*sl, list_length(*sl));
	*sl = NULL;
}

void libxl_string_list_copy(libxl_ctx *ctx, libxl_string_list *dst, const libxl_string_list *src)
{
	*dst = list_copy(*src, list_length(*src));
}

/* A key may stand without a value, so only the keys can end the list. */
int libxl_key_value_list_length(const libxl_key_value_list *kvl)
{
	int n = 0;

	while (kvl && *kvl && (*kvl)[n])
		n += 2;
	return n / 2;
}

void libxl_key_value_list_dispose(libxl_key_value_list *kvl)
{
	if (!kvl)
		return;
	list_free(*kvl, 2 * libxl_key_value_list_length(kvl));
	*kvl = NULL;
}

void libxl_key_value_list_copy(libxl_ctx *ctx, libxl_key_value_list *dst,
	const libxl_key_value_list *src)
{
	*dst = list_copy(*src, 2 * libxl_key_value_list_length(src));
}

void libxl_hwcap_copy(libxl_ctx *ctx, libxl_hwcap *dst, const libxl_hwcap *src)
{
	memcpy(*dst, *src, sizeof(*dst));
}

void libxl_mac_copy(libxl_ctx *ctx, libxl_mac *dst, const libxl_mac *src)
{
	memcpy(*dst, *src, sizeof(*dst));
}

void libxl_string_copy(libxl_ctx *ctx, char **dst, char *const *src)
{
	*dst = xl_strdup(*src);
}

int xl_mac_parse(const char *s, libxl_mac mac)
{
	libxl_mac m;
	int i, used = 0;

	for (i = 0; i < 6; i++, s += used) {
		if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			return ERROR_INVAL;
		if (sscanf(s, "%2hhx%n", &m[i], &used) != 1)
			return ERROR_INVAL;
		if (i < 5 && s[used++] != ':')
			return ERROR_INVAL;
	}
	if (*s)
		return ERROR_INVAL;
	memcpy(mac, m, sizeof(m));
	return 0;
}

/*
 * For identifiers, not for secrets: a machine that has just started must not wait for its pool to fill,
 * so the kernel may answer before that (Linux 5.6).
 */
int xl_random(void *buf, size_t len)
{
#ifndef GRND_INSECURE
#define GRND_INSECURE 4
#endif
	return getrandom(buf, len, GRND_INSECURE) == (ssize_t)len ? 0 : ERROR_FAIL;
}

int libxl_ms_vm_genid_generate(libxl_ctx *ctx, libxl_ms_vm_genid *id)
{
	return xl_random(id->bytes, sizeof(id->bytes));
}

bool libxl_ms_vm_genid_is_zero(const libxl_ms_vm_genid *id)
{
	static const libxl_ms_vm_genid zero;

	return !memcmp(id, &zero, sizeof(zero));
}

void libxl_ms_vm_genid_copy(libxl_ctx *ctx, libxl_ms_vm_genid *dst, const libxl_ms_vm_genid *src)
{
	*dst = *src;
}
