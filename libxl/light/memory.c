/* SPDX-License-Identifier: LGPL-2.1-only */
/* Memory of domains: limits, targets of the balloon driver, what is free. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "op.h"
#include "xs.h"

#define PAGE_KB 4

static int no_domain(libxl_ctx *ctx, uint32_t domid)
{
	LOGD(ctx, ERROR, domid, "there is no such domain");
	return ERROR_DOMAIN_NOTFOUND;
}

static uint64_t videoram_kb(libxl_ctx *ctx, uint32_t domid)
{
	uint64_t v = 0;

	return xs_get_u64(ctx, &v, "/local/domain/%u/memory/videoram", domid) ? v : 0;
}

static int store_maxmem(libxl_domain_config *c, void *arg)
{
	c->b_info.max_memkb = *(uint64_t *)arg;
	return 0;
}

static int store_target(libxl_domain_config *c, void *arg)
{
	c->b_info.target_memkb = *(uint64_t *)arg;
	return 0;
}

int libxl_domain_setmaxmem(libxl_ctx *ctx, uint32_t domid, uint64_t max_memkb)
{
	uint64_t target;
	XL_GC(gc);
	char *value;

	XL_ENTER(ctx);
	if (!domain_exists(ctx, domid))
		return no_domain(ctx, domid);
	if (!xs_get_u64(ctx, &target, "/local/domain/%u/memory/target", domid) && domid) {
		LOGD(ctx, ERROR, domid, "it has no memory target in xenstore");
		return ERROR_FAIL;
	}
	if (domid && max_memkb < target) {
		LOGD(ctx, ERROR, domid, "a limit of %llu KiB is below its present target of %llu KiB: lower that "
			"first with mem-set", (unsigned long long)max_memkb, (unsigned long long)target);
		return ERROR_FAIL;
	}
	if (xc_domain_setmaxmem(ctx->xch, domid, max_memkb + videoram_kb(ctx, domid) + MAXMEM_SLACK_KB)) {
		LOGED(ctx, ERROR, domid, "the hypervisor refuses a limit of %llu KiB",
			(unsigned long long)max_memkb);
		return ERROR_FAIL;
	}
	if (domid) {
		value = gc_printf(&gc, "%llu", (unsigned long long)max_memkb);
		if (!xs_set(ctx, value, "/local/domain/%u/memory/static-max", domid))
			return ERROR_FAIL;
	}
	return config_change(ctx, domid, store_maxmem, &max_memkb);
}

/* Domain 0 may never have been told a target: then it is what it has. */
static int current_target(libxl_ctx *ctx, uint32_t domid, uint64_t *target, uint64_t *most)
{
	xc_domaininfo_t info;
	int rc = domain_get(ctx, domid, &info);

	if (rc)
		return no_domain(ctx, domid);
	if (!xs_get_u64(ctx, target, "/local/domain/%u/memory/target", domid))
		*target = info.tot_pages * PAGE_KB;
	if (!xs_get_u64(ctx, most, "/local/domain/%u/memory/static-max", domid))
		*most = info.max_pages > UINT64_MAX / 8 ? UINT64_MAX / 2 : info.max_pages * PAGE_KB;
	return 0;
}

int libxl_set_memory_target(libxl_ctx *ctx, uint32_t domid, int64_t target_memkb, int relative,
	int enforce)
{
	uint64_t now, most, video, wanted;
	XL_GC(gc);
	struct xs_batch b;
	int64_t sum;
	int rc;

	XL_ENTER(ctx);
	rc = current_target(ctx, domid, &now, &most);
	if (rc)
		return rc;
	video = videoram_kb(ctx, domid);
	sum = relative ? (int64_t)now + target_memkb : target_memkb - (int64_t)video;
	if (sum < 0)
		sum = 0;
	wanted = (uint64_t)sum;
	if (wanted > most) {
		LOGD(ctx, ERROR, domid, "a target of %llu KiB is above its limit of %llu KiB: raise that first "
			"with mem-max, within the maxmem that it was created with",
			(unsigned long long)wanted, (unsigned long long)most);
		return ERROR_INVAL;
	}
	if (!domid && wanted < 128 * 1024) {
		LOGX(ctx, ERROR, "Domain 0 would be left with %llu KiB: at least 128 MiB stay with it",
			(unsigned long long)wanted);
		return ERROR_INVAL;
	}
	if (enforce && xc_domain_setmaxmem(ctx->xch, domid, wanted + video + MAXMEM_SLACK_KB)) {
		LOGED(ctx, ERROR, domid, "the hypervisor refuses a limit of %llu KiB", (unsigned long long)wanted);
		return ERROR_FAIL;
	}
	batch_init(&b, &gc);
	batch_printf(&b, gc_printf(&gc, "/local/domain/%u", domid), "memory/target", "%llu",
		(unsigned long long)wanted);
	rc = batch_commit(ctx, &b, NULL, NULL);
	if (rc)
		return rc;
	now = wanted + video;
	return config_change(ctx, domid, store_target, &now);
}

int libxl_get_memory_target(libxl_ctx *ctx, uint32_t domid, uint64_t *out_target)
{
	uint64_t most;
	int rc;

	XL_ENTER(ctx);
	rc = current_target(ctx, domid, out_target, &most);
	if (!rc)
		*out_target += videoram_kb(ctx, domid);
	return rc;
}

static int narrow(int rc, uint64_t v, uint32_t *out)
{
	if (!rc && v > UINT32_MAX)
		rc = ERROR_FAIL;
	if (!rc)
		*out = (uint32_t)v;
	return rc;
}

int libxl_get_memory_target_0x040700(libxl_ctx *ctx, uint32_t domid, uint32_t *out_target)
{
	uint64_t v = 0;

	return narrow(libxl_get_memory_target(ctx, domid, &v), v, out_target);
}

/* A PV guest needs its memory, and the hypervisor's little extra for it. */
static uint64_t need_memory(const libxl_domain_build_info *b)
{
	uint64_t kb = b->max_memkb != LIBXL_MEMKB_DEFAULT ? b->max_memkb : 32768;

	if (b->target_memkb != LIBXL_MEMKB_DEFAULT)
		kb = b->target_memkb;
	return kb + 2048;
}

int libxl_domain_need_memory(libxl_ctx *ctx, libxl_domain_config *config, uint32_t domid_for_logging,
	uint64_t *need_memkb)
{
	*need_memkb = need_memory(&config->b_info);
	return 0;
}

int libxl_domain_need_memory_0x041200(libxl_ctx *ctx, const libxl_domain_build_info *b_info_in,
	uint64_t *need_memkb)
{
	*need_memkb = need_memory(b_info_in);
	return 0;
}

int libxl_domain_need_memory_0x040700(libxl_ctx *ctx, const libxl_domain_build_info *b_info_in,
	uint32_t *need_memkb)
{
	return narrow(0, need_memory(b_info_in), need_memkb);
}

int libxl_get_free_memory(libxl_ctx *ctx, uint64_t *memkb)
{
	libxl_physinfo p;
	int rc = libxl_get_physinfo(ctx, &p);

	if (!rc)
		*memkb = (p.free_pages + p.scrub_pages - (p.outstanding_pages < p.free_pages ?
			p.outstanding_pages : p.free_pages)) * PAGE_KB;
	return rc;
}

int libxl_get_free_memory_0x040700(libxl_ctx *ctx, uint32_t *memkb)
{
	uint64_t v = 0;

	return narrow(libxl_get_free_memory(ctx, &v), v, memkb);
}

/*
 * Two waits without an event behind them: the hypervisor does not tell when memory becomes free. The
 * context's timer paces them; they are only used where Domain 0 gives memory away on its own.
 */
struct memory_wait {
	struct xl_op *op;
	struct xl_timer timer;
	uint32_t domid;
	uint64_t wanted;
	int left;		/* ticks without progress */
	int64_t last;
	bool (*reached)(struct memory_wait *w, int64_t *now);
};

#define MEMORY_TICK_MS 200

static void memory_tick(struct xl_timer *t)
{
	struct memory_wait *w = t->arg;
	int64_t now = 0;

	if (w->reached(w, &now)) {
		op_resume(w->op, 0);
		return;
	}
	if (now != w->last)
		w->last = now;
	else if (w->left-- <= 0) {
		op_resume(w->op, ERROR_NOMEM);
		return;
	}
	loop_timer_set(w->op->ctx, &w->timer, MEMORY_TICK_MS, memory_tick, w);
}

static int memory_wait_run(struct xl_op *op, void *state)
{
	struct memory_wait *w = state;

	w->op = op;
	if (w->reached(w, &w->last))
		return 0;
	loop_timer_set(op->ctx, &w->timer, MEMORY_TICK_MS, memory_tick, w);
	return XL_WAIT;
}

static const struct xl_step memory_wait_steps[] = { { "waiting for memory", memory_wait_run, NULL, false }, { 0 } };

static bool enough_free(struct memory_wait *w, int64_t *now)
{
	uint64_t kb = 0;

	if (libxl_get_free_memory(w->op->ctx, &kb))
		return false;
	*now = (int64_t)kb;
	return kb >= w->wanted;
}

static bool target_reached(struct memory_wait *w, int64_t *now)
{
	xc_domaininfo_t info;
	uint64_t target, most;

	if (domain_get(w->op->ctx, w->domid, &info) ||
	    current_target(w->op->ctx, w->domid, &target, &most))
		return true;
	*now = (int64_t)(info.tot_pages * PAGE_KB);
	return (uint64_t)*now <= target + MAXMEM_SLACK_KB;
}

static int memory_wait(libxl_ctx *ctx, uint32_t domid, uint64_t kb, int secs,
	bool (*reached)(struct memory_wait *w, int64_t *now))
{
	struct xl_op *op = op_new(ctx, domid, "wait for memory", NULL);
	struct memory_wait *w = gc_zalloc(&op->gc, sizeof(*w));

	w->domid = domid;
	w->wanted = kb;
	w->left = secs * 1000 / MEMORY_TICK_MS;
	w->reached = reached;
	return op_start(op, memory_wait_steps, w);
}

int libxl_wait_for_free_memory(libxl_ctx *ctx, uint32_t domid, uint64_t memory_kb, int wait_secs)
{
	return memory_wait(ctx, domid, memory_kb, wait_secs, enough_free);
}

int libxl_wait_for_memory_target(libxl_ctx *ctx, uint32_t domid, int wait_secs)
{
	return memory_wait(ctx, domid, 0, wait_secs, target_reached);
}

unsigned long libxl_get_required_shadow_memory(unsigned long maxmem_kb, unsigned int smp_cpus)
{
	/* 256 pages for each vCPU, and a page for each MiB and for its p2m. */
	return 4 * (256 * smp_cpus + 2 * (maxmem_kb / 1024));
}
