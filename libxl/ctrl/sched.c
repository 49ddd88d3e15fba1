// SPDX-License-Identifier: LGPL-2.1-only
/* Parameters of schedulers: of domains by domctl, of pools by sysctl. */
#include "ctrl_internal.h"

static int domain_op(xc_interface *xch, struct xen_domctl *d, uint32_t sched_id, uint32_t cmd)
{
	d->u.scheduler_op.sched_id = sched_id;
	d->u.scheduler_op.cmd = cmd;
	return xc_do_domctl(xch, d);
}

static int pool_op(xc_interface *xch, struct xen_sysctl *s, uint32_t pool, uint32_t sched_id, uint32_t cmd)
{
	s->u.scheduler_op.cpupool_id = pool;
	s->u.scheduler_op.sched_id = sched_id;
	s->u.scheduler_op.cmd = cmd;
	return xc_do_sysctl(xch, s);
}

/* Set and get of a domain's parameters: equal but for the member of the union. */
#define DOMAIN_PARAMS(name, type, id, member)                                                      \
	int xc_sched_##name##_domain_set(xc_interface *xch, uint32_t domid, type *sdom)            \
	{                                                                                          \
		DOMCTL(d, scheduler_op, domid);                                                    \
		d.u.scheduler_op.u.member = *sdom;                                                 \
		return domain_op(xch, &d, id, XEN_DOMCTL_SCHEDOP_putinfo);                         \
	}                                                                                          \
	int xc_sched_##name##_domain_get(xc_interface *xch, uint32_t domid, type *sdom)            \
	{                                                                                          \
		DOMCTL(d, scheduler_op, domid);                                                    \
		int rc = domain_op(xch, &d, id, XEN_DOMCTL_SCHEDOP_getinfo);                       \
		if (!rc)                                                                           \
			*sdom = d.u.scheduler_op.u.member;                                         \
		return rc;                                                                         \
	}

DOMAIN_PARAMS(credit, struct xen_domctl_sched_credit, XEN_SCHEDULER_CREDIT, credit)
DOMAIN_PARAMS(credit2, struct xen_domctl_sched_credit2, XEN_SCHEDULER_CREDIT2, credit2)
DOMAIN_PARAMS(rtds, struct xen_domctl_sched_rtds, XEN_SCHEDULER_RTDS, rtds)

#define POOL_PARAMS(name, type, id, member)                                                        \
	int xc_sched_##name##_params_set(xc_interface *xch, uint32_t cpupool_id, type *schedule)   \
	{                                                                                          \
		SYSCTL(s, scheduler_op);                                                           \
		int rc;                                                                            \
		s.u.scheduler_op.u.member = *schedule;                                             \
		rc = pool_op(xch, &s, cpupool_id, id, XEN_SYSCTL_SCHEDOP_putinfo);                 \
		if (!rc)                                                                           \
			*schedule = s.u.scheduler_op.u.member;                                     \
		return rc;                                                                         \
	}                                                                                          \
	int xc_sched_##name##_params_get(xc_interface *xch, uint32_t cpupool_id, type *schedule)   \
	{                                                                                          \
		SYSCTL(s, scheduler_op);                                                           \
		int rc = pool_op(xch, &s, cpupool_id, id, XEN_SYSCTL_SCHEDOP_getinfo);             \
		if (!rc)                                                                           \
			*schedule = s.u.scheduler_op.u.member;                                     \
		return rc;                                                                         \
	}

POOL_PARAMS(credit, struct xen_sysctl_credit_schedule, XEN_SCHEDULER_CREDIT, sched_credit)
POOL_PARAMS(credit2, struct xen_sysctl_credit2_schedule, XEN_SCHEDULER_CREDIT2, sched_credit2)

static int rtds_vcpus(xc_interface *xch, uint32_t domid, uint32_t cmd,
		      struct xen_domctl_schedparam_vcpu *vcpus, uint32_t num)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(vcpus, num * sizeof(*vcpus), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	uint32_t done = 0;
	int rc = 0;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	/* The hypervisor stops after some and says how far it came. */
	while (done < num && !rc) {
		DOMCTL(d, scheduler_op, domid);

		set_xen_guest_handle_raw(d.u.scheduler_op.u.v.vcpus,
					 (struct xen_domctl_schedparam_vcpu *)b.hbuf + done);
		d.u.scheduler_op.u.v.nr_vcpus = num - done;
		rc = domain_op(xch, &d, XEN_SCHEDULER_RTDS, cmd);
		if (!rc && !d.u.scheduler_op.u.v.nr_vcpus)
			break;
		done += d.u.scheduler_op.u.v.nr_vcpus;
	}
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_sched_rtds_vcpu_set(xc_interface *xch, uint32_t domid, struct xen_domctl_schedparam_vcpu *vcpus,
			   uint32_t num_vcpus)
{
	return rtds_vcpus(xch, domid, XEN_DOMCTL_SCHEDOP_putvcpuinfo, vcpus, num_vcpus);
}

int xc_sched_rtds_vcpu_get(xc_interface *xch, uint32_t domid, struct xen_domctl_schedparam_vcpu *vcpus,
			   uint32_t num_vcpus)
{
	return rtds_vcpus(xch, domid, XEN_DOMCTL_SCHEDOP_getvcpuinfo, vcpus, num_vcpus);
}

static int arinc(xc_interface *xch, uint32_t pool, uint32_t cmd, struct xen_sysctl_arinc653_schedule *schedule)
{
	SYSCTL(s, scheduler_op);
	xc_hypercall_buffer_t b = XC_BOUNCE(schedule, sizeof(*schedule), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(s.u.scheduler_op.u.sched_arinc653.schedule, b);
	rc = pool_op(xch, &s, pool, XEN_SCHEDULER_ARINC653, cmd);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_sched_arinc653_schedule_set(xc_interface *xch, uint32_t cpupool_id,
				   struct xen_sysctl_arinc653_schedule *schedule)
{
	return arinc(xch, cpupool_id, XEN_SYSCTL_SCHEDOP_putinfo, schedule);
}

int xc_sched_arinc653_schedule_get(xc_interface *xch, uint32_t cpupool_id,
				   struct xen_sysctl_arinc653_schedule *schedule)
{
	return arinc(xch, cpupool_id, XEN_SYSCTL_SCHEDOP_getinfo, schedule);
}
