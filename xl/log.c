// SPDX-License-Identifier: GPL-2.0-only
/* A logger that writes to two places. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

struct tee {
	xentoollog_logger vtable; /* first: libxl knows the tee by it */
	xentoollog_logger_stdiostream *terminal;
	xentoollog_logger_stdiostream *file;
	FILE *stream;
	char *path;
	bool errors;
};

static struct tee tee;

static void tee_vmessage(xentoollog_logger *self, xentoollog_level level, int errnoval, const char *context,
			 const char *format, va_list args)
{
	va_list again;

	tee.errors = tee.errors || level >= XTL_ERROR;
	if (tee.file) {
		va_copy(again, args);
		xtl_logv((xentoollog_logger *)tee.file, level, errnoval, context, format, again);
		va_end(again);
	}
	xtl_logv((xentoollog_logger *)tee.terminal, level, errnoval, context, format, args);
}

static void tee_progress(xentoollog_logger *self, const char *context, const char *doing, int percent,
			 unsigned long done, unsigned long total)
{
	xtl_progress((xentoollog_logger *)tee.terminal, context, doing, done, total);
}

static void tee_destroy(xentoollog_logger *self)
{
}

bool log_start(xentoollog_level level, unsigned int flags)
{
	tee.vtable = (xentoollog_logger){
		.vmessage = tee_vmessage,
		.progress = tee_progress,
		.destroy = tee_destroy,
	};
	tee.terminal = xtl_createlogger_stdiostream(stderr, level, flags);
	logger = &tee.vtable;
	return tee.terminal;
}

void log_stop(void)
{
	log_close_file();
	if (tee.terminal)
		xtl_logger_destroy((xentoollog_logger *)tee.terminal);
	tee.terminal = NULL;
}

void log_set_level(xentoollog_level level)
{
	xtl_stdiostream_set_minlevel(tee.terminal, level);
}

void log_open_file(const char *name)
{
	log_close_file();
	if (libxl_create_logfile(ctx, name, &tee.path)) {
		xl_warn("no log file for %s could be made in " XEN_LOG_DIR, name);
		return;
	}
	tee.stream = fopen(tee.path, "ae");
	if (!tee.stream) {
		xl_warn("the log file %s could not be opened: %s", tee.path, strerror(errno));
		log_close_file();
		return;
	}
	setvbuf(tee.stream, NULL, _IOLBF, 0);
	tee.file = xtl_createlogger_stdiostream(tee.stream, XTL_DEBUG,
						XTL_STDIOSTREAM_SHOW_DATE | XTL_STDIOSTREAM_HIDE_PROGRESS);
}

bool log_has_errors(void)
{
	return tee.errors;
}

void log_note(const char *text)
{
	if (tee.file)
		xtl_log((xentoollog_logger *)tee.file, XTL_ERROR, -1, "xl", "%s", text);
}

const char *log_file(void)
{
	return tee.path;
}

void log_close_file(void)
{
	if (tee.file)
		xtl_logger_destroy((xentoollog_logger *)tee.file);
	if (tee.stream)
		fclose(tee.stream);
	free(tee.path);
	tee.file = NULL;
	tee.stream = NULL;
	tee.path = NULL;
}
