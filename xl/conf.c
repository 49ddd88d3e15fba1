// SPDX-License-Identifier: GPL-2.0-only
/* The host's defaults, /etc/xen/xl.conf. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxlutil_walk.h>
#include <nearest.h>

#include "xl.h"

struct xl_conf conf = {
	.autoballoon = AUTOBALLOON_AUTO,
	.run_hotplug_scripts = true,
	.claim_mode = true,
	.max_grant_frames = -1,
	.max_maptrack_frames = -1,
	.max_grant_version = -1,
};

enum conf_type {
	CONF_STRING,
	CONF_BOOL,
	CONF_NUMBER,
	CONF_AUTOBALLOON,
	CONF_DOMID,
	CONF_UNUSED, /* known, without effect here */
};

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset;
};

#define FIELD(name) offsetof(struct xl_conf, name)

static const struct conf_key keys[] = {
	{ "autoballoon", CONF_AUTOBALLOON, FIELD(autoballoon) },
	{ "blkdev_start", CONF_STRING, FIELD(blkdev_start) },
	{ "claim_mode", CONF_BOOL, FIELD(claim_mode) },
	{ "colo.default.proxyscript", CONF_UNUSED, 0 },
	{ "defaultbridge", CONF_STRING, FIELD(vif_bridge) }, /* older spelling */
	{ "domid_policy", CONF_DOMID, FIELD(random_domid) },
	{ "lockfile", CONF_STRING, FIELD(lockfile) },
	{ "max_grant_frames", CONF_NUMBER, FIELD(max_grant_frames) },
	{ "max_grant_version", CONF_NUMBER, FIELD(max_grant_version) },
	{ "max_maptrack_frames", CONF_NUMBER, FIELD(max_maptrack_frames) },
	{ "output_format", CONF_UNUSED, 0 },
	{ "remus.default.netbufscript", CONF_UNUSED, 0 },
	{ "run_hotplug_scripts", CONF_BOOL, FIELD(run_hotplug_scripts) },
	{ "vif.default.backend", CONF_STRING, FIELD(vif_backend) },
	{ "vif.default.bridge", CONF_STRING, FIELD(vif_bridge) },
	{ "vif.default.gatewaydev", CONF_STRING, FIELD(vif_gatewaydev) },
	{ "vif.default.script", CONF_STRING, FIELD(vif_script) },
	{ "vifscript", CONF_STRING, FIELD(vif_script) }, /* older spelling */
	{ "vm.cpumask", CONF_STRING, FIELD(cpumask) },
	{ "vm.hvm.cpumask", CONF_STRING, FIELD(hvm_cpumask) },
	{ "vm.pv.cpumask", CONF_STRING, FIELD(pv_cpumask) },
};

static int load_autoballoon(XLU_Config *cfg, const char *name)
{
	const char *text;
	int rc = xlu_cfg_get_string(cfg, name, &text, 0);

	if (rc)
		return rc;
	if (!strcmp(text, "on") || !strcmp(text, "1"))
		conf.autoballoon = AUTOBALLOON_ON;
	else if (!strcmp(text, "off") || !strcmp(text, "0"))
		conf.autoballoon = AUTOBALLOON_OFF;
	else if (!strcmp(text, "auto"))
		conf.autoballoon = AUTOBALLOON_AUTO;
	else
		return EINVAL;
	return 0;
}

static int load_domid_policy(XLU_Config *cfg, const char *name)
{
	const char *text;
	int rc = xlu_cfg_get_string(cfg, name, &text, 0);

	if (rc)
		return rc;
	conf.random_domid = !strcmp(text, "random");
	return conf.random_domid || !strcmp(text, "xen") ? 0 : EINVAL;
}

static int load_key(XLU_Config *cfg, const struct conf_key *key)
{
	void *field = (char *)&conf + key->offset;
	long number;
	int rc;

	switch (key->type) {
	case CONF_STRING:
		return xlu_cfg_replace_string(cfg, key->name, field, 0);
	case CONF_BOOL:
		rc = xlu_cfg_get_long(cfg, key->name, &number, 0);
		if (!rc)
			*(bool *)field = number != 0;
		return rc;
	case CONF_NUMBER:
		return xlu_cfg_get_bounded_long(cfg, key->name, 0, INT_MAX, field, 0);
	case CONF_AUTOBALLOON:
		return load_autoballoon(cfg, key->name);
	case CONF_DOMID:
		return load_domid_policy(cfg, key->name);
	case CONF_UNUSED:
		break;
	}
	return 0;
}

static const struct conf_key *find_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

int conf_load(const char *path)
{
	struct xlu_place place;
	const char *name;
	XLU_Config *cfg;
	int rc;

	conf.lockfile = xl_strdup("/var/lock/xl");
	if (access(path, F_OK))
		return 0; /* all defaults */
	cfg = xlu_cfg_init(stderr, path);
	if (!cfg)
		return ENOMEM;
	rc = xlu_cfg_readfile(cfg, path);
	for (int i = 0; !rc && xlu_cfg_setting(cfg, i, &name, NULL, &place); i++) {
		const struct conf_key *key = find_key(name);

		if (!key) {
			const char *near = xlu_nearest(name, keys, ARRAY_SIZE(keys), sizeof(keys[0]));

			fprintf(stderr, "%s:%d:%d: warning: unknown key `%s'%s%s%s\n", place.file, place.line,
				place.column, name, near ? "; did you mean `" : "", near ? near : "",
				near ? "'?" : "");
		} else if (load_key(cfg, key)) {
			fprintf(stderr, "%s:%d:%d: `%s' has a value that does not fit\n", place.file,
				place.line, place.column, name);
			rc = EINVAL;
		}
	}
	xlu_cfg_destroy(cfg);
	return rc;
}

void conf_free(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char **field = (char **)((char *)&conf + keys[i].offset);

		if (keys[i].type != CONF_STRING)
			continue;
		free(*field);
		*field = NULL;
	}
}
