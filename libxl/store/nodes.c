// SPDX-License-Identifier: LGPL-2.1-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_internal.h"

static unsigned int count_strings(const char *p, unsigned int len)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < len; i++)
		n += !p[i];
	return n;
}

/* NUL-terminated strings in a row become a vector, in one block with it. Frees the row. */
static char **to_vector(char *row, unsigned int len, unsigned int *num)
{
	unsigned int n = count_strings(row, len);
	char **vec = malloc(n * sizeof(*vec) + len + 1u);
	char *at;

	if (vec) {
		at = memcpy(vec + n, row, len);
		at[len] = 0;
		for (unsigned int i = 0; i < n; i++, at += strlen(at) + 1)
			vec[i] = at;
		*num = n;
	}
	free(row);
	return vec;
}

/* A piece of a directory: its generation and strings, and whether they were the last. */
struct part {
	char *body;
	const char *names;
	unsigned int len;
	bool last;
};

static bool get_part(struct xs_handle *h, xs_transaction_t t, const char *path,
		     unsigned int offset, struct part *p)
{
	char off[16];
	struct iovec v[2] = { { (void *)path, strlen(path) + 1 }, { off, 0 } };
	unsigned int len, gen;

	v[1].iov_len = (size_t)snprintf(off, sizeof(off), "%u", offset) + 1;
	p->body = store_talkv(h, t, XS_DIRECTORY_PART, v, 2, &len);
	if (!p->body)
		return false;
	gen = (unsigned int)strlen(p->body) + 1;
	if (gen > len) {
		free(p->body);
		errno = EIO;
		return false;
	}
	p->names = p->body + gen;
	p->len = len - gen;
	/* An empty string says that the end was reached. */
	p->last = p->len && !p->names[p->len - 1] && (p->len == 1 || !p->names[p->len - 2]);
	p->len -= p->last;
	return true;
}

/*
 * A directory that fits in no message comes in parts. Should it change in between, its generation
 * differs, and it is read from the start again.
 */
static char **directory_in_parts(struct xs_handle *h, xs_transaction_t t, const char *path,
				 unsigned int *num)
{
	char *all = NULL, *gen = NULL;
	unsigned int have = 0;
	bool last = false;
	struct part p;

	while (!last && get_part(h, t, path, have, &p)) {
		char *more;

		if (!gen || strcmp(gen, p.body)) {
			free(gen);
			gen = strdup(p.body);
			if (have) {
				free(p.body);
				have = 0;
				continue;
			}
		}
		more = realloc(all, have + p.len + 1u);
		if (!more || !gen || (!p.len && !p.last)) {
			if (more)
				all = more;
			free(p.body);
			errno = more && gen ? EIO : ENOMEM;
			break;
		}
		all = more;
		memcpy(all + have, p.names, p.len);
		have += p.len;
		last = p.last;
		free(p.body);
	}
	free(gen);
	if (last)
		return to_vector(all, have, num);
	free(all);
	return NULL;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
	unsigned int len;
	char *row = store_talk(h, t, XS_DIRECTORY, path, &len);

	if (row)
		return to_vector(row, len, num);
	return errno == E2BIG ? directory_in_parts(h, t, path, num) : NULL;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	return store_talk(h, t, XS_READ, path, len);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int len)
{
	struct iovec v[2] = { { (void *)path, strlen(path) + 1 }, { (void *)data, len } };

	return store_ok(store_talkv(h, t, XS_WRITE, v, 2, NULL));
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return store_ok(store_talk(h, t, XS_MKDIR, path, NULL));
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return store_ok(store_talk(h, t, XS_RM, path, NULL));
}

bool xs_restrict(struct xs_handle *h, unsigned int domid)
{
	return false;
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t,
					  const char *path, unsigned int *num)
{
	struct xs_permissions *p;
	unsigned int len, n;
	char *row = store_talk(h, t, XS_GET_PERMS, path, &len);

	if (!row)
		return NULL;
	n = count_strings(row, len);
	p = malloc((n ? n : 1u) * sizeof(*p));
	if (p && xs_strings_to_perms(p, n, row)) {
		*num = n;
	} else {
		free(p);
		p = NULL;
	}
	free(row);
	return p;
}

size_t store_perms_text(char *row, size_t room, const struct xs_permissions *perms, unsigned int n)
{
	static const char letters[] = { 'n', 'r', 'w', 'b' };
	size_t used = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (perms[i].perms & ~(unsigned int)(XS_PERM_READ | XS_PERM_WRITE)) {
			errno = EINVAL;
			return 0;
		}
		used += (size_t)snprintf(row + used, used < room ? room - used : 0, "%c%u", letters[perms[i].perms],
					 perms[i].id) + 1;
	}
	if (used <= room)
		return used;
	errno = E2BIG;
	return 0;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
			struct xs_permissions *perms, unsigned int num_perms)
{
	char row[XENSTORE_PAYLOAD_MAX];
	struct iovec v[2] = { { (void *)path, strlen(path) + 1 }, { row, 0 } };

	v[1].iov_len = store_perms_text(row, sizeof(row), perms, num_perms);
	return (v[1].iov_len || !num_perms) && store_ok(store_talkv(h, t, XS_SET_PERMS, v, 2, NULL));
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	char *id = store_talk(h, XBT_NULL, XS_TRANSACTION_START, "", NULL);
	xs_transaction_t t = id ? (xs_transaction_t)strtoul(id, NULL, 0) : XBT_NULL;

	free(id);
	return t;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	return store_ok(store_talk(h, t, XS_TRANSACTION_END, abort ? "F" : "T", NULL));
}
