// SPDX-License-Identifier: LGPL-2.1-only
/* The logger that writes lines to a stdio stream. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "xentoollog.h"

struct xentoollog_logger_stdiostream {
	xentoollog_logger vtable; /* first: callers cast */
	FILE *f;
	xentoollog_level min_level;
	unsigned int flags;
	bool use_cr;         /* progress overwrites its line */
	size_t line_width;   /* of the progress line that is open, 0 if none */
	int last_percent;
	char last_what[64];
};

static struct xentoollog_logger_stdiostream *to_stdio(struct xentoollog_logger *logger)
{
	return (struct xentoollog_logger_stdiostream *)logger;
}

static void end_progress_line(struct xentoollog_logger_stdiostream *lg)
{
	if (lg->line_width)
		fprintf(lg->f, "\r%*s\r", (int)lg->line_width, "");
	lg->line_width = 0;
}

static void print_prefix(struct xentoollog_logger_stdiostream *lg)
{
	if (lg->flags & XTL_STDIOSTREAM_SHOW_DATE) {
		time_t now = time(NULL);
		struct tm tm;
		char text[48];

		if (localtime_r(&now, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &tm))
			fprintf(lg->f, "%s ", text);
	}
	if (lg->flags & XTL_STDIOSTREAM_SHOW_PID)
		fprintf(lg->f, "[%lu] ", (unsigned long)getpid());
}

static void stdio_vmessage(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
			   const char *context, const char *format, va_list al)
{
	struct xentoollog_logger_stdiostream *lg = to_stdio(logger);

	if (level < lg->min_level)
		return;
	flockfile(lg->f);
	end_progress_line(lg);
	print_prefix(lg);
	if (context)
		fprintf(lg->f, "%s: ", context);
	fprintf(lg->f, "%s: ", xtl_level_to_string(level));
	vfprintf(lg->f, format, al);
	if (errnoval >= 0)
		fprintf(lg->f, ": %s", strerror(errnoval));
	putc('\n', lg->f);
	fflush(lg->f);
	funlockfile(lg->f);
}

static void stdio_progress(struct xentoollog_logger *logger, const char *context,
			   const char *doing_what, int percent, unsigned long done,
			   unsigned long total)
{
	struct xentoollog_logger_stdiostream *lg = to_stdio(logger);
	size_t width = lg->line_width;
	int n;

	if ((lg->flags & XTL_STDIOSTREAM_HIDE_PROGRESS) || lg->min_level > XTL_PROGRESS)
		return;
	if (!strncmp(lg->last_what, doing_what, sizeof(lg->last_what) - 1)) {
		/* In a log file one line for each tenth is enough. */
		if (percent == lg->last_percent || (!lg->use_cr && percent / 10 == lg->last_percent / 10))
			return;
	} else {
		strncpy(lg->last_what, doing_what, sizeof(lg->last_what) - 1);
	}
	lg->last_percent = percent;
	flockfile(lg->f);
	if (lg->use_cr)
		putc('\r', lg->f);
	else
		print_prefix(lg);
	n = fprintf(lg->f, "%s%sprogress: %s: %lu/%lu  %3d%%", context ? context : "", context ? ": " : "",
		    doing_what, done, total, percent);
	if (lg->use_cr && done != total) {
		if (n > 0 && width > (size_t)n)
			fprintf(lg->f, "%*s", (int)(width - (size_t)n), "");
		lg->line_width = n > 0 ? (size_t)n : 0;
	} else {
		lg->line_width = 0;
		putc('\n', lg->f);
	}
	fflush(lg->f);
	funlockfile(lg->f);
}

static void stdio_destroy(struct xentoollog_logger *logger)
{
	struct xentoollog_logger_stdiostream *lg = to_stdio(logger);

	end_progress_line(lg);
	free(lg);
}

static void choose_cr(xentoollog_logger_stdiostream *lg)
{
	if (lg->flags & XTL_STDIOSTREAM_PROGRESS_USE_CR)
		lg->use_cr = true;
	else if (lg->flags & XTL_STDIOSTREAM_PROGRESS_NO_CR)
		lg->use_cr = false;
	else
		lg->use_cr = isatty(fileno(lg->f)) > 0;
}

void xtl_stdiostream_set_minlevel(xentoollog_logger_stdiostream *lg, xentoollog_level min_level)
{
	lg->min_level = min_level;
}

void xtl_stdiostream_adjust_flags(xentoollog_logger_stdiostream *lg, unsigned set_flags,
				  unsigned clear_flags)
{
	lg->flags = (lg->flags & ~clear_flags) | set_flags;
	if ((set_flags | clear_flags) & (XTL_STDIOSTREAM_PROGRESS_USE_CR | XTL_STDIOSTREAM_PROGRESS_NO_CR))
		choose_cr(lg);
}

xentoollog_logger_stdiostream *xtl_createlogger_stdiostream(FILE *f, xentoollog_level min_level,
							    unsigned flags)
{
	xentoollog_logger_stdiostream *lg = calloc(1, sizeof(*lg));

	if (!lg)
		return NULL;
	lg->vtable.vmessage = stdio_vmessage;
	lg->vtable.progress = stdio_progress;
	lg->vtable.destroy = stdio_destroy;
	lg->f = f;
	lg->min_level = min_level;
	lg->flags = flags;
	lg->last_percent = -1;
	choose_cr(lg);
	return lg;
}
