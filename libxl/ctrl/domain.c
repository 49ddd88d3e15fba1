// SPDX-License-Identifier: LGPL-2.1-only
/* Life and properties of a domain. */
#include "ctrl_internal.h"

static int plain(xc_interface *xch, uint32_t cmd, uint32_t domid)
{
	struct xen_domctl d = { .cmd = cmd, .domain = (domid_t)domid };

	return xc_do_domctl(xch, &d);
}

int xc_domain_create(xc_interface *xch, uint32_t *pdomid, struct xen_domctl_createdomain *config)
{
	DOMCTL(d, createdomain, *pdomid);
	int rc;

	d.u.createdomain = *config;
	rc = xc_do_domctl(xch, &d);
	if (rc)
		return rc;
	*pdomid = d.domain;
	*config = d.u.createdomain;
	return 0;
}

int xc_domain_max_vcpus(xc_interface *xch, uint32_t domid, unsigned int max)
{
	DOMCTL(d, max_vcpus, domid);

	d.u.max_vcpus.max = max;
	return xc_do_domctl(xch, &d);
}

int xc_domain_pause(xc_interface *xch, uint32_t domid)
{
	return plain(xch, XEN_DOMCTL_pausedomain, domid);
}

int xc_domain_unpause(xc_interface *xch, uint32_t domid)
{
	return plain(xch, XEN_DOMCTL_unpausedomain, domid);
}

int xc_domain_destroy(xc_interface *xch, uint32_t domid)
{
	return plain(xch, XEN_DOMCTL_destroydomain, domid);
}

int xc_domain_soft_reset(xc_interface *xch, uint32_t domid)
{
	return plain(xch, XEN_DOMCTL_soft_reset, domid);
}

int xc_domain_shutdown(xc_interface *xch, uint32_t domid, int reason)
{
	sched_remote_shutdown_t arg;

	memset(&arg, 0, sizeof(arg));	/* its padding leaves this process too */
	arg.domain_id = (domid_t)domid;
	arg.reason = (unsigned int)reason;
	return xc_do_two(xch, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &arg, sizeof(arg));
}

int xc_watchdog(xc_interface *xch, uint32_t id, uint32_t timeout)
{
	sched_watchdog_t arg = { .id = id, .timeout = timeout };

	return xc_do_two(xch, __HYPERVISOR_sched_op, SCHEDOP_watchdog, &arg, sizeof(arg));
}

int xc_domain_sethandle(xc_interface *xch, uint32_t domid, xen_domain_handle_t handle)
{
	DOMCTL(d, setdomainhandle, domid);

	memcpy(d.u.setdomainhandle.handle, handle, sizeof(xen_domain_handle_t));
	return xc_do_domctl(xch, &d);
}

int xc_domain_setdebugging(xc_interface *xch, uint32_t domid, unsigned int enable)
{
	DOMCTL(d, setdebugging, domid);

	d.u.setdebugging.enable = (uint8_t)enable;
	return xc_do_domctl(xch, &d);
}

int xc_domain_set_target(xc_interface *xch, uint32_t domid, uint32_t target)
{
	DOMCTL(d, set_target, domid);

	d.u.set_target.target = (domid_t)target;
	return xc_do_domctl(xch, &d);
}

int xc_domain_set_virq_handler(xc_interface *xch, uint32_t domid, int virq)
{
	DOMCTL(d, set_virq_handler, domid);

	d.u.set_virq_handler.virq = (uint32_t)virq;
	return xc_do_domctl(xch, &d);
}

int xc_domain_set_access_required(xc_interface *xch, uint32_t domid, unsigned int required)
{
	DOMCTL(d, set_access_required, domid);

	d.u.access_required.access_required = (uint8_t)required;
	return xc_do_domctl(xch, &d);
}

int xc_domain_debug_control(xc_interface *xch, uint32_t domid, uint32_t sop, uint32_t vcpu)
{
	DOMCTL(d, debug_op, domid);

	d.u.debug_op.op = sop;
	d.u.debug_op.vcpu = vcpu;
	return xc_do_domctl(xch, &d);
}

int xc_domain_send_trigger(xc_interface *xch, uint32_t domid, uint32_t trigger, uint32_t vcpu)
{
	DOMCTL(d, sendtrigger, domid);

	d.u.sendtrigger.trigger = trigger;
	d.u.sendtrigger.vcpu = vcpu;
	return xc_do_domctl(xch, &d);
}

int xc_domain_subscribe_for_suspend(xc_interface *xch, uint32_t domid, evtchn_port_t port)
{
	DOMCTL(d, subscribe, domid);

	d.u.subscribe.port = port;
	return xc_do_domctl(xch, &d);
}

int xc_domain_get_guest_width(xc_interface *xch, uint32_t domid, unsigned int *guest_width)
{
	DOMCTL(d, get_address_size, domid);
	int rc = xc_do_domctl(xch, &d);

	if (rc)
		return rc;
	*guest_width = d.u.address_size.size / 8;
	return 0;
}

int xc_domain_set_time_offset(xc_interface *xch, uint32_t domid, int32_t time_offset_seconds)
{
	DOMCTL(d, settimeoffset, domid);

	d.u.settimeoffset.time_offset_seconds = time_offset_seconds;
	return xc_do_domctl(xch, &d);
}

int xc_domain_set_tsc_info(xc_interface *xch, uint32_t domid, uint32_t tsc_mode, uint64_t elapsed_nsec,
			   uint32_t gtsc_khz, uint32_t incarnation)
{
	DOMCTL(d, settscinfo, domid);

	d.u.tsc_info.tsc_mode = tsc_mode;
	d.u.tsc_info.elapsed_nsec = elapsed_nsec;
	d.u.tsc_info.gtsc_khz = gtsc_khz;
	d.u.tsc_info.incarnation = incarnation;
	return xc_do_domctl(xch, &d);
}

int xc_domain_get_tsc_info(xc_interface *xch, uint32_t domid, uint32_t *tsc_mode, uint64_t *elapsed_nsec,
			   uint32_t *gtsc_khz, uint32_t *incarnation)
{
	DOMCTL(d, gettscinfo, domid);
	int rc = xc_do_domctl(xch, &d);

	if (rc)
		return rc;
	*tsc_mode = d.u.tsc_info.tsc_mode;
	*elapsed_nsec = d.u.tsc_info.elapsed_nsec;
	*gtsc_khz = d.u.tsc_info.gtsc_khz;
	*incarnation = d.u.tsc_info.incarnation;
	return 0;
}

/* --- information */

int xc_domain_getinfolist(xc_interface *xch, uint32_t first_domain, unsigned int max_domains,
			  xc_domaininfo_t *info)
{
	SYSCTL(s, getdomaininfolist);
	xc_hypercall_buffer_t b = XC_BOUNCE(info, max_domains * sizeof(*info), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	s.u.getdomaininfolist.first_domain = (domid_t)first_domain;
	s.u.getdomaininfolist.max_domains = max_domains;
	set_handle(s.u.getdomaininfolist.buffer, b);
	rc = xc_do_sysctl(xch, &s);
	if (rc < 0)
		b.dir = XC_BOUNCE_NONE;
	else
		rc = (int)s.u.getdomaininfolist.num_domains;
	xc_unbounce_all(xch, all, 1);
	return rc;
}

static void unpack_info(xc_dominfo_t *out, const xc_domaininfo_t *in)
{
	const uint32_t f = in->flags;

	memset(out, 0, sizeof(*out));
	out->domid = in->domain;
	out->ssidref = in->ssidref;
	out->dying = !!(f & XEN_DOMINF_dying);
	out->shutdown = !!(f & XEN_DOMINF_shutdown);
	out->paused = !!(f & XEN_DOMINF_paused);
	out->blocked = !!(f & XEN_DOMINF_blocked);
	out->running = !!(f & XEN_DOMINF_running);
	out->hvm = !!(f & XEN_DOMINF_hvm_guest);
	out->debugged = !!(f & XEN_DOMINF_debugged);
	out->xenstore = !!(f & XEN_DOMINF_xs_domain);
	out->hap = !!(f & XEN_DOMINF_hap);
	out->shutdown_reason = (f >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
	/* A crash is a shutdown of its own kind for callers. */
	if (out->shutdown && out->shutdown_reason == SHUTDOWN_crash) {
		out->shutdown = 0;
		out->crashed = 1;
	}
	out->nr_pages = in->tot_pages;
	out->nr_outstanding_pages = in->outstanding_pages;
	out->nr_shared_pages = in->shr_pages;
	out->nr_paged_pages = in->paged_pages;
	out->shared_info_frame = in->shared_info_frame;
	out->cpu_time = in->cpu_time;
	out->max_memkb = in->max_pages << (XC_PAGE_SHIFT - 10);
	out->nr_online_vcpus = in->nr_online_vcpus;
	out->max_vcpu_id = in->max_vcpu_id;
	memcpy(out->handle, in->handle, sizeof(out->handle));
	out->cpupool = in->cpupool;
	out->gpaddr_bits = in->gpaddr_bits;
	out->arch_config = in->arch_config;
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first_domid, unsigned int max_doms, xc_dominfo_t *info)
{
	xc_domaininfo_t few[4], *list = few;
	int n, saved;

	if (max_doms > ARRAY_SIZE(few)) {
		list = malloc(max_doms * sizeof(*list));
		if (!list)
			return -1;
	}
	n = xc_domain_getinfolist(xch, first_domid, max_doms, list);
	for (int i = 0; i < n; i++)
		unpack_info(&info[i], &list[i]);
	saved = errno;
	if (list != few)
		free(list);
	errno = saved;
	return n;
}

long xc_get_tot_pages(xc_interface *xch, uint32_t domid)
{
	xc_domaininfo_t info;
	int n = xc_domain_getinfolist(xch, domid, 1, &info);

	if (n == 1 && info.domain == domid)
		return (long)info.tot_pages;
	if (n >= 0)
		errno = ESRCH;
	return -1;
}

/* --- what is kept for old tools */

int xc_domain_p2m_audit(xc_interface *xch, uint32_t domid, uint64_t *orphans, uint64_t *m2p_bad,
			uint64_t *p2m_bad)
{
	DOMCTL(d, audit_p2m, domid);
	int rc = xc_do_domctl(xch, &d);

	if (rc)
		return rc;
	*orphans = d.u.audit_p2m.orphans;
	*m2p_bad = d.u.audit_p2m.m2p_bad;
	*p2m_bad = d.u.audit_p2m.p2m_bad;
	return 0;
}

int xc_dom_vuart_init(xc_interface *xch, uint32_t type, uint32_t domid, uint32_t console_domid,
		      xen_pfn_t gfn, evtchn_port_t *evtchn)
{
	DOMCTL(d, vuart_op, domid);
	int rc;

	d.u.vuart_op.cmd = XEN_DOMCTL_VUART_OP_INIT;
	d.u.vuart_op.type = type;
	d.u.vuart_op.console_domid = (domid_t)console_domid;
	d.u.vuart_op.gfn = gfn;
	rc = xc_do_domctl(xch, &d);
	if (!rc)
		*evtchn = d.u.vuart_op.evtchn;
	return rc;
}
