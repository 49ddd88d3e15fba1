// SPDX-License-Identifier: LGPL-2.1-only
/* Power management: statistics of P and C states, governors. */
#include "ctrl_internal.h"

static int pmstat(xc_interface *xch, struct xen_sysctl *s, uint32_t type, int cpu)
{
	s->u.get_pmstat.type = type;
	s->u.get_pmstat.cpuid = (uint32_t)cpu;
	return xc_do_sysctl(xch, s);
}

int xc_pm_get_max_px(xc_interface *xch, int cpuid, int *max_px)
{
	SYSCTL(s, get_pmstat);
	int rc = pmstat(xch, &s, PMSTAT_get_max_px, cpuid);

	if (!rc)
		*max_px = s.u.get_pmstat.u.getpx.total;
	return rc;
}

int xc_pm_get_max_cx(xc_interface *xch, int cpuid, int *max_cx)
{
	SYSCTL(s, get_pmstat);
	int rc = pmstat(xch, &s, PMSTAT_get_max_cx, cpuid);

	if (!rc)
		*max_cx = (int)s.u.get_pmstat.u.getcx.nr;
	return rc;
}

_Static_assert(sizeof(struct xc_px_val) == sizeof(pm_px_val_t), "copied as they are");

int xc_pm_get_pxstat(xc_interface *xch, int cpuid, struct xc_px_stat *pxpt)
{
	SYSCTL(s, get_pmstat);
	struct pm_px_stat *px = &s.u.get_pmstat.u.getpx;
	xc_hypercall_buffer_t bt = XC_BOUNCE(pxpt->trans_pt, 0, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t bp = XC_BOUNCE(pxpt->pt, 0, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &bt, &bp };
	int max, rc;

	if (!pxpt->trans_pt || !pxpt->pt) {
		errno = EINVAL;
		return -1;
	}
	if (xc_pm_get_max_px(xch, cpuid, &max))
		return -1;
	bt.sz = (size_t)max * (size_t)max * sizeof(uint64_t);
	bp.sz = (size_t)max * sizeof(*pxpt->pt);
	if (xc_bounce_all(xch, all, 2))
		return -1;
	px->total = (uint8_t)max;
	set_handle(px->trans_pt, bt);
	set_handle(px->pt, bp);
	rc = pmstat(xch, &s, PMSTAT_get_pxstat, cpuid);
	xc_unbounce_all(xch, all, 2);
	if (rc)
		return rc;
	pxpt->total = px->total;
	pxpt->usable = px->usable;
	pxpt->last = px->last;
	pxpt->cur = px->cur;
	return 0;
}

int xc_pm_reset_pxstat(xc_interface *xch, int cpuid)
{
	SYSCTL(s, get_pmstat);

	return pmstat(xch, &s, PMSTAT_reset_pxstat, cpuid);
}

int xc_pm_get_cxstat(xc_interface *xch, int cpuid, struct xc_cx_stat *cxpt)
{
	SYSCTL(s, get_pmstat);
	struct pm_cx_stat *cx = &s.u.get_pmstat.u.getcx;
	const size_t u64 = sizeof(uint64_t);
	xc_hypercall_buffer_t bt = XC_BOUNCE(cxpt->triggers, cxpt->nr * u64, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t br = XC_BOUNCE(cxpt->residencies, cxpt->nr * u64, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bp = XC_BOUNCE(cxpt->pc, cxpt->nr_pc * u64, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bc = XC_BOUNCE(cxpt->cc, cxpt->nr_cc * u64, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &bt, &br, &bp, &bc };
	int rc;

	if (xc_bounce_all(xch, all, 4))
		return -1;
	cx->nr = cxpt->nr;
	cx->nr_pc = cxpt->nr_pc;
	cx->nr_cc = cxpt->nr_cc;
	set_handle(cx->triggers, bt);
	set_handle(cx->residencies, br);
	set_handle(cx->pc, bp);
	set_handle(cx->cc, bc);
	rc = pmstat(xch, &s, PMSTAT_get_cxstat, cpuid);
	xc_unbounce_all(xch, all, 4);
	if (rc)
		return rc;
	cxpt->nr = cx->nr;
	cxpt->last = cx->last;
	cxpt->idle_time = cx->idle_time;
	cxpt->nr_pc = cx->nr_pc;
	cxpt->nr_cc = cx->nr_cc;
	return 0;
}

int xc_pm_reset_cxstat(xc_interface *xch, int cpuid)
{
	SYSCTL(s, get_pmstat);

	return pmstat(xch, &s, PMSTAT_reset_cxstat, cpuid);
}

/* --- governors and limits */

static int pm_op(xc_interface *xch, struct xen_sysctl *s, uint32_t cmd, int cpu)
{
	s->u.pm_op.cmd = cmd;
	s->u.pm_op.cpuid = (uint32_t)cpu;
	return xc_do_sysctl(xch, s);
}

static void copy_para(struct xc_get_cpufreq_para *out, const struct xen_get_cpufreq_para *in)
{
	out->cpuinfo_cur_freq = in->cpuinfo_cur_freq;
	out->cpuinfo_max_freq = in->cpuinfo_max_freq;
	out->cpuinfo_min_freq = in->cpuinfo_min_freq;
	out->scaling_cur_freq = in->scaling_cur_freq;
	out->scaling_max_freq = in->scaling_max_freq;
	out->scaling_min_freq = in->scaling_min_freq;
	out->turbo_enabled = in->turbo_enabled;
	memcpy(out->scaling_driver, in->scaling_driver, sizeof(out->scaling_driver));
	memcpy(out->scaling_governor, in->scaling_governor, sizeof(out->scaling_governor));
	memcpy(&out->u, &in->u, sizeof(out->u));
}

/* With all counts zero, only they are returned, by -EAGAIN. */
int xc_get_cpufreq_para(xc_interface *xch, int cpuid, struct xc_get_cpufreq_para *user_para)
{
	SYSCTL(s, pm_op);
	struct xen_get_cpufreq_para *p = &s.u.pm_op.u.get_para;
	struct xc_get_cpufreq_para *u = user_para;
	xc_hypercall_buffer_t ba = XC_BOUNCE(u->affected_cpus, u->cpu_num * sizeof(uint32_t), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t bf =
		XC_BOUNCE(u->scaling_available_frequencies, u->freq_num * sizeof(uint32_t), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t bg =
		XC_BOUNCE(u->scaling_available_governors, u->gov_num * CPUFREQ_NAME_LEN, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &ba, &bf, &bg };
	int rc;

	if (xc_bounce_all(xch, all, 3))
		return -1;
	p->cpu_num = u->cpu_num;
	p->freq_num = u->freq_num;
	p->gov_num = u->gov_num;
	set_handle(p->affected_cpus, ba);
	set_handle(p->scaling_available_frequencies, bf);
	set_handle(p->scaling_available_governors, bg);
	rc = pm_op(xch, &s, GET_CPUFREQ_PARA, cpuid);
	xc_unbounce_all(xch, all, 3);
	if (rc && errno == EAGAIN) {
		u->cpu_num = p->cpu_num;
		u->freq_num = p->freq_num;
		u->gov_num = p->gov_num;
	} else if (!rc) {
		copy_para(u, p);
	}
	return rc;
}

int xc_set_cpufreq_gov(xc_interface *xch, int cpuid, char *govname)
{
	SYSCTL(s, pm_op);

	if (strlen(govname) >= CPUFREQ_NAME_LEN) {
		errno = EINVAL;
		return -1;
	}
	strcpy(s.u.pm_op.u.set_gov.scaling_governor, govname);
	return pm_op(xch, &s, SET_CPUFREQ_GOV, cpuid);
}

int xc_set_cpufreq_para(xc_interface *xch, int cpuid, int ctrl_type, int ctrl_value)
{
	SYSCTL(s, pm_op);

	s.u.pm_op.u.set_para.ctrl_type = (uint32_t)ctrl_type;
	s.u.pm_op.u.set_para.ctrl_value = (uint32_t)ctrl_value;
	return pm_op(xch, &s, SET_CPUFREQ_PARA, cpuid);
}

int xc_get_cpufreq_avgfreq(xc_interface *xch, int cpuid, int *avg_freq)
{
	SYSCTL(s, pm_op);
	int rc = pm_op(xch, &s, GET_CPUFREQ_AVGFREQ, cpuid);

	*avg_freq = (int)s.u.pm_op.u.get_avgfreq;
	return rc;
}

int xc_set_sched_opt_smt(xc_interface *xch, uint32_t value)
{
	SYSCTL(s, pm_op);

	s.u.pm_op.u.set_sched_opt_smt = value;
	return pm_op(xch, &s, XEN_SYSCTL_pm_op_set_sched_opt_smt, 0);
}

/* type 0: C state, 1: sub-state of it. */
static int get_cstate(xc_interface *xch, uint32_t type, uint32_t *value)
{
	SYSCTL(s, pm_op);
	int rc = pm_op(xch, &s, XEN_SYSCTL_pm_op_get_max_cstate, (int)type);

	*value = s.u.pm_op.u.get_max_cstate;
	return rc;
}

static int set_cstate(xc_interface *xch, uint32_t type, uint32_t value)
{
	SYSCTL(s, pm_op);

	s.u.pm_op.u.set_max_cstate = value;
	return pm_op(xch, &s, XEN_SYSCTL_pm_op_set_max_cstate, (int)type);
}

int xc_get_cpuidle_max_cstate(xc_interface *xch, uint32_t *value)
{
	return get_cstate(xch, 0, value);
}

int xc_get_cpuidle_max_csubstate(xc_interface *xch, uint32_t *value)
{
	return get_cstate(xch, 1, value);
}

int xc_set_cpuidle_max_cstate(xc_interface *xch, uint32_t value)
{
	return set_cstate(xch, 0, value);
}

int xc_set_cpuidle_max_csubstate(xc_interface *xch, uint32_t value)
{
	return set_cstate(xch, 1, value);
}

int xc_enable_turbo(xc_interface *xch, int cpuid)
{
	SYSCTL(s, pm_op);

	return pm_op(xch, &s, XEN_SYSCTL_pm_op_enable_turbo, cpuid);
}

int xc_disable_turbo(xc_interface *xch, int cpuid)
{
	SYSCTL(s, pm_op);

	return pm_op(xch, &s, XEN_SYSCTL_pm_op_disable_turbo, cpuid);
}
