/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxlutil: the configuration language that xl and other toolstacks share, and the parsers of the
 * small device languages inside it (disks, PCI functions, interface rates).
 *
 * Functions return 0 or a positive errno value, except xlu_pci_* and xlu_rdm_parse, which return 0
 * or a negative libxl error, as programs built for Xen 4.17 expect. Every failure writes one line to
 * the report stream of the XLU_Config, with file, line and column where they are known.
 */
#ifndef LIBXLUTIL_H
#define LIBXLUTIL_H

#include <stdio.h>

#include "libxl.h"

enum XLU_ConfigValueType {
	XLU_STRING,
	XLU_LIST,
};

enum XLU_Operation {
	XLU_OP_ASSIGNMENT = 0,
	XLU_OP_ADDITION,
};

typedef struct XLU_Config XLU_Config;
typedef struct XLU_ConfigList XLU_ConfigList;
typedef struct XLU_ConfigValue XLU_ConfigValue;

/* NULL only when memory is short. The name is copied; the stream must outlive the XLU_Config. */
XLU_Config *xlu_cfg_init(FILE *report, const char *report_filename);
void xlu_cfg_destroy(XLU_Config *cfg);

/* A later read adds to, and overrides, what earlier ones set. After a failure only destroy it. */
int xlu_cfg_readfile(XLU_Config *cfg, const char *real_filename);
int xlu_cfg_readdata(XLU_Config *cfg, const char *data, int length);

/*
 * Lookups. ESRCH: the key is not set. EINVAL: it is set to something of another form.
 * ERANGE: a number outside the allowed range. The last two are reported unless dont_warn.
 * Strings and lists returned belong to the XLU_Config.
 */
int xlu_cfg_get_string(const XLU_Config *cfg, const char *n, const char **value_r, int dont_warn);
int xlu_cfg_replace_string(const XLU_Config *cfg, const char *n, char **value_r, int dont_warn);
int xlu_cfg_get_long(const XLU_Config *cfg, const char *n, long *value_r, int dont_warn);
int xlu_cfg_get_bounded_long(const XLU_Config *cfg, const char *n, long min, long max,
			     long *value_r, int dont_warn);
int xlu_cfg_get_defbool(const XLU_Config *cfg, const char *n, libxl_defbool *b, int dont_warn);

int xlu_cfg_get_list(const XLU_Config *cfg, const char *n, XLU_ConfigList **list_r, int *entries_r,
		     int dont_warn);
int xlu_cfg_get_list_as_string_list(const XLU_Config *cfg, const char *n, libxl_string_list *sl,
				    int dont_warn);
/* NULL past the end, or where the entry is itself a list. */
const char *xlu_cfg_get_listitem(const XLU_ConfigList *list, int entry);
XLU_ConfigValue *xlu_cfg_get_listitem2(const XLU_ConfigList *list, int entry);

enum XLU_ConfigValueType xlu_cfg_value_type(const XLU_ConfigValue *value);
int xlu_cfg_value_get_string(const XLU_Config *cfg, XLU_ConfigValue *value, char **value_r,
			     int dont_warn);
int xlu_cfg_value_get_list(const XLU_Config *cfg, XLU_ConfigValue *value, XLU_ConfigList **value_r,
			   int dont_warn);

/*
 * Fills an initialised disk from one specification, usually a single string; more than one string
 * is read as one specification given in pieces. With none, nothing is required and nothing set.
 */
int xlu_disk_parse(XLU_Config *cfg, int nspecs, const char *const *specs, libxl_device_disk *disk);

int xlu_pci_parse_bdf(XLU_Config *cfg, libxl_device_pci *pci, const char *str);
int xlu_pci_parse_spec_string(XLU_Config *cfg, libxl_device_pci *pci, const char *str);
int xlu_rdm_parse(XLU_Config *cfg, libxl_rdm_reserve *rdm, const char *str);

int xlu_vif_parse_rate(XLU_Config *cfg, const char *rate, libxl_device_nic *nic);

#endif /* LIBXLUTIL_H */
