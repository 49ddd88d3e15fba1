/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of tests that create many: what it does stands on its command line.
 *   end=idle      blocks for ever (the default)        end=poweroff, end=reboot    shuts down so
 *   end=crash     reports that it crashed              end=spin                    never gives up its CPU
 */
#include "guest.h"

void guest_main(void)
{
	char end[16] = "idle";

	cmdline_get("end", end, sizeof(end));
	printk("tiny: %s\n", end);
	if (!strcmp(end, "poweroff"))
		guest_shutdown(SHUTDOWN_poweroff);
	if (!strcmp(end, "reboot"))
		guest_shutdown(SHUTDOWN_reboot);
	if (!strcmp(end, "crash"))
		guest_shutdown(SHUTDOWN_crash);
	while (!strcmp(end, "spin"))
		barrier();
	/* Nothing is bound but the console, which says nothing to us. */
	for (;;)
		H2(sched_op, SCHEDOP_block, 0);
}
