/* SPDX-License-Identifier: LGPL-2.1-only */
/* Which domains there are, what they are called, and what state they are in. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "name_index.h"
#include "xs.h"

#define NAME_INDEX "/tool/xenolith/names"
#define PAGE_KB 4

int domain_get(libxl_ctx *ctx, uint32_t domid, xc_domaininfo_t *info)
{
	int n = xc_domain_getinfolist(ctx->xch, domid, 1, info);

	if (n < 0) {
		LOGE(ctx, ERROR, "the hypervisor does not tell about domain %u", domid);
		return ERROR_FAIL;
	}
	if (n == 0 || info->domain != domid)
		return ERROR_DOMAIN_NOTFOUND;
	return 0;
}

bool domain_exists(libxl_ctx *ctx, uint32_t domid)
{
	xc_domaininfo_t info;

	return !domain_get(ctx, domid, &info);
}

libxl_domain_type domain_type(libxl_ctx *ctx, uint32_t domid, const xc_domaininfo_t *info)
{
	libxl_domain_type type;
	XL_GC(gc);
	char *s;

	if (!(info->flags & XEN_DOMINF_hvm_guest))
		return LIBXL_DOMAIN_TYPE_PV;
	s = xs_get(ctx, &gc, XBT_NULL, "/libxl/%u/type", domid);
	if (s && !libxl_domain_type_from_string(s, &type))
		return type;
	return LIBXL_DOMAIN_TYPE_HVM;
}

static void fill(libxl_ctx *ctx, const xc_domaininfo_t *x, libxl_dominfo *d)
{
	libxl_dominfo_init(d);
	memcpy(d->uuid.uuid, x->handle, sizeof(d->uuid.uuid));
	d->domid = x->domain;
	d->ssidref = x->ssidref;
	d->dying = x->flags & XEN_DOMINF_dying;
	d->shutdown = x->flags & XEN_DOMINF_shutdown;
	d->paused = x->flags & XEN_DOMINF_paused;
	d->blocked = x->flags & XEN_DOMINF_blocked;
	d->running = x->flags & XEN_DOMINF_running;
	d->never_stop = x->flags & XEN_DOMINF_xs_domain;
	if (d->shutdown)
		d->shutdown_reason = (x->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
	d->outstanding_memkb = x->outstanding_pages * PAGE_KB;
	d->current_memkb = x->tot_pages * PAGE_KB;
	d->shared_memkb = x->shr_pages * PAGE_KB;
	d->paged_memkb = x->paged_pages * PAGE_KB;
	d->max_memkb = x->max_pages * PAGE_KB;
	d->cpu_time = x->cpu_time;
	d->vcpu_max_id = x->max_vcpu_id;
	d->vcpu_online = x->nr_online_vcpus;
	d->cpupool = x->cpupool;
	d->gpaddr_bits = x->gpaddr_bits;
	d->domain_type = domain_type(ctx, x->domain, x);
}

int libxl_domain_info(libxl_ctx *ctx, libxl_dominfo *info_r, uint32_t domid)
{
	xc_domaininfo_t x;
	int rc;

	XL_ENTER(ctx);
	rc = domain_get(ctx, domid, &x);
	if (!rc && info_r)
		fill(ctx, &x, info_r);
	return rc;
}

/* Calls fn for each domain, lowest number first; stops when fn returns false. */
static int each_domain(libxl_ctx *ctx, bool (*fn)(libxl_ctx *ctx, const xc_domaininfo_t *x, void *arg),
	void *arg)
{
	enum { CHUNK = 256 };
	xc_domaininfo_t *x = xl_zalloc(CHUNK * sizeof(*x));
	uint32_t first = 0;
	int i, n;

	do {
		n = xc_domain_getinfolist(ctx->xch, first, CHUNK, x);
		for (i = 0; i < n; i++) {
			if (!fn(ctx, &x[i], arg)) {
				free(x);
				return 0;
			}
			first = x[i].domain + 1u;
		}
	} while (n == CHUNK);
	free(x);
	if (n < 0) {
		LOGE(ctx, ERROR, "the hypervisor does not list its domains");
		return ERROR_FAIL;
	}
	return 0;
}

struct domain_list {
	libxl_dominfo *info;
	int n, room;
};

static bool collect(libxl_ctx *ctx, const xc_domaininfo_t *x, void *arg)
{
	struct domain_list *l = arg;

	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->info = xl_realloc(l->info, (size_t)l->room * sizeof(*l->info));
	}
	fill(ctx, x, &l->info[l->n++]);
	return true;
}

libxl_dominfo *libxl_list_domain(libxl_ctx *ctx, int *nb_domain_out)
{
	struct domain_list l = { .info = xl_zalloc(sizeof(libxl_dominfo)), .room = 1 };

	XL_ENTER(ctx);
	if (each_domain(ctx, collect, &l)) {
		libxl_dominfo_list_free(l.info, l.n);
		return NULL;
	}
	*nb_domain_out = l.n;
	return l.info;
}

void libxl_dominfo_list_free(libxl_dominfo *list, int nb_domain)
{
	int i;

	for (i = 0; i < nb_domain; i++)
		libxl_dominfo_dispose(&list[i]);
	free(list);
}

libxl_vminfo *libxl_list_vm(libxl_ctx *ctx, int *nb_vm_out)
{
	int i, n;
	libxl_dominfo *d = libxl_list_domain(ctx, &n);
	libxl_vminfo *vm;

	if (!d)
		return NULL;
	vm = xl_zalloc((size_t)n * sizeof(*vm));
	for (i = 0; i < n; i++) {
		libxl_vminfo_init(&vm[i]);
		vm[i].domid = d[i].domid;
		vm[i].uuid = d[i].uuid;
	}
	libxl_dominfo_list_free(d, n);
	*nb_vm_out = n;
	return vm;
}

void libxl_vminfo_list_free(libxl_vminfo *list, int nb_vm)
{
	int i;

	for (i = 0; i < nb_vm; i++)
		libxl_vminfo_dispose(&list[i]);
	free(list);
}

int domain_uuid(libxl_ctx *ctx, uint32_t domid, libxl_uuid *uuid)
{
	xc_domaininfo_t x;
	int rc = domain_get(ctx, domid, &x);

	if (!rc)
		memcpy(uuid->uuid, x.handle, sizeof(uuid->uuid));
	return rc;
}

/* Names. */

char *domain_name(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid)
{
	return xs_get(ctx, gc, XBT_NULL, "/local/domain/%u/name", domid);
}

char *libxl_domid_to_name(libxl_ctx *ctx, uint32_t domid)
{
	char path[64];
	struct xs_handle *xsh;

	XL_ENTER(ctx);
	xsh = xl_xs(ctx);
	snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
	return xsh ? xs_read(xsh, XBT_NULL, path, NULL) : NULL;
}

/* Any byte that a path cannot hold becomes _xx. */
char *name_index_path(struct xl_gc *gc, const char *name)
{
	char *path = gc_zalloc(gc, sizeof(NAME_INDEX) + 3 * strlen(name) + 1), *p;

	p = path + sprintf(path, "%s/", NAME_INDEX);
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (isalnum(c) || c == '-')
			*p++ = (char)c;
		else
			p += sprintf(p, "_%02x", c);
	}
	return path;
}

/* The domain that the index names, if it still bears the name. Domain 0 has been there before the index. */
static bool index_lookup(libxl_ctx *ctx, xs_transaction_t t, const char *name, uint32_t *domid)
{
	XL_GC(gc);
	const char *hint = strcmp(name, "Domain-0") ? xs_get(ctx, &gc, t, "%s", name_index_path(&gc, name)) : "0", *real;

	if (!hint)
		return false;
	real = xs_get(ctx, &gc, t, "/local/domain/%lu/name", strtoul(hint, NULL, 10));
	if (!real || strcmp(real, name))
		return false;
	*domid = (uint32_t)strtoul(hint, NULL, 10);
	return domain_exists(ctx, *domid);
}

bool libxl_name_find(libxl_ctx *ctx, const char *name, uint32_t *domid)
{
	XL_ENTER(ctx);
	return index_lookup(ctx, XBT_NULL, name, domid);
}

int name_check_free(libxl_ctx *ctx, xs_transaction_t t, const char *name, uint32_t self)
{
	uint32_t other;

	if (!xl_xs(ctx))
		return ERROR_FAIL;
	if (!index_lookup(ctx, t, name, &other) || other == self)
		return 0;
	LOGX(ctx, ERROR, "the name \"%s\" belongs to domain %u already: choose another, or destroy that "
		"domain first", name, other);
	return ERROR_INVAL;
}

void name_index_drop(libxl_ctx *ctx, struct xs_batch *b, const char *name, uint32_t domid)
{
	char *path = name_index_path(b->gc, name), *hint = xs_get(ctx, b->gc, XBT_NULL, "%s", path);

	if (hint && strtoul(hint, NULL, 10) == domid)
		batch_remove(b, "%s", path);
}

struct name_search {
	const char *name;
	uint32_t domid;
	bool found;
};

static bool compare_name(libxl_ctx *ctx, const xc_domaininfo_t *x, void *arg)
{
	struct name_search *s = arg;
	XL_GC(gc);
	char *name = domain_name(ctx, &gc, x->domain);

	if (!name || strcmp(name, s->name))
		return true;
	s->domid = x->domain;
	s->found = true;
	return false;
}

/*
 * Domains that others made are not in the index, so that a name which is not there takes a question for each domain
 * there is. Who asks only whether a name is free asks libxl_name_find().
 */
int libxl_name_to_domid(libxl_ctx *ctx, const char *name, uint32_t *domid)
{
	struct name_search s = { .name = name };
	int rc;

	if (!name)
		return ERROR_INVAL;
	XL_ENTER(ctx);
	if (index_lookup(ctx, XBT_NULL, name, domid))
		return 0;
	rc = each_domain(ctx, compare_name, &s);
	if (rc)
		return rc;
	if (!s.found)
		return ERROR_INVAL;
	*domid = s.domid;
	return 0;
}

int libxl_domain_qualifier_to_domid(libxl_ctx *ctx, const char *name, uint32_t *domid)
{
	char *end;
	unsigned long v = strtoul(name, &end, 10);

	if (isdigit((unsigned char)*name) && !*end) {
		*domid = (uint32_t)v;
		return 0;
	}
	return libxl_name_to_domid(ctx, name, domid);
}

bool backend_in_dom0(libxl_ctx *ctx, libxl_domid domid, const char *name)
{
	return !(name && libxl_domain_qualifier_to_domid(ctx, name, &domid)) && !domid;
}

int libxl_domid_valid_guest(uint32_t domid)
{
	return domid > 0 && domid < DOMID_FIRST_RESERVED;
}

int libxl_get_stubdom_id(libxl_ctx *ctx, int guest_domid)
{
	int id = 0;

	XL_ENTER(ctx);
	return xs_get_int(ctx, &id, "/local/domain/%d/image/device-model-domid", guest_domid) ? id : 0;
}

int libxl_is_stubdom(libxl_ctx *ctx, uint32_t domid, uint32_t *target_domid)
{
	int target;

	XL_ENTER(ctx);
	if (!xs_get_int(ctx, &target, "/local/domain/%u/target", domid))
		return 0;
	if (target_domid)
		*target_domid = (uint32_t)target;
	return 1;
}

uint32_t libxl_vm_get_start_time(libxl_ctx *ctx, uint32_t domid)
{
	XL_GC(gc);
	char *vm, *start;

	XL_ENTER(ctx);
	vm = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/vm", domid);
	start = vm ? xs_get(ctx, &gc, XBT_NULL, "%s/start_time", vm) : NULL;
	return start ? (uint32_t)strtoul(start, NULL, 10) : (uint32_t)-1;
}
