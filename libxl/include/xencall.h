/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxencall: hypercalls and memory that may be passed to them.
 */
#ifndef XENCALL_H
#define XENCALL_H
#include <stdint.h>
#include <stddef.h>
struct xentoollog_logger;
typedef struct xencall_handle xencall_handle;

/* Kept for old callers: no effect. */
#define XENCALL_OPENFLAG_NON_REENTRANT (1U << 0)

/* NULL with errno on failure, which is also logged. The descriptor is close-on-exec. */
xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned open_flags);
int xencall_close(xencall_handle *xcall);

/* For privcmd ioctls by others. */
int xencall_fd(xencall_handle *xcall);

/* op is a __HYPERVISOR_ number. The result of the call, or -1 with errno. */
int xencall0(xencall_handle *xcall, unsigned int op);
int xencall1(xencall_handle *xcall, unsigned int op, uint64_t arg1);
int xencall2(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2);
int xencall3(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3);
int xencall4(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3,
	     uint64_t arg4);
int xencall5(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3,
	     uint64_t arg4, uint64_t arg5);

/* The same for calls whose result needs 64 bits. */
long xencall2L(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2);

/* Memory that stays in place while the hypervisor uses it. NULL with errno on failure. */
void *xencall_alloc_buffer_pages(xencall_handle *xcall, size_t nr_pages);
void xencall_free_buffer_pages(xencall_handle *xcall, void *p, size_t nr_pages);
void *xencall_alloc_buffer(xencall_handle *xcall, size_t size);
void xencall_free_buffer(xencall_handle *xcall, void *p);

/*
 * 1: buffers come from /dev/xen/hypercall and cannot fault. 0: locked memory, in which a
 * page may still move for a moment (EFAULT).
 */
int xencall_buffers_never_fault(xencall_handle *xcall);
#endif
