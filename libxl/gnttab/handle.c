// SPDX-License-Identifier: LGPL-2.1-only
/* Handles of gntdev and gntalloc. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "gnttab_internal.h"

static int restrict_cb(struct active_handle *ah, domid_t domid)
{
	/* The devices know no restriction: give them up. Mappings stay. */
	return xentoolcore__restrict_by_dup2_null(container_of(ah, struct xengntdev_handle, active)->fd);
}

struct xengntdev_handle *gnt_handle_open(struct xentoollog_logger *logger, unsigned int flags,
					 const char *path, const char *who)
{
	struct xengntdev_handle *h;
	int saved;

	if (flags) {
		errno = EINVAL;
		return NULL;
	}
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->active.restrict_cb = restrict_cb;
	if (lib_log_open(&h->log, logger)) {
		free(h);
		errno = ENOMEM;
		return NULL;
	}
	h->fd = open(path, O_RDWR | O_CLOEXEC);
	if (h->fd < 0) {
		xtl_log(h->log.to, XTL_ERROR, errno, who, "cannot open %s", path);
		saved = errno;
		lib_log_close(&h->log);
		free(h);
		errno = saved;
		return NULL;
	}
	xentoolcore__register_active_handle(&h->active);
	return h;
}

int gnt_handle_close(struct xengntdev_handle *h)
{
	int rc;

	if (!h)
		return 0;
	xentoolcore__deregister_active_handle(&h->active);
	rc = close(h->fd);
	lib_log_close(&h->log);
	free(h);
	return rc;
}
