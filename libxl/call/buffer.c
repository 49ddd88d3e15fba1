// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Memory for hypercalls. Pages of /dev/xen/hypercall never move; without that device anonymous
 * memory is locked, which keeps it from being swapped out, though not from being migrated.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call_internal.h"

static void *map_locked(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
	int saved;

	if (p == MAP_FAILED)
		return NULL;
	/* A fork must not make these pages copy-on-write while a call uses them. */
	if (madvise(p, size, MADV_DONTFORK) < 0) {
		saved = errno;
		munmap(p, size);
		errno = saved;
		return NULL;
	}
	/* Touch each page, so that it is there when the hypervisor looks. */
	for (size_t i = 0; i < size; i += CALL_PAGE_SIZE)
		((volatile char *)p)[i] = 0;
	return p;
}

void *call_map_pages(struct xencall_handle *xcall, size_t nr)
{
	size_t size = nr * CALL_PAGE_SIZE;
	void *p;

	if (!nr || nr > SIZE_MAX / CALL_PAGE_SIZE) {
		errno = EINVAL;
		return NULL;
	}
	if (xcall->buf_fd < 0)
		return map_locked(size);
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, xcall->buf_fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

void call_unmap_pages(struct xencall_handle *xcall, void *p, size_t nr)
{
	int saved = errno;

	if (xcall->buf_fd < 0)
		madvise(p, nr * CALL_PAGE_SIZE, MADV_DOFORK);
	munmap(p, nr * CALL_PAGE_SIZE);
	errno = saved;
}

static void *cache_take(struct xencall_handle *xcall)
{
	void *p = NULL;

	pthread_mutex_lock(&xcall->lock);
	if (xcall->cached)
		p = xcall->cache[--xcall->cached];
	pthread_mutex_unlock(&xcall->lock);
	return p;
}

static bool cache_give(struct xencall_handle *xcall, void *p)
{
	bool kept = false;

	pthread_mutex_lock(&xcall->lock);
	if (xcall->cached < CALL_CACHE_MAX) {
		xcall->cache[xcall->cached++] = p;
		kept = true;
	}
	pthread_mutex_unlock(&xcall->lock);
	return kept;
}

void call_drop_cache(struct xencall_handle *xcall)
{
	void *p;

	while ((p = cache_take(xcall)))
		call_unmap_pages(xcall, p, 1);
}

void *xencall_alloc_buffer_pages(xencall_handle *xcall, size_t nr_pages)
{
	void *p = NULL;

	if (nr_pages == 1)
		p = cache_take(xcall);
	if (!p)
		p = call_map_pages(xcall, nr_pages);
	if (!p)
		xtl_log(xcall->log.to, XTL_ERROR, errno, "xencall", "no memory for %zu buffer pages", nr_pages);
	return p;
}

void xencall_free_buffer_pages(xencall_handle *xcall, void *p, size_t nr_pages)
{
	if (!p)
		return;
	if (nr_pages == 1 && cache_give(xcall, p))
		return;
	call_unmap_pages(xcall, p, nr_pages);
}

/* In front of a buffer: how many pages to give back. 64 bytes keep it aligned to a cache line. */
struct buffer_head {
	size_t nr_pages;
	char pad[64 - sizeof(size_t)];
};

void *xencall_alloc_buffer(xencall_handle *xcall, size_t size)
{
	struct buffer_head *head;
	size_t nr;

	if (size > SIZE_MAX - sizeof(*head) - CALL_PAGE_SIZE) {
		errno = EINVAL;
		return NULL;
	}
	nr = (size + sizeof(*head) + CALL_PAGE_SIZE - 1) / CALL_PAGE_SIZE;
	head = xencall_alloc_buffer_pages(xcall, nr);
	if (!head)
		return NULL;
	head->nr_pages = nr;
	return head + 1;
}

void xencall_free_buffer(xencall_handle *xcall, void *p)
{
	struct buffer_head *head = p;

	if (!p)
		return;
	head--;
	xencall_free_buffer_pages(xcall, head, head->nr_pages);
}

int xencall_buffers_never_fault(xencall_handle *xcall)
{
	return xcall->buf_fd >= 0;
}
