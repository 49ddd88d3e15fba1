/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef CALL_INTERNAL_H
#define CALL_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "toolcore_internal.h"
#include "xencall.h"

#define CALL_PAGE_SIZE 4096UL
#define CALL_CACHE_MAX 32 /* single pages kept for the next call */

struct xencall_handle {
	struct active_handle active;
	struct lib_log log;
	int fd;     /* /dev/xen/privcmd */
	int buf_fd; /* /dev/xen/hypercall, or -1 */

	pthread_mutex_t lock; /* of the cache */
	void *cache[CALL_CACHE_MAX];
	unsigned int cached;
};

void *call_map_pages(struct xencall_handle *xcall, size_t nr);
void call_unmap_pages(struct xencall_handle *xcall, void *p, size_t nr);
void call_drop_cache(struct xencall_handle *xcall);

#endif
