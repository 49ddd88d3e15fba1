/* SPDX-License-Identifier: GPL-2.0-only */
/* Bringing a domain to life, from nothing or from a saved state, and staying with it. */
#ifndef XL_LAUNCH_H
#define XL_LAUNCH_H

#include "limit.h"
#include "screen.h"

struct launch {
	libxl_domain_config config; /* initialised and filled by the caller, disposed by it */
	int restore_fd;		    /* -1: a new domain */
	uint32_t stream_version;
	bool paused;	 /* leave it so */
	bool watch;	 /* stay until it is gone */
	bool foreground; /* ... in this process */
	bool console;	 /* connect the terminal to it */
	bool quiet;
	enum viewer viewer;
	struct limit limit; /* of what it takes until it runs */
};

/* An exit code. */
int launch_domain(struct launch *launch);

/* Domain 0 gives memory to a domain that is created. */
bool may_balloon(void);

/* Leaves a watcher with a domain that runs already, as after `xl save -c'. An exit code. */
int watch_domain(uint32_t domid);

#endif
