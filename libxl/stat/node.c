// SPDX-License-Identifier: LGPL-2.1-only
/* Collect a snapshot of the host and its domains. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stat_internal.h"

#define DOMAIN_BATCH 256U

xenstat_handle *xenstat_init(void)
{
	xenstat_handle *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->page_size = (unsigned long)sysconf(_SC_PAGESIZE);
	h->xch = xc_interface_open(NULL, NULL, 0);
	if (h->xch)
		h->xsh = xs_open(0);
	if (h->xsh)
		return h;
	xenstat_uninit(h);
	return NULL;
}

void xenstat_uninit(xenstat_handle *handle)
{
	const int saved = errno;

	if (!handle)
		return;
	if (handle->xsh)
		xs_close(handle->xsh);
	if (handle->xch)
		xc_interface_close(handle->xch);
	free(handle);
	errno = saved;
}

static void free_domain(xenstat_domain *d)
{
	free(d->name);
	free(d->vcpus);
	free(d->networks);
	free(d->vbds);
}

void xenstat_free_node(xenstat_node *node)
{
	const int saved = errno;

	if (!node)
		return;
	for (unsigned int i = 0; i < node->num_domains; i++)
		free_domain(&node->domains[i]);
	free(node->domains);
	free(node);
	errno = saved;
}

static char *read_name(xenstat_handle *h, unsigned int domid)
{
	char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
	return xs_read(h->xsh, XBT_NULL, path, NULL);
}

/* One without a name is left out: it is going away, and callers take a name for granted. */
static int add_domain(xenstat_node *node, const xc_domaininfo_t *info)
{
	char *name = read_name(node->handle, info->domain);
	xenstat_domain *d;

	if (!name)
		return errno == ENOMEM ? -1 : 0;
	d = stat_append(&node->domains, &node->num_domains, sizeof(*d));
	if (!d) {
		free(name);
		return -1;
	}
	d->name = name;
	d->id = info->domain;
	d->state = info->flags;
	d->cpu_ns = info->cpu_time;
	d->num_vcpus = info->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info->max_vcpu_id + 1;
	d->cur_mem = info->tot_pages * (unsigned long long)node->handle->page_size;
	d->max_mem = info->max_pages == (uint32_t)-1 ? (unsigned long long)-1 :
		     info->max_pages * (unsigned long long)node->handle->page_size;
	d->ssid = info->ssidref;
	return 0;
}

static int collect_domains(xenstat_node *node)
{
	xc_domaininfo_t *infos = malloc(DOMAIN_BATCH * sizeof(*infos));
	uint32_t next = 0;
	int n, rc = -1;

	if (!infos)
		return -1;
	do {
		n = xc_domain_getinfolist(node->handle->xch, next, DOMAIN_BATCH, infos);
		if (n < 0)
			goto out;
		for (int i = 0; i < n; i++)
			if (add_domain(node, &infos[i]))
				goto out;
		next = n ? infos[n - 1].domain + 1U : next;
	} while (n == (int)DOMAIN_BATCH);
	rc = 0;
out:
	free(infos);
	return rc;
}

static int read_vcpus(xenstat_node *node, xenstat_domain *d)
{
	d->vcpus = calloc(d->num_vcpus + 1, sizeof(*d->vcpus));
	if (!d->vcpus)
		return -1;
	for (unsigned int v = 0; v < d->num_vcpus; v++) {
		xc_vcpuinfo_t info;

		if (xc_vcpu_getinfo(node->handle->xch, d->id, v, &info))
			return -1;
		d->vcpus[v].online = info.online;
		d->vcpus[v].ns = info.cpu_time;
	}
	return 0;
}

/* A domain that is gone meanwhile is left out. */
static int collect_vcpus(xenstat_node *node)
{
	unsigned int i = 0;

	while (i < node->num_domains) {
		xenstat_domain *d = &node->domains[i];

		if (!read_vcpus(node, d)) {
			i++;
			continue;
		}
		if (errno == ENOMEM)
			return -1;
		free_domain(d);
		memmove(d, d + 1, (--node->num_domains - i) * sizeof(*d));
	}
	return 0;
}

static int read_version(xenstat_handle *h)
{
	xen_extraversion_t extra;
	int version;

	if (h->version[0])
		return 0;
	version = xc_version(h->xch, XENVER_version, NULL);
	if (version < 0 || xc_version(h->xch, XENVER_extraversion, extra) < 0)
		return -1;
	snprintf(h->version, sizeof(h->version), "%d.%d%.16s", version >> 16 & 0xffff, version & 0xffff, extra);
	return 0;
}

static int collect_host(xenstat_node *node)
{
	xc_physinfo_t info = { 0 };

	if (xc_physinfo(node->handle->xch, &info))
		return -1;
	node->cpu_hz = info.cpu_khz * 1000ULL;
	node->num_cpus = info.nr_cpus;
	node->tot_mem = info.total_pages * (unsigned long long)node->handle->page_size;
	node->free_mem = info.free_pages * (unsigned long long)node->handle->page_size;
	return 0;
}

xenstat_node *xenstat_get_node(xenstat_handle *handle, unsigned int flags)
{
	xenstat_node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->handle = handle;
	node->flags = flags;
	if (collect_host(node) || collect_domains(node) || (flags & XENSTAT_VCPU && collect_vcpus(node)) ||
	    (flags & XENSTAT_NETWORK && stat_collect_networks(node)) ||
	    (flags & XENSTAT_XEN_VERSION && read_version(handle)) ||
	    (flags & XENSTAT_VBD && stat_collect_vbds(node))) {
		xenstat_free_node(node);
		return NULL;
	}
	return node;
}

xenstat_domain *stat_find(xenstat_node *node, unsigned int domid)
{
	unsigned int low = 0, high = node->num_domains;

	while (low < high) {
		const unsigned int mid = low + (high - low) / 2;

		if (node->domains[mid].id == domid)
			return &node->domains[mid];
		if (node->domains[mid].id < domid)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
