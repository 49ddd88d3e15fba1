// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Disk specifications: comma-separated parameters, each "key=value", a flag, or the next of the
 * positional ones (target, format, vdev, access). "target=" takes all that follows it.
 *
 * The form of older toolstacks, [prefix:]target,vdev[:devtype],access, is told by a known prefix
 * before the target or a colon in the place of format or vdev: there is no format parameter then.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cfg.h"
#include "nearest.h"

enum position {
	POS_TARGET,
	POS_FORMAT,
	POS_VDEV,
	POS_ACCESS,
	POS_COUNT,
};

struct disk_parse {
	XLU_Config *cfg;
	const char *spec; /* for messages */
	libxl_device_disk *disk;
	bool given[POS_COUNT];
	bool access_set;
	bool old_form;
};

static int fail(const struct disk_parse *dp, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(const struct disk_parse *dp, const char *format, ...)
{
	char why[512];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	xlu_report(dp->cfg, "disk \"%s\": %s", dp->spec, why);
	return EINVAL;
}

static int set_text(char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

struct word_value {
	const char *word;
	int value;
};

static const struct word_value formats[] = {
	{ "raw", LIBXL_DISK_FORMAT_RAW },     { "qcow", LIBXL_DISK_FORMAT_QCOW },
	{ "qcow2", LIBXL_DISK_FORMAT_QCOW2 }, { "vhd", LIBXL_DISK_FORMAT_VHD },
	{ "qed", LIBXL_DISK_FORMAT_QED },     { "empty", LIBXL_DISK_FORMAT_EMPTY },
};

static const struct word_value backends[] = {
	{ "phy", LIBXL_DISK_BACKEND_PHY },
	{ "qdisk", LIBXL_DISK_BACKEND_QDISK },
	{ "tap", LIBXL_DISK_BACKEND_TAP },
	{ "standalone", LIBXL_DISK_BACKEND_STANDALONE },
};

static const struct word_value specifications[] = {
	{ "xen", LIBXL_DISK_SPECIFICATION_XEN },
	{ "virtio", LIBXL_DISK_SPECIFICATION_VIRTIO },
};

static const struct word_value accesses[] = {
	{ "rw", 1 }, { "w", 1 }, { "ro", 0 }, { "r", 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool look_up(const struct word_value *table, size_t count, const char *word, int *value)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(table[i].word, word)) {
			*value = table[i].value;
			return true;
		}
	}
	return false;
}

static int set_target(struct disk_parse *dp, const char *value)
{
	if (dp->given[POS_TARGET] && dp->disk->pdev_path && *dp->disk->pdev_path)
		return fail(dp, "the target is given twice: `%s' and `%s'", dp->disk->pdev_path, value);
	dp->given[POS_TARGET] = true;
	return set_text(&dp->disk->pdev_path, value);
}

static int set_format(struct disk_parse *dp, const char *value)
{
	int format = LIBXL_DISK_FORMAT_RAW;

	if (*value && !look_up(formats, COUNT(formats), value, &format)) {
		const char *near = xlu_nearest(value, formats, COUNT(formats), sizeof(formats[0]));

		return fail(dp, "unknown format `%s'; known are raw, qcow, qcow2, vhd and qed%s%s%s", value,
			    near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
	}
	dp->given[POS_FORMAT] = true;
	if (!*value)
		return 0;
	if (dp->disk->format != LIBXL_DISK_FORMAT_UNKNOWN)
		return fail(dp, "the format is given twice");
	dp->disk->format = format;
	return 0;
}

static int set_vdev(struct disk_parse *dp, const char *value)
{
	if (dp->disk->vdev && *dp->disk->vdev)
		return fail(dp, "the virtual device is given twice: `%s' and `%s'", dp->disk->vdev, value);
	dp->given[POS_VDEV] = true;
	return *value ? set_text(&dp->disk->vdev, value) : 0;
}

static int set_access(struct disk_parse *dp, const char *value)
{
	dp->given[POS_ACCESS] = true;
	if (!*value)
		return 0;
	dp->access_set = true;
	if (!look_up(accesses, COUNT(accesses), value, &dp->disk->readwrite))
		return fail(dp, "unknown access `%s'; write r, ro, w or rw", value);
	return 0;
}

static int set_devtype(struct disk_parse *dp, const char *value)
{
	if (strcmp(value, "cdrom") && strcmp(value, "disk"))
		return fail(dp, "unknown device type `%s'; known are disk and cdrom", value);
	dp->disk->is_cdrom = value[0] == 'c';
	return 0;
}

static int set_backend_domain(struct disk_parse *dp, const char *value)
{
	return set_text(&dp->disk->backend_domname, value);
}

static int set_backend_type(struct disk_parse *dp, const char *value)
{
	int type;

	if (!look_up(backends, COUNT(backends), value, &type))
		return fail(dp, "unknown backendtype `%s'; known are phy, qdisk, tap and standalone", value);
	dp->disk->backend = type;
	return 0;
}

static int set_specification(struct disk_parse *dp, const char *value)
{
	int type;

	if (!look_up(specifications, COUNT(specifications), value, &type))
		return fail(dp, "unknown specification `%s'; known are xen and virtio", value);
	dp->disk->specification = type;
	return 0;
}

static int set_script(struct disk_parse *dp, const char *value)
{
	return set_text(&dp->disk->script, value);
}

static int set_colo_host(struct disk_parse *dp, const char *value)
{
	return set_text(&dp->disk->colo_host, value);
}

static int set_colo_export(struct disk_parse *dp, const char *value)
{
	return set_text(&dp->disk->colo_export, value);
}

static int set_active_disk(struct disk_parse *dp, const char *value)
{
	return set_text(&dp->disk->active_disk, value);
}

static int set_hidden_disk(struct disk_parse *dp, const char *value)
{
	return set_text(&dp->disk->hidden_disk, value);
}

static int set_colo_port(struct disk_parse *dp, const char *value)
{
	char *end;
	long port = strtol(value, &end, 10);

	if (end == value || *end || port < 1 || port > 65535)
		return fail(dp, "colo-port must be a port number, not `%s'", value);
	dp->disk->colo_port = (int)port;
	return 0;
}

struct parameter {
	const char *name;
	int (*set)(struct disk_parse *dp, const char *value);
};

static const struct parameter parameters[] = {
	{ "target", set_target },
	{ "format", set_format },
	{ "vdev", set_vdev },
	{ "access", set_access },
	{ "devtype", set_devtype },
	{ "backend", set_backend_domain },
	{ "backendtype", set_backend_type },
	{ "script", set_script },
	{ "specification", set_specification },
	{ "colo-host", set_colo_host },
	{ "colo-port", set_colo_port },
	{ "colo-export", set_colo_export },
	{ "active-disk", set_active_disk },
	{ "hidden-disk", set_hidden_disk },
};

static bool flag_cdrom(libxl_device_disk *disk)
{
	disk->is_cdrom = 1;
	return true;
}

static bool set_flag(libxl_device_disk *disk, const char *word)
{
	if (!strcmp(word, "cdrom"))
		return flag_cdrom(disk);
	if (!strcmp(word, "direct-io-safe"))
		disk->direct_io_safe = true;
	else if (!strcmp(word, "discard") || !strcmp(word, "no-discard"))
		libxl_defbool_set(&disk->discard_enable, word[0] == 'd');
	else if (!strcmp(word, "trusted") || !strcmp(word, "untrusted"))
		libxl_defbool_set(&disk->trusted, word[0] == 't');
	else if (!strcmp(word, "colo"))
		libxl_defbool_set(&disk->colo_enable, true);
	else
		return false;
	return true;
}

enum prefix_kind {
	PREFIX_IGNORED,
	PREFIX_FORMAT,
	PREFIX_SCRIPT,
};

static const struct {
	const char *word;
	enum prefix_kind kind;
} prefixes[] = {
	{ "phy", PREFIX_IGNORED },  { "file", PREFIX_IGNORED }, { "tap", PREFIX_IGNORED },
	{ "tap2", PREFIX_IGNORED }, { "aio", PREFIX_IGNORED },  { "ioemu", PREFIX_IGNORED },
	{ "tapdisk", PREFIX_IGNORED },
	{ "raw", PREFIX_FORMAT },   { "qcow", PREFIX_FORMAT },  { "qcow2", PREFIX_FORMAT },
	{ "vhd", PREFIX_FORMAT },
	{ "iscsi", PREFIX_SCRIPT }, { "nbd", PREFIX_SCRIPT },   { "enbd", PREFIX_SCRIPT },
	{ "drbd", PREFIX_SCRIPT },
};

static int apply_prefix(struct disk_parse *dp, const char *word, bool *last)
{
	char script[32];

	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (strcmp(prefixes[i].word, word))
			continue;
		dp->old_form = true;
		*last = prefixes[i].kind == PREFIX_SCRIPT;
		if (prefixes[i].kind == PREFIX_FORMAT)
			return set_format(dp, word);
		if (prefixes[i].kind == PREFIX_IGNORED)
			return 0;
		snprintf(script, sizeof(script), "block-%s", word);
		return set_text(&dp->disk->script, script);
	}
	return fail(dp, "unknown prefix `%s:'; write target=PATH if the path itself has a colon", word);
}

/* The target in its place, with all prefixes of older toolstacks before it. */
static int positional_target(struct disk_parse *dp, char *value)
{
	bool last = false;
	int rc;

	while (!last) {
		size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

		if (!n || value[n] != ':')
			break;
		value[n] = 0;
		rc = apply_prefix(dp, value, &last);
		if (rc)
			return rc;
		value += n + 1;
	}
	if (dp->old_form)
		dp->given[POS_FORMAT] = true;
	return set_target(dp, value);
}

/* [ioemu:]vdev[:devtype] */
static int positional_vdev(struct disk_parse *dp, char *value)
{
	char *colon;
	int rc;

	if (!strncmp(value, "ioemu:", 6))
		value += 6;
	colon = strchr(value, ':');
	if (colon) {
		*colon = 0;
		rc = set_devtype(dp, colon + 1);
		if (rc)
			return rc;
	}
	return set_vdev(dp, value);
}

static int positional(struct disk_parse *dp, char *value)
{
	if (!dp->given[POS_TARGET])
		return positional_target(dp, value);
	if (!dp->given[POS_FORMAT] && !strchr(value, ':'))
		return set_format(dp, value);
	dp->given[POS_FORMAT] = true;
	if (!dp->given[POS_VDEV])
		return positional_vdev(dp, value);
	if (!dp->given[POS_ACCESS])
		return set_access(dp, value);
	return *value ? fail(dp, "`%s' is neither a flag nor one of target, format, vdev and access", value) : 0;
}

static size_t key_length(const char *text)
{
	size_t n = 0;

	while ((text[n] >= 'a' && text[n] <= 'z') || (n && text[n] == '-'))
		n++;
	return text[n] == '=' ? n : 0;
}

static int named(struct disk_parse *dp, char *text, size_t n)
{
	text[n] = 0;
	for (size_t i = 0; i < COUNT(parameters); i++)
		if (!strcmp(parameters[i].name, text))
			return parameters[i].set(dp, text + n + 1);
	const char *near = xlu_nearest(text, parameters, COUNT(parameters), sizeof(parameters[0]));

	return fail(dp, "unknown parameter `%s'%s%s%s", text, near ? "; did you mean " : "",
		    near ? near : "", near ? "?" : "");
}

static void trim_end(char *text)
{
	size_t n = strlen(text);

	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = 0;
}

static int parse_spec(struct disk_parse *dp, char *text)
{
	char *next;
	int rc = 0;

	for (; text && !rc; text = next) {
		size_t n;

		text += strspn(text, " \t\r\n");
		if (!strncmp(text, "target=", 7))
			return set_target(dp, text + 7);
		next = strchr(text, ',');
		if (next)
			*next++ = 0;
		else if (!*text)
			break; /* nothing after the last comma */
		n = key_length(text);
		if (dp->given[POS_TARGET] || n)
			trim_end(text);
		if (n)
			rc = named(dp, text, n);
		else if (!*text || !set_flag(dp->disk, text))
			rc = positional(dp, text);
	}
	return rc;
}

static int finish(struct disk_parse *dp)
{
	libxl_device_disk *disk = dp->disk;

	if (disk->format == LIBXL_DISK_FORMAT_UNKNOWN)
		disk->format = LIBXL_DISK_FORMAT_RAW;
	if (!dp->access_set)
		disk->readwrite = 1;
	if (disk->is_cdrom) {
		disk->removable = 1;
		disk->readwrite = 0;
		if (!disk->pdev_path || !*disk->pdev_path)
			disk->format = LIBXL_DISK_FORMAT_EMPTY;
	}
	if (!disk->vdev)
		return fail(dp, "no virtual device is given; write for example vdev=xvda");
	if (!disk->pdev_path && !disk->is_cdrom && disk->format != LIBXL_DISK_FORMAT_EMPTY)
		return fail(dp, "no target is given; write target=PATH as the last parameter");
	return 0;
}

int xlu_disk_parse(XLU_Config *cfg, int nspecs, const char *const *specs, libxl_device_disk *disk)
{
	struct disk_parse dp = { .cfg = cfg, .disk = disk };
	int rc = 0;

	for (int i = 0; i < nspecs && !rc; i++) {
		char *copy = strdup(specs[i]);

		if (!copy)
			return ENOMEM;
		dp.spec = specs[i];
		rc = parse_spec(&dp, copy);
		free(copy);
	}
	return rc || !nspecs ? rc : finish(&dp);
}
