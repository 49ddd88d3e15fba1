// SPDX-License-Identifier: LGPL-2.1-only
/* Lookups in a parsed configuration. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cfg.h"

static int find_typed(const XLU_Config *cfg, const char *n, enum XLU_ConfigValueType type,
		      const struct xlu_setting **out, int dont_warn)
{
	const struct xlu_setting *s = xlu_find(cfg, n);

	if (!s)
		return ESRCH;
	if (s->value->type != type) {
		if (!dont_warn)
			xlu_report_at(cfg, s->value->place,
				      type == XLU_LIST ? "`%s' must be a list in [ ], not a single value" :
							 "`%s' must be a single value, not a list", n);
		return EINVAL;
	}
	*out = s;
	return 0;
}

int xlu_cfg_get_string(const XLU_Config *cfg, const char *n, const char **value_r, int dont_warn)
{
	const struct xlu_setting *s;
	int rc = find_typed(cfg, n, XLU_STRING, &s, dont_warn);

	if (!rc)
		*value_r = s->value->u.string;
	return rc;
}

int xlu_cfg_replace_string(const XLU_Config *cfg, const char *n, char **value_r, int dont_warn)
{
	const char *text;
	int rc = xlu_cfg_get_string(cfg, n, &text, dont_warn);
	char *copy;

	if (rc)
		return rc;
	copy = strdup(text);
	if (!copy)
		return ENOMEM;
	free(*value_r);
	*value_r = copy;
	return 0;
}

int xlu_cfg_get_bounded_long(const XLU_Config *cfg, const char *n, long min, long max,
			     long *value_r, int dont_warn)
{
	const struct xlu_setting *s;
	int rc = find_typed(cfg, n, XLU_STRING, &s, dont_warn);
	char *end;
	long value;

	if (rc)
		return rc;
	errno = 0;
	value = strtol(s->value->u.string, &end, 0);
	if (errno == ERANGE) {
		if (!dont_warn)
			xlu_report_at(cfg, s->value->place, "`%s' is a number too large to use", n);
		return ERANGE;
	}
	if (*end || end == s->value->u.string) {
		if (!dont_warn)
			xlu_report_at(cfg, s->value->place, "`%s' must be a number, not \"%s\"", n,
				      s->value->u.string);
		return EINVAL;
	}
	if (value < min || value > max) {
		if (!dont_warn)
			xlu_report_at(cfg, s->value->place, "`%s' is %ld, which is not in the range %ld to %ld",
				      n, value, min, max);
		return ERANGE;
	}
	*value_r = value;
	return 0;
}

int xlu_cfg_get_long(const XLU_Config *cfg, const char *n, long *value_r, int dont_warn)
{
	return xlu_cfg_get_bounded_long(cfg, n, LONG_MIN, LONG_MAX, value_r, dont_warn);
}

int xlu_cfg_get_defbool(const XLU_Config *cfg, const char *n, libxl_defbool *b, int dont_warn)
{
	long value;
	int rc = xlu_cfg_get_long(cfg, n, &value, dont_warn);

	if (!rc)
		libxl_defbool_set(b, value != 0);
	return rc;
}

int xlu_cfg_get_list(const XLU_Config *cfg, const char *n, XLU_ConfigList **list_r, int *entries_r,
		     int dont_warn)
{
	const struct xlu_setting *s;
	int rc = find_typed(cfg, n, XLU_LIST, &s, dont_warn);

	if (rc)
		return rc;
	if (list_r)
		*list_r = &s->value->u.list;
	if (entries_r)
		*entries_r = s->value->u.list.count;
	return 0;
}

int xlu_cfg_get_list_as_string_list(const XLU_Config *cfg, const char *n, libxl_string_list *sl,
				    int dont_warn)
{
	XLU_ConfigList *list;
	int count, rc;
	char **copy;

	rc = xlu_cfg_get_list(cfg, n, &list, &count, dont_warn);
	if (rc)
		return rc;
	copy = calloc((size_t)count + 1, sizeof(*copy));
	if (!copy)
		return ENOMEM;
	for (int i = 0; i < count; i++) {
		if (list->values[i]->type != XLU_STRING) {
			if (!dont_warn)
				xlu_report_at(cfg, list->values[i]->place,
					      "entry %d of `%s' must be a single value, not a list", i + 1, n);
			rc = EINVAL;
		} else {
			copy[i] = strdup(list->values[i]->u.string);
			rc = copy[i] ? 0 : ENOMEM;
		}
		if (rc) {
			libxl_string_list_dispose(&copy);
			return rc;
		}
	}
	*sl = copy;
	return 0;
}

XLU_ConfigValue *xlu_cfg_get_listitem2(const XLU_ConfigList *list, int entry)
{
	return entry >= 0 && entry < list->count ? list->values[entry] : NULL;
}

const char *xlu_cfg_get_listitem(const XLU_ConfigList *list, int entry)
{
	XLU_ConfigValue *value = xlu_cfg_get_listitem2(list, entry);

	return value && value->type == XLU_STRING ? value->u.string : NULL;
}

enum XLU_ConfigValueType xlu_cfg_value_type(const XLU_ConfigValue *value)
{
	return value->type;
}

int xlu_cfg_value_get_string(const XLU_Config *cfg, XLU_ConfigValue *value, char **value_r,
			     int dont_warn)
{
	if (value->type != XLU_STRING) {
		if (!dont_warn)
			xlu_report_at(cfg, value->place, "a single value should be here, not a list");
		return EINVAL;
	}
	*value_r = value->u.string;
	return 0;
}

int xlu_cfg_value_get_list(const XLU_Config *cfg, XLU_ConfigValue *value, XLU_ConfigList **value_r,
			   int dont_warn)
{
	if (value->type != XLU_LIST) {
		if (!dont_warn)
			xlu_report_at(cfg, value->place, "a list in [ ] should be here, not a single value");
		return EINVAL;
	}
	*value_r = &value->u.list;
	return 0;
}

bool xlu_cfg_setting(const XLU_Config *cfg, int index, const char **name, XLU_ConfigValue **value,
		     struct xlu_place *key_place)
{
	if (index < 0 || index >= cfg->count)
		return false;
	*name = cfg->settings[index].name;
	if (value)
		*value = cfg->settings[index].value;
	if (key_place)
		*key_place = cfg->settings[index].place;
	return true;
}

void xlu_cfg_value_place(const XLU_ConfigValue *value, struct xlu_place *place)
{
	*place = value->place;
}
