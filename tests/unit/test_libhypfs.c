/* SPDX-License-Identifier: GPL-2.0-only */
/* libxenhypfs: values of each type read as text and written, directories, and what a hypervisor may answer wrongly. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include <xen/hypfs.h>
#include "xencall.h"
#include "xenhypfs.h"

struct file {
	const char *path;
	uint8_t type, encoding;
	uint32_t len, max_write;
	char content[5000];
};

static struct file files[] = {
	{ "/text", XEN_HYPFS_TYPE_STRING, 0, 6, 16, "hello" },
	{ "/number", XEN_HYPFS_TYPE_UINT, 0, 4, 4, "\x2a\0\0\0" },
	{ "/negative", XEN_HYPFS_TYPE_INT, 0, 2, 2, "\xfe\xff" },
	{ "/wide", XEN_HYPFS_TYPE_UINT, 0, 8, 8, "\0\0\0\0\x01\0\0\0" },
	{ "/flag", XEN_HYPFS_TYPE_BOOL, 0, 1, 1, "\1" },
	{ "/fixed", XEN_HYPFS_TYPE_STRING, 0, 2, 0, "x" },
	{ "/packed", XEN_HYPFS_TYPE_STRING, XEN_HYPFS_ENC_GZIP, 0, 0, "" },
	{ "/odd", 9, 0, 1, 0, "" },
	{ "/", XEN_HYPFS_TYPE_DIR, 0, 0, 0, "" },
};
static unsigned int open_buffers;

static struct file *find(const char *path, size_t len)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strncmp(files[i].path, path, len))
			return &files[i];
	return NULL;
}

/* ---- what libxencall would do ---- */

struct xencall_handle { int unused; };

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger, (void)flags;
	return calloc(1, sizeof(xencall_handle));
}

int xencall_close(xencall_handle *x)
{
	free(x);
	return 0;
}

void *xencall_alloc_buffer(xencall_handle *x, size_t size)
{
	(void)x;
	open_buffers++;
	return malloc(size);
}

void xencall_free_buffer(xencall_handle *x, void *p)
{
	(void)x;
	open_buffers -= p != NULL;
	free(p);
}

int xencall1(xencall_handle *x, unsigned int op, uint64_t arg)
{
	(void)x;
	assert_int_equal(op, __HYPERVISOR_hypfs_op);
	assert_int_equal(arg, XEN_HYPFS_OP_get_version);
	return XEN_HYPFS_VERSION;
}

static int fail_with(int error)
{
	errno = error;
	return -1;
}

static int answer_read(const struct file *f, struct xen_hypfs_direntry *entry, size_t size)
{
	*entry = (struct xen_hypfs_direntry){ .type = f->type, .encoding = f->encoding, .content_len = f->len,
					      .max_write_len = f->max_write };
	if (size < sizeof(*entry) + f->len)
		return fail_with(ENOBUFS);
	memcpy(entry + 1, f->content, f->len);
	return 0;
}

int xencall5(xencall_handle *x, unsigned int op, uint64_t cmd, uint64_t path, uint64_t path_len, uint64_t buf,
	     uint64_t size)
{
	struct file *f = find((const char *)(uintptr_t)path, path_len);

	(void)x;
	assert_int_equal(op, __HYPERVISOR_hypfs_op);
	if (!f)
		return fail_with(ENOENT);
	if (cmd == XEN_HYPFS_OP_read)
		return answer_read(f, (void *)(uintptr_t)buf, size);
	assert_int_equal(cmd, XEN_HYPFS_OP_write_contents);
	assert_true(size <= f->max_write);
	memcpy(f->content, (void *)(uintptr_t)buf, size);
	f->len = (uint32_t)size;
	return 0;
}

/* ---- tests ---- */

static xenhypfs_handle *h;

static int opened(void **state)
{
	(void)state;
	h = xenhypfs_open(NULL, 0);
	return !h;
}

static int closed(void **state)
{
	(void)state;
	assert_int_equal(open_buffers, 0);
	return xenhypfs_close(h);
}

static void reads_as(const char *path, const char *want)
{
	char *text = xenhypfs_read(h, path);

	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
}

static void is_refused(const char *path, const char *value, int error)
{
	errno = 0;
	assert_int_equal(xenhypfs_write(h, path, value), -1);
	assert_int_equal(errno, error);
}

static void every_type(void **state)
{
	(void)state;
	reads_as("/text", "hello");
	reads_as("/number", "42");
	reads_as("/negative", "-2");
	reads_as("/wide", "4294967296");
	reads_as("/flag", "1");
	assert_null(xenhypfs_read(h, "/none"));
	assert_int_equal(errno, ENOENT);
	assert_null(xenhypfs_read(h, "/odd"));
	assert_int_equal(errno, EINVAL);
}

static void writes(void **state)
{
	(void)state;
	assert_int_equal(xenhypfs_write(h, "/text", "a longer one"), 0);
	reads_as("/text", "a longer one");
	is_refused("/text", "far too long for what there is", ENOSPC);
	assert_int_equal(xenhypfs_write(h, "/number", "0xffffffff"), 0);
	reads_as("/number", "4294967295");
	is_refused("/number", "0x100000000", ERANGE);
	is_refused("/number", "99999999999999999999999", ERANGE);
	is_refused("/number", "4x", EINVAL);
	is_refused("/number", "", EINVAL);
	reads_as("/number", "4294967295");
	assert_int_equal(xenhypfs_write(h, "/negative", "-32768"), 0);
	reads_as("/negative", "-32768");
	is_refused("/negative", "-32769", ERANGE);
	is_refused("/negative", "32768", ERANGE);
	assert_int_equal(xenhypfs_write(h, "/flag", "off"), 0);
	reads_as("/flag", "0");
	is_refused("/flag", "perhaps", EINVAL);
	is_refused("/fixed", "y", EACCES);
	is_refused("/none", "y", ENOENT);
}

static void packed(void **state)
{
	struct file *f = find("/packed", sizeof("/packed"));
	z_stream z = { 0 };
	char plain[4000];

	(void)state;
	memset(plain, 'p', sizeof(plain) - 1);
	plain[sizeof(plain) - 1] = 0;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)plain;
	z.avail_in = sizeof(plain);
	z.next_out = (Bytef *)f->content;
	z.avail_out = sizeof(f->content);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	f->len = (uint32_t)z.total_out;
	deflateEnd(&z);
	reads_as("/packed", plain);
	f->content[f->len - 1] = 0x7f;		/* says that it unpacks to 2 GiB */
	assert_null(xenhypfs_read(h, "/packed"));
	assert_int_equal(errno, E2BIG);
	f->len = 10;
	assert_null(xenhypfs_read(h, "/packed"));
	assert_int_equal(errno, EINVAL);
}

/* A list entry with its name; the next one begins 8-aligned. */
static size_t put_entry(char *at, const char *name, uint8_t type, bool last)
{
	struct xen_hypfs_dirlistentry *e = (void *)at;
	size_t size = (offsetof(struct xen_hypfs_dirlistentry, name) + strlen(name) + 1 + 7) & ~(size_t)7;

	memset(e, 0, size);
	e->e.type = type;
	e->e.content_len = 7;
	e->e.max_write_len = type == XEN_HYPFS_TYPE_UINT ? 4 : 0;
	e->off_next = last ? 0 : (uint16_t)size;
	strcpy(e->name, name);
	return size;
}

static void directory(void **state)
{
	struct file *f = find("/", sizeof("/"));
	struct xenhypfs_dirent *list;
	unsigned int n = 99;
	size_t first;

	(void)state;
	list = xenhypfs_readdir(h, "/", &n);
	assert_non_null(list);
	assert_int_equal(n, 0);
	free(list);
	first = put_entry(f->content, "params", XEN_HYPFS_TYPE_DIR, false);
	f->len = (uint32_t)(first + put_entry(f->content + first, "number", XEN_HYPFS_TYPE_UINT, true));
	list = xenhypfs_readdir(h, "/", &n);
	assert_non_null(list);
	assert_int_equal(n, 2);
	assert_string_equal(list[0].name, "params");
	assert_int_equal(list[0].type, xenhypfs_type_dir);
	assert_string_equal(list[1].name, "number");
	assert_int_equal(list[1].flags, XENHYPFS_FLAG_WRITABLE);
	assert_int_equal(list[1].size, 7);
	free(list);
	/* Cut short in the second: the first is what there is. */
	f->len = (uint32_t)first + 4;
	list = xenhypfs_readdir(h, "/", &n);
	assert_non_null(list);
	assert_int_equal(n, 1);
	free(list);
	assert_null(xenhypfs_readdir(h, "/text", &n));
	assert_int_equal(errno, ENOTDIR);
}

static void long_paths(void **state)
{
	char path[XEN_HYPFS_MAX_PATHLEN + 2];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	assert_null(xenhypfs_read(h, path));
	assert_int_equal(errno, ENAMETOOLONG);
	assert_null(xenhypfs_open(NULL, 1));
	assert_int_equal(errno, EINVAL);
	assert_int_equal(xenhypfs_close(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_type, opened, closed),
		cmocka_unit_test_setup_teardown(writes, opened, closed),
		cmocka_unit_test_setup_teardown(packed, opened, closed),
		cmocka_unit_test_setup_teardown(directory, opened, closed),
		cmocka_unit_test_setup_teardown(long_paths, opened, closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
