/* SPDX-License-Identifier: GPL-2.0-only */
/* cputime DOMAIN...: what time it is, and how much CPU time each of them has had, in nanoseconds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <xenctrl.h>

int main(int argc, char **argv)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%ld", now.tv_sec * 1000000000L + now.tv_nsec);
	for (int i = 1; i < argc; i++) {
		uint32_t id = (uint32_t)atoi(argv[i]);
		xc_dominfo_t info;

		if (!xc || xc_domain_getinfo(xc, id, 1, &info) != 1 || info.domid != id) {
			fprintf(stderr, "cputime: no domain %s\n", argv[i]);
			return 1;
		}
		printf(" %" PRIu64, info.cpu_time);
	}
	puts("");
	xc_interface_close(xc);
	return 0;
}
