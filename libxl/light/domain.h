/* SPDX-License-Identifier: LGPL-2.1-only */
/* Domains: what other files need to know about them. */
#ifndef XL_DOMAIN_H
#define XL_DOMAIN_H

#include "xs.h"

/* ERROR_DOMAIN_NOTFOUND, with a message, when there is none. */
int domain_get(libxl_ctx *ctx, uint32_t domid, xc_domaininfo_t *info);
bool domain_exists(libxl_ctx *ctx, uint32_t domid);
libxl_domain_type domain_type(libxl_ctx *ctx, uint32_t domid, const xc_domaininfo_t *info);
/* Whether a device's backend, by number or name, is where this library runs. */
bool backend_in_dom0(libxl_ctx *ctx, libxl_domid domid, const char *name);
char *domain_name(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid);
/* In the transaction that adds to a domain: nobody is destroying it meanwhile. */
int domain_check_stays(libxl_ctx *ctx, xs_transaction_t t, uint32_t domid);
/* The same of this very domain, whose number another one may have had: in its first transaction, and of files. */
int domain_check_new(libxl_ctx *ctx, xs_transaction_t t, uint32_t domid, const libxl_uuid *uuid);
int domain_uuid(libxl_ctx *ctx, uint32_t domid, libxl_uuid *uuid);

/*
 * Names have an index in xenstore, so that a look-up costs the same however many domains there are.
 * An entry is a hint: it counts only when the domain it points to carries the name.
 */
char *name_index_path(struct xl_gc *gc, const char *name);
int name_check_free(libxl_ctx *ctx, xs_transaction_t t, const char *name, uint32_t self);
void name_index_drop(libxl_ctx *ctx, struct xs_batch *b, const char *name, uint32_t domid);

/* The configuration that is kept with a domain; see config.c. */
int config_load(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *config);
int config_store(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *config);
struct config_lock {
	int fd;
	char path[160];
};
int config_lock(libxl_ctx *ctx, uint32_t domid, struct config_lock *lock);
void config_unlock(struct config_lock *lock);
/* Load, change, store under the lock. A domain without a stored configuration is left alone. */
int config_change(libxl_ctx *ctx, uint32_t domid, int (*change)(libxl_domain_config *c, void *arg),
	void *arg);

int userdata_write(libxl_ctx *ctx, uint32_t domid, const char *kind, const void *data, size_t len);
void userdata_drop_all(libxl_ctx *ctx, uint32_t domid);
void userdata_rename(libxl_ctx *ctx, uint32_t domid, const libxl_uuid *from, const libxl_uuid *to);

/* Pages beyond the target that a domain may take: rings, ballooning in steps. */
#define MAXMEM_SLACK_KB 1024

#endif
