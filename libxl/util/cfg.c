// SPDX-License-Identifier: LGPL-2.1-only
/* Life of a parsed configuration: reading, storing settings, freeing. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cfg.h"

/* No sane domain needs a larger one; it also keeps lengths and columns inside an int. */
#define MAX_FILE_BYTES (16 << 20)

XLU_Config *xlu_cfg_init(FILE *report, const char *report_filename)
{
	XLU_Config *cfg = calloc(1, sizeof(*cfg));

	if (!cfg)
		return NULL;
	cfg->report = report;
	if (xlu_cfg_set_report_name(cfg, report_filename)) {
		free(cfg);
		return NULL;
	}
	return cfg;
}

int xlu_cfg_set_report_name(XLU_Config *cfg, const char *name)
{
	size_t length = strlen(name) + 1;
	struct xlu_source *source = malloc(sizeof(*source) + length);

	if (!source)
		return ENOMEM;
	memcpy(source->name, name, length);
	source->next = cfg->sources;
	cfg->sources = source;
	return 0;
}

void xlu_cfg_destroy(XLU_Config *cfg)
{
	if (!cfg)
		return;
	for (int i = 0; i < cfg->count; i++) {
		free(cfg->settings[i].name);
		xlu_value_free(cfg->settings[i].value);
	}
	free(cfg->settings);
	while (cfg->sources) {
		struct xlu_source *next = cfg->sources->next;

		free(cfg->sources);
		cfg->sources = next;
	}
	free(cfg);
}

static int read_all(FILE *f, char **data, size_t *length)
{
	size_t room = 4096, n = 0;
	char *buffer = malloc(room);

	while (buffer) {
		n += fread(buffer + n, 1, room - n, f);
		if (n < room)
			break;
		if (room >= MAX_FILE_BYTES) {
			free(buffer);
			return EFBIG;
		}
		room *= 2;
		char *grown = realloc(buffer, room);

		if (!grown)
			free(buffer);
		buffer = grown;
	}
	if (!buffer)
		return ENOMEM;
	if (ferror(f)) {
		free(buffer);
		return errno ? errno : EIO;
	}
	*data = buffer;
	*length = n;
	return 0;
}

int xlu_cfg_readfile(XLU_Config *cfg, const char *real_filename)
{
	FILE *f = fopen(real_filename, "re");
	struct stat info;
	size_t length;
	char *data;
	int rc;

	if (!f) {
		rc = errno;
		xlu_report(cfg, "cannot open the file: %s", strerror(rc));
		return rc;
	}
	rc = fstat(fileno(f), &info) ? errno : S_ISDIR(info.st_mode) ? EISDIR : 0;
	if (!rc)
		rc = read_all(f, &data, &length);
	fclose(f);
	if (rc) {
		xlu_report(cfg, "cannot read the file: %s", strerror(rc));
		return rc;
	}
	rc = xlu_parse(cfg, (struct xlu_span){ data, length });
	free(data);
	return rc;
}

int xlu_cfg_readdata(XLU_Config *cfg, const char *data, int length)
{
	if (length < 0 || length > MAX_FILE_BYTES)
		return length < 0 ? EINVAL : EFBIG;
	return xlu_parse(cfg, (struct xlu_span){ data, (size_t)length });
}

XLU_ConfigValue *xlu_value_string(char *owned, struct xlu_place place)
{
	XLU_ConfigValue *value = malloc(sizeof(*value));

	if (!value) {
		free(owned);
		return NULL;
	}
	*value = (XLU_ConfigValue){ .type = XLU_STRING, .place = place, .u.string = owned };
	return value;
}

XLU_ConfigValue *xlu_value_list(struct xlu_place place)
{
	XLU_ConfigValue *value = malloc(sizeof(*value));

	if (value)
		*value = (XLU_ConfigValue){ .type = XLU_LIST, .place = place };
	return value;
}

int xlu_list_append(XLU_ConfigList *list, XLU_ConfigValue *owned)
{
	if (list->count == list->room) {
		int room = list->room ? list->room * 2 : 4;
		XLU_ConfigValue **grown = realloc(list->values, sizeof(*grown) * (size_t)room);

		if (!grown) {
			xlu_value_free(owned);
			return ENOMEM;
		}
		list->values = grown;
		list->room = room;
	}
	list->values[list->count++] = owned;
	return 0;
}

void xlu_value_free(XLU_ConfigValue *value)
{
	if (!value)
		return;
	if (value->type == XLU_LIST) {
		for (int i = 0; i < value->u.list.count; i++)
			xlu_value_free(value->u.list.values[i]);
		free(value->u.list.values);
	} else {
		free(value->u.string);
	}
	free(value);
}

const struct xlu_setting *xlu_find(const XLU_Config *cfg, const char *name)
{
	for (int i = 0; i < cfg->count; i++)
		if (!strcmp(cfg->settings[i].name, name))
			return &cfg->settings[i];
	return NULL;
}

static struct xlu_setting *find_span(XLU_Config *cfg, struct xlu_span name)
{
	for (int i = 0; i < cfg->count; i++) {
		struct xlu_setting *s = &cfg->settings[i];

		if (strlen(s->name) == name.length && !memcmp(s->name, name.data, name.length))
			return s;
	}
	return NULL;
}

static int add_setting(XLU_Config *cfg, struct xlu_span name, struct xlu_place place,
		       XLU_ConfigValue *value)
{
	char *copy;

	if (cfg->count == cfg->room) {
		int room = cfg->room ? cfg->room * 2 : 16;
		struct xlu_setting *grown = realloc(cfg->settings, sizeof(*grown) * (size_t)room);

		if (!grown)
			return ENOMEM;
		cfg->settings = grown;
		cfg->room = room;
	}
	copy = strndup(name.data, name.length);
	if (!copy)
		return ENOMEM;
	cfg->settings[cfg->count++] = (struct xlu_setting){ copy, place, value };
	return 0;
}

/* "+=": text is joined to text and entries to entries; the addition is used up on success. */
static int join(XLU_Config *cfg, struct xlu_setting *s, XLU_ConfigValue *more)
{
	if (s->value->type != more->type) {
		xlu_report_at(cfg, more->place, "`%s' cannot grow by a %s, since it was set to a %s at line %d",
			      s->name, more->type == XLU_LIST ? "list" : "single value",
			      s->value->type == XLU_LIST ? "list" : "single value", s->place.line);
		return EINVAL;
	}
	if (more->type == XLU_STRING) {
		size_t old = strlen(s->value->u.string), extra = strlen(more->u.string) + 1;
		char *grown = realloc(s->value->u.string, old + extra);

		if (!grown)
			return ENOMEM;
		memcpy(grown + old, more->u.string, extra);
		s->value->u.string = grown;
		return 0;
	}
	for (int i = 0; i < more->u.list.count; i++) {
		XLU_ConfigValue *entry = more->u.list.values[i];

		more->u.list.values[i] = NULL;
		if (xlu_list_append(&s->value->u.list, entry))
			return ENOMEM;
	}
	return 0;
}

int xlu_store(XLU_Config *cfg, struct xlu_span name, struct xlu_place place, enum XLU_Operation op,
	      XLU_ConfigValue *value)
{
	struct xlu_setting *s = find_span(cfg, name);
	int rc;

	if (s && op == XLU_OP_ADDITION) {
		rc = join(cfg, s, value);
		xlu_value_free(value);
		return rc;
	}
	if (s) {
		xlu_value_free(s->value);
		s->value = value;
		s->place = place;
		return 0;
	}
	rc = add_setting(cfg, name, place, value);
	if (rc)
		xlu_value_free(value);
	return rc;
}

void xlu_report(const XLU_Config *cfg, const char *format, ...)
{
	va_list args;

	fprintf(cfg->report, "%s: ", cfg->sources->name);
	va_start(args, format);
	vfprintf(cfg->report, format, args);
	va_end(args);
	fputc('\n', cfg->report);
}

void xlu_report_at(const XLU_Config *cfg, struct xlu_place place, const char *format, ...)
{
	va_list args;

	fprintf(cfg->report, "%s:%d:%d: ", place.file, place.line, place.column);
	va_start(args, format);
	vfprintf(cfg->report, format, args);
	va_end(args);
	fputc('\n', cfg->report);
}
