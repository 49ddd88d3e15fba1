// SPDX-License-Identifier: GPL-2.0-only
#include "keeper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

static bool forgotten;
static char **names; /* of the descriptors from SD_LISTEN_FDS_START on; an empty one is taken */
static int count = -1;

bool keeper_there(void)
{
	return !forgotten && getenv("NOTIFY_SOCKET");
}

void keeper_forget(void)
{
	forgotten = true;
}

static void make_name(char out[32], const char *name, uint32_t id)
{
	if (id)
		snprintf(out, 32, "%s%" PRIu32, name, id);
	else
		snprintf(out, 32, "%s", name);
}

void keeper_keep(int fd, const char *name, uint32_t id)
{
	char text[64], full[32];

	if (!keeper_there())
		return;
	make_name(full, name, id);
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s", full);
	sd_pid_notify_with_fds(0, 0, text, &fd, 1);
}

/* A new image of the process must not see them again: the environment forgets them. */
static void look(void)
{
	if (count >= 0)
		return;
	count = sd_listen_fds_with_names(1, &names);
	if (count < 0)
		count = 0;
}

static int take(int i)
{
	names[i][0] = 0;
	return SD_LISTEN_FDS_START + i;
}

int keeper_find(const char *name, uint32_t id)
{
	char full[32];

	look();
	make_name(full, name, id);
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], full))
			return take(i);
	return -1;
}

int keeper_left(char *kind, uint32_t *id)
{
	look();
	for (int i = 0; i < count; i++) {
		if (!names[i][0])
			continue;
		*kind = names[i][0];
		*id = (uint32_t)strtoul(names[i] + 1, NULL, 10);
		return take(i);
	}
	return -1;
}

void keeper_let_go(void)
{
	uint32_t id;
	char kind;
	int fd;

	while ((fd = keeper_left(&kind, &id)) >= 0) {
		shutdown(fd, SHUT_RDWR);
		close(fd);
	}
}
