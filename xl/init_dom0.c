/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xen-init-dom0: run once after xenstored starts. Writes what the toolstack and Domain 0's own drivers expect
 * to find about Domain 0 in xenstore: its id, name, home and memory figures. Run again it changes nothing.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <xenstore.h>
#include <xentoollog.h>

static bool put(struct xs_handle *xs, xs_transaction_t t, const char *path, const char *fmt, unsigned long long v)
{
	char val[64];

	snprintf(val, sizeof(val), fmt, v);
	return xs_write(xs, t, path, val, (unsigned int)strlen(val));
}

/* The id that this domain was started with as control domain: 0 unless a late hardware domain was asked for. */
static bool write_nodes(struct xs_handle *xs, xs_transaction_t t, const libxl_dominfo *info)
{
	return xs_write(xs, t, "domid", "0", 1) &&
	       xs_write(xs, t, "/local/domain/0/domid", "0", 1) &&
	       xs_write(xs, t, "/local/domain/0/name", "Domain-0", 8) &&
	       put(xs, t, "/local/domain/0/memory/target", "%llu",
		   (unsigned long long)(info->current_memkb + info->outstanding_memkb)) &&
	       put(xs, t, "/local/domain/0/memory/static-max", "%llu", (unsigned long long)info->max_memkb) &&
	       xs_mkdir(xs, t, "/local/domain/0/device") &&
	       xs_mkdir(xs, t, "/local/domain/0/backend") &&
	       /* libxl's indexes stay when they are empty: to find that out would mean to list them. */
	       xs_mkdir(xs, t, "/tool/xenolith/names") &&
	       xs_mkdir(xs, t, "/tool/xenolith/disks");
}

static int init(libxl_ctx *ctx)
{
	struct xs_handle *xs = xs_open(0);
	libxl_dominfo info;
	char *name;
	int rc = 1;

	if (!xs) {
		fprintf(stderr, "xen-init-dom0: cannot reach xenstored: %s; start it first\n", strerror(errno));
		return 1;
	}
	libxl_dominfo_init(&info);
	name = xs_read(xs, XBT_NULL, "/local/domain/0/name", NULL);
	if (name) {
		/* What was changed since then, as its target by mem-set, stays. */
		fprintf(stderr, "xen-init-dom0: Domain 0 is set up already\n");
		free(name);
		rc = 0;
		goto out;
	}
	if (libxl_domain_info(ctx, &info, 0)) {
		fprintf(stderr, "xen-init-dom0: the hypervisor does not tell about domain 0; is this Domain 0?\n");
		goto out;
	}
	for (;;) {
		xs_transaction_t t = xs_transaction_start(xs);
		bool ok = t && write_nodes(xs, t, &info);

		if (!t)
			break;
		if (xs_transaction_end(xs, t, !ok) && ok) {
			rc = 0;
			break;
		}
		if (errno != EAGAIN)
			break;
	}
	if (rc)
		fprintf(stderr, "xen-init-dom0: cannot write Domain 0's nodes: %s\n", strerror(errno));
out:
	libxl_dominfo_dispose(&info);
	xs_close(xs);
	return rc;
}

int main(void)
{
	xentoollog_logger *lg = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
	libxl_ctx *ctx = NULL;
	int rc;

	if (!lg || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, lg)) {
		fprintf(stderr, "xen-init-dom0: cannot open libxl; is this host running Xen?\n");
		return 1;
	}
	rc = init(ctx);
	libxl_ctx_free(ctx);
	xtl_logger_destroy(lg);
	return rc;
}
