/* SPDX-License-Identifier: LGPL-2.1-only */
/* Named blobs beside a domain: files that carry its number and its UUID, so that none outlives it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "domain.h"
#include "paths.h"

#define USERDATA_MOST (16 << 20)

static char *path_with(struct xl_gc *gc, uint32_t domid, const libxl_uuid *uuid, const char *kind)
{
	return gc_printf(gc, "%s/userdata-d.%u." LIBXL_UUID_FMT ".%s", XEN_LIB_DIR, domid, LIBXL_UUID_BYTES(*uuid), kind);
}

/* uuid: becomes the domain's, or NULL */
static char *path_of(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const char *kind, libxl_uuid *uuid)
{
	libxl_uuid own;

	if (!uuid)
		uuid = &own;
	if (strchr(kind, '/')) {
		LOGD(ctx, ERROR, domid, "\"%s\" cannot name user data", kind);
		return NULL;
	}
	if (domain_uuid(ctx, domid, uuid)) {
		LOGD(ctx, ERROR, domid, "there is no such domain, so nothing is kept for it");
		return NULL;
	}
	return path_with(gc, domid, uuid, kind);
}

/*
 * Written beside and renamed, so that a reader sees the old or the new one. Who destroys the domain marks it first and
 * looks for files then: one that was not there yet sees the mark.
 */
int userdata_write(libxl_ctx *ctx, uint32_t domid, const char *kind, const void *data, size_t len)
{
	XL_GC(gc);
	libxl_uuid uuid;
	char *path = path_of(ctx, &gc, domid, kind, &uuid), *fresh;
	int fd, rc = ERROR_FAIL;

	if (!path)
		return ERROR_FAIL;
	fresh = gc_printf(&gc, "%s.new", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		LOGED(ctx, ERROR, domid, "cannot write %s", fresh);
		return ERROR_FAIL;
	}
	if (libxl_write_exactly(ctx, fd, data, (ssize_t)len, fresh, kind) == 0 && !close(fd)) {
		fd = -1;
		if (!rename(fresh, path))
			rc = 0;
	}
	if (rc) {
		LOGED(ctx, ERROR, domid, "cannot write %s", path);
		unlink(fresh);
	}
	if (fd >= 0)
		close(fd);
	if (!rc && (rc = domain_check_new(ctx, XBT_NULL, domid, &uuid)) != 0)
		unlink(path);
	return rc;
}

int libxl_userdata_store(libxl_ctx *ctx, uint32_t domid, const char *userdata_userid,
	const uint8_t *data, int datalen)
{
	struct config_lock lock;
	int rc;

	XL_ENTER(ctx);
	if (!datalen)
		return libxl_userdata_unlink(ctx, domid, userdata_userid);
	rc = config_lock(ctx, domid, &lock);
	if (rc)
		return rc;
	rc = userdata_write(ctx, domid, userdata_userid, data, (size_t)datalen);
	config_unlock(&lock);
	return rc;
}

/* Nothing stored is no error: NULL and 0. */
int libxl_userdata_retrieve(libxl_ctx *ctx, uint32_t domid, const char *userdata_userid,
	uint8_t **data_r, int *datalen_r)
{
	XL_GC(gc);
	char *path;
	void *data = NULL;
	int len = 0, rc;

	XL_ENTER(ctx);
	path = path_of(ctx, &gc, domid, userdata_userid, NULL);
	if (!path)
		return ERROR_FAIL;
	rc = libxl_read_file_contents(ctx, path, &data, &len);
	if (rc && rc != ENOENT) {
		errno = rc;
		LOGED(ctx, ERROR, domid, "cannot read %s", path);
		return ERROR_FAIL;
	}
	if (datalen_r)
		*datalen_r = rc ? 0 : len;
	if (data_r)
		*data_r = rc ? NULL : data;
	else
		free(data);
	return 0;
}

int libxl_userdata_unlink(libxl_ctx *ctx, uint32_t domid, const char *userdata_userid)
{
	XL_GC(gc);
	char *path;

	XL_ENTER(ctx);
	path = path_of(ctx, &gc, domid, userdata_userid, NULL);
	if (!path)
		return ERROR_INVAL;
	if (!unlink(path) || errno == ENOENT)
		return 0;
	LOGED(ctx, ERROR, domid, "cannot remove %s", path);
	return ERROR_FAIL;
}

static void each_file(uint32_t domid, void (*fn)(const char *path, const char *kind, void *arg), void *arg)
{
	DIR *dir = opendir(XEN_LIB_DIR);
	struct dirent *e;
	char prefix[32];
	XL_GC(gc);

	snprintf(prefix, sizeof(prefix), "userdata-d.%u.", domid);
	while (dir && (e = readdir(dir))) {
		size_t n = strlen(prefix);

		if (strncmp(e->d_name, prefix, n) || strlen(e->d_name) < n + LIBXL_UUID_FMTLEN + 2)
			continue;
		fn(gc_printf(&gc, "%s/%s", XEN_LIB_DIR, e->d_name), e->d_name + n + LIBXL_UUID_FMTLEN + 1, arg);
	}
	if (dir)
		closedir(dir);
}

static void drop(const char *path, const char *kind, void *arg)
{
	unlink(path);
}

/* Leftovers of an earlier domain with the same number go along. */
void userdata_drop_all(libxl_ctx *ctx, uint32_t domid)
{
	each_file(domid, drop, NULL);
}

struct move {
	uint32_t domid;
	const libxl_uuid *to;
};

static void move_file(const char *path, const char *kind, void *arg)
{
	struct move *m = arg;
	XL_GC(gc);

	rename(path, path_with(&gc, m->domid, m->to, kind));
}

void userdata_rename(libxl_ctx *ctx, uint32_t domid, const libxl_uuid *from, const libxl_uuid *to)
{
	struct move m = { domid, to };

	each_file(domid, move_file, &m);
}

/*
 * The lock file is unlinked by who held it, so after the lock is ours look whether the file is still the
 * one of that name.
 */
int config_lock(libxl_ctx *ctx, uint32_t domid, struct config_lock *lock)
{
	XL_GC(gc);
	char *path = path_of(ctx, &gc, domid, "domain-userdata-lock", NULL);
	struct stat a, b;

	if (!path)
		return ERROR_LOCK_FAIL;
	snprintf(lock->path, sizeof(lock->path), "%s", path);
	for (;;) {
		lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (lock->fd < 0 || flock(lock->fd, LOCK_EX)) {
			LOGED(ctx, ERROR, domid, "cannot lock %s, where its configuration is kept", path);
			if (lock->fd >= 0)
				close(lock->fd);
			return ERROR_LOCK_FAIL;
		}
		if (!fstat(lock->fd, &a) && !stat(path, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return 0;
		close(lock->fd);
	}
}

void config_unlock(struct config_lock *lock)
{
	unlink(lock->path);
	close(lock->fd);
}
