/* SPDX-License-Identifier: GPL-2.0-only */
/* skipids NUMBER: makes domains of nothing until one has this number. Afterwards no count can be taken for a number. */
#include <stdio.h>
#include <stdlib.h>
#include <xenctrl.h>

int main(int argc, char **argv)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	uint32_t last = argc == 2 ? (uint32_t)atoi(argv[1]) : 0;
	uint32_t id = 0;

	while (xc && id < last) {
		struct xen_domctl_createdomain made = {
			.max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = 4, .max_maptrack_frames = 4,
			.grant_opts = XEN_DOMCTL_GRANT_version(1),
		};

		id = 0;
		if (xc_domain_create(xc, &id, &made) || xc_domain_destroy(xc, id)) {
			perror("a domain of nothing");
			return 1;
		}
	}
	xc_interface_close(xc);
	return !xc;
}
