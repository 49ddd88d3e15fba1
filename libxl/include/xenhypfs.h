/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenhypfs: the hypervisor's parameters as files (public/hypfs.h).
 *
 * Functions return 0 or a pointer; -1 or NULL with errno when they fail: ENOENT for a path that is not there, EACCES
 * for a write to what cannot be written, EPERM outside Domain 0. Paths begin with '/'.
 */
#ifndef XENHYPFS_H
#define XENHYPFS_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
struct xentoollog_logger;
typedef struct xenhypfs_handle xenhypfs_handle;

enum xenhypfs_type {
	xenhypfs_type_dir,
	xenhypfs_type_blob,
	xenhypfs_type_string,
	xenhypfs_type_uint,
	xenhypfs_type_int,
	xenhypfs_type_bool,
};

enum xenhypfs_encoding {
	xenhypfs_enc_plain,
	xenhypfs_enc_gzip
};

/* size: bytes of the value. flags: XENHYPFS_FLAG_. name lies behind the struct; free() frees both. */
struct xenhypfs_dirent {
	char *name;
	size_t size;
	unsigned short type;
	unsigned short encoding;
	unsigned int flags;
#define XENHYPFS_FLAG_WRITABLE 0x00000001
};

/* logger: where failures are told, NULL for stderr. open_flags must be 0. */
xenhypfs_handle *xenhypfs_open(struct xentoollog_logger *logger, unsigned int open_flags);
int xenhypfs_close(xenhypfs_handle *fshdl);

/* Value as it is stored, and its entry; free() both. */
void *xenhypfs_read_raw(xenhypfs_handle *fshdl, const char *path, struct xenhypfs_dirent **dirent);

/* Value as text, for any type but directories. free() it. */
char *xenhypfs_read(xenhypfs_handle *fshdl, const char *path);

/* The entries of a directory, *num_entries of them in one block. free() it. ENOTDIR. */
struct xenhypfs_dirent *xenhypfs_readdir(xenhypfs_handle *fshdl, const char *path,
					 unsigned int *num_entries);

/* Text is converted to the entry's type. EINVAL: it is none of that; ERANGE, ENOSPC: a number, a text does not fit. */
int xenhypfs_write(xenhypfs_handle *fshdl, const char *path, const char *val);
#endif
