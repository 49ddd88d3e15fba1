/* SPDX-License-Identifier: LGPL-2.1-only */
/* Schedulers: credit2 and, where a hypervisor has them, credit and RTDS. */
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "scheduler.h"

int libxl_get_scheduler(libxl_ctx *ctx)
{
	int id;

	XL_ENTER(ctx);
	if (!xc_sched_id(ctx->xch, &id))
		return id;
	LOGE(ctx, ERROR, "the hypervisor does not name its scheduler");
	return ERROR_FAIL;
}

libxl_scheduler sched_of_domain(libxl_ctx *ctx, uint32_t domid)
{
	xc_domaininfo_t info;
	xc_cpupoolinfo_t *pool;
	libxl_scheduler s = LIBXL_SCHEDULER_UNKNOWN;

	if (domain_get(ctx, domid, &info))
		return s;
	pool = xc_cpupool_getinfo(ctx->xch, info.cpupool);
	if (pool && pool->cpupool_id == info.cpupool)
		s = (libxl_scheduler)pool->sched_id;
	if (pool)
		xc_cpupool_infofree(ctx->xch, pool);
	return s;
}

/* credit and credit2 have the same two numbers, behind different calls. */
static int get_share(libxl_ctx *ctx, uint32_t domid, libxl_scheduler s, int *weight, int *cap)
{
	struct xen_domctl_sched_credit c1 = { 0 };
	struct xen_domctl_sched_credit2 c2 = { 0 };
	int r;

	if (s == LIBXL_SCHEDULER_CREDIT2)
		r = xc_sched_credit2_domain_get(ctx->xch, domid, &c2);
	else
		r = xc_sched_credit_domain_get(ctx->xch, domid, &c1);
	if (r) {
		LOGED(ctx, ERROR, domid, "cannot read its scheduling parameters");
		return ERROR_FAIL;
	}
	*weight = s == LIBXL_SCHEDULER_CREDIT2 ? c2.weight : c1.weight;
	*cap = s == LIBXL_SCHEDULER_CREDIT2 ? c2.cap : c1.cap;
	return 0;
}

static int set_share(libxl_ctx *ctx, uint32_t domid, libxl_scheduler s, int weight, int cap)
{
	struct xen_domctl_sched_credit c1 = { .weight = (uint16_t)weight, .cap = (uint16_t)cap };
	struct xen_domctl_sched_credit2 c2 = { .weight = (uint16_t)weight, .cap = (uint16_t)cap };
	int r;

	if (s == LIBXL_SCHEDULER_CREDIT2)
		r = xc_sched_credit2_domain_set(ctx->xch, domid, &c2);
	else
		r = xc_sched_credit_domain_set(ctx->xch, domid, &c1);
	if (!r)
		return 0;
	LOGED(ctx, ERROR, domid, "cannot set weight %d and cap %d", weight, cap);
	return ERROR_FAIL;
}

static bool has_share(libxl_scheduler s)
{
	return s == LIBXL_SCHEDULER_CREDIT2 || s == LIBXL_SCHEDULER_CREDIT;
}

int libxl_domain_sched_params_get(libxl_ctx *ctx, uint32_t domid, libxl_domain_sched_params *params)
{
	XL_ENTER(ctx);
	libxl_domain_sched_params_init(params);
	params->sched = sched_of_domain(ctx, domid);
	if (params->sched == LIBXL_SCHEDULER_RTDS)
		return sched_rtds_domain_get(ctx, domid, params);
	if (!has_share(params->sched)) {
		LOGD(ctx, ERROR, domid, "no such domain, or a scheduler without parameters");
		return ERROR_INVAL;
	}
	return get_share(ctx, domid, params->sched, &params->weight, &params->cap);
}

int libxl_domain_sched_params_set(libxl_ctx *ctx, uint32_t domid,
	const libxl_domain_sched_params *params)
{
	xc_domaininfo_t info;
	libxl_scheduler s;
	int weight, cap, most, rc;

	XL_ENTER(ctx);
	s = params->sched == LIBXL_SCHEDULER_UNKNOWN ? sched_of_domain(ctx, domid) : params->sched;
	if (s == LIBXL_SCHEDULER_RTDS)
		return sched_rtds_domain_set(ctx, domid, params);
	if (!has_share(s)) {
		LOGD(ctx, ERROR, domid, "no such domain, or a scheduler without parameters");
		return ERROR_INVAL;
	}
	rc = domain_get(ctx, domid, &info);
	if (!rc)
		rc = get_share(ctx, domid, s, &weight, &cap);
	if (rc)
		return rc;
	if (params->weight != LIBXL_DOMAIN_SCHED_PARAM_WEIGHT_DEFAULT)
		weight = params->weight;
	if (params->cap != LIBXL_DOMAIN_SCHED_PARAM_CAP_DEFAULT)
		cap = params->cap;
	most = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 65535 : 100 * ((int)info.max_vcpu_id + 1);
	if (weight < 1 || weight > 65535) {
		LOGD(ctx, ERROR, domid, "a weight of %d is not within 1 to 65535", weight);
		return ERROR_INVAL;
	}
	if (cap < 0 || cap > most) {
		LOGD(ctx, ERROR, domid, "a cap of %d is not within 0 (none) to %d, 100 for each vCPU", cap, most);
		return ERROR_INVAL;
	}
	return set_share(ctx, domid, s, weight, cap);
}

int libxl_sched_credit2_params_get(libxl_ctx *ctx, uint32_t poolid, libxl_sched_credit2_params *scinfo)
{
	struct xen_sysctl_credit2_schedule s = { 0 };

	XL_ENTER(ctx);
	libxl_sched_credit2_params_init(scinfo);
	if (xc_sched_credit2_params_get(ctx->xch, poolid, &s)) {
		LOGE(ctx, ERROR, "cannot read the scheduling parameters of CPU pool %u", poolid);
		return ERROR_FAIL;
	}
	scinfo->ratelimit_us = (int)s.ratelimit_us;
	return 0;
}

int libxl_sched_credit2_params_set(libxl_ctx *ctx, uint32_t poolid, libxl_sched_credit2_params *scinfo)
{
	struct xen_sysctl_credit2_schedule s = { .ratelimit_us = (uint32_t)scinfo->ratelimit_us };

	XL_ENTER(ctx);
	if (scinfo->ratelimit_us && (scinfo->ratelimit_us < XEN_SYSCTL_SCHED_RATELIMIT_MIN ||
	    scinfo->ratelimit_us > XEN_SYSCTL_SCHED_RATELIMIT_MAX)) {
		LOGX(ctx, ERROR, "a rate limit of %d us is not within %d to %d, nor 0 (off)",
			scinfo->ratelimit_us, XEN_SYSCTL_SCHED_RATELIMIT_MIN, XEN_SYSCTL_SCHED_RATELIMIT_MAX);
		return ERROR_INVAL;
	}
	if (xc_sched_credit2_params_set(ctx->xch, poolid, &s)) {
		LOGE(ctx, ERROR, "cannot set the scheduling parameters of CPU pool %u", poolid);
		return ERROR_FAIL;
	}
	scinfo->ratelimit_us = (int)s.ratelimit_us;
	return 0;
}

int libxl_sched_credit_params_get(libxl_ctx *ctx, uint32_t poolid, libxl_sched_credit_params *scinfo)
{
	struct xen_sysctl_credit_schedule s = { 0 };

	XL_ENTER(ctx);
	libxl_sched_credit_params_init(scinfo);
	if (xc_sched_credit_params_get(ctx->xch, poolid, &s)) {
		LOGE(ctx, ERROR, "cannot read the credit parameters of CPU pool %u: is credit its scheduler?",
			poolid);
		return ERROR_FAIL;
	}
	scinfo->tslice_ms = (int)s.tslice_ms;
	scinfo->ratelimit_us = (int)s.ratelimit_us;
	scinfo->vcpu_migr_delay_us = (int)s.vcpu_migr_delay_us;
	return 0;
}

int libxl_sched_credit_params_set(libxl_ctx *ctx, uint32_t poolid, libxl_sched_credit_params *scinfo)
{
	struct xen_sysctl_credit_schedule s = {
		.tslice_ms = (uint32_t)scinfo->tslice_ms, .ratelimit_us = (uint32_t)scinfo->ratelimit_us,
		.vcpu_migr_delay_us = (uint32_t)scinfo->vcpu_migr_delay_us,
	};

	XL_ENTER(ctx);
	if (!xc_sched_credit_params_set(ctx->xch, poolid, &s))
		return 0;
	LOGE(ctx, ERROR, "cannot set the credit parameters of CPU pool %u: is credit its scheduler?", poolid);
	return ERROR_FAIL;
}
