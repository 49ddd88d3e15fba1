/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Device models: a QEMU process in Domain 0 for each domain that has disks or screens which no backend in the kernel
 * serves. It outlives whoever started it; xenstore holds its number, and it ends with its domain.
 */
#ifndef XL_DM_H
#define XL_DM_H

#include "op.h"

/* How it knows a channel, by its number. */
#define CHANNEL_CHARDEV "libxl-channel%d"

bool dm_needed(const libxl_domain_config *config);
/* That it can be started at all, before anything is changed. */
int dm_check(libxl_ctx *ctx, uint32_t domid, const libxl_domain_config *config);

struct dm {
	uint32_t domid;
	const libxl_domain_config *creating;	/* NULL: the one that is stored with the domain */
	bool started;		/* by us; else there was one, or none came about */
	/* Private. */
	struct xl_op *op;
	pid_t pid;
	int report, go;		/* pipes to it until it runs; -1 */
	char *program, *log;
	bool vnc;
	char *vnc_password;
	struct xl_child starter;
	struct xl_fd ended;
	struct xl_watch ready;
	struct xl_timer timer;
};
/* State: a struct dm whose first two fields are set. One that runs already is taken as it is. */
extern const struct xl_step dm_start_steps[];
/* And waits until it is gone, so that its files and ports are free. */
extern const struct xl_step dm_stop_steps[];

#endif
