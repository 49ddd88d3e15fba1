// SPDX-License-Identifier: GPL-2.0-only
#include "kept.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../xenstored/daemon/given.h"
#include "../xenstored/daemon/manager.h"

#define MASTER "master"
#define SLAVE  "slave"

static int take(const char *end, uint32_t domid)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%" PRIu32, end, domid);
	return given_take(name);
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
	manager_tell_with(text, fd);
}

void kept_keep(uint32_t domid, int master, int slave)
{
	keep(MASTER, domid, master);
	keep(SLAVE, domid, slave);
}

static void forget(const char *end, uint32_t domid)
{
	char text[64];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s%" PRIu32, end, domid);
	manager_tell(text);
}

void kept_let_go(uint32_t domid)
{
	forget(MASTER, domid);
	forget(SLAVE, domid);
}

void kept_let_go_rest(bool (*there)(uint32_t domid))
{
	const char *name;

	for (int i = 0; (name = given_name(i)); i++) {
		uint32_t domid = (uint32_t)strtoul(name + strcspn(name, "0123456789"), NULL, 10);

		if (!name[0] || there(domid))
			continue;
		kept_let_go(domid);
		close(given_take_number(i));
	}
}
