/* SPDX-License-Identifier: LGPL-2.1-only */
/* The configuration kept with a domain as JSON, and what of it has changed since. */
#include <stdlib.h>
#include <string.h>

#include "devlist.h"
#include "domain.h"
#include "op.h"
#include "xs.h"

#define CONFIG_KIND "libxl-json"

/* config is initialised here. ERROR_JSON_CONFIG_EMPTY: nothing is stored. */
int config_load(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *config)
{
	uint8_t *data;
	char *json;
	int len, rc;

	libxl_domain_config_init(config);
	rc = libxl_userdata_retrieve(ctx, domid, CONFIG_KIND, &data, &len);
	if (rc)
		return rc;
	if (!data)
		return ERROR_JSON_CONFIG_EMPTY;
	json = xl_strndup((char *)data, (size_t)len);
	free(data);
	rc = libxl_domain_config_from_json(ctx, config, json);
	free(json);
	return rc;
}

int config_store(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *config)
{
	char *json = libxl_domain_config_to_json(ctx, config);
	int rc;

	if (!json)
		return ERROR_FAIL;
	/* The final NUL is stored as well: that is how the file has always looked. */
	rc = userdata_write(ctx, domid, CONFIG_KIND, json, strlen(json) + 1);
	free(json);
	return rc;
}

int config_change(libxl_ctx *ctx, uint32_t domid, int (*change)(libxl_domain_config *c, void *arg),
	void *arg)
{
	libxl_domain_config c;
	struct config_lock lock;
	int rc = config_lock(ctx, domid, &lock);

	if (rc)
		return rc;
	rc = config_load(ctx, domid, &c);
	if (!rc)
		rc = change(&c, arg);
	if (!rc)
		rc = config_store(ctx, domid, &c);
	else if (rc == ERROR_JSON_CONFIG_EMPTY)
		rc = 0;
	libxl_domain_config_dispose(&c);
	config_unlock(&lock);
	return rc;
}

static void set_string(char **field, char *value)
{
	free(*field);
	*field = value;
}

/* What xenstore and the hypervisor know better than the file. */
static int refresh(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *c)
{
	libxl_dominfo info;
	libxl_domain_build_info *b = &c->b_info;
	uint64_t target, most;
	XL_GC(gc);
	unsigned i;
	int rc = libxl_domain_info(ctx, &info, domid);
	char *name;

	if (rc)
		return rc;
	name = domain_name(ctx, &gc, domid);
	if (name)
		set_string(&c->c_info.name, xl_strdup(name));
	c->c_info.uuid = info.uuid;
	c->c_info.poolid = info.cpupool;
	if (c->c_info.pool_name)	/* it may have moved since, and pools change their names */
		set_string(&c->c_info.pool_name, libxl_cpupoolid_to_name(ctx, info.cpupool));
	if (!libxl_get_memory_target(ctx, domid, &target))
		b->target_memkb = target;
	if (xs_get_u64(ctx, &most, "/local/domain/%u/memory/static-max", domid))
		b->max_memkb = most;
	else if (!domid)
		b->max_memkb = info.max_memkb;
	libxl_domain_sched_params_dispose(&b->sched_params);
	libxl_domain_sched_params_get(ctx, domid, &b->sched_params);
	/* A configuration that left the number of vCPUs open says nothing of them. */
	if (info.vcpu_max_id != XEN_INVALID_MAX_VCPU_ID && domid && b->max_vcpus) {
		libxl_bitmap_dispose(&b->avail_vcpus);
		libxl_bitmap_alloc(ctx, &b->avail_vcpus, (int)info.vcpu_max_id + 1);
		for (i = 0; i <= info.vcpu_max_id; i++) {
			char *s = xs_get(ctx, &gc, XBT_NULL, "/local/domain/%u/cpu/%u/availability", domid, i);

			if (s && !strcmp(s, "online"))
				libxl_bitmap_set(&b->avail_vcpus, (int)i);
		}
	}
	libxl_dominfo_dispose(&info);
	devlist_refresh(ctx, domid, c);
	return 0;
}

/* Nobody made Domain 0 from a configuration: all of its own is what refresh finds. */
static void start_of_domain0(libxl_domain_config *c)
{
	libxl_domain_config_dispose(c);
	libxl_domain_config_init(c);
	c->c_info.type = LIBXL_DOMAIN_TYPE_PV;
	c->c_info.name = xl_strdup("Domain-0");
	libxl_domain_build_info_init_type(&c->b_info, LIBXL_DOMAIN_TYPE_PV);
}

static int retrieve(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *config)
{
	struct config_lock lock;
	int rc = config_lock(ctx, domid, &lock);

	if (rc)
		return rc;
	rc = config_load(ctx, domid, config);
	if (rc == ERROR_JSON_CONFIG_EMPTY && !domid) {
		start_of_domain0(config);
		rc = 0;
	}
	if (!rc)
		rc = refresh(ctx, domid, config);
	else if (rc == ERROR_JSON_CONFIG_EMPTY)
		LOGD(ctx, ERROR, domid, "no configuration is stored for it: another toolstack made it");
	config_unlock(&lock);
	return rc;
}

int libxl_retrieve_domain_configuration(libxl_ctx *ctx, uint32_t domid, libxl_domain_config *d_config,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "retrieve configuration", ao_how);

	return op_finish_now(op, retrieve(ctx, domid, d_config));
}
