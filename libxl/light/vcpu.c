/* SPDX-License-Identifier: LGPL-2.1-only */
/* Virtual processors: list, affinity, hot plug. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "op.h"
#include "xs.h"

static int one_vcpu(libxl_ctx *ctx, uint32_t domid, unsigned i, libxl_vcpuinfo *v)
{
	xc_vcpuinfo_t x;

	libxl_vcpuinfo_init(v);
	if (libxl_cpu_bitmap_alloc(ctx, &v->cpumap, 0) || libxl_cpu_bitmap_alloc(ctx, &v->cpumap_soft, 0))
		return ERROR_FAIL;
	if (xc_vcpu_getinfo(ctx->xch, domid, i, &x) ||
	    xc_vcpu_getaffinity(ctx->xch, domid, (int)i, v->cpumap.map, v->cpumap_soft.map,
		XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)) {
		LOGED(ctx, ERROR, domid, "cannot look at vCPU %u", i);
		return ERROR_FAIL;
	}
	v->vcpuid = i;
	v->online = x.online;
	v->blocked = x.blocked;
	v->running = x.running;
	v->vcpu_time = x.cpu_time;
	v->cpu = x.cpu;
	return 0;
}

libxl_vcpuinfo *libxl_list_vcpu(libxl_ctx *ctx, uint32_t domid, int *nb_vcpu, int *nr_cpus_out)
{
	xc_domaininfo_t info;
	libxl_vcpuinfo *v;
	unsigned i, n;

	XL_ENTER(ctx);
	if (domain_get(ctx, domid, &info)) {
		LOGD(ctx, ERROR, domid, "there is no such domain");
		return NULL;
	}
	*nr_cpus_out = libxl_get_max_cpus(ctx);
	n = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info.max_vcpu_id + 1;
	v = xl_zalloc((n + 1) * sizeof(*v));
	for (i = 0; i < n; i++) {
		if (one_vcpu(ctx, domid, i, &v[i])) {
			libxl_vcpuinfo_list_free(v, (int)i + 1);
			return NULL;
		}
	}
	*nb_vcpu = (int)n;
	return v;
}

void libxl_vcpuinfo_list_free(libxl_vcpuinfo *list, int nr_vcpus)
{
	int i;

	for (i = 0; i < nr_vcpus; i++)
		libxl_vcpuinfo_dispose(&list[i]);
	free(list);
}

/* The hypervisor wants maps as large as the host and answers with what is in force. */
static int set_affinity(libxl_ctx *ctx, uint32_t domid, uint32_t vcpuid, const libxl_bitmap *hard,
	const libxl_bitmap *soft, uint32_t flags)
{
	libxl_bitmap h, s;
	int rc = 0;

	if (!hard && !soft)
		return 0;
	libxl_bitmap_init(&h);
	libxl_bitmap_init(&s);
	if (hard) {
		rc = libxl_cpu_bitmap_alloc(ctx, &h, 0);
		flags |= XEN_VCPUAFFINITY_HARD;
		if (!rc)
			libxl_bitmap_copy(ctx, &h, hard);
	}
	if (soft && !rc) {
		rc = libxl_cpu_bitmap_alloc(ctx, &s, 0);
		flags |= XEN_VCPUAFFINITY_SOFT;
		if (!rc)
			libxl_bitmap_copy(ctx, &s, soft);
	}
	if (!rc && xc_vcpu_setaffinity(ctx->xch, domid, (int)vcpuid, hard ? h.map : NULL,
	    soft ? s.map : NULL, flags)) {
		LOGED(ctx, ERROR, domid, "cannot pin vCPU %u: are those CPUs online and in the domain's pool?",
			vcpuid);
		rc = ERROR_FAIL;
	}
	if (!rc && soft && hard && libxl_bitmap_is_empty(&s))
		LOGD(ctx, WARN, domid, "vCPU %u: no CPU is in both its hard and its soft affinity, so the soft "
			"one has no effect", vcpuid);
	libxl_bitmap_dispose(&h);
	libxl_bitmap_dispose(&s);
	return rc;
}

int libxl_set_vcpuaffinity(libxl_ctx *ctx, uint32_t domid, uint32_t vcpuid,
	const libxl_bitmap *cpumap_hard, const libxl_bitmap *cpumap_soft)
{
	XL_ENTER(ctx);
	return set_affinity(ctx, domid, vcpuid, cpumap_hard, cpumap_soft, 0);
}

int libxl_set_vcpuaffinity_force(libxl_ctx *ctx, uint32_t domid, uint32_t vcpuid,
	const libxl_bitmap *cpumap_hard, const libxl_bitmap *cpumap_soft)
{
	XL_ENTER(ctx);
	return set_affinity(ctx, domid, vcpuid, cpumap_hard, cpumap_soft, XEN_VCPUAFFINITY_FORCE);
}

int libxl_set_vcpuaffinity_all(libxl_ctx *ctx, uint32_t domid, unsigned int max_vcpus,
	const libxl_bitmap *cpumap_hard, const libxl_bitmap *cpumap_soft)
{
	unsigned i;
	int rc = 0;

	XL_ENTER(ctx);
	for (i = 0; i < max_vcpus; i++)
		if (set_affinity(ctx, domid, i, cpumap_hard, cpumap_soft, 0))
			rc = ERROR_FAIL;
	return rc;
}

int libxl_domain_set_nodeaffinity(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *nodemap)
{
	XL_ENTER(ctx);
	if (!xc_domain_node_setaffinity(ctx->xch, domid, nodemap->map))
		return 0;
	LOGED(ctx, ERROR, domid, "cannot set the memory nodes");
	return ERROR_FAIL;
}

int libxl_domain_get_nodeaffinity(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *nodemap)
{
	XL_ENTER(ctx);
	if (!xc_domain_node_getaffinity(ctx->xch, domid, nodemap->map))
		return 0;
	LOGED(ctx, ERROR, domid, "cannot read the memory nodes");
	return ERROR_FAIL;
}

/* Hot plug is a request in xenstore; the guest's kernel does the rest. */
static int request_online(libxl_ctx *ctx, uint32_t domid, const libxl_bitmap *map)
{
	xc_domaininfo_t info;
	struct xs_batch b;
	XL_GC(gc);
	unsigned i;
	int rc = domain_get(ctx, domid, &info);

	if (rc) {
		LOGD(ctx, ERROR, domid, "there is no such domain");
		return rc;
	}
	if (libxl_bitmap_count_set(map) > (int)info.max_vcpu_id + 1) {
		LOGD(ctx, ERROR, domid, "%d vCPUs were asked for, but it was created with at most %u",
			libxl_bitmap_count_set(map), info.max_vcpu_id + 1);
		return ERROR_FAIL;
	}
	batch_init(&b, &gc);
	for (i = 0; i <= info.max_vcpu_id; i++) {
		char *dir = gc_printf(&gc, "/local/domain/%u/cpu/%u", domid, i);

		batch_put(&b, dir, "availability", libxl_bitmap_test(map, (int)i) ? "online" : "offline");
	}
	return batch_commit(ctx, &b, NULL, NULL);
}

int libxl_set_vcpuonline(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *cpumap,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "vcpu-set", ao_how);

	return op_finish_now(op, request_online(ctx, domid, cpumap));
}
