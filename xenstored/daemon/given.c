// SPDX-License-Identifier: GPL-2.0-only
#include "given.h"

#include <stddef.h>
#include <string.h>

#include <systemd/sd-daemon.h>

static char **names; /* of the descriptors from SD_LISTEN_FDS_START on */
static int count = -1;

const char *given_name(int i)
{
	if (count < 0) {
		count = sd_listen_fds_with_names(1, &names);
		if (count < 0)
			count = 0;
	}
	return i < count ? names[i] : NULL;
}

int given_take_number(int i)
{
	names[i][0] = 0;
	return SD_LISTEN_FDS_START + i;
}

int given_take(const char *name)
{
	const char *n;

	for (int i = 0; (n = given_name(i)); i++)
		if (!strcmp(n, name))
			return given_take_number(i);
	return -1;
}
