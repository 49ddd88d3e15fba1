// SPDX-License-Identifier: GPL-2.0-only
/* hypfs_op over a fake guest's memory: the whole tree by its own listings, buffers of each length, wrong paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "fake/fake.h"
#include "fake/guest.h"
#include <hv/domain.h>
#include <hv/grant.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <public/hypfs.h>

u32 alloc_fail_in;
static u8 *buf;

/* Of domain 1. */
static unsigned int holders;

unsigned int grant_holders(struct domain *d, struct grant_holder *list, unsigned int max)
{
	assert_true(holders <= max && d->id == 1);
	for (unsigned int i = 0; i < holders; i++)
		list[i] = (struct grant_holder){ 0x7fef - i, 4000000000u };
	return holders;
}

static int start(void **state)
{
	holders = 0;
	fake_guests_start(2, 1);
	buf = NULL;
	return 0;
}

static int stop(void **state)
{
	free(buf);
	assert_int_equal(fake_allocs, 0);
	fake_guests_stop();
	return 0;
}

static long op(unsigned int cmd, const char *path, void *b, size_t len)
{
	return do_hypfs_op(cmd, (unsigned long)path, strlen(path) + 1, (unsigned long)b, len);
}

/* Into a buffer of exactly @len bytes, so that a byte more would be seen. */
static long read_into(const char *path, size_t len)
{
	free(buf);
	buf = malloc(len ? len : 1);
	memset(buf, 0xcc, len);
	return op(XEN_HYPFS_OP_read, path, buf, len);
}

static struct xen_hypfs_direntry entry(void)
{
	struct xen_hypfs_direntry e;

	memcpy(&e, buf, sizeof(e));
	return e;
}

/* Reads @path in a buffer of the size that it has; all below it, too. The number of files. */
static unsigned int walk(const char *path)
{
	struct xen_hypfs_direntry e;
	unsigned int files = 0, off = 0;
	u8 *listing;
	u16 next;

	assert_int_equal(read_into(path, sizeof(e)), -ENOBUFS);
	e = entry();
	assert_int_equal(read_into(path, sizeof(e) + e.content_len - 1), -ENOBUFS);
	assert_int_equal(entry().content_len, e.content_len);
	assert_int_equal(read_into(path, sizeof(e) + e.content_len), 0);
	if (e.type == XEN_HYPFS_TYPE_STRING)
		assert_int_equal(strnlen((char *)buf + sizeof(e), e.content_len), e.content_len - 1);
	if (e.type != XEN_HYPFS_TYPE_DIR)
		return 1;
	listing = malloc(e.content_len);
	memcpy(listing, buf + sizeof(e), e.content_len);
	do {
		struct xen_hypfs_dirlistentry *d = (void *)(listing + off);
		char sub[XEN_HYPFS_MAX_PATHLEN];

		assert_true(off + offsetof(struct xen_hypfs_dirlistentry, name) < e.content_len);
		next = d->off_next;
		snprintf(sub, sizeof(sub), "%s/%s", strcmp(path, "/") ? path : "", d->name);
		files += walk(sub);
		/* The listing says of it what reading it does. */
		assert_int_equal(op(XEN_HYPFS_OP_read, sub, buf, sizeof(e)), -ENOBUFS);
		assert_memory_equal(buf, &d->e, sizeof(d->e));
		off += next;
		assert_int_equal(off % 4, 0);
	} while (next);
	free(listing);
	return files;
}

static void the_whole_tree(void **state)
{
	assert_int_equal(walk("/"), 9);
	assert_int_equal(walk("/buildinfo"), 8);
	assert_int_equal(walk("/buildinfo/version"), 3);
}

static void dying(void **state)
{
	static const char *const none[] = { "/dying/0", "/dying/01", "/dying/+1", "/dying/1x", "/dying/32752", "/dying/1/x",
					    "/dying/18446744073709551617", "/dyin" };
	struct domain *d = fake_domains[1];

	assert_int_equal(read_into("/dying", 100), -ENOENT);
	assert_int_equal(read_into("/dying/1", 100), -ENOENT);
	d->dying = DOMDYING_DYING;
	assert_int_equal(walk("/"), 10);
	assert_int_equal(read_into("/dying/1", 100), 0);
	assert_string_equal((char *)buf + sizeof(struct xen_hypfs_direntry),
			    "state=dying references=1 pages=0 shared=0 granted=");
	assert_int_equal(entry().max_write_len, 0);
	assert_int_equal(op(XEN_HYPFS_OP_write_contents, "/dying/1", buf, 4), -EACCES);
	d->dying = DOMDYING_DEAD;
	d->pages.count = d->hv_pages.count = ~0ULL;
	d->refcnt = 0xfffffffe;
	holders = 8;
	assert_int_equal(walk("/"), 10);
	assert_int_equal(read_into("/dying/1", 400), 0);
	assert_non_null(strstr((char *)buf + sizeof(struct xen_hypfs_direntry),
			       "state=dead references=4294967294 pages=18446744073709551615 shared=18446744073709551615 "
			       "granted=32751:4000000000,32750:4000000000,"));
	d->pages.count = d->hv_pages.count = 0;
	d->refcnt = 1;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(read_into(none[i], 100), -ENOENT);
}

static void values(void **state)
{
	struct xen_hypfs_direntry e;
	u32 n;

	assert_int_equal(read_into("/buildinfo/version/extra", 100), 0);
	e = entry();
	assert_int_equal(e.type, XEN_HYPFS_TYPE_STRING);
	assert_string_equal((char *)buf + sizeof(e), ".9-xenolith");
	assert_int_equal(e.max_write_len, 0);
	assert_int_equal(buf[sizeof(e) + e.content_len], 0xcc);
	assert_int_equal(read_into("/buildinfo/version/minor", 100), 0);
	memcpy(&n, buf + sizeof(e), sizeof(n));
	assert_int_equal(n, 17);
	assert_int_equal(entry().type, XEN_HYPFS_TYPE_UINT);
	assert_int_equal(read_into("/buildinfo/", 1000), 0);
	assert_int_equal(entry().type, XEN_HYPFS_TYPE_DIR);
}

static void paths_that_are_none(void **state)
{
	static const struct { const char *path; long rc; } paths[] = {
		{ "", -EINVAL }, { "buildinfo", -EINVAL }, { "/buildinf", -ENOENT },
		{ "/buildinfo/versio", -ENOENT }, { "/buildinfo/version/major/x", -ENOENT }, { "/params", -ENOENT },
		{ "/params/alloc-fail", -ENOENT },
	};
	static char longest[XEN_HYPFS_MAX_PATHLEN + 1];
	char in[4096];

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		assert_int_equal(op(XEN_HYPFS_OP_read, paths[i].path, in, sizeof(in)), paths[i].rc);
		assert_int_equal(op(XEN_HYPFS_OP_write_contents, paths[i].path, in, 4), paths[i].rc);
	}
	memset(longest, '/', sizeof(longest) - 1);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_read, (unsigned long)longest, sizeof(longest), 0, 0), -EINVAL);
	/* Without its NUL, with one too early, of no length, not readable. */
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_read, (unsigned long)"/buildinfo", 10, 0, 0), -EINVAL);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_read, (unsigned long)"/\0buildinfo", 12, 0, 0), -EINVAL);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_read, (unsigned long)"/", 0, 0, 0), -EINVAL);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_read, (unsigned long)"/", ~0UL, 0, 0), -EINVAL);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_read, 8, 2, 0, 0), -EFAULT);
}

static void buffers_and_rights(void **state)
{
	assert_int_equal(read_into("/buildinfo", 0), -ENOBUFS);
	assert_int_equal(read_into("/buildinfo", sizeof(struct xen_hypfs_direntry) - 1), -ENOBUFS);
	assert_int_equal(buf[0], 0xcc);
	assert_int_equal(op(XEN_HYPFS_OP_read, "/buildinfo", (void *)8, 1000), -EFAULT);
	assert_int_equal(op(XEN_HYPFS_OP_write_contents, "/buildinfo", buf, 4), -EACCES);
	assert_int_equal(op(XEN_HYPFS_OP_write_contents, "/buildinfo/version/major", buf, 4), -EACCES);
	assert_int_equal(op(3, "/", buf, 4), -EOPNOTSUPP);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_get_version, 0, 0, 0, 0), XEN_HYPFS_VERSION);
	assert_int_equal(do_hypfs_op(XEN_HYPFS_OP_get_version, 0, 0, 0, 1), -EINVAL);
	fake_alloc_fail_after = 0;
	assert_int_equal(op(XEN_HYPFS_OP_read, "/", buf, 4), -ENOMEM);
	assert_int_equal(op(XEN_HYPFS_OP_write_contents, "/", buf, 4), -ENOMEM);
	fake_alloc_fail_after = -1;
	fake_run_as(1, 0);
	for (unsigned int cmd = 0; cmd < 4; cmd++)
		assert_int_equal(op(cmd, "/", buf, 4), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_whole_tree, start, stop),
		cmocka_unit_test_setup_teardown(dying, start, stop),
		cmocka_unit_test_setup_teardown(values, start, stop),
		cmocka_unit_test_setup_teardown(paths_that_are_none, start, stop),
		cmocka_unit_test_setup_teardown(buffers_and_rights, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
