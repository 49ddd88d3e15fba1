// SPDX-License-Identifier: LGPL-2.1-only
/* Open and close, and the hypercalls themselves by ioctl. */
#define __XEN_TOOLS__ 1
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/privcmd.h>

#include "call_internal.h"

/* Kernels without xenfs devices offered it under /proc. */
static const char *const privcmd_paths[] = { "/dev/xen/privcmd", "/proc/xen/privcmd" };

static int restrict_cb(struct active_handle *ah, domid_t domid)
{
	struct xencall_handle *xcall = container_of(ah, struct xencall_handle, active);

	/* A hypercall may name any domain, so none is left. */
	return xentoolcore__restrict_by_dup2_null(xcall->fd);
}

static int open_privcmd(void)
{
	size_t i;
	int fd = -1;

	for (i = 0; i < sizeof(privcmd_paths) / sizeof(privcmd_paths[0]) && fd < 0; i++) {
		fd = open(privcmd_paths[i], O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT && errno != ENXIO && errno != ENODEV)
			break;
	}
	return fd;
}

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned open_flags)
{
	struct xencall_handle *xcall = calloc(1, sizeof(*xcall));
	int saved;

	if (!xcall)
		return NULL;
	xcall->active.restrict_cb = restrict_cb;
	pthread_mutex_init(&xcall->lock, NULL);
	if (lib_log_open(&xcall->log, logger))
		goto out_free;
	xcall->fd = open_privcmd();
	if (xcall->fd < 0) {
		xtl_log(xcall->log.to, XTL_ERROR, errno, "xencall",
			"cannot open /dev/xen/privcmd (is this Domain 0, is xen-privcmd loaded?)");
		goto out_log;
	}
	xcall->buf_fd = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);
	xentoolcore__register_active_handle(&xcall->active);
	return xcall;

out_log:
	saved = errno;
	lib_log_close(&xcall->log);
	errno = saved;
out_free:
	saved = errno;
	pthread_mutex_destroy(&xcall->lock);
	free(xcall);
	errno = saved;
	return NULL;
}

int xencall_close(xencall_handle *xcall)
{
	int rc;

	if (!xcall)
		return 0;
	xentoolcore__deregister_active_handle(&xcall->active);
	call_drop_cache(xcall);
	if (xcall->buf_fd >= 0)
		close(xcall->buf_fd);
	rc = close(xcall->fd);
	lib_log_close(&xcall->log);
	pthread_mutex_destroy(&xcall->lock);
	free(xcall);
	return rc;
}

int xencall_fd(xencall_handle *xcall)
{
	return xcall->fd;
}

static int hypercall(struct xencall_handle *xcall, uint64_t op, uint64_t a1, uint64_t a2, uint64_t a3,
		     uint64_t a4, uint64_t a5)
{
	privcmd_hypercall_t call = { .op = op, .arg = { a1, a2, a3, a4, a5 } };

	return ioctl(xcall->fd, IOCTL_PRIVCMD_HYPERCALL, &call);
}

int xencall0(xencall_handle *xcall, unsigned int op)
{
	return hypercall(xcall, op, 0, 0, 0, 0, 0);
}

int xencall1(xencall_handle *xcall, unsigned int op, uint64_t arg1)
{
	return hypercall(xcall, op, arg1, 0, 0, 0, 0);
}

int xencall2(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2)
{
	return hypercall(xcall, op, arg1, arg2, 0, 0, 0);
}

int xencall3(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	return hypercall(xcall, op, arg1, arg2, arg3, 0, 0);
}

int xencall4(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3,
	     uint64_t arg4)
{
	return hypercall(xcall, op, arg1, arg2, arg3, arg4, 0);
}

int xencall5(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3,
	     uint64_t arg4, uint64_t arg5)
{
	return hypercall(xcall, op, arg1, arg2, arg3, arg4, arg5);
}

/*
 * libc's ioctl returns an int and cuts the hypervisor's result to 32 bits; a multicall of one
 * entry brings all 64 back in memory.
 */
long xencall2L(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2)
{
	multicall_entry_t *entry = xencall_alloc_buffer(xcall, sizeof(*entry));
	long rc = -1;

	if (!entry)
		return -1;
	memset(entry, 0, sizeof(*entry));
	entry->op = op;
	entry->args[0] = arg1;
	entry->args[1] = arg2;
	if (hypercall(xcall, __HYPERVISOR_multicall, (unsigned long)entry, 1, 0, 0, 0) >= 0) {
		rc = (long)entry->result;
		if (rc < 0) {
			errno = (int)-rc;
			rc = -1;
		}
	}
	xencall_free_buffer(xcall, entry);
	return rc;
}
