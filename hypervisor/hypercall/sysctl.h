/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HYPERCALL_SYSCTL_H
#define HYPERCALL_SYSCTL_H

#include <hv/control.h>

struct sysctl_call {
	struct xen_sysctl *op;
	bool copy_back;
};
typedef long sysctl_fn(struct sysctl_call *c);

/* sysctl_machine.c */
sysctl_fn sysctl_physinfo, sysctl_getcpuinfo, sysctl_availheap, sysctl_get_pmstat, sysctl_cpu_hotplug, sysctl_pm_op,
	sysctl_cputopoinfo, sysctl_numainfo, sysctl_pcitopoinfo, sysctl_get_cpu_levelling_caps,
	sysctl_get_cpu_featureset, sysctl_get_cpu_policy;

#endif
