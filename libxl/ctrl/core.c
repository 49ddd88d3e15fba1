// SPDX-License-Identifier: LGPL-2.1-only
/* The handle of libxenctrl, its last error and its messages. */
#include <stdio.h>

#include "ctrl_internal.h"

static int make_logs(struct xc_interface_core *xch, xentoollog_logger *logger,
		     xentoollog_logger *dombuild_logger)
{
	if (!logger) {
		xch->own_error_handler = (xentoollog_logger *)xtl_createlogger_stdiostream(
			stderr, XTL_WARN, XTL_STDIOSTREAM_HIDE_PROGRESS);
		logger = xch->own_error_handler;
	}
	xch->error_handler = logger;
	xch->dombuild_logger = dombuild_logger ? dombuild_logger : logger;
	return logger ? 0 : -1;
}

xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
				unsigned open_flags)
{
	struct xc_interface_core *xch = calloc(1, sizeof(*xch));
	int saved;

	if (!xch)
		return NULL;
	xch->flags = open_flags;
	if (make_logs(xch, logger, dombuild_logger)) {
		free(xch);
		errno = ENOMEM;
		return NULL;
	}
	if (open_flags & XC_OPENFLAG_DUMMY)
		return xch;
	xch->xcall = xencall_open(xch->error_handler, 0);
	if (xch->xcall)
		xch->fmem = xenforeignmemory_open(xch->error_handler, 0);
	if (xch->fmem)
		xch->dmod = xendevicemodel_open(xch->error_handler, 0);
	if (xch->dmod)
		return xch;
	saved = errno;
	xc_interface_close(xch);
	errno = saved;
	return NULL;
}

int xc_interface_close(xc_interface *xch)
{
	int rc = 0;

	if (!xch)
		return 0;
	rc |= xendevicemodel_close(xch->dmod);
	rc |= xenforeignmemory_close(xch->fmem);
	rc |= xencall_close(xch->xcall);
	xtl_logger_destroy(xch->own_error_handler);
	free(xch);
	return rc;
}

struct xencall_handle *xc_interface_xcall_handle(xc_interface *xch)
{
	return xch->xcall;
}

struct xenforeignmemory_handle *xc_interface_fmem_handle(xc_interface *xch)
{
	return xch->fmem;
}

struct xendevicemodel_handle *xc_interface_dmod_handle(xc_interface *xch)
{
	return xch->dmod;
}

const xc_error *xc_get_last_error(xc_interface *xch)
{
	return &xch->last_error;
}

void xc_clear_last_error(xc_interface *xch)
{
	xch->last_error.code = XC_ERROR_NONE;
	xch->last_error.message[0] = 0;
}

const char *xc_error_code_to_desc(int code)
{
	static const char *const text[] = {
		[XC_ERROR_NONE] = "No error details",        [XC_INTERNAL_ERROR] = "Internal error",
		[XC_INVALID_KERNEL] = "Invalid kernel",      [XC_INVALID_PARAM] = "Invalid configuration",
		[XC_OUT_OF_MEMORY] = "Out of memory",
	};

	return code >= 0 && (size_t)code < ARRAY_SIZE(text) ? text[code] : "Unknown error code";
}

const char *xc_strerror(xc_interface *xch, int errcode)
{
	return strerror(errcode);
}

void xc_reportv(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code,
		const char *fmt, va_list args)
{
	int saved = errno;
	char buf[XC_MAX_ERROR_MSG_LEN];

	vsnprintf(buf, sizeof(buf), fmt, args);
	xtl_log(lg, level, -1, "xc", code ? "%s: %s" : "%s%s", code ? xc_error_code_to_desc(code) : "", buf);
	errno = saved;
}

void xc_report(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code,
	       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	xc_reportv(xch, lg, level, code, fmt, args);
	va_end(args);
}

void xc_report_error(xc_interface *xch, int code, const char *fmt, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, fmt);
	vsnprintf(xch->last_error.message, sizeof(xch->last_error.message), fmt, args);
	va_end(args);
	xch->last_error.code = (enum xc_error_code)code;
	xtl_log(xch->error_handler, XTL_ERROR, saved ? saved : -1, "xc", "%s: %s", xc_error_code_to_desc(code),
		xch->last_error.message);
	errno = saved;
}

const char *xc_set_progress_prefix(xc_interface *xch, const char *doing)
{
	const char *before = xch->currently_progress_reporting;

	xch->currently_progress_reporting = doing;
	return before;
}

void xc_report_progress_single(xc_interface *xch, const char *doing)
{
	xtl_progress(xch->error_handler, "xc", doing, 0, 0);
}

void xc_report_progress_step(xc_interface *xch, unsigned long done, unsigned long total)
{
	if (xch->currently_progress_reporting)
		xtl_progress(xch->error_handler, "xc", xch->currently_progress_reporting, done, total);
}
