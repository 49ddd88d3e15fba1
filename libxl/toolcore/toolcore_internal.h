/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What the libraries share: the list of open handles, by which xentoolcore_restrict_all reaches
 * them, and the log of a handle. The layout of an active handle is part of the ABI between the
 * libraries: a callback and two pointers.
 */
#ifndef TOOLCORE_INTERNAL_H
#define TOOLCORE_INTERNAL_H

#include <stddef.h>
#include <stdio.h>

#include "xentoolcore.h"
#include "xentoollog.h"

#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

struct active_handle {
	int (*restrict_cb)(struct active_handle *ah, domid_t domid);
	struct active_handle *next;
	struct active_handle **link; /* what points here */
};

void xentoolcore__register_active_handle(struct active_handle *ah);
void xentoolcore__deregister_active_handle(struct active_handle *ah);

/* Replace the file behind fd by /dev/null; -1 is fine. 0, or -1 with errno. */
int xentoolcore__restrict_by_dup2_null(int fd);

/*
 * For xc_interface_open, from libxl to libxenguest: the process does one thing and ends, so what is dear to undo may be
 * left to its end. Others' libxenctrl pays no heed to it.
 */
#define XC_OPENFLAG_PROCESS_ENDS (1U << 16)

/* A handle's log: the caller's, or one of our own on stderr. */
struct lib_log {
	xentoollog_logger *to;
	xentoollog_logger *own;
};

static inline int lib_log_open(struct lib_log *log, xentoollog_logger *to)
{
	log->to = to;
	log->own = NULL;
	if (!to) {
		log->own = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_WARN, 0);
		log->to = log->own;
	}
	return log->to ? 0 : -1;
}

static inline void lib_log_close(struct lib_log *log)
{
	xtl_logger_destroy(log->own);
	log->own = NULL;
	log->to = NULL;
}

#endif
