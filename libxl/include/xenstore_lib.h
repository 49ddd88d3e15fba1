/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What clients of the store share with tools about it: permissions and paths.
 */
#ifndef XENSTORE_LIB_H
#define XENSTORE_LIB_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

/* One entry of a node's permissions; the first entry's id owns the node. */
struct xs_permissions {
	unsigned int id;
	unsigned int perms;
#define XS_PERM_NONE	  0x00
#define XS_PERM_READ	  0x01
#define XS_PERM_WRITE	  0x02
/* Not of use to clients. */
#define XS_PERM_ENOENT_OK 0x04
#define XS_PERM_OWNER	  0x08
#define XS_PERM_IGNORE	  0x10
};

/* Room for the decimal digits of an integer, its sign and a NUL. */
#define MAX_STRLEN(x) ((sizeof(x) * CHAR_BIT + CHAR_BIT - 1) / 10 * 3 + 2)

/* Where the daemon lives: XENSTORED_RUNDIR and XENSTORED_PATH in the environment change it. */
const char *xs_daemon_rundir(void);
const char *xs_daemon_socket(void);
const char *xs_daemon_socket_ro(void);

/* Writes all of it, or fails with errno. */
bool xs_write_all(int fd, const void *data, unsigned int len);

/* Reads num strings such as "r12", each with its NUL. False with errno. */
bool xs_strings_to_perms(struct xs_permissions *perms, unsigned int num, const char *strings);

#endif
