/* SPDX-License-Identifier: GPL-2.0-only */
/* What libxenstat says of the node and its domains, a line each. */
#include <stdio.h>
#include <xenstat.h>

static void print_domain(xenstat_domain *d)
{
	unsigned int n;

	printf("%s id %u memory %llu of %llu, %u vCPUs, dying %u crashed %u shut down %u paused %u ssid %u\n", xenstat_domain_name(d),
	       xenstat_domain_id(d), xenstat_domain_cur_mem(d), xenstat_domain_max_mem(d), xenstat_domain_num_vcpus(d),
	       xenstat_domain_dying(d), xenstat_domain_crashed(d), xenstat_domain_shutdown(d), xenstat_domain_paused(d),
	       xenstat_domain_ssid(d));
	for (n = 0; n < xenstat_domain_num_vcpus(d); n++)
		printf("  vcpu %u online %u\n", n, xenstat_vcpu_online(xenstat_domain_vcpu(d, n)));
	for (n = 0; n < xenstat_domain_num_networks(d); n++)
		printf("  network %u errors %llu drops %llu\n", xenstat_network_id(xenstat_domain_network(d, n)),
		       xenstat_network_rerrs(xenstat_domain_network(d, n)), xenstat_network_tdrop(xenstat_domain_network(d, n)));
	for (n = 0; n < xenstat_domain_num_vbds(d); n++)
		printf("  disk %u kind %u\n", xenstat_vbd_dev(xenstat_domain_vbd(d, n)),
		       xenstat_vbd_type(xenstat_domain_vbd(d, n)));
}

int main(void)
{
	xenstat_handle *h = xenstat_init();
	xenstat_node *node = h ? xenstat_get_node(h, XENSTAT_ALL) : NULL;

	if (!node) {
		fprintf(stderr, "no statistics\n");
		return 1;
	}
	printf("version %s, %u CPUs of %llu Hz, %llu bytes\n", xenstat_node_xen_version(node), xenstat_node_num_cpus(node),
	       xenstat_node_cpu_hz(node), xenstat_node_tot_mem(node));
	for (unsigned int i = 0; i < xenstat_node_num_domains(node); i++)
		print_domain(xenstat_node_domain_by_index(node, i));
	xenstat_free_node(node);
	xenstat_uninit(h);
	return 0;
}
