// SPDX-License-Identifier: GPL-2.0-only
#include "boot_id.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void boot_id(char id[BOOT_ID_SIZE])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memset(id, 0, BOOT_ID_SIZE);
	if (fd < 0)
		return;
	(void)!read(fd, id, 36);
	close(fd);
}
