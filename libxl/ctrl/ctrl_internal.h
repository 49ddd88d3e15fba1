/* SPDX-License-Identifier: LGPL-2.1-only */
/* What the files of libxenctrl and libxenguest share. */
#ifndef CTRL_INTERNAL_H
#define CTRL_INTERNAL_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include "xenctrl.h"

#include "xencall.h"
#include "xendevicemodel.h"
#include "xenforeignmemory.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct xc_interface_core {
	unsigned int flags;
	xentoollog_logger *error_handler;
	xentoollog_logger *own_error_handler;
	xentoollog_logger *dombuild_logger;
	xentoollog_logger *own_dombuild_logger;
	struct xc_error last_error; /* of this handle; not for use by several threads */
	const char *currently_progress_reporting;
	int max_cpus, max_nodes; /* 0: not asked yet; they do not change while the host runs */
	xencall_handle *xcall;
	xenforeignmemory_handle *fmem;
	xendevicemodel_handle *dmod;
};

/* --- messages: exported, as libxenguest needs them from here */
void xc_reportv(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code,
		const char *fmt, va_list args) __attribute__((format(printf, 5, 0)));
void xc_report(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code,
	       const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void xc_report_error(xc_interface *xch, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *xc_set_progress_prefix(xc_interface *xch, const char *doing);
void xc_report_progress_single(xc_interface *xch, const char *doing);
void xc_report_progress_step(xc_interface *xch, unsigned long done, unsigned long total);

#define xc_debug(xch, ...) xc_report(xch, (xch)->error_handler, XTL_DEBUG, 0, __VA_ARGS__)
#define xc_info(xch, ...)  xc_report(xch, (xch)->error_handler, XTL_INFO, 0, __VA_ARGS__)
#define xc_warn(xch, ...)  xc_report(xch, (xch)->error_handler, XTL_WARN, 0, __VA_ARGS__)
/* Keeps errno, and says what it is. */
#define xc_fail(xch, code, ...) xc_report_error(xch, code, __VA_ARGS__)

/* --- hypercall buffers of user memory */
enum { XC_BOUNCE_NONE = 0, XC_BOUNCE_IN = 1, XC_BOUNCE_OUT = 2, XC_BOUNCE_BOTH = 3 };

#define XC_BOUNCE(ptr, size, how)                                                                  \
	{                                                                                          \
		.hbuf = NULL, .param_shadow = NULL, .dir = (how),                                  \
		.ubuf = (void *)(uintptr_t)(ptr), .sz = (size)                                     \
	}

/* Give a copy of ubuf to the hypervisor; nothing for NULL or no bytes. 0, or -1 with errno. */
int xc__hypercall_bounce_pre(xc_interface *xch, xc_hypercall_buffer_t *b);
/* Copy back what came out, and free. Keeps errno. */
void xc__hypercall_bounce_post(xc_interface *xch, xc_hypercall_buffer_t *b);

/* All or nothing for a list of them. */
int xc_bounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n);
void xc_unbounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n);

#define set_handle(hnd, b) set_xen_guest_handle_raw(hnd, (b).hbuf)

/* --- calls */
#define DOMCTL(var, op, dom) struct xen_domctl var = { .cmd = XEN_DOMCTL_##op, .domain = (domid_t)(dom) }
#define SYSCTL(var, op)      struct xen_sysctl var = { .cmd = XEN_SYSCTL_##op }

int xc_do_domctl(xc_interface *xch, struct xen_domctl *domctl);
int xc_do_sysctl(xc_interface *xch, struct xen_sysctl *sysctl);
int xc_do_platform(xc_interface *xch, struct xen_platform_op *op);
int xc_do_physdev(xc_interface *xch, int cmd, void *arg, size_t len);
long xc_do_memory_op(xc_interface *xch, unsigned int cmd, void *arg, size_t len);
/* A hypercall (cmd, arg) whose argument goes in and out. */
int xc_do_two(xc_interface *xch, unsigned int op, unsigned long cmd, void *arg, size_t len);

/* Size of the array that b wraps goes with the domctl or sysctl: bounce, call, copy back. */
int xc_domctl_with(xc_interface *xch, struct xen_domctl *domctl, xc_hypercall_buffer_t *b);

/* --- files, exported for libxenguest */
int read_exact(int fd, void *data, size_t size);
int write_exact(int fd, const void *data, size_t size);
struct iovec;
int writev_exact(int fd, const struct iovec *iov, int iovcnt);
void discard_file_cache(xc_interface *xch, int fd, int flush);

/* --- page tables of others */
#define MAX_MMU_UPDATES 1024
struct xc_mmu {
	mmu_update_t updates[MAX_MMU_UPDATES];
	int idx;
	unsigned int subject;
};
struct xc_mmu *xc_alloc_mmu_updates(xc_interface *xch, unsigned int subject);
int xc_add_mmu_update(xc_interface *xch, struct xc_mmu *mmu, unsigned long long ptr,
		      unsigned long long val);
int xc_flush_mmu_updates(xc_interface *xch, struct xc_mmu *mmu);
int xc_get_pfn_type_batch(xc_interface *xch, uint32_t dom, unsigned int num, xen_pfn_t *arr);
struct privcmd_mmap_entry;
void *xc_map_foreign_ranges(xc_interface *xch, uint32_t dom, size_t size, int prot, size_t chunksize,
			    struct privcmd_mmap_entry *entries, int nentries);

#endif
