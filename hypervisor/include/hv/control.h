/* SPDX-License-Identifier: GPL-2.0-only */
/* The control domain's calls: what the files of domctl and sysctl share. */
#ifndef HV_CONTROL_H
#define HV_CONTROL_H

#include <hv/cpumask.h>
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <public/domctl.h>
#include <public/sysctl.h>

/* One domctl at work. Handlers hold the domctl lock. */
struct domctl_call {
	struct xen_domctl *op;
	struct domain *d;	/* the one meant, referenced; NULL where the table says so */
	bool copy_back;		/* op goes back to the caller, also with an error */
};
/* 0 or -errno; -ERESTART: the call is made again, progress is in the domain or in op (with copy_back). */
typedef long domctl_fn(struct domctl_call *c);

domctl_fn domctl_createdomain, domctl_destroydomain, domctl_pausedomain, domctl_unpausedomain,
	domctl_getdomaininfo, domctl_max_mem, domctl_max_vcpus, domctl_scheduler_op, domctl_setdomainhandle,
	domctl_setdebugging, domctl_settimeoffset, domctl_resumedomain, domctl_subscribe, domctl_set_virq_handler,
	domctl_set_address_size, domctl_get_address_size, domctl_setnodeaffinity, domctl_getnodeaffinity;
domctl_fn domctl_setvcpuaffinity, domctl_getvcpuaffinity, domctl_setvcpucontext, domctl_getvcpucontext,
	domctl_getvcpuinfo, domctl_set_ext_vcpucontext, domctl_get_ext_vcpucontext, domctl_setvcpuextstate,
	domctl_getvcpuextstate, domctl_get_vcpu_msrs, domctl_set_vcpu_msrs, domctl_sendtrigger;
domctl_fn domctl_irq_permission, domctl_iomem_permission, domctl_ioport_permission, domctl_hypercall_init,
	domctl_memory_mapping, domctl_getpageframeinfo3, domctl_shadow_op, domctl_monitor_op,
	domctl_set_access_required;
domctl_fn domctl_gettscinfo, domctl_settscinfo, domctl_get_cpu_policy, domctl_set_cpu_policy;

void domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info);
/* TSC of a new domain, before it runs: mode 0, the ABI's default. */
void domain_tsc_init(struct domain *d);

/* Bitmaps of the control ABI: bits beyond ours read as 0 and are written as 0. 0 or -EFAULT. */
long bitmap_from_control(unsigned long *bits, unsigned int nr, const struct xenctl_bitmap *map) must_check;
long bitmap_to_control(struct xenctl_bitmap *map, const unsigned long *bits, unsigned int nr) must_check;

struct cpu_policy;
/* Copies a policy out, to handles that may be NULL to ask for the numbers only. 0, -ENOBUFS, -EFAULT, -ENOMEM. */
struct policy_out {
	u32 *nr_leaves, *nr_msrs;
	xen_cpuid_leaf_t *leaves;
	xen_msr_entry_t *msrs;
};
long policy_copy_out(const struct cpu_policy *p, const struct policy_out *out) must_check;

#endif
