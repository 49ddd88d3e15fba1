/* SPDX-License-Identifier: GPL-2.0-only */
/* allocfail N: of a debug hypervisor's allocations for Domain 0, the Nth from now fails. Without N: how many are left. */
#include <stdio.h>
#include <stdlib.h>
#include <xenhypfs.h>

#define PATH "/params/alloc-fail"

int main(int argc, char **argv)
{
	xenhypfs_handle *h = xenhypfs_open(NULL, 0);
	char *left = NULL;

	if (!h || (argc > 1 ? xenhypfs_write(h, PATH, argv[1]) : !(left = xenhypfs_read(h, PATH)))) {
		perror(PATH);
		return 1;
	}
	if (left)
		puts(left);
	free(left);
	xenhypfs_close(h);
	return 0;
}
