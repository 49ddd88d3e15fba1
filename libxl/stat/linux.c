// SPDX-License-Identifier: LGPL-2.1-only
/* Figures of Linux's back ends: interfaces vifDOMAIN.N, devices vbd-DOMAIN-NUMBER. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stat_internal.h"

void *stat_append(void *list_ptr, unsigned int *n, size_t size)
{
	char **list = list_ptr, *bigger = realloc(*list, (*n + 1) * size);

	if (!bigger)
		return NULL;
	*list = bigger;
	return memset(bigger + (*n)++ * size, 0, size);
}

static int one_interface(xenstat_node *node, const char *line)
{
	xenstat_network net = { 0 }, *slot;
	xenstat_domain *d;
	unsigned int domid;

	/* Receive: bytes, packets, errors, drops and four more; transmit likewise. */
	if (sscanf(line, " vif%u.%u:%llu %llu %llu %llu %*u %*u %*u %*u %llu %llu %llu %llu", &domid, &net.id,
		   &net.tbytes, &net.tpackets, &net.terrs, &net.tdrop, &net.rbytes, &net.rpackets, &net.rerrs,
		   &net.rdrop) != 10)
		return 0;
	d = stat_find(node, domid);
	if (!d)
		return 0;
	slot = stat_append(&d->networks, &d->num_networks, sizeof(net));
	if (!slot)
		return -1;
	*slot = net;
	return 0;
}

int stat_collect_networks(xenstat_node *node)
{
	FILE *f = fopen("/proc/net/dev", "re");
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	if (!f)
		return 0;
	while (!rc && getline(&line, &room, f) > 0)
		rc = one_interface(node, line);
	free(line);
	fclose(f);
	return rc;
}

#define BACKENDS "/sys/bus/xen-backend/devices"

static bool read_figure(const char *device, const char *name, unsigned long long *value)
{
	char path[512];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), BACKENDS "/%s/statistics/%s", device, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fscanf(f, "%llu", value) == 1;
	fclose(f);
	return ok;
}

static const struct {
	const char *name;
	size_t offset;
} figures[] = {
	{ "oo_req", offsetof(struct xenstat_vbd, oo_reqs) },   { "rd_req", offsetof(struct xenstat_vbd, rd_reqs) },
	{ "wr_req", offsetof(struct xenstat_vbd, wr_reqs) },   { "rd_sect", offsetof(struct xenstat_vbd, rd_sects) },
	{ "wr_sect", offsetof(struct xenstat_vbd, wr_sects) },
};

static int one_device(xenstat_node *node, const char *name)
{
	xenstat_vbd vbd = { 0 }, *slot;
	xenstat_domain *d;
	unsigned int domid;

	if (sscanf(name, "vbd-%u-%u", &domid, &vbd.dev) == 2)
		vbd.back_type = 1;
	else if (sscanf(name, "tap-%u-%u", &domid, &vbd.dev) == 2)
		vbd.back_type = 2;
	else
		return 0;
	d = stat_find(node, domid);
	if (!d)
		return 0;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if (!read_figure(name, figures[i].name,
				 (unsigned long long *)((char *)&vbd + figures[i].offset)))
			vbd.error = true;
	slot = stat_append(&d->vbds, &d->num_vbds, sizeof(vbd));
	if (!slot)
		return -1;
	*slot = vbd;
	return 0;
}

int stat_collect_vbds(xenstat_node *node)
{
	DIR *dir = opendir(BACKENDS);
	struct dirent *e;
	int rc = 0;

	if (!dir)
		return 0;
	while (!rc && (e = readdir(dir)))
		rc = one_device(node, e->d_name);
	closedir(dir);
	return rc;
}
