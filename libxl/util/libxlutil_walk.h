/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What libxlutil offers beyond the published API: walking over all settings with their places, so
 * that a caller can report the keys it does not know. Versioned apart (XENOLITH_1) from the rest.
 */
#ifndef LIBXLUTIL_WALK_H
#define LIBXLUTIL_WALK_H

#include <libxlutil.h>

struct xlu_place {
	const char *file;
	int line;
	int column;
};

/* The setting with this index in order of first appearance; false past the end. */
bool xlu_cfg_setting(const XLU_Config *cfg, int index, const char **name, XLU_ConfigValue **value,
		     struct xlu_place *key_place);

/* The name under which later reads are reported. It is copied. */
int xlu_cfg_set_report_name(XLU_Config *cfg, const char *name);

void xlu_cfg_value_place(const XLU_ConfigValue *value, struct xlu_place *place);

#endif
