// SPDX-License-Identifier: LGPL-2.1-only
/* The hypervisor's parameter tree by hypfs_op. */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <xen/xen.h>
#include <xen/hypfs.h>

#include "toolcore_internal.h"
#include "xencall.h"
#include "xenhypfs.h"

#define FIRST_GUESS 4096 /* bytes of a first read */

struct xenhypfs_handle {
	struct lib_log log;
	struct xencall_handle *xcall;
};

xenhypfs_handle *xenhypfs_open(struct xentoollog_logger *logger, unsigned int open_flags)
{
	struct xenhypfs_handle *h;
	int saved;

	if (open_flags) {
		errno = EINVAL;
		return NULL;
	}
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	if (lib_log_open(&h->log, logger))
		goto out_free;
	h->xcall = xencall_open(h->log.to, 0);
	if (!h->xcall)
		goto out_log;
	if (xencall1(h->xcall, __HYPERVISOR_hypfs_op, XEN_HYPFS_OP_get_version) != XEN_HYPFS_VERSION) {
		xtl_log(h->log.to, XTL_ERROR, -1, "xenhypfs", "the hypervisor has no hypfs of version %d",
			XEN_HYPFS_VERSION);
		xencall_close(h->xcall);
		errno = EOPNOTSUPP;
		goto out_log;
	}
	return h;

out_log:
	saved = errno;
	lib_log_close(&h->log);
	errno = saved;
out_free:
	saved = errno;
	free(h);
	errno = saved;
	return NULL;
}

int xenhypfs_close(xenhypfs_handle *fshdl)
{
	if (!fshdl)
		return 0;
	xencall_close(fshdl->xcall);
	lib_log_close(&fshdl->log);
	free(fshdl);
	return 0;
}

static char *path_buffer(struct xenhypfs_handle *h, const char *path, size_t *len)
{
	char *buf;

	*len = strlen(path) + 1;
	if (*len > XEN_HYPFS_MAX_PATHLEN) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	buf = xencall_alloc_buffer(h->xcall, *len);
	if (buf)
		memcpy(buf, path, *len);
	return buf;
}

/* Read an entry and its content into a hypercall buffer; it grows until all of it fits. */
static struct xen_hypfs_direntry *read_entry(struct xenhypfs_handle *h, const char *path)
{
	struct xen_hypfs_direntry *entry = NULL;
	size_t path_len, size = FIRST_GUESS;
	char *path_buf = path_buffer(h, path, &path_len);
	int rc = -1, saved;

	if (!path_buf)
		return NULL;
	for (;;) {
		entry = xencall_alloc_buffer(h->xcall, size);
		if (!entry)
			break;
		memset(entry, 0, sizeof(*entry));
		rc = xencall5(h->xcall, __HYPERVISOR_hypfs_op, XEN_HYPFS_OP_read, (unsigned long)path_buf,
			      path_len, (unsigned long)entry, size);
		if (rc >= 0 || errno != ENOBUFS || size >= sizeof(*entry) + entry->content_len)
			break;
		size = sizeof(*entry) + entry->content_len;
		xencall_free_buffer(h->xcall, entry);
	}
	saved = errno;
	xencall_free_buffer(h->xcall, path_buf);
	if (rc < 0 && entry) {
		xencall_free_buffer(h->xcall, entry);
		entry = NULL;
	}
	errno = saved;
	return entry;
}

static int fill_dirent(struct xenhypfs_dirent *out, const struct xen_hypfs_direntry *in)
{
	static const enum xenhypfs_type types[] = {
		[XEN_HYPFS_TYPE_DIR] = xenhypfs_type_dir,       [XEN_HYPFS_TYPE_BLOB] = xenhypfs_type_blob,
		[XEN_HYPFS_TYPE_STRING] = xenhypfs_type_string, [XEN_HYPFS_TYPE_UINT] = xenhypfs_type_uint,
		[XEN_HYPFS_TYPE_INT] = xenhypfs_type_int,       [XEN_HYPFS_TYPE_BOOL] = xenhypfs_type_bool,
	};

	if (in->type >= sizeof(types) / sizeof(types[0]) || in->encoding > XEN_HYPFS_ENC_GZIP) {
		errno = EINVAL;
		return -1;
	}
	out->type = (unsigned short)types[in->type];
	out->encoding = in->encoding == XEN_HYPFS_ENC_GZIP ? xenhypfs_enc_gzip : xenhypfs_enc_plain;
	out->size = in->content_len;
	out->flags = in->max_write_len ? XENHYPFS_FLAG_WRITABLE : 0;
	return 0;
}

/* Content of gzip encoding, unpacked; its size is in the last four bytes (RFC 1952). */
static void *unpack(const void *in, size_t in_size, size_t *out_size)
{
	z_stream z = { .next_in = (void *)(uintptr_t)in, .avail_in = (uInt)in_size };
	uint32_t size;
	char *out;

	if (in_size < 18) {
		errno = EINVAL;
		return NULL;
	}
	memcpy(&size, (const char *)in + in_size - 4, sizeof(size));
	if (size > 64U << 20) {
		errno = E2BIG;
		return NULL;
	}
	out = malloc((size_t)size + 1);
	if (!out)
		return NULL;
	out[size] = 0;
	z.next_out = (Bytef *)out;
	z.avail_out = size;
	if (inflateInit2(&z, 15 + 16) != Z_OK || inflate(&z, Z_FINISH) != Z_STREAM_END || z.avail_out) {
		inflateEnd(&z);
		free(out);
		errno = EINVAL;
		return NULL;
	}
	inflateEnd(&z);
	*out_size = size;
	return out;
}

void *xenhypfs_read_raw(xenhypfs_handle *fshdl, const char *path, struct xenhypfs_dirent **dirent)
{
	struct xen_hypfs_direntry *entry = read_entry(fshdl, path);
	const char *base = strrchr(path, '/');
	struct xenhypfs_dirent *out;
	void *content = NULL;
	int saved;

	if (!entry)
		return NULL;
	base = base ? base + 1 : path;
	out = calloc(1, sizeof(*out) + strlen(base) + 1);
	if (!out || fill_dirent(out, entry))
		goto fail;
	out->name = (char *)(out + 1);
	strcpy(out->name, base);
	/* One byte more, so that text ends. */
	content = calloc(1, out->size + 1);
	if (!content)
		goto fail;
	memcpy(content, entry + 1, out->size);
	xencall_free_buffer(fshdl->xcall, entry);
	*dirent = out;
	return content;

fail:
	saved = errno;
	free(out);
	xencall_free_buffer(fshdl->xcall, entry);
	errno = saved;
	return NULL;
}

static char *number_text(const void *content, size_t size, bool is_signed)
{
	uint64_t u = 0;
	char *text = NULL;

	if (!size || size > sizeof(u) || (size & (size - 1))) {
		errno = EDOM;
		return NULL;
	}
	memcpy(&u, content, size);
	if (is_signed && size < sizeof(u) && (u >> (size * 8 - 1)))
		u |= ~0ULL << (size * 8);
	if (asprintf(&text, is_signed ? "%" PRId64 : "%" PRIu64, u) < 0)
		text = NULL;
	return text;
}

static char *content_text(const struct xenhypfs_dirent *d, const char *content)
{
	switch (d->type) {
	case xenhypfs_type_dir:
		errno = EISDIR;
		return NULL;
	case xenhypfs_type_blob:
		errno = EDOM;
		return NULL;
	case xenhypfs_type_string:
		return strndup(content, d->size);
	case xenhypfs_type_bool:
		return strdup(d->size && memchr(content, 1, d->size) ? "1" : "0");
	default:
		return number_text(content, d->size, d->type == xenhypfs_type_int);
	}
}

char *xenhypfs_read(xenhypfs_handle *fshdl, const char *path)
{
	struct xenhypfs_dirent *d;
	char *content = xenhypfs_read_raw(fshdl, path, &d);
	char *text = NULL;
	void *plain;
	int saved;

	if (!content)
		return NULL;
	if (d->encoding == xenhypfs_enc_gzip && d->type != xenhypfs_type_dir) {
		plain = unpack(content, d->size, &d->size);
		saved = errno;
		free(content);
		errno = saved;
		content = plain;
	}
	if (content)
		text = content_text(d, content);
	saved = errno;
	free(content);
	free(d);
	errno = saved;
	return text;
}

/* Entries of a directory: a list in which each says where the next one starts, 0 at the end. */
static const struct xen_hypfs_dirlistentry *next_entry(const char *content, size_t size, size_t *at)
{
	const struct xen_hypfs_dirlistentry *e = (const void *)(content + *at);

	if (*at > size || size - *at < sizeof(*e) ||
	    !memchr(e->name, 0, size - *at - offsetof(struct xen_hypfs_dirlistentry, name)))
		return NULL;
	return e;
}

struct xenhypfs_dirent *xenhypfs_readdir(xenhypfs_handle *fshdl, const char *path,
					 unsigned int *num_entries)
{
	const struct xen_hypfs_dirlistentry *e;
	struct xenhypfs_dirent *dir, *list = NULL;
	char *content = xenhypfs_read_raw(fshdl, path, &dir), *names;
	size_t at, text = 0;
	unsigned int n = 0, i = 0;
	int saved;

	if (!content)
		return NULL;
	if (dir->type != xenhypfs_type_dir) {
		errno = ENOTDIR;
		goto out;
	}
	for (at = 0; dir->size && (e = next_entry(content, dir->size, &at)); at += e->off_next) {
		n++;
		text += strlen(e->name) + 1;
		if (!e->off_next)
			break;
	}
	list = calloc(1, n * sizeof(*list) + text + 1);
	if (!list)
		goto out;
	names = (char *)(list + n);
	for (at = 0; i < n && (e = next_entry(content, dir->size, &at)); i++, at += e->off_next) {
		if (fill_dirent(&list[i], &e->e)) {
			free(list);
			list = NULL;
			goto out;
		}
		list[i].name = names;
		names = stpcpy(names, e->name) + 1;
	}
	*num_entries = n;
out:
	saved = errno;
	free(content);
	free(dir);
	errno = saved;
	return list;
}

static bool fits(uint64_t value, size_t size, bool has_sign)
{
	unsigned int spare = 64 - 8 * (unsigned int)size;

	if (!spare)
		return true;
	return has_sign ? (int64_t)(value << spare) >> spare == (int64_t)value : value << spare >> spare == value;
}

/* Convert text to the entry's type, at most size bytes; returns the length or -1. */
static long encode(unsigned short type, const char *val, char *buf, size_t size)
{
	char *end;
	uint64_t u;

	switch (type) {
	case xenhypfs_type_string:
	case xenhypfs_type_blob:
		if (strlen(val) + 1 > size) {
			errno = ENOSPC;
			return -1;
		}
		strcpy(buf, val);
		return (long)strlen(val) + 1;
	case xenhypfs_type_bool:
		buf[0] = !strcmp(val, "1") || !strcmp(val, "on") || !strcmp(val, "yes") || !strcmp(val, "true") ||
			 !strcmp(val, "enable");
		if (buf[0] || !strcmp(val, "0") || !strcmp(val, "off") || !strcmp(val, "no") ||
		    !strcmp(val, "false") || !strcmp(val, "disable"))
			return 1;
		errno = EINVAL;
		return -1;
	case xenhypfs_type_uint:
	case xenhypfs_type_int:
		errno = 0;
		u = type == xenhypfs_type_int ? (uint64_t)strtoll(val, &end, 0) : strtoull(val, &end, 0);
		if (errno)
			return -1;
		if (end == val || *end) {
			errno = EINVAL;
			return -1;
		}
		if (size > sizeof(u))
			size = sizeof(u);
		if (!fits(u, size, type == xenhypfs_type_int)) {
			errno = ERANGE;
			return -1;
		}
		memcpy(buf, &u, size);
		return (long)size;
	default:
		errno = EISDIR;
		return -1;
	}
}

int xenhypfs_write(xenhypfs_handle *fshdl, const char *path, const char *val)
{
	struct xen_hypfs_direntry *entry = read_entry(fshdl, path);
	struct xenhypfs_dirent d = { 0 };
	size_t path_len, max;
	char *path_buf = NULL, *buf = NULL;
	long len;
	int rc = -1, saved;

	if (!entry)
		return -1;
	if (fill_dirent(&d, entry))
		goto out;
	/* A number is as wide as it reads; a string may become longer. */
	max = d.type == xenhypfs_type_string || d.type == xenhypfs_type_blob ? entry->max_write_len : d.size;
	if (!(d.flags & XENHYPFS_FLAG_WRITABLE) || !max) {
		errno = EACCES;
		goto out;
	}
	path_buf = path_buffer(fshdl, path, &path_len);
	buf = xencall_alloc_buffer(fshdl->xcall, max);
	if (!path_buf || !buf)
		goto out;
	len = encode(d.type, val, buf, max);
	if (len >= 0)
		rc = xencall5(fshdl->xcall, __HYPERVISOR_hypfs_op, XEN_HYPFS_OP_write_contents,
			      (unsigned long)path_buf, path_len, (unsigned long)buf, (uint64_t)len);
out:
	saved = errno;
	xencall_free_buffer(fshdl->xcall, path_buf);
	xencall_free_buffer(fshdl->xcall, buf);
	xencall_free_buffer(fshdl->xcall, entry);
	errno = saved;
	return rc;
}
