/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenhypfs: the hypervisor's parameters as files.
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

/* flags: XENHYPFS_FLAG_. name lies behind the struct; free() frees both. */
struct xenhypfs_dirent {
	char *name;
	size_t size;
	unsigned short type;
	unsigned short encoding;
	unsigned int flags;
#define XENHYPFS_FLAG_WRITABLE 0x00000001
};
xenhypfs_handle *xenhypfs_open(struct xentoollog_logger *logger, unsigned int open_flags);
int xenhypfs_close(xenhypfs_handle *fshdl);

/* Value as it is stored, and its entry; free() both. */
void *xenhypfs_read_raw(xenhypfs_handle *fshdl, const char *path, struct xenhypfs_dirent **dirent);

/* Value as text, for any type but directories. free() it. */
char *xenhypfs_read(xenhypfs_handle *fshdl, const char *path);

struct xenhypfs_dirent *xenhypfs_readdir(xenhypfs_handle *fshdl, const char *path,
					 unsigned int *num_entries);

/* Text is converted to the entry's type. 0 or -1 with errno. */
int xenhypfs_write(xenhypfs_handle *fshdl, const char *path, const char *val);
#endif
