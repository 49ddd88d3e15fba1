// SPDX-License-Identifier: LGPL-2.1-only
/* Foreign frames and resources by ioctls of privcmd. */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/privcmd.h>

#include "toolcore_internal.h"
#include "xenforeignmemory.h"

#define FMEM_PAGE_SHIFT 12

struct xenforeignmemory_handle {
	struct active_handle active;
	struct lib_log log;
	int fd;
};

struct xenforeignmemory_resource_handle {
	void *addr;
	size_t size;
};

static int restrict_cb(struct active_handle *ah, domid_t domid)
{
	return xenforeignmemory_restrict(container_of(ah, struct xenforeignmemory_handle, active), domid);
}

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger, unsigned open_flags)
{
	struct xenforeignmemory_handle *fmem;
	int saved;

	if (open_flags) {
		errno = EINVAL;
		return NULL;
	}
	fmem = calloc(1, sizeof(*fmem));
	if (!fmem)
		return NULL;
	fmem->active.restrict_cb = restrict_cb;
	if (lib_log_open(&fmem->log, logger)) {
		free(fmem);
		errno = ENOMEM;
		return NULL;
	}
	fmem->fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (fmem->fd < 0 && errno == ENOENT)
		fmem->fd = open("/proc/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (fmem->fd < 0) {
		xtl_log(fmem->log.to, XTL_ERROR, errno, "xenforeignmemory",
			"cannot open /dev/xen/privcmd (is this Domain 0, is xen-privcmd loaded?)");
		saved = errno;
		lib_log_close(&fmem->log);
		free(fmem);
		errno = saved;
		return NULL;
	}
	xentoolcore__register_active_handle(&fmem->active);
	return fmem;
}

int xenforeignmemory_close(xenforeignmemory_handle *fmem)
{
	int rc;

	if (!fmem)
		return 0;
	xentoolcore__deregister_active_handle(&fmem->active);
	rc = close(fmem->fd);
	lib_log_close(&fmem->log);
	free(fmem);
	return rc;
}

int xenforeignmemory_restrict(xenforeignmemory_handle *fmem, domid_t domid)
{
	return ioctl(fmem->fd, IOCTL_PRIVCMD_RESTRICT, &domid);
}

static int batch(struct xenforeignmemory_handle *fmem, uint32_t dom, void *addr, size_t num,
		 const xen_pfn_t *arr, int *err)
{
	privcmd_mmapbatch_v2_t arg = {
		.num = (unsigned int)num,
		.dom = (domid_t)dom,
		.addr = (unsigned long)addr,
		.arr = arr,
		.err = err,
	};

	return ioctl(fmem->fd, IOCTL_PRIVCMD_MMAPBATCH_V2, &arg);
}

/*
 * ENOENT says that some frames are paged out and on their way: ask again for those, with a pause
 * in between, until they are there or fail otherwise.
 */
static int wait_for_paged(struct xenforeignmemory_handle *fmem, uint32_t dom, char *addr, size_t num,
			  const xen_pfn_t *arr, int *err)
{
	size_t i, n;
	bool again;

	do {
		again = false;
		for (i = 0; i < num; i += n ? n : 1) {
			for (n = 0; i + n < num && err[i + n] == -ENOENT; n++)
				;
			if (!n)
				continue;
			if (batch(fmem, dom, addr + (i << FMEM_PAGE_SHIFT), n, arr + i, err + i) < 0 &&
			    errno != ENOENT)
				return -1;
			for (size_t k = i; k < i + n; k++)
				again |= err[k] == -ENOENT;
		}
		if (again)
			poll(NULL, 0, 1);
	} while (again);
	return 0;
}

/* Without a place for each error, the first one is the error of all. */
static int first_error(const int *err, size_t num)
{
	for (size_t i = 0; i < num; i++)
		if (err[i])
			return err[i];
	return 0;
}

void *xenforeignmemory_map2(xenforeignmemory_handle *fmem, uint32_t dom, void *addr, int prot, int flags,
			    size_t num, const xen_pfn_t arr[], int err[])
{
	int *errs = err;
	void *p;
	int rc, saved;

	if (!num || num > UINT32_MAX || num > SIZE_MAX >> FMEM_PAGE_SHIFT) {
		errno = EINVAL;
		return NULL;
	}
	if (!errs) {
		errs = malloc(num * sizeof(*errs));
		if (!errs)
			return NULL;
	}
	p = mmap(addr, num << FMEM_PAGE_SHIFT, prot, flags | MAP_SHARED, fmem->fd, 0);
	if (p == MAP_FAILED) {
		p = NULL;
		goto out;
	}
	rc = batch(fmem, dom, p, num, arr, errs);
	if (rc < 0 && errno == ENOENT)
		rc = wait_for_paged(fmem, dom, p, num, arr, errs);
	if (rc >= 0 && !err) {
		rc = first_error(errs, num);
		if (rc)
			errno = -rc;
	}
	if (rc < 0) {
		saved = errno;
		munmap(p, num << FMEM_PAGE_SHIFT);
		errno = saved;
		p = NULL;
	}
out:
	saved = errno;
	if (errs != err)
		free(errs);
	errno = saved;
	return p;
}

void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom, int prot, size_t num,
			   const xen_pfn_t arr[], int err[])
{
	return xenforeignmemory_map2(fmem, dom, NULL, prot, 0, num, arr, err);
}

int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr, size_t num)
{
	return munmap(addr, num << FMEM_PAGE_SHIFT);
}

static int resource_ioctl(struct xenforeignmemory_handle *fmem, privcmd_mmap_resource_t *arg)
{
	int rc = ioctl(fmem->fd, IOCTL_PRIVCMD_MMAP_RESOURCE, arg);

	/* privcmd's answer to an ioctl it does not know. */
	if (rc < 0 && (errno == ENOTTY || errno == ENOSYS))
		errno = EOPNOTSUPP;
	return rc;
}

xenforeignmemory_resource_handle *xenforeignmemory_map_resource(xenforeignmemory_handle *fmem,
								domid_t domid, unsigned int type,
								unsigned int id, unsigned long frame,
								unsigned long nr_frames, void **paddr,
								int prot, int flags)
{
	privcmd_mmap_resource_t arg = {
		.dom = domid, .type = type, .id = id, .idx = (uint32_t)frame, .num = nr_frames,
	};
	xenforeignmemory_resource_handle *fres;
	int saved;

	/* The index has 32 bits at the device. */
	if (flags & ~MAP_SHARED || !nr_frames || frame > UINT32_MAX || nr_frames > SIZE_MAX >> FMEM_PAGE_SHIFT) {
		errno = EINVAL;
		return NULL;
	}
	fres = calloc(1, sizeof(*fres));
	if (!fres)
		return NULL;
	fres->size = nr_frames << FMEM_PAGE_SHIFT;
	fres->addr = mmap(*paddr, fres->size, prot, flags | MAP_SHARED, fmem->fd, 0);
	if (fres->addr == MAP_FAILED)
		goto out_free;
	arg.addr = (unsigned long)fres->addr;
	if (resource_ioctl(fmem, &arg) < 0) {
		saved = errno;
		munmap(fres->addr, fres->size);
		errno = saved;
		goto out_free;
	}
	*paddr = fres->addr;
	return fres;

out_free:
	saved = errno;
	free(fres);
	errno = saved;
	return NULL;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *fmem, xenforeignmemory_resource_handle *fres)
{
	int rc;

	if (!fres)
		return 0;
	rc = munmap(fres->addr, fres->size);
	free(fres);
	return rc;
}

int xenforeignmemory_resource_size(xenforeignmemory_handle *fmem, domid_t domid, unsigned int type,
				   unsigned int id, size_t *size)
{
	privcmd_mmap_resource_t arg = { .dom = domid, .type = type, .id = id };

	if (resource_ioctl(fmem, &arg) < 0)
		return -1;
	*size = (size_t)arg.num << FMEM_PAGE_SHIFT;
	return 0;
}
