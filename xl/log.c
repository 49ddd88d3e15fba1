// SPDX-License-Identifier: GPL-2.0-only
/* A logger that writes to two places. */
#include <errno.h>
#include <stdio.h>
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

/* What goes wrong before there is a file belongs to its story too. */
#define EARLY 8
static struct early {
	xentoollog_level level;
	int errnoval;
	char *context, *text;
} early[EARLY];
static unsigned int nr_early;

static void early_keep(xentoollog_level level, int errnoval, const char *context, const char *format, va_list args)
{
	struct early *e = &early[nr_early];

	if (level < XTL_WARN || nr_early == EARLY || vasprintf(&e->text, format, args) < 0)
		return;
	e->level = level;
	e->errnoval = errnoval;
	e->context = context ? strdup(context) : NULL;
	nr_early++;
}

/* Forgotten, and written to the file if there is one. */
static void early_let_go(void)
{
	for (unsigned int i = 0; i < nr_early; i++) {
		struct early *e = &early[i];

		if (tee.file)
			xtl_log((xentoollog_logger *)tee.file, e->level, e->errnoval, e->context, "%s", e->text);
		free(e->context);
		free(e->text);
	}
	nr_early = 0;
}

static void tee_vmessage(xentoollog_logger *self, xentoollog_level level, int errnoval, const char *context,
			 const char *format, va_list args)
{
	va_list again;

	tee.errors = tee.errors || level >= XTL_ERROR;
	va_copy(again, args);
	if (tee.file)
		xtl_logv((xentoollog_logger *)tee.file, level, errnoval, context, format, again);
	else
		early_keep(level, errnoval, context, format, again);
	va_end(again);
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
	early_let_go();
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
	early_let_go();
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
