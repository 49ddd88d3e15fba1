/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef GNTTAB_INTERNAL_H
#define GNTTAB_INTERNAL_H

#include "toolcore_internal.h"
#include "xengnttab.h"

#define GNT_PAGE_SHIFT 12

/* Serves both kinds of handle: xengnttab_handle on gntdev, xengntshr_handle on gntalloc. */
struct xengntdev_handle {
	struct active_handle active;
	struct lib_log log;
	int fd;
};

struct xengntdev_handle *gnt_handle_open(struct xentoollog_logger *logger, unsigned int flags,
					 const char *path, const char *who);
int gnt_handle_close(struct xengntdev_handle *h);

#endif
