/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Unpacked kernels, kept from one build to the next. Unpacking is nearly all of the time that it
 * takes to start a guest with a stock kernel, and hosts start many guests from one file.
 *
 * A file per kernel in /var/cache/xen/kernels (XEN_KERNEL_CACHE names another place, or none if it
 * is empty), named by device, inode, size and change time of the original: whoever changes that
 * gets another name. Entries appear whole or not at all (O_TMPFILE); the least recently used one
 * goes when there are too many. Nothing depends on the cache: each failure just means unpacking.
 * Zeros are holes of these files, and what is in them is known without reading it.
 */
#ifndef GUEST_CACHE_H
#define GUEST_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "image.h"

#define KERNEL_CACHE_DIR "/var/cache/xen/kernels"
#define KERNEL_CACHE_MAX 4U /* entries */

/* Mapped privately, read-only, for the caller to unmap; NULL if it is not there. */
void *kernel_cache_get(const struct stat *of, size_t *size, struct image_parts *data);

/* An entry in the making: size bytes of an unpacked kernel are to be written to fd, but for blocks of zeros. */
struct kernel_cache_entry {
	int dir, fd;
	size_t size;
};
/* False: there is no cache, or no room in it. */
bool kernel_cache_start(struct kernel_cache_entry *e, size_t size);
/*
 * Whole: it is kept under the original's name, and mapped as by kernel_cache_get. Otherwise, or where that does not
 * work, all of it goes: NULL.
 */
void *kernel_cache_finish(struct kernel_cache_entry *e, const struct stat *of, bool whole, struct image_parts *data);

#endif
