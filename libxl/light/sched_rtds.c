/* SPDX-License-Identifier: LGPL-2.1-only */
/* The RTDS scheduler: period and budget of each vCPU, in microseconds. The only one that has more than a share for a domain. */
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "scheduler.h"

typedef struct xen_domctl_schedparam_vcpu vcpu_params;

/* What is -1 stays as it is. */
static void merge(struct xen_domctl_sched_rtds *to, int period, int budget, int extratime)
{
	if (period != LIBXL_DOMAIN_SCHED_PARAM_PERIOD_DEFAULT)
		to->period = (uint32_t)period;
	if (budget != LIBXL_DOMAIN_SCHED_PARAM_BUDGET_DEFAULT)
		to->budget = (uint32_t)budget;
	if (extratime != LIBXL_DOMAIN_SCHED_PARAM_EXTRATIME_DEFAULT)
		to->flags = extratime ? to->flags | XEN_DOMCTL_SCHEDRT_extra : to->flags & ~XEN_DOMCTL_SCHEDRT_extra;
}

static int check(libxl_ctx *ctx, uint32_t domid, const struct xen_domctl_sched_rtds *p)
{
	if (!p->period || !p->budget || p->period > INT32_MAX || p->budget > p->period) {
		LOGD(ctx, ERROR, domid, "a budget of %d us in each period of %d us is not within 1 us and the period",
			(int)p->budget, (int)p->period);
		return ERROR_INVAL;
	}
	return 0;
}

int sched_rtds_domain_get(libxl_ctx *ctx, uint32_t domid, libxl_domain_sched_params *params)
{
	struct xen_domctl_sched_rtds s = { 0 };

	if (xc_sched_rtds_domain_get(ctx->xch, domid, &s)) {
		LOGED(ctx, ERROR, domid, "cannot read its scheduling parameters");
		return ERROR_FAIL;
	}
	params->period = (int)s.period;
	params->budget = (int)s.budget;
	params->extratime = !!(s.flags & XEN_DOMCTL_SCHEDRT_extra);
	return 0;
}

int sched_rtds_domain_set(libxl_ctx *ctx, uint32_t domid, const libxl_domain_sched_params *params)
{
	struct xen_domctl_sched_rtds s = { 0 };
	int rc;

	if (xc_sched_rtds_domain_get(ctx->xch, domid, &s)) {
		LOGED(ctx, ERROR, domid, "cannot read its scheduling parameters");
		return ERROR_FAIL;
	}
	merge(&s, params->period, params->budget, params->extratime);
	rc = check(ctx, domid, &s);
	if (!rc && xc_sched_rtds_domain_set(ctx->xch, domid, &s)) {
		LOGED(ctx, ERROR, domid, "cannot set its scheduling parameters");
		rc = ERROR_FAIL;
	}
	return rc;
}

/* How many vCPUs it has. An error where there are no parameters for each. */
static int vcpus_of(libxl_ctx *ctx, uint32_t domid, uint32_t *count)
{
	xc_domaininfo_t info;
	libxl_scheduler s = sched_of_domain(ctx, domid);
	int rc;

	if (s != LIBXL_SCHEDULER_RTDS) {
		LOGD(ctx, ERROR, domid, "no such domain, or a scheduler without parameters for each vCPU: only rtds has them");
		return ERROR_INVAL;
	}
	rc = domain_get(ctx, domid, &info);
	*count = rc ? 0 : info.max_vcpu_id + 1;
	return rc;
}

static int read_vcpus(libxl_ctx *ctx, uint32_t domid, vcpu_params *list, uint32_t count)
{
	if (!xc_sched_rtds_vcpu_get(ctx->xch, domid, list, count))
		return 0;
	LOGED(ctx, ERROR, domid, "cannot read the scheduling parameters of its vCPUs");
	return ERROR_FAIL;
}

static int write_vcpus(libxl_ctx *ctx, uint32_t domid, vcpu_params *list, uint32_t count)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < count; i++)
		rc = check(ctx, domid, &list[i].u.rtds);
	if (!rc && xc_sched_rtds_vcpu_set(ctx->xch, domid, list, count)) {
		LOGED(ctx, ERROR, domid, "cannot set the scheduling parameters of its vCPUs");
		rc = ERROR_FAIL;
	}
	return rc;
}

static int check_numbers(libxl_ctx *ctx, uint32_t domid, const libxl_vcpu_sched_params *params, uint32_t have)
{
	int i;

	for (i = 0; i < params->num_vcpus; i++)
		if (params->vcpus[i].vcpuid < 0 || (uint32_t)params->vcpus[i].vcpuid >= have) {
			LOGD(ctx, ERROR, domid, "it has no vCPU %d, only 0 to %u", params->vcpus[i].vcpuid, have - 1);
			return ERROR_INVAL;
		}
	return 0;
}

static void give(libxl_sched_params *to, const vcpu_params *from)
{
	to->vcpuid = (int)from->vcpuid;
	to->period = (int)from->u.rtds.period;
	to->budget = (int)from->u.rtds.budget;
	to->extratime = !!(from->u.rtds.flags & XEN_DOMCTL_SCHEDRT_extra);
}

/* Those that params names, as they are. */
static int read_named(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const libxl_vcpu_sched_params *params,
	vcpu_params **list_r)
{
	uint32_t have;
	vcpu_params *list;
	int i, rc = vcpus_of(ctx, domid, &have);

	if (!rc)
		rc = check_numbers(ctx, domid, params, have);
	if (rc)
		return rc;
	list = *list_r = gc_zalloc(gc, ((size_t)params->num_vcpus + 1) * sizeof(*list));
	for (i = 0; i < params->num_vcpus; i++)
		list[i].vcpuid = (uint32_t)params->vcpus[i].vcpuid;
	return read_vcpus(ctx, domid, list, (uint32_t)params->num_vcpus);
}

int libxl_vcpu_sched_params_get(libxl_ctx *ctx, uint32_t domid, libxl_vcpu_sched_params *params)
{
	XL_GC(gc);
	vcpu_params *list;
	int i, rc;

	XL_ENTER(ctx);
	rc = read_named(ctx, &gc, domid, params, &list);
	if (rc)
		return rc;
	for (i = 0; i < params->num_vcpus; i++)
		give(&params->vcpus[i], &list[i]);
	params->sched = LIBXL_SCHEDULER_RTDS;
	return 0;
}

int libxl_vcpu_sched_params_get_all(libxl_ctx *ctx, uint32_t domid, libxl_vcpu_sched_params *params)
{
	uint32_t have, i;
	int rc;

	XL_ENTER(ctx);
	rc = vcpus_of(ctx, domid, &have);
	if (rc)
		return rc;
	libxl_vcpu_sched_params_dispose(params);
	libxl_vcpu_sched_params_init(params);
	params->vcpus = xl_zalloc(have * sizeof(*params->vcpus));
	params->num_vcpus = (int)have;
	for (i = 0; i < have; i++) {
		libxl_sched_params_init(&params->vcpus[i]);
		params->vcpus[i].vcpuid = (int)i;
	}
	return libxl_vcpu_sched_params_get(ctx, domid, params);
}

int libxl_vcpu_sched_params_set(libxl_ctx *ctx, uint32_t domid, const libxl_vcpu_sched_params *params)
{
	XL_GC(gc);
	vcpu_params *list;
	int i, rc;

	XL_ENTER(ctx);
	rc = read_named(ctx, &gc, domid, params, &list);
	if (rc)
		return rc;
	for (i = 0; i < params->num_vcpus; i++)
		merge(&list[i].u.rtds, params->vcpus[i].period, params->vcpus[i].budget, params->vcpus[i].extratime);
	return write_vcpus(ctx, domid, list, (uint32_t)params->num_vcpus);
}

/* The ABI: one entry, for all of them. */
int libxl_vcpu_sched_params_set_all(libxl_ctx *ctx, uint32_t domid, const libxl_vcpu_sched_params *params)
{
	XL_GC(gc);
	const libxl_sched_params *p = params->vcpus;
	vcpu_params *list;
	uint32_t have, i;
	int rc;

	XL_ENTER(ctx);
	rc = vcpus_of(ctx, domid, &have);
	if (rc)
		return rc;
	if (params->num_vcpus != 1) {
		LOGD(ctx, ERROR, domid, "parameters for all vCPUs are one set, not %d", params->num_vcpus);
		return ERROR_INVAL;
	}
	list = gc_zalloc(&gc, have * sizeof(*list));
	for (i = 0; i < have; i++)
		list[i].vcpuid = i;
	rc = read_vcpus(ctx, domid, list, have);
	for (i = 0; i < have; i++)
		merge(&list[i].u.rtds, p->period, p->budget, p->extratime);
	return rc ? rc : write_vcpus(ctx, domid, list, have);
}
