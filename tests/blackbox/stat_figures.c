// SPDX-License-Identifier: GPL-2.0-only
/* Every figure that libxenstat gives of a host and its domains. */
#include <stdio.h>

#include <xenstat.h>

#define SHOW(object, name, format) printf(" " #name " " format, xenstat_##object##_##name(o))

static void show_vcpu(xenstat_vcpu *o)
{
	SHOW(vcpu, online, "%u");
	SHOW(vcpu, ns, "%llu");
}

static void show_network(xenstat_network *o)
{
	SHOW(network, id, "%u");
	SHOW(network, rbytes, "%llu");
	SHOW(network, rpackets, "%llu");
	SHOW(network, rerrs, "%llu");
	SHOW(network, rdrop, "%llu");
	SHOW(network, tbytes, "%llu");
	SHOW(network, tpackets, "%llu");
	SHOW(network, terrs, "%llu");
	SHOW(network, tdrop, "%llu");
}

static void show_vbd(xenstat_vbd *o)
{
	SHOW(vbd, type, "%u");
	SHOW(vbd, dev, "%u");
	SHOW(vbd, oo_reqs, "%llu");
	SHOW(vbd, rd_reqs, "%llu");
	SHOW(vbd, wr_reqs, "%llu");
	SHOW(vbd, rd_sects, "%llu");
	SHOW(vbd, wr_sects, "%llu");
	SHOW(vbd, error, "%d");
}

static void show_domain(xenstat_domain *o, unsigned int flags)
{
	SHOW(domain, id, "%u");
	SHOW(domain, name, "%s");
	SHOW(domain, cpu_ns, "%llu");
	SHOW(domain, num_vcpus, "%u");
	SHOW(domain, cur_mem, "%llu");
	SHOW(domain, max_mem, "%llu");
	SHOW(domain, ssid, "%u");
	SHOW(domain, dying, "%u");
	SHOW(domain, crashed, "%u");
	SHOW(domain, shutdown, "%u");
	SHOW(domain, paused, "%u");
	SHOW(domain, blocked, "%u");
	SHOW(domain, running, "%u");
	SHOW(domain, num_networks, "%u");
	SHOW(domain, num_vbds, "%u");
	for (unsigned int i = 0; (flags & XENSTAT_VCPU) && i < xenstat_domain_num_vcpus(o); i++)
		show_vcpu(xenstat_domain_vcpu(o, i));
	for (unsigned int i = 0; i < xenstat_domain_num_networks(o); i++)
		show_network(xenstat_domain_network(o, i));
	for (unsigned int i = 0; i < xenstat_domain_num_vbds(o); i++)
		show_vbd(xenstat_domain_vbd(o, i));
	printf("\n");
}

static void show_node(xenstat_node *o, unsigned int flags)
{
	if (flags & XENSTAT_XEN_VERSION)
		SHOW(node, xen_version, "%s");
	SHOW(node, tot_mem, "%llu");
	SHOW(node, free_mem, "%llu");
	SHOW(node, freeable_mb, "%ld");
	SHOW(node, num_domains, "%u");
	SHOW(node, num_cpus, "%u");
	SHOW(node, cpu_hz, "%llu");
	printf("\n");
	for (unsigned int i = 0; i < xenstat_node_num_domains(o); i++)
		show_domain(xenstat_node_domain_by_index(o, i), flags);
	for (unsigned int id = 0; id < 400; id++)
		if (xenstat_node_domain(o, id))
			printf("%u is there\n", id);
	printf("one too many: %d\n", xenstat_node_domain_by_index(o, xenstat_node_num_domains(o)) != NULL);
}

int main(void)
{
	/* Not block devices, for which Debian's library wants a Domain 0's sysfs. */
	static const unsigned int wanted[] = { 0, XENSTAT_VCPU, XENSTAT_NETWORK, XENSTAT_XEN_VERSION,
					       XENSTAT_VCPU | XENSTAT_NETWORK | XENSTAT_XEN_VERSION };
	xenstat_handle *h = xenstat_init();

	for (size_t i = 0; h && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		xenstat_node *node = xenstat_get_node(h, wanted[i]);

		printf("flags %x: %s\n", wanted[i], node ? "" : "none");
		if (!node)
			return 1;
		show_node(node, wanted[i]);
		xenstat_free_node(node);
	}
	xenstat_uninit(h);
	return !h;
}
