/* SPDX-License-Identifier: LGPL-2.1-only */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "xs.h"

char *libxl_cpupoolid_to_name(libxl_ctx *ctx, uint32_t poolid)
{
	XL_GC(gc);
	char *name;

	XL_ENTER(ctx);
	name = xs_get(ctx, &gc, XBT_NULL, "/local/pool/%u/name", poolid);
	/* Pool 0 is there from the start, whether or not someone wrote its name down. */
	return name || poolid ? xl_strdup(name) : xl_strdup("Pool-0");
}

static int fill(libxl_ctx *ctx, const xc_cpupoolinfo_t *x, libxl_cpupoolinfo *info)
{
	libxl_cpupoolinfo_init(info);
	info->poolid = x->cpupool_id;
	info->pool_name = libxl_cpupoolid_to_name(ctx, x->cpupool_id);
	info->sched = (libxl_scheduler)x->sched_id;
	info->n_dom = x->n_dom;
	if (libxl_cpu_bitmap_alloc(ctx, &info->cpumap, 0))
		return ERROR_FAIL;
	memcpy(info->cpumap.map, x->cpumap, info->cpumap.size);
	return 0;
}

/* The hypervisor answers with the pool of that number or the next higher one. */
static int next_pool(libxl_ctx *ctx, uint32_t from, libxl_cpupoolinfo *info)
{
	xc_cpupoolinfo_t *x = xc_cpupool_getinfo(ctx->xch, from);
	int rc;

	if (!x)
		return ERROR_NOTFOUND;
	rc = fill(ctx, x, info);
	xc_cpupool_infofree(ctx->xch, x);
	return rc;
}

int libxl_cpupool_info(libxl_ctx *ctx, libxl_cpupoolinfo *info, uint32_t poolid)
{
	int rc;

	XL_ENTER(ctx);
	rc = next_pool(ctx, poolid, info);
	if (rc)
		return rc;
	if (info->poolid == poolid)
		return 0;
	libxl_cpupoolinfo_dispose(info);
	return ERROR_FAIL;
}

libxl_cpupoolinfo *libxl_list_cpupool(libxl_ctx *ctx, int *nb_pool_out)
{
	libxl_cpupoolinfo *list = NULL, info;
	uint32_t from = 0;
	int n = 0;

	XL_ENTER(ctx);
	while (!next_pool(ctx, from, &info)) {
		list = xl_realloc(list, ((size_t)n + 1) * sizeof(*list));
		list[n++] = info;
		from = info.poolid + 1;
	}
	*nb_pool_out = n;
	return list;
}

void libxl_cpupoolinfo_list_free(libxl_cpupoolinfo *list, int nb_pool)
{
	int i;

	for (i = 0; i < nb_pool; i++)
		libxl_cpupoolinfo_dispose(&list[i]);
	free(list);
}

int libxl_cpupoolid_is_valid(libxl_ctx *ctx, uint32_t poolid)
{
	libxl_cpupoolinfo info;

	if (libxl_cpupool_info(ctx, &info, poolid))
		return 0;
	libxl_cpupoolinfo_dispose(&info);
	return 1;
}

int libxl_name_to_cpupoolid(libxl_ctx *ctx, const char *name, uint32_t *poolid)
{
	int i, n, rc = ERROR_INVAL;
	libxl_cpupoolinfo *list;

	XL_ENTER(ctx);
	list = libxl_list_cpupool(ctx, &n);
	for (i = 0; rc && i < n; i++) {
		if (!list[i].pool_name || strcmp(list[i].pool_name, name))
			continue;
		*poolid = list[i].poolid;
		rc = 0;
	}
	libxl_cpupoolinfo_list_free(list, n);
	return rc;
}

int libxl_cpupool_qualifier_to_cpupoolid(libxl_ctx *ctx, const char *p, uint32_t *poolid_r,
	int *was_name_r)
{
	char *end;
	unsigned long v = strtoul(p, &end, 10);
	bool number = isdigit((unsigned char)*p) && !*end;

	if (was_name_r)
		*was_name_r = !number;
	if (!number)
		return libxl_name_to_cpupoolid(ctx, p, poolid_r);
	*poolid_r = (uint32_t)v;
	return 0;
}

int libxl_get_freecpus(libxl_ctx *ctx, libxl_bitmap *cpumap)
{
	xc_cpumap_t map;

	XL_ENTER(ctx);
	if (libxl_cpu_bitmap_alloc(ctx, cpumap, 0))
		return ERROR_FAIL;
	map = xc_cpupool_freeinfo(ctx->xch);
	if (!map) {
		LOGE(ctx, ERROR, "the hypervisor does not tell which CPUs are free");
		return ERROR_FAIL;
	}
	memcpy(cpumap->map, map, cpumap->size);
	free(map);
	return 0;
}

/* What to do, by the hypervisor's answer. */
static const char *add_hint(void)
{
	switch (errno) {
	case ENODEV:
		return "is not free: take it out of its pool first (xl cpupool-list -c shows whose it is)";
	case EINVAL:
		return "is not one of the host's (xl info)";
	case ENOENT:
		return "cannot be added: there is no such pool (xl cpupool-list)";
	default:
		return "cannot be added";
	}
}

static const char *remove_hint(void)
{
	switch (errno) {
	case EBUSY:
		return "is the last one of a pool that has domains: move these first (xl cpupool-migrate)";
	case EINVAL:
		return "is not one of its (xl cpupool-list -c)";
	case ENOENT:
		return "cannot be removed: there is no such pool (xl cpupool-list)";
	default:
		return "cannot be removed";
	}
}

static int add_cpu(libxl_ctx *ctx, uint32_t poolid, int cpu)
{
	if (!xc_cpupool_addcpu(ctx->xch, poolid, cpu))
		return 0;
	LOGE(ctx, ERROR, "CPU pool %u: CPU %d %s", poolid, cpu, add_hint());
	return ERROR_FAIL;
}

static int remove_cpu(libxl_ctx *ctx, uint32_t poolid, int cpu)
{
	if (!xc_cpupool_removecpu(ctx->xch, poolid, cpu))
		return 0;
	LOGE(ctx, ERROR, "CPU pool %u: CPU %d %s", poolid, cpu, remove_hint());
	return ERROR_FAIL;
}

/* All that can be; each that cannot is told of. */
static int each_cpu(libxl_ctx *ctx, uint32_t poolid, const libxl_bitmap *cpumap,
	int (*change)(libxl_ctx *ctx, uint32_t poolid, int cpu))
{
	int i, rc = 0;

	for (i = 0; i < (int)cpumap->size * 8; i++)
		if (libxl_bitmap_test(cpumap, i) && change(ctx, poolid, i))
			rc = ERROR_FAIL;
	return rc;
}

int libxl_cpupool_cpuadd_cpumap(libxl_ctx *ctx, uint32_t poolid, const libxl_bitmap *cpumap)
{
	XL_ENTER(ctx);
	return each_cpu(ctx, poolid, cpumap, add_cpu);
}

int libxl_cpupool_cpuremove_cpumap(libxl_ctx *ctx, uint32_t poolid, const libxl_bitmap *cpumap)
{
	XL_ENTER(ctx);
	return each_cpu(ctx, poolid, cpumap, remove_cpu);
}

int libxl_cpupool_cpuadd(libxl_ctx *ctx, uint32_t poolid, int cpu)
{
	XL_ENTER(ctx);
	return add_cpu(ctx, poolid, cpu);
}

int libxl_cpupool_cpuremove(libxl_ctx *ctx, uint32_t poolid, int cpu)
{
	XL_ENTER(ctx);
	return remove_cpu(ctx, poolid, cpu);
}

/* All CPUs of one node: as many as can be moved, and how many those were. */
static int by_node(libxl_ctx *ctx, uint32_t poolid, int node, int *cpus,
	int (*move)(xc_interface *xch, uint32_t pool, int cpu))
{
	libxl_bitmap map;
	int i, rc;

	*cpus = 0;
	rc = libxl_cpu_bitmap_alloc(ctx, &map, 0);
	if (rc)
		return rc;
	rc = libxl_node_to_cpumap(ctx, node, &map);
	for (i = 0; !rc && i < (int)map.size * 8; i++)
		if (libxl_bitmap_test(&map, i) && !move(ctx->xch, poolid, i))
			(*cpus)++;
	libxl_bitmap_dispose(&map);
	return rc;
}

int libxl_cpupool_cpuadd_node(libxl_ctx *ctx, uint32_t poolid, int node, int *cpus)
{
	XL_ENTER(ctx);
	return by_node(ctx, poolid, node, cpus, xc_cpupool_addcpu);
}

int libxl_cpupool_cpuremove_node(libxl_ctx *ctx, uint32_t poolid, int node, int *cpus)
{
	XL_ENTER(ctx);
	return by_node(ctx, poolid, node, cpus, xc_cpupool_removecpu);
}

int libxl_cpupool_movedomain(libxl_ctx *ctx, uint32_t poolid, uint32_t domid)
{
	XL_ENTER(ctx);
	if (!xc_cpupool_movedomain(ctx->xch, poolid, domid))
		return 0;
	LOGED(ctx, ERROR, domid, "it cannot go to CPU pool %u%s", poolid,
		errno == EPERM ? ": Domain 0 stays where it is" :
		errno == ENOENT ? ": it is not there, or has no CPU (xl cpupool-list, xl cpupool-cpu-add)" : "");
	return ERROR_FAIL;
}

int libxl_cpupool_rename(libxl_ctx *ctx, const char *name, uint32_t poolid)
{
	XL_ENTER(ctx);
	if (!libxl_cpupoolid_is_valid(ctx, poolid)) {
		LOGX(ctx, ERROR, "there is no CPU pool %u", poolid);
		return ERROR_INVAL;
	}
	return xs_set(ctx, name, "/local/pool/%u/name", poolid) ? 0 : ERROR_FAIL;
}

int libxl_cpupool_create(libxl_ctx *ctx, const char *name, libxl_scheduler sched, libxl_bitmap cpumap,
	libxl_uuid *uuid, uint32_t *poolid)
{
	struct xs_batch b;
	XL_GC(gc);
	char *dir;
	int rc;

	XL_ENTER(ctx);
	if (xc_cpupool_create(ctx->xch, poolid, (uint32_t)sched)) {
		LOGE(ctx, ERROR, "the hypervisor does not create the CPU pool \"%s\"%s%s%s", name,
			errno == ENOENT ? ": it has no scheduler \"" : "",
			errno == ENOENT ? libxl_scheduler_to_string(sched) : "",
			errno == ENOENT ? "\"; leave sched= out" : "");
		return ERROR_FAIL;
	}
	rc = libxl_cpupool_cpuadd_cpumap(ctx, *poolid, &cpumap);
	if (!rc) {
		dir = gc_printf(&gc, "/local/pool/%u", *poolid);
		batch_init(&b, &gc);
		batch_printf(&b, dir, "uuid", LIBXL_UUID_FMT, LIBXL_UUID_BYTES(*uuid));
		batch_put(&b, dir, "name", name);
		rc = batch_commit(ctx, &b, NULL, NULL);
	}
	if (rc)
		libxl_cpupool_destroy(ctx, *poolid);
	return rc;
}

int libxl_cpupool_destroy(libxl_ctx *ctx, uint32_t poolid)
{
	libxl_cpupoolinfo info;
	XL_GC(gc);
	int rc;

	XL_ENTER(ctx);
	rc = libxl_cpupool_info(ctx, &info, poolid);
	if (rc)
		return rc;
	if (info.n_dom || !poolid) {
		LOGX(ctx, ERROR, "CPU pool %u %s: it cannot be destroyed", poolid,
			poolid ? "still has domains" : "is the first one");
		rc = ERROR_INVAL;
	} else {
		libxl_cpupool_cpuremove_cpumap(ctx, poolid, &info.cpumap);
		rc = xc_cpupool_destroy(ctx->xch, poolid) ? ERROR_FAIL : 0;
		if (rc)
			LOGE(ctx, ERROR, "CPU pool %u cannot be destroyed", poolid);
	}
	libxl_cpupoolinfo_dispose(&info);
	if (!rc && xl_xs(ctx))
		xs_rm(ctx->xsh, XBT_NULL, gc_printf(&gc, "/local/pool/%u", poolid));
	return rc;
}
