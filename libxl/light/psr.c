/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Platform shared resources (Intel RDT): monitoring of the L3 cache and of memory bandwidth (CMT), masks of the parts
 * of a cache that a domain may fill (CAT), and throttling of memory bandwidth (MBA).
 */
#include <errno.h>
#include <stdlib.h>

#include "light.h"

#define NO_SOCKET (~0u)

/* What errno means for it; NULL: no more than its text. option: the word of psr= that switches it on. */
static char *reason(struct xl_gc *gc, int error, const char *option)
{
	switch (error) {
	case ENOSYS:
	case EOPNOTSUPP:
		return gc_printf(gc, "this hypervisor does not offer it");
	case ENODEV:
		return gc_printf(gc, "the processor lacks it, or the hypervisor does not offer it: Xen wants psr=%s at boot", option);
	case ENXIO:
		return gc_printf(gc, "code and data have one mask: boot Xen with psr=cdp, or set one for both");
	case ENOTSOCK:
	case EBADSLT:
		return gc_printf(gc, "there is no such socket, or none of its CPUs is online");
	case EOVERFLOW:
	case EUSERS:
		return gc_printf(gc, "all that the processor has are in use: take one from another domain");
	case ESRCH:
		return gc_printf(gc, "there is no such domain");
	default:
		return NULL;
	}
}

static int refuse(libxl_ctx *ctx, uint32_t domid, const char *what, uint32_t socket, const char *option)
{
	const int error = errno;
	XL_GC(gc);
	const char *why = reason(&gc, error, option);
	const char *where = socket == NO_SOCKET ? "" : gc_printf(&gc, " on socket %u", socket);

	if (why)
		xl_log(ctx, XTL_ERROR, -1, domid, "%s%s: %s", what, where, why);
	else
		xl_log(ctx, XTL_ERROR, error, domid, "%s%s", what, where);
	errno = error;
	return ERROR_FAIL;
}

/* --- monitoring */

#define MONITORING "cache monitoring (CMT)"

static int refuse_cmt(libxl_ctx *ctx, uint32_t domid)
{
	return refuse(ctx, domid, MONITORING, NO_SOCKET, "cmt");
}

int libxl_psr_cmt_attach(libxl_ctx *ctx, uint32_t domid)
{
	XL_ENTER(ctx);
	if (!xc_psr_cmt_attach(ctx->xch, domid))
		return 0;
	if (errno != EEXIST)
		return refuse_cmt(ctx, domid);
	LOGD(ctx, ERROR, domid, MONITORING ": it is attached already");
	return ERROR_FAIL;
}

int libxl_psr_cmt_detach(libxl_ctx *ctx, uint32_t domid)
{
	XL_ENTER(ctx);
	if (!xc_psr_cmt_detach(ctx->xch, domid))
		return 0;
	if (errno != ENOENT)
		return refuse_cmt(ctx, domid);
	LOGD(ctx, ERROR, domid, MONITORING ": it is not attached");
	return ERROR_FAIL;
}

int libxl_psr_cmt_domain_attached(libxl_ctx *ctx, uint32_t domid)
{
	uint32_t rmid;

	return !xc_psr_cmt_get_domain_rmid(ctx->xch, domid, &rmid) && rmid;
}

int libxl_psr_cmt_enabled(libxl_ctx *ctx)
{
	return xc_psr_cmt_enabled(ctx->xch);
}

int libxl_psr_cmt_get_total_rmid(libxl_ctx *ctx, uint32_t *total_rmid)
{
	XL_ENTER(ctx);
	return xc_psr_cmt_get_total_rmid(ctx->xch, total_rmid) ? refuse_cmt(ctx, XL_NO_DOMID) : 0;
}

int libxl_psr_cmt_type_supported(libxl_ctx *ctx, libxl_psr_cmt_type type)
{
	uint32_t mask;

	return !xc_psr_cmt_get_l3_event_mask(ctx->xch, &mask) && mask & 1u << (type - 1);
}

/* One of its CPUs: what counts is read there. */
static int cpu_of_socket(libxl_ctx *ctx, uint32_t socket, uint32_t *cpu)
{
	int i, count;
	libxl_cputopology *t = libxl_get_cpu_topology(ctx, &count);

	if (!t)
		return ERROR_FAIL;
	for (i = 0; i < count && t[i].socket != socket; i++)
		;
	libxl_cputopology_list_free(t, count);
	*cpu = (uint32_t)i;
	if (i < count)
		return 0;
	LOGX(ctx, ERROR, "there is no socket %u, or none of its CPUs is online", socket);
	return ERROR_FAIL;
}

int libxl_psr_cmt_get_l3_cache_size(libxl_ctx *ctx, uint32_t socketid, uint32_t *l3_cache_size)
{
	uint32_t cpu;
	int rc;

	XL_ENTER(ctx);
	rc = cpu_of_socket(ctx, socketid, &cpu);
	if (rc)
		return rc;
	return xc_psr_cmt_get_l3_cache_size(ctx->xch, cpu, l3_cache_size) ? refuse_cmt(ctx, XL_NO_DOMID) : 0;
}

int libxl_psr_cmt_get_sample(libxl_ctx *ctx, uint32_t domid, libxl_psr_cmt_type type, uint64_t scope,
	uint64_t *sample_r, uint64_t *tsc_r)
{
	uint32_t rmid, cpu, factor;
	uint64_t data;
	int rc;

	XL_ENTER(ctx);
	if (xc_psr_cmt_get_domain_rmid(ctx->xch, domid, &rmid))
		return refuse_cmt(ctx, domid);
	if (!rmid) {
		LOGD(ctx, ERROR, domid, MONITORING ": it is not attached");
		return ERROR_FAIL;
	}
	rc = cpu_of_socket(ctx, (uint32_t)scope, &cpu);
	if (rc)
		return rc;
	/* The numbers of the two libraries begin at 1 and 0. */
	if (xc_psr_cmt_get_data(ctx->xch, rmid, cpu, (xc_psr_cmt_type)(type - 1), &data, tsc_r) ||
	    xc_psr_cmt_get_l3_upscaling_factor(ctx->xch, &factor))
		return refuse_cmt(ctx, domid);
	*sample_r = data * factor;
	return 0;
}

int libxl_psr_cmt_get_cache_occupancy(libxl_ctx *ctx, uint32_t domid, uint32_t socketid, uint32_t *l3_cache_occupancy)
{
	uint64_t bytes;
	int rc = libxl_psr_cmt_get_sample(ctx, domid, LIBXL_PSR_CMT_TYPE_CACHE_OCCUPANCY, socketid, &bytes, NULL);

	if (!rc)
		*l3_cache_occupancy = (uint32_t)(bytes / 1024);
	return rc;
}

/* --- allocation */

/* The numbers of both libraries are the same. */
static const struct {
	const char *name, *option, *rule;
} kinds[] = {
#define MASK_RULE "a mask is one run of adjacent bits, no longer than xl psr-hwinfo -a shows"
	[LIBXL_PSR_CBM_TYPE_L3_CBM] = { "L3 cache allocation (CAT)", "cat", MASK_RULE },
	[LIBXL_PSR_CBM_TYPE_L3_CBM_CODE] = { "L3 cache allocation for code (CDP)", "cdp", MASK_RULE },
	[LIBXL_PSR_CBM_TYPE_L3_CBM_DATA] = { "L3 cache allocation for data (CDP)", "cdp", MASK_RULE },
	[LIBXL_PSR_CBM_TYPE_L2_CBM] = { "L2 cache allocation (CAT)", "cat", MASK_RULE },
	[LIBXL_PSR_CBM_TYPE_MBA_THRTL] = { "memory bandwidth allocation (MBA)", "mba",
		"throttling goes up to what xl psr-hwinfo -b shows" },
};

static bool kind_known(libxl_ctx *ctx, libxl_psr_type type)
{
	if (type > LIBXL_PSR_CBM_TYPE_UNKNOWN && type <= LIBXL_PSR_CBM_TYPE_MBA_THRTL)
		return true;
	LOGX(ctx, ERROR, "%d is no kind of resource", (int)type);
	return false;
}

static int refuse_kind(libxl_ctx *ctx, uint32_t domid, libxl_psr_type type, uint32_t socket)
{
	if (errno == EINVAL) {
		LOGD(ctx, ERROR, domid, "%s on socket %u does not take this value: %s", kinds[type].name, socket,
			kinds[type].rule);
		return ERROR_FAIL;
	}
	/* A socket without the feature. */
	if (errno == ENOENT)
		errno = ENODEV;
	return refuse(ctx, domid, kinds[type].name, socket, kinds[type].option);
}

/* Allocates the map. */
static int online_sockets(libxl_ctx *ctx, libxl_bitmap *map)
{
	int rc;

	libxl_bitmap_init(map);
	rc = libxl_socket_bitmap_alloc(ctx, map, 0);
	return rc ? rc : libxl_get_online_socketmap(ctx, map);
}

int libxl_psr_set_val(libxl_ctx *ctx, uint32_t domid, libxl_psr_type type, libxl_bitmap *target_map, uint64_t val)
{
	libxl_bitmap online;
	uint32_t socket;
	int rc;

	XL_ENTER(ctx);
	if (!kind_known(ctx, type))
		return ERROR_INVAL;
	rc = online_sockets(ctx, &online);
	/* One that refuses does not keep the others from it. */
	libxl_for_each_set_bit(socket, online)
		if (libxl_bitmap_test(target_map, (int)socket) &&
		    xc_psr_set_domain_data(ctx->xch, domid, (xc_psr_type)type, socket, val))
			rc = refuse_kind(ctx, domid, type, socket);
	libxl_bitmap_dispose(&online);
	return rc;
}

int libxl_psr_get_val(libxl_ctx *ctx, uint32_t domid, libxl_psr_type type, unsigned int target, uint64_t *val)
{
	XL_ENTER(ctx);
	if (!kind_known(ctx, type))
		return ERROR_INVAL;
	if (!xc_psr_get_domain_data(ctx->xch, domid, (xc_psr_type)type, target, val))
		return 0;
	return refuse_kind(ctx, domid, type, target);
}

int libxl_psr_cat_set_cbm(libxl_ctx *ctx, uint32_t domid, libxl_psr_cbm_type type, libxl_bitmap *target_map,
	uint64_t cbm)
{
	return libxl_psr_set_val(ctx, domid, type, target_map, cbm);
}

int libxl_psr_cat_get_cbm(libxl_ctx *ctx, uint32_t domid, libxl_psr_cbm_type type, uint32_t target, uint64_t *cbm_r)
{
	return libxl_psr_get_val(ctx, domid, type, target, cbm_r);
}

/* --- what the sockets have */

struct feature {
	libxl_psr_feat_type type;
	xc_psr_feat_type ctrl_type;
	libxl_psr_type kind; /* whose messages fit */
};

static int find_feature(libxl_ctx *ctx, libxl_psr_feat_type type, unsigned int lvl, struct feature *f)
{
	f->type = type;
	if (type == LIBXL_PSR_FEAT_TYPE_MBA) {
		f->ctrl_type = XC_PSR_MBA;
		f->kind = LIBXL_PSR_CBM_TYPE_MBA_THRTL;
	} else if (type == LIBXL_PSR_FEAT_TYPE_CAT && (lvl == 2 || lvl == 3)) {
		f->ctrl_type = lvl == 3 ? XC_PSR_CAT_L3 : XC_PSR_CAT_L2;
		f->kind = lvl == 3 ? LIBXL_PSR_CBM_TYPE_L3_CBM : LIBXL_PSR_CBM_TYPE_L2_CBM;
	} else {
		LOGX(ctx, ERROR, "caches are allocated at levels 2 and 3, not %u", lvl);
		return ERROR_INVAL;
	}
	return 0;
}

static int describe(libxl_ctx *ctx, const struct feature *f, uint32_t socket, libxl_psr_hw_info *to)
{
	xc_psr_hw_info from;

	if (xc_psr_get_hw_info(ctx->xch, socket, f->ctrl_type, &from))
		return refuse_kind(ctx, XL_NO_DOMID, f->kind, socket);
	libxl_psr_hw_info_init(to);
	libxl_psr_hw_info_init_type(to, f->type);
	to->id = socket;
	if (f->type == LIBXL_PSR_FEAT_TYPE_MBA) {
		to->u.mba.cos_max = from.mba.cos_max;
		to->u.mba.thrtl_max = from.mba.thrtl_max;
		to->u.mba.linear = from.mba.linear;
	} else {
		to->u.cat.cos_max = from.cat.cos_max;
		to->u.cat.cbm_len = from.cat.cbm_len;
		to->u.cat.cdp_enabled = from.cat.cdp_enabled;
	}
	return 0;
}

int libxl_psr_get_hw_info(libxl_ctx *ctx, libxl_psr_feat_type type, unsigned int lvl, unsigned int *nr,
	libxl_psr_hw_info **info)
{
	libxl_psr_hw_info *list = NULL;
	unsigned int count = 0;
	libxl_bitmap online;
	struct feature f;
	uint32_t socket;
	int rc;

	XL_ENTER(ctx);
	rc = find_feature(ctx, type, lvl, &f);
	if (rc)
		return rc;
	rc = online_sockets(ctx, &online);
	if (!rc)
		list = xl_zalloc(((size_t)libxl_bitmap_count_set(&online) + 1) * sizeof(*list));
	libxl_for_each_set_bit(socket, online) {
		if (!rc)
			rc = describe(ctx, &f, socket, &list[count]);
		if (!rc)
			count++;
	}
	libxl_bitmap_dispose(&online);
	if (rc) {
		libxl_psr_hw_info_list_free(list, count);
		return rc;
	}
	*info = list;
	*nr = count;
	return 0;
}

int libxl_psr_cat_get_info(libxl_ctx *ctx, libxl_psr_cat_info **info, unsigned int *nr, unsigned int lvl)
{
	libxl_psr_hw_info *from;
	unsigned int i;
	int rc = libxl_psr_get_hw_info(ctx, LIBXL_PSR_FEAT_TYPE_CAT, lvl, nr, &from);

	if (rc)
		return rc;
	*info = xl_zalloc(((size_t)*nr + 1) * sizeof(**info));
	for (i = 0; i < *nr; i++) {
		(*info)[i].id = from[i].id;
		(*info)[i].cos_max = from[i].u.cat.cos_max;
		(*info)[i].cbm_len = from[i].u.cat.cbm_len;
		(*info)[i].cdp_enabled = from[i].u.cat.cdp_enabled;
	}
	libxl_psr_hw_info_list_free(from, *nr);
	return 0;
}

int libxl_psr_cat_get_l3_info(libxl_ctx *ctx, libxl_psr_cat_info **info, int *nr)
{
	unsigned int count = 0;
	int rc = libxl_psr_cat_get_info(ctx, info, &count, 3);

	*nr = (int)count;
	return rc;
}

void libxl_psr_cat_info_list_free(libxl_psr_cat_info *list, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		libxl_psr_cat_info_dispose(&list[i]);
	free(list);
}

void libxl_psr_hw_info_list_free(libxl_psr_hw_info *list, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		libxl_psr_hw_info_dispose(&list[i]);
	free(list);
}
