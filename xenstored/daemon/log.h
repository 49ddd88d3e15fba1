/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENSTORED_LOG_H
#define XENSTORED_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* What an operator should know: syslog, and stderr when in the foreground. */
void log_open(const char *name, bool foreground);
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The trace of messages, for debugging: off unless a file is given. */
extern bool trace_on;
bool trace_open(const char *path);
void trace_reopen(void);
void trace_switch(bool on);
void trace_message(const char *dir, const void *conn, uint32_t domid, uint32_t type,
		   const void *data, uint32_t len);

#endif
