/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where libxl's messages go: to standard error from a chosen level on, and while a domain is being
 * built all of them, with times, to that domain's log file.
 */
#ifndef XL_LOG_H
#define XL_LOG_H

#include "xl.h"

bool log_start(xentoollog_level level, unsigned int flags);
void log_stop(void);
void log_set_level(xentoollog_level level);

/* Starts XEN_LOG_DIR/NAME.log (older ones rotate away). Without one, messages only go to stderr. */
void log_open_file(const char *name);
/* The name of the open file, or NULL. */
const char *log_file(void);
/* Whether libxl has said what is wrong, since the command began. */
bool log_has_errors(void);
/* A line of ours for the file alone. */
void log_note(const char *text);
/* In a daemon, standard error is the file itself. */
void log_close_file(void);

#endif
