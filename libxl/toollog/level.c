// SPDX-License-Identifier: LGPL-2.1-only
/* Names of levels, and the entry points that any logger is called through. */
#include <errno.h>
#include <stddef.h>

#include "xentoollog.h"

static const char *const level_names[XTL_NUM_LEVELS] = {
	[XTL_DEBUG] = "debug",
	[XTL_VERBOSE] = "verbose",
	[XTL_DETAIL] = "detail",
	[XTL_PROGRESS] = "progress",
	[XTL_INFO] = "info",
	[XTL_NOTICE] = "notice",
	[XTL_WARN] = "warning",
	[XTL_ERROR] = "error",
	[XTL_CRITICAL] = "critical",
};

const char *xtl_level_to_string(xentoollog_level level)
{
	const char *name = NULL;

	if ((unsigned int)level < XTL_NUM_LEVELS)
		name = level_names[level];
	return name ? name : "[BUG] unknown level";
}

void xtl_logv(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
	      const char *context, const char *format, va_list al)
{
	int saved = errno;

	logger->vmessage(logger, level, errnoval, context, format, al);
	errno = saved;
}

void xtl_log(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
	     const char *context, const char *format, ...)
{
	va_list al;

	va_start(al, format);
	xtl_logv(logger, level, errnoval, context, format, al);
	va_end(al);
}

void xtl_progress(struct xentoollog_logger *logger, const char *context, const char *doing_what,
		  unsigned long done, unsigned long total)
{
	int saved = errno;
	int percent = 0;

	if (!logger->progress)
		return;
	if (total)
		percent = (int)((double)done / (double)total * 100.0);
	logger->progress(logger, context, doing_what, percent > 100 ? 100 : percent, done, total);
	errno = saved;
}

void xtl_logger_destroy(struct xentoollog_logger *logger)
{
	if (logger)
		logger->destroy(logger);
}
