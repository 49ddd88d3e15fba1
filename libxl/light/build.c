/* SPDX-License-Identifier: LGPL-2.1-only */
/* The domain itself: made in the hypervisor, given memory and vCPUs, its kernel loaded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h>
#include <xenguest.h>

#include "cpuid.h"
#include "create.h"
#include "domain.h"
#include "worker.h"

#define UNPACKED_LEAST_KB (64U << 10)

static int refused(struct create *c, const char *what)
{
	LOGED(c->op->ctx, ERROR, c->domid, "cannot %s", what);
	return ERROR_FAIL;
}

/* libxenguest knows what is wrong with what it was given. */
static int build_failed(struct create *c, const char *what, const char *advice)
{
	libxl_ctx *ctx = c->op->ctx;
	const char *why = xc_get_last_error(ctx->xch)->message;

	if (!why[0])
		return refused(c, what);
	LOGD(ctx, ERROR, c->domid, "cannot %s: %s%s%s", what, why, advice ? ": " : "", advice ? advice : "");
	return ERROR_FAIL;
}

/* What the hypervisor may mean by refusing a domain. */
static const char *why_refused(int e)
{
	switch (e) {
	case ENOMEM:
		return ": it has no memory left for another one: stop a domain, or shrink Domain 0 with mem-set";
	case EEXIST:
		return ": its number is taken";
	case EINVAL:
		return ": one of max_event_channels=, max_grant_frames=, max_maptrack_frames= or maxvcpus= is out of its range";
	default:
		return "";
	}
}

static uint32_t wanted_domid(const struct create *c)
{
	uint32_t d = c->given->c_info.domid;

	return libxl_domid_valid_guest(d) ? d : 0;
}

int create_domain(struct xl_op *op, void *state)
{
	struct create *c = state;
	const libxl_domain_create_info *i = &c->full.c_info;
	const libxl_domain_build_info *b = &c->full.b_info;
	struct xen_domctl_createdomain config = {
		.ssidref = i->ssidref, .max_vcpus = (uint32_t)b->max_vcpus,
		.max_evtchn_port = b->event_channels, .max_grant_frames = (int32_t)b->max_grant_frames,
		.max_maptrack_frames = (int32_t)b->max_maptrack_frames,
		.grant_opts = XEN_DOMCTL_GRANT_version((uint32_t)b->max_grant_version),
		.cpupool_id = c->poolid,
		.flags = libxl_defbool_val(b->vpmu) ? XEN_DOMCTL_CDF_vpmu : 0,
		.arch.misc_flags = libxl_defbool_val(b->arch_x86.msr_relaxed) ? XEN_X86_MSR_RELAXED : 0,
	};
	uint32_t domid = wanted_domid(c);

	memcpy(config.handle, i->uuid.uuid, sizeof(config.handle));
	if (xc_domain_create(op->ctx->xch, &domid, &config)) {
		LOGX(op->ctx, ERROR, "the hypervisor refuses to make it: %s%s", strerror(errno), why_refused(errno));
		return ERROR_FAIL;
	}
	c->domid = op->domid = domid;
	c->exists = true;
	*c->domid_out = domid;
	return 0;
}

int build_policy(libxl_ctx *ctx, uint32_t domid, const libxl_domain_build_info *b, bool restore)
{
	/* An invariant TSC is promised only to a guest whose clock cannot change under it. */
	bool itsc = libxl_defbool_val(b->disable_migrate) || b->tsc_mode == LIBXL_TSC_MODE_ALWAYS_EMULATE;

	if (!xc_cpuid_apply_policy(ctx->xch, domid, restore, NULL, 0, true, itsc, false,
	    b->cpuid ? b->cpuid->leaves : NULL, b->cpuid ? b->cpuid->msrs : NULL))
		return 0;
	LOGED(ctx, ERROR, domid, "cannot set its CPUID policy%s",
		errno == ENOMEM ? "" : ": does cpuid= ask for more than this CPU has?");
	return ERROR_FAIL;
}

static int set_affinity(struct create *c)
{
	libxl_ctx *ctx = c->op->ctx;
	const libxl_domain_build_info *b = &c->full.b_info;
	int i, rc = 0;

	if (b->nodemap.size)
		rc = libxl_domain_set_nodeaffinity(ctx, c->domid, (libxl_bitmap *)&b->nodemap);
	if (!rc && b->cpumap.size && !libxl_bitmap_is_empty(&b->cpumap))
		rc = libxl_set_vcpuaffinity_all(ctx, c->domid, (unsigned)b->max_vcpus, &b->cpumap, NULL);
	for (i = 0; !rc && i < b->num_vcpu_hard_affinity && i < b->max_vcpus; i++)
		rc = libxl_set_vcpuaffinity(ctx, c->domid, (uint32_t)i, &b->vcpu_hard_affinity[i], NULL);
	for (i = 0; !rc && i < b->num_vcpu_soft_affinity && i < b->max_vcpus; i++)
		rc = libxl_set_vcpuaffinity(ctx, c->domid, (uint32_t)i, NULL, &b->vcpu_soft_affinity[i]);
	return rc;
}

static int set_permissions(struct create *c)
{
	xc_interface *xch = c->op->ctx->xch;
	const libxl_domain_build_info *b = &c->full.b_info;
	int i;

	for (i = 0; i < b->num_ioports; i++)
		if (xc_domain_ioport_permission(xch, c->domid, b->ioports[i].first, b->ioports[i].number, 1))
			return refused(c, "give it the I/O ports of ioports=");
	for (i = 0; i < b->num_irqs; i++) {
		int pirq = (int)b->irqs[i];

		/* The interrupt becomes one of the domain's own, under the same number. */
		if (xc_physdev_map_pirq(xch, c->domid, (int)b->irqs[i], &pirq) ||
		    xc_domain_irq_permission(xch, c->domid, (uint32_t)pirq, true))
			return refused(c, gc_printf(&c->op->gc, "give it the interrupt %u of irqs=", b->irqs[i]));
	}
	for (i = 0; i < b->num_iomem; i++)
		if (xc_domain_iomem_permission(xch, c->domid, b->iomem[i].start, b->iomem[i].number, 1))
			return refused(c, "give it the memory of iomem=");
	return 0;
}

static bool sched_given(const libxl_domain_sched_params *s)
{
	return s->weight != LIBXL_DOMAIN_SCHED_PARAM_WEIGHT_DEFAULT ||
		s->cap != LIBXL_DOMAIN_SCHED_PARAM_CAP_DEFAULT;
}

/* What a fresh and a restored domain share, before its memory arrives. */
static int prepare(struct create *c)
{
	libxl_ctx *ctx = c->op->ctx;
	xc_interface *xch = ctx->xch;
	const libxl_domain_build_info *b = &c->full.b_info;
	int rc, port;

	if (xc_domain_max_vcpus(xch, c->domid, (unsigned)b->max_vcpus))
		return refused(c, gc_printf(&c->op->gc, "give it %d vCPUs (see maxvcpus=)", b->max_vcpus));
	rc = set_affinity(c);
	if (!rc && sched_given(&b->sched_params))
		rc = libxl_domain_sched_params_set(ctx, c->domid, &b->sched_params);
	if (rc)
		return rc;
	if (xc_domain_setmaxmem(xch, c->domid, b->target_memkb + MAXMEM_SLACK_KB))
		return refused(c, "set its memory limit");
	if (xc_domain_set_memmap_limit(xch, c->domid, (unsigned long)(b->max_memkb + b->u.pv.slack_memkb)))
		return refused(c, "set the size of its memory map");
	if (xc_domain_set_tsc_info(xch, c->domid, (uint32_t)b->tsc_mode, 0, 0, 0))
		return refused(c, "set its TSC mode");
	if (b->rtc_timeoffset && xc_domain_set_time_offset(xch, c->domid, (int32_t)b->rtc_timeoffset))
		return refused(c, "set the offset of its clock");
	rc = set_permissions(c);
	if (rc)
		return rc;
	port = xc_evtchn_alloc_unbound(xch, c->domid, 0);
	if (port < 0)
		return refused(c, "make the event channel to xenstored");
	c->store_port = (unsigned)port;
	port = xc_evtchn_alloc_unbound(xch, c->domid, 0);
	if (port < 0)
		return refused(c, "make the event channel of its console");
	c->console_port = (unsigned)port;
	return 0;
}

static int too_big(struct create *c)
{
	uint64_t free_kb = 0, want = c->full.b_info.target_memkb + 2048;
	int e = errno;

	libxl_get_free_memory(c->op->ctx, &free_kb);
	if (free_kb < want)
		LOGD(c->op->ctx, ERROR, c->domid, "it needs %llu MiB, but only %llu MiB are free: lower memory=, or "
			"take some from another domain with mem-set", (unsigned long long)(want >> 10),
			(unsigned long long)(free_kb >> 10));
	else {
		errno = e;
		LOGED(c->op->ctx, ERROR, c->domid, "cannot give it its memory");
	}
	return ERROR_NOMEM;
}

/* Domain 0's, in KiB; without an answer no reason to refuse anything. */
static uint64_t available_kb(void)
{
	unsigned long long kb = UINT64_MAX;
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];

	while (f && fgets(line, sizeof(line), f) && sscanf(line, "MemAvailable: %llu kB", &kb) != 1)
		;
	if (f)
		fclose(f);
	return kb;
}

/*
 * A few kilobytes may unpack to anything, in Domain 0's memory: allow what the guest has (small ones
 * share kernels with big ones, hence the least), and what Domain 0 can spare.
 */
static const char *limit_unpacking(struct create *c, struct xc_dom_image *dom)
{
	const uint64_t memkb = c->full.b_info.target_memkb, spare = available_kb() / 4 * 3;
	uint64_t limit = memkb > UNPACKED_LEAST_KB ? memkb : UNPACKED_LEAST_KB;

	if (limit > XC_DOM_DECOMPRESS_MAX >> 10)
		limit = XC_DOM_DECOMPRESS_MAX >> 10;
	xc_dom_kernel_max_size(dom, (limit < spare ? limit : spare) << 10);
	if (spare < limit)
		return "Domain 0 has no memory to spare for that: correct kernel=, or stop what uses it";
	return gc_printf(&c->op->gc, "correct kernel=, or raise memory=%llu", (unsigned long long)memkb >> 10);
}

static int parse(struct create *c, struct xc_dom_image *dom)
{
	const char *smaller = limit_unpacking(c, dom);

	if (!xc_dom_parse_image(dom))
		return 0;
	return build_failed(c, gc_printf(&c->op->gc, "use %s as a PV kernel", c->kernel),
		errno == E2BIG ? smaller : "name one with kernel=");
}

static int load(struct create *c, struct xc_dom_image *dom)
{
	libxl_ctx *ctx = c->op->ctx;
	const libxl_domain_build_info *b = &c->full.b_info;
	int rc;

	dom->container_type = XC_DOM_PV_CONTAINER;
	dom->console_evtchn = c->console_port;
	dom->xenstore_evtchn = c->store_port;
	dom->console_domid = dom->xenstore_domid = 0;
	dom->claim_enabled = libxl_defbool_val(b->claim_mode);
	dom->max_vcpus = (unsigned)b->max_vcpus;
	if (xc_dom_kernel_file(dom, c->kernel))
		return build_failed(c, gc_printf(&c->op->gc, "load the kernel %s", c->kernel), "correct kernel=");
	if (c->ramdisk && c->ramdisk[0] && xc_dom_module_file(dom, c->ramdisk, NULL))
		return build_failed(c, gc_printf(&c->op->gc, "load the ramdisk %s", c->ramdisk), "correct ramdisk=");
	if (xc_dom_boot_xen_init(dom, ctx->xch, c->domid))
		return build_failed(c, "ask the hypervisor what it can run", NULL);
	rc = parse(c, dom);
	if (rc)
		return rc;
	if (xc_dom_mem_init(dom, (unsigned)(b->target_memkb >> 10)) || xc_dom_boot_mem_init(dom))
		return too_big(c);
	if (xc_dom_build_image(dom))
		return build_failed(c, "build its start image", errno == ENOMEM ? "raise memory=" : NULL);
	if (xc_dom_boot_image(dom))
		return build_failed(c, "start its first vCPU", NULL);
	if (xc_dom_gnttab_init(dom))
		return build_failed(c, "seed its grant table", NULL);
	return 0;
}

static int build_in_child(struct worker *w, libxl_ctx *ctx)
{
	struct create *c = w->arg;
	struct xc_dom_image *dom;
	int rc;

	xc_dom_loginit(ctx->xch);
	errno = 0;
	dom = xc_dom_allocate(ctx->xch, c->cmdline, NULL);
	if (!dom)
		return refused(c, "get memory for building it");
	rc = load(c, dom);
	if (!rc)
		worker_tell(w, WORKER_FRAMES, xc_dom_p2m(dom, dom->xenstore_pfn),
			xc_dom_p2m(dom, dom->console_pfn));
	xc_dom_release(dom);
	return rc;
}

/* Unpacking a kernel and filling its memory take seconds. */
static int run_build(struct xl_op *op, void *state)
{
	return create_worker(op, state, build_in_child);
}

static const struct xl_step build_steps[] = {
	{ "loading its kernel", run_build, create_stop_worker, false },
	{ "taking over", create_take_frames, NULL, false },
	{ 0 },
};

int create_build(struct xl_op *op, void *state)
{
	struct create *c = state;
	int rc = prepare(c);

	if (rc || c->restore_fd >= 0)
		return rc;
	rc = build_policy(op->ctx, c->domid, &c->full.b_info, false);
	return rc ? rc : op_call(op, build_steps, c);
}
