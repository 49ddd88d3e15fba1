/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Shutdown and death of domains. xenstored fires @releaseDomain whenever any domain shuts down or goes
 * away; one watch serves all who wait, and each then asks about its own domain only.
 */
#include <stdlib.h>
#include <string.h>

#include "op.h"

struct libxl__evgen_domain_death {
	uint32_t domid;
	libxl_ev_user user;
	bool shutdown_told, death_told;
	LIST_ENTRY(libxl__evgen_domain_death) link;
};

static void tell(libxl_ctx *ctx, libxl_evgen_domain_death *d, libxl_event_type type, int reason)
{
	libxl_event *ev = event_new(ctx, type, d->domid, d->user);

	if (type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN)
		ev->u.domain_shutdown.shutdown_reason = (uint8_t)reason;
	event_occurred(ctx, ev);
}

static void look_at(libxl_ctx *ctx, libxl_evgen_domain_death *d)
{
	xc_domaininfo_t info;
	int n;

	if (d->death_told)
		return;
	n = xc_domain_getinfolist(ctx->xch, d->domid, 1, &info);
	if (n < 0)
		return;
	if (!n || info.domain != d->domid || (info.flags & XEN_DOMINF_dying)) {
		d->death_told = true;
		tell(ctx, d, LIBXL_EVENT_TYPE_DOMAIN_DEATH, 0);
	} else if ((info.flags & XEN_DOMINF_shutdown) && !d->shutdown_told) {
		d->shutdown_told = true;
		tell(ctx, d, LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN,
			(info.flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask);
	} else if (!(info.flags & XEN_DOMINF_shutdown)) {
		d->shutdown_told = false;	/* resumed: it may shut down again */
	}
}

static void someone_left(struct xl_watch *w, const char *path)
{
	libxl_evgen_domain_death *d;

	LIST_FOREACH(d, &w->ctx->deaths, link)
		look_at(w->ctx, d);
}

int libxl_evenable_domain_death(libxl_ctx *ctx, uint32_t domid, libxl_ev_user for_user,
	libxl_evgen_domain_death **evgen_out)
{
	libxl_evgen_domain_death *d;
	int rc;

	XL_ENTER(ctx);
	if (!ctx->release_watch.on) {
		rc = loop_watch_add(ctx, &ctx->release_watch, "@releaseDomain", someone_left, NULL);
		if (rc)
			return rc;
	}
	d = xl_zalloc(sizeof(*d));
	d->domid = domid;
	d->user = for_user;
	LIST_INSERT_HEAD(&ctx->deaths, d, link);
	look_at(ctx, d);	/* it may have happened before the watch was there */
	if (evgen_out)
		*evgen_out = d;
	return 0;
}

void libxl_evdisable_domain_death(libxl_ctx *ctx, libxl_evgen_domain_death *d)
{
	XL_ENTER(ctx);
	LIST_REMOVE(d, link);
	free(d);
	if (LIST_EMPTY(&ctx->deaths))
		loop_watch_del(&ctx->release_watch);
}

void deaths_disable_all(libxl_ctx *ctx)
{
	while (!LIST_EMPTY(&ctx->deaths))
		libxl_evdisable_domain_death(ctx, LIST_FIRST(&ctx->deaths));
}
