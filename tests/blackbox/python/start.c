// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pretended host of tests/unit/light, for programs into which it is preloaded. $LIVEHOST_GUESTS is how many domains
 * run there from the start; each powers off a tenth of a second after the one before it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <xenctrl.h>

#include "../../unit/light/host.h"

static uint32_t guests;

static void *lives(void *arg)
{
	for (uint32_t i = 1; i <= guests; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
		host_shut_down(i, SHUTDOWN_poweroff);
	}
	return NULL;
}

static void __attribute__((constructor)) start(void)
{
	const char *wanted = getenv("LIVEHOST_GUESTS");
	struct xen_domctl_createdomain config = { .flags = 0 };
	pthread_t thread;
	uint32_t domid;

	host_start();
	guests = wanted ? (uint32_t)atoi(wanted) : 0;
	for (uint32_t i = 0; i < guests; i++) {
		xc_domain_create(NULL, &domid, &config);
		xc_domain_unpause(NULL, domid);
	}
	if (guests && (pthread_create(&thread, NULL, lives, NULL) || pthread_detach(thread)))
		abort();
}
