// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

static bool to_stderr;
static const char *daemon_name = "daemon";
static FILE *trace_file;
static char *trace_path;
bool trace_on;

void log_open(const char *name, bool foreground)
{
	to_stderr = foreground;
	daemon_name = name;
	openlog(name, LOG_PID, LOG_DAEMON);
}

void log_line(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	syslog(LOG_WARNING, "%s", line);
	if (to_stderr)
		fprintf(stderr, "%s: %s\n", daemon_name, line);
	if (trace_on)
		fprintf(trace_file, "%s\n", line);
}

bool trace_open(const char *path)
{
	FILE *f = fopen(path, "ae");
	char *copy = strdup(path);

	if (!f || !copy) {
		if (f)
			fclose(f);
		free(copy);
		return false;
	}
	setvbuf(f, NULL, _IOLBF, 0);
	if (trace_file)
		fclose(trace_file);
	free(trace_path);
	trace_file = f;
	trace_path = copy;
	trace_on = true;
	return true;
}

void trace_reopen(void)
{
	char *path = trace_path ? strdup(trace_path) : NULL;
	bool on = trace_on;

	if (path && trace_open(path))
		trace_on = on;
	free(path);
}

void trace_switch(bool on)
{
	trace_on = on && trace_file;
}

void trace_message(const char *dir, const void *conn, uint32_t domid, uint32_t type,
		   const void *data, uint32_t len)
{
	const unsigned char *p = data;
	struct timespec now;
	struct tm tm;

	if (!trace_on)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	fprintf(trace_file, "%s %p %04d%02d%02d %02d:%02d:%02d d%u type %u (", dir, conn,
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		domid, type);
	for (uint32_t i = 0; i < len; i++)
		fputc(!p[i] ? ' ' : p[i] < 32 || p[i] > 126 ? '.' : p[i], trace_file);
	fputs(")\n", trace_file);
}
