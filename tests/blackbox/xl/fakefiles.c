// SPDX-License-Identifier: GPL-2.0-only
/* Files of the pretended kernel, which are below $FAKEXEN_SYS: sysfs of its backends, and /proc/xen. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *redirected(const char *path, char *buf, size_t size)
{
	const char *sys = getenv("FAKEXEN_SYS");

	if (!sys || (strncmp(path, "/sys/bus/xen-backend", 20) && strncmp(path, "/proc/xen/", 10)))
		return path;
	snprintf(buf, size, "%s%s", sys, path);
	return buf;
}

int access(const char *path, int mode)
{
	char buf[512];

	return faccessat(AT_FDCWD, redirected(path, buf, sizeof(buf)), mode, 0);
}

static int fake_open(const char *path, int flags, va_list ap)
{
	mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	char buf[512];

	return (int)syscall(SYS_openat, AT_FDCWD, redirected(path, buf, sizeof(buf)), flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = fake_open(path, flags, ap);
	va_end(ap);
	return fd;
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
