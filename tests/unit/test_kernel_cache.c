// SPDX-License-Identifier: GPL-2.0-only
/* The cache of unpacked kernels: hits, changed originals, damage, strangers' files, pruning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cache.h"

static char dir[64];

static struct stat id(unsigned int inode)
{
	struct stat st = { .st_dev = 5, .st_ino = inode, .st_size = 77 };

	return st;
}

static int entries(char *last)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && ++n && last)
			snprintf(last, 256, "%s/%s", dir, e->d_name);
	closedir(d);
	return n;
}

static void clear(void)
{
	char path[256];

	while (entries(path))
		unlink(path);
}

static bool hit(struct stat st, const char *want)
{
	size_t size = 0;
	struct image_parts data;
	char *p = kernel_cache_get(&st, &size, &data);
	const bool ok = p && size == strlen(want) && !memcmp(p, want, size) && data.nr == 1 && data.part[0].from == 0 &&
			data.part[0].to == size;

	if (p)
		munmap(p, size);
	return ok;
}

static void put(struct stat st, const char *text)
{
	struct kernel_cache_entry e;
	struct image_parts data;
	void *p;

	if (!kernel_cache_start(&e, strlen(text)))
		return;
	assert_int_equal(write(e.fd, text, e.size), e.size);
	p = kernel_cache_finish(&e, &st, true, &data);
	assert_non_null(p);
	assert_memory_equal(p, text, e.size);
	munmap(p, e.size);
}

static void hits_and_misses(void **state)
{
	struct stat changed = id(1);

	clear();
	assert_false(hit(id(1), "kernel"));
	put(id(1), "kernel");
	assert_true(hit(id(1), "kernel"));
	assert_false(hit(id(2), "kernel"));
	changed.st_ctim.tv_nsec = 1;
	assert_false(hit(changed, "kernel"));
	assert_int_equal(entries(NULL), 1);
}

/* What was not written is known to be zeros and takes no room, also when it was read; or all behind as many parts as there may be is data. */
static void holes(void **state)
{
	enum { BLOCK = 64 << 10, BLOCKS = 2 * IMAGE_MAX_PARTS + 9 };
	static char text[BLOCK];
	struct kernel_cache_entry e;
	struct image_parts data;
	struct stat st = id(7), file;
	unsigned int sum = 0;
	char path[256];
	size_t size;
	char *p;

	clear();
	memset(text, 'x', sizeof(text));
	for (unsigned int blocks = 5; blocks <= BLOCKS; blocks += BLOCKS - 5) {
		clear();
		assert_true(kernel_cache_start(&e, (size_t)blocks * BLOCK));
		for (off_t i = 1; i < blocks; i += 2)
			assert_int_equal(pwrite(e.fd, text, BLOCK, i * BLOCK), BLOCK);
		p = kernel_cache_finish(&e, &st, true, &data);
		assert_non_null(p);
		munmap(p, e.size);
		entries(path);
		assert_return_code(stat(path, &file), 0);
		if (blocks < BLOCKS)
			assert_in_range(file.st_blocks * 512, blocks / 2 * BLOCK, blocks / 2 * BLOCK + BLOCK);
		for (int again = 0; again < 2; again++) {
			p = kernel_cache_get(&st, &size, &data);
			assert_non_null(p);
			assert_int_equal(data.nr, blocks == BLOCKS ? IMAGE_MAX_PARTS : blocks / 2);
			for (unsigned int i = 0; i < data.nr; i++) {
				const bool rest = i == IMAGE_MAX_PARTS - 1;

				assert_int_equal(data.part[i].from, (2 * i + 1) * BLOCK);
				assert_int_equal(data.part[i].to, rest ? size : (2 * i + 2) * BLOCK);
			}
			for (size_t at = 0; at < size; at += 4096)
				sum += (unsigned int)p[at];
			munmap(p, size);
		}
	}
	assert_int_equal(sum, 2 * 'x' * (BLOCK / 4096) * (5 / 2 + BLOCKS / 2));
}

static void half_done_is_a_miss(void **state)
{
	struct kernel_cache_entry e;
	struct image_parts data;
	struct stat st = id(1);

	clear();
	assert_true(kernel_cache_start(&e, 6));
	assert_int_equal(write(e.fd, "ker", 3), 3);
	assert_null(kernel_cache_finish(&e, &st, false, &data));
	assert_false(hit(id(1), "kernel"));
	assert_int_equal(entries(NULL), 0);
}

static void damage_is_a_miss(void **state)
{
	char path[256];
	int fd;

	clear();
	put(id(1), "kernel");
	entries(path);
	assert_return_code(truncate(path, 10), 0);
	assert_false(hit(id(1), "kernel"));
	clear();
	put(id(1), "kernel");
	entries(path);
	chmod(path, 0666); /* anybody may have written it */
	assert_false(hit(id(1), "kernel"));
	clear();
	put(id(1), "kernel");
	chmod(dir, 0777);
	assert_false(hit(id(1), "kernel"));
	chmod(dir, 0700);
	assert_true(hit(id(1), "kernel"));
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, "?", 1, 6), 1); /* the tail's magic */
	close(fd);
	assert_false(hit(id(1), "kernel"));
}

static void old_ones_go(void **state)
{
	clear();
	for (unsigned int i = 1; i <= KERNEL_CACHE_MAX; i++) {
		put(id(i), "kernel");
		usleep(2000); /* distinct times, not a wait for anything */
	}
	assert_true(hit(id(1), "kernel")); /* used: no longer the oldest */
	usleep(2000);
	put(id(99), "new");
	assert_int_equal(entries(NULL), KERNEL_CACHE_MAX);
	assert_true(hit(id(1), "kernel"));
	assert_true(hit(id(99), "new"));
	assert_false(hit(id(2), "kernel"));
}

static void off(void **state)
{
	clear();
	setenv("XEN_KERNEL_CACHE", "", 1);
	put(id(1), "kernel");
	assert_false(hit(id(1), "kernel"));
	setenv("XEN_KERNEL_CACHE", dir, 1);
	assert_int_equal(entries(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits_and_misses),
		cmocka_unit_test(holes),
		cmocka_unit_test(half_done_is_a_miss),
		cmocka_unit_test(damage_is_a_miss),
		cmocka_unit_test(old_ones_go),
		cmocka_unit_test(off),
	};
	int rc;

	/* On a disk: the cache refuses memory. */
	snprintf(dir, sizeof(dir), "/var/tmp/kernel-cache-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	setenv("XEN_KERNEL_CACHE", dir, 1);
	{
		struct stat st = id(1);

		put(st, "probe");
		if (!entries(NULL)) {
			rmdir(dir);
			puts("skip: /var/tmp is in memory, full, or has no O_TMPFILE");
			return 77;
		}
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	clear();
	rmdir(dir);
	return rc;
}
