/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Domain 0 finds at boot, in one line; then what "then=" on its command line says: reboot, poweroff, crash,
 * spin (until somebody else ends the machine).
 */
#include "guest.h"

static unsigned int vcpus(void)
{
	unsigned int n = 0;

	while (H3(vcpu_op, VCPUOP_is_up, n, NULL) >= 0)
		n++;
	return n;
}

void guest_main(void)
{
	static const struct { const char *name; unsigned int reason; } ends[] = {
		{ "reboot", SHUTDOWN_reboot }, { "poweroff", SHUTDOWN_poweroff }, { "crash", SHUTDOWN_crash },
	};
	char then[16] = "poweroff";

	printk("BOOT-PROBE vcpus=%u pages=%lu limit=%ld\n", vcpus(), start_info->nr_pages,
	       H2(memory_op, XENMEM_maximum_reservation, &(domid_t){ DOMID_SELF }));
	(void)cmdline_get("then", then, sizeof(then));
	for (unsigned int i = 0; i < ARRAY_SIZE(ends); i++)
		if (!strcmp(then, ends[i].name))
			guest_shutdown(ends[i].reason);
	for (;;)
		barrier();
}
