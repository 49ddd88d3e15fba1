// SPDX-License-Identifier: LGPL-2.1-only
/* Cache monitoring and allocation (Intel RDT). */
#include "ctrl_internal.h"

#define MSR_QM_EVTSEL 0xc8d
#define MSR_QM_CTR    0xc8e
#define QM_UNAVAIL    (1ULL << 62)
#define QM_ERROR      (1ULL << 63)

enum { EVT_L3_OCCUPANCY = 1, EVT_TOTAL_MEM = 2, EVT_LOCAL_MEM = 3 };

static int domain_cmt(xc_interface *xch, uint32_t domid, uint32_t cmd, uint32_t *data)
{
	DOMCTL(d, psr_cmt_op, domid);
	int rc;

	d.u.psr_cmt_op.cmd = cmd;
	rc = xc_do_domctl(xch, &d);
	if (!rc && data)
		*data = d.u.psr_cmt_op.data;
	return rc;
}

int xc_psr_cmt_attach(xc_interface *xch, uint32_t domid)
{
	return domain_cmt(xch, domid, XEN_DOMCTL_PSR_CMT_OP_ATTACH, NULL);
}

int xc_psr_cmt_detach(xc_interface *xch, uint32_t domid)
{
	return domain_cmt(xch, domid, XEN_DOMCTL_PSR_CMT_OP_DETACH, NULL);
}

int xc_psr_cmt_get_domain_rmid(xc_interface *xch, uint32_t domid, uint32_t *rmid)
{
	return domain_cmt(xch, domid, XEN_DOMCTL_PSR_CMT_OP_QUERY_RMID, rmid);
}

static int host_cmt(xc_interface *xch, uint32_t cmd, uint32_t cpu, uint32_t *value)
{
	SYSCTL(s, psr_cmt_op);
	int rc;

	s.u.psr_cmt_op.cmd = cmd;
	s.u.psr_cmt_op.u.l3_cache.cpu = cpu;
	rc = xc_do_sysctl(xch, &s);
	if (!rc && value)
		*value = (uint32_t)s.u.psr_cmt_op.u.data;
	return rc;
}

int xc_psr_cmt_get_total_rmid(xc_interface *xch, uint32_t *total_rmid)
{
	return host_cmt(xch, XEN_SYSCTL_PSR_CMT_get_total_rmid, 0, total_rmid);
}

int xc_psr_cmt_get_l3_upscaling_factor(xc_interface *xch, uint32_t *upscaling_factor)
{
	return host_cmt(xch, XEN_SYSCTL_PSR_CMT_get_l3_upscaling_factor, 0, upscaling_factor);
}

int xc_psr_cmt_get_l3_event_mask(xc_interface *xch, uint32_t *event_mask)
{
	return host_cmt(xch, XEN_SYSCTL_PSR_CMT_get_l3_event_mask, 0, event_mask);
}

int xc_psr_cmt_get_l3_cache_size(xc_interface *xch, uint32_t cpu, uint32_t *l3_cache_size)
{
	return host_cmt(xch, XEN_SYSCTL_PSR_CMT_get_l3_cache_size, cpu, l3_cache_size);
}

int xc_psr_cmt_enabled(xc_interface *xch)
{
	uint32_t on;

	return host_cmt(xch, XEN_SYSCTL_PSR_CMT_enabled, 0, &on) ? 0 : (int)on;
}

/* Select an event for a monitoring id, read its counter, and the TSC if asked, on one CPU. */
int xc_psr_cmt_get_data(xc_interface *xch, uint32_t rmid, uint32_t cpu, xc_psr_cmt_type type,
			uint64_t *monitor_data, uint64_t *tsc)
{
	static const uint32_t events[] = {
		[XC_PSR_CMT_L3_OCCUPANCY] = EVT_L3_OCCUPANCY,
		[XC_PSR_CMT_TOTAL_MEM_COUNT] = EVT_TOTAL_MEM,
		[XC_PSR_CMT_LOCAL_MEM_COUNT] = EVT_LOCAL_MEM,
	};
	xc_resource_entry_t e[3] = {
		{ .u.cmd = XEN_RESOURCE_OP_MSR_WRITE, .idx = MSR_QM_EVTSEL },
		{ .u.cmd = XEN_RESOURCE_OP_MSR_READ, .idx = MSR_QM_CTR },
		{ .u.cmd = XEN_RESOURCE_OP_MSR_READ, .idx = 0x10 }, /* the TSC */
	};
	xc_resource_op_t op = { .cpu = cpu, .nr_entries = tsc ? 3 : 2, .entries = e };

	if ((size_t)type >= ARRAY_SIZE(events)) {
		errno = EINVAL;
		return -1;
	}
	e[0].val = (uint64_t)rmid << 32 | events[type];
	if (xc_resource_op(xch, 1, &op))
		return -1;
	if ((int64_t)op.result < (int64_t)op.nr_entries || e[1].val & (QM_UNAVAIL | QM_ERROR)) {
		errno = (int64_t)op.result < 0 ? (int)-(int64_t)op.result : EIO;
		return -1;
	}
	*monitor_data = e[1].val;
	if (tsc)
		*tsc = e[2].val;
	return 0;
}

/* --- allocation */

static const struct {
	uint32_t set, get;
} commands[] = {
	[XC_PSR_CAT_L3_CBM] = { XEN_DOMCTL_PSR_SET_L3_CBM, XEN_DOMCTL_PSR_GET_L3_CBM },
	[XC_PSR_CAT_L3_CBM_CODE] = { XEN_DOMCTL_PSR_SET_L3_CODE, XEN_DOMCTL_PSR_GET_L3_CODE },
	[XC_PSR_CAT_L3_CBM_DATA] = { XEN_DOMCTL_PSR_SET_L3_DATA, XEN_DOMCTL_PSR_GET_L3_DATA },
	[XC_PSR_CAT_L2_CBM] = { XEN_DOMCTL_PSR_SET_L2_CBM, XEN_DOMCTL_PSR_GET_L2_CBM },
	[XC_PSR_MBA_THRTL] = { XEN_DOMCTL_PSR_SET_MBA_THRTL, XEN_DOMCTL_PSR_GET_MBA_THRTL },
};

static bool known(xc_psr_type type)
{
	if (type >= XC_PSR_CAT_L3_CBM && (size_t)type < ARRAY_SIZE(commands))
		return true;
	errno = EINVAL;
	return false;
}

int xc_psr_set_domain_data(xc_interface *xch, uint32_t domid, xc_psr_type type, uint32_t target, uint64_t data)
{
	DOMCTL(d, psr_alloc, domid);

	if (!known(type))
		return -1;
	d.u.psr_alloc.cmd = commands[type].set;
	d.u.psr_alloc.target = target;
	d.u.psr_alloc.data = data;
	return xc_do_domctl(xch, &d);
}

int xc_psr_get_domain_data(xc_interface *xch, uint32_t domid, xc_psr_type type, uint32_t target,
			   uint64_t *data)
{
	DOMCTL(d, psr_alloc, domid);
	int rc;

	if (!known(type))
		return -1;
	d.u.psr_alloc.cmd = commands[type].get;
	d.u.psr_alloc.target = target;
	rc = xc_do_domctl(xch, &d);
	if (!rc)
		*data = d.u.psr_alloc.data;
	return rc;
}

int xc_psr_get_hw_info(xc_interface *xch, uint32_t socket, xc_psr_feat_type type, xc_psr_hw_info *hw_info)
{
	static const uint32_t ops[] = {
		[XC_PSR_CAT_L3] = XEN_SYSCTL_PSR_get_l3_info,
		[XC_PSR_CAT_L2] = XEN_SYSCTL_PSR_get_l2_info,
		[XC_PSR_MBA] = XEN_SYSCTL_PSR_get_mba_info,
	};
	SYSCTL(s, psr_alloc);
	int rc;

	if (!hw_info || (size_t)type >= ARRAY_SIZE(ops)) {
		errno = EINVAL;
		return -1;
	}
	s.u.psr_alloc.cmd = ops[type];
	s.u.psr_alloc.target = socket;
	rc = xc_do_sysctl(xch, &s);
	if (rc)
		return rc;
	if (type == XC_PSR_MBA) {
		hw_info->mba.cos_max = s.u.psr_alloc.u.mba_info.cos_max;
		hw_info->mba.thrtl_max = s.u.psr_alloc.u.mba_info.thrtl_max;
		hw_info->mba.linear = !!(s.u.psr_alloc.u.mba_info.flags & XEN_SYSCTL_PSR_MBA_LINEAR);
	} else {
		hw_info->cat.cos_max = s.u.psr_alloc.u.cat_info.cos_max;
		hw_info->cat.cbm_len = s.u.psr_alloc.u.cat_info.cbm_len;
		hw_info->cat.cdp_enabled =
			type == XC_PSR_CAT_L3 && s.u.psr_alloc.u.cat_info.flags & XEN_SYSCTL_PSR_CAT_L3_CDP;
	}
	return 0;
}
