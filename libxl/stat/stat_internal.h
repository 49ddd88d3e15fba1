/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef STAT_INTERNAL_H
#define STAT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "xenctrl.h"
#include "xenstat.h"
#include "xenstore.h"

struct xenstat_handle {
	xc_interface *xch;
	struct xs_handle *xsh;
	unsigned long page_size;
	char version[64]; /* of the hypervisor, read once */
};

struct xenstat_vcpu {
	unsigned int online;
	unsigned long long ns;
};

struct xenstat_network {
	unsigned int id;
	/* as the guest sees it: what the back end's interface receives, the guest sent */
	unsigned long long rbytes, rpackets, rerrs, rdrop;
	unsigned long long tbytes, tpackets, terrs, tdrop;
};

struct xenstat_vbd {
	unsigned int back_type;
	unsigned int dev;
	bool error;
	unsigned long long oo_reqs, rd_reqs, wr_reqs, rd_sects, wr_sects;
};

struct xenstat_domain {
	unsigned int id;
	char *name;
	uint32_t state; /* XEN_DOMINF_ */
	unsigned long long cpu_ns;
	unsigned int num_vcpus;
	xenstat_vcpu *vcpus;
	unsigned long long cur_mem, max_mem;
	unsigned int ssid;
	unsigned int num_networks;
	xenstat_network *networks;
	unsigned int num_vbds;
	xenstat_vbd *vbds;
};

struct xenstat_node {
	xenstat_handle *handle;
	unsigned int flags;
	unsigned long long cpu_hz, tot_mem, free_mem;
	unsigned int num_cpus;
	unsigned int num_domains;
	xenstat_domain *domains; /* by rising id */
};

/* From Linux: 0, or -1 with errno if memory is short; what is not there is left out. */
int stat_collect_networks(xenstat_node *node);
int stat_collect_vbds(xenstat_node *node);

xenstat_domain *stat_find(xenstat_node *node, unsigned int domid);

/* One more element of a list; NULL if memory is short. */
void *stat_append(void *list_ptr, unsigned int *n, size_t size);

#endif
