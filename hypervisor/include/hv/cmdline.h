/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_CMDLINE_H
#define HV_CMDLINE_H

/* Calls the handlers of all options of @line (core/cmdline.c; registration: CMDLINE_PARAM, hv/lib.h). */
void cmdline_parse(const char *line);
/* The line as booted, for XEN_SYSCTL and xen_version(commandline). */
extern const char *saved_cmdline;

#endif
