/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Inside libxenlight.
 *
 * A context holds the handles and one event loop. Every public call enters the context (its lock is
 * recursive) and leaves it; what the caller must be told (events, completions) is queued meanwhile and
 * delivered when the outermost call has let go of the lock, so that a callback may call anything.
 *
 * Calls that take time are operations (op.h): const tables of steps, each with its undo.
 */
#ifndef XL_LIGHT_H
#define XL_LIGHT_H

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <xenctrl.h>
#include <xenstore.h>
#include <xentoollog.h>

#include "gc.h"
#include "loop.h"

#define XL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define XL_HIDDEN __attribute__((visibility("hidden")))

struct xl_op;

TAILQ_HEAD(xl_event_list, libxl_event);
TAILQ_HEAD(xl_notice_list, xl_notice);
LIST_HEAD(xl_op_list, xl_op);
LIST_HEAD(xl_death_list, libxl__evgen_domain_death);
LIST_HEAD(xl_eject_list, libxl__evgen_disk_eject);

struct libxl__ctx {
	xentoollog_logger *lg;
	xc_interface *xch;
	struct xs_handle *xsh;
	bool xs_missed;			/* it could not be reached, which has been said */
	bool version_known;
	libxl_version_info version;

	pthread_mutex_t lock;
	unsigned depth;			/* how often the holder has entered */

	struct xl_loop loop;
	struct xl_event_list events;	/* not yet taken by event_check */
	struct xl_notice_list notices;	/* callbacks to make when the lock is free */
	const libxl_event_hooks *event_hooks;
	void *event_user;
	const libxl_childproc_hooks *child_hooks;
	void *child_user;

	struct xl_op_list ops;
	struct xl_op *running;		/* whose messages go to a domain's log */

	struct xl_death_list deaths;
	struct xl_watch release_watch;	/* while anyone waits for deaths */
	struct xl_eject_list ejects;
};

void xl_enter(libxl_ctx *ctx);
void xl_leave(libxl_ctx *ctx);

/* The lock is recursive: let go of every level, or no other thread gets in. Returns what takes it back. */
unsigned xl_let_go(libxl_ctx *ctx);
void xl_take_back(libxl_ctx *ctx, unsigned depth);
/* Make the first callback that is due, without the lock. Returns false if there is none. */
bool xl_deliver(libxl_ctx *ctx);

/* Enter until the end of the scope. */
static inline void xl_leave_scope(libxl_ctx **ctx)
{
	xl_leave(*ctx);
}
#define XL_ENTER(ctx) \
	libxl_ctx *scope_ctx __attribute__((cleanup(xl_leave_scope), unused)) = (xl_enter(ctx), (ctx))

/* The connection to xenstored, opened when first needed; NULL with a message when that fails. */
struct xs_handle *xl_xs(libxl_ctx *ctx);

/*
 * One sentence for the user: domain, device, cause, next step. LOGE adds errno's text, LOGD names the
 * domain. domid XL_NO_DOMID: about no domain.
 */
#define XL_NO_DOMID (~0u)
void xl_log(libxl_ctx *ctx, xentoollog_level level, int errnoval, uint32_t domid, const char *fmt, ...)
	XL_PRINTF(5, 6);
#define LOGX(ctx, level, ...) xl_log((ctx), XTL_##level, -1, XL_NO_DOMID, __VA_ARGS__)
#define LOGE(ctx, level, ...) xl_log((ctx), XTL_##level, errno, XL_NO_DOMID, __VA_ARGS__)
#define LOGD(ctx, level, domid, ...) xl_log((ctx), XTL_##level, -1, (domid), __VA_ARGS__)
#define LOGED(ctx, level, domid, ...) xl_log((ctx), XTL_##level, errno, (domid), __VA_ARGS__)

/* A finished text from elsewhere, as it is. */
void xl_log_text(libxl_ctx *ctx, struct xl_op *op, xentoollog_level level, int errnoval,
	const char *context, const char *text);

/* ERROR_NI with a sentence: for what this release does not do. */
int xl_not_yet(libxl_ctx *ctx, uint32_t domid, const char *what);

/* Small conversions. */
int xl_mac_parse(const char *s, libxl_mac mac);
int xl_random(void *buf, size_t len);

#endif
