// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host of xl's tests for programs that stay, beside real daemons of the store and of consoles: nothing stands in
 * for libxenstore, and what a guest's memory would be needed for is one word (../../unit/light/saved.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <xenctrl.h>

#include "../../unit/light/host.h"
#include "../xl/fakexen.h"

bool fake_store_change(const char *path, const char *value)
{
	return false;
}

void fake_store_dump(FILE *out)
{
}

void host_take_time(void)
{
}

int xc_domain_dumpcore(xc_interface *xch, uint32_t domid, const char *file)
{
	static const char text[] = "a pretended core\n";
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = write(fd, text, sizeof(text) - 1);

	close(fd);
	return n == sizeof(text) - 1 ? 0 : -1;
}
