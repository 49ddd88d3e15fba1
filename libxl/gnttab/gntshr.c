// SPDX-License-Identifier: LGPL-2.1-only
/* Share pages of this process through /dev/xen/gntalloc. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "gnttab_internal.h"
#include <xen/sys/gntalloc.h>

#define WHO "xengntshr"

xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger, unsigned open_flags)
{
	return gnt_handle_open(logger, open_flags, "/dev/xen/gntalloc", WHO);
}

int xengntshr_close(xengntshr_handle *xgs)
{
	return gnt_handle_close(xgs);
}

int xengntshr_fd(xengntshr_handle *xgs)
{
	return xgs->fd;
}

static int set_notify(struct xengntdev_handle *xgs, uint64_t index, uint32_t offset, evtchn_port_t port)
{
	struct ioctl_gntalloc_unmap_notify arg = { .index = index };

	if (offset < 1U << GNT_PAGE_SHIFT) {
		arg.index += offset;
		arg.action |= UNMAP_NOTIFY_CLEAR_BYTE;
	}
	if (port != (evtchn_port_t)-1) {
		arg.event_channel_port = port;
		arg.action |= UNMAP_NOTIFY_SEND_EVENT;
	}
	return arg.action ? ioctl(xgs->fd, IOCTL_GNTALLOC_SET_UNMAP_NOTIFY, &arg) : 0;
}

static void *share(struct xengntdev_handle *xgs, uint32_t domid, uint32_t count, uint32_t *refs,
		   int writable, uint32_t notify_offset, evtchn_port_t notify_port)
{
	struct ioctl_gntalloc_dealloc_gref undo;
	struct ioctl_gntalloc_alloc_gref *arg;
	size_t size = (size_t)count << GNT_PAGE_SHIFT;
	void *area = NULL;
	int saved;

	if (!count || count > (INT32_MAX >> GNT_PAGE_SHIFT)) {
		errno = EINVAL;
		return NULL;
	}
	arg = calloc(1, sizeof(*arg) + (count - 1) * sizeof(arg->gref_ids[0]));
	if (!arg)
		return NULL;
	arg->domid = (uint16_t)domid;
	arg->flags = writable ? GNTALLOC_FLAG_WRITABLE : 0;
	arg->count = count;
	if (ioctl(xgs->fd, IOCTL_GNTALLOC_ALLOC_GREF, arg) < 0) {
		xtl_log(xgs->log.to, XTL_ERROR, errno, WHO, "cannot share %u pages with domain %u", count, domid);
		goto out;
	}
	memcpy(refs, arg->gref_ids, count * sizeof(*refs));
	area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, xgs->fd, (off_t)arg->index);
	if (area == MAP_FAILED)
		area = NULL;
	if (!area || set_notify(xgs, arg->index, notify_offset, notify_port) < 0) {
		saved = errno;
		if (area)
			munmap(area, size);
		area = NULL;
		errno = saved;
		xtl_log(xgs->log.to, XTL_ERROR, errno, WHO, "cannot map shared pages");
	}
	/* The mapping keeps the pages; the index is no longer needed, nor are they if it failed. */
	saved = errno;
	undo.index = arg->index;
	undo.count = count;
	if (ioctl(xgs->fd, IOCTL_GNTALLOC_DEALLOC_GREF, &undo) < 0)
		xtl_log(xgs->log.to, XTL_WARN, errno, WHO, "cannot release the index of shared pages");
	errno = saved;
out:
	saved = errno;
	free(arg);
	errno = saved;
	return area;
}

void *xengntshr_share_pages(xengntshr_handle *xgs, uint32_t domid, int count, uint32_t *refs, int writable)
{
	return share(xgs, domid, count < 0 ? 0 : (uint32_t)count, refs, writable, (uint32_t)-1,
		     (evtchn_port_t)-1);
}

void *xengntshr_share_page_notify(xengntshr_handle *xgs, uint32_t domid, uint32_t *ref, int writable,
				  uint32_t notify_offset, evtchn_port_t notify_port)
{
	return share(xgs, domid, 1, ref, writable, notify_offset, notify_port);
}

int xengntshr_unshare(xengntshr_handle *xgs, void *start_address, uint32_t count)
{
	return munmap(start_address, (size_t)count << GNT_PAGE_SHIFT);
}
