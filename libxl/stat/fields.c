// SPDX-License-Identifier: LGPL-2.1-only
/* What a snapshot holds, one function for each figure. */
#include "stat_internal.h"

#define FIGURE(type, object, name, expr)                                                           \
	type xenstat_##object##_##name(xenstat_##object *o)                                        \
	{                                                                                          \
		return expr;                                                                       \
	}

FIGURE(const char *, node, xen_version, o->handle->version)
FIGURE(unsigned long long, node, tot_mem, o->tot_mem)
FIGURE(unsigned long long, node, free_mem, o->free_mem)
FIGURE(long, node, freeable_mb, 0) /* transcendent memory is gone */
FIGURE(unsigned int, node, num_domains, o->num_domains)
FIGURE(unsigned int, node, num_cpus, o->num_cpus)
FIGURE(unsigned long long, node, cpu_hz, o->cpu_hz)

xenstat_domain *xenstat_node_domain(xenstat_node *node, unsigned int domid)
{
	return stat_find(node, domid);
}

xenstat_domain *xenstat_node_domain_by_index(xenstat_node *node, unsigned index)
{
	return index < node->num_domains ? &node->domains[index] : NULL;
}

static unsigned int state(const xenstat_domain *d, uint32_t flag)
{
	return !!(d->state & flag);
}

static unsigned int stopped(const xenstat_domain *d, bool crashed)
{
	const unsigned int reason = d->state >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;

	return state(d, XEN_DOMINF_shutdown) && (reason == SHUTDOWN_crash) == crashed;
}

FIGURE(unsigned, domain, id, o->id)
FIGURE(char *, domain, name, o->name)
FIGURE(unsigned long long, domain, cpu_ns, o->cpu_ns)
FIGURE(unsigned int, domain, num_vcpus, o->num_vcpus)
FIGURE(unsigned long long, domain, cur_mem, o->cur_mem)
FIGURE(unsigned long long, domain, max_mem, o->max_mem)
FIGURE(unsigned int, domain, ssid, o->ssid)
FIGURE(unsigned int, domain, dying, state(o, XEN_DOMINF_dying))
FIGURE(unsigned int, domain, crashed, stopped(o, true))
FIGURE(unsigned int, domain, shutdown, stopped(o, false))
FIGURE(unsigned int, domain, paused, state(o, XEN_DOMINF_paused))
FIGURE(unsigned int, domain, blocked, state(o, XEN_DOMINF_blocked))
FIGURE(unsigned int, domain, running, state(o, XEN_DOMINF_running))
FIGURE(unsigned int, domain, num_networks, o->num_networks)
FIGURE(unsigned int, domain, num_vbds, o->num_vbds)

xenstat_vcpu *xenstat_domain_vcpu(xenstat_domain *domain, unsigned int vcpu)
{
	return domain->vcpus && vcpu < domain->num_vcpus ? &domain->vcpus[vcpu] : NULL;
}

xenstat_network *xenstat_domain_network(xenstat_domain *domain, unsigned int network)
{
	return network < domain->num_networks ? &domain->networks[network] : NULL;
}

xenstat_vbd *xenstat_domain_vbd(xenstat_domain *domain, unsigned int vbd)
{
	return vbd < domain->num_vbds ? &domain->vbds[vbd] : NULL;
}

FIGURE(unsigned int, vcpu, online, o->online)
FIGURE(unsigned long long, vcpu, ns, o->ns)

FIGURE(unsigned int, network, id, o->id)
FIGURE(unsigned long long, network, rbytes, o->rbytes)
FIGURE(unsigned long long, network, rpackets, o->rpackets)
FIGURE(unsigned long long, network, rerrs, o->rerrs)
FIGURE(unsigned long long, network, rdrop, o->rdrop)
FIGURE(unsigned long long, network, tbytes, o->tbytes)
FIGURE(unsigned long long, network, tpackets, o->tpackets)
FIGURE(unsigned long long, network, terrs, o->terrs)
FIGURE(unsigned long long, network, tdrop, o->tdrop)

FIGURE(unsigned int, vbd, type, o->back_type)
FIGURE(unsigned int, vbd, dev, o->dev)
FIGURE(unsigned long long, vbd, oo_reqs, o->oo_reqs)
FIGURE(unsigned long long, vbd, rd_reqs, o->rd_reqs)
FIGURE(unsigned long long, vbd, wr_reqs, o->wr_reqs)
FIGURE(unsigned long long, vbd, rd_sects, o->rd_sects)
FIGURE(unsigned long long, vbd, wr_sects, o->wr_sects)
FIGURE(bool, vbd, error, o->error)
