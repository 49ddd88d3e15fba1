/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxentoollog: a sink for messages and progress that the libraries report to.
 */
#ifndef XENTOOLLOG_H
#define XENTOOLLOG_H
#include <stdio.h>
#include <stdarg.h>

/* Levels by weight; a logger shows those from its minimum on. */
typedef enum xentoollog_level {
	XTL_NONE,
	XTL_DEBUG,
	XTL_VERBOSE,
	XTL_DETAIL,
	XTL_PROGRESS,
	XTL_INFO,
	XTL_NOTICE,
	XTL_WARN,
	XTL_ERROR,
	XTL_CRITICAL,
	XTL_NUM_LEVELS
} xentoollog_level;
typedef struct xentoollog_logger xentoollog_logger;

/*
 * A logger of one's own: fill in the three functions, keep state behind them. errnoval is an
 * errno or -1; context names the speaker or is NULL; percent is 0 to 100. Functions must
 * leave errno as it was.
 */
struct xentoollog_logger {
	void (*vmessage)(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
			 const char *context, const char *format, va_list al)
		__attribute__((format(printf, 5, 0)));
	void (*progress)(struct xentoollog_logger *logger, const char *context,
			 const char *doing_what, int percent, unsigned long done,
			 unsigned long total);
	void (*destroy)(struct xentoollog_logger *logger);
};

/*
 * Options of the logger that writes to a stdio stream. Carriage returns for progress: on,
 * off, or by default on a terminal only.
 */
#define XTL_STDIOSTREAM_SHOW_PID        001u
#define XTL_STDIOSTREAM_SHOW_DATE       002u
#define XTL_STDIOSTREAM_HIDE_PROGRESS   004u
#define XTL_STDIOSTREAM_PROGRESS_USE_CR 010u
#define XTL_STDIOSTREAM_PROGRESS_NO_CR  020u
typedef struct xentoollog_logger_stdiostream xentoollog_logger_stdiostream;

/* NULL if memory is short. */
xentoollog_logger_stdiostream *xtl_createlogger_stdiostream(FILE *f, xentoollog_level min_level,
							    unsigned flags);
void xtl_stdiostream_set_minlevel(xentoollog_logger_stdiostream *, xentoollog_level min_level);
void xtl_stdiostream_adjust_flags(xentoollog_logger_stdiostream *, unsigned set_flags,
				  unsigned clear_flags);

/* NULL is allowed. */
void xtl_logger_destroy(struct xentoollog_logger *logger);
void xtl_logv(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
	      const char *context, const char *format, va_list)
	__attribute__((format(printf, 5, 0)));
void xtl_log(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
	     const char *context, const char *format, ...) __attribute__((format(printf, 5, 6)));
void xtl_progress(struct xentoollog_logger *logger, const char *context, const char *doing_what,
		  unsigned long done, unsigned long total);
const char *xtl_level_to_string(xentoollog_level);

/*
 * Helper for makers of loggers: heap copy of a filled-in xentoollog_logger_NAME whose first
 * member, vtable, is set to NAME_vmessage, NAME_progress, NAME_destroy.
 */
#define XTL_NEW_LOGGER(LOGGER, buffer)                                                             \
	({                                                                                         \
		xentoollog_logger_##LOGGER *heap_ = malloc(sizeof(*heap_));                        \
		(buffer).vtable.vmessage = LOGGER##_vmessage;                                      \
		(buffer).vtable.progress = LOGGER##_progress;                                      \
		(buffer).vtable.destroy = LOGGER##_destroy;                                        \
		if (heap_)                                                                         \
			*heap_ = (buffer);                                                         \
		else                                                                               \
			xtl_log((xentoollog_logger *)&(buffer), XTL_CRITICAL, errno, "xtl",        \
				"no memory for a logger");                                         \
		heap_;                                                                             \
	});

#endif
