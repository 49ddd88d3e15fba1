/* SPDX-License-Identifier: LGPL-2.1-only */
/* The inside of a parsed configuration, shared by the reader and the lookups. */
#ifndef XLU_CFG_H
#define XLU_CFG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "libxlutil_walk.h"

struct XLU_ConfigList {
	int count;
	int room;
	XLU_ConfigValue **values;
};

struct XLU_ConfigValue {
	enum XLU_ConfigValueType type;
	struct xlu_place place;
	union {
		char *string;
		XLU_ConfigList list;
	} u;
};

struct xlu_setting {
	char *name;
	struct xlu_place place;
	XLU_ConfigValue *value;
};

/* Names of sources live as long as the config: places point at them. */
struct xlu_source {
	struct xlu_source *next;
	char name[];
};

struct XLU_Config {
	FILE *report;
	struct xlu_source *sources; /* newest first: the one being read */
	struct xlu_setting *settings;
	int count;
	int room;
};

struct xlu_span {
	const char *data;
	size_t length;
};

XLU_ConfigValue *xlu_value_string(char *owned, struct xlu_place place);
XLU_ConfigValue *xlu_value_list(struct xlu_place place);
int xlu_list_append(XLU_ConfigList *list, XLU_ConfigValue *owned);
void xlu_value_free(XLU_ConfigValue *value);

/* Takes the value, also when it fails. */
int xlu_store(XLU_Config *cfg, struct xlu_span name, struct xlu_place place, enum XLU_Operation op,
	      XLU_ConfigValue *value);
const struct xlu_setting *xlu_find(const XLU_Config *cfg, const char *name);

int xlu_parse(XLU_Config *cfg, struct xlu_span text);

void xlu_report(const XLU_Config *cfg, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void xlu_report_at(const XLU_Config *cfg, struct xlu_place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
