/* SPDX-License-Identifier: GPL-2.0-only */
/* XS_CONTROL: an operator's commands to the daemon. */
#ifndef XENSTORED_CONTROL_H
#define XENSTORED_CONTROL_H

#include "core/store.h"

int control_command(struct store *s, struct client *c, const char *const *argv, unsigned int argc,
		    char *out, size_t out_size);

#endif
