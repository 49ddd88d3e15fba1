// SPDX-License-Identifier: LGPL-2.1-only
/* The cache of unpacked kernels; see cache.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "cache.h"

#define NAME_LEN   96
#define SPACE_LEFT 4U /* times the entry's size must be free */

/* Behind the data: a file that lost its end in a crash of the host is not taken for a kernel. */
struct cache_tail {
	char magic[8];
	uint64_t size;
};

static const char tail_magic[8] = "XKERNEL1";

static void entry_name(char name[NAME_LEN], const struct stat *of)
{
	snprintf(name, NAME_LEN, "%llx-%llx-%llx-%llx.%09lx", (unsigned long long)of->st_dev,
		 (unsigned long long)of->st_ino, (unsigned long long)of->st_size,
		 (unsigned long long)of->st_ctim.tv_sec, (unsigned long)of->st_ctim.tv_nsec);
}

/* Only what this user alone can write is to be trusted with a kernel. */
static bool is_mine(int fd, mode_t kind)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_mode & S_IFMT) == kind && st.st_uid == geteuid() &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_dir(bool create)
{
	const char *path = secure_getenv("XEN_KERNEL_CACHE");
	int fd;

	if (path && !*path)
		return -1;
	if (!path) {
		path = KERNEL_CACHE_DIR;
		if (create) {
			mkdir("/var/cache/xen", 0755);
			mkdir(path, 0700);
		}
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !is_mine(fd, S_IFDIR)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* File systems that know no holes have one part. */
static void find_data(int fd, size_t size, struct image_parts *data)
{
	off_t from, to = 0;

	for (data->nr = 0; (size_t)to < size && data->nr < IMAGE_MAX_PARTS; data->nr++) {
		from = lseek(fd, to, SEEK_DATA);
		to = from < 0 ? -1 : lseek(fd, from, SEEK_HOLE);
		if (to < 0) {
			from = data->nr ? (off_t)data->part[data->nr - 1].to : 0;
			to = (off_t)size;
		}
		if ((size_t)from >= size)
			return;
		data->part[data->nr].from = (size_t)from;
		data->part[data->nr].to = (size_t)to < size ? (size_t)to : size;
	}
	if ((size_t)to < size)
		data->part[data->nr - 1].to = size;
}

static void *map_entry(int fd, size_t *size, struct image_parts *data)
{
	struct cache_tail tail;
	struct stat st;
	void *p;

	if (!is_mine(fd, S_IFREG) || fstat(fd, &st) || st.st_size <= (off_t)sizeof(tail) ||
	    pread(fd, &tail, sizeof(tail), st.st_size - (off_t)sizeof(tail)) != (ssize_t)sizeof(tail) ||
	    memcmp(tail.magic, tail_magic, sizeof(tail.magic)) ||
	    tail.size != (uint64_t)st.st_size - sizeof(tail))
		return NULL;
	p = mmap(NULL, tail.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	*size = tail.size;
	find_data(fd, *size, data);
	return p;
}

void *kernel_cache_get(const struct stat *of, size_t *size, struct image_parts *data)
{
	const int dir = open_dir(false), saved = errno;
	char name[NAME_LEN];
	void *p = NULL;
	int fd;

	if (dir < 0)
		return NULL;
	entry_name(name, of);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		p = map_entry(fd, size, data);
		futimens(fd, NULL); /* used now */
		close(fd);
	}
	close(dir);
	errno = saved;
	return p;
}

/* On a disk, and with room to spare: memory is too dear for this. */
static bool has_room(int dir, size_t size)
{
	struct statfs fs;

	if (fstatfs(dir, &fs) || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return false;
	return (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize / SPACE_LEFT >= size;
}

/* Remove the entry that was not used for longest, if there are too many. */
static void prune(int dir)
{
	char oldest[NAME_LEN] = "";
	struct timespec when = { 0 };
	unsigned int n = 0;
	struct dirent *e;
	struct stat st;
	DIR *d = fdopendir(dup(dir));

	if (!d)
		return;
	rewinddir(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= NAME_LEN ||
		    fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
			continue;
		if (!n++ || st.st_mtim.tv_sec < when.tv_sec ||
		    (st.st_mtim.tv_sec == when.tv_sec && st.st_mtim.tv_nsec < when.tv_nsec)) {
			when = st.st_mtim;
			strcpy(oldest, e->d_name);
		}
	}
	closedir(d);
	if (n > KERNEL_CACHE_MAX)
		unlinkat(dir, oldest, 0);
}

bool kernel_cache_start(struct kernel_cache_entry *e, size_t size)
{
	const int saved = errno;

	*e = (struct kernel_cache_entry){ .dir = open_dir(true), .fd = -1, .size = size };
	if (e->dir >= 0 && has_room(e->dir, size))
		e->fd = openat(e->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	/* A file system that can gives all of the room at once, for less than piece by piece. */
	if (e->fd >= 0)
		(void)!fallocate(e->fd, 0, 0, (off_t)(size + sizeof(struct cache_tail)));
	else if (e->dir >= 0)
		close(e->dir);
	errno = saved;
	return e->fd >= 0;
}

/* Room that was not written to: it would turn into data as soon as it is read, a hole does not. */
static void give_back(int fd, size_t size, const struct image_parts *data)
{
	for (unsigned int i = 0; i <= data->nr; i++) {
		const size_t from = i ? data->part[i - 1].to : 0, to = i < data->nr ? data->part[i].from : size;

		if (from < to)
			(void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
	}
}

void *kernel_cache_finish(struct kernel_cache_entry *e, const struct stat *of, bool whole, struct image_parts *data)
{
	struct cache_tail tail = { .size = e->size };
	const int saved = errno;
	char name[NAME_LEN], path[64];
	void *p = NULL;
	size_t size;

	memcpy(tail.magic, tail_magic, sizeof(tail.magic));
	if (whole && pwrite(e->fd, &tail, sizeof(tail), (off_t)e->size) == (ssize_t)sizeof(tail))
		p = map_entry(e->fd, &size, data);
	if (p) {
		give_back(e->fd, e->size, data);
		entry_name(name, of);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", e->fd);
		if (!linkat(AT_FDCWD, path, e->dir, name, AT_SYMLINK_FOLLOW))
			prune(e->dir);
	}
	close(e->fd);
	close(e->dir);
	errno = saved;
	return p;
}
