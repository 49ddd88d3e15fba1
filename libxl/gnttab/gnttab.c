// SPDX-License-Identifier: LGPL-2.1-only
/* Map and copy other domains' grants through /dev/xen/gntdev. */
#include <errno.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "gnttab_internal.h"
#include <xen/sys/gntdev.h>

#define WHO "xengnttab"

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned open_flags)
{
	return gnt_handle_open(logger, open_flags, "/dev/xen/gntdev", WHO);
}

int xengnttab_close(xengnttab_handle *xgt)
{
	return gnt_handle_close(xgt);
}

int xengnttab_fd(xengnttab_handle *xgt)
{
	return xgt->fd;
}

int xengnttab_set_max_grants(xengnttab_handle *xgt, uint32_t nr_grants)
{
	struct ioctl_gntdev_set_max_grants arg = { .count = nr_grants };
	int rc = ioctl(xgt->fd, IOCTL_GNTDEV_SET_MAX_GRANTS, &arg);

	/* Kernels without a limit do not know the ioctl. */
	return rc < 0 && errno == ENOTTY ? 0 : rc;
}

struct map_request {
	uint32_t count;
	const uint32_t *domids;
	size_t domid_step; /* 0: one domain for all */
	const uint32_t *refs;
	int prot;
	uint32_t notify_offset;
	evtchn_port_t notify_port;
};

static int set_notify(struct xengntdev_handle *xgt, const struct map_request *req, uint64_t index)
{
	struct ioctl_gntdev_unmap_notify arg = { .index = index };

	if (req->notify_offset < req->count << GNT_PAGE_SHIFT) {
		arg.index += req->notify_offset;
		arg.action |= UNMAP_NOTIFY_CLEAR_BYTE;
	}
	if (req->notify_port != (evtchn_port_t)-1) {
		arg.event_channel_port = req->notify_port;
		arg.action |= UNMAP_NOTIFY_SEND_EVENT;
	}
	return arg.action ? ioctl(xgt->fd, IOCTL_GNTDEV_SET_UNMAP_NOTIFY, &arg) : 0;
}

static void *map_at(struct xengntdev_handle *xgt, const struct map_request *req, uint64_t index)
{
	struct ioctl_gntdev_unmap_grant_ref undo = { .index = index, .count = req->count };
	size_t size = (size_t)req->count << GNT_PAGE_SHIFT;
	void *addr = mmap(NULL, size, req->prot, MAP_SHARED, xgt->fd, (off_t)index);
	int saved;

	/* The driver refuses while another unmap is half-way through: it passes. */
	while (addr == MAP_FAILED && errno == EAGAIN)
		addr = mmap(NULL, size, req->prot, MAP_SHARED, xgt->fd, (off_t)index);
	if (addr != MAP_FAILED && !set_notify(xgt, req, index))
		return addr;
	saved = errno;
	xtl_log(xgt->log.to, XTL_ERROR, errno, WHO, "cannot map %u grants", req->count);
	if (addr != MAP_FAILED)
		munmap(addr, size);
	ioctl(xgt->fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &undo);
	errno = saved;
	return NULL;
}

static void *map_grants(struct xengntdev_handle *xgt, const struct map_request *req)
{
	struct ioctl_gntdev_map_grant_ref *arg;
	void *addr = NULL;
	int saved;

	if (!req->count || req->count > (INT32_MAX >> GNT_PAGE_SHIFT)) {
		errno = EINVAL;
		return NULL;
	}
	arg = calloc(1, sizeof(*arg) + (req->count - 1) * sizeof(arg->refs[0]));
	if (!arg)
		return NULL;
	arg->count = req->count;
	for (uint32_t i = 0; i < req->count; i++) {
		arg->refs[i].domid = req->domids[i * req->domid_step];
		arg->refs[i].ref = req->refs[i];
	}
	if (ioctl(xgt->fd, IOCTL_GNTDEV_MAP_GRANT_REF, arg) < 0)
		xtl_log(xgt->log.to, XTL_ERROR, errno, WHO, "domain %u refuses a map of %u grants",
			arg->refs[0].domid, req->count);
	else
		addr = map_at(xgt, req, arg->index);
	saved = errno;
	free(arg);
	errno = saved;
	return addr;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot)
{
	return xengnttab_map_grant_ref_notify(xgt, domid, ref, prot, (uint32_t)-1, (evtchn_port_t)-1);
}

void *xengnttab_map_grant_ref_notify(xengnttab_handle *xgt, uint32_t domid, uint32_t ref, int prot,
				     uint32_t notify_offset, evtchn_port_t notify_port)
{
	struct map_request req = { 1, &domid, 0, &ref, prot, notify_offset, notify_port };

	return map_grants(xgt, &req);
}

void *xengnttab_map_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t *domids, uint32_t *refs,
			       int prot)
{
	struct map_request req = { count, domids, 1, refs, prot, (uint32_t)-1, (evtchn_port_t)-1 };

	return map_grants(xgt, &req);
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *xgt, uint32_t count, uint32_t domid,
				      uint32_t *refs, int prot)
{
	struct map_request req = { count, &domid, 0, refs, prot, (uint32_t)-1, (evtchn_port_t)-1 };

	return map_grants(xgt, &req);
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start_address, uint32_t count)
{
	struct ioctl_gntdev_get_offset_for_vaddr at = { .vaddr = (unsigned long)start_address };
	struct ioctl_gntdev_unmap_grant_ref arg = { 0 };

	if (!start_address) {
		errno = EINVAL;
		return -1;
	}
	/* Only the driver knows the index; it must be asked before the address is gone. */
	if (ioctl(xgt->fd, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &at) < 0)
		return -1;
	if (at.count != count) {
		errno = EINVAL;
		return -1;
	}
	if (munmap(start_address, (size_t)count << GNT_PAGE_SHIFT) < 0)
		return -1;
	arg.index = at.offset;
	arg.count = count;
	return ioctl(xgt->fd, IOCTL_GNTDEV_UNMAP_GRANT_REF, &arg);
}

_Static_assert(sizeof(struct ioctl_gntdev_grant_copy_segment) == sizeof(xengnttab_grant_copy_segment_t),
	       "the library's segment is the driver's");

int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count, xengnttab_grant_copy_segment_t *segs)
{
	struct ioctl_gntdev_grant_copy arg = {
		.count = count, .segments = (struct ioctl_gntdev_grant_copy_segment *)segs,
	};

	return ioctl(xgt->fd, IOCTL_GNTDEV_GRANT_COPY, &arg);
}

/* A request that ends in count references, of which its structure has the first. */
static void *dmabuf_request(size_t size, uint32_t count)
{
	if (count)
		return calloc(1, size + (count - 1) * sizeof(uint32_t));
	errno = EINVAL;
	return NULL;
}

int xengnttab_dmabuf_exp_from_refs(xengnttab_handle *xgt, uint32_t domid, uint32_t flags, uint32_t count,
				   const uint32_t *refs, uint32_t *fd)
{
	struct ioctl_gntdev_dmabuf_exp_from_refs *arg = dmabuf_request(sizeof(*arg), count);
	int rc;

	if (!arg)
		return -1;
	arg->flags = flags;
	arg->count = count;
	arg->domid = domid;
	memcpy(arg->refs, refs, count * sizeof(*refs));
	rc = ioctl(xgt->fd, IOCTL_GNTDEV_DMABUF_EXP_FROM_REFS, arg);
	if (!rc)
		*fd = arg->fd;
	free(arg);
	return rc;
}

int xengnttab_dmabuf_exp_wait_released(xengnttab_handle *xgt, uint32_t fd, uint32_t wait_to_ms)
{
	struct ioctl_gntdev_dmabuf_exp_wait_released arg = { .fd = fd, .wait_to_ms = wait_to_ms };

	return ioctl(xgt->fd, IOCTL_GNTDEV_DMABUF_EXP_WAIT_RELEASED, &arg);
}

int xengnttab_dmabuf_imp_to_refs(xengnttab_handle *xgt, uint32_t domid, uint32_t fd, uint32_t count,
				 uint32_t *refs)
{
	struct ioctl_gntdev_dmabuf_imp_to_refs *arg = dmabuf_request(sizeof(*arg), count);
	int rc;

	if (!arg)
		return -1;
	arg->fd = fd;
	arg->count = count;
	arg->domid = domid;
	rc = ioctl(xgt->fd, IOCTL_GNTDEV_DMABUF_IMP_TO_REFS, arg);
	if (!rc)
		memcpy(refs, arg->refs, count * sizeof(*refs));
	free(arg);
	return rc;
}

int xengnttab_dmabuf_imp_release(xengnttab_handle *xgt, uint32_t fd)
{
	struct ioctl_gntdev_dmabuf_imp_release arg = { .fd = fd };

	return ioctl(xgt->fd, IOCTL_GNTDEV_DMABUF_IMP_RELEASE, &arg);
}
