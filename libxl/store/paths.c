// SPDX-License-Identifier: LGPL-2.1-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_internal.h"

#define RUNDIR "/run/xenstored"

const char *xs_daemon_rundir(void)
{
	const char *dir = getenv("XENSTORED_RUNDIR");

	return dir ? dir : RUNDIR;
}

/* The static buffers are the ABI's: callers neither free the result nor expect it to last. */
static const char *in_rundir(char *buf, size_t size, const char *leaf)
{
	const char *path = getenv("XENSTORED_PATH");
	int n;

	if (path)
		return path;
	n = snprintf(buf, size, "%s/%s", xs_daemon_rundir(), leaf);
	return n > 0 && (size_t)n < size ? buf : NULL;
}

const char *xs_daemon_socket(void)
{
	static char buf[4096];

	return in_rundir(buf, sizeof(buf), "socket");
}

const char *xs_daemon_socket_ro(void)
{
	static char buf[4096];

	return in_rundir(buf, sizeof(buf), "socket_ro");
}

const char *store_domain_dev(void)
{
	const char *path = getenv("XENSTORED_PATH");

	if (path)
		return path;
	return access("/dev/xen/xenbus", F_OK) ? "/proc/xen/xenbus" : "/dev/xen/xenbus";
}

bool xs_write_all(int fd, const void *data, unsigned int len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data = (const char *)data + n;
		len -= (unsigned int)n;
	}
	return true;
}

static bool perm_bits(char letter, unsigned int *bits)
{
	static const char letters[] = "nrwb";
	const char *at = letter ? strchr(letters, letter) : NULL;

	if (at)
		*bits = (unsigned int)(at - letters);
	return at != NULL;
}

bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num, const char *strings)
{
	for (unsigned int i = 0; i < num; i++, strings += strlen(strings) + 1) {
		char *end;

		if (!perm_bits(strings[0], &perms[i].perms) || !strings[1]) {
			errno = EINVAL;
			return false;
		}
		errno = 0;
		perms[i].id = (unsigned int)strtol(strings + 1, &end, 0);
		if (*end || errno) {
			errno = EINVAL;
			return false;
		}
	}
	return true;
}

bool xs_path_is_subpath(const char *parent, const char *child)
{
	size_t len = strlen(parent);

	if (!strcmp(parent, "/"))
		return child[0] == '/';
	return !strncmp(parent, child, len) && (!child[len] || child[len] == '/');
}
