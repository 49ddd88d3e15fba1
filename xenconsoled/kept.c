// SPDX-License-Identifier: GPL-2.0-only
#include "kept.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#define MASTER "master"
#define SLAVE  "slave"

static char **names; /* of the descriptors from SD_LISTEN_FDS_START on; an empty one is taken */
static int count = -1;

static void look(void)
{
	if (count >= 0)
		return;
	count = sd_listen_fds_with_names(1, &names);
	if (count < 0)
		count = 0;
}

static int take(const char *end, uint32_t domid)
{
	char name[32];

	look();
	snprintf(name, sizeof(name), "%s%" PRIu32, end, domid);
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], name))
			continue;
		names[i][0] = 0;
		return SD_LISTEN_FDS_START + i;
	}
	return -1;
}

bool kept_find(uint32_t domid, int *master, int *slave)
{
	*master = take(MASTER, domid);
	*slave = take(SLAVE, domid);
	if (*master >= 0 && *slave >= 0)
		return true;
	if (*master >= 0)
		close(*master);
	if (*slave >= 0)
		close(*slave);
	return false;
}

static void keep(const char *end, uint32_t domid, int fd)
{
	char text[64];

	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s%" PRIu32, end, domid);
	sd_pid_notify_with_fds(0, 0, text, &fd, 1);
}

void kept_keep(uint32_t domid, int master, int slave)
{
	keep(MASTER, domid, master);
	keep(SLAVE, domid, slave);
}

void kept_let_go(uint32_t domid)
{
	sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=" MASTER "%" PRIu32, domid);
	sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=" SLAVE "%" PRIu32, domid);
}

void kept_let_go_rest(bool (*there)(uint32_t domid))
{
	look();
	for (int i = 0; i < count; i++) {
		uint32_t domid = (uint32_t)strtoul(names[i] + strcspn(names[i], "0123456789"), NULL, 10);

		if (!names[i][0] || there(domid))
			continue;
		kept_let_go(domid);
		names[i][0] = 0;
		close(SD_LISTEN_FDS_START + i);
	}
}
