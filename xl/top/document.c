// SPDX-License-Identifier: GPL-2.0-only
/* One sample as a JSON document, with the units in the names. */
#include <string.h>

#include "../json.h"
#include "xentop.h"

static const char *run_state(xenstat_domain *domain)
{
	if (xenstat_domain_dying(domain))
		return "dying";
	if (xenstat_domain_crashed(domain))
		return "crashed";
	if (xenstat_domain_shutdown(domain))
		return "shutdown";
	if (xenstat_domain_paused(domain))
		return "paused";
	return xenstat_domain_running(domain) ? "running" : "blocked";
}

static void vcpus(xenstat_domain *domain)
{
	json_array("vcpus");
	for (unsigned int i = 0; i < xenstat_domain_num_vcpus(domain); i++) {
		xenstat_vcpu *vcpu = xenstat_domain_vcpu(domain, i);

		json_object(NULL);
		json_number("vcpu", i);
		json_flag("online", xenstat_vcpu_online(vcpu));
		json_seconds("cpu_seconds", xenstat_vcpu_ns(vcpu));
		json_object_end();
	}
	json_array_end();
}

static void networks(xenstat_domain *domain)
{
	json_array("networks");
	for (unsigned int i = 0; i < xenstat_domain_num_networks(domain); i++) {
		xenstat_network *n = xenstat_domain_network(domain, i);

		json_object(NULL);
		json_number("devid", xenstat_network_id(n));
		json_number("rx_bytes", xenstat_network_rbytes(n));
		json_number("rx_packets", xenstat_network_rpackets(n));
		json_number("rx_errors", xenstat_network_rerrs(n));
		json_number("rx_dropped", xenstat_network_rdrop(n));
		json_number("tx_bytes", xenstat_network_tbytes(n));
		json_number("tx_packets", xenstat_network_tpackets(n));
		json_number("tx_errors", xenstat_network_terrs(n));
		json_number("tx_dropped", xenstat_network_tdrop(n));
		json_object_end();
	}
	json_array_end();
}

static void disks(xenstat_domain *domain)
{
	json_array("disks");
	for (unsigned int i = 0; i < xenstat_domain_num_vbds(domain); i++) {
		xenstat_vbd *v = xenstat_domain_vbd(domain, i);

		json_object(NULL);
		json_number("devid", xenstat_vbd_dev(v));
		if (!xenstat_vbd_error(v)) {
			json_number("out_of_requests", xenstat_vbd_oo_reqs(v));
			json_number("read_requests", xenstat_vbd_rd_reqs(v));
			json_number("write_requests", xenstat_vbd_wr_reqs(v));
			json_number("read_bytes", xenstat_vbd_rd_sects(v) * 512);
			json_number("written_bytes", xenstat_vbd_wr_sects(v) * 512);
		}
		json_object_end();
	}
	json_array_end();
}

static void one(const struct sample *sample, xenstat_domain *domain)
{
	unsigned long long max = xenstat_domain_max_mem(domain);
	const char *name = xenstat_domain_name(domain);

	json_object(NULL);
	json_number("domid", xenstat_domain_id(domain));
	json_text("name", name && *name ? name : NULL);
	json_text("run_state", run_state(domain));
	json_seconds("cpu_seconds", xenstat_domain_cpu_ns(domain));
	json_thousandths("cpu_percent", (uint64_t)(cpu_percent(sample, domain) * 1000));
	json_number("memory_kib", xenstat_domain_cur_mem(domain) / 1024);
	/* One without a limit has none. */
	if (max != (unsigned long long)-1)
		json_number("max_memory_kib", max / 1024);
	vcpus(domain);
	networks(domain);
	disks(domain);
	json_object_end();
}

void print_document(const struct sample *sample, xenstat_domain *const *list, unsigned int count)
{
	json_object(NULL);
	json_thousandths("sample_seconds", (uint64_t)(sample->seconds * 1000));
	json_number("cpus", xenstat_node_num_cpus(sample->now));
	json_thousandths("cpu_mhz", xenstat_node_cpu_hz(sample->now) / 1000);
	json_number("memory_kib", xenstat_node_tot_mem(sample->now) / 1024);
	json_number("free_kib", xenstat_node_free_mem(sample->now) / 1024);
	json_array("domains");
	for (unsigned int i = 0; i < count; i++)
		one(sample, list[i]);
	json_array_end();
	json_object_end();
}
