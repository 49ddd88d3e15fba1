// SPDX-License-Identifier: GPL-2.0-only
/* Reads a configuration and drives the table of keys over it. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <nearest.h>

#include "config.h"
#include "cpuset.h"

static struct xlu_place place_in_work(const struct config_build *build)
{
	struct xlu_place place = { .file = build->file, .line = 0, .column = 0 };

	if (build->at)
		xlu_cfg_value_place(build->at, &place);
	return place;
}

static void report(struct xlu_place place, const char *kind, const char *key, const char *format,
		   va_list args)
{
	fflush(stdout);
	if (place.line)
		fprintf(stderr, "%s:%d:%d: ", place.file, place.line, place.column);
	else
		fprintf(stderr, "%s: ", place.file);
	fputs(kind, stderr);
	if (key)
		fprintf(stderr, "`%s' ", key);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int config_error(struct config_build *build, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report(place_in_work(build), "", build->key ? build->key->name : NULL, format, args);
	va_end(args);
	build->errors++;
	return -1;
}

void config_warn(struct config_build *build, const char *format, ...)
{
	va_list args;

	if (build->strict)
		build->errors++;
	else if (build->quiet)
		return;
	va_start(args, format);
	report(place_in_work(build), build->strict ? "" : "warning: ", build->key ? build->key->name : NULL,
	       format, args);
	va_end(args);
}

const char *config_entry(struct config_build *build, const struct config_value *value, int i)
{
	XLU_ConfigValue *entry;
	const char *text;

	if (!value->list) {
		build->at = value->raw;
		return value->text;
	}
	entry = xlu_cfg_get_listitem2(value->list, i);
	text = xlu_cfg_get_listitem(value->list, i);
	build->at = entry;
	if (!text)
		config_error(build, "takes a list of quoted strings, but this entry is itself a list");
	return text;
}

void *device_append(void *array, int *count, size_t size)
{
	char **base = array;
	char *grown = xl_realloc(*base, size * (size_t)(*count + 1));

	*base = grown;
	memset(grown + size * (size_t)*count, 0, size);
	return grown + size * (size_t)(*count)++;
}

static const struct config_key *find_key(const char *name)
{
	for (size_t i = 0; i < config_key_count; i++)
		if (!strcmp(config_keys[i].name, name))
			return &config_keys[i];
	return NULL;
}

static void report_unknown(struct config_build *build)
{
	struct xlu_place place;
	const char *name;

	for (int i = 0; xlu_cfg_setting(build->cfg, i, &name, NULL, &place); i++) {
		const char *near;

		if (find_key(name))
			continue;
		if (build->strict)
			build->errors++;
		else if (build->quiet)
			continue;
		near = xlu_nearest(name, config_keys, config_key_count, sizeof(config_keys[0]));
		fprintf(stderr, "%s:%d:%d: %sunknown key `%s'%s%s%s\n", place.file, place.line, place.column,
			build->strict ? "" : "warning: ", name,
			near ? "; did you mean `" : build->strict ? "" : " is ignored",
			near ? near : "", near ? "'?" : "");
	}
}

static bool parse_number(const char *text, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 0);
	return !errno && end != text && !*end;
}

static int check_number(struct config_build *build, const struct config_key *key,
			struct config_value *value)
{
	if (!parse_number(value->text, &value->number))
		return config_error(build, key->type == KEY_BOOL ? "must be 0 or 1, not \"%s\"" :
								   "must be a number, not \"%s\"",
				    value->text);
	if (key->type == KEY_NUMBER && (value->number < key->min || value->number > key->max))
		return config_error(build, "is %ld, which is not in the range %ld to %ld", value->number,
				    key->min, key->max);
	return 0;
}

/* Decodes one value by the form that its key wants. */
static int decode(struct config_build *build, const struct config_key *key, XLU_ConfigValue *raw,
		  struct config_value *value)
{
	*value = (struct config_value){ .raw = raw };
	if (xlu_cfg_value_type(raw) == XLU_LIST) {
		if (key->type != KEY_LIST && key->type != KEY_STRING_LIST)
			return config_error(build, "must be %s, not a list",
					    key->type == KEY_STRING ? "a quoted string" : "a number");
		xlu_cfg_value_get_list(build->cfg, raw, &value->list, 1);
		xlu_cfg_get_list(build->cfg, key->name, NULL, &value->count, 1);
		return 0;
	}
	xlu_cfg_value_get_string(build->cfg, raw, (char **)&value->text, 1);
	value->count = 1;
	if (key->type == KEY_LIST)
		return config_error(build, "must be a list, as in %s=['%s']", key->name, value->text);
	if (key->type == KEY_NUMBER || key->type == KEY_BOOL)
		return check_number(build, key, value);
	return 0;
}

static XLU_ConfigValue *lookup(const XLU_Config *cfg, const char *wanted)
{
	XLU_ConfigValue *value;
	const char *name;

	for (int i = 0; xlu_cfg_setting(cfg, i, &name, &value, NULL); i++)
		if (!strcmp(name, wanted))
			return value;
	return NULL;
}

static void run_key(struct config_build *build, const struct config_key *key)
{
	XLU_ConfigValue *raw = lookup(build->cfg, key->name);
	struct config_value value;

	if (!raw)
		return;
	build->key = key;
	build->at = raw;
	if (key->type == KEY_IGNORED) {
		config_warn(build, "is of an older toolstack and has no effect");
		return;
	}
	if (!(key->guests & build->guest)) {
		config_warn(build, "has no effect on this type of guest");
		return;
	}
	if (!decode(build, key, raw, &value))
		key->set(build, key, &value);
}

static bool guest_type(struct config_build *build, libxl_domain_type *type)
{
	static const struct {
		const char *key, *word;
		libxl_domain_type type;
	} words[] = {
		{ "type", "pv", LIBXL_DOMAIN_TYPE_PV },	      { "type", "pvh", LIBXL_DOMAIN_TYPE_PVH },
		{ "type", "hvm", LIBXL_DOMAIN_TYPE_HVM },     { "builder", "generic", LIBXL_DOMAIN_TYPE_PV },
		{ "builder", "hvm", LIBXL_DOMAIN_TYPE_HVM },  { "builder", "pv", LIBXL_DOMAIN_TYPE_PV },
		{ "builder", "pvh", LIBXL_DOMAIN_TYPE_PVH },  { "builder", "linux", LIBXL_DOMAIN_TYPE_PV },
	};
	const char *key = lookup(build->cfg, "type") ? "type" : "builder", *text;

	*type = LIBXL_DOMAIN_TYPE_PV;
	build->key = find_key(key);
	build->at = lookup(build->cfg, key);
	if (!build->at)
		return true;
	if (xlu_cfg_get_string(build->cfg, key, &text, 0)) {
		build->errors++;
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(words[i].key, key) && !strcmp(words[i].word, text)) {
			*type = words[i].type;
			return true;
		}
	}
	config_error(build, "is \"%s\"; the types of guest are pv, pvh and hvm", text);
	return false;
}

static void before_keys(struct config_build *build, libxl_domain_type type)
{
	libxl_domain_config *out = build->out;

	out->c_info.type = type;
	libxl_domain_build_info_init_type(&out->b_info, type);
	build->guest = type == LIBXL_DOMAIN_TYPE_PV  ? GUEST_PV :
		       type == LIBXL_DOMAIN_TYPE_PVH ? GUEST_PVH : GUEST_HVM;
	libxl_defbool_set(&out->c_info.run_hotplug_scripts, conf.run_hotplug_scripts);
	libxl_defbool_set(&out->b_info.claim_mode, conf.claim_mode);
	if (conf.random_domid)
		out->c_info.domid = RANDOM_DOMID;
	if (conf.blkdev_start)
		out->b_info.blkdev_start = xl_strdup(conf.blkdev_start);
	if (conf.max_grant_frames >= 0)
		out->b_info.max_grant_frames = (uint32_t)conf.max_grant_frames;
	if (conf.max_maptrack_frames >= 0)
		out->b_info.max_maptrack_frames = (uint32_t)conf.max_maptrack_frames;
	if (conf.max_grant_version >= 0)
		out->b_info.max_grant_version = (int)conf.max_grant_version;
	out->on_poweroff = out->on_watchdog = out->on_crash = LIBXL_ACTION_ON_SHUTDOWN_DESTROY;
	out->on_reboot = LIBXL_ACTION_ON_SHUTDOWN_RESTART;
	out->on_soft_reset = LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET;
}

static void join_cmdline(struct config_build *build)
{
	char **field = &build->out->b_info.cmdline;

	if (build->cmdline) {
		if (build->root || build->extra)
			config_warn(build, "cmdline= is given, so root= and extra= are ignored");
		*field = xl_strdup(build->cmdline);
	} else if (build->root) {
		*field = build->extra ? xl_printf("root=%s %s", build->root, build->extra) :
					xl_printf("root=%s", build->root);
	} else if (build->extra) {
		*field = xl_strdup(build->extra);
	}
}

/* The host's CPU masks hold for every vCPU, pinned or not. */
static void apply_host_masks(struct config_build *build)
{
	libxl_domain_build_info *b = &build->out->b_info;
	bool pv = build->guest == GUEST_PV;
	const char *why = NULL;

	if (build->ignore_global_affinity || (!conf.cpumask && !(pv ? conf.pv_cpumask : conf.hvm_cpumask)))
		return;
	for (int i = b->num_vcpu_hard_affinity; i < (b->max_vcpus ? b->max_vcpus : 1); i++) {
		libxl_bitmap *map = DEVICE_APPEND(b->vcpu_hard_affinity, b->num_vcpu_hard_affinity);

		if (libxl_cpu_bitmap_alloc(ctx, map, 0))
			config_error(build, "the number of host CPUs could not be read");
		else
			libxl_bitmap_set_any(map);
	}
	for (int i = 0; !why && i < b->num_vcpu_hard_affinity; i++)
		why = cpuset_apply_masks(&b->vcpu_hard_affinity[i], pv);
	if (why)
		config_error(build, "the CPU masks of xl.conf: %s; see --ignore-global-affinity-masks", why);
}

static void after_keys(struct config_build *build)
{
	libxl_domain_build_info *b = &build->out->b_info;

	build->key = NULL;
	build->at = NULL;
	if (!build->out->c_info.name)
		config_error(build, "there is no name=; every domain needs one");
	if (build->guest == GUEST_PV && !b->kernel && !b->bootloader)
		config_error(build, "there is neither kernel= nor bootloader=; a PV guest boots from one");
	if (libxl_uuid_is_nil(&build->out->c_info.uuid))
		libxl_uuid_generate(&build->out->c_info.uuid);
	join_cmdline(build);
	apply_host_masks(build);
}

static int build_config(struct config_build *build)
{
	libxl_domain_type type;

	report_unknown(build);
	if (!guest_type(build, &type))
		return ERROR_INVAL;
	before_keys(build, type);
	for (size_t i = 0; i < config_key_count; i++)
		run_key(build, &config_keys[i]);
	after_keys(build);
	return build->errors ? ERROR_INVAL : 0;
}

int config_read(const struct config_source *source, libxl_domain_config *out)
{
	struct config_build build = {
		.out = out,
		.file = source->file ? source->file : "command line",
		.quiet = source->quiet,
		.strict = source->strict,
		.ignore_global_affinity = source->ignore_global_affinity,
	};
	int rc = 0;

	build.cfg = xlu_cfg_init(stderr, build.file);
	if (!build.cfg)
		return ERROR_NOMEM;
	if (source->text)
		rc = xlu_cfg_readdata(build.cfg, source->text, (int)source->length);
	else if (source->file)
		rc = xlu_cfg_readfile(build.cfg, source->file);
	if (!rc && source->overrides) {
		rc = xlu_cfg_set_report_name(build.cfg, "command line");
		if (!rc)
			rc = xlu_cfg_readdata(build.cfg, source->overrides, (int)strlen(source->overrides));
	}
	rc = rc ? ERROR_FAIL : build_config(&build);
	xlu_cfg_destroy(build.cfg);
	return rc;
}
